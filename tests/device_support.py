"""Ducts and rooms with devices for the proof tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from support import box_mesh, settings, symmetric

from coldrack.meshes.mesh import Mesh
from coldrack.solver.case.device_geometry import sides, span
from coldrack.solver.devices import Curve, Device, Plane, Unit
from coldrack.solver.problem import Boundary, ConstantCoolant, Problem

RHO, MU, K, CP = 1.2, 1.8e-5, 0.026, 1006.0
AIR = ConstantCoolant(RHO, MU, K, CP, beta=1.0 / 300.0)
REFERENCE = 300.0
SIDE = 0.2  # m, of the duct's square cross-section
AREA = SIDE * SIDE


def plane(mesh: Mesh, axis: int, index: int, mask: Any = True) -> Plane:
    """Faces of grid plane number `index` normal to `axis` (where `mask`, which broadcasts to the face array, says so)."""
    shape = list(mesh.grid.shape)
    shape[2 - axis] += 1
    faces = np.zeros(shape, bool)
    cut: list[Any] = [slice(None)] * 3
    cut[2 - axis] = index
    faces[tuple(cut)] = True
    return Plane(axis, np.flatnonzero(faces & mask))


def parabola(pressure: float, flow: float, points: int = 161) -> Curve:
    """dp = pressure (1 - (q / flow)^2)."""
    q = np.linspace(0.0, flow, points)
    return Curve(tuple(q.tolist()), tuple((pressure * (1.0 - (q / flow) ** 2)).tolist()))


def unit(mesh: Mesh, name: str, low: Any, high: Any, inlet: str, outlet: str, kind: str = "server", **more: Any) -> Unit:
    """A server or cooler that fills a box; makes the box void."""
    mesh.material[span(mesh, low, high)] = 0
    enter, leave = sides(mesh, low, high, inlet, outlet)
    return Unit(name, kind, enter, leave, 1 if inlet[1] == "-" else -1, 1 if outlet[1] == "+" else -1, low=low, high=high,
                **more)


def duct(devices: Callable[[Mesh], Sequence[Device]], boundaries: Sequence[Boundary], cells: tuple[int, int, int] = (20, 4, 4),
         patches: Callable[[Mesh], None] | None = None, **more: Any) -> Problem:
    """A frictionless duct of length 1 m along x."""
    nx, ny, nz = cells
    mesh = box_mesh(np.linspace(0, 1, nx + 1), np.linspace(0, SIDE, ny + 1), np.linspace(0, SIDE, nz + 1),
                    sides=["x0", "x1", "y0", "y1", "z0", "z1"])
    mesh.material = mesh.material.copy()
    if patches is not None:
        patches(mesh)
    walls = [n for n in ("y0", "y1", "z0", "z1") if n not in {b.name for b in boundaries}]
    options = {"residual": 1e-10, "tolerance": 1e-8, "energy": False, **more}
    return Problem("duct", mesh, AIR, {}, boundaries=[*boundaries, *symmetric(*walls)], settings=settings(**options),
                   reference_temperature=REFERENCE, devices=tuple(devices(mesh)))


def room(devices: Callable[[Mesh], Sequence[Device]], viscosity: float = 1.8e-2, gravity: float = 0.0, **more: Any) -> Problem:
    """A closed room, 3 m x 2 m x 2 m, of cells of 0.2 m, with air viscous enough for a steady flow."""
    mesh = box_mesh(np.linspace(0, 3, 16), np.linspace(0, 2, 11), np.linspace(0, 2, 11))
    mesh.material = mesh.material.copy()
    options = {"residual": 1e-6, "tolerance": 1e-5, "max_iterations": 1500, **more}
    coolant = ConstantCoolant(RHO, viscosity, K, CP, beta=1.0 / 300.0)
    return Problem("room", mesh, coolant, {}, settings=settings(**options), reference_temperature=REFERENCE,
                   devices=tuple(devices(mesh)), gravity=(0.0, 0.0, -gravity))
