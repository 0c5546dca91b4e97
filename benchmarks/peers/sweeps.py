"""Data of the residual benchmark, and its value by numpy."""

from __future__ import annotations

import numpy as np

Arrays = list[np.ndarray]


def arrays(n: int, dtype: str) -> Arrays:
    """x, gx, gy, gz, solved, b, r with a ghost on each side: shape (n + 2,) * 3."""
    rng, shape = np.random.default_rng(0), (n + 2,) * 3
    x, gx, gy, gz, b = (rng.uniform(0.5, 1.5, shape).astype(dtype) for _ in range(5))
    return [x, gx, gy, gz, np.ones(shape, np.uint8), b, np.zeros(shape, dtype)]


def residual_norm(data: Arrays) -> float:
    """2-norm of b - A x in double precision, layer by layer."""
    x, gx, gy, gz, _, b, _ = data
    total, inner, up, down = 0.0, slice(1, -1), slice(2, None), slice(0, -2)
    for k in range(1, x.shape[0] - 1):
        p, q = x[k].astype("f8"), x[k][inner, inner].astype("f8")
        r = b[k][inner, inner].astype("f8")
        r -= gx[k][inner, inner] * (q - p[inner, down]) + gx[k][inner, up] * (q - p[inner, up])
        r -= gy[k][inner, inner] * (q - p[down, inner]) + gy[k][up, inner] * (q - p[up, inner])
        r -= gz[k][inner, inner] * (q - x[k - 1][inner, inner]) + gz[k + 1][inner, inner] * (q - x[k + 1][inner, inner])
        total += float((r * r).sum())
    return float(np.sqrt(total))
