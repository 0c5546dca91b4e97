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
    rq, rp = _at(rho, *q), _at(rho, *p)
    half = rho.dtype.type(0.5)
    return np.where(a & b, half * (rq + rp), np.where(a, rq, np.where(b, rp, 0)))


def _shift(kind, mu, *shifts):
    """(a[here + shifts]) with cells beyond the array taken as solid: kind and viscosity."""
    out = []
    for a in (kind, mu):
        padded = np.pad(a, 1)
        step = [0, 0, 0]
        for axis, n in shifts:
            step[2 - axis] += n
        out.append(padded[tuple(slice(2 + n, padded.shape[d] - 2 + n) for d, n in enumerate(step))])
    return out


def _share(kind_behind, h, h_behind):
    return np.where(kind_behind == 1, h / (h + h_behind), h.dtype.type(0))


def _half(kind, mu, q, d, area, h):
    """Viscous conductance through the half face between the cell at shifts `q` and the one below it along `d`."""
    (kq, mq), (kp, mp) = _shift(kind, mu, *q), _shift(kind, mu, *q, (d, -1))
    behind_q, behind_p = _shift(kind, mu, *q, (d, 1))[0], _shift(kind, mu, *q, (d, -2))[0]
    hq, hp, hqq = (_width(h, d, n) for n in (0, -1, 1))
    hpp = np.roll(hp, 1, 2 - d)
    one, two = mu.dtype.type(1), mu.dtype.type(2)
    low = two * mq * area / hq * (one + _share(behind_q, hq, hqq))
    high = two * mp * area / hp * (one + _share(behind_p, hp, hpp))
    return np.where((kq == 1) & (kp == 1), (mq + mp) * area / (hq + hp),
                    np.where((kq == 1) & (kp == 0), low, np.where((kp == 1) & (kq == 0), high, 0)))


def _curvature(kind, mu, q, d, side, area, h, difference):
    """What the cell behind the wall cell at shifts `q`, away from `side`, lends to the slope at the wall."""
    kq, mq = _shift(kind, mu, *q)
    wall, behind = _shift(kind, mu, *q, (d, side))[0], _shift(kind, mu, *q, (d, -side))[0]
    at = _width(h, d)
    share = _share(behind, at, _width(h, d, -side))
    on = (kq == 1) & (wall == 0)
    return np.where(on, mu.dtype.type(2) * mq * area / at * share * share * difference, 0)


def momentum_coefficients(nx, ny, nz, axis, kind, rho, mu, u, v, w, hx, hy, hz, gx, gy, gz, mx, my, mz):
    """Viscous conductances and mass fluxes of one component's control volumes."""
    h, vel, g_out, m_out = (hx, hy, hz), (u, v, w), (gx, gy, gz), (mx, my, mz)
    half = rho.dtype.type(0.5)
    here, l = (), ((axis, -1),)
    for d in range(3):
        q = vel[d]
        if d == axis:
            fluid = _at(kind, *l) == 1
            area = _width(h[(axis + 1) % 3], (axis + 1) % 3) * _width(h[(axis + 2) % 3], (axis + 2) % 3)
            g = _at(mu, *l) * area / _width(h[axis], axis, -1)
            first = [slice(None)] * 3
            first[2 - axis] = slice(0, 1)
            fluid[tuple(first)] = False  # below the first cell is a ghost, never coolant
            ll_kind, ll_rho = np.roll(kind, 1, 2 - axis), np.roll(rho, 1, 2 - axis)
            b, rp = _at(ll_kind, *l) == 1, _at(ll_rho, *l)
            below = np.where(b, half * (_at(rho, *l) + rp), _at(rho, *l))
            m = half * area * (below * _at(q, *l) + _density(kind, rho, here, l) * _at(q))
            g, m = np.where(fluid, g, 0), np.where(fluid, m, 0)
            back = area * _density(kind, rho, here, l) * _at(q)
            ends = np.zeros((2, *back.shape), bool)
            np.moveaxis(ends[0], 2 - axis, 0)[0] = np.moveaxis(ends[1], 2 - axis, 0)[-1] = True
            m = np.where(ends[0] & (_at(kind, *l) == 3), np.maximum(back, 0), m)
            beyond = ends[1] & (_at(kind) == 3)
            _at(m_out[d], (axis, 1))[beyond] = np.minimum(back, 0)[beyond]
        else:
            e = 3 - axis - d
            s, ls = ((d, -1),), ((axis, -1), (d, -1))
            al = half * _width(h[axis], axis, -1) * _width(h[e], e)
            ar = half * _width(h[axis], axis) * _width(h[e], e)
            fl = np.where((_at(kind, *l) == 1) | (_at(kind, *ls) == 1), al, 0)
            fr = np.where((_at(kind) == 1) | (_at(kind, *s) == 1), ar, 0)
            g = _half(kind, mu, l, d, al, h[d]) + _half(kind, mu, here, d, ar, h[d])
            m = _density(kind, rho, l, ls) * _at(q, *l) * fl + _density(kind, rho, here, s) * _at(q) * fr
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
    on = (_at(solved) != 0) & (d > 0)
    alpha = gx.dtype.type(alpha)
    dinv[I] = np.where(on, alpha / np.where(on, d, 1), 0)
    dp[I] = np.where(on, _area((hx, hy, hz), axis) / np.where(on, d / alpha - h, 1), 0)


def momentum_force(nx, ny, nz, axis, kind, solved, mu, u, p, hx, hy, hz, b):
    """b = A (p_low - p_high) + what completes the parabola at walls."""
    h, half, l = (hx, hy, hz), mu.dtype.type(0.5), ((axis, -1),)
    force = _area(h, axis) * (_at(p, *l) - _at(p))
    for d in range(3):
        if d == axis:
            continue
        e = 3 - axis - d
        al = half * _width(h[axis], axis, -1) * _width(h[e], e)
        ar = half * _width(h[axis], axis) * _width(h[e], e)
        up, down = _at(u, (d, 1)) - _at(u), _at(u, (d, -1)) - _at(u)
        force += (_curvature(kind, mu, l, d, -1, al, h[d], up) + _curvature(kind, mu, (), d, -1, ar, h[d], up)
                  + _curvature(kind, mu, l, d, 1, al, h[d], down) + _curvature(kind, mu, (), d, 1, ar, h[d], down))
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
