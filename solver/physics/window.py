"""The part of the grid that the flow is solved on: the box around the coolant.

A package below a cold plate, or the plate's base, has most of the cells and no flow: sweeping them costs time and memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coldrack.meshes.grid import Grid
from coldrack.meshes.mesh import Mesh, Patch
from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.problem import Problem

Fields = tuple[Array, Array, Array, Array]


@dataclass(frozen=True)
class Window:
    """A box of cells of a grid.

    Parameters
    ----------
    whole : Layout
        Of the grid.
    low, high : tuple of int
        First cell of the box and the first beyond it, along z, y, x.
    """

    whole: Layout
    low: tuple[int, int, int]
    high: tuple[int, int, int]

    @classmethod
    def around_coolant(cls, problem: Problem, layout: Layout) -> Window:
        """The smallest box with all coolant; all of the grid where the flow needs fields that are given or solved there."""
        fluid, shape = problem.mesh.fluid, problem.mesh.grid.shape
        whole = problem.buoyant or problem.turbulence is not None or problem.devices or problem.momentum_source is not None
        if whole or problem.velocity is not None or not fluid.any():
            return cls(layout, (0, 0, 0), shape)
        wet = [np.flatnonzero(fluid.any(axis=tuple(e for e in range(3) if e != d))) for d in range(3)]
        return cls(layout, tuple(int(w[0]) for w in wet), tuple(int(w[-1]) + 1 for w in wet))  # type: ignore[arg-type]

    def problem(self, problem: Problem) -> Problem:
        """The problem inside the box. Boundaries on sides of the grid that the box does not reach are left out."""
        mesh, box = problem.mesh, tuple(slice(a, b) for a, b in zip(self.low, self.high))
        faces = [f[a : b + 1] for f, a, b in zip(mesh.grid.faces, self.low[::-1], self.high[::-1])]
        patches = {p.name: self._patch(p) for p in mesh.patches.values() if self._reaches(p)}
        inside = Mesh(Grid(*faces), np.ascontiguousarray(mesh.material[box]), mesh.materials,
                      np.ascontiguousarray(mesh.component[box]), mesh.components, patches)
        return replace(problem, mesh=inside, boundaries=[bc for bc in problem.boundaries if bc.name in patches])

    def _reaches(self, patch: Patch) -> bool:
        d = 2 - patch.axis
        return self.low[d] == 0 if patch.side == 0 else self.high[d] == self.whole.grid.shape[d]

    def _patch(self, patch: Patch) -> Patch:
        plane = [slice(self.low[d], self.high[d]) for d in range(3) if d != 2 - patch.axis]
        return replace(patch, mask=np.ascontiguousarray(patch.mask[tuple(plane)]))

    def _cells(self, axis: int | None = None) -> tuple[slice, ...]:
        """Index of the box's cells, or of its faces normal to an axis, in an array without ghosts."""
        return tuple(slice(a, b + (axis is not None and d == 2 - axis))
                     for d, (a, b) in enumerate(zip(self.low, self.high)))

    def cut(self, fields: Fields) -> Fields:
        """(p, u, v, w) inside the box, arrays without ghosts."""
        p, u, v, w = (f[self._cells(axis)] for f, axis in zip(fields, (None, 0, 1, 2)))
        return p, u, v, w

    def fill(self, fields: Fields) -> Fields:
        """(p, u, v, w) of the box on the whole grid, 0 outside it, arrays without ghosts."""
        if fields[0].shape == self.whole.grid.shape:
            return fields
        out = []
        for f, axis in zip(fields, (None, 0, 1, 2)):
            shape = [n + (axis is not None and d == 2 - axis) for d, n in enumerate(self.whole.grid.shape)]
            out.append(np.zeros(shape, f.dtype))
            out[-1][self._cells(axis)] = f
        return out[0], out[1], out[2], out[3]

    def cut_padded(self, a: Array) -> Array:
        """A padded host array inside the box, with the layers around it as ghosts."""
        return np.ascontiguousarray(a[tuple(slice(low, high + 3) for low, high in zip(self.low, self.high))])

    def fill_padded(self, a: Any, backend: Any) -> Any:
        """A padded device array of the box on the whole grid, 0 outside it (new unless the box is the grid)."""
        if a.shape == self.whole.shape:
            return a
        whole = backend.zeros(self.whole.shape)
        whole[tuple(slice(low + 1, high + 2) for low, high in zip(self.low, self.high))] = a[1:-1, 1:-1, 1:-1]
        return whole
