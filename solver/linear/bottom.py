"""The coarsest grid's system, solved by its dense inverse; assembled and inverted where the coefficients are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

INNER = (slice(1, -2),) * 3


class Bottom:
    """Dense inverse of a padded operator of a few cells.

    Parameters
    ----------
    backend : Backend
        Single precision; matrix and inverse are made in double.
    shape : tuple of int
        Of the padded arrays, (nz + 3, ny + 3, nx + 3).
    """

    def __init__(self, backend: Any, shape: tuple[int, int, int]) -> None:
        self.be, self.double = backend, backend.with_dtype("f8")
        self.cells = tuple(s - 3 for s in shape)
        self.size = int(np.prod(self.cells))
        self.faces: list[tuple[int, int, Any, Any, Any]] = []
        self.diagonal = self.be.asarray(np.arange(self.size) * (self.size + 1))
        number = -np.ones(shape, np.int64)
        number[INNER] = np.arange(self.size).reshape(self.cells)
        every = np.arange(number.size).reshape(shape)
        for axis in range(3):
            for step in (-1, 1):
                self._add_faces(number, every, axis, step)
        self.place = self.be.asarray(every[INNER].ravel().astype(np.int32))
        self.inverse = self.be.zeros((self.size, *self.cells))  # transposed: one column after another

    def _add_faces(self, number: np.ndarray, every: np.ndarray, axis: int, step: int) -> None:
        """Faces of all cells on one side, and where their couplings to other cells stand in the matrix."""
        beyond, face = list(INNER), list(INNER)
        beyond[2 - axis] = slice(1 + step, step - 2 or None)
        if step == 1:
            face[2 - axis] = slice(2, -1)
        neighbour = number[tuple(beyond)].ravel()
        there = np.flatnonzero(neighbour >= 0)
        place = there * self.size + neighbour[there]
        self.faces.append((axis, step, *(self.be.asarray(i) for i in (every[tuple(face)].ravel(), there, place))))

    def update(self, g: Sequence[Any], m: Sequence[Any] | None, singular: bool, stored: Any = None) -> None:
        """Take new coefficients, and what goes to the diagonal besides; rows that are no equation get 1 there."""
        flat = self.double.zeros((self.size * self.size,))
        total = self.double.zeros((self.size,))
        if stored is not None:
            total += stored[INNER].reshape(-1)
        for axis, step, faces, there, place in self.faces:
            a = g[axis].reshape(-1)[faces].astype(np.float64)
            if m is not None:
                a += self.be.xp.maximum(m[axis].reshape(-1)[faces] * -float(step), 0.0)
            total += a
            flat[place] = -a[there]
        flat[self.diagonal] = total + (total == 0)
        if singular:  # pure Neumann: fix the mean, which the outer iteration projects out anyway
            flat += flat[self.diagonal].mean() / self.size
        inverse = self.be.inverse(flat.reshape(self.size, self.size))
        self.inverse[...] = inverse.T.reshape(self.inverse.shape)

    def solve(self, b: Any, x: Any) -> None:
        """x = A^-1 b on the inner cells of padded arrays."""
        self.be.launch("multiply_matrix", *reversed(self.cells), self.size, self.place, self.inverse, b, x)
