"""numpy twin of lines.cu."""

from __future__ import annotations

import numpy as np

from coldrack.kernels.reference.operator import I, _coloured, _pos, high, low


def _exchange(x, g, m, axis):
    xc = x[I]
    return _below(g, m) * (xc - low(x, axis)) + _above(g, m, axis) * (xc - high(x, axis))


def _below(g, m):
    return g[I] + _pos(m[I])


def _above(g, m, axis):
    return high(g, axis) + _pos(-high(m, axis))


def gauss_seidel_lines(nx, ny, nz, axis, colour, gx, gy, gz, mx, my, mz, dinv, b, factor, change, x):
    """The lines of one colour along one axis."""
    r = b[I] - _exchange(x, gx, mx, 0) - _exchange(x, gy, my, 1) - _exchange(x, gz, mz, 2)
    g, m = (gx, gy, gz)[axis], (mx, my, mz)[axis]
    along = 2 - axis
    mine = _coloured(*((1 if d == axis else n) for d, n in enumerate((nx, ny, nz))), colour)
    d, r, below, above, mine = (np.moveaxis(a, along, 0) for a in (dinv[I], r, _below(g, m), _above(g, m, axis), mine))
    f, e, out = (np.moveaxis(a[I], along, 0) for a in (factor, change, x))
    mine, one = mine[0], dinv.dtype.type(1)
    before_f = before_e = np.zeros(mine.shape, dinv.dtype)
    for n in range(len(d)):
        live = d[n] != 0
        pivot = one / (one / np.where(live, d[n], one) - below[n] * before_f)
        f[n] = np.where(mine, np.where(live, above[n] * pivot, 0), f[n])
        e[n] = np.where(mine, np.where(live, (r[n] + below[n] * before_e) * pivot, 0), e[n])
        before_f, before_e = f[n], e[n]
    behind = np.zeros(mine.shape, dinv.dtype)
    for n in reversed(range(len(d))):
        e[n] = np.where(mine, e[n] + f[n] * behind, e[n])
        out[n] = np.where(mine, out[n] + e[n], out[n])
        behind = e[n]
