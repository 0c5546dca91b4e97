"""Quantities: what engineers type is read as they mean it, or refused with what to type instead."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coldrack.solver.case.units import KINDS, parse, quantity

FLOW, FILM, CONDUCTIVITY, RESISTANCE = "m**3/s", "W/(m**2*K)", "W/(m*K)", "m**2*K/W"
RIGHT = [
    # temperature: pint alone refuses "40 degC" as a product of number and offset unit
    ("40 degC", "K", 313.15), ("40 °C", "K", 313.15), ("40°C", "K", 313.15), ("40 ℃", "K", 313.15), ("40 celsius", "K", 313.15),
    ("40 deg C", "K", 313.15), ("104 degF", "K", 313.15), ("104 °F", "K", 313.15), ("313.15 K", "K", 313.15),
    (313.15, "K", 313.15),
    ("-40 degC", "K", 233.15), ("35 K", "K", 35.0),
    # flow: lpm and gpm are unknown to pint
    ("1 L/min", FLOW, 1e-3 / 60), ("1 l/min", FLOW, 1e-3 / 60), ("1 lpm", FLOW, 1e-3 / 60), ("1 LPM", FLOW, 1e-3 / 60),
    ("2 gpm", FLOW, 2 * 3.785411784e-3 / 60), ("2 GPM", FLOW, 2 * 3.785411784e-3 / 60), ("1 L/s", FLOW, 1e-3),
    ("1 m3/h", FLOW, 1 / 3600), ("1 m³/h", FLOW, 1 / 3600), ("60 mL/min", FLOW, 1e-6), ("1 cfm", FLOW, 0.3048**3 / 60),
    # pressure, viscosity
    ("1 bar", "Pa", 1e5), ("1.5 kPa", "Pa", 1500.0), ("1 psi", "Pa", 6894.757293168), ("1 inH2O", "Pa", 249.089),
    ("1 cP", "Pa*s", 1e-3), ("1.35 mPa s", "Pa*s", 1.35e-3), ("1.35 mPa.s", "Pa*s", 1.35e-3), ("1.35 mPas", "Pa*s", 1.35e-3),
    ("1.35 mPa·s", "Pa*s", 1.35e-3), ("2 Pas", "Pa*s", 2.0),
    # length, power, heat flux
    ("3 mm", "m", 3e-3), ("3mm", "m", 3e-3), ("3 µm", "m", 3e-6), ("3 μm", "m", 3e-6), ("3 um", "m", 3e-6),
    ("2 mil", "m", 5.08e-5),
    ("1 inch", "m", 0.0254), ("1 in", "m", 0.0254), ("1e-6 m", "m", 1e-6), (".5 m", "m", 0.5), ("5. m", "m", 5.0),
    (1e-6, "m", 1e-6),
    ("1e-6", "m", 1e-6), (3, "m", 3.0), ("0.7 kW", "W", 700.0), ("700 watt", "W", 700.0),
    ("50 W/cm^2", "W/m**2", 5e5), ("50 W/cm2", "W/m**2", 5e5), ("50 W/cm²", "W/m**2", 5e5), ("50 W/cm**2", "W/m**2", 5e5),
    ("50 W cm^-2", "W/m**2", 5e5), ("50 W cm⁻²", "W/m**2", 5e5), ("0.5 W/mm²", "W/m**2", 5e5),
    # the dangerous ones: pint reads W/mK as watt per millikelvin and W/m K as W K / m
    ("4 W/(m K)", CONDUCTIVITY, 4.0), ("4 W/mK", CONDUCTIVITY, 4.0), ("4 W/m K", CONDUCTIVITY, 4.0),
    ("4 W/m-K", CONDUCTIVITY, 4.0),
    ("4 W/m/K", CONDUCTIVITY, 4.0), ("4 W/(m·K)", CONDUCTIVITY, 4.0), ("4 W·m⁻¹·K⁻¹", CONDUCTIVITY, 4.0),
    ("4 W/m/degC", CONDUCTIVITY, 4.0), ("4 W/(m °C)", CONDUCTIVITY, 4.0), ("4 W/cm-K", CONDUCTIVITY, 400.0),
    ("25 W/(m^2 K)", FILM, 25.0), ("25 W/m2K", FILM, 25.0), ("25 W/m²K", FILM, 25.0), ("25 W/m2/K", FILM, 25.0),
    ("25 W/m^2 K", FILM, 25.0), ("25 W/m^2-K", FILM, 25.0), ("0.025 kW/m2K", FILM, 25.0),
    ("10 mm^2 K/W", RESISTANCE, 1e-5), ("10 mm2 K/W", RESISTANCE, 1e-5), ("10 mm²K/W", RESISTANCE, 1e-5),
    ("10 mm2K/W", RESISTANCE, 1e-5), ("10 K mm^2/W", RESISTANCE, 1e-5), ("0.1 cm^2 K/W", RESISTANCE, 1e-5),
    ("0.1 °C·cm²/W", RESISTANCE, 1e-5), ("0.1 degC cm^2/W", RESISTANCE, 1e-5), ("0.1 cm^2-°C/W", RESISTANCE, 1e-5),
    ("1e-5 m2K/W", RESISTANCE, 1e-5),
    ("1010 kg/m3", "kg/m**3", 1010.0), ("1.01 g/cm^3", "kg/m**3", 1010.0), ("1.01 kg/L", "kg/m**3", 1010.0),
    ("3970 J/(kg K)", "J/(kg*K)", 3970.0), ("3970 J/kgK", "J/(kg*K)", 3970.0), ("3.97 kJ/kg-K", "J/(kg*K)", 3970.0),
    ("3970 J/kg/K", "J/(kg*K)", 3970.0), ("1.3", "", 1.3), (2, "", 2.0),
]
WRONG = [
    ("1,5 bar", "Pa", "decimal point"), ("1,000 W", "W", "no thousands separator"), ("1 000 W", "W", "cannot read the unit"),
    ("35 C", "K", "write degC"), (35, "K", 'write "35 degC"'), ("35", "K", 'write "35 degC"'),
    ("35 delta_degC", "K", "difference"),
    ("35 F", "K", "wrong kind"), ("10 K/W", RESISTANCE, "multiply the resistance by its area"),
    ("1 kg/s", FLOW, "divide the mass"),
    ("1 kw", "W", "did you mean kW?"), ("1 kpa", "Pa", "did you mean kPa?"), ("1 psig", "Pa", "did you mean psi?"),
    ("4 W/mK", FILM, "a unit of thermal conductivity"), ("25 W/m2K", CONDUCTIVITY, "a unit of heat transfer coefficient"),
    ("25 W/m2K", "W/m**2", "wrong kind"), ("3 mm^2", "m", "a unit of area"), ("3 m m", "m", "a unit of area"),
    ("3 W", "m", "a unit of power"),
    ("3 foo", "m", "usual: m, mm"), ("", "m", "expected a length"), ("mm", "m", "expected a length"),
    ("nan mm", "m", "expected a length"),
    ("inf mm", "m", "expected a length"), ("1e999 m", "m", "got inf"), (math.nan, "m", "got nan"), (math.inf, "m", "got inf"),
    (10**400, "m", "more than 30 digits"), (True, "m", "got true"), (None, "m", "got nothing"), ([3], "m", "got a list"),
    ({"a": 3}, "m", "got a mapping"), ("٣ m", "m", "expected a length"), ("3 m; 4 m", "m", "cannot read"),
    ("3 + 4 m", "m", "cannot read"),
    ("3 m**9**9**9", "m", "cannot read"), ("3 m**99999999", "m", "cannot read"), ("3 ((((((m", "m", "cannot read"),
    ("3 )m(", "m", "cannot read"),
    ("3 W//m", "m", "cannot read"), ("3 __import__('os')", "m", "cannot read"), ("3 " + "m*" * 500 + "m", "m", "cannot read"),
    ("1.3 m", "", "without a unit"), ("x", "", "expected a number"), ("3 degC**2", "K", "wrong kind"),
    ("3 1/degC", "K", "cannot read"),
]


@pytest.mark.parametrize(("text", "unit", "expected"), RIGHT)
def test_read_as_meant(text: Any, unit: str, expected: float) -> None:
    assert parse(text, unit) == pytest.approx(expected, rel=1e-5 if "H2O" in str(text) else 1e-12)


@pytest.mark.parametrize(("text", "unit", "says"), WRONG)
def test_refused_with_a_hint(text: Any, unit: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"expected|a plain number") as caught:
        parse(text, unit)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("unit", [u for u in KINDS if u])
def test_examples_and_usual_units_are_read(unit: str) -> None:
    assert math.isfinite(parse(KINDS[unit].example, unit))
    for usual in KINDS[unit].usual:
        assert math.isfinite(parse(f"1 {usual}", unit)), usual


@pytest.mark.parametrize("unit", [u for u in KINDS if u])
def test_no_unit_of_one_kind_is_taken_for_another(unit: str) -> None:
    for other, kind in KINDS.items():
        for usual in kind.usual:
            if other != unit and {other, unit} != {"K", "kelvin"}:
                with pytest.raises(ValueError, match="wrong kind"):
                    parse(f"1 {usual}", unit)


def test_differences_of_temperatures_are_in_kelvin() -> None:
    assert parse("12 K", "kelvin") == parse(12, "kelvin") == parse("12 delta_degC", "kelvin") == 12.0
    with pytest.raises(ValueError, match="write 12 K"):
        parse("12 degC", "kelvin")


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
def test_plain_numbers_are_si(number: float) -> None:
    assert parse(number, "m") == number
    assert parse(repr(number), "m") == number


@given(st.floats(-1e12, 1e12), st.sampled_from([u for u in KINDS if u not in ("", "K")]))
def test_units_scale_linearly(number: float, unit: str) -> None:
    for usual in KINDS[unit].usual:
        assert parse(f"{number!r} {usual}", unit) == pytest.approx(number * parse(f"1 {usual}", unit), rel=1e-12)


@given(st.floats(-200, 500))
def test_celsius_and_fahrenheit_agree(celsius: float) -> None:
    fahrenheit = parse(f"{celsius * 1.8 + 32!r} degF", "K")
    assert fahrenheit == pytest.approx(parse(f"{celsius!r} degC", "K"), abs=1e-9) == pytest.approx(celsius + 273.15, abs=1e-9)


NEARLY = st.builds(lambda n, t: f"{n} {t}", st.integers(), st.text("mWKgs/*^()-.2°³ ", max_size=20))


@given(st.one_of(st.text(max_size=30), NEARLY), st.sampled_from(list(KINDS)))
def test_any_text_is_read_or_refused(text: str, unit: str) -> None:
    try:
        assert math.isfinite(parse(text, unit))
    except ValueError as error:
        assert "expected" in str(error) or "a plain number" in str(error)


def test_limits_are_named() -> None:
    read = quantity("m", 0.0, True, 1000.0)
    assert read("1 km") == 1000.0
    for text, says in (("0 mm", "must be more than 0 m, got '0 mm'"), ("-1 mm", "must be more than 0 m"),
                       ("2 km", "must be at most 1000 m, got '2 km'")):
        with pytest.raises(ValueError, match=says):
            read(text)
    assert quantity("W", 0.0)("0 W") == 0.0
