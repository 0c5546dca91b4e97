"""Quantities with units: "700 W", "1.5 L/min", "45 degC"; plain numbers are SI.

Unit text is taken apart here and given to pint piece by piece, because pint alone reads "W/mK" as watt per millikelvin,
"W/m K" as watt kelvin per metre, and evaluates any arithmetic. Where the literal reading has the wrong dimension, the
engineer's reading (everything after the slash is the denominator, ``mK`` is metre kelvin) is taken if it has the right one.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """What a quantity is called, an example of it, and its usual units."""

    name: str
    example: str
    usual: tuple[str, ...]


KINDS = {
    "m": Kind("length", "3 mm", ("m", "mm", "um", "cm", "inch", "mil")),
    "W": Kind("power", "700 W", ("W", "kW", "mW")),
    "K": Kind("temperature", "35 degC", ("degC", "K", "degF")),
    "m**3/s": Kind("flow rate", "1 L/min", ("L/min", "lpm", "L/s", "mL/min", "m^3/h", "gpm")),
    "m/s": Kind("speed", "0.5 m/s", ("m/s", "mm/s", "cm/s")),
    "Pa": Kind("pressure", "20 kPa", ("Pa", "kPa", "bar", "mbar", "psi", "MPa")),
    "W/m**2": Kind("heat flux", "50 W/cm^2", ("W/m^2", "W/cm^2", "W/mm^2", "kW/m^2")),
    "W/(m*K)": Kind("thermal conductivity", "4 W/(m K)", ("W/(m K)",)),
    "m**2*K/W": Kind("area-specific thermal resistance", "10 mm^2 K/W", ("mm^2 K/W", "cm^2 K/W", "m^2 K/W")),
    "W/(m**2*K)": Kind("heat transfer coefficient", "25 W/(m^2 K)", ("W/(m^2 K)", "kW/(m^2 K)")),
    "kg/m**3": Kind("density", "1010 kg/m^3", ("kg/m^3", "g/cm^3", "kg/L")),
    "Pa*s": Kind("viscosity", "1.35 mPa s", ("Pa s", "mPa s", "cP")),
    "J/(kg*K)": Kind("heat capacity", "3970 J/(kg K)", ("J/(kg K)", "kJ/(kg K)")),
    "1/K": Kind("thermal expansion coefficient", "0.0034 1/K", ("1/K",)),
    "m/s**2": Kind("acceleration", "9.81 m/s^2", ("m/s^2",)),
    "kg/s": Kind("mass flow", "0.5 kg/s", ("kg/s", "kg/min", "g/s", "kg/h")),
    "s": Kind("time", "0.5 s", ("s", "ms", "min", "h")),
    "kelvin": Kind("temperature difference", "12 K", ("K",)),
    "W/K": Kind("heat capacity rate or thermal conductance", "700 W/K", ("W/K", "kW/K")),
    "K/W": Kind("thermal resistance", "0.03 K/W", ("K/W", "K/kW")),
    "W/(m**3*K)": Kind("volumetric heat transfer coefficient", "20 kW/(m^3 K)", ("W/(m^3 K)", "kW/(m^3 K)")),
    "Pa*s/m": Kind("flow resistance", "10 Pa s/m", ("Pa s/m",)),
    "Pa*s**2/m**6": Kind("flow resistance of second order", "2000 Pa/(m^3/s)^2", ("Pa/(m^3/s)^2", "Pa s^2/m^6")),
    "1/m**2": Kind("Darcy coefficient", "1e7 1/m^2", ("1/m^2",)),
    "1/m": Kind("Forchheimer coefficient", "20 1/m", ("1/m",)),
    "J/K": Kind("heat capacity of a part", "800 J/K", ("J/K", "kJ/K")),
    "J": Kind("energy", "415 TWh", ("J", "kWh", "MWh", "TWh")),
    "kg/J": Kind("mass per energy", "0.4 kg/kWh", ("kg/kWh", "g/kWh", "kg/MWh")),
    "": Kind("number", "1.3", ()),
}
OTHER_KINDS = {"m**2": "area", "m**3": "volume", "N": "force",
               "kg": "mass", "A*s": "electric charge"}
HINTS = {
    ("m**2*K/W", "K/W"): "multiply the resistance by its area",
    ("m**3/s", "kg/s"): "divide the mass flow by the density",
    ("K", "A*s"): "C is coulomb: write degC",
}
NUMBER = re.compile(r"^\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*(.*?)\s*$", re.DOTALL)
COMMA = re.compile(r"^\s*[-+]?[0-9]+,[0-9]")
DEGREES = re.compile(r"(?:°|\bdeg(?:rees?)?\b\.?)\s*([CFKcf])(?![A-Za-z])")
OFFSET = re.compile(r"deg|°|℃|℉")
TOKEN = re.compile(
    r"\s*(?:(?P<unit>[a-z]{1,2}H2O\b|[A-Za-z]+(?:_[A-Za-z]+)*)|(?P<power>(?:\*\*|\^)?\s*\(?[-+]?[0-9]\)?(?![0-9.]))|(?P<sign>[*/().-]))\s*"
)
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
RUN_TOGETHER = {"mK": "m*K", "kgK": "kg*K", "gK": "g*K", "Pas": "Pa*s", "mPas": "mPa*s"}
LONGEST = 60
COLDEST_PLAIN = 150.0  # K; a plain number below is degrees Celsius whose unit was forgotten


@cache
def _registry() -> Any:
    import pint

    ureg: Any = pint.UnitRegistry()
    for line in ("liter_per_minute = liter / minute = lpm = LPM", "gallon_per_minute = gallon / minute = gpm = GPM",
                 "cubic_foot_per_minute = foot ** 3 / minute = cfm = CFM", "thousandth_of_inch = inch / 1000 = mil"):
        ureg.define(line)
    return ureg


def short(value: Any, length: int = LONGEST) -> str:
    """What was typed, cut to a length that fits a message."""
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**30 else "a number of more than 30 digits"
    return text if len(text) <= length else text[: length - 3] + "..."


def parse(value: Any, unit: str) -> float:
    """A quantity in `unit` (pint's spelling; "" for a number without unit).

    Raises
    ------
    ValueError
        With what was expected and an example, for text without a number, unknown or wrong units, NaN.
    """
    example = _expected(unit)
    if isinstance(value, bool) or value is None:
        raise ValueError(f"{example}, got {'nothing' if value is None else str(value).lower()}")
    if isinstance(value, int | float):
        return _plain(value, unit, example)
    if not isinstance(value, str):
        raise ValueError(f"{example}, got a {'list' if isinstance(value, list | tuple) else 'mapping of keys'}")
    if COMMA.match(value):
        raise ValueError(f"comma in the number {short(value)}: write a decimal point and no thousands separator; {example}")
    match = NUMBER.match(value)
    if not match:
        raise ValueError(f"{example}, got {short(value)}")
    number, text = float(match.group(1)), match.group(2)
    if not text:
        return _plain(number, unit, example)
    return _finite(_convert(number, text, unit, example), example)


def _expected(unit: str) -> str:
    kind = KINDS.get(unit, Kind("quantity", f"1 {unit}", ()))
    if unit == "":
        return f"expected a number such as {kind.example}"
    return f'expected {"an" if kind.name[0] in "aeiou" else "a"} {kind.name} such as "{kind.example}"'


def _plain(value: float, unit: str, example: str) -> float:
    """A number without unit: SI."""
    try:
        number = _finite(float(value), example)
    except OverflowError:
        raise ValueError(f"{example}, got {short(value)}") from None
    if unit == "K" and 0 < number < COLDEST_PLAIN:
        raise ValueError(f'a plain number is kelvin, and {number:g} K is {number - 273.15:.0f} degC; write "{number:g} degC" '
                         f'(or "{number:g} K" if you mean that)')
    return number


def _finite(number: float, example: str) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{example}, got {number}")
    return number


def _convert(number: float, text: str, unit: str, example: str) -> float:
    if unit == "":
        raise ValueError(f"{example} without a unit, got the unit {short(text)}")
    if unit == "K" and "delta" in text:
        raise ValueError(f"{short(text)} is a difference of temperatures, here a temperature is needed; {example}")
    if unit == "kelvin" and OFFSET.search(text) and "delta" not in text:
        raise ValueError(f"a difference of temperatures is in kelvin: write {number:g} K instead of {short(text)}; {example}")
    target = _unit(unit)
    known = [u for u in map(_unit, _readings(text, example)) if u is not None]
    for found in known:
        if found.dimensionality == target.dimensionality:
            try:
                return float(_registry().Quantity(number, found).to(target).magnitude)
            except (ArithmeticError, ValueError, TypeError):  # pint's offset units inside products are TypeErrors
                raise ValueError(f"cannot use the unit {short(text)} here; {example}") from None
    usual = KINDS[unit].usual if unit in KINDS else (unit,)
    if not known:
        raise ValueError(f"cannot read the unit {short(text)}{_near(text, usual)}; {example}")
    raise ValueError(f"{short(text)} is {_named(known)}the wrong kind of unit{_hint(unit, known)}; {example}")


def _readings(text: str, example: str) -> list[str]:
    """Ways to read a unit, the literal one first, in pint's spelling."""
    if len(text) > LONGEST:
        raise ValueError(f"cannot read the unit {short(text)}; {example}")
    spelled = re.sub(r"[⁻⁰¹²³⁴-⁹]+", lambda m: "^" + m.group().translate(RAISED), text)
    spelled = re.sub(r"^1?\s*/\s*K$", "K^-1", spelled)
    spelled = re.sub(r"^1?\s*/\s*m(?:\s*(?:\^|\*\*)?\s*(2))?$", lambda m: f"m^-{m.group(1) or 1}", spelled)
    spelled = DEGREES.sub(lambda m: "deg" + m.group(1).upper(), spelled)
    spelled = spelled.replace("℃", "degC").replace("℉", "degF")
    for sign in "·⋅×∙•":
        spelled = spelled.replace(sign, "*")
    pieces = _pieces(spelled.replace("µ", "u").replace("μ", "u"))
    if pieces is None:
        raise ValueError(f"cannot read the unit {short(text)}; {example}")
    apart = [f"({RUN_TOGETHER[p]})" if p in RUN_TOGETHER else p for p in pieces]
    return ["".join(r) for p in (pieces, apart) for r in (p, _grouped(p))]


def _pieces(text: str) -> list[str] | None:
    """Units, powers and signs with every product made explicit; None for what is not a unit."""
    out: list[str] = []
    at, after_unit = 0, False
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            return None
        word, power, sign = match.group("unit"), match.group("power"), match.group("sign")
        if power is not None:
            if not after_unit or out[-1].startswith("**"):
                return None
            out.append("**" + re.sub(r"[*^()\s+]", "", power))
        elif word is not None or sign == "(":
            out += ["*"] * after_unit + [word or "("]
        else:
            if sign != ")" and not after_unit:
                return None
            out.append("*" if sign in "*.-" else sign)
        at, after_unit = match.end(), power is not None or word is not None or sign == ")"
    return out


def _grouped(pieces: list[str]) -> list[str]:
    """All that follows the only slash as the denominator."""
    if pieces.count("/") != 1:
        return pieces
    at = pieces.index("/") + 1
    return [*pieces[:at], "(", *pieces[at:], ")"]


@lru_cache(maxsize=4096)
def _unit(text: str) -> Any:
    """Pint's unit, or None for text that it does not know."""
    try:
        return _registry().parse_units(text)
    except Exception:  # pint raises many kinds for text that it cannot read
        return None


def _named(found: list[Any]) -> str:
    """What kind of quantity a unit is of: one that cases have, in any of its readings, before any other."""
    dimensions = [u.dimensionality for u in found]
    for spelling, name in [*((k, v.name) for k, v in KINDS.items() if k), *OTHER_KINDS.items()]:
        if _unit(spelling).dimensionality in dimensions:
            return f"a unit of {name}, "
    return ""


def _hint(unit: str, found: list[Any]) -> str:
    dimensions = [u.dimensionality for u in found]
    for (wanted, given), hint in HINTS.items():
        if wanted == unit and _unit(given).dimensionality in dimensions:
            return f" ({hint})"
    return ""


def _near(text: str, usual: tuple[str, ...]) -> str:
    lowered = {u.lower(): u for u in usual}
    near = difflib.get_close_matches(text.lower(), list(lowered), 1, 0.6)
    if near:
        return f", did you mean {lowered[near[0]]}?"
    return f" (usual: {', '.join(usual)})" if usual else ""


def quantity(
    unit: str, low: float = -math.inf, strict: bool = False, high: float = math.inf
) -> Callable[[Any], float]:
    """A parser for one kind of quantity, at least (or, `strict`, more than) `low` and at most `high`."""
    written = unit.replace("**", "^").replace("*", " ").replace("kelvin", "K")

    def read(value: Any) -> float:
        number = parse(value, unit)
        if number < low or (strict and number <= low):
            bound = f"{low:g} {written}".strip()
            raise ValueError(f"must be {'more than' if strict else 'at least'} {bound}, got {short(value)}")
        if number > high:
            bound = f"{high:g} {written}".strip()
            raise ValueError(f"must be at most {bound}, got {short(value)}; check the number and its unit")
        return number

    return read
