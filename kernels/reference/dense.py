"""numpy twin of dense.cu."""

from __future__ import annotations

import numpy as np

INNER = (slice(1, -2),) * 3
HIGH = {axis: tuple(slice(2, -1) if 2 - axis == n else slice(1, -2) for n in range(3)) for axis in range(3)}


def dense_operator(nx, ny, nz, count, advected, gx, gy, gz, mx, my, mz, stored, matrix):
    """The transposed matrix of the operator, of which there are `count` rows."""
    cells = np.arange(nx * ny * nz).reshape(nz, ny, nx)
    total, parts = 0.0, []
    for axis, (g, m) in enumerate(((gx, mx), (gy, my), (gz, mz))):
        for faces, sign, shift in ((INNER, 1, -1), (HIGH[axis], -1, 1)):
            a = g[faces].astype("f8") + np.maximum(sign * advected * m[faces].astype("f8"), 0.0)
            total = total + a
            here, there = (np.moveaxis(cells, 2 - axis, 0)[s].ravel() for s in (slice(1, None), slice(None, -1))[::-shift])
            parts.append((here, there, a.ravel()))
    total = (total + stored[INNER].astype("f8")).ravel()
    flat = matrix.reshape(count, -1)
    flat[...] = 0.0
    for columns, rows, values in ((cells.ravel(), cells.ravel(), np.where(total == 0.0, 1.0, total)),
                                  *((here, there, -a[here]) for here, there, a in parts)):
        some = rows < count
        flat[rows[some], columns[some]] = values[some]


def multiply_matrix(nx, ny, nz, count, place, matrix, b, x):
    """x = sum of the matrix's rows, each times the b of its place."""
    even, odd = matrix[0] * 0, matrix[0] * 0
    for n, (row, value) in enumerate(zip(matrix, b.reshape(-1)[place])):
        (odd if n % 2 else even)[...] += row * value
    x[INNER] = even + odd
