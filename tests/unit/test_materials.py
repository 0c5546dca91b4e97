"""Coolants against CoolProp over their range, and the solids library: sources and sane values."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from CoolProp.CoolProp import PropsSI
from support import script

from coldrack.solver.materials import MaterialError, coolant, coolant_names, solid, solid_names
from coldrack.solver.problem import ConstantCoolant

ROOT = Path(__file__).resolve().parents[2]
DATA = json.loads((ROOT / "solver" / "materials" / "coolants.json").read_text())


FIT = script("fit_coolants")


@pytest.mark.parametrize("prop", FIT.PROPERTIES)
@pytest.mark.parametrize("name", FIT.COOLANTS)
def test_curve_is_coolprop_within_its_stated_error(name: str, prop: str) -> None:
    fluid, pressure, low, high, _ = FIT.COOLANTS[name]
    curve = coolant(name)
    assert (curve.t_min, curve.t_max) == (low, high) and fluid in curve.source
    t = np.linspace(low, high, 37)  # not the points of the fit
    exact = np.array([PropsSI(FIT.PROPERTIES[prop], "T", x, "P", pressure, fluid) for x in t])
    stated = DATA[name][prop]["largest_error"]
    assert stated < 2e-4
    assert np.abs(getattr(curve, prop)(t) / exact - 1).max() <= max(1.05 * stated, 1e-12)


def test_script_and_file_hold_the_same_coolants() -> None:
    assert list(DATA) == list(FIT.COOLANTS) == coolant_names()


@pytest.mark.parametrize("name", ["water", "PG25", "EG25"])
def test_liquids_behave_like_liquids(name: str) -> None:
    t = np.linspace(coolant(name).t_min, coolant(name).t_max, 200)
    assert np.all(np.diff(coolant(name).viscosity(t)) < 0)
    assert np.all((coolant(name).density(t) > 940) & (coolant(name).density(t) < 1050))
    assert np.all((coolant(name).heat_capacity(t) > 3600) & (coolant(name).heat_capacity(t) < 4300))


@pytest.mark.parametrize("name", FIT.COOLANTS)
@pytest.mark.parametrize("prop", FIT.PROPERTIES)
def test_outside_the_range_is_an_error_that_names_it(name: str, prop: str) -> None:
    curve = coolant(name)
    getattr(curve, prop)(np.array([curve.t_min, curve.t_max]))
    for bad in (curve.t_min - 0.01, curve.t_max + 0.01, float("nan")):
        with pytest.raises(MaterialError, match=rf"{name}: .* outside the range .*degC") as caught:
            getattr(curve, prop)(np.array([300.0, bad]))
        assert f"{curve.t_max:.2f} K" in str(caught.value)


def test_names_are_found_in_any_case_and_typos_get_a_suggestion() -> None:
    assert coolant("pg25").name == "PG25" and solid("Copper").name == "copper"
    with pytest.raises(MaterialError, match=r"did you mean 'PG25'\?"):
        coolant("PG52")
    with pytest.raises(MaterialError, match=r"no solid called 'unobtainium'.*There are: copper"):
        solid("unobtainium")


@pytest.mark.parametrize("name", coolant_names())
def test_expansion_is_the_slope_of_the_density(name: str) -> None:
    curve = coolant(name)
    t = np.linspace(curve.t_min + 1.0, curve.t_max - 1.0, 7)
    slope = (curve.density(t + 0.01) - curve.density(t - 0.01)) / 0.02
    assert np.allclose(curve.expansion(t), -slope / curve.density(t), rtol=1e-5, atol=1e-9)


def test_expansion_of_air_and_water() -> None:
    """An ideal gas has 1/T; water 2.57e-4 at 25 degC (CRC Handbook of Chemistry and Physics)."""
    assert np.isclose(coolant("air").expansion(np.array(300.0)), 1 / 300.0, rtol=0.005)
    assert np.isclose(coolant("water").expansion(np.array(298.15)), 2.57e-4, rtol=0.02)
    assert np.all(ConstantCoolant(1.0, 1.0, 1.0, 1.0, beta=0.01).expansion(np.array([1.0, 2.0])) == 0.01)


@pytest.mark.parametrize("name", solid_names())
def test_solid_has_a_source_and_sane_values(name: str) -> None:
    s = solid(name)
    assert len(s.source) > 20, "where does the value come from?"
    assert all(0.01 < k < 2500 for k in s.conductivity)
    assert 1 < s.density < 23000 and 100 < s.heat_capacity < 4200
    if s.density > 100:  # a solid stores 1 to 4 MJ/(m3 K)
        assert 1e6 < s.density * s.heat_capacity < 4e6


def test_typed_coolant_is_the_same_at_every_temperature() -> None:
    fluid = ConstantCoolant(900.0, 5e-3, 0.13, 1900.0, "oil")
    t = np.array([250.0, 400.0])
    assert np.all(fluid.density(t) == 900.0) and np.all(fluid.viscosity(t) == 5e-3)
    assert np.all(fluid.conductivity(t) == 0.13) and np.all(fluid.heat_capacity(t) == 1900.0)
