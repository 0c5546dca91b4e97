"""numpy twins of buoyancy.cu."""

from __future__ import annotations

import numpy as np

from coldrack.kernels.reference.momentum import I, _at, _width


def buoyancy_force(nx, ny, nz, axis, weight, kind, solved, hx, hy, hz, rise, b):
    """b += weight V (rise_low + rise_high) / 2."""
    h, below = (hx, hy, hz), (axis, -1)
    low, high = _at(rise, below), _at(rise)
    total = np.where(_at(kind, below) == 1, low, high) + np.where(_at(kind) == 1, high, low)
    x, y, z = (_width(h[a], a, -1) + _width(h[a], a) if a == axis else _width(h[a], a) for a in range(3))
    weight, quarter = rise.dtype.type(weight), rise.dtype.type(0.25)
    force = quarter * weight * (x * y * z) * total
    b[I] += np.where(_at(solved) != 0, force, 0)
