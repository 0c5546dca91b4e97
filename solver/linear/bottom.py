"""The coarsest grid's system, solved by its dense inverse; assembled and inverted where the coefficients are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

INNER = (slice(1, -2),) * 3
SIDES = (-1, 1)  # of a cell along an axis


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
        self.diagonal = self.be.asarray(np.arange(self.size) * (self.size + 1))
        number = -np.ones(shape, np.int64)
        number[INNER] = np.arange(self.size).reshape(self.cells)
        every = np.arange(number.size).reshape(shape)
        parts = [_faces(number, every, axis, step) for axis in range(3) for step in SIDES]
        self.faces = [self.be.asarray(np.stack([f for f, _ in parts[2 * axis : 2 * axis + 2]])) for axis in range(3)]
        self.outward = self.double.asarray(-np.array(SIDES, float)[:, None])
        there = [np.flatnonzero(neighbour >= 0) for _, neighbour in parts]
        self.there = self.be.asarray(np.concatenate([i * self.size + at for i, at in enumerate(there)]))
        self.couple = self.be.asarray(np.concatenate([at * self.size + n[at] for at, (_, n) in zip(there, parts)]))
        self.coefficients = self.double.zeros((len(parts), self.size))
        self.matrix = self.double.zeros((self.size * self.size,))
        self.place = self.be.asarray(every[INNER].ravel().astype(np.int32))
        self.inverse = self.be.zeros((self.size, *self.cells))  # transposed: one column after another

    def update(self, g: Sequence[Any], m: Sequence[Any] | None, singular: bool, stored: Any = None) -> None:
        """Take new coefficients, and what goes to the diagonal besides; rows that are no equation get 1 there."""
        all_of, flat = self.coefficients, self.matrix
        for axis, faces in enumerate(self.faces):
            part = all_of[2 * axis : 2 * axis + 2]
            part[...] = g[axis].reshape(-1)[faces]
            if m is not None:
                part += self.be.xp.maximum(m[axis].reshape(-1)[faces] * self.outward, 0.0)
        flat.fill(0)
        flat[self.couple] = -all_of.reshape(-1)[self.there]
        total = all_of.sum(axis=0)
        if stored is not None:
            total += stored[INNER].reshape(-1)
        total += total == 0
        flat[self.diagonal] = total
        if singular:  # pure Neumann: fix the mean, which the outer iteration projects out anyway
            flat += total.mean() / self.size
        inverse = self.be.inverse(flat.reshape(self.size, self.size))
        self.inverse[...] = inverse.T.reshape(self.inverse.shape)

    def solve(self, b: Any, x: Any) -> None:
        """x = A^-1 b on the inner cells of padded arrays."""
        self.be.launch("multiply_matrix", *reversed(self.cells), self.size, self.place, self.inverse, b, x)


def _faces(number: np.ndarray, every: np.ndarray, axis: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Faces of all cells on one side, and the numbers of the cells behind them, -1 where there is none."""
    beyond, face = list(INNER), list(INNER)
    beyond[2 - axis] = slice(1 + step, step - 2 or None)
    if step == 1:
        face[2 - axis] = slice(2, -1)
    return every[tuple(face)].ravel(), number[tuple(beyond)].ravel()
