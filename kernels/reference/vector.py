"""numpy twins of vector.cu."""

from __future__ import annotations

import numpy as np


def step_solution(nx, ny, nz, a, p, q, x, r):
    """x += a p; r -= a q."""
    x += a * p
    r -= a * q


def step_direction(nx, ny, nz, beta, z, p):
    """p = z + beta p."""
    p *= beta
    p += z


def step_bicgstab(nx, ny, nz, beta, omega, r, v, p):
    """p = r + beta (p - omega v)."""
    p -= omega * v
    p *= beta
    p += r


def scale_to_float(nx, ny, nz, a, x, y):
    """y = a x in single precision."""
    np.multiply(x, a, out=y, casting="same_kind")


def scale_to_double(nx, ny, nz, a, x, y):
    """y = a x from single precision."""
    np.multiply(x, a, out=y, dtype=np.float64)
