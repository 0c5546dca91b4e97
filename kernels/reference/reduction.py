"""numpy twins of reduction.cu."""

from __future__ import annotations

import numpy as np


def _lanes(values, like):
    """Values (count) as rows of one lane each, filled up with zeros: (rows, lanes)."""
    rows = -(-values.size // like.size)
    out = np.zeros(rows * like.size)
    out[: values.size] = values
    return out.reshape(rows, like.size)


def _sum(values, sums):
    total = np.zeros(sums.size)
    for row in _lanes(values, sums):  # in order, as each lane adds
        total += row
    sums[...] = total.reshape(sums.shape)


def partial_dot(nx, ny, nz, count, a, b, sums):
    """Inner product, a share per lane."""
    _sum(a * b.astype(np.float64), sums)


def partial_sum(nx, ny, nz, count, a, sums):
    """Sum, a share per lane."""
    _sum(a.astype(np.float64), sums)


def partial_abs_sum(nx, ny, nz, count, a, sums):
    """Sum of magnitudes, a share per lane."""
    _sum(abs(a.astype(np.float64)), sums)


def partial_max_abs(nx, ny, nz, count, a, largest):
    """Largest magnitude, a share per lane."""
    largest[...] = _lanes(abs(a.astype(np.float64)), largest).max(axis=0).reshape(largest.shape)
