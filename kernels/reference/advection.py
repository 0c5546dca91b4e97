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
    last = slice(None, None if axis == 2 else -1)  # without the high ghosts
    _gather([f[last] for f in faces], b[last], solved[last])


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


def _weighted(x, m, w, pos, face, rdist, axis):
    """Weighted correction of the flux through every low face of the padded array but the first along the axis."""
    s = x.strides[2 - axis] // x.itemsize
    xu, xl, xd = (np.roll(x.ravel(), -step).reshape(x.shape) for step in (-2 * s, -s, s))
    if axis == 2:  # no two steps out of the array
        xu[:2], xd[-1] = xl[:2], x[-1]
    n, along = np.arange(1, x.shape[2 - axis]), [1, 1, 1]
    along[2 - axis] = -1
    face, low, high = (a.reshape(along) for a in (face[n], pos[n - 1], pos[n]))
    back, here, ahead = (rdist[n + q].reshape(along) for q in (-1, 0, 1))
    faces = tuple(slice(1, None) if d == 2 - axis else slice(None) for d in range(3))
    xu, xl, xc, xd, m, w = (a[faces] for a in (xu, xl, x, xd, m, w))
    gu = np.where(m > 0, (xl - xu) * back, (xd - xc) * ahead)
    l, two = np.where(m > 0, face - low, high - face), x.dtype.type(2)
    out = np.zeros_like(x)
    out[faces] = abs(m) * (w.astype(x.dtype) * l * (gu + two * ((xc - xl) * here)) * x.dtype.type(1 / 3))
    return out


def weighted_advection(nx, ny, nz, axis, sign, solved, px, py, pz, fx, fy, fz, rx, ry, rz, wx, wy, wz, mx, my, mz, x, r):
    """Deferred correction with frozen weights."""
    parts = ((mx, wx, px, fx, rx), (my, wy, py, fy, ry), (mz, wz, pz, fz, rz))
    faces = [_weighted(x, *part, a) for a, part in enumerate(parts)]
    _gather(faces, r, solved, x.dtype.type(sign))
