"""numpy twins of transport.cu."""

from __future__ import annotations

import numpy as np

from coldrack.kernels.reference.momentum import I, _area, _at
from coldrack.kernels.reference.operator import _coloured, _pos


def gauss_seidel_transport(nx, ny, nz, colour, gx, gy, gz, mx, my, mz, dinv, b, x):
    """One colour of red-black Gauss-Seidel with sinks."""
    total = None
    for axis, (g, m) in enumerate(((gx, mx), (gy, my), (gz, mz))):
        low = (_at(g) + _pos(_at(m))) * _at(x, (axis, -1))
        high = (_at(g, (axis, 1)) + _pos(-_at(m, (axis, 1)))) * _at(x, (axis, 1))
        total = low + high if total is None else total + low + high
    on = _coloured(nx, ny, nz, colour) & (_at(dinv) != 0)
    x[I] = np.where(on, _at(dinv) * (_at(b) + total), _at(x))


def add_drag(nx, ny, nz, axis, alpha, solved, drag, hx, hy, hz, dinv, dp):
    """Sinks into the inverse diagonal and into the velocity per pressure difference."""
    one = drag.dtype.type(1)
    s = _at(solved).astype(drag.dtype) * _at(drag) / drag.dtype.type(alpha)
    dinv[I] = _at(dinv) / (one + _at(dinv) * s)
    dp[I] = _at(dp) / (one + _at(dp) * s / _area((hx, hy, hz), axis))
