"""numpy twins of flow_transfer.cu."""

from __future__ import annotations

import itertools

import numpy as np

I = (slice(1, -1),) * 3


def _sum(a, starts, axis=3, shift=0):
    """Sums over the fine cells of every coarse cell, or over the fine faces of every coarse face along `axis`."""
    groups = []
    for d, start in enumerate(starts):
        first = start[1:-1].astype(np.int64)
        size = np.ones_like(first) if d == axis else np.diff(start[1:])
        groups.append((first + (shift if d == axis else 0), size))
    (x, nx), (y, ny), (z, nz) = groups
    total = np.zeros((z.size, y.size, x.size), a.dtype)
    for dz, dy, dx in itertools.product(*[range(int(n.max(initial=0))) for n in (nz, ny, nx)]):
        there = (dz < nz)[:, None, None] & (dy < ny)[:, None] & (dx < nx)
        at = [np.clip(p + step, 0, n - 1) for p, step, n in zip((z, y, x), (dz, dy, dx), a.shape)]
        total = np.where(there, total + a[np.ix_(*at)], total)
    return total


def _column(h, axis):
    shape = [1, 1, 1]
    shape[2 - axis] = -1
    return h.reshape(shape)


def restrict_velocity(mx, my, mz, nx, ny, nz, axis, startx, starty, startz, hx, hy, hz, solved, u, uc):
    """Mass-conserving means over coarse faces."""
    starts, h = (startx, starty, startz), (hx, hy, hz)
    b, c = (d for d in range(3) if d != axis)
    area = np.broadcast_to(_column(h[b], b) * _column(h[c], c), u.shape)
    flow, whole = _sum(area * u, starts, axis), _sum(area, starts, axis)
    uc[I] = np.where(solved[I] != 0, flow / whole, uc[I])


def restrict_mean(mx, my, mz, nx, ny, nz, startx, starty, startz, hx, hy, hz, kind, kindc, p, pc):
    """Means over the coolant of coarse cells."""
    starts = (startx, starty, startz)
    volume = np.where(kind == 1, _column(hx, 0) * _column(hy, 1) * _column(hz, 2), 0).astype(p.dtype)
    total, whole = _sum(volume * p, starts), _sum(volume, starts)
    on = (kindc[I] == 1) & (whole > 0)
    pc[I] = np.where(on, total / np.where(on, whole, 1), pc[I])


def restrict_force(mx, my, mz, nx, ny, nz, axis, startx, starty, startz, h, solved, r, b):
    """Transpose of linear interpolation along the axis, sums across it."""
    starts = (startx, starty, startz)
    start = starts[axis].astype(np.int64)
    q = start[1:-1]
    above, below = start[2:] - q == 2, q - start[:-2] == 2
    below[:1] = False
    h1, h2, h3 = h[np.minimum(q + 1, h.size - 1)], h[np.maximum(q - 2, 0)], h[np.maximum(q - 1, 0)]
    total = _sum(r, starts, axis)
    total = np.where(_column(above, axis), total + _column(h1 / (h[q] + h1), axis) * _sum(r, starts, axis, 1), total)
    total = np.where(_column(below, axis), total + _column(h2 / (h2 + h3), axis) * _sum(r, starts, axis, -1), total)
    b[I] = np.where(solved[I] != 0, total, 0)


def _corners(near, far, share, dtype):
    """Index triple, weight and offsets of the eight corners around every fine place."""
    inner = slice(1, -1)
    index = [(n[inner], f[inner]) for n, f in zip(near, far)]
    weight = [(dtype.type(1) - t[inner], t[inner]) for t in share]
    for dz, dy, dx in itertools.product((0, 1), repeat=3):
        w = (weight[2][dz][:, None, None] * weight[1][dy][:, None]) * weight[0][dx]
        yield (dx, dy, dz), np.ix_(index[2][dz], index[1][dy], index[0][dx]), w


def prolong_velocity(nx, ny, nz, mx, my, mz, axis, nearx, neary, nearz, farx, fary, farz, tx, ty, tz,
                     solved, solvedc, kindc, e, u):
    """Trilinear interpolation that vanishes on walls."""
    near, far = (nearx, neary, nearz), (farx, fary, farz)
    total = np.zeros_like(u[I])
    for offset, at, w in _corners(near, far, (tx, ty, tz), u.dtype):
        base = [(far if d == axis and offset[d] else near)[d][1:-1] for d in range(3)]
        place = np.ix_(base[2], base[1], base[0])
        mirrored = np.where(kindc[at] == 0, -e[place], e[place])
        same = np.ones(total.shape, bool)
        for here, there in zip(at, place):
            same &= here == there
        total += w * np.where((solvedc[at] != 0) | same, e[at], mirrored)
    u[I] += np.where(solved[I] != 0, total, 0)


def prolong_pressure(nx, ny, nz, mx, my, mz, nearx, neary, nearz, farx, fary, farz, tx, ty, tz, kind, kindc, e, p):
    """Trilinear interpolation from where there is a pressure."""
    near = e[np.ix_(nearz[1:-1], neary[1:-1], nearx[1:-1])]
    total = np.zeros_like(p[I])
    for _, at, w in _corners((nearx, neary, nearz), (farx, fary, farz), (tx, ty, tz), p.dtype):
        total += w * np.where((kindc[at] == 1) | (kindc[at] == 3), e[at], near)
    p[I] += np.where(kind[I] == 1, total, 0)
