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
        self.be = backend
        self.cells = tuple(s - 3 for s in shape)
        self.size = int(np.prod(self.cells))
        self.nothing = self.be.zeros(shape)
        self.matrix = self.be.with_dtype("f8").zeros((self.size, *self.cells))  # transposed: one column after another
        place = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)[INNER].ravel()
        self.place = self.be.asarray(place)
        self.inverse = self.be.zeros((self.size, *self.cells))  # transposed as well

    def update(self, g: Sequence[Any], m: Sequence[Any] | None, singular: bool, stored: Any = None) -> None:
        """Take new coefficients, and what goes to the diagonal besides; rows that are no equation get 1 there."""
        advected, square = m is not None, self.matrix.reshape(self.size, self.size)
        self.be.launch("dense_operator", *reversed(self.cells), self.size, int(advected), *g, *(m if m is not None else g),
                       self.nothing if stored is None else stored, self.matrix)
        if singular:  # pure Neumann: fix the mean, which the outer iteration projects out anyway
            square += self.matrix.reshape(-1)[:: self.size + 1].mean() / self.size
        self.inverse[...] = self.be.inverse(square).reshape(self.inverse.shape)

    def solve(self, b: Any, x: Any) -> None:
        """x = A^-1 b on the inner cells of padded arrays."""
        self.be.launch("multiply_matrix", *reversed(self.cells), self.size, self.place, self.inverse, b, x)
