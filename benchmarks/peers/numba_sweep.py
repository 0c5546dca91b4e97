"""The residual in numba: parallel loops, fast arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np


@numba.njit(parallel=True, fastmath=True, error_model="numpy")
def residual(x, gx, gy, gz, solved, b, r):  # type: ignore[no-untyped-def]
    """r = b - A x."""
    for k in numba.prange(1, x.shape[0] - 1):
        for j in range(1, x.shape[1] - 1):
            for i in range(1, x.shape[2] - 1):
                c = x[k, j, i]
                value = b[k, j, i] - (gx[k, j, i] * (c - x[k, j, i - 1]) + gx[k, j, i + 1] * (c - x[k, j, i + 1])
                                      + gy[k, j, i] * (c - x[k, j - 1, i]) + gy[k, j + 1, i] * (c - x[k, j + 1, i])
                                      + gz[k, j, i] * (c - x[k - 1, j, i]) + gz[k + 1, j, i] * (c - x[k + 1, j, i]))
                r[k, j, i] = value if solved[k, j, i] != 0 else 0


def make(data: list[np.ndarray]) -> tuple[Callable[[], Any], Callable[[], np.ndarray]]:
    """The work, and what fetches its result."""
    return lambda: residual(*data), lambda: data[-1]
