"""A case of the rack's air in three dimensions, with the heats and flows of a rack's solution: `air_case.yaml`.

Run by `coldrack run`, it gives the temperature of the air that each tray takes in; `air: {from_run: ...}` of the rack's case
reads it back. A few exchanges settle both, as the air's heat hardly depends on its temperature.
"""

from __future__ import annotations

import numpy as np

from coldrack.solver.rack.parts import Door, Tray
from coldrack.solver.rack.solve import RackSolver
from coldrack.solver.rack.state import RackState

ROOM = (1.2, 4.2, 2.7)  # m: aisles of 1.2 m before and 1.8 m behind a rack of 0.6 m, as in cases/liquid_rack_64gpu.yaml
MORE = 1.05  # what the cold aisle gives over what the rack takes


def air_case(solver: RackSolver, state: RackState, title: str) -> str:
    """Text of the case."""
    rack, air = solver.rack, state.air
    flow = MORE * float(air.fans.flow.sum())
    inlet = state.conditions.air - 273.15
    height = (rack.units + 3) * 0.04445
    lines = [
        f"# Air of: {title}",
        "# Heats and flows are those of the rack's solution; inlet temperatures come back by `air: {from_run: ...}`.",
        "coldrack: 1", f"title: {_text(f'Air of {title}')}", "",
        f"coolant: {{name: air, temperature: {inlet:.6g} degC}}", "gravity: [0, 0, -9.81 m/s^2]",
        "turbulence: {model: k_epsilon, intensity: 0.05, length: 0.1 m}", "",
        f"domain: {{low: [0, 0, 0], high: [{ROOM[0]}, {ROOM[1]}, {max(ROOM[2], height + 0.5):.4g}]}}", "background: fluid", "",
        "servers:"]
    lines += [f"  {t.name}: {{units: {t.units}, depth: {t.depth:.6g}, power: {heat + wet:.9g}, "
              f"liquid_share: {wet / (heat + wet):.9g}, flow_rate: {v:.9g}}}" for t, heat, wet, v in _boxes(solver, state)]
    lines += ["", "parts:", "  rack:", "    kind: rack", "    origin: [0.3 m, 1.2 m, 0]", f"    units: {rack.units}",
              "    front_door: 0.64", "    blanking: solid", *_rear(rack.door, state), "    servers:"]
    lines += [f"      - {{u: {t.unit}, server: {t.name}, name: {t.name}}}" for t, *_ in _boxes(solver, state)]
    lines += ["", "boundaries:",
              f"  cold_aisle: {{kind: inlet, face: y-, flow_rate: {flow:.9g}, temperature: {inlet:.6g} degC}}",
              f"  hot_aisle: {{kind: outlet, face: y+, temperature: {inlet:.6g} degC}}", "",
              "mesh: {max_cell: 26 mm, min_cells_gap: 2}", "solver: {residual: 1e-3, tolerance: 2e-3}"]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _rear(door: Door | None, state: RackState) -> list[str]:
    """The rear door, or the exchanger in its place."""
    if door is None or state.water is None:
        return ["    rear_door: 0.64"]
    how = (f"conductance: {door.conductance:.9g}" if door.effectiveness is None else
           f"effectiveness: {door.effectiveness:.9g}")
    w = state.water
    return [f"    rear_exchanger: {{depth: 150 mm, loss: {door.loss:g}, {how}, temperature: {w.temperature - 273.15:.9g} degC, "
            f"liquid: {w.caloric.coolant.name}, flow_rate: {w.door:.9g}}}"]


def _boxes(solver: RackSolver, state: RackState) -> list[tuple[Tray, float, float, float]]:
    """Trays that move air: tray, heat to the air, heat to the liquid (W), flow (m3/s)."""
    aside = np.array([c.air_share for _, c in solver.wet])
    liquid = np.bincount(solver.wet_tray, state.wet.power * (1.0 - aside), len(solver.rack.trays)) - state.air.losses
    return [(t, float(state.air.heat[n]), max(float(liquid[n]), 0.0), float(state.air.fans.flow[n]))
            for n, t in enumerate(solver.rack.trays) if state.air.fans.flow[n] > 0.0]
