"""Coarser grids of a flow: which cells merge, what the coarse boundary conditions are, transfers of staggered fields.

The geometry stays as it is on every level: cells merge only where the same of them are coolant, and a passage between two
walls keeps two cells, or four where it has eight. Merging begins with the narrowest cells, so that long thin cells become
even first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.grid import Grid
from coldrack.solver.linear.coarsening import padded
from coldrack.solver.physics.flow_boundary import COOLANT, OPEN, SLIP, WALL, FlowBoundary, solved_faces
from coldrack.solver.physics.layout import INNER, Array, Layout

Starts = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
PASSAGE = (2, 4)  # cells that a narrow and a wide passage keep
SPREAD = 3.0  # pairs up to so many times as wide as the narrowest merge together
GAIN = 0.6  # a coarser grid has at most this share of the cells
FEWEST_CELLS = 128
SMALL, SMALL_SHARE = 1000, 0.015  # cells of a coarsest grid that is cheap to solve, or their share of the finest grid's


@dataclass(frozen=True)
class Intervals:
    """An axis cut where coolant begins or ends anywhere: cell widths, the planes, and the cells that every interval keeps."""

    width: Array
    planes: list[int]
    least: list[int]

    @classmethod
    def of(cls, kind: NDArray[np.uint8], axis: int, width: Array) -> Intervals:
        """Those of the finest grid; `kind` is padded."""
        k = np.moveaxis(kind, 2 - axis, 0)
        n = width.size
        coolant = k[1 : n + 1] == COOLANT
        differ = np.any(coolant[1:] != coolant[:-1], axis=(1, 2))
        planes = [0, *(int(i) + 1 for i in np.flatnonzero(differ)), n]
        least = []
        for a, b in pairwise(planes):
            passage = np.any(coolant[a] & (k[a] == WALL) & (k[b + 1] == WALL))
            least.append(min(b - a, max(PASSAGE[0], min(PASSAGE[1], (b - a) // 2))) if passage else 1)
        return cls(width, planes, least)

    def narrowest(self) -> float:
        """Width of the narrowest pair that may merge."""
        pairs = self.width[:-1] + self.width[1:]
        free = [pairs[a : b - 1].min() for a, b, least in self._spans() if b - a > least]
        return float(min(free, default=np.inf))

    def merge(self, largest: float) -> NDArray[np.int64]:
        """First fine cell of every coarse cell, and the end; pairs wider than `largest` stay."""
        start: list[int] = []
        for a, b, least in self._spans():
            i, left = a, b - a
            while i < b:
                start.append(i)
                together = i + 1 < b and left > least and self.width[i] + self.width[i + 1] <= largest
                i, left = (i + 2, left - 1) if together else (i + 1, left)
        return np.array([*start, self.planes[-1]])

    def merged(self, start: NDArray[np.int64]) -> Intervals:
        """The intervals in the coarse cells that `start` names."""
        width = np.add.reduceat(self.width, start[:-1])
        return Intervals(width, [int(i) for i in np.searchsorted(start, self.planes)], self.least)

    def _spans(self) -> Any:
        return zip(self.planes, self.planes[1:], self.least)


def plan(kind: NDArray[np.uint8], widths: Sequence[Array]) -> list[Starts]:
    """Merge maps (x, y, z) from each grid to the next coarser one, finest first; `kind` is that of the padded cells.

    None where the coarsest of them, which is solved in every cycle, would still be large: plates with very many fins.
    """
    axes = [Intervals.of(kind, axis, width) for axis, width in enumerate(widths)]
    levels: list[Starts] = []
    finest = np.prod([axis.width.size for axis in axes])
    while (starts := _coarser(axes)) is not None:
        levels.append(starts)
        axes = [axis.merged(s) for axis, s in zip(axes, starts)]
    coarsest = np.prod([axis.width.size for axis in axes])
    return levels if coarsest <= max(SMALL_SHARE * finest, SMALL) else []


def _coarser(axes: Sequence[Intervals]) -> Starts | None:
    """Merge maps to a coarser grid; None where there is none worth having."""
    cells = np.prod([axis.width.size for axis in axes])
    largest = SPREAD * min(axis.narrowest() for axis in axes)
    widest = 2.0 * max(axis.width.max() for axis in axes)
    while np.isfinite(largest):
        x, y, z = (axis.merge(largest) for axis in axes)
        left = (x.size - 1) * (y.size - 1) * (z.size - 1)
        if left < FEWEST_CELLS:
            return None
        if left <= GAIN * cells:
            return x, y, z
        if largest > widest:
            return None
        largest *= 2.0
    return None


def total(a: Any, index: Sequence[Any]) -> Any:
    """Sums over the cells of every coarse cell, ghosts to ghosts."""
    for axis in range(3):
        a = np.add.reduceat(a, index[axis], axis=2 - axis)
    return a


def areas(layout: Layout, without: int = 3) -> Array:
    """Product of the widths along all axes but one."""
    x, y, z = (np.ones_like(h) if d == without else h for d, h in enumerate(layout.width))
    return z[:, None, None] * y[:, None] * x


def coarse_boundary(fine: Layout, coarse: Layout, starts: Starts, bc: FlowBoundary) -> FlowBoundary:
    """Boundary conditions of the coarse grid: the commonest kind of ghost, mean velocities, pressures."""
    index = [padded(s)[0] for s in starts]
    weight = areas(fine)
    share = {k: total(weight * (bc.kind == k), index) for k in (WALL, COOLANT, SLIP, OPEN)}
    kind = np.zeros(coarse.shape, np.uint8)
    behind = np.ones(coarse.shape, bool)
    behind[INNER] = False
    for k in (SLIP, OPEN):
        kind[behind & (share[k] >= 0.5 * sum(share.values()))] = k
    kind[INNER] = share[COOLANT][INNER] > share[WALL][INNER]
    given = share[OPEN] > 0
    pressure = np.where(given, total(weight * (bc.kind == OPEN) * bc.pressure, index) / np.where(given, share[OPEN], 1.0), 0.0)
    velocity = []
    for axis in range(3):
        flow = bc.velocity[axis] * areas(fine, axis)
        for d in range(3):
            flow = flow.take(index[d], axis=2 - d) if d == axis else np.add.reduceat(flow, index[d], axis=2 - d)
        velocity.append(flow / areas(coarse, axis))
    return FlowBoundary(kind, [solved_faces(kind, axis) for axis in range(3)], velocity, pressure, not np.any(kind == OPEN))


def coarse_grid(grid: Grid, starts: Starts) -> Grid:
    """The grid whose cells are those that `starts` names."""
    return Grid(*[f[s] for f, s in zip(grid.faces, starts)])


def _between(fine: Array, coarse: Array, parent: NDArray[np.int32], faces: bool) -> tuple[NDArray[np.int32], Array]:
    """Per padded fine position: the coarse index beyond its parent that it lies towards, and how far on the way."""
    step = 1 if faces else np.where(fine >= coarse[parent], 1, -1)
    far = np.clip(parent + step, 0, coarse.size - 1).astype(np.int32)
    gap = coarse[far] - coarse[parent]
    share = np.where(gap != 0, (fine - coarse[parent]) / np.where(gap != 0, gap, 1.0), 0.0)
    return far, np.clip(share, 0.0, 1.0)


class Transfer:
    """Moves fields between a flow and that on the next coarser grid.

    Parameters
    ----------
    fine, coarse : Flow
    starts : tuple of ndarray
        The merge maps.
    """

    def __init__(self, fine: Any, coarse: Any, starts: Starts) -> None:
        self.fine, self.coarse, self.be = fine, coarse, fine.be
        maps = [padded(s) for s in starts]
        self.start = [self.be.asarray(m[0]) for m in maps]
        near = [m[1] for m in maps]
        centre = [_between(f, c, p, False) for f, c, p in zip(fine.layout.centre, coarse.layout.centre, near)]
        face = [_between(f, c, p, True) for f, c, p in zip(fine.layout.face, coarse.layout.face, near)]
        self.places = []  # per field (u, v, w, cells): near, far, share along each axis
        for axis in range(4):
            pairs = [face[d] if d == axis else centre[d] for d in range(3)]
            self.places.append([self.be.asarray(a) for a in (*near, *(p[0] for p in pairs), *(p[1] for p in pairs))])
        self.extents = (*coarse.n, *fine.n)

    def restrict_velocity(self, axis: int) -> None:
        """Coarse velocity = mean of the fine one."""
        self.be.launch("restrict_velocity", *self.coarse.extents[axis], *self.fine.n, axis, *self.start, *self.fine.width,
                       self.coarse.solved[axis], self.fine.velocity[axis], self.coarse.velocity[axis])

    def restrict_mean(self, fine: Any, coarse: Any, kind: Any = None, kindc: Any = None) -> None:
        """Coarse value = mean of the fine ones over the coolant, or over the cells whose `kind` is 1 on both grids."""
        kinds = (self.fine.kind, self.coarse.kind) if kind is None else (kind, kindc)
        self.be.launch("restrict_mean", *self.extents, *self.start, *self.fine.width, *kinds, fine, coarse)

    def restrict_force(self, axis: int, residual: Any, out: Any) -> None:
        """Coarse force = fine residuals of a momentum equation, N."""
        self.be.launch("restrict_force", *self.coarse.extents[axis], *self.fine.n, axis, *self.start, self.fine.width[axis],
                       self.coarse.solved[axis], residual, out)

    def restrict_mass(self, residual: Any, out: Any) -> None:
        """Coarse mass source = sum of the fine imbalances, kg/s."""
        self.be.launch("restrict_sum", *self.extents, *self.start, residual, out)

    def prolong_velocity(self, axis: int, correction: Any) -> None:
        """Add a coarse correction to the fine velocity."""
        self.be.launch("prolong_velocity", *self.fine.extents[axis], *self.coarse.n, axis, *self.places[axis],
                       self.fine.solved[axis], self.coarse.solved[axis], self.coarse.kind, correction, self.fine.velocity[axis])

    def prolong_pressure(self, correction: Any) -> None:
        """Add a coarse correction to the fine pressure."""
        self.prolong_mean(self.fine.kind, self.coarse.kind, correction, self.fine.pressure)

    def prolong_mean(self, kind: Any, kindc: Any, correction: Any, field: Any) -> None:
        """Add a coarse correction to a fine field of means over cells whose `kind` is 1; 3 are ghosts with a value."""
        self.be.launch("prolong_pressure", *self.fine.spans[0], *self.coarse.n, *self.places[3], kind, kindc, correction, field)
