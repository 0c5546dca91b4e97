"""numpy twins of wall_functions.cu."""

from __future__ import annotations

import numpy as np

from coldrack.kernels.reference.functions import exponential, logarithm
from coldrack.kernels.reference.momentum import I, _at, _width


def velocity_plus(y):
    """u+ (y+) of Reichardt."""
    r = y.dtype.type
    buffer = r(1) - exponential(-y / r(11)) - y / r(11) * exponential(r(-0.33) * y)
    return logarithm(r(1) + r(0.41) * y) / r(0.41) + r(7.3746) * buffer


def friction_ratio(y):
    """y+/u+, 1 in the viscous sublayer."""
    r = y.dtype.type
    return np.where(y < r(0.1), r(1), y / velocity_plus(np.maximum(y, r(0.1))))


def heat_ratio(y, pr, beta):
    """Pr y+/T+ of Kader."""
    r = y.dtype.type
    pr, beta, yp = r(pr), r(beta), np.maximum(y, r(0.1))
    a = pr * yp
    a2 = a * a
    blend = r(0.01) * a2 * a2 / (r(1) + r(5) * pr * pr * a)
    t = a * exponential(-blend) + (r(2.12) * logarithm(r(1) + yp) + beta) * exponential(r(-1) / blend)
    return np.where(y < r(0.1), r(1), a / t)


def _bit(axis):
    return 4**axis


def _conductance(walls, rho, mu, ustar, q, d, h, area):
    bit, w, half = _bit(d), _at(walls, *q), mu.dtype.type(0.5)
    count = ((w & bit) != 0).astype(mu.dtype) + ((w & (2 * bit)) != 0).astype(mu.dtype)
    y, m = half * h, _at(mu, *q)
    value = count * area * m / y * friction_ratio(_at(rho, *q) * _at(ustar, *q) * y / m)
    return np.where(count == 0, mu.dtype.type(0), value)


def lateral_viscosity(nx, ny, nz, axis, second, kind, walls, mu, hx, hy, hz, g):
    """Viscous conductance across one of the other axes with geometric means."""
    h, d, e, l = (hx, hy, hz), (axis + 1 + second) % 3, (axis + 2 - second) % 3, (axis, -1)
    low = [np.roll(a, 1, 2 - d) for a in (kind, mu)]  # for what lies below the array too: the control volume is none there

    def half(q, width):
        open_ = (_at(kind, *q) == 1) & (_at(low[0], *q) == 1) & ((_at(walls, *q) & _bit(d)) == 0)
        return open_.astype(mu.dtype) * width * np.sqrt(_at(mu, *q) * _at(low[1], *q))

    distance = _width(h[d], d) + _width(h[d], d, -1)
    value = half((l,), _width(h[axis], axis, -1)) + half((), _width(h[axis], axis))
    g[I] = _width(h[e], e) / distance * value


def wall_friction(nx, ny, nz, axis, walls, solved, rho, mu, ustar, hx, hy, hz, u, b, drag):
    """Friction of the walls beside every face's control volume."""
    h, d, e, l, half = (hx, hy, hz), (axis + 1) % 3, (axis + 2) % 3, ((axis, -1),), mu.dtype.type(0.5)
    hd, he = _width(h[d], d), _width(h[e], e)
    al, ar = half * _width(h[axis], axis, -1), half * _width(h[axis], axis)
    total = (_conductance(walls, rho, mu, ustar, l, d, hd, al * he) + _conductance(walls, rho, mu, ustar, (), d, hd, ar * he)
             + _conductance(walls, rho, mu, ustar, l, e, he, al * hd) + _conductance(walls, rho, mu, ustar, (), e, he, ar * hd))
    on = (_at(solved) != 0) & ((_at(walls) | _at(walls, *l)) != 0)
    b[I] = np.where(on, _at(b) - total * _at(u), _at(b))
    drag[I] = np.where(on, _at(drag) + total, _at(drag))


def wall_strain(nx, ny, nz, walls, rho, mu, mut, ustar, u, v, w, hx, hy, hz, s2):
    """Square of the velocity's gradient beside walls."""
    half, at = mu.dtype.type(0.5), _at(walls)
    a2, b2, d2 = (c * c for c in (half * (_at(q) + _at(q, (axis, 1))) for axis, q in enumerate((u, v, w))))
    scale, viscous = _at(rho) * _at(ustar) / _at(mu), _at(mu) / (_at(mu) + _at(mut))
    f = []
    for axis, h in enumerate((hx, hy, hz)):
        y = half * _width(h, axis)
        f.append(((at & 3 * _bit(axis)) != 0).astype(mu.dtype) * viscous * friction_ratio(scale * y) / y)
    fx, fy, fz = f
    value = fx * fx * (b2 + d2) + fy * fy * (a2 + d2) + fz * fz * (a2 + b2)
    s2[I] = np.where(at != 0, value, _at(s2))


def turbulent_conductance(nx, ny, nz, axis, pr, beta, cp, turbulent_pr, walls, kind, rho, mu, mut, ustar, hx, hy, hz, g0, g):
    """Heat conductances of turbulent air, at walls by the law of the wall."""
    r, h, l, bit = mu.dtype.type, (hx, hy, hz), (axis, -1), _bit(axis)
    pr, cp, turbulent_pr = r(pr), r(cp), r(turbulent_pr)
    area = _width(h[(axis + 1) % 3], (axis + 1) % 3) * _width(h[(axis + 2) % 3], (axis + 2) % 3)
    yc, yl, fixed = r(0.5) * _width(h[axis], axis), r(0.5) * _width(h[axis], axis, -1), _at(g0)
    kc, kl = (cp * (_at(mu, *q) / pr + _at(mut, *q) / turbulent_pr) for q in ((), (l,)))
    inner = area * np.sqrt(kc * kl) / (yc + yl)
    above = (_at(walls) & bit) != 0
    below = (_at(walls, l) & (2 * bit)) != 0
    m, rho_q, star = (np.where(above, _at(a), _at(a, l)) for a in (mu, rho, ustar))
    y = np.where(above, yc, yl)
    laminar = y * pr / (cp * m * area)
    wall = r(1) / (r(1) / fixed - laminar + laminar / heat_ratio(rho_q * star * y / m, pr, beta))
    fluid = (_at(kind) == 1) & (_at(kind, l) == 1)
    g[I] = np.where(fixed > 0, np.where(fluid, inner, np.where(above | below, wall, fixed)), fixed)
