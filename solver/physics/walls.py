"""Where the walls of the air are, and how far every cell is from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.devices import Panel, Unit
from coldrack.solver.linear.coarsening import Axis
from coldrack.solver.linear.krylov import LinearSolverError
from coldrack.solver.linear.stored import StoredKrylov, StoredMultigrid
from coldrack.solver.physics.flow_boundary import COOLANT, WALL, FlowBoundary
from coldrack.solver.physics.layout import Array, Layout, material_planes
from coldrack.solver.physics.panels import tight
from coldrack.solver.problem import Problem

REDUCTION = 1e-6
MOST = 400


def low_bit(axis: int) -> int:
    """Bit of a cell's low side along an axis; that of the high side is twice as much."""
    return 4**axis


def walls(problem: Problem, layout: Layout, boundary: FlowBoundary) -> NDArray[np.uint8]:
    """Which sides of every air cell are walls, padded: bits 1, 2 for the low and high x side, 4, 8 for y, 16, 32 for z.

    Walls are the sides towards what is no air, but those that air flows through (inlets, units); `panel_walls` adds others.
    """
    out = np.zeros(layout.shape, np.uint8)
    for axis in range(3):
        wall = _wall_faces(boundary.kind, axis)
        for low in _through(problem, layout, axis):
            wall[low] = False
        a, bit = 2 - axis, low_bit(axis)
        out |= np.where(wall, bit, 0).astype(np.uint8)
        out |= np.where(np.roll(wall, -1, axis=a), 2 * bit, 0).astype(np.uint8)
    return np.where(boundary.kind == COOLANT, out, 0).astype(np.uint8)


def _wall_faces(kind: NDArray[np.uint8], axis: int) -> NDArray[np.bool_]:
    """Low faces between air and what is no air, padded."""
    below = np.roll(kind, 1, axis=2 - axis)
    return ((kind == COOLANT) & (below == WALL)) | ((kind == WALL) & (below == COOLANT))


def _through(problem: Problem, layout: Layout, axis: int) -> list[tuple[Any, ...]]:
    """Indices of low faces along an axis that air flows through though no air is behind them."""
    out = []
    for bc in problem.boundaries:
        patch = problem.mesh.patches[bc.name]
        if bc.kind in ("inlet", "outlet") and patch.axis == axis:
            out.append(layout.boundary_faces(patch))
    for device in problem.devices:
        if isinstance(device, Unit):
            planes = [plane for plane in (device.inlet, device.outlet) if plane.axis == axis]
            out += [padded_faces(layout, axis, plane.faces) for plane in planes]
    return out


def panel_walls(problem: Problem, layout: Layout, bits: NDArray[np.uint8]) -> None:
    """Mark both sides of panels and of tight screens."""
    for device in problem.devices:
        if isinstance(device, Panel) or tight(device):
            axis = device.plane.axis
            high = padded_faces(layout, axis, device.plane.faces)
            low = list(high)
            low[2 - axis] = low[2 - axis] - 1
            bits[high] |= low_bit(axis)
            bits[tuple(low)] |= 2 * low_bit(axis)


def padded_faces(layout: Layout, axis: int, faces: NDArray[np.int64]) -> tuple[Any, ...]:
    """Index into padded arrays of faces given by flat indices into the unpadded face array of `axis`."""
    shape = list(layout.grid.shape)
    shape[2 - axis] += 1
    k, j, i = np.unravel_index(faces, shape)
    return k + 1, j + 1, i + 1


def wall_distance(problem: Problem, layout: Layout, backend: Any, bits: NDArray[np.uint8]) -> tuple[Array, Array]:
    """Distance of every air cell to its nearest wall, and of the walls around it from each other, m, padded.

    From div grad phi = -1 with phi = 0 on walls: L = (|grad phi|^2 + 2 phi)^0.5 - |grad phi|, D = 2 (|grad phi|^2 + 2 phi)^0.5
    (Spalding 1994; Tucker, Appl. Math. Modelling 22 (1998) 293), exact between parallel planes. Beside walls the cell's own
    half width counts where that is less. Without any wall both are the size of the domain.
    """
    air = layout.pad(problem.mesh.fluid)
    size = float(max(f[-1] - f[0] for f in layout.grid.faces))
    if not bits.any():
        return np.where(air, size, 1.0), np.full(layout.shape, 1e3 * size)
    g, stored = _coefficients(layout, air, bits)
    phi = _potential(problem, layout, backend, air, g, stored)
    square = np.zeros(layout.shape)
    for axis in range(3):
        square += _slope(phi, g[axis], layout, bits, axis) ** 2
    half = np.sqrt(square + 2.0 * np.maximum(phi, 0.0))
    distance = half - np.sqrt(square)
    for axis in range(3):
        h = layout.width[axis].reshape([-1 if 2 - axis == d else 1 for d in range(3)])
        beside = (bits & 3 * low_bit(axis)) != 0
        distance = np.where(beside, np.minimum(distance, 0.5 * h), distance)
    smallest = 0.25 * min(float(h.min()) for h in layout.grid.widths)
    distance = np.where(air, np.clip(distance, smallest, size), 1.0)
    return distance, np.maximum(np.where(air, 2.0 * half, 2.0), 2.0 * distance)


def _spread(layout: Layout, axis: int) -> tuple[Array, Array]:
    """Areas of the faces normal to an axis, and widths along it, of the padded cells' shape."""
    area = np.ones(layout.shape)
    for d in range(3):
        h = layout.width[d].reshape([-1 if 2 - d == e else 1 for e in range(3)])
        if d == axis:
            along = np.broadcast_to(h, layout.shape)
        else:
            area = area * h
    return area, along


def _coefficients(layout: Layout, air: NDArray[np.bool_], bits: NDArray[np.uint8]) -> tuple[list[Array], Array]:
    """Conductances for phi between air cells, m, and to the walls beside every cell."""
    between, to_walls = [], np.where(air, 1e-30, 0.0)
    for axis in range(3):
        area, h = _spread(layout, axis)
        below = np.roll(h, 1, axis=2 - axis)
        both = air & np.roll(air, 1, axis=2 - axis) & ((bits & low_bit(axis)) == 0)
        between.append(np.where(both, area * 2.0 / (h + below), 0.0))
        for bit in (low_bit(axis), 2 * low_bit(axis)):
            to_walls += np.where((bits & bit) != 0, area * 2.0 / h, 0.0)
    return between, to_walls


def _potential(problem: Problem, layout: Layout, backend: Any, air: Any, g: list[Array], stored: Array) -> Array:
    """phi, by conjugate gradients with multigrid; cells that are no air keep 0."""
    be = backend.with_dtype("f8")
    x, y, z = (Axis(h, f) for h, f in zip(layout.grid.widths, material_planes(problem.mesh, problem.mesh.fluid)))
    krylov = StoredKrylov(be, StoredMultigrid(be, (x, y, z)))
    gx, gy, gz = (be.asarray(a) for a in g)
    krylov.take((gx, gy, gz), be.asarray(stored), 1.0)
    b, phi = be.asarray(np.where(air, layout.pad(layout.grid.volumes()), 0.0)), be.zeros(layout.shape)
    result = krylov.cg(phi, b, REDUCTION, 0.0, MOST)
    if not result.reached:
        raise LinearSolverError(f"the wall distance did not converge: residual {result.last:.1e} after {result.iterations} "
                                "iterations")
    return np.array(be.to_numpy(phi))


def _slope(phi: Array, g: Array, layout: Layout, bits: Any, axis: int) -> Array:
    """Mean over a cell of the gradient of phi along an axis, over those of both sides that are air or wall."""
    area, h = _spread(layout, axis)
    up = (g / area) * (phi - np.roll(phi, 1, axis=2 - axis))
    low_wall, high_wall = ((bits & bit) != 0 for bit in (low_bit(axis), 2 * low_bit(axis)))
    low = np.where(low_wall, 2.0 * phi / h, up)
    high = np.where(high_wall, -2.0 * phi / h, np.roll(up, -1, axis=2 - axis))
    there = (low_wall | (g > 0)).astype(float) + (high_wall | (np.roll(g, -1, axis=2 - axis) > 0))
    return (low + high) / np.maximum(there, 1.0)
