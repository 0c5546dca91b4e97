"""numpy twins of advection.cu."""

from __future__ import annotations

import numpy as np

I = (slice(1, -1),) * 3


def _limited(gu, gd, l, span):
    t = gu.dtype.type
    size = np.minimum(np.minimum(t(2) * abs(gu) * l, (abs(gu) + t(2) * abs(gd)) * l * t(1 / 3)), abs(span))
    return np.where(gu * gd > 0, np.where(gd > 0, size, -size), 0)


def _slopes(x, m, solved, pos, face, rdist, axis, component):
    """(gu, gd, l, span, flux) at the low faces 1..n of an axis (moved last); flux is 0 where there is no correction."""
    x, m, solved = (np.moveaxis(a, 2 - axis, -1) for a in (x, m, solved))
    n = x.shape[-1] - 2
    f = slice(1, n + 1)
    flux = m[..., f]
    xl, xc, xh = x[..., 0:n], x[..., 1 : n + 1], x[..., 2 : n + 2]
    xll = np.concatenate([x[..., :1], x[..., 0 : n - 1]], axis=-1)
    sl, sc, sh = solved[..., 0:n] == 1, solved[..., 1 : n + 1] == 1, solved[..., 2 : n + 2] != 0
    sll = np.concatenate([np.zeros_like(solved[..., :1]), solved[..., 0 : n - 1]], axis=-1) != 0
    span = xc - xl
    gd = span * rdist[f]
    missing = np.zeros_like(gd) if component == 3 else gd
    up = np.where(sll, (xl - xll) * rdist[0:n], missing)
    down = np.where(sh, (xh - xc) * rdist[2 : n + 2], missing)
    gu = np.where(flux > 0, up, down)
    l = np.where(flux > 0, face[f] - pos[0:n], pos[f] - face[f])
    there = np.broadcast_to(np.arange(1, n + 1) > 1, flux.shape) if component == axis else sl & sc
    return gu, gd, l, span, np.where(there, flux, 0)


def _spread(value, like, axis):
    """Face values 1..n back on the padded array."""
    out = np.zeros_like(np.moveaxis(like, 2 - axis, -1))
    out[..., 1:-1] = value
    return np.moveaxis(out, -1, 2 - axis)


def _gather(faces, r, solved, sign=1):
    """Add sign times inflow minus outflow of three padded face arrays to r."""
    total = np.zeros_like(r[I])
    for a, flux in enumerate(faces):
        high = [slice(1, -1)] * 3
        high[2 - a] = slice(2, None)
        total += flux[I] - flux[tuple(high)]
    r[I] += np.where(solved[I] == 1, sign * total, 0)


def limited_advection(nx, ny, nz, axis, solved, px, py, pz, fx, fy, fz, rx, ry, rz, mx, my, mz, x, b):
    """Deferred correction from upwind to the limited second-order scheme."""
    faces = []
    for a, (m, pos, face, rdist) in enumerate(((mx, px, fx, rx), (my, py, fy, ry), (mz, pz, fz, rz))):
        gu, gd, l, span, flux = _slopes(x, m, solved, pos, face, rdist, a, axis)
        faces.append(_spread(abs(flux) * _limited(gu, gd, l, span), m, a))
    _gather(faces, b, solved)


def advection_weights(nx, ny, nz, axis, share, solved, px, py, pz, fx, fy, fz, rx, ry, rz, mx, my, mz, x, wx, wy, wz):
    """Limiter weights of every low face, frozen."""
    parts = ((mx, px, fx, rx, wx), (my, py, fy, ry, wy), (mz, pz, fz, rz, wz))
    for a, (m, pos, face, rdist, w) in enumerate(parts):
        gu, gd, l, span, flux = _slopes(x, m, solved, pos, face, rdist, a, axis)
        three, two = x.dtype.type(3), x.dtype.type(2)
        change = np.where(flux != 0, _limited(gu, gd, l, span), 0)
        on = change != 0
        value = np.where(on, three * change / np.where(on, l * (gu + two * gd), 1), 0)
        w[I] += np.float32(share) * (_spread(value, m, a)[I].astype(np.float32) - w[I])


def weighted_advection(nx, ny, nz, axis, sign, solved, px, py, pz, fx, fy, fz, rx, ry, rz, wx, wy, wz, mx, my, mz, x, r):
    """Deferred correction with frozen weights."""
    faces = []
    parts = ((mx, px, fx, rx, wx), (my, py, fy, ry, wy), (mz, pz, fz, rz, wz))
    for a, (m, pos, face, rdist, w) in enumerate(parts):
        gu, gd, l, _, flux = _slopes(x, m, solved, pos, face, rdist, a, axis)
        two, weight = x.dtype.type(2), np.moveaxis(w, 2 - a, -1)[..., 1:-1].astype(x.dtype)
        delta = weight * l * (gu + two * gd) * x.dtype.type(1 / 3)
        faces.append(_spread(abs(flux) * delta, m, a))
    _gather(faces, r, solved, x.dtype.type(sign))
