"""What a rack should not exceed: chips' limits, velocities, the dew point of the room's air."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.rack.parts import RoomAir
from coldrack.solver.rack.solve import RackSolver
from coldrack.solver.rack.state import RackState

HELD = 1e-6  # K: a chip this close to its limit is held there by its clock


def dew_point(air: RoomAir) -> float | None:
    """Dew point of the room's air, K; None where nothing says how humid it is.

    e = 610.94 Pa exp(17.625 t / (t + 243.04)), t in degC (Magnus' formula with the coefficients of Alduchov & Eskridge, J.
    Appl. Meteorol. 35 (1996) 601-609, 0.4 % from -40 to 50 degC), solved for t.
    """
    if air.dew_point is not None or air.relative_humidity is None:
        return air.dew_point
    t = air.temperature - 273.15
    x = np.log(air.relative_humidity) + 17.625 * t / (t + 243.04)
    return float(243.04 * x / (17.625 - x)) + 273.15


def velocities(solver: RackSolver, state: RackState) -> tuple[dict[str, float], dict[str, float]]:
    """Velocity in every hose, and in every segment of the manifolds, m/s."""
    circuit = solver.circuit
    if circuit is None:
        return {}, {}
    names = list(circuit.network.branches)
    speed = {}
    for branch, diameter in [(b, d) for _, b, d in circuit.hoses] + circuit.pipes:
        rho = float(state.network.density[branch])
        speed[branch] = abs(float(state.network.mass_flow[branch])) / (rho * np.pi / 4 * diameter**2)
    return {names[b]: speed[b] for _, b, _ in circuit.hoses}, {names[b]: speed[b] for b, _ in circuit.pipes}


def coldest(solver: RackSolver, state: RackState) -> tuple[str, float] | None:
    """The coldest wet surface and its temperature, K: not colder than the coldest liquid behind it."""
    out = []
    if state.drive is not None:
        out.append(("coolant supply", state.drive.temperature))
    if state.water is not None and (solver.rack.cdu is not None or solver.rack.door is not None):
        out.append(("facility water", state.water.temperature))
    return min(out, key=lambda p: p[1]) if out else None


def limits(solver: RackSolver, state: RackState) -> list[dict[str, Any]]:
    """Rows: what, where it is nearest to its limit, value, limit, unit, and whether it is kept."""
    rack, rows = solver.rack, []

    def add(what: str, where: str, value: float, limit: float, unit: str, kept: bool) -> None:
        rows.append({"what": what, "where": where, "value": value, "limit": limit, "unit": unit, "kept": bool(kept)})

    temperature = np.concatenate([state.wet.temperature, state.dry.temperature])
    chips = [c for _, c in (*solver.wet, *solver.dry)]
    if chips:
        limit = np.array([c.limit for c in chips])
        n = int(np.argmin(limit - temperature))
        clock = np.concatenate([state.wet.clock, state.dry.clock])
        throttled = int((clock < 1.0).sum())
        where = (solver.names[0] + solver.names[1])[n] + (f" ({throttled} throttled)" if throttled else "")
        add("chip temperature", where, float(temperature[n]), float(limit[n]), "K", not throttled)
    hoses, pipes = velocities(solver, state)
    for what, speeds, most in (("velocity in hoses", hoses, rack.limits.hose_velocity),
                               ("velocity in manifolds", pipes, rack.limits.pipe_velocity)):
        if speeds:
            name = max(speeds, key=lambda k: speeds[k])
            add(what, name, speeds[name], most, "m/s", speeds[name] <= most)
    dew, cold = dew_point(rack.air), coldest(solver, state)
    if dew is not None and cold is not None:
        add("coldest wet surface over dew point", cold[0], cold[1], dew + rack.limits.dew_margin, "K",
            cold[1] >= dew + rack.limits.dew_margin)
    if state.drive is not None and rack.cdu is not None and state.drive.pump is not None:
        p = rack.cdu.pumps
        add("pump speed", f"{p.running} of {p.installed} run", state.drive.pump.speed, p.most_speed, "", not state.drive.short)
    return rows
