"""numpy twins of momentum.cu."""

from __future__ import annotations

import numpy as np

I = (slice(1, -1),) * 3


def _at(a, *shift):
    """Interior view of `a` moved by the sum of (axis, step) shifts."""
    step = [0, 0, 0]
    for axis, n in shift:
        step[2 - axis] += n
    return a[tuple(slice(1 + n, a.shape[d] - 1 + n) for d, n in enumerate(step))]


def _width(h, axis, step=0):
    shape = [1, 1, 1]
    shape[2 - axis] = -1
    return h[1 + step : h.size - 1 + step].reshape(shape)


def _area(h, axis):
    b, c = sorted((axis + 1, axis + 2), key=lambda d: d % 3)
    return _width(h[b % 3], b % 3) * _width(h[c % 3], c % 3)


def _density(kind, rho, *shifts):
    q, p = shifts
    a, b = _at(kind, *q) == 1, _at(kind, *p) == 1
    total = np.where(a, _at(rho, *q), 0) + np.where(b, _at(rho, *p), 0)
    return np.where(a & b, rho.dtype.type(0.5) * total, total)


def _kinds(kind, *shifts):
    """Kinds moved by the shifts, along the last one's axis with solid beyond the array."""
    axis = 2 - shifts[-1][0]
    pad = [(2, 2) if d == axis else (0, 0) for d in range(3)]
    step = [0, 0, 0]
    for a, n in shifts:
        step[2 - a] += n
    padded, start = np.pad(kind, pad), [2 if d == axis else 0 for d in range(3)]
    return padded[tuple(slice(start[d] + 1 + n, start[d] + kind.shape[d] - 1 + n) for d, n in enumerate(step))]


def _half(kind, mu, q, d, area, inner, low, high, share_low, share_high, friction):
    """Viscous conductance through the half face between the cell at shifts `q` and the one below it along `d`."""
    one, p = mu.dtype.type(1), (*q, (d, -1))
    kq, kp, mq, mp = _at(kind, *q), _at(kind, *p), _at(mu, *q), _at(mu, *p)
    behind_low = (_kinds(kind, *q, (d, 1)) == 1).astype(mu.dtype)
    behind_high = (_kinds(kind, *q, (d, -2)) == 1).astype(mu.dtype)
    fluid, below, above = ((kq == 1) & (kp == 1)), ((kq == 1) & (kp == 0)), ((kp == 1) & (kq == 0))
    return (fluid.astype(mu.dtype) * ((mq + mp) * area * inner)
            + below.astype(mu.dtype) * (friction * mq * area * low * (one + behind_low * share_low))
            + above.astype(mu.dtype) * (friction * mp * area * high * (one + behind_high * share_high)))


def _lateral(friction, kind, rho, mu, q, h, axis, d):
    """Viscous conductance and mass flux of a component's control volumes through their low faces across it."""
    one, two, half = (mu.dtype.type(n) for n in (1, 2, 0.5))
    e, l, s = 3 - axis - d, (axis, -1), (d, -1)
    al = half * _width(h[axis], axis, -1) * _width(h[e], e)
    ar = half * _width(h[axis], axis) * _width(h[e], e)
    here, up, down = (_width(h[d], d, n) for n in (0, 1, -1))
    below = np.roll(down, 1, 2 - d)
    share_high = down / (down + below)
    first = [slice(None)] * 3
    first[2 - d] = slice(0, 1)
    share_high[tuple(first)] = 0
    terms = (one / (here + down), two / here, two / down, here / (here + up), share_high, mu.dtype.type(friction))
    g = _half(kind, mu, (l,), d, al, *terms) + _half(kind, mu, (), d, ar, *terms)
    return g, _density(kind, rho, (l,), (l, s)) * _at(q, l) * al + _density(kind, rho, (), (s,)) * _at(q) * ar


def _normal(kind, rho, mu, q, h, axis, m_out):
    """The same along the component, through the centre of the cell below; backflow at the ends into `m_out`."""
    half, l, a = rho.dtype.type(0.5), (axis, -1), 2 - axis
    area = _width(h[(axis + 1) % 3], (axis + 1) % 3) * _width(h[(axis + 2) % 3], (axis + 2) % 3)
    first = np.zeros([n - 2 if d == a else 1 for d, n in enumerate(kind.shape)], bool)
    np.moveaxis(first, a, 0)[0] = True
    last = np.flip(first, a)
    here = _density(kind, rho, (), (l,)) * _at(q)
    below = _density(np.roll(kind, 1, a), np.roll(rho, 1, a), (), (l,)) * _at(q, l)  # unused in the first cell
    inside = ((_at(kind, l) == 1) & ~first).astype(rho.dtype)
    low = ((_at(kind, l) == 3) & first).astype(rho.dtype)
    back = area * here
    beyond = last & (_at(kind) == 3)
    _at(m_out, (axis, 1))[beyond] = np.minimum(back, 0)[beyond]
    g = inside * (_at(mu, l) * area / _width(h[axis], axis, -1))
    return g, low * np.maximum(back, 0) + inside * (half * area * (below + here))


def momentum_coefficients(nx, ny, nz, axis, friction, kind, rho, mu, u, v, w, hx, hy, hz, gx, gy, gz, mx, my, mz):
    """Viscous conductances and mass fluxes of one component's control volumes."""
    h, vel, g_out, m_out = (hx, hy, hz), (u, v, w), (gx, gy, gz), (mx, my, mz)
    for d in range(3):
        if d == axis:
            g, m = _normal(kind, rho, mu, vel[d], h, axis, m_out[d])
        else:
            g, m = _lateral(friction, kind, rho, mu, vel[d], h, axis, d)
        g_out[d][I], m_out[d][I] = g, m


def momentum_diagonal(nx, ny, nz, axis, alpha, solved, gx, gy, gz, mx, my, mz, hx, hy, hz, dinv, dp):
    """Relaxed inverse diagonal and the SIMPLEC velocity per pressure difference."""
    d = h = None
    for a, (g, m) in enumerate(((gx, mx), (gy, my), (gz, mz))):
        lo = _at(g) + np.maximum(_at(m), 0)
        hi = _at(g, (a, 1)) + np.maximum(-_at(m, (a, 1)), 0)
        for c, step in ((lo, -1), (hi, 1)):
            d = c if d is None else d + c
            part = c * _at(solved, (a, step)).astype(g.dtype)
            h = part if h is None else h + part
    on, alpha = _at(solved).astype(gx.dtype), gx.dtype.type(alpha)
    off = gx.dtype.type(1) - on
    dinv[I] = on * (alpha / (d + off))
    dp[I] = on * (_area((hx, hy, hz), axis) / (d / alpha - on * h + off))


def _curvature(kind, mu, u, h, axis, d):
    """What the cells behind wall cells lend to the slope at the walls across `d`."""
    two, half, e, l = mu.dtype.type(2), mu.dtype.type(0.5), 3 - axis - d, (axis, -1)
    al = half * _width(h[axis], axis, -1) * _width(h[e], e)
    ar = half * _width(h[axis], axis) * _width(h[e], e)
    here, sides = _width(h[d], d), []
    for side in (1, -1):
        share = here / (here + _width(h[d], d, side))
        sides.append(two / here * share * share * (_at(u, (d, side)) - _at(u)))
    weights = [np.zeros_like(_at(u)), np.zeros_like(_at(u))]
    for cell, area in (((l,), al), ((), ar)):
        k0, k1, k2 = _at(kind, *cell), _at(kind, *cell, (d, 1)), _at(kind, *cell, (d, -1))
        for weight, (wall, behind) in zip(weights, ((k2, k1), (k1, k2))):
            weight += ((k0 == 1) & (wall == 0) & (behind == 1)).astype(mu.dtype) * (_at(mu, *cell) * area)
    return weights[0] * sides[0] + weights[1] * sides[1]


def momentum_force(nx, ny, nz, axis, friction, kind, solved, mu, u, p, hx, hy, hz, b):
    """b = A (p_low - p_high) + friction times what completes the parabola at walls."""
    h, d, e = (hx, hy, hz), (axis + 1) % 3, (axis + 2) % 3
    force = _area(h, axis) * (_at(p, (axis, -1)) - _at(p))
    curved = _curvature(kind, mu, u, h, axis, d) + _curvature(kind, mu, u, h, axis, e)
    force = force + mu.dtype.type(friction) * curved
    b[I] = np.where(_at(solved) != 0, force, 0)


def mass_flux(nx, ny, nz, axis, kind, rho, u, hx, hy, hz, m):
    """m = rho u A."""
    m[I] = _area((hx, hy, hz), axis) * _density(kind, rho, (), ((axis, -1),)) * _at(u)


def mass_imbalance(nx, ny, nz, kind, rho, u, v, w, hx, hy, hz, b):
    """Inflow minus outflow of every coolant cell."""
    total = None
    for a, q in enumerate((u, v, w)):
        flow = _density(kind, rho, (), ((a, -1),)) * _at(q) - _density(kind, rho, (), ((a, 1),)) * _at(q, (a, 1))
        part = _area((hx, hy, hz), a) * flow
        total = part if total is None else total + part
    b[I] = np.where(_at(kind) == 1, total, 0)


def pressure_conductance(nx, ny, nz, axis, kind, rho, dp, hx, hy, hz, g):
    """g = rho A dp."""
    g[I] = _area((hx, hy, hz), axis) * _density(kind, rho, (), ((axis, -1),)) * _at(dp)


def correct_velocity(nx, ny, nz, axis, dp, p, u):
    """u += dp (p_low - p_high)."""
    u[I] += _at(dp) * (_at(p, (axis, -1)) - _at(p))
