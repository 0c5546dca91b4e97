"""A hall's year: first law, hand calculation, pipes, racks of the library, savings, claim, the best settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hall_support import AIR_RACK, CASE, CHILLER, LIQUID_RACK, PIPES, hall, weather

import coldrack
from coldrack.solver.case import CaseError
from coldrack.solver.hall import claims, results
from coldrack.solver.hall import optimise as optimiser
from coldrack.solver.hall import tabulated as tables
from coldrack.solver.hall.hydraulics import places, solve_flows
from coldrack.solver.hall.model import Cdus, CoolerDesign, Electrical, Group, PlantDesign
from coldrack.solver.hall.optimise import Search, optimise
from coldrack.solver.hall.rack import FiguresRack, WithShare
from coldrack.solver.hall.tabulated import LibraryRack, tabulated
from coldrack.solver.hall.weather import read_weather
from coldrack.solver.hall.year import Law, evaluate, facility_flow, size, solve_year
from coldrack.solver.materials.library import FOLDER, coolant

PLANTS = {
    "dry": PlantDesign(CoolerDesign("dry_cooler", 308.15, 5.0, 0.015, 1.0, 7.0), None),
    "pads": PlantDesign(CoolerDesign("dry_cooler", 301.15, 4.0, 0.015, 1.0, 6.0, pad=0.8, pad_above=297.15), None),
    "tower and chiller": PlantDesign(CoolerDesign("cooling_tower", 297.15, 3.0, 0.008, 1.0, water_to_air=0.9), CHILLER),
    "chiller": PlantDesign(None, CHILLER),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_every_hour_is_in_balance(plant: str) -> None:
    """Die to weather within 1e-6 (rounding, in fact): each heat into the outdoors is computed from the air's side."""
    outside = read_weather(FOLDER / "climates" / "greensboro_nc.csv").binned(1.0).shifted(5.0)
    year = solve_year(size(hall(plant=PLANTS[plant]), Law(150e3, 1.9)), outside)
    book = results.ledger(year)
    assert book["heat_relative"] < 1e-9 and book["rack_relative"] < 1e-12
    facility, cdu = book["levels"]["facility"], book["levels"]["cdu"]
    assert facility["in"] == pytest.approx(facility["out"], rel=1e-9) and cdu["in"] == pytest.approx(cdu["out"], rel=1e-9)
    assert book["electricity_in"] == pytest.approx(book["heat_out"], rel=1e-9)
    assert (year.supply >= 303.15 - 1e-6).all() and (plant != "chiller" or np.ptp(year.supply) == 0)
    assert year.mean(year.water) > 0 or plant in ("dry", "chiller")


def test_constant_weather_is_a_hand_calculation() -> None:
    """Air-cooled hall, chillers alone, 20 degC outdoors: every figure by hand, to 1e-9."""
    h = hall(wet=False)
    year = solve_year(size(h, Law(0.0, 2.0)), weather())
    gain = 0.088 * 0.9 * 600
    chip = (297.15 + gain * (1 - 0.003 * 333.15)) / (1 - 0.003 * gain)
    it = 48 * (32 * 0.9 * 600 * (1 + 0.003 * (chip - 333.15)) + 0.9 * 8e3)
    fans = 48 * 4e3
    losses, other = (it + fans) * (1 / (0.96 * 0.98) - 1), 0.01 * (it + fans)
    air = it + fans + 0.5 * losses + other  # the day has one load, so that the fans are at their design
    walls = 300 * air / (1.2 * 1006 * 12) / 0.6
    pumps = 200e3 * (air + walls) / 6 / (998 * 4186) / 0.7
    cop = 2.96 * 42.3 / 277.85 * 289.15 / max(305.15 - 289.15, 15)
    chillers = (air + walls + pumps) / cop
    total = it + fans + losses + other + walls + pumps + chillers
    found = results.figures(h, year, results.all_racks(h, year, places(h), None), None, 0.0)
    assert found["hall"]["hottest"] == pytest.approx(chip, rel=1e-12)
    assert found["hall"]["pue"] == pytest.approx(total / (it + fans), rel=1e-9)
    assert found["hall"]["tue"] == pytest.approx(total / it, rel=1e-9)
    assert found["hall"]["cooling_power"] == pytest.approx(walls + pumps + chillers, rel=1e-9)
    joules = total * 8760 * 3600
    assert found["hall"]["energy"] == pytest.approx(joules,
                                                    rel=1e-9) and found["hall"]["cost"] == pytest.approx(joules / 3.6e6 * 0.1)
    assert found["hall"]["co2"] == pytest.approx(joules / 3.6e6 * 0.4)
    assert found["energy"]["chillers"] == pytest.approx(chillers * 8760 * 3600, rel=1e-9)


def test_row_units_warm_the_racks_by_the_exchanger() -> None:
    """Counterflow: racks' supply = facility's + Q (1/(eps C_min) - 1/C_2)."""
    base = hall(plant=PLANTS["chiller"])
    assert base.liquid is not None
    cdus = Cdus(4, 60e3, 1.2e-3, 40e3, 60e3, 0.6)
    h = replace(base, liquid=replace(base.liquid, cdus=cdus, rack_coolant=coolant("PG25")))
    year = solve_year(size(h, Law(150e3, 1.9)), weather())
    water, pg25 = coolant("water"), coolant("PG25")
    t = year.rack_supply[0]
    first = 24 * 1.2e-3 * water.density(np.array(303.15)) * water.heat_capacity(np.array(303.15))
    second = 24 * 1e-3 * pg25.density(t) * pg25.heat_capacity(t)
    small, ratio = min(first, second), min(first, second) / max(first, second)
    e = np.exp(-6 * 60e3 / small * (1 - ratio))
    eps = (1 - e) / (1 - ratio * e)
    heat = year.racks.liquid[0] + year.users["cdu_pumps"][0]
    assert t == pytest.approx(303.15 + heat * (1 / (eps * small) - 1 / second), abs=1e-6)
    assert year.users["cdu_pumps"][0] == pytest.approx(24e-3 * (50e3 + 60e3) / 0.6)
    assert year.imbalance < 1e-9


def test_pipes_share_the_flow() -> None:
    """Flow is kept; with direct return the last rack of a row gets least, with reverse return the spread is smaller."""
    direct = hall()
    assert direct.liquid is not None
    thin = replace(PIPES, row_diameter=0.05)
    halls = [replace(direct, liquid=replace(direct.liquid, pipes=replace(thin, reverse_return=r))) for r in (False, True)]
    flows, reverse = (solve_flows(h) for h in halls)
    assert flows is not None and reverse is not None
    where = places(direct)
    assert flows.flow.sum() == pytest.approx(24e-3, rel=1e-12) and flows.mass_residual < 1e-10
    row = (where.block == 0) & (where.row == 0)
    assert (np.diff(flows.flow[row]) < 0).all() and np.ptp(reverse.flow) < 0.7 * np.ptp(flows.flow)
    assert flows.flow == pytest.approx((flows.drop / 50e3) ** (1 / 1.85) * 1e-3, rel=1e-9)
    assert 1.7 < flows.law.exponent < 2.0 and flows.law(np.array(1.0)) == flows.pressure > 90e3


def test_library_racks_in_a_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables (coarse here) of a rack with all its parts: first law, plates of every rack, the hottest ten."""
    from coldrack.solver.case.coolant_rack import library_rack

    monkeypatch.setattr(tables, "SUPPLIES", 3)
    monkeypatch.setattr(tables, "FLOWS", 3)

    base = hall([Group("h100_64gpu", LibraryRack(library_rack("h100_64gpu"), "library"), 16, 64, 2e-3)])
    assert base.liquid is not None
    h = replace(base, liquid=replace(base.liquid, pumps=replace(base.liquid.pumps, flow=0.02)))
    h = tabulated(replace(h, liquid=replace(h.liquid, plant=PLANTS["chiller"])), weather(), None, None, lambda _: None)
    flows = solve_flows(h)
    assert flows is not None
    year = solve_year(size(h, flows.law), weather())
    racks = results.all_racks(h, year, places(h), flows)
    assert year.imbalance < 1e-9 and h.plates == 1024 and len(racks.worst) == 10
    assert racks.worst[0][3] == pytest.approx(racks.hottest.max(), abs=0.5) and 330 < racks.hottest.max() < 360.15
    assert year.racks.work == pytest.approx(1.0, abs=1e-3)
    solved = h.groups[0].rack.solved(303.15, 2e-3, h.air.supply, 0.9)  # splines through 3 x 3 points against the rack itself
    assert float(year.racks.margin.min()) == pytest.approx(solved, abs=0.05)


def test_flow_follows_the_load() -> None:
    """Half the load at half the flow against the held pressure: dp = 50 + (150 - 50) 0.5^1.9 kPa; pumps by hand."""
    h = hall(plant=PLANTS["chiller"])
    assert h.liquid is not None
    use = np.where(np.arange(24) < 12, 0.4, 0.8)
    h = replace(h, utilisation=use, liquid=replace(h.liquid, minimum_flow=0.3, held_pressure=50e3))
    year = solve_year(size(h, Law(150e3, 1.9, 50e3)), weather())
    dp = 50e3 + 100e3 * 0.5**1.9
    speed = np.sqrt((dp / 250e3 + 0.25 * 0.5**2) / 1.25)  # pumps of 12 L/s, 24 of them in all, run at half their flow
    efficiency = 0.75 * (1 - 0.5 * (0.5 / speed - 1) ** 2)
    assert year.users["facility_pumps"][:12] == pytest.approx(12e-3 * dp / efficiency, rel=1e-9)
    assert year.imbalance < 1e-9 and np.ptp(year.returned) < 2.0  # the rise hardly changes


def test_racks_in_an_hour_of_part_load_have_its_flow() -> None:
    """Half the load at half the flow, in the warmest hour: return = supply + heat / (half the flow's capacity rate)."""
    use = np.where(np.arange(24) < 12, 0.4, 0.8)
    h = replace(hall(), utilisation=use, liquid=replace(hall().liquid, minimum_flow=0.3))
    outside = weather()
    outside = replace(outside, dry_bulb=np.where(np.arange(24) == 3, 328.15, 283.15))
    flows = solve_flows(h)
    assert flows is not None and h.liquid is not None
    year = solve_year(size(h, flows.law), outside)
    racks = results.all_racks(h, year, places(h), flows)
    water, t = h.liquid.coolant, np.array(racks.supply)
    rate = 0.5 * flows.flow * water.density(t) * water.heat_capacity(t)
    assert racks.hour == 3 and racks.returned - racks.supply == pytest.approx(racks.liquid / rate, rel=1e-12)
    assert racks.worst[0][2] == pytest.approx(0.5 * flows.flow[racks.worst[0][0]] / 64)


def test_work_is_that_of_the_gpus_and_a_hall_may_give_its_air_nothing() -> None:
    @dataclass(frozen=True)
    class Slow(FiguresRack):
        def evaluate(self, *at: Any) -> Any:
            return replace(super().evaluate(*at), work=np.full_like(at[0], 0.8))

    slow, idle = Slow(**vars(LIQUID_RACK)), Group("switches", FiguresRack(**vars(AIR_RACK)), 40, 0)
    racks = evaluate(hall([Group("slow", slow, 8, 64, 1e-3), idle]), *(np.full(1, v) for v in (303.15, 1.0, 0.9)))
    assert racks.work == pytest.approx(0.8)
    all_wet = hall([Group("liquid", WithShare(LIQUID_RACK, 1.0), 24, 64, 1e-3)])
    year = solve_year(size(replace(all_wet, electrical=Electrical(0.96, 0.98, 0.0, 0.0)), Law(150e3, 1.9)), weather())
    assert year.imbalance < 1e-9 and not year.users["hall_fans"].any() and np.isfinite(year.total).all()


def test_another_flow_is_that_of_all_pumps() -> None:
    """Row units: 1.2 times the flow on both sides, their own pressure drop with its square; the search ends at full speed."""
    h = hall()
    assert h.liquid is not None
    units = Cdus(4, 60e3, 1e-3, 50e3, 40e3, 0.6)
    sized = size(replace(h, liquid=replace(h.liquid, cdus=units, rack_coolant=coolant("PG25"))), Law(150e3, 1.9))
    fast = optimiser.with_settings(sized, 303.15, 1.2).hall
    assert facility_flow(fast) == pytest.approx(1.2 * 24e-3) and fast.liquid is not None and fast.liquid.cdus is not None
    assert fast.liquid.cdus.secondary_pressure == pytest.approx(1.44 * 40e3)
    low, high = optimiser._within_pumps(sized, (0.6, 3.0))
    pumps = h.liquid.pumps
    speed = pumps.speed(np.array(24e-3 * high), sized.law(np.array(high)))
    assert low == 0.6 and 1.2 < high < 3.0 and speed == pytest.approx(1.0, abs=1e-5)
    slow = replace(h, liquid=replace(h.liquid, minimum_flow=0.3))
    seen = tables.ranges(slow, weather(), Search((293.15, 303.15), (0.6, 1.2), 3.0, "cooling"), None).flow
    assert seen[0] <= 0.3 * 0.6 and seen[1] >= 1.2  # racks need tables for the least flow of the slowest setting
    with pytest.raises(coldrack.solver.system.SystemFailure, match="held_pressure: 500 kPa is more than"):
        solve_flows(replace(h, liquid=replace(h.liquid, held_pressure=500e3)))


def test_savings_and_fleet_by_hand() -> None:
    """Shares of what the air-cooled hall takes; fleet: E (b - a) s / (1 - a s); a tree 60 kg (EPA, 0.060 t)."""
    wet, dry = hall(), hall([Group("air", AIR_RACK, 48, 32)], wet=False)
    found = []
    for h in (wet, dry):
        flows = solve_flows(h)
        year = solve_year(size(h, flows.law if flows else Law(0.0, 2.0)), weather())
        found.append(results.figures(h, year, results.all_racks(h, year, places(h), flows), flows, 0.0))
    saved = results.savings(*found)
    cooling = [sum(f["energy"][u] for u in results.COOLING) for f in found]
    assert saved["cooling"]["share"] == pytest.approx(1 - cooling[0] / cooling[1])
    assert saved["server_fans"]["share"] == pytest.approx(1 - 24 * 800 / (48 * 4000))
    study = claims.Study((303.15,), (0.0,), 100 * 3.6e15, 0.01, 0.3)
    f = claims.fleet(study, saved, 0.4 / 3.6e6)
    s = saved["total"]["share"]
    assert f["energy_saved"] == pytest.approx(100 * 3.6e15 * 0.29 * s / (1 - 0.01 * s))
    assert f["trees"] == pytest.approx(f["energy_saved"] / 3.6e6 * 0.4 / 60)
    assert f["energy_of_claimed_trees"] == pytest.approx(20e9 * 60 / 0.4 * 3.6e6)


def test_map_of_the_claim() -> None:
    """More heat to the liquid and a colder climate need a less bad air-cooled hall; its PUE gives just 89 %."""
    outside = read_weather(FOLDER / "climates" / "greensboro_nc.csv")
    study = claims.Study((303.15,), (-5.0, 5.0), 1.0, 0.0, 1.0)
    t = claims.cooling_map(size(hall(), Law(120e3, 1.9)), outside, study).columns
    needed = np.asarray(t["needed_pue"]).reshape(2, -1)
    assert (np.diff(needed, axis=1) < 0).all() and (needed[1] > needed[0]).all()
    assert claims.saving(np.asarray(t["cooling_over_it"]), np.asarray(t["other_over_it"]),
                         needed.ravel()) == pytest.approx(0.89)
    point = WithShare(LIQUID_RACK, 0.7).evaluate(*(np.array(v) for v in (303.15, 1e-3, 297.15, 1.0)))
    assert point.heat_liquid == pytest.approx(0.7 * (point.heat_liquid + point.heat_air))


def test_optimiser_finds_a_known_optimum() -> None:
    """Chips do not feel the flow, and chillers like warm water: least flow, and the supply that leaves just the margin.

    Without leakage that is limit - margin - R P, to 0.02 K.
    """
    rack = FiguresRack(**{**vars(LIQUID_RACK), "leakage": 0.0, "resistance_exponent": 0.0})
    sized = size(hall([Group("liquid", rack, 24, 64, 1e-3)], plant=PLANTS["chiller"]), Law(150e3, 1.9))
    best, trade = optimise(sized, weather(), Search((293.15, 333.15), (0.6, 1.2), 4.0, "cooling"))
    assert best["supply"] == pytest.approx(358.15 - 4.0 - 0.066 * 0.9 * 600, abs=0.02)
    assert best["flow_scale"] == pytest.approx(0.6, abs=1e-3) and best["met"] and best["power"] < best["power_before"]
    allowed = np.asarray(trade.columns["allowed"]) > 0.5
    assert (np.asarray(trade.columns["supply"])[allowed] <= best["supply"] + 0.02).all() and not allowed.all()
    with pytest.raises(coldrack.solver.system.SystemFailure, match="no supply temperature and flow"):
        optimise(sized, weather(), Search((330.15, 333.15), (0.6, 1.2), 30.0, "cooling"))


def test_run_of_a_case_with_comparison(tmp_path: Path) -> None:
    """Summary, tables and report of two halls for the same work; another number of GPUs is refused at the key."""
    air = CASE[: CASE.index("  liquid:\n")] + CASE[CASE.index("  air:\n"):]
    for line in ("    chip_liquid: 0.95\n", "    other_liquid: 0.4\n", "    pump_power: 400 W\n", "    flow_rate: 60 L/min\n",
                 "    pressure_drop: 50 kPa\n"):
        air = air.replace(line, "")
    (tmp_path / "air.yaml").write_text(air)
    claim = ("compare: air.yaml\nclaim: {supply_temperatures: [30 degC], climate_shifts: [0 K], "
             "fleet: {energy: 415 TWh, before: 0.01, after: 0.3}}\n")
    (tmp_path / "wet.yaml").write_text(CASE + claim)
    problem = coldrack.load(str(tmp_path / "wet.yaml"))
    solution = problem.solve(lambda _: None)
    assert not solution.reason and {"hours", "racks", "claim"} <= set(solution.tables)
    summary = {"title": "t", "converged": True, "reason": "", "notes": [], **solution.figures}
    from coldrack.solver.output.hall_report import hall_report

    text = hall_report(summary, solution.tables)
    for words in ("The claim of 89 %", "billion trees", "Hottest ten", "hall.utilisation = 0.9"):
        assert words in text
    assert solution.figures["hall"]["pue"] > 1.0 and solution.figures["compare"]["savings"]["total"]["share"] > 0
    (tmp_path / "air.yaml").write_text(air.replace("count: 24", "count: 25"))
    with pytest.raises(CaseError, match="a comparison is for the same work"):
        coldrack.load(str(tmp_path / "wet.yaml"))
    (tmp_path / "air.yaml").write_text(air.replace("15 degC, 4000 h", "16 degC, 4000 h"))
    with pytest.raises(CaseError, match="has another weather"):
        coldrack.load(str(tmp_path / "wet.yaml"))
