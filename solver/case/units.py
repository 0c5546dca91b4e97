"""Quantities with units: "700 W", "1.5 L/min", "45 degC"; plain numbers are SI."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

NUMBER = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*$")
EXAMPLES = {
    "m": "3 mm", "W": "700 W", "K": "35 degC", "m**3/s": "1 L/min", "m/s": "0.5 m/s", "Pa": "20 kPa",
    "W/m**2": "50 W/cm^2", "W/(m*K)": "4 W/(m K)", "m**2*K/W": "10 mm^2 K/W", "W/(m**2*K)": "25 W/(m^2 K)",
    "kg/m**3": "1010 kg/m^3", "Pa*s": "1.35 mPa s", "J/(kg*K)": "3970 J/(kg K)",
}


@cache
def _registry() -> Any:
    import pint

    ureg: Any = pint.UnitRegistry()
    ureg.define("liter_per_minute = liter / minute = lpm")
    ureg.define("gallon_per_minute = gallon / minute = gpm")
    return ureg


def parse(value: Any, unit: str) -> float:
    """A quantity in `unit` (pint's spelling).

    Raises
    ------
    ValueError
        With what was expected and an example, for text without a number, unknown or wrong units, NaN.
    """
    example = f"expected a quantity such as \"{EXAMPLES.get(unit, '1 ' + unit)}\""
    if isinstance(value, bool) or value is None:
        raise ValueError(f"{example}, got {value!r}")
    if isinstance(value, int | float):
        return _finite(float(value), example)
    if not isinstance(value, str):
        raise ValueError(f"{example}, got a {type(value).__name__}")
    if re.match(r"^\s*[-+]?\d+,\d", value):
        raise ValueError(f"decimal comma in {value!r}: write a point; {example}")
    match = NUMBER.match(value)
    if not match:
        raise ValueError(f"{example}, got {value!r}")
    number, text = float(match.group(1)), match.group(2)
    if not text:
        return _finite(number, example)
    return _finite(_convert(number, text, unit, example), example)


def _finite(number: float, example: str) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{example}, got {number}")
    return number


def _convert(number: float, text: str, unit: str, example: str) -> float:
    import pint

    ureg = _registry()
    spelled = text.replace("°", "deg").replace("²", "**2").replace("³", "**3").replace("·", "*").replace("µ", "u")
    spelled = re.sub(r"([A-Za-z])([23])(?![\d.])", r"\1**\2", spelled)
    try:
        return float(ureg.Quantity(number, ureg.parse_units(spelled)).to(unit).magnitude)
    except pint.DimensionalityError as error:
        hint = '; "mK" is millikelvin, write "W/(m K)"' if "mK" in text else ""
        raise ValueError(f"{text!r} is the wrong kind of unit; {example}{hint}") from error
    except Exception as error:  # pint raises many kinds for text it cannot read
        raise ValueError(f"cannot read the unit {text!r}; {example}") from error


def quantity(unit: str, low: float = -math.inf, strict: bool = False) -> Callable[[Any], float]:
    """A parser for one kind of quantity, at least (or, `strict`, more than) `low`."""

    def read(value: Any) -> float:
        number = parse(value, unit)
        if number < low or (strict and number <= low):
            raise ValueError(f"must be {'more than' if strict else 'at least'} {low:g}, got {value!r}")
        return number

    return read
