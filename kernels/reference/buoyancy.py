"""numpy twins of buoyancy.cu."""

from __future__ import annotations

import numpy as np

from coldrack.kernels.reference.momentum import I, _area, _at, _width


def buoyancy_force(nx, ny, nz, axis, weight, kind, solved, hx, hy, hz, rise, b):
    """b += weight V (rise_low + rise_high) / 2."""
    h, below = (hx, hy, hz), (axis, -1)
    low, high = _at(rise, below), _at(rise)
    total = np.where(_at(kind, below) == 1, low, high) + np.where(_at(kind) == 1, high, low)
    widths = _width(h[axis], axis, -1) + _width(h[axis], axis)
    weight, quarter = rise.dtype.type(weight), rise.dtype.type(0.25)
    force = weight * quarter * _area(h, axis) * widths * total
    b[I] += np.where(_at(solved) != 0, force, 0)
