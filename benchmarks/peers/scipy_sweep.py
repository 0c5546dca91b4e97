"""The residual as a product with scipy's CSR matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

INNER = (slice(1, -1),) * 3


def make(data: list[np.ndarray]) -> tuple[Callable[[], Any], Callable[[], np.ndarray]]:
    """The work, and what fetches its result; what the ghosts add goes to the right-hand side."""
    import scipy.sparse as sparse

    x, gx, gy, gz, _, b, _ = data
    n = x.shape[0] - 2
    number = np.full(x.shape, -1, np.int32)
    number[INNER] = np.arange(n**3, dtype=np.int32).reshape(n, n, n)
    right, diagonal, rows, columns, values = b[INNER].copy(), np.zeros((n, n, n), x.dtype), [], [], []
    for axis, g in ((2, gx), (1, gy), (0, gz)):
        for side in (0, 1):
            face, beyond = list(INNER), list(INNER)
            beyond[axis] = slice(2, None) if side else slice(0, -2)
            if side:
                face[axis] = slice(2, None)
            a, there = g[tuple(face)], number[tuple(beyond)]
            diagonal += a
            right += np.where(there < 0, a * x[tuple(beyond)], 0)
            live = there >= 0
            rows.append(number[INNER][live])
            columns.append(there[live])
            values.append(-a[live])
    rows.append(number[INNER].ravel())
    columns.append(number[INNER].ravel())
    values.append(diagonal.ravel())
    matrix = sparse.coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (n**3, n**3)).tocsr()
    vector, right, out = x[INNER].ravel(), right.ravel(), np.zeros(n**3, x.dtype)

    def work() -> None:
        np.subtract(right, matrix @ vector, out=out)

    return work, lambda: out
