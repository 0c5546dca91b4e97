"""Devices in a run in time: screens take their pressure at any step, rooms with servers and coolers keep their books."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import check

import coldrack
from coldrack.solver.physics.ledger import HEAT_LIMIT

DUCT = """\
coldrack: 1
title: duct with a screen
coolant: {{name: gas, density: 1.2 kg/m^3, viscosity: 1e-6 Pa s, conductivity: 0.03 W/(m K), heat_capacity: 1000 J/(kg K)}}
domain: {{low: [0, 0, 0], high: [1 m, 0.1 m, 0.1 m]}}
background: fluid
devices:
  screen: {{kind: screen, low: [0.5 m, 0, 0], high: [0.5 m, 0.1 m, 0.1 m], loss: {loss}}}
boundaries:
  in: {{kind: inlet, face: x-, pressure: {pressure} Pa}}
  out: {{kind: outlet, face: x+}}
  a: {{kind: symmetry, face: y-}}
  b: {{kind: symmetry, face: y+}}
  c: {{kind: symmetry, face: z-}}
  d: {{kind: symmetry, face: z+}}
mesh: {{cells: [20, 2, 2]}}
solver:
  energy: false
  time: {{end: 6 s, write_every: 6 s, step: 0.05 s}}
"""
ROOM = """\
coldrack: 1
title: a server and a cooler
coolant: {name: air, temperature: 22 degC}
gravity: [0, 0, -9.81 m/s^2]
domain: {low: [0, 0, 0], high: [4 m, 0.5 m, 2 m]}
background: fluid
devices:
  server: {kind: server, low: [1 m, 0, 0.5 m], high: [1.5 m, 0.5 m, 1 m], inlet: x-, outlet: x+, flow_rate: 0.1 m^3/s,
           power: 800 W}
  unit: {kind: cooler, low: [3.25 m, 0, 0.5 m], high: [3.75 m, 0.5 m, 1.25 m], inlet: z+, outlet: x-, flow_rate: 0.12 m^3/s,
         cooling: 500 W}
  coil: {kind: heat_exchanger, low: [2 m, 0, 0], high: [2.25 m, 0.5 m, 0.5 m], axis: x, effectiveness: 0.5,
         flow_rate: 1 L/min, liquid: water, temperature: 5 degC}
mesh: {max_cell: [0.25 m, 0.25 m, 0.25 m], min_cells_gap: 2}
solver:
  time: {end: 12 s, write_every: 4 s, model: wale, initial_temperature: 22 degC}
"""


@pytest.mark.parametrize(("loss", "pressure"), [(5.0, 4.2), (1000.0, 601.2)])
def test_pressure_across_a_screen(loss: float, pressure: float, tmp_path: Path) -> None:
    """From rest to the speed at which momentum and screen take the given pressure, (1 + K/2) rho u^2: 1 m/s, stiff or not."""
    case = tmp_path / "duct.yaml"
    case.write_text(DUCT.format(loss=loss, pressure=pressure))
    solution = coldrack.solve(case)
    assert solution.converged, solution.reason
    check(f"screen of loss {loss:g} in time: speed", abs(float(solution.u[..., 10].mean()) - 1.0), 2e-3, "(1 + K/2) rho u^2")


def test_room_keeps_its_books(tmp_path: Path) -> None:
    """What servers give, coolers and coils take and the air stores, for a whole run and for one in two parts."""
    case = tmp_path / "room.yaml"
    case.write_text(ROOM)
    whole = coldrack.solve(case)
    book = whole.ledger
    assert whole.converged, whole.reason
    assert book["heat_relative"] < HEAT_LIMIT and max(whole.history["heat"]) < HEAT_LIMIT
    assert book["devices"]["server"] == pytest.approx(800.0, rel=5e-3)
    assert book["devices"]["unit"] == pytest.approx(-500.0, rel=5e-3)
    assert book["devices"]["coil"] == pytest.approx(-book["liquid"]["coil"]) and book["devices"]["coil"] < 0
    assert book["stored"] == pytest.approx(sum(book["devices"].values()), abs=1e-3)
    first = coldrack.solve(coldrack.load(case, {"solver.time.end": "4 s"}))
    second = coldrack.solve(case, resume=first.restart())
    wet = whole.problem.mesh.fluid  # eddies go their own ways after a stop, their mean does not
    assert second.temperature[wet].mean() == pytest.approx(whole.temperature[wet].mean(), abs=0.02)
    assert second.ledger["heat_relative"] < HEAT_LIMIT and second.ledger["stored"] == pytest.approx(book["stored"], abs=2.0)
