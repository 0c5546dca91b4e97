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
    along = 2 - axis
    mine = _coloured(*((1 if d == axis else n) for d, n in enumerate((nx, ny, nz))), colour)
    total = dinv.dtype.type(0)
    for n, (g, m) in enumerate(((gx, mx), (gy, my), (gz, mz))):
        total = total + _below(g, m) + _above(g, m, n)
    g, m = (gx, gy, gz)[axis], (mx, my, mz)[axis]
    d, r, below, above, total, mine = (np.moveaxis(a, along, 0)
                                       for a in (dinv[I], r, _below(g, m), _above(g, m, axis), total, mine))
    f, e, out = (np.moveaxis(a[tuple(np.s_[:] if d == along else np.s_[1:-1] for d in range(3))], along, 0)
                 for a in (factor, change, x))
    mine, one = mine[0], dinv.dtype.type(1)
    for end in (0, -1):
        f[end], e[end] = np.where(mine, 0, f[end]), np.where(mine, 0, e[end])
    for n in range(1, len(d) + 1):
        live = d[n - 1] != 0
        pivot = np.where(live, one / np.where(live, total[n - 1] - below[n - 1] * f[n - 1], one), 0)
        new_f, new_e = above[n - 1] * pivot, (r[n - 1] + below[n - 1] * e[n - 1]) * pivot
        f[n], e[n] = np.where(mine, new_f, f[n]), np.where(mine, new_e, e[n])
    for n in range(len(d), 0, -1):
        e[n] = np.where(mine, e[n] + f[n] * e[n + 1], e[n])
        out[n] = np.where(mine, out[n] + e[n], out[n])
