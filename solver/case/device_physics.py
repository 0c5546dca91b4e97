"""What devices do to whether a case has a solution: they drive air, join regions, take heat, and must leave mass balanced."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.devices import Fan, HeatExchanger, Plane, Unit
from coldrack.solver.physics.regions import opened, spaces
from coldrack.solver.problem import Problem

Labels = Any


def drive(problem: Problem) -> bool:
    """Whether a device moves air."""
    return any(isinstance(d, Fan | Unit) for d in problem.devices)


def beside(plane: Plane, labels: Labels) -> set[int]:
    """Labels (not 0) of the cells on both sides of a plane."""
    shape = list(labels.shape)
    shape[2 - plane.axis] += 1
    index = list(np.unravel_index(plane.faces, shape))
    a, out = 2 - plane.axis, set()
    for step in (0, 1):
        at = index[a] - 1 + step
        inside = (at >= 0) & (at < labels.shape[a])
        cells = [i[inside] for i in index]
        cells[a] = at[inside]
        out |= {int(n) for n in np.unique(labels[tuple(cells)])}
    return out - {0}


def _units(problem: Problem) -> list[Unit]:
    return [d for d in problem.devices if isinstance(d, Unit)]


def reached(problem: Problem, labels: Labels) -> set[int]:
    """Regions that devices take air from or give it to."""
    return {r for d in problem.devices if isinstance(d, Fan) for r in beside(d.plane, labels)} | {
        r for u in _units(problem) for plane in (u.inlet, u.outlet) for r in beside(plane, labels)}


def leaves(problem: Problem, labels: Labels, region: int) -> bool:
    """Whether a unit takes air out of a region."""
    return any(region in beside(u.inlet, labels) for u in _units(problem))


def joined(problem: Problem, labels: Labels) -> tuple[Labels, int]:
    """Regions with those that units carry heat between made one: labels from 1 on, and how many there are."""
    parent = np.arange(int(labels.max()) + 1)
    for u in _units(problem):
        group = sorted({int(parent[r]) for plane in (u.inlet, u.outlet) for r in beside(plane, labels)})
        for r in group[1:]:
            parent[parent == r] = group[0]
    names, renamed = np.unique(parent, return_inverse=True)  # void stays 0: no unit joins it
    return renamed[labels], names.size - 1


def cooled(problem: Problem, labels: Labels) -> set[int]:
    """Regions whose temperature a cooler's supply or an exchanger's liquid fixes."""
    out: set[int] = set()
    for d in problem.devices:
        if isinstance(d, Unit) and d.supply_temperature is not None:
            out |= beside(d.outlet, labels)
        elif isinstance(d, HeatExchanger):
            out |= {int(n) for n in np.unique(labels[d.cells])} - {0}
    return out


def advice(problem: Problem) -> str:
    """What else fixes the temperature where there are devices."""
    return ", or give a cooler its supply_temperature" if problem.devices else ""


def check_flow(problem: Problem, found: Any) -> None:
    """Without flow servers, coolers and exchangers move no heat."""
    if problem.settings.flow or problem.velocity is not None:
        return
    for d in problem.devices:
        if isinstance(d, Unit | HeatExchanger):
            found.add(("devices", d.name), "works with air that flows, and solver.flow is false; set it to true, or remove it")


def check_closed(problem: Problem, found: Any) -> None:
    """Air that only units connect with the rest: their flows must balance, and no pressure decides how."""
    units = _units(problem)
    if not units:
        return
    labels = spaces(problem)
    at_opening = opened(problem, labels)
    for u in units:
        sides = beside(u.inlet, labels), beside(u.outlet, labels)
        for region in sorted((sides[0] ^ sides[1]) - at_opening):
            found.add(("devices", u.name), f"{'takes air from' if region in sides[0] else 'blows into'} a space of "
                      f"{int(np.count_nonzero(labels == region)):,} cells that is closed but for servers and coolers, so their "
                      "flows cannot balance: leave a gap in the walls or panels around it, or put a screen of high loss there")
            return
