"""Racks: chips with leakage and clock, fans, exchangers, the balance of a rack, faults, files, wrong cases."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from CoolProp.HumidAirProp import HAPropsSI
from rack_support import LIMIT_OF_LEDGER, rack, solved

import coldrack
from coldrack.solver.case import CaseError
from coldrack.solver.output import coolant_rack
from coldrack.solver.output.summary_schema import summary_schema
from coldrack.solver.rack import cdu as cdus
from coldrack.solver.rack.air import FanBank, door_heat
from coldrack.solver.rack.characteristic import TABLES, RackCharacteristic, characterise, point
from coldrack.solver.rack.chips import Chips
from coldrack.solver.rack.figures import figures
from coldrack.solver.rack.ledger import ledger, totals
from coldrack.solver.rack.limits import dew_point
from coldrack.solver.rack.parts import Chip, Door, Fans, RoomAir, Tray
from coldrack.solver.rack.problem import RackProblem
from coldrack.solver.rack.solve import RackSolver
from coldrack.solver.rack.state import Conditions
from coldrack.solver.system import SystemFailure

AIR_INLETS = {5: 25.0, 9: 25.0, 13: 25.001, 17: 25.01, 21: 25.043, 25: 25.133, 29: 25.348, 33: 25.784, 38: 26.605, 39: 27.09,
              40: 27.4}  # degC by rack unit
CHIP = Chip("gpu1", "gpu", 700.0, 100.0, 360.0, 0.1, 0.02, 330.0, 3.0, 0.0, 0.0)


# Chips

@pytest.mark.parametrize("base", [290.0, 310.0])
def test_free_chip_fulfils_its_equations(base: float) -> None:
    state = Chips.of(["a"], [CHIP], 0.5).settle(np.array([base]), np.array([0.06]))
    t, p = state.temperature[0], state.power[0]
    assert state.clock[0] == 1.0
    assert t == pytest.approx(base + 0.06 * p, rel=1e-14)
    assert p == pytest.approx(70.0 * (1 + 0.02 * (t - 330.0)) + 100.0 + 0.5 * 600.0 - 70.0, rel=1e-13)


def test_hot_chip_sits_at_its_limit() -> None:
    """Complementarity: the clock is below 1 exactly where the limit holds, and power follows the clock's cube."""
    base = np.array([300.0, 320.0, 340.0])
    state = Chips.of(["a", "b", "c"], [CHIP] * 3, 1.0).settle(base, np.full(3, 0.06))
    assert state.clock[0] == 1.0 and state.temperature[0] < 360.0
    assert np.all(state.temperature[1:] == 360.0) and np.all(np.diff(state.clock) < 0.0)
    np.testing.assert_allclose(state.power[1:], (360.0 - base[1:]) / 0.06, rtol=1e-13)
    np.testing.assert_allclose(state.power - state.leakage, 630.0 * state.clock**3, rtol=1e-12)


def test_chip_without_a_steady_state() -> None:
    with pytest.raises(SystemFailure, match=r"u1\.gpu1 runs away"):
        Chips.of(["u1.gpu1"], [CHIP], 1.0).settle(np.array([300.0]), np.array([1.0]))
    with pytest.raises(SystemFailure, match=r"cannot hold its limit of 86\.9 degC even with its clock stopped"):
        Chips.of(["u1.gpu1"], [CHIP], 1.0).settle(np.array([359.0]), np.array([0.06]))


# Air

def bank(**keys: float) -> FanBank:
    fans = Fans(4, 60.0, 0.05, 0.3, **keys)
    tray = Tray("a", "a", 1, 1, 0.5, (), (), (), {}, fans, None, None, None, 0.0)
    return FanBank((tray,), np.array([295.0]), 101325.0, 1006.0)


def test_fans_hold_a_temperature_rise() -> None:
    air = bank(temperature_rise=12.0)
    for heat in (900.0, 2000.0):
        state = air.run(np.array([heat]))
        assert (heat + state.power[0]) / (state.mass[0] * 1006.0) == pytest.approx(12.0, rel=1e-12)
        assert state.power[0] == pytest.approx(240.0 * state.speed[0] ** 3)
        assert state.flow[0] == pytest.approx(0.2 * state.speed[0])
    assert air.run(np.array([100.0])).speed[0] == 0.3
    assert air.run(np.array([1e4])).speed[0] == 1.0
    assert bank(speed=0.5).run(np.array([100.0])).power[0] == pytest.approx(240.0 / 8.0)
    assert bank(outlet_temperature=307.0).run(np.array([900.0])).speed[0] == pytest.approx(air.run(np.array([900.0])).speed[0])


def test_door_is_cross_flow() -> None:
    """NTU 1 with equal capacity rates, both unmixed: 0.476 (Incropera et al., fig. 11.14)."""
    assert door_heat(Door(1000.0, None, 1e-3, 0.0), 1000.0, 310.0, 1000.0, 300.0) == pytest.approx(4760.0, rel=0.01)
    assert door_heat(Door(None, 0.7, 1e-3, 0.0), 1000.0, 310.0, 3000.0, 300.0) == pytest.approx(7000.0)


@pytest.mark.parametrize("humidity", [0.2, 0.5, 0.8])
def test_dew_point_agrees_with_coolprop(humidity: float) -> None:
    expected = HAPropsSI("D", "T", 298.15, "P", 101325.0, "R", humidity)
    assert dew_point(RoomAir(298.15, 101325.0, humidity)) == pytest.approx(expected, abs=0.1)


# The rack

def test_rack_of_64_balances_at_every_level() -> None:
    solver, state = solved()
    found, tables, notes = figures(solver, state, "h100_64gpu")
    assert len(found["gpus"]) == 64 and len(tables["chips"].columns["name"]) == 112
    assert set(found["ledger"]["imbalances"]) == {"chip", "plate", "tray", "rack", "cdu", "facility", "total"}
    assert found["ledger"]["heat_relative"] < LIMIT_OF_LEDGER
    gpu = found["gpus"][0]
    assert {"name", "temperature", "flow_rate", "pressure_drop", "power", "coolant_in", "margin", "work"} <= set(gpu)
    assert gpu["temperature"] - gpu["coolant_in"] == pytest.approx(0.95 * gpu["power"] * (0.04 + 0.0245), rel=0.01)
    assert sum(p["running"] for p in found["pumps"].values()) == 2 and not notes


def test_coolant_warms_along_plates_in_a_row() -> None:
    solver, state = solved()
    names = solver.names[0]
    first, second = names.index("u5.cpu1"), names.index("u5.cpu2")
    rate = state.flow[first] * solver.coolant.density(state.coolant_in[first]) * solver.coolant.heat_capacity(
        state.coolant_in[[first, second]].mean())
    assert state.coolant_in[second] - state.coolant_in[first] == pytest.approx(0.95 * state.wet.power[first] / rate, rel=1e-4)


def test_air_and_coolant_act_on_each_other() -> None:
    """Warmer air takes less from the hoses: more goes to the water; and its fans have more to move."""
    solver = RackSolver(rack())
    cold, hot = (solver.solve(solver.conditions()._replace(air=t)) for t in (290.0, 310.0))
    trays = solver.circuit.trays
    for state in (cold, hot):
        net, t = solver.circuit.network, state.network.temperature
        coolant = [0.5 * (t[net.nodes[f"supply.u{u}"]] + t[net.nodes[f"return.u{u}"]]) for u in range(5, 37, 4)]
        air = 0.5 * (state.air.inlet + state.air.outlet)[trays]
        np.testing.assert_allclose(state.air.losses[trays], 2.0 * (np.array(coolant) - air), rtol=0.05)
    assert cold.air.losses.sum() > 100.0 and hot.air.losses.sum() < -100.0
    assert hot.network.heat.sum() > cold.network.heat.sum() + 200.0
    assert cold.air.fans.mass.sum() > hot.air.fans.mass.sum()  # the losses are air heat too
    for state in (cold, hot):
        assert ledger(solver, state)["heat_relative"] < LIMIT_OF_LEDGER


def test_a_start_does_not_change_the_answer() -> None:
    solver, state = solved()
    other = solver.solve(solver.conditions()._replace(supply=305.0, utilisation=0.3), state)
    again = solver.solve(start=other)
    np.testing.assert_allclose(again.wet.temperature, state.wet.temperature, rtol=0, atol=1e-6)


def test_throttled_gpus_sit_at_their_limit_and_lose_work() -> None:
    solver = RackSolver(rack("facility: {temperature: 45 degC}"))
    state = solver.solve()
    gpus = np.array([c.group == "gpu" for _, c in solver.wet])
    assert np.all(state.wet.temperature[gpus] == 360.15)
    found, _, notes = figures(solver, state, "")
    assert 0.9 < found["rack"]["work"] < 1.0 and any("hold their limit by a lower clock" in n for n in notes)
    assert found["ledger"]["heat_relative"] < LIMIT_OF_LEDGER
    chip = next(r for r in found["limits"] if r["what"] == "chip temperature")
    assert not chip["kept"]


def test_throttled_chips_on_a_weak_exchanger_settle() -> None:
    """64 chips at 60 degC lose more heat per kelvin of coolant (1/R each) than the exchanger takes per kelvin: a step for
    which their heat is given would run off.
    """
    solver = RackSolver(rack("cdu: {conductance: 1 kW/K}", trays="trays: {hgx_h100_8gpu_4u: {chips: {gpu: {limit: 60 degC}}}}"))
    state = solver.solve()
    gpus = np.array([c.group == "gpu" for _, c in solver.wet])
    lost = (1.0 / solver.resistance(state.flow, state.coolant_in)[gpus]).sum()
    assert state.drive is not None and lost > state.drive.exchange and state.rounds < 20
    assert np.all(state.wet.temperature[gpus] == 333.15) and np.all(state.wet.clock[gpus] < 1.0)
    assert ledger(solver, state)["heat_relative"] < LIMIT_OF_LEDGER


def test_one_pump_of_two_fails() -> None:
    """N + 1: the other speeds up and holds the flow; a weaker one cannot, and the report says so."""
    _, whole = solved()
    solver = RackSolver(rack("cdu: {pumps: {failed: 1}}"))
    state = solver.solve()
    assert state.drive is not None and whole.drive is not None and state.drive.pump is not None and whole.drive.pump is not None
    assert state.drive.pump.flow == pytest.approx(80e-3 / 60, rel=1e-9) and not state.drive.short
    assert state.drive.pump.speed > 1.1 * whole.drive.pump.speed
    weak = RackSolver(rack("cdu: {pumps: {failed: 1, most_speed: 0.6}}"))
    short = weak.solve()
    assert short.drive is not None and short.drive.pump is not None and short.drive.short
    assert short.drive.pump.flow < 0.95 * state.drive.pump.flow
    assert cdus.head(weak.rack.cdu.pumps, short.drive.pump.flow, 0.6) == pytest.approx(short.drive.pump.pressure, rel=1e-5)
    found, _, notes = figures(weak, short, "")
    assert any("do not reach 80 L/min" in n for n in notes) and found["ledger"]["heat_relative"] < LIMIT_OF_LEDGER


@pytest.mark.parametrize(("hold", "want"), [("pressure: 60 kPa", 6e4), ("speed: 0.7", 0.7)])
def test_pumps_hold_what_they_should(hold: str, want: float) -> None:
    solver = RackSolver(rack(f"cdu: {{pumps: {{{hold}}}}}"))
    state = solver.solve()
    p, nodes = state.network.pressure, solver.circuit.network.nodes
    pump = state.drive.pump
    held = p[nodes["outlet"]] - p[nodes["inlet"]] if "pressure" in hold else pump.speed
    assert held == pytest.approx(want, rel=1e-8)
    assert cdus.head(solver.rack.cdu.pumps, pump.flow, pump.speed) == pytest.approx(pump.pressure, rel=1e-5)


def test_valve_holds_the_supply_temperature() -> None:
    solver = RackSolver(rack("cdu: {supply_temperature: 35 degC}"))
    state = solver.solve()
    assert state.drive.temperature == 308.15 and not state.drive.open and state.drive.water < 0.8 * 80e-3 / 60
    assert ledger(solver, state)["heat_relative"] < LIMIT_OF_LEDGER
    tight = RackSolver(rack("cdu: {supply_temperature: 27 degC}")).solve()
    assert tight.drive.open and tight.drive.temperature > 300.15


def test_blocked_plate_is_among_the_hottest() -> None:
    solver = RackSolver(rack("blocked: {u17.gpu6: 0.4}"))
    state = solver.solve()
    found, _, _ = figures(solver, state, "")
    assert found["hottest"][0] == "u17.gpu6"
    spread = found["maldistribution"]["hgx_h100_8gpu_4u.gpu"]
    assert spread["flow_min_over_mean"] == pytest.approx(0.62, abs=0.05) and spread["temperature_spread"] > 3.0


def test_manifolds_fed_and_drained_at_opposite_ends_share_better() -> None:
    """Narrow manifolds: with both ends below the lowest tray gets most; crosswise all ways are equally long."""
    spread = {}
    for way in ("bottom", "top"):
        solver = RackSolver(rack(f"manifolds: {{diameter: 20 mm, exit: {way}}}"))
        state = solver.solve()
        trays = {t["name"]: t["flow_rate"] for t in figures(solver, state, "")[0]["trays"] if t["flow_rate"]}
        flows = np.array(list(trays.values()))
        spread[way] = float(np.ptp(flows) / flows.mean())
        assert way == "top" or np.all(np.diff(flows) < 0.0)
    assert spread["top"] < 0.5 * spread["bottom"] and spread["bottom"] > 0.05


def test_flow_outside_a_characteristic_is_refused() -> None:
    with pytest.raises(SystemFailure, match=r"u17\.gpu6: plate ocp_oam_1kw: a flow of 0\.2"):
        RackSolver(rack("blocked: {u17.gpu6: 0.8}")).solve()


def test_air_cooled_rack_gives_all_to_the_room() -> None:
    solver = RackSolver(rack(kind="h100_air"))
    state = solver.solve()
    book = totals(solver, state)
    assert book.heat_liquid == 0.0 and book.heat_air == pytest.approx(book.it_power + book.fan_power, rel=1e-12)
    second = [n.endswith(("gpu5", "gpu8")) for n in solver.names[1]]
    first = [n.endswith(("gpu1", "gpu4")) for n in solver.names[1]]
    warmed = state.air_in[second].mean() - state.air_in[first].mean()
    ahead = sum(state.dry.power[n] for n, name in enumerate(solver.names[1]) if name.startswith("u1.") and name[-4:] in (
        "cpu1", "cpu2", "gpu1", "gpu2", "gpu3", "gpu4"))
    assert warmed == pytest.approx(ahead / (state.air.fans.mass[0] * state.air.capacity), rel=1e-9)


# Characteristic

def test_characteristic_agrees_with_full_solutions_between_its_points() -> None:
    """Within 0.5 % of the power (K: of the rise over the supply); first law to rounding; outside it refuses."""
    small = rack("trays: [{u: 5, tray: hgx_h100_8gpu_4u}]\n  cdu: {pumps: {flow_rate: 10 L/min}}\n  door: "
                 "{flow_rate: 10 L/min}\n"
                 "  facility: {flow_rate: 25 L/min}")
    table = characterise(small, supply=[292.0, 302.0], flow=[2.5e-4, 4e-4, 6e-4], air=[292.0, 304.0],
                         utilisation=[0.0, 0.5, 1.0])
    solver = RackSolver(small)
    for at in (Conditions(293.0, 3e-4, 295.0, 0.8), Conditions(301.0, 5e-4, 300.0, 0.3)):
        got, state = table.evaluate(*at), solver.solve(at)
        want = point(solver, state)
        for name in ("it_power", "fan_power", "pump_power", "heat_liquid"):
            assert abs(getattr(got, name) - want[name]) < 0.005 * want["it_power"], name
        assert got.pressure_drop == pytest.approx(want["pressure_drop"], rel=0.005)
        assert got.hottest - at.supply == pytest.approx(state.wet.temperature.max() - at.supply, rel=0.005)
        assert got.it_power + got.fan_power + got.pump_power == pytest.approx(got.heat_liquid + got.heat_air, rel=1e-14)
        flow, hot = table.plates_at(*at)
        np.testing.assert_allclose(flow, state.flow[:8], rtol=0.005)
        np.testing.assert_allclose(hot - at.supply, state.wet.temperature[:8] - at.supply, rtol=0.005)
    assert table.evaluate(np.full((3, 1), 295.0), np.full(4, 3e-4), 295.0, 1.0).work.shape == (3, 4)
    with pytest.raises(SystemFailure, match=r"supply 36\.85 degC is outside its characteristic"):
        table.evaluate(310.0, 3e-4, 295.0, 1.0)


def test_work_between_the_points_is_one_where_none_of_them_is_throttled() -> None:
    """Beside a kink a cubic spline would swing by 0.2 %."""
    axis, one = np.arange(5.0) + 1.0, np.ones(1)
    tables = {name: np.ones((5, 1, 1, 1)) for name in TABLES} | {"work": np.array([1, 1, 1, 1, 0.9]).reshape(5, 1, 1, 1)}
    table = RackCharacteristic("r", "water", axis, one, one, one, tables, {}, {}, [], np.ones((5, 1, 1, 1, 0)),
                               np.ones((5, 1, 1, 1, 0)))
    work = table._spline(table._weights([np.array([1.5, 3.3, 4.5]), *(np.ones(3),) * 3], 1), tables["work"], False)
    assert work == pytest.approx([1.0, 1.0, 0.95], abs=1e-14)


def test_rack_without_fans_gives_its_air_nothing_or_is_refused() -> None:
    """All heat to the coolant: nothing needs air."""
    whole = rack("facility: {flow_rate: 80 L/min}", "gb300_72gpu")
    assert whole.manifolds is not None
    wet = tuple(replace(t, fans=None, air={}, conductance=0.0, chips=tuple(replace(c, air_share=0.0) for c in t.chips))
                for t in whole.trays)
    bare = replace(whole, trays=wet, manifolds=replace(whole.manifolds, conductance=0.0))
    solver = RackSolver(bare)
    state = solver.solve()
    book = totals(solver, state)
    assert book.heat_air == 0.0 and book.heat_liquid == pytest.approx(book.it_power, rel=1e-10) and book.it_power > 1e5
    with pytest.raises(SystemFailure, match="no fan moves air"):
        RackSolver(replace(bare, manifolds=whole.manifolds)).solve()


# Files

def test_run_writes_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from coldrack.solver.cli import main

    case = tmp_path / "case.yaml"
    case.write_text("coldrack: 1\ntitle: two trays\nrack: "
                    "{type: h100_64gpu, trays: [{u: 5, tray: hgx_h100_8gpu_4u, repeat: 2}],\n"
                    "  cdu: {pumps: {flow_rate: 20 L/min}}}\n")
    monkeypatch.chdir(tmp_path)
    assert main(["run", "case.yaml", "--out", "out"]) == 0
    said = capsys.readouterr().out
    assert "Heat ledger by level" in said and "Limits" in said
    made = {p.name for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert {"summary.json", "results.h5", "chips.csv", "trays.csv", "air_case.yaml"} <= made
    assert {"rack.png", "flows.png", "pumps.png", "heat.png"} <= made
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["kind"] == "rack" and len(summary["gpus"]) == 16 and summary["converged"]
    jsonschema.validate(summary, summary_schema())


def test_air_case_has_the_rack_s_heat_and_its_inlets_come_back(tmp_path: Path) -> None:
    """One exchange with the model of the air in three dimensions: inlets of its run on 8640 cells, warm above.

    The heats of the next air case differ by less than 0.2 %: the exchange has settled.
    """
    solution = RackProblem(title="t", case_text="", rack=rack()).solve(lambda line: None)
    (tmp_path / "air_case.yaml").write_text(solution.files["air_case.yaml"])
    air = coldrack.load(tmp_path / "air_case.yaml", {"mesh.refine": "0.1"})
    servers = {d.name: d for d in air.devices if type(d).__name__ == "Unit"}
    trays = {t["name"]: t for t in solution.figures["trays"]}
    assert {n.removeprefix("rack.") for n in servers} == set(trays)
    for name, tray in trays.items():
        assert servers[f"rack.{name}"].power == pytest.approx(tray["heat_air"], rel=1e-6)
    (tmp_path / "air").mkdir()
    inlets = {f"rack.u{u}": {"inlet_mean": t + 273.15} for u, t in AIR_INLETS.items()}
    (tmp_path / "air" / "summary.json").write_text(json.dumps({"servers": inlets}))
    (tmp_path / "case.yaml").write_text("coldrack: 1\nrack: {type: h100_64gpu, air: {from_run: air}}\n")
    again = coldrack.load(tmp_path / "case.yaml").solve(lambda line: None)
    for tray in again.figures["trays"]:
        assert tray["air_in"] == pytest.approx(AIR_INLETS[int(tray["unit"])] + 273.15)
        assert tray["heat_air"] == pytest.approx(trays[tray["name"]]["heat_air"], rel=2e-3)
    top = next(t for t in again.figures["trays"] if t["name"] == "u40")
    assert top["air_out"] == pytest.approx(27.4 + 15.0 + 273.15, abs=0.01)
    assert again.figures["ledger"]["heat_relative"] < LIMIT_OF_LEDGER


def test_cases_of_the_guide_run(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "coolant_racks.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```", page, re.S | re.M)
    assert len(blocks) == 2
    for text in blocks:
        (tmp_path / "case.yaml").write_text(text)
        problem = coldrack.load(tmp_path / "case.yaml")
        solution = problem.solve(lambda line: None)
        assert not solution.reason and problem.about().startswith("rack of")
        assert coolant_rack.report({"title": "", "converged": True, "wall_seconds": 0.0, "notes": [], **solution.figures},
                                   solution.tables)


# Wrong cases: text after `rack: {type: h100_64gpu`, line that is named, and what is said

WRONG = {
    "unknown rack": ("rack: {type: h100_64gp}", 2, ["rack.type", "did you mean 'h100_64gpu'?"]),
    "unknown tray": ("rack:\n  type: h100_64gpu\n  trays:\n    - {u: 5, tray: hgx_h100_8gpu_4}", 5,
                     ["no tray called 'hgx_h100_8gpu_4'", "did you mean 'hgx_h100_8gpu_4u'?"]),
    "same unit": ("rack:\n  type: h100_64gpu\n  trays:\n    - {u: 5, tray: hgx_h100_8gpu_4u}\n    - "
                  "{u: 8, tray: network_tray}", 6,
                  ["u8 in unit 8 stands where u5 is; move one of them"]),
    "in the CDU": ("rack:\n  type: h100_64gpu\n  trays:\n    - {u: 4, tray: hgx_h100_8gpu_4u}", 5, ["stands where cdu is"]),
    "too few units": ("rack:\n  type: h100_64gpu\n  units: 30", 2, ["u29 reaches from unit 29 to 32, but the rack has only "
                                                                    "30"]),
    "two controls": ("rack:\n  type: h100_64gpu\n  cdu: {pumps: {speed: 0.7, flow_rate: 60 L/min}}", 4,
                     ["takes one of flow_rate, pressure, speed", "flow_rate and speed"]),
    "all pumps failed": ("rack:\n  type: h100_64gpu\n  cdu: {pumps: {failed: 2}}", 4, ["all 2 pumps have failed"]),
    "wrong unit": ("rack:\n  type: h100_64gpu\n  facility: {flow_rate: 60 kg/s}", 4, ["rack.facility.flow_rate", "1 L/min"]),
    "unknown key": ("rack:\n  type: h100_64gpu\n  facility: {temprature: 30 degC}", 4, ["did you mean 'temperature'?"]),
    "unknown chip": ("rack:\n  type: h100_64gpu\n  blocked: {u9.gpu9: 0.5}", 4, ["no chip on a plate called 'u9.gpu9'"]),
    "unknown plate": ("trays:\n  hgx_h100_8gpu_4u: {chips: {gpu: {plate: ocp_oam_2kw}}}\nrack: {type: h100_64gpu}", 3,
                      ["no cold plate called 'ocp_oam_2kw'", "did you mean 'ocp_oam_1kw'?"]),
    "chip twice": ("trays:\n  gb300_tray: {circuit: [[gpu1], [gpu1], [gpu3], [gpu4], [cpu1, cpu2]]}\nrack: "
                   "{type: gb300_72gpu}", 3,
                   ["gpu1 stands here twice"]),
    "two fluids": ("rack:\n  type: gb300_72gpu\n  facility: {coolant: water}", 4, ["flows through the plates, whose coolant is "
                                                                                   "PG25"]),
    "no such run": ("rack:\n  type: h100_64gpu\n  air: {from_run: air}", 4, ["holds no finished run of the rack's air"]),
    "missing keys": ("rack: {units: 42, coolant: PG25}", 2, ["the key 'trays' is missing"]),
    "no tray": ("rack:\n  type: h100_64gpu\n  trays: []", 4, ["has nothing to cool"]),
    "ice": ("rack:\n  type: h100_64gpu\n  facility: {temperature: -5 degC}", 4,
            ["outside the range of water's property curves"]),
    "chips without keys": ("trays:\n  hgx_h100_8gpu_4u: {chips: {gpus: {power: 700 W}}}\nrack: {type: h100_64gpu}", 3,
                           ["the key 'interface' is missing", "interface: 0.03 K/W"]),
    "plate that no chip has": ("plates:\n  mine: {coolant: PG25, source: x, flow_rate: [1 L/min, 0.5 L/min], temperature: "
                               "[20 degC], resistance: {gpu: [[0.1, 0.2]]}, pressure_drop: [[1, 2]]}\nrack: "
                               "{type: h100_64gpu}", 3,
                               ["plates.mine.flow_rate"]),
    "colder than the water": ("rack:\n  type: h100_64gpu\n  cdu: {supply_temperature: 20 degC}", 4, ["cannot be colder than"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_case(name: str, tmp_path: Path) -> None:
    text, line, says = WRONG[name]
    path = tmp_path / "case.yaml"
    path.write_text(f"coldrack: 1\n{text}\n")
    with pytest.raises(CaseError) as caught:
        coldrack.load(path)
    message = str(caught.value)
    assert f"{path}:{line}:" in message, message
    assert all(part in message for part in says), message
