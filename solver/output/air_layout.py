"""Where things stand in the air, for pictures: boxes and openings of servers and coolers, planes of fans and screens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from coldrack.meshes.grid import Grid
from coldrack.solver.devices import Device, HeatExchanger, Plane, Porous, Unit
from coldrack.solver.problem import Problem

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Opening:
    """A flat box through which air enters or leaves.

    Parameters
    ----------
    axis : int
        Its normal, 0 = x, 1 = y, 2 = z.
    direction : int
        Sign of the air's velocity along the axis.
    low, high : tuple of float
        Corners, m; equal along the axis.
    """

    axis: int
    direction: int
    low: Point
    high: Point


@dataclass(frozen=True)
class Thing:
    """A device: its kind (class name in lower case, or a unit's kind), the box that it fills (m), and a unit's openings."""

    name: str
    kind: str
    low: Point
    high: Point
    inlet: Opening | None = None
    outlet: Opening | None = None

    @property
    def centre(self) -> Point:
        """Middle of the box, m."""
        x, y, z = (0.5 * (a + b) for a, b in zip(self.low, self.high))
        return x, y, z


def layout(problem: Problem) -> list[dict[str, Any]]:
    """The devices of a problem as plain data, for the record of a run."""
    return [_device(problem.mesh.grid, d) for d in problem.devices]


def _device(grid: Grid, device: Device) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": device.name, "kind": type(device).__name__.lower()}
    if isinstance(device, Porous | HeatExchanger):
        corners = [np.flatnonzero(device.cells.any(axis=tuple(a for a in range(3) if a != 2 - d)))[[0, -1]] for d in range(3)]
        return entry | _box([f[[a, b + 1]] for f, (a, b) in zip(grid.faces, corners)])
    if not isinstance(device, Unit):
        return entry | _box(_extent(grid, device.plane))
    sides = {"inlet": (device.inlet, device.inlet_direction), "outlet": (device.outlet, device.outlet_direction)}
    extents = {n: _extent(grid, p) for n, (p, _) in sides.items()}
    both = [np.array([min(a[0], b[0]), max(a[1], b[1])]) for a, b in zip(extents["inlet"], extents["outlet"])]
    openings = {n: {"axis": p.axis, "direction": s, **_box(extents[n])} for n, (p, s) in sides.items()}
    return entry | {"kind": device.kind, **_box(both), **openings}


def _extent(grid: Grid, plane: Plane) -> list[Any]:
    """Low and high coordinate of a plane's faces along x, y, z, m."""
    shape = list(grid.shape)
    shape[2 - plane.axis] += 1
    indices = np.unravel_index(plane.faces, shape)[::-1]
    return [f[[i.min(), i.max() + (d != plane.axis)]] for d, (f, i) in enumerate(zip(grid.faces, indices))]


def _box(extent: list[Any]) -> dict[str, list[float]]:
    return {"low": [float(e[0]) for e in extent], "high": [float(e[1]) for e in extent]}


def things(record: list[dict[str, Any]]) -> list[Thing]:
    """`layout` back as objects."""
    return [Thing(r["name"], r["kind"], *_corners(r), *(_opening(r.get(n)) for n in ("inlet", "outlet"))) for r in record]


def _opening(record: Mapping[str, Any] | None) -> Opening | None:
    return None if record is None else Opening(record["axis"], record["direction"], *_corners(record))


def _corners(record: Mapping[str, Any]) -> tuple[Point, Point]:
    return tuple(record["low"]), tuple(record["high"])  # type: ignore[return-value]
