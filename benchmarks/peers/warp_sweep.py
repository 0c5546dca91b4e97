"""The residual in Warp, on the CPU."""

from collections.abc import Callable
from typing import Any

import numpy as np
import warp as wp

wp.config.quiet = True


def _kernel(real: Any) -> Any:
    def residual(x: wp.array3d(dtype=real), gx: wp.array3d(dtype=real), gy: wp.array3d(dtype=real),  # type: ignore[valid-type]
                 gz: wp.array3d(dtype=real), solved: wp.array3d(dtype=wp.uint8), b: wp.array3d(dtype=real),  # type: ignore[valid-type]
                 r: wp.array3d(dtype=real)):  # type: ignore[valid-type, no-untyped-def]
        k, j, i = wp.tid()
        k, j, i = k + 1, j + 1, i + 1
        c = x[k, j, i]
        value = b[k, j, i] - (gx[k, j, i] * (c - x[k, j, i - 1]) + gx[k, j, i + 1] * (c - x[k, j, i + 1])
                              + gy[k, j, i] * (c - x[k, j - 1, i]) + gy[k, j + 1, i] * (c - x[k, j + 1, i])
                              + gz[k, j, i] * (c - x[k - 1, j, i]) + gz[k + 1, j, i] * (c - x[k + 1, j, i]))
        if solved[k, j, i] == wp.uint8(0):
            value = real(0.0)
        r[k, j, i] = value

    return wp.kernel(residual)


def make(data: list[np.ndarray]) -> tuple[Callable[[], Any], Callable[[], np.ndarray]]:
    """The work, and what fetches its result."""
    wp.init()
    real = wp.float64 if data[0].dtype == np.float64 else wp.float32
    there = [wp.array(a, dtype=wp.uint8 if a.dtype == np.uint8 else real, device="cpu") for a in data]
    kernel, n = _kernel(real), data[0].shape[0] - 2
    return lambda: wp.launch(kernel, dim=(n, n, n), inputs=there, device="cpu"), lambda: there[-1].numpy()
