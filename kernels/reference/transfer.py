"""numpy twins of transfer.cu."""

from __future__ import annotations

import numpy as np

I = (slice(1, -1),) * 3


def _sum(a, start, axis):
    return np.add.reduceat(a, start[1:-1], axis=axis) if a.size else a


def _cut(a, startz, starty, startx):
    return a[: startz[-1], : starty[-1], : startx[-1]]


def restrict_sum(mx, my, mz, nx, ny, nz, startx, starty, startz, r, b):
    """Coarse b = sum over the cells of each coarse cell."""
    a = _sum(_cut(r, startz, starty, startx), startz, 0)
    b[I] = _sum(_sum(a, starty, 1), startx, 2)


def prolong_add(nx, ny, nz, mx, my, mz, parentx, parenty, parentz, solved, e, x):
    """Add the parent's correction to x."""
    p, q, r = parentz[1:-1, None, None], parenty[None, 1:-1, None], parentx[None, None, 1:-1]
    x[I] += np.where(solved[I] != 0, e[p, q, r], 0)


def _lines(a, axis, index):
    """Planes `index` of a along the array axis."""
    return np.take(a, index, axis=axis)


def _series(g, below, above, low, high):
    one, half = g.dtype.type(1), g.dtype.type(0.5)
    face = np.where(g > 0, g, one)
    resistance = one
    for inner, there in ((below, low), (above, high)):
        resistance = resistance + there.astype(g.dtype) * half * (face / np.where(face > inner, face, inner))
    return np.where(g > 0, g / resistance, 0)


def coarsen_conductance(mx, my, mz, nx, ny, nz, axis, startx, starty, startz, g, gc):
    """Coarse conductances: series along the axis, parallel across it."""
    starts = (startz, starty, startx)
    a = 2 - axis
    start = starts[a]
    first = start[1:-1]
    count = np.diff(start)
    shape = [1, 1, 1]
    shape[a] = first.size
    low = ((count[:-1] == 2) & (np.arange(first.size) > 0)).reshape(shape)
    high = (count[1:] == 2).reshape(shape)
    v = _series(_lines(g, a, first), _lines(g, a, np.maximum(first - 1, 0)),
                _lines(g, a, np.minimum(first + 1, g.shape[a] - 1)), low, high)
    for d in range(3):
        if d != a:
            cut = [slice(None)] * 3
            cut[d] = slice(0, int(starts[d][-1]))
            v = _sum(v[tuple(cut)], starts[d], d)
    gc[I] = v


def coarsen_flux(mx, my, mz, nx, ny, nz, axis, startx, starty, startz, m, mc, gc):
    """Coarse fluxes: sums of the fine ones; half of what cancels goes to the coarse conductances."""
    starts = (startz, starty, startx)
    a = 2 - axis
    v = _lines(m, a, starts[a][1:-1])
    both = np.abs(v)
    for d in range(3):
        if d != a:
            cut = [slice(None)] * 3
            cut[d] = slice(0, int(starts[d][-1]))
            v, both = _sum(v[tuple(cut)], starts[d], d), _sum(both[tuple(cut)], starts[d], d)
    mc[I] = v
    gc[I] += m.dtype.type(0.5) * (both - np.abs(v))
