"""Flow to every rack of a hall: its facility pipes as one coolant network, each rack reduced to its pressure drop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.hall.model import Group, Hall, Liquid
from coldrack.solver.hall.year import Law, facility_flow
from coldrack.solver.network.elements import Pipe, PowerLaw
from coldrack.solver.network.network import Network
from coldrack.solver.network.solve import solve
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
STEP = 0.1  # of the flow, over which a rack's exponent is taken
PART = 0.6  # of the flow, at which the loop's exponent is taken
LOOP, PLANT_OUT, PLANT_IN = "facility", "plant out", "plant in"


@dataclass(frozen=True)
class Places:
    """Where racks stand, shape (racks,): index of the group, block of mains, row in it, position in the row, x and y in m."""

    group: Whole
    block: Whole
    row: Whole
    position: Whole
    x: Array
    y: Array


@dataclass(frozen=True)
class Flows:
    """Solution: coolant of every rack (m3/s), of its branch the pressure drop (Pa), the loop's (Pa), velocities (m/s)."""

    flow: Array
    drop: Array
    pressure: float
    law: Law
    main_velocity: float
    row_velocity: float
    branches: int
    iterations: int
    mass_residual: float


def places(hall: Hall) -> Places:
    """Racks in rows, rows along mains, groups spread evenly over the rows' positions in the order of the case."""
    pipes = hall.liquid.pipes if hall.liquid else None
    per_row = pipes.racks_per_row if pipes else 16
    blocks, pitch, aisle = (pipes.blocks, pipes.rack_pitch, pipes.row_pitch) if pipes else (1, 0.6, 3.0)
    counts = np.array([g.count for g in hall.groups])
    group = np.repeat(np.arange(len(counts)), counts)
    if len(counts) > 1:  # every stretch of racks gets its part of each type
        rank = np.concatenate([(np.arange(c) + 0.5) / c for c in counts])
        group = group[np.argsort(rank, kind="stable")]
    n = np.arange(len(group))
    row_of_all, position = n // per_row, n % per_row
    block, row = row_of_all % blocks, row_of_all // blocks
    wide, deep = per_row * pitch + 2 * aisle, (row.max() + 3) * aisle
    across = int(np.ceil(np.sqrt(1.5 * blocks * deep / wide)))  # blocks stand so that a picture of them is wider than high
    x, y = block % across * wide + position * pitch, block // across * deep + row * aisle
    return Places(group, block, row, position, np.asarray(x, float), np.asarray(y, float))


def branch_law(g: Group, loop: Liquid, air: float) -> PowerLaw:
    """Pressure drop of a rack (or its part of a CDU) as a power law through two flows about the design's."""
    density, viscosity = (float(f(np.array(loop.supply))) for f in (loop.coolant.density, loop.coolant.viscosity))
    if loop.cdus:
        return PowerLaw(loop.cdus.primary_flow, loop.cdus.primary_pressure, 2.0, density, viscosity)
    around = g.flow * np.array([1.0 - STEP, 1.0, 1.0 + STEP])
    full = np.full(3, 1.0)
    drop = g.rack.evaluate(np.full(3, loop.supply), around, air * full, full).pressure_drop
    exponent = float(np.log(drop[2] / drop[0]) / np.log(around[2] / around[0]))
    return PowerLaw(g.flow, float(drop[1]), exponent, density, viscosity)


def solve_flows(hall: Hall) -> Flows | None:
    """Flow of every rack at the design's total; None for a hall without a coolant."""
    loop = hall.liquid
    if loop is None:
        return None
    where, total = places(hall), facility_flow(hall)
    net, racks = _network(hall, loop, where, total)
    state = solve(net)
    density = float(loop.coolant.density(np.array(loop.supply)))
    pressure = float(state.pressure[net.nodes[PLANT_OUT]]) + loop.plant_pressure
    part, _ = _network(hall, loop, where, PART * total)
    less = float(solve(part).pressure[part.nodes[PLANT_OUT]]) + loop.plant_pressure * PART**2
    law = Law(pressure, float(np.log(pressure / less) / np.log(1.0 / PART)), loop.held_pressure)
    loop.pumps.check(total, pressure, "hall.liquid.pumps")
    if loop.held_pressure > pressure:
        raise SystemFailure(f"hall.liquid.pumps.held_pressure: {loop.held_pressure / 1e3:.4g} kPa is more than the "
                            f"{pressure / 1e3:.4g} kPa that the loop takes at its design flow; lower it")
    flow = np.zeros(len(where.group))
    wet = np.array([g.flow > 0.0 for g in hall.groups])[where.group]
    flow[wet] = state.mass_flow[racks] / density
    drop = np.zeros_like(flow)
    drop[wet] = state.drop[racks]
    areas = {"main": loop.pipes.main_diameter, "row": loop.pipes.row_diameter}
    fastest = {kind: max(abs(state.mass_flow[k]) for name, k in net.branches.items() if name.startswith(f"{kind} ")) / density
               / (np.pi / 4 * d**2) for kind, d in areas.items()}
    return Flows(flow, drop, pressure, law, float(fastest["main"]), float(fastest["row"]), len(net.branches), state.iterations,
                 float(state.mass_residual))


def _network(hall: Hall, loop: Liquid, where: Places, total: float) -> tuple[Network, list[int]]:
    """Mains of every block with rows along them; the plant is one pair of nodes. Also the indices of the racks' branches."""
    density = float(loop.coolant.density(np.array(loop.supply)))
    net = Network(dissipation=False)  # friction's heat is the pumps' power, which is in the heat of the loop
    net.loop(LOOP, loop.coolant)
    net.node(PLANT_OUT, LOOP, temperature=loop.supply, inflow=total * density)
    net.node(PLANT_IN, LOOP, pressure=0.0)
    laws = [branch_law(g, loop, hall.air.supply) if g.flow else None for g in hall.groups]
    wet = [k for k in range(len(where.group)) if laws[where.group[k]] is not None]
    blocks: dict[int, dict[int, list[int]]] = {}
    for k in wet:
        blocks.setdefault(int(where.block[k]), {}).setdefault(int(where.row[k]), []).append(k)
    for block, rows in blocks.items():
        for kind in ("supply", "return"):
            heads = [f"{kind} {block}.{row}" for row in rows]
            _chain(net, loop, kind, "main", PLANT_OUT if kind == "supply" else PLANT_IN, heads)
            for head, members in zip(heads, rows.values(), strict=True):
                _chain(net, loop, kind, "row", head, [f"{kind} {k}" for k in members])
    return net, [net.branch(f"rack {k}", f"supply {k}", f"return {k}", laws[where.group[k]])
                 for k in wet]  # type: ignore[arg-type]


def _chain(net: Network, loop: Liquid, kind: str, what: str, start: str, names: list[str]) -> None:
    """Nodes along a main or a row, with the pipes from `start` on; returns run towards it, reverse ones from its far end."""
    pipes = loop.pipes
    pitch, diameter = (pipes.row_pitch, pipes.main_diameter) if what == "main" else (pipes.rack_pitch, pipes.row_diameter)
    first = pipes.feeder_length if what == "main" else pitch
    for name in names:
        net.node(name, LOOP)
    if kind == "return" and pipes.reverse_return:
        names, first = names[::-1], first + (len(names) - 1) * pitch
    for n, (near, far) in enumerate(zip([start, *names], names)):
        ends = (near, far) if kind == "supply" else (far, near)
        net.branch(f"{what} {kind} {far}", *ends, Pipe(pitch if n else first, diameter, pipes.roughness))
