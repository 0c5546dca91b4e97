"""What devices do to whether a case has a solution: they drive air, join regions, take heat, and must leave mass balanced."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

from coldrack.solver.devices import Fan, HeatExchanger, Panel, Plane, Unit
from coldrack.solver.physics.flow_boundary import is_open
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


def check_closed(problem: Problem, found: Any) -> None:
    """Air that only units connect with the rest: their flows must balance, and no pressure decides how."""
    units = _units(problem)
    if not units:
        return
    labels = ndimage.label(_uncut(problem))[0][1::2, 1::2, 1::2]
    at_opening: set[int] = set()
    for bc in problem.boundaries:
        patch = problem.mesh.patches[bc.name]
        if is_open(bc):
            at_opening |= {int(n) for n in np.unique(np.moveaxis(labels, 2 - patch.axis, 0)[-patch.side][patch.mask])}
    for u in units:
        sides = beside(u.inlet, labels), beside(u.outlet, labels)
        for region in sorted((sides[0] ^ sides[1]) - at_opening):
            found.add(("devices", u.name), f"{'takes air from' if region in sides[0] else 'blows into'} a space of "
                      f"{int(np.count_nonzero(labels == region)):,} cells that is closed but for servers and coolers, so their "
                      "flows cannot balance: leave a gap in the walls or panels around it, or put a screen of high loss there")
            return


def _uncut(problem: Problem) -> Any:
    """Coolant cells and the faces between them that no panel closes, True, on a grid twice as fine."""
    fluid = problem.mesh.fluid
    out = np.zeros([2 * n + 1 for n in fluid.shape], bool)
    out[1::2, 1::2, 1::2] = fluid
    for axis in range(3):
        a = 2 - axis
        layers = np.moveaxis(fluid, a, 0)
        both = np.zeros((layers.shape[0] + 1, *layers.shape[1:]), bool)
        both[1:-1] = layers[1:] & layers[:-1]
        both = np.ascontiguousarray(np.moveaxis(both, 0, a))
        for d in problem.devices:
            if isinstance(d, Panel) and d.plane.axis == axis:
                both.reshape(-1)[d.plane.faces] = False
        index: list[Any] = [slice(1, None, 2)] * 3
        index[a] = slice(0, None, 2)
        out[tuple(index)] = both
    return out
