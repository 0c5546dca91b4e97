"""What one solution of a plate says: resistances, pressure drop, heat stored, Reynolds numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.problem import Problem
from coldrack.solver.solution import Solution

Array = NDArray[np.float64]
WHOLE = "hottest"  # the hottest place of a case that is heated at its walls only
LAMINAR = 2300.0  # Reynolds number of the hydraulic diameter above which ducts turn turbulent


@dataclass(frozen=True)
class Point:
    """One solved point of a sweep; SI units.

    `resistance` (K/W) by component with a power; `storage` is the rise of the mean temperature weighted by heat capacity, K/W;
    `reynolds` the largest of inlet and passages, on their hydraulic diameters; `to_coolant` the share of the heat that the
    coolant takes.
    """

    flow: float
    temperature: float
    resistance: dict[str, float]
    pressure_drop: float
    heat_capacity: float
    storage: float
    reynolds: float
    power: float
    to_coolant: float
    heat_error: float
    mass_error: float
    iterations: int
    seconds: float
    converged: bool
    reason: str = ""
    notes: list[str] = field(default_factory=list)


def measure(solution: Solution, flow: float, temperature: float, inlet: str) -> Point:
    """The point of a solution with `flow` (m3/s) and `temperature` (K) at the boundary `inlet`."""
    book, p = solution.ledger, solution.problem
    power = heat_input(book)
    rises = {n: c["t_max"] - temperature for n, c in solution.components.items() if c["power"] > 0}
    rises = rises or {WHOLE: float(solution.temperature.max()) - temperature}
    capacity, storage = _stored(p, solution.temperature, temperature)
    per_watt = 1.0 / power if power > 0 else float("nan")
    return Point(
        flow, temperature, {n: rise * per_watt for n, rise in rises.items()}, solution.pressure_drop, capacity,
        storage * per_watt, reynolds(solution, inlet), power, book["coolant"] * per_watt, book["heat_relative"],
        book["mass_relative"], solution.iterations, solution.wall_seconds, solution.converged,
        "" if solution.converged else solution.reason, list(solution.notes))


def heat_input(book: dict[str, Any]) -> float:
    """Power put in by sources and walls, W, without what the coolant brings."""
    return float(book["heat_in"]) - max(-float(book["coolant"]), 0.0)


def capacities(problem: Problem, temperature: float) -> Array:
    """Heat capacity of every cell at a coolant temperature (K), J/K; nan in solids without density or heat capacity."""
    mesh = problem.mesh
    per_volume = np.zeros(len(mesh.materials))
    for index, name in enumerate(mesh.materials):
        if name in problem.solids:
            s = problem.solids[name]
            per_volume[index] = s.density * s.heat_capacity or np.nan
    if problem.coolant is not None:
        t = np.asarray(temperature)
        per_volume[1] = float(problem.coolant.density(t) * problem.coolant.heat_capacity(t))
    return per_volume[mesh.material] * mesh.grid.volumes()


def _stored(problem: Problem, field_: Array, temperature: float) -> tuple[float, float]:
    """Heat capacity of everything, J/K, and the mean rise weighted by it, K."""
    c = capacities(problem, temperature)
    total = float(c.sum())
    return total, float((c * (field_ - temperature)).sum()) / total if total > 0 else float("nan")


def reynolds(solution: Solution, inlet: str) -> float:
    """Largest Reynolds number of the inlet and of the passages (all coolant where none is known), on hydraulic diameters.

    The hydraulic diameter of a passage is 4 volume / wetted area, its speed the mean one of the coolant in it.
    """
    p, mesh = solution.problem, solution.problem.mesh
    if p.coolant is None or not mesh.fluid.any():
        return 0.0
    t = np.asarray(p.property_temperature if p.properties == "constant" else solution.inlet_temperature)
    nu = float(p.coolant.viscosity(t)) / float(p.coolant.density(t))
    speed = np.sqrt(sum(c * c for c in solution.velocity()))
    volumes, wet = mesh.grid.volumes(), _wet_area(p)
    found = [_at_inlet(solution, inlet)]
    for low, high in p.passages.values() or [((-np.inf,) * 3, (np.inf,) * 3)]:
        inside = [(c > a) & (c < b) for c, a, b in zip(mesh.grid.centres, low, high)]
        box = mesh.fluid & inside[2][:, None, None] & inside[1][None, :, None] & inside[0][None, None, :]
        area, volume = float(wet[box].sum()), float(volumes[box].sum())
        if area > 0:
            found.append(4 * volume / area * float((speed * volumes)[box].sum()) / volume)
    return max(found) / nu


def _at_inlet(solution: Solution, inlet: str) -> float:
    """Speed times hydraulic diameter, m2/s: 4 flow / wetted perimeter of the patch's coolant faces."""
    mesh = solution.problem.mesh
    patch = mesh.patches[inlet]
    a = 2 - patch.axis
    open_ = patch.mask & mesh.fluid.take(0 if patch.side == 0 else -1, axis=a)
    first, second = (mesh.grid.widths[n] for n in (2, 1, 0) if n != patch.axis)
    padded = np.pad(open_, 1).astype(int)
    along = np.abs(np.diff(padded, axis=0))[:, 1:-1] * second[None, :]
    across = np.abs(np.diff(padded, axis=1))[1:-1, :] * first[:, None]
    perimeter = float(along.sum() + across.sum())
    return 4 * solution.flow_rate / perimeter if perimeter > 0 else 0.0


def _wet_area(problem: Problem) -> Array:
    """Area of each coolant cell's faces to solids and walls, m2; that of patches with flow or symmetry is not counted."""
    mesh = problem.mesh
    out = np.zeros(mesh.grid.shape)
    open_ = {b.name for b in problem.boundaries if b.kind != "wall"}
    for axis in range(3):
        a = 2 - axis
        fluid = np.moveaxis(mesh.fluid, a, 0)
        area = np.moveaxis(mesh.grid.face_areas(axis), a, 0)  # one plane, the same all along
        wall = np.ones((fluid.shape[0] + 1, *fluid.shape[1:]), bool)
        wall[1:-1] = fluid[1:] != fluid[:-1]
        for patch in mesh.patches.values():
            if patch.name in open_ and patch.axis == axis:
                wall[-1 if patch.side else 0] &= ~patch.mask
        target = np.moveaxis(out, a, 0)
        target += area * fluid * (wall[:-1].astype(int) + wall[1:])
    return out
