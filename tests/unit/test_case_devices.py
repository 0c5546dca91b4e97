"""Devices in a case file: what the physics gets, what a run makes of them, and what is refused, with line, key and advice."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import numpy as np
import pytest
from ruamel.yaml import YAML
from support import analytic, run

import coldrack
from coldrack.solver.case import CaseError
from coldrack.solver.case.devices import screen_loss
from coldrack.solver.case.schema import json_schema
from coldrack.solver.devices import Curve, Fan, HeatExchanger, Panel, Porous, Screen, Unit
from coldrack.solver.materials.fans import fan_curve, fan_names
from coldrack.solver.output.report import report
from coldrack.solver.output.summary_schema import summary_schema

ROOM = """\
coldrack: 1
title: a small room
coolant: {name: thick air, density: 1.2, viscosity: 0.02 Pa s, conductivity: 0.026 W/(m K),
          heat_capacity: 1006 J/(kg K)}
background: fluid
domain: {low: [0, 0, 0], high: [3 m, 2 m, 2 m]}
objects:
  table: {shape: box, material: copper, low: [2.8 m, 1.8 m, 0], high: [3 m, 2 m, 0.2 m]}
devices:
  server: {kind: server, low: [1 m, 0.6 m, 0.4 m], high: [1.4 m, 1.4 m, 1 m], inlet: y-, outlet: y+, power: 1 kW,
           flow_rate: 0.2 m^3/s}
  crac: {kind: cooler, low: [2 m, 0.6 m, 0], high: [2.4 m, 1.4 m, 1.6 m], inlet: z+, outlet: x-,
         flow_rate: 0.25 m^3/s, supply_temperature: 18 degC}
  tile: {kind: screen, low: [0, 0, 1.8 m], high: [0.6 m, 2 m, 1.8 m], open_area: 0.25}
  blank: {kind: panel, low: [1.2 m, 0, 0], high: [1.2 m, 0.6 m, 1 m]}
  fan: {kind: fan, low: [0, 1.8 m, 0], high: [0.6 m, 1.8 m, 0.6 m], direction: y+,
        curve: [[0, 20 Pa], [0.1 m^3/s, 15 Pa], [0.3 m^3/s, 0]], parallel: 2, efficiency: 0.5}
  filter: {kind: porous, low: [0, 0, 0.6 m], high: [0.6 m, 2 m, 0.8 m], darcy: 1e4 1/m^2, forchheimer: [0, 0, 5 1/m],
           power: 100 W}
  door: {kind: heat_exchanger, low: [1 m, 1.6 m, 0.4 m], high: [1.4 m, 1.8 m, 1 m], axis: y, temperature: 20 degC,
         conductance: 50 W/K, liquid: water, flow_rate: 6 L/min}
mesh: {cells: [15, 10, 10]}
solver: {convection: upwind, residual: 1e-4, tolerance: 1e-3}
"""


def load(folder: Path, text: str) -> coldrack.solver.problem.Problem:
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return coldrack.load(str(path))


def test_devices_reach_the_physics(tmp_path: Path) -> None:
    jsonschema.validate(YAML(typ="safe").load(ROOM), json_schema())
    p = load(tmp_path, ROOM)
    server, crac, tile, blank, fan, filter_, door = p.devices
    assert isinstance(server, Unit) and isinstance(crac, Unit) and isinstance(tile, Screen) and isinstance(blank, Panel)
    assert isinstance(fan, Fan) and isinstance(filter_, Porous) and isinstance(door, HeatExchanger)
    assert p.reference_temperature == pytest.approx(291.15), "the cooler's supply, where there is no inlet"
    assert (server.inlet.axis, server.inlet_direction, server.outlet_direction) == (1, 1, 1)
    assert server.inlet.faces.size == 2 * 3 and (server.low, server.high) == ((1.0, 0.6, 0.4), (1.4, 1.4, 1.0))
    assert (crac.inlet.axis, crac.inlet_direction) == (2, -1) and (crac.outlet.axis, crac.outlet_direction) == (0, -1)
    assert crac.inlet.faces.size == 1 * 4, "not above the cells that hold what leaves"
    assert crac.supply_temperature == pytest.approx(291.15)
    assert tile.loss == pytest.approx(42.75777, rel=1e-6) and tile.plane.faces.size == 3 * 10
    assert fan.curve == Curve((0.0, 0.1, 0.3), (20.0, 15.0, 0.0)) and fan.direction == 1
    assert filter_.darcy == (1e4,) * 3 and filter_.forchheimer == (0.0, 0.0, 5.0)
    assert door.capacity_rate == pytest.approx(6.0 / 60e3 * 998.2 * 4184.0, rel=2e-3) and door.axis == 1
    box = p.mesh.material[2:5, 3:7, 5:7]
    assert not box.any(), "a server is void"


def test_room_from_a_file_balances_and_is_reported(tmp_path: Path) -> None:
    s = run(load(tmp_path, ROOM))
    summary = s.summary()
    jsonschema.validate(summary, summary_schema())
    server, crac, door = summary["servers"]["server"], summary["coolers"]["crac"], summary["exchangers"]["door"]
    assert server["heat"] == pytest.approx(1000.0, rel=1e-6)
    assert crac["heat"] + door["heat"] * -1.0 == pytest.approx(-1100.0, rel=1e-6)
    assert crac["inlet_mean"] - 291.15 == pytest.approx(-crac["heat"] / (0.25 * 1.2 * 1006.0), rel=1e-6)
    fan = summary["fans"]["fan"]
    assert fan["flow_rate"] > 0 and fan["power"] == pytest.approx(2.0 * fan["flow_rate"] * fan["pressure"])
    assert summary["ledger"]["heat_relative"] < 1e-6 and summary["ledger"]["liquid"]["door"] == door["heat"]
    text = report(summary)
    for word in ("Server", "Cooler", "Heat exchanger", "Fan", "Screen", "Porous block", "device server", "into liquid, door"):
        assert word in text
    p = s.problem
    closed = p.devices[3].plane.faces
    assert np.all(s.u.reshape(-1)[closed] == 0.0)


@pytest.mark.parametrize("open_area", [0.2, 0.25, 0.4, 0.65])
def test_loss_of_a_perforated_plate(open_area: float) -> None:
    """Fried & Idelchik, tests/reference/fan_and_screen.csv: 42.8 at 25 % open area."""
    assert screen_loss(open_area) == pytest.approx(float(analytic.screen_loss(open_area)), rel=1e-12)


def test_fan_curves_of_the_library() -> None:
    assert fan_curve("FDS_fan_test").pressure[0] == 10.0
    for name in fan_names():
        assert fan_curve(name).flow[0] == 0.0


FLOW = "power: 1 kW,\n           flow_rate: 0.2 m^3/s"
# What is replaced in the room, by what, where the message points to (» before it), and what it says.
WRONG = [
    ("panel, low: [1.2 m, 0, 0], high: [1.2 m,", "panel, low: [1.2 m, 0, 0], »high: [1.4 m,", ["blank.high", "flat", "volume"]),
    ("high: [1.2 m, 0.6 m, 1 m]", "»high: [1.2 m, 0, 1 m]", ["blank.high", "is a line"]),
    ("direction: y+", "»direction: x+", ["fan.direction", "normal to y", "y+ or y-"]),
    ("curve: [[0, 20 Pa], [0.1 m^3/s, 15 Pa], [0.3 m^3/s, 0]]", "»curve: [[0, 10 Pa], [0.1 m^3/s, 15 Pa], [0.3 m^3/s, 0]]",
     ["fan.curve", "falls with the flow", "15 Pa after 10 Pa"]),
    ("curve: [[0, 20 Pa], [0.1 m^3/s, 15 Pa], [0.3 m^3/s, 0]]", "»curve: fds_fantest", ["fan.curve", "'fds_fan_test'"]),
    ("  fan: {kind: fan, low: [0, 1.8 m, 0]", "  fan: {kind: fan, low: [3.2 m, 1.8 m, 0]", ["fan.high", "every upper corner"]),
    ("high: [0.6 m, 1.8 m, 0.6 m], direction", "high: [3.6 m, 1.8 m, 0.6 m], direction", ["fan", "domain only from 0 to 3 m"]),
    ("outlet: y+, power", "»outlet: y-, power", ["server.outlet", "both y-"]),
    (FLOW, FLOW + ", »temperature_rise: 12 K",
     ["server.temperature_rise", "takes one of flow_rate, temperature_rise, curve", "keep one"]),
    (FLOW, "power: 1 kW", ["server", "temperature_rise: 12 K"]),
    (FLOW, "power: 1 kW, »temperature_rise: 12 degC", ["write 12 K"]),
    ("flow_rate: 0.25 m^3/s, supply_temperature: 18 degC", "flow_rate: 0.25 m^3/s",
     ["crac", "supply_temperature, cooling", "supply_temperature: 18 degC"]),
    (FLOW, FLOW + ", »speed: 0.5", ["server.speed", "add `curve`"]),
    ("low: [2.8 m, 1.8 m, 0], high: [3 m, 2 m, 0.2 m]", "low: [1.2 m, 0.6 m, 0.8 m], high: [1.8 m, 2 m, 1 m]",
     ["server", "covered by table", "move one"]),
    ("low: [2 m, 0.6 m, 0], high: [2.4 m, 1.4 m, 1.6 m]", "low: [1.2 m, 0.6 m, 0], high: [2.4 m, 1.4 m, 1.6 m]",
     ["crac", "overlaps 'server'"]),
    ("low: [1 m, 0.6 m, 0.4 m], high: [1.4 m, 1.4 m, 1 m], inlet", "low: [1 m, 0, 0.4 m], high: [1.4 m, 1.4 m, 1 m], inlet",
     ["server", "inlet y- lies on the domain's surface"]),
    ("high: [1.4 m, 1.4 m, 1 m], inlet", "high: [1.4 m, 0.8 m, 1 m], inlet", ["server", "one cell deep along y"]),
    ("low: [2.8 m, 1.8 m, 0], high: [3 m, 2 m, 0.2 m]", "low: [1 m, 0.4 m, 0.4 m], high: [1.4 m, 0.6 m, 1 m]",
     ["server", "inlet y- meets no air"]),
    ("conductance: 50 W/K, ", "", ["door", "effectiveness, conductance", "effectiveness: 0.7"]),
    ("liquid: water, flow_rate", "»flow_rate", ["door.flow_rate", "liquid: water"]),
    ("liquid: water", "»liquid: watter", ["door.liquid", "'water'"]),
    ("open_area: 0.25", "open_area: 0.25, loss: 3", ["tile", "keep one"]),
    (", open_area: 0.25", "", ["tile", "needs a resistance"]),
    ("low: [0, 0, 0.6 m], high: [0.6 m, 2 m, 0.8 m]", "low: [1 m, 0.6 m, 0.4 m], high: [1.4 m, 1.4 m, 1 m]",
     ["filter", "no air or coolant in it"]),
    ("kind: screen", "»kind: sreen", ["tile.kind", "unknown kind 'sreen'", "'screen'"]),
    ("  tile:", "  »server 2:", ["letters, digits, _ and -"]),
    ("supply_temperature: 18 degC}", "cooling: 1 kW}", ["the temperature is undetermined", "supply_temperature"]),
    ("solver: {", "solver: {flow: false, ", ["works with air that flows", "solver.flow is false"]),
    ("  blank: {kind: panel, low: [1.2 m, 0, 0], high: [1.2 m, 0.6 m, 1 m]}",
     "  again: {kind: panel, low: [0, 1.8 m, 0], high: [0.6 m, 1.8 m, 2 m]}", ["shares faces with 'again'"]),
    ("  blank: {kind: panel, low: [1.2 m, 0, 0], high: [1.2 m, 0.6 m, 1 m]}",
     "  wall: {kind: panel, low: [2.2 m, 0, 0], high: [2.2 m, 2 m, 2 m]}",
     ["closed but for servers and coolers", "leave a gap"]),
]


@pytest.mark.parametrize(("old", "new", "says"), WRONG, ids=[" ".join(w[2]) for w in WRONG])
def test_wrong_devices_are_refused_with_advice(tmp_path: Path, old: str, new: str, says: list[str]) -> None:
    assert ROOM.count(old) == 1, f"{old!r} is not there once"
    text = ROOM.replace(old, new)
    if "cooling: 1 kW" in new:  # nor may the exchanger's liquid decide
        text = text[: text.index("  door:")] + text[text.index("mesh:") :]
    line, column = 0, 0
    if "»" in text:
        before = text[: text.index("»")]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    with pytest.raises(CaseError) as found:
        load(tmp_path, text.replace("»", ""))
    message = str(found.value)
    for words in says:
        assert words in message, message
    assert len(found.value.issues) == 1 or "solver.flow" in message, message
    assert not line or (found.value.issues[0].line, found.value.issues[0].column) == (line, column), message


def test_two_closed_spaces_each_keep_their_own_books(tmp_path: Path) -> None:
    """A wall of panels parts the room: the exchanger takes what its side releases, the cooler nothing."""
    wall = "  wall: {kind: panel, low: [1.8 m, 0, 0], high: [1.8 m, 2 m, 2 m]}"
    s = run(load(tmp_path, ROOM.replace("  blank: {kind: panel, low: [1.2 m, 0, 0], high: [1.2 m, 0.6 m, 1 m]}", wall)))
    assert s.devices["exchangers"]["door"]["heat"] == pytest.approx(1100.0, rel=1e-6)
    assert abs(s.devices["coolers"]["crac"]["heat"]) < 1e-3
    assert np.abs(s.temperature[:, :, 9:][s.problem.mesh.fluid[:, :, 9:]] - 291.15).max() < 1e-6
