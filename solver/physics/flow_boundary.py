"""Boundary conditions of the flow on the padded grid: what each ghost is, which faces are solved, what is prescribed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.mesh import Patch
from coldrack.solver.physics.layout import INNER, Array, Layout
from coldrack.solver.physics.panels import closed_faces
from coldrack.solver.problem import Boundary, Problem

WALL, COOLANT, SLIP, OPEN = 0, 1, 2, 3


@dataclass
class FlowBoundary:
    """Padded arrays on the host: cell kinds, solved faces, velocities and pressures with prescribed values set."""

    kind: NDArray[np.uint8]
    solved: list[NDArray[np.uint8]]
    velocity: list[Array]
    pressure: Array
    closed: bool  # no pressure is prescribed anywhere


def build(problem: Problem, layout: Layout) -> FlowBoundary:
    """Read the problem's boundary conditions."""
    mesh = problem.mesh
    kind = np.zeros(layout.shape, np.uint8)
    kind[INNER] = mesh.fluid
    velocity = [np.zeros(layout.shape) for _ in range(3)]
    pressure = np.zeros(layout.shape)
    for bc in problem.boundaries:
        patch = mesh.patches[bc.name]
        wet = kind[layout.inside(patch)] == COOLANT
        ghost = tuple(i[wet] for i in layout.ghosts(patch))
        if bc.kind == "symmetry":
            kind[ghost] = SLIP
        elif is_open(bc):
            kind[ghost] = OPEN
            pressure[ghost] = bc.pressure or 0.0
        if bc.kind == "inlet" and not is_open(bc):
            speed = inflow_speed(bc, patch, layout, wet)
            face = layout.boundary_faces(patch)
            velocity[patch.axis][face] = speed * (1.0 if patch.side == 0 else -1.0)
        if callable(bc.velocity) or (bc.kind == "wall" and bc.velocity is not None):
            _prescribe_vector(bc, patch, layout, velocity, kind)
    solved = [solved_faces(kind, axis) for axis in range(3)]
    for axis, faces in enumerate(solved):
        faces.reshape(-1)[closed_faces(problem, layout, axis)] = 0
    return FlowBoundary(kind, solved, velocity, pressure, not np.any(kind == OPEN))


def is_open(bc: Boundary) -> bool:
    """Whether a patch is given by pressure."""
    given = bc.velocity is not None or bc.flow_rate is not None or bc.profile is not None
    return (bc.kind == "outlet" and not given) or (bc.kind == "inlet" and not given)


def inflow_speed(bc: Boundary, patch: Patch, layout: Layout, wet: NDArray[np.bool_]) -> Array:
    """Normal inflow speed on each face of an inlet patch, zero on solid, m/s."""
    if bc.profile is not None:
        return np.where(wet, np.asarray(bc.profile)[patch.mask], 0.0)
    if bc.flow_rate is not None:
        return np.where(wet, bc.flow_rate / float(layout.areas(patch)[wet].sum()), 0.0)
    if callable(bc.velocity):
        return np.zeros(wet.size)
    return np.where(wet, float(bc.velocity), 0.0)  # type: ignore[arg-type]


def solved_faces(kind: NDArray[np.uint8], axis: int) -> NDArray[np.uint8]:
    """Faces between two coolant cells or between coolant and an open ghost."""
    out = np.zeros(kind.shape, np.uint8)
    hi, lo = [slice(None)] * 3, [slice(None)] * 3
    hi[2 - axis], lo[2 - axis] = slice(1, None), slice(0, -1)
    a, b = kind[tuple(hi)], kind[tuple(lo)]
    both = (a == COOLANT) & (b == COOLANT)
    out[tuple(hi)] = both | ((a == COOLANT) & (b == OPEN)) | ((a == OPEN) & (b == COOLANT))
    return out


def _prescribe_vector(bc: Boundary, patch: Patch, layout: Layout, velocity: list[Array], kind: Any) -> None:
    """Set the whole velocity vector on a patch: the normal part on its faces, the rest in the ghosts behind them."""
    for axis in range(3):
        if axis == patch.axis:
            index = layout.boundary_faces(patch)
            if bc.kind == "wall":
                continue
            where = layout.coordinates(patch)
        else:
            index, where = _tangential(patch, layout, axis)
        if callable(bc.velocity):
            velocity[axis][index] = np.broadcast_to(bc.velocity(*where)[axis], index[0].shape)
        else:
            velocity[axis][index] = bc.velocity[axis]  # type: ignore[index]


def _tangential(patch: Patch, layout: Layout, axis: int) -> tuple[tuple[Any, ...], tuple[Array, Array, Array]]:
    """Ghost indices of the faces along `axis` behind a patch (both faces of every cell) and where they act."""
    low = layout.ghosts(patch)
    high = list(low)
    high[2 - axis] = high[2 - axis] + 1
    index = tuple(np.concatenate([a, b]) for a, b in zip(low, high))
    where = []
    for d in range(3):
        at = index[2 - d]
        if d == patch.axis:
            plane = layout.grid.faces[d][0 if patch.side == 0 else -1]
            where.append(np.full(at.shape, plane))
        else:
            where.append(layout.face[d][at] if d == axis else layout.centre[d][at])
    return index, (where[0], where[1], where[2])
