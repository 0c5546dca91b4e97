"""numpy twins of the functions of functions.cuh."""

from __future__ import annotations

import numpy as np


def exponential(x):
    """exp(x), held at +-80."""
    r = x.dtype.type
    y = np.clip(x, r(-80), r(80)) * r(0.03125)
    t = r(1) + y * r(0.125)
    for n in (r(1) / r(7), r(1) / r(6), r(0.2), r(0.25), r(1) / r(3), r(0.5)):
        t = r(1) + y * n * t
    t = r(1) + y * t
    for _ in range(5):
        t = t * t
    return t


def logarithm(x):
    """log(x) of 1 and more."""
    r, z = x.dtype.type, x
    for _ in range(5):
        z = np.sqrt(z)
    t = (z - r(1)) / (z + r(1))
    q, total = t * t, r(1) / r(15)
    for n in (r(1) / r(13), r(1) / r(11), r(1) / r(9), r(1) / r(7), r(0.2), r(1) / r(3), r(1)):
        total = n + q * total
    return r(64) * t * total


def tanh(x):
    """Hyperbolic tangent."""
    r = x.dtype.type
    e = exponential(-(r(2) * np.abs(x)))
    t = (r(1) - e) / (r(1) + e)
    return np.where(x < 0, -t, t)
