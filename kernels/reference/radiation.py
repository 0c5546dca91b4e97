"""numpy twins of radiation.cu."""

from __future__ import annotations

import numpy as np

OPEN, MIRROR = -1, -2


def _wrapped(a, shift):
    total = a + shift
    return np.where(total < 1, total, total - total.dtype.type(1))


def _between(f, n, share):
    return f[n] + share * (f[n + 1] - f[n])


def _inverted(d):
    return np.where(d != 0, d.dtype.type(1) / np.where(d != 0, d, 1), d.dtype.type(0))


def _begin(shape, f, axis, offset, sign, cosine, sine, shifta, shiftb, a, b, along, across, beside, start):
    """Cell, origin and inverse direction of every ray: three lists of three flat arrays."""
    def spread(q):
        return np.broadcast_to(q[:, :, None], shape)

    cx, cy = f[0].size - 1, f[1].size - 1
    turned = (np.arange(shape[2]) + spread(offset)) % shape[2]
    along, across, beside = along[turned], across[turned], beside[turned]
    cell = [start % cx, start // cx % cy, start // cx // cy]
    which, share, other = spread(axis), _wrapped(a, spread(shifta)), _wrapped(b, spread(shiftb))
    s, t = across * spread(cosine) - beside * spread(sine), across * spread(sine) + beside * spread(cosine)
    up, side = along * spread(sign), np.where(spread(sign) > 0, 0, 1)
    first = [share, np.where(which == 0, share, other), other]
    lateral = [s, np.where(which == 0, s, t), t]
    origin = [np.where(which == d, f[d][cell[d] + side], _between(f[d], cell[d], first[d])) for d in range(3)]
    inverse = [_inverted(np.where(which == d, up, lateral[d])) for d in range(3)]
    return [[q.ravel().copy() for q in group] for group in (cell, origin, inverse)]


def trace_rays(nx, ny, nz, cx, cy, cz, most, fx, fy, fz, labelx, labely, labelz, axis, offset, sign, cosine, sine, shifta,
               shiftb, a, b, along, across, beside, start, hit):
    """Label of the first labelled face that each ray meets; all rays go one face on together."""
    f = (fx, fy, fz)
    cell, p, inverse = _begin(hit.shape, f, axis, offset, sign, cosine, sine, shifta, shiftb, a, b, along, across, beside,
                              start)
    label = (labelx.reshape(cz, cy, cx + 1), labely.reshape(cz, cy + 1, cx), labelz.reshape(cz + 1, cy, cx))
    found, ray, far = np.full(hit.size, OPEN, hit.dtype), np.arange(hit.size), fx.dtype.type(1e30)
    for _ in range(most):
        up = [q > 0 for q in inverse]
        s = [np.where(q != 0, (f[d][c + u] - o) * q, far) for d, (q, c, u, o) in enumerate(zip(inverse, cell, up, p))]
        first = (s[0] <= s[1]) & (s[0] <= s[2])
        through = np.where(first, 0, np.where(s[1] <= s[2], 1, 2))
        there, ended = np.empty(ray.size, hit.dtype), np.zeros(ray.size, bool)
        for d in range(3):
            on = through == d
            face = [c[on] + up[d][on] if e == d else c[on] for e, c in enumerate(cell)]
            there[on] = label[d][face[2], face[1], face[0]]
            mirrored, moved = on & (there == MIRROR), on & (there == OPEN)
            at = f[d][cell[d] + up[d]]
            p[d] = np.where(mirrored, fx.dtype.type(2) * at - p[d], p[d])
            inverse[d] = np.where(mirrored, -inverse[d], inverse[d])
            cell[d] = np.where(moved, cell[d] + np.where(up[d], 1, -1), cell[d])
            ended |= moved & ((cell[d] < 0) | (cell[d] >= f[d].size - 1))
        found[ray] = np.where(there >= 0, there, OPEN)
        left = (there < 0) & ~ended
        ray, *rest = (q[left] for q in (ray, *cell, *p, *inverse))
        cell, p, inverse = rest[:3], rest[3:6], rest[6:]
        if not ray.size:
            break
    hit[...] = found.reshape(hit.shape)


def sparse_product(nx, ny, nz, width, size, column, value, x, y):
    """y = matrix times x, entry by entry of the rows; a column `size` is none."""
    whole = np.append(x, x.dtype.type(0))
    total = np.zeros_like(y)
    for c, v in zip(column, value):
        total += np.where(c < size, v * whole[c], 0)
    y[...] = total
