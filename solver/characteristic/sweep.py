"""A sweep of a meshed case over flow and inlet temperature: which problems, in which order, started from what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.characteristic.measure import Point, measure
from coldrack.solver.problem import Boundary, Problem
from coldrack.solver.restart import Restart, fingerprint
from coldrack.solver.solution import Solution

Array = NDArray[np.float64]
Done = dict[tuple[float, float], Point]
CLOSE = 1e-9  # relative: two values of a grid that are one
PRESSURE_EXPONENT = 1.5  # by which a neighbour's pressure is scaled to another flow: between laminar and inertial


class SweepError(ValueError):
    """A case that cannot be swept; says why and what to do."""


def inlet_of(problem: Problem, name: str = "") -> str:
    """The boundary whose flow and temperature are swept; `SweepError` where that is not plain."""
    inlets = [b.name for b in problem.boundaries if b.kind == "inlet"]
    if problem.coolant is None or not inlets:
        raise SweepError("the case has no inlet: a characteristic needs coolant that flows through")
    if not name and len(inlets) > 1:
        raise SweepError(f"the case has {len(inlets)} inlets: name the one to sweep with --boundary: {', '.join(inlets)}")
    if name and name not in inlets:
        raise SweepError(f"--boundary {name}: no inlet of that name; the case has {', '.join(inlets)}")
    chosen = next(b for b in problem.boundaries if b.name == (name or inlets[0]))
    if not isinstance(chosen.temperature, int | float):
        raise SweepError(f"the inlet {chosen.name} has no single temperature: give it one, such as `temperature: 35 degC`")
    return chosen.name


def check_heat(problem: Problem) -> None:
    """`SweepError` unless flow and energy are solved and something heats the plate."""
    if not (problem.settings.flow and problem.settings.energy):
        raise SweepError("the case switches flow or energy off under `solver`: a characteristic needs both")
    walls = any(b.kind == "wall" and (b.heat_flux or b.temperature or b.heat_transfer_coefficient) for b in problem.boundaries)
    if not walls and problem.volumetric_heat is None and not any(s.power > 0 for s in problem.sources):
        raise SweepError("nothing heats the plate: a resistance needs a power, such as `sources: {gpu: {component: gpu, "
                         "power: 700 W}}`")


@dataclass(frozen=True)
class Sweep:
    """A grid of flows and inlet temperatures on a meshed problem.

    Constant properties are those at the case's property temperature, moved with the inlet: where a case takes them at a mean
    temperature above the inlet, they stay as far above it.

    Parameters
    ----------
    problem : Problem
    inlet : str
    flows, temperatures : ndarray
        m3/s and K, both rising.
    """

    problem: Problem
    inlet: str
    flows: Array
    temperatures: Array

    def order(self) -> list[tuple[float, float]]:
        """(flow, temperature) of every point: along the flows and back, so that each one is beside the one before."""
        out = []
        for n, t in enumerate(self.temperatures):
            out += [(float(q), float(t)) for q in (self.flows if n % 2 == 0 else self.flows[::-1])]
        return out

    def at(self, flow: float, temperature: float) -> Problem:
        """The problem of one point: steady, without unit responses."""
        p = self.problem
        old = next(b for b in p.boundaries if b.name == self.inlet)
        assert isinstance(old.temperature, int | float)
        new = replace(old, flow_rate=flow, velocity=None, profile=None, pressure=None, temperature=temperature)
        boundaries: list[Boundary] = [new if b.name == self.inlet else b for b in p.boundaries]
        reference = temperature if p.reference_temperature == old.temperature else p.reference_temperature
        return replace(p, boundaries=boundaries, property_temperature=p.property_temperature + temperature - old.temperature,
                       reference_temperature=reference, settings=replace(p.settings, unit_responses=False, time=None))


def neighbour(previous: Solution, problem: Problem, ratio: float) -> Restart | None:
    """Start of a point from the one before: its flow times `ratio`. None with turbulence, whose fields do not scale so."""
    if problem.turbulence is not None or not previous.converged:
        return None
    old = previous.restart()
    u, v, w = (ratio * c for c in old.velocity)
    return replace(old, velocity=(u, v, w), pressure=ratio**PRESSURE_EXPONENT * old.pressure, passes=0, history={},
                   fingerprint=fingerprint(problem))


def find(done: Done, flow: float, temperature: float) -> Point | None:
    """A point that was solved before."""
    for (q, t), point in done.items():
        if abs(q - flow) <= CLOSE * flow and abs(t - temperature) <= CLOSE * temperature:
            return point
    return None


def run_sweep(
    sweep: Sweep, solve: Callable[[Problem, Restart | None], Solution], done: Done, keep: Callable[[Point], None],
    warm: bool = True, stop: Callable[[], bool] = lambda: False,
) -> list[Point]:
    """Solve what is not in `done` (points that did not converge are solved again); `keep` gets every point at once.

    Returns
    -------
    list of Point
        In the order of `Sweep.order`; shorter where `stop` said so.
    """
    out: list[Point] = []
    previous: tuple[Solution, float] | None = None
    for flow, temperature in sweep.order():
        known = find(done, flow, temperature)
        if known is not None and known.converged:
            out.append(replace(known, flow=flow, temperature=temperature))
            continue
        problem = sweep.at(flow, temperature)
        start = neighbour(previous[0], problem, flow / previous[1]) if warm and previous is not None else None
        solution = solve(problem, start)
        if stop():
            break
        out.append(measure(solution, flow, temperature, sweep.inlet))
        keep(out[-1])
        previous = solution, flow
    return out


def tables(points: Iterable[Point]) -> dict[str, Any]:
    """Points on a full grid as arrays of shape (temperatures, flows); `SweepError` where some are missing."""
    points = list(points)
    flows = np.unique([p.flow for p in points])
    temperatures = np.unique([p.temperature for p in points])
    place = {(p.flow, p.temperature): p for p in points}
    if len(place) != flows.size * temperatures.size:
        raise SweepError(f"{flows.size * temperatures.size - len(place)} points of the grid are missing")
    rows = [[place[float(q), float(t)] for q in flows] for t in temperatures]

    out: dict[str, Any] = {"flow": flows, "temperature": temperatures, "resistance": {
        name: np.array([[p.resistance[name] for p in row] for row in rows]) for name in points[0].resistance}}
    for name in ("pressure_drop", "heat_capacity", "storage", "reynolds", "power", "to_coolant"):
        out[name] = np.array([[getattr(p, name) for p in row] for row in rows])
    return out
