"""Moist air, weather files, coolers, chillers, pumps and case files of halls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from CoolProp.HumidAirProp import HAPropsSI
from hall_support import CASE, CHILLER, LIQUID_RACK, dry_cooler, tower, weather

import coldrack
from coldrack.solver.case import CaseError
from coldrack.solver.hall import psychrometrics as moist
from coldrack.solver.hall.cooler import units_for
from coldrack.solver.hall.plant import Chiller, Plant
from coldrack.solver.hall.pumps import Pumps
from coldrack.solver.hall.weather import Weather, WeatherError, read_weather
from coldrack.solver.materials.library import FOLDER
from coldrack.solver.network.exchangers import counterflow
from coldrack.solver.system import SystemFailure

FIELDS = "12,31,24,00"


def test_moist_air_against_coolprop_and_stull() -> None:
    """ASHRAE table 3: 2.3388 kPa at 20 degC, 0.25987 kPa over ice at -10 degC; CoolProp's humid air: wet bulb within 0.05 K.

    Stull, J. Appl. Meteorol. Climatol. 50 (2011) 2267: his formula is within 1 K for 5 to 99 % and -20 to 50 degC.
    """
    assert moist.saturation_pressure(np.array([293.15, 263.15])) == pytest.approx([2338.8, 259.87], rel=2e-4)
    dry, humid = np.array([-5.0, 5.0, 20.0, 30.0, 40.0]) + 273.15, np.array([0.8, 0.6, 0.5, 0.5, 0.2])
    dew = np.array([HAPropsSI("D", "T", t, "P", 101325.0, "R", r) for t, r in zip(dry, humid)])
    wet = moist.wet_bulb(dry, dew, np.full(5, 101325.0))
    expected = [HAPropsSI("B", "T", t, "P", 101325.0, "R", r) for t, r in zip(dry, humid)]
    assert wet == pytest.approx(expected, abs=0.05)
    t, r = dry - 273.15, 100.0 * humid
    stull = (t * np.arctan(0.151977 * (r + 8.313659) ** 0.5) + np.arctan(t + r) - np.arctan(r - 1.676331)
             + 0.00391838 * r**1.5 * np.arctan(0.023101 * r) - 4.686035)
    assert np.abs(wet - 273.15 - stull).max() < 1.0
    w = moist.humidity_ratio(dew, np.full(5, 101325.0))
    assert w == pytest.approx([HAPropsSI("W", "T", t, "P", 101325.0, "R", r) for t, r in zip(dry, humid)], rel=6e-3)
    h = moist.enthalpy(dry, moist.humidity_ratio(dry, np.full(5, 101325.0)))
    assert moist.saturated_temperature(h, np.full(5, 101325.0)) == pytest.approx(dry, abs=1e-8)


def test_the_shipped_climate() -> None:
    """NREL TMY3 723170: mean 14.42 degC, 35.6 degC at most (of the station's file)."""
    w = read_weather(FOLDER / "climates" / "greensboro_nc.csv")
    assert w.mean(w.dry_bulb) - 273.15 == pytest.approx(14.4218, abs=1e-3)
    assert w.dry_bulb.max() - 273.15 == pytest.approx(35.6) and "723170" in w.source
    assert (w.wet_bulb <= w.dry_bulb).all() and (w.wet_bulb >= w.dew_point - 1e-6).all()
    bins = w.binned(1.0)
    assert bins.hours.sum() == 8760 and len(bins.hours) < 500
    assert bins.mean(bins.dry_bulb) == pytest.approx(w.mean(w.dry_bulb), abs=1e-9)
    assert w.shifted(3.0).mean(w.shifted(3.0).wet_bulb) > w.mean(w.wet_bulb) + 2.0


def epw(hours: int = 8760) -> list[str]:
    header = ["LOCATION,Memphis,TN,USA,TMY3,723340,35.05,-89.98,-6.0,87.0", *["COMMENTS 1,x"] * 6, "DATA PERIODS,1,1,Data"]
    return header + [f"1999,{1 + k * 12 // hours},1,1,60,?9?9,{k % 24}.5,{k % 24 - 3}.0,80,101300,0,0" for k in range(hours)]


def tmy3() -> list[str]:
    names = "Date (MM/DD/YYYY),Time (HH:MM),Dry-bulb (C),Dew-point (C),Pressure (mbar)"
    return ['723340,"MEMPHIS INTL",TN,-6.0,35.050,-89.983,87', names,
            *[f"{1 + k * 12 // 8760:02d}/01/1999,01:00,{k % 24}.5,{k % 24 - 3}.0,1013" for k in range(8760)]]


@pytest.mark.parametrize("lines", [epw(), tmy3()], ids=["epw", "tmy3"])
def test_weather_files(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "w.epw"
    path.write_text("\r\n".join(lines))
    w = read_weather(path)
    assert w.dry_bulb[:3] == pytest.approx([273.65, 274.65, 275.65]) and w.dew_point[1] == pytest.approx(271.15)
    assert w.pressure[0] == 101300 and "Memphis" in w.name and w.month[[0, -1]].tolist() == [1, 12]


@pytest.mark.parametrize(("change", "says"), [
    (lambda x: [*x[:20], x[20].replace("12.5", "99.9"), *x[21:]], ":21: dry bulb 99.9 is missing or impossible"),
    (lambda x: [*x[:20], x[20].replace("12.5", "warm"), *x[21:]], ":21: cannot read a number in warm"),
    (lambda x: [*x[:30], "1999,1,1", *x[31:]], ":31: 3 fields, expected at least 10"),
    (lambda x: x[:-5], "8755 hours, expected 8760"),
    (lambda x: x[:5], "`DATA PERIODS,...` that ends an EPW header is missing"),
    (lambda x: ["nonsense", *x], ":1: is neither EPW")])
def test_weather_files_that_are_wrong(change, says, tmp_path: Path) -> None:
    path = tmp_path / "w.epw"
    path.write_text("\n".join(change(epw())))
    with pytest.raises(WeatherError) as caught:
        read_weather(path)
    assert says in str(caught.value)


def test_effectiveness_and_its_inverse() -> None:
    """Kays & London: balanced counterflow NTU / (1 + NTU); one side without change 1 - exp(-NTU); one heat for both."""
    assert counterflow(np.array([2.0, 2.0]), np.array([1.0, 0.0])) == pytest.approx([2 / 3, 1 - np.exp(-2.0)], rel=1e-14)
    near = 1.0 + np.linspace(-1e-9, 1e-9, 9)
    assert counterflow(np.full(9, 0.1), near) == pytest.approx(0.1 / 1.1, rel=1e-9)  # no rounding of differences
    other = counterflow(np.array(3.0), np.array(0.5))
    assert counterflow(np.array(1.5), np.array(2.0)) == pytest.approx(other / 2.0, rel=1e-14)
    assert units_for(float(counterflow(np.array(1.7), np.array(0.6))), 0.6) == pytest.approx(1.7)
    assert units_for(2 / 3, 1.0) == pytest.approx(2.0, rel=1e-6)


def test_dry_cooler_by_hand() -> None:
    """At its design it needs full speed for the approach; at half the heat it holds the same with slower fans, cube law."""
    one, c = np.ones(24), dry_cooler()
    design = c.reject(1e6 * one, 1e5 * one, 313.15 * one, weather(308.15))
    assert design.temperature == pytest.approx(313.15) and design.speed == pytest.approx(1.0, abs=1e-6)
    assert design.fans == pytest.approx(15e3, rel=1e-5) and design.heat == pytest.approx(1e6)
    half = c.reject(0.5e6 * one, 1e5 * one, 313.15 * one, weather(308.15))
    assert half.fans == pytest.approx(15e3 * half.speed**3) and 0.2 < half.speed[0] < 0.7
    hot = c.reject(1e6 * one, 1e5 * one, 303.15 * one, weather(308.15))  # cannot: 5 K over the air
    assert hot.temperature == pytest.approx(313.15) and hot.speed == pytest.approx(1.0)
    first = c.precool(323.15 * one, 1e5 * one, 303.15 * one, weather(308.15))  # 15 K over the air: as at design
    assert first.temperature == pytest.approx(313.15) and first.heat == pytest.approx(1e6)
    with pytest.raises(ValueError, match="warmer than the water"):
        type(c).sized(1e6, 1e5, 308.15, 1.0, 12.0, 0.015)


def test_wet_pad_by_hand() -> None:
    """Air at the tubes 0.8 of the way to the wet bulb; water evaporated times latent heat is what the air lost."""
    c = type(dry_cooler()).sized(1e6, 1e5, 308.15, 5.0, 8.0, 0.015, pad=0.8, pad_above=300.0, cycles=5.0)
    w, one = weather(308.15, 288.15), np.ones(24)
    assert c.inlet(w) == pytest.approx(308.15 - 0.8 * (308.15 - w.wet_bulb))
    assert c.water(one, 1e6 * one, w) == pytest.approx(c.air * (308.15 - c.inlet(w)) / 2.45e6 * 5 / 4)
    assert c.inlet(weather(299.0, 288.15)) == pytest.approx(299.0)


def test_cooling_tower_by_hand() -> None:
    """At the design wet bulb full speed gives the approach; most of the heat evaporates water."""
    one, c = np.ones(24), tower()
    full = c.reject(1e6 * one, 2e5 * one, 301.15 * one, weather(297.15, 297.15))
    assert full.temperature == pytest.approx(301.15, abs=1e-3) and full.speed == pytest.approx(1.0, abs=1e-3)
    evaporated = full.water[0] * 3 / 4
    assert 0.7 < evaporated * 2.45e6 / 1e6 < 1.05
    cool = c.reject(1e6 * one, 2e5 * one, 301.15 * one, weather(288.15, 283.15))
    assert cool.heat == pytest.approx(1e6) and cool.speed[0] < 0.7


def test_chiller_by_hand() -> None:
    """COP = share of Carnot's; the rated point comes back, the lift has a floor."""
    assert CHILLER.cop(np.array(279.85), weather(308.15)) == pytest.approx(2.96)
    share = 2.96 * (320.15 - 277.85) / 277.85
    assert CHILLER.cop(np.array(289.15), weather(298.15))[0] == pytest.approx(share * 287.15 / (310.15 - 287.15))
    assert CHILLER.cop(np.array(289.15), weather(268.15))[0] == pytest.approx(share * 287.15 / 15.0)
    with pytest.raises(ValueError, match="of Carnot's"):
        Chiller.rated(9.0, 279.85, 308.15, 2.0, 12.0, 15.0)


def test_free_cooling_takes_over() -> None:
    """Cold: cooler alone; mild: cooler first, chiller for the rest, cheaper than the chiller alone; hot: chiller alone."""
    plant, one = Plant(type(dry_cooler()).sized(1e6, 1e5, 283.15, 8.0, 8.0, 0.015), CHILLER), np.ones(24)
    cold, mild, hot = (plant.serve(1e6 * one, 1e5 * one, 291.15 * one, weather(t)) for t in (278.15, 290.15, 308.15))
    assert (cold.chillers == 0).all() and (cold.fans > 0).all() and (hot.fans == 0).all() and hot.chilled == pytest.approx(1e6)
    assert 0 < mild.chilled[0] < 1e6 and (mild.fans + mild.chillers < 1e6 / CHILLER.cop(291.15 * one, weather(290.15))).all()
    for s in (cold, mild, hot):
        assert s.outdoors == pytest.approx(1e6 + s.fans + s.chillers)
    switched = Plant(plant.cooler, CHILLER, integrated=False).serve(1e6 * one, 1e5 * one, 291.15 * one, weather(290.15))
    assert switched.chilled == pytest.approx(1e6)


def test_pumps_by_hand() -> None:
    """At the best point the curve, full speed and efficiency; half the flow on a square law: half speed, an eighth of power."""
    p = Pumps(2, 0.01, 200e3, 0.8)
    assert p.speed(0.02, 200e3) == pytest.approx(1.0) and p.power(0.02, 200e3) == pytest.approx(0.02 * 200e3 / 0.8)
    assert p.speed(0.01, 50e3) == pytest.approx(0.5) and p.power(0.01, 50e3) == pytest.approx(0.02 * 200e3 / 0.8 / 8)
    with pytest.raises(SystemFailure, match="add pumps"):
        p.check(0.03, 200e3, "hall.liquid.pumps")


def test_rack_by_figures() -> None:
    """Chip: T = T_in + R P(T); first law; leakage that runs away is refused."""
    p = LIQUID_RACK.evaluate(np.array(303.15), np.array(1e-3), np.array(297.15), np.array(1.0))
    power = (p.it_power - 15e3) / 64
    assert p.hottest == pytest.approx(303.15 + 0.066 * power)
    assert power == pytest.approx(600 * (1 + 0.003 * (p.hottest - 333.15)))
    assert p.it_power + p.fan_power + p.pump_power == pytest.approx(p.heat_liquid + p.heat_air, rel=1e-14)
    assert p.heat_liquid == pytest.approx(0.95 * 64 * power + 0.4 * 15e3 + 400)
    with pytest.raises(SystemFailure, match="leakage grows faster"):
        type(LIQUID_RACK)(**{**vars(LIQUID_RACK), "leakage": 0.1}).evaluate(*(np.array(v) for v in (303.15, 1e-3, 297.15, 1.0)))


BAD = [
    ("count: 24}", "count: 24, flow: 3}", (5, "unknown key 'flow'")),
    ("type: liquid", "type: liqid", (5, "no rack called 'liqid'; did you mean 'liquid'?")),
    ("coolant: water", "coolant: wter", (8, "did you mean 'water'?")),
    ("utilisation: 0.9", "utilisation: [0.9, 0.8]", (6, "a list of 24 of them")),
    (", air_rise: 7 K", "", (22, "needs `air_rise`")),
    ("cop: 2.96", "cop: 29.6", (30, "of Carnot's")),
    ("water: {supply_temperature: 18 degC", "water: {supply_temperature: 25 degC", (27, "must be colder")),
    ("2760 h", "2000 h", (53, "add up to 8000 h")),
    ("  relative_humidity: 0.6\n", "", (52, "`relative_humidity` goes with `bins`: add it")),
    ("  bins: [", "  climate: memphis\n  bins: [", (54, "takes one of climate, file, bins")),
    ("co2: 0.4 kg/kWh", "co2: 0.4 kg", (56, "the wrong kind of unit")),
    ("hall.air.plant.chiller: ASH", "hall.air.plant.chller: ASH", (58, "no such key in this case; did you mean")),
    ("economics:", "optimise: {supply_temperature: [40 degC, 20 degC], flow: [0.5, 1], margin: 3 K, objective: "
     "total}\neconomics:",
     (56, "lower end first")),
    ("economics:", "compare: other.yaml\neconomics:", (56, "no file 'other.yaml'")),
    ("    chip_liquid: 0.95\n", "", (None, "belongs to liquid-cooled racks")),
    ("coolant: water", "coolant: air", (8, "air is no liquid")),
    ("supply_temperature: 30 degC", "supply_temperature: -20 degC", (9, "outside the range of water's "
                                                                                 "property curves, 1 to 99")),
    ("roughness: 45 um", "roughness: 45 mm", (None, "more than 5 % of `main_diameter`")),
    ("rise: 6 K", "rise: 60 K", (27, "the water would leave the coils with 78.0 degC, warmer than the air")),
    ("[0 degC, ", "[-270 degC, ", (53, "the coldest hour has -270.0 degC")),
    ("rise: 12 K", "rise: 500 K", (None, "must be at most 200 K, got")),
    ("co2: 0.4 kg/kWh", "co2: 400 kg/kWh", (56, "must be at most 2e-06")),
]


@pytest.mark.parametrize(("old", "new", "there"), BAD, ids=[b[2][1][:25] for b in BAD])
def test_wrong_cases(old: str, new: str, there: tuple[int | None, str], tmp_path: Path) -> None:
    assert old in CASE
    path = tmp_path / "case.yaml"
    path.write_text(CASE.replace(old, new, 1))
    with pytest.raises(CaseError) as caught:
        coldrack.load(str(path))
    line, says = there
    assert any(says in i.message and line in (None, i.line) for i in caught.value.issues), str(caught.value)


def test_the_case_itself_is_right(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(CASE)
    problem = coldrack.load(str(tmp_path / "case.yaml"))
    sources = {a.key: a.source for a in problem.assumptions}
    assert sources["hall.air.plant.chiller.cop"] == "ASHRAE 90.1" and sources["figures.liquid.limit"] == "test"
    assert sources["hall.utilisation"] == "given in the case file" and "a tree" in sources
    assert isinstance(problem.weather, Weather) and problem.gpus == 24 * 64


def test_a_broken_weather_file_of_a_case(tmp_path: Path) -> None:
    """The message stands at the key and names the line of the file."""
    lines = epw()
    (tmp_path / "w.epw").write_text("\n".join([*lines[:20], lines[20].replace("12.5", "99.9"), *lines[21:]]))
    path, weather_of_it = tmp_path / "case.yaml", CASE.index("  bins:")
    path.write_text(CASE[:weather_of_it] + "  file: w.epw\n" + CASE[CASE.index("economics:"):])
    with pytest.raises(CaseError) as caught:
        coldrack.load(str(path))
    issue = caught.value.issues[0]
    assert (issue.line, issue.key) == (53, "weather.file") and "w.epw:21: dry bulb 99.9" in issue.message
