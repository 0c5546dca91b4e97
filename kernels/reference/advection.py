"""numpy twins of advection.cu."""

from __future__ import annotations

import numpy as np

I = (slice(1, -1),) * 3


def _limited(gu, gd, l, span):
    t = gu.dtype.type
    size = np.minimum(np.minimum(t(2) * abs(gu) * l, (abs(gu) + t(2) * abs(gd)) * l / t(3)), abs(span))
    return np.where(gu * gd > 0, np.where(gd > 0, size, -size), 0)


def _correction(x, m, solved, pos, face, rdist, axis, along):
    """Flux correction at the low faces 1..n+1 of an axis (array axis moved last); face n+1 carries none."""
    x, m, solved = (np.moveaxis(a, 2 - axis, -1) for a in (x, m, solved))
    n = x.shape[-1] - 2
    out = np.zeros_like(m)
    f = slice(1, n + 1)
    flux = m[..., f]
    xl, xc, xh = x[..., 0:n], x[..., 1 : n + 1], x[..., 2 : n + 2]
    xll = np.concatenate([x[..., :1], x[..., 0 : n - 1]], axis=-1)
    sl, sc, sh = solved[..., 0:n] != 0, solved[..., 1 : n + 1] != 0, solved[..., 2 : n + 2] != 0
    sll = np.concatenate([np.zeros_like(solved[..., :1]), solved[..., 0 : n - 1]], axis=-1) != 0
    span = xc - xl
    gd = span * rdist[f]
    up = np.where(sll, (xl - xll) * rdist[0:n], gd)
    down = np.where(sh, (xh - xc) * rdist[2 : n + 2], gd)
    plus = flux * _limited(up, gd, face[f] - pos[0:n], span)
    minus = -flux * _limited(down, gd, pos[f] - face[f], span)
    value = np.where(flux > 0, plus, minus)
    out[..., f] = np.where((flux != 0) & (sl & sc if not along else True), value, 0)
    return np.moveaxis(out, -1, 2 - axis)


def limited_advection(nx, ny, nz, axis, solved, px, py, pz, fx, fy, fz, rx, ry, rz, mx, my, mz, x, b):
    """Deferred correction from upwind to the limited second-order scheme."""
    total = np.zeros_like(b)
    parts = ((0, mx, px, fx, rx), (1, my, py, fy, ry), (2, mz, pz, fz, rz))
    for a, m, pos, face, rdist in parts:
        flux = _correction(x, m, solved, pos, face, rdist, a, axis == a)
        high = [slice(1, -1)] * 3
        high[2 - a] = slice(2, None)
        total[I] += flux[I] - flux[tuple(high)]
    b[I] += np.where(solved[I] != 0, total[I], 0)


def advection_weights(nx, ny, nz, axis, solved, px, py, pz, fx, fy, fz, rx, ry, rz, mx, my, mz, x, wx, wy, wz):
    """Limiter weights of every low face, frozen."""
    parts = ((0, mx, px, fx, rx, wx), (1, my, py, fy, ry, wy), (2, mz, pz, fz, rz, wz))
    for a, m, pos, face, rdist, w in parts:
        change = _correction(x, m, solved, pos, face, rdist, a, axis == a)
        span = np.zeros_like(x)
        s, t = [slice(None)] * 3, [slice(None)] * 3
        s[2 - a], t[2 - a] = slice(1, None), slice(0, -1)
        span[tuple(s)] = x[tuple(s)] - x[tuple(t)]
        there = change != 0
        w[I] = np.where(there, change / np.where(there, abs(m) * span, 1), 0)[I]


def weighted_advection(nx, ny, nz, solved, wx, wy, wz, mx, my, mz, x, r):
    """Deferred correction with frozen weights."""
    total = np.zeros_like(r[I])
    for a, m, w in ((0, mx, wx), (1, my, wy), (2, mz, wz)):
        flux = np.zeros_like(r)
        s, t, h = [slice(None)] * 3, [slice(None)] * 3, [slice(1, -1)] * 3
        s[2 - a], t[2 - a], h[2 - a] = slice(1, None), slice(0, -1), slice(2, None)
        s, t = tuple(s), tuple(t)
        flux[s] = abs(m[s]) * w[s].astype(x.dtype) * (x[s] - x[t])
        total += flux[I] - flux[tuple(h)]
    r[I] += np.where(solved[I] != 0, total, 0)
