"""Geometric multigrid V-cycle for the seven-point operators, in single precision, as a preconditioner.

Coarse conductances come from series and parallel resistors, coarse fluxes are sums, transfers are piecewise constant,
the smoother is red-black Gauss-Seidel (forward before, backward after the coarse correction, so that the cycle of a
symmetric operator is symmetric), the coarsest grid is solved by its dense inverse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coldrack.solver.linear.coarsening import Axis, padded, plan

Three = Sequence[Any]


@dataclass
class Level:
    """Operator and work arrays of one grid; `n` are the kernel extents (cells plus the high ghost)."""

    n: tuple[int, int, int]
    g: list[Any]
    m: list[Any] | None
    dinv: Any
    x: Any
    b: Any
    r: Any
    start: list[Any] = field(default_factory=list)  # to the next coarser level
    parent: list[Any] = field(default_factory=list)


class Multigrid:
    """Hierarchy of one grid, reused whenever the coefficients change.

    Parameters
    ----------
    backend : Backend
        Any; its single-precision sibling does the work.
    axes : tuple of Axis
        Cell widths and material planes along x, y, z.
    advected : bool
        Whether the operator carries mass fluxes.
    """

    def __init__(self, backend: Any, axes: tuple[Axis, Axis, Axis], advected: bool) -> None:
        self.be = backend.with_dtype("f4")
        self.advected = advected
        self.levels: list[Level] = []
        counts = [a.width.size for a in axes]
        for starts in plan(axes):
            level = self._level(counts)
            for start in starts:
                full, parent = padded(start)
                level.start.append(self.be.asarray(full))
                level.parent.append(self.be.asarray(parent))
            counts = [s.size - 1 for s in starts]
        self._level(counts)
        self.singular = False
        self.bottom: Any = None

    def _level(self, counts: list[int]) -> Level:
        n = (counts[0] + 1, counts[1] + 1, counts[2] + 1)
        shape = (n[2] + 2, n[1] + 2, n[0] + 2)
        new = self.be.zeros
        level = Level(n, [new(shape) for _ in range(3)], [new(shape) for _ in range(3)] if self.advected else None,
                      new(shape), new(shape), new(shape), new(shape))
        self.levels.append(level)
        return level

    @property
    def complexity(self) -> float:
        """Cells of all levels over those of the finest."""
        return sum(float(np.prod(lv.n)) for lv in self.levels) / float(np.prod(self.levels[0].n))

    def update(self, g: Three, m: Three | None, singular: bool = False) -> None:
        """Take new fine coefficients (any precision) and rebuild the coarse ones."""
        fine = self.levels[0]
        for axis in range(3):
            fine.g[axis][...] = g[axis]
            if self.advected:
                fine.m[axis][...] = m[axis]  # type: ignore[index]
        self._diagonal(fine)
        for lv, coarse in zip(self.levels, self.levels[1:]):
            for axis in range(3):
                args = (*coarse.n, *lv.n, axis, *lv.start)
                self.be.launch("coarsen_conductance", *args, lv.g[axis], coarse.g[axis])
                if self.advected:
                    self.be.launch("coarsen_flux", *args, lv.m[axis], coarse.m[axis])  # type: ignore[index]
            self._diagonal(coarse)
        self.singular = singular
        self._invert_bottom()

    def _diagonal(self, lv: Level) -> None:
        if self.advected:
            self.be.launch("inverse_diagonal_advected", *lv.n, *lv.g, *lv.m, lv.dinv)  # type: ignore[misc]
        else:
            self.be.launch("inverse_diagonal", *lv.n, *lv.g, lv.dinv)

    def _invert_bottom(self) -> None:
        lv = self.levels[-1]
        host = self.be.to_numpy
        g = [host(a).astype(float) for a in lv.g]
        m = [host(a).astype(float) for a in lv.m] if self.advected else [np.zeros_like(a) for a in g]  # type: ignore[union-attr]
        matrix = dense_operator(g, m, host(lv.dinv) != 0)
        if self.singular:  # pure Neumann: fix the mean, which the outer iteration projects out anyway
            matrix += matrix.diagonal().mean() / len(matrix)
        self.bottom = self.be.asarray(np.linalg.inv(matrix).astype(np.float32))

    def apply(self, r: Any, z: Any, scale: float) -> None:
        """z = M r with r scaled to unit size; `z` is a float array of the padded shape, still scaled."""
        fine = self.levels[0]
        shape = tuple(reversed(r.shape))
        self.be.launch("scale_to_float", *shape, scale, r, fine.b)
        keep, fine.x = fine.x, z
        self._cycle(0)
        fine.x = keep

    def _smooth(self, lv: Level, colours: tuple[int, int]) -> None:
        for colour in colours:
            if self.advected:
                self.be.launch("gauss_seidel_advected", *lv.n, colour, 0.0, *lv.g, *lv.m, lv.dinv, lv.b, lv.x)  # type: ignore[misc]
            else:
                self.be.launch("gauss_seidel", *lv.n, colour, *lv.g, lv.dinv, lv.b, lv.x)

    def _cycle(self, index: int) -> None:
        lv = self.levels[index]
        if index == len(self.levels) - 1:
            inner = (slice(1, -2),) * 3
            solution = self.bottom @ lv.b[inner].reshape(-1)
            lv.x[inner] = solution.reshape(lv.b[inner].shape)
            return
        lv.x.fill(0)
        self._smooth(lv, (0, 1))
        if self.advected:
            self.be.launch("residual_advected", *lv.n, lv.x, *lv.g, *lv.m, lv.dinv, lv.b, lv.r)  # type: ignore[misc]
        else:
            self.be.launch("residual", *lv.n, lv.x, *lv.g, lv.dinv, lv.b, lv.r)
        coarse = self.levels[index + 1]
        self.be.launch("restrict_sum", *coarse.n, *lv.n, *lv.start, lv.r, coarse.b)
        self._cycle(index + 1)
        self.be.launch("prolong_add", *lv.n, *coarse.n, *lv.parent, lv.dinv, coarse.x, lv.x)
        self._smooth(lv, (1, 0))


def dense_operator(g: list[np.ndarray], m: list[np.ndarray], solved: np.ndarray) -> np.ndarray:
    """Matrix of the interior cells (all but ghosts) of a padded operator; rows that are no equation get 1."""
    inner = (slice(1, -2),) * 3
    shape = tuple(s - 3 for s in solved.shape)
    size = int(np.prod(shape))
    number = -np.ones(solved.shape, int)
    number[inner] = np.arange(size).reshape(shape)
    matrix = np.zeros((size, size))
    rows = number[inner].ravel()
    for axis in range(3):
        for step in (-1, 1):
            s = [slice(1, -2)] * 3
            s[2 - axis] = slice(1 + step, s[2 - axis].stop + step)
            f = list(inner)
            if step == 1:
                f[2 - axis] = slice(2, -1)
            a = (g[axis] + np.maximum(-step * m[axis], 0))[tuple(f)].ravel()
            nb = number[tuple(s)].ravel()
            matrix[rows, rows] += a
            there = nb >= 0
            matrix[rows[there], nb[there]] -= a[there]
    dead = ~solved[inner].ravel()
    matrix[dead] = 0.0
    matrix[dead, dead] = 1.0
    return matrix
