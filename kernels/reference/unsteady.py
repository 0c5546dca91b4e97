"""numpy twins of unsteady.cu."""

from __future__ import annotations

import numpy as np

from coldrack.kernels.reference.momentum import I, _at, _width
from coldrack.kernels.reference.operator import _coloured


def central_advection(nx, ny, nz, axis, place, mx, my, mz, x, b):
    """From the upwind to the central, skew-symmetric form."""
    half, left, total = x.dtype.type(0.5), None, None
    for a, m in enumerate((mx, my, mz)):
        parts = []
        for shift in ((), ((a, 1),)):
            low = (*shift, (a, -1))
            carried = (a == axis) | ((_at(place, *shift) != 0) & (_at(place, *low) != 0))
            value = half * abs(_at(m, *shift)) * (_at(x, *shift) - _at(x, *low))
            parts.append(np.where(carried, value, 0))
        left = _at(m) - _at(m, (a, 1)) if left is None else left + _at(m) - _at(m, (a, 1))
        total = parts[0] - parts[1] if total is None else total + parts[0] - parts[1]
    total = total + half * _at(x) * left
    b[I] += np.where(_at(place) == 1, total, 0)


def _slope(kind, q, h, a, d):
    """Slope along `d` of the velocity along `a` at the cells' centres."""
    one, half, here = q.dtype.type(1), q.dtype.type(0.5), _width(h[d], d)
    wall = one / here
    if a == d:
        return (_at(q, (a, 1)) - _at(q)) * wall
    sides = []
    for side in (-1, 1):
        inner, there = one / (here + _width(h[d], d, side)), _at(kind, (d, side))
        sides.append((there == 1).astype(q.dtype) * inner + (there == 0).astype(q.dtype) * wall)
    down = (_at(q) - _at(q, (d, -1))) + (_at(q, (a, 1)) - _at(q, (a, 1), (d, -1)))
    up = (_at(q, (d, 1)) - _at(q)) + (_at(q, (a, 1), (d, 1)) - _at(q, (a, 1)))
    return half * (sides[0] * down + sides[1] * up)


def _gradient(kind, velocity, h):
    return [[_slope(kind, q, h, a, d) for d in range(3)] for a, q in enumerate(velocity)]


def _three(*terms):
    return terms[0] + terms[1] + terms[2]


def eddy_wale(nx, ny, nz, kind, rho, u, v, w, hx, hy, hz, lx, ly, lz, mu):
    """Eddy viscosity from the traceless symmetric part of the squared gradient."""
    half, two = rho.dtype.type(0.5), rho.dtype.type(2)
    g = _gradient(kind, (u, v, w), (hx, hy, hz))
    square = [[_three(*(g[i][m] * g[m][j] for m in range(3))) for j in range(3)] for i in range(3)]
    third = _three(*(square[i][i] for i in range(3))) * rho.dtype.type(1 / 3)
    pairs = ((0, 1), (0, 2), (1, 2))
    own = _three(*((square[i][i] - third) * (square[i][i] - third) for i in range(3)))
    mixed = [half * (square[i][j] + square[j][i]) for i, j in pairs]
    d = own + two * _three(*(m * m for m in mixed))
    strain = [half * (g[i][j] + g[j][i]) for i, j in pairs]
    s = _three(*(g[i][i] * g[i][i] for i in range(3))) + two * _three(*(m * m for m in strain))
    below = s * s * np.sqrt(s) + d * np.sqrt(np.sqrt(d))
    length = _width(lx, 0) * _width(ly, 1) * _width(lz, 2)
    value = _at(rho) * length * (d * np.sqrt(d)) / np.where(below != 0, below, rho.dtype.type(1))
    mu[I] = np.where(_at(kind) == 1, value, 0)


def eddy_vreman(nx, ny, nz, factor, kind, rho, u, v, w, hx, hy, hz, mu):
    """Eddy viscosity from the second invariant of the subgrid tensor."""
    g, one = _gradient(kind, (u, v, w), (hx, hy, hz)), rho.dtype.type(1)
    square = [_width(h, d) * _width(h, d) for d, h in enumerate((hx, hy, hz))]
    t = [[_three(*(square[m] * g[i][m] * g[j][m] for m in range(3))) for j in range(3)] for i in range(3)]
    b = _three(*(t[i][i] * t[j][j] - t[i][j] * t[i][j] for i, j in ((0, 1), (0, 2), (1, 2))))
    a = _three(*(_three(*(q * q for q in row)) for row in g))
    value = rho.dtype.type(factor) * _at(rho) * np.sqrt(np.maximum(b, 0) / np.where(a != 0, a, one))
    mu[I] = np.where(_at(kind) == 1, value, 0)


def _turned(mu, q, h, a, d, *shift):
    """mu A du_d/dx_a through the low d-face of the control volumes of component `a`."""
    mean = mu.dtype.type(0.25) * (_at(mu, *shift) + _at(mu, *shift, (a, -1)) + _at(mu, *shift, (d, -1))
                                  + _at(mu, *shift, (a, -1), (d, -1)))
    e = 3 - a - d
    return mean * _width(h[e], e) * (_at(q, *shift) - _at(q, *shift, (a, -1)))


def eddy_stress(nx, ny, nz, axis, solved, mu, u, v, w, hx, hy, hz, b):
    """Transposed part of the eddies' stress."""
    h, velocity = (hx, hy, hz), (u, v, w)
    d, e = (axis + 1) % 3, (axis + 2) % 3
    p = velocity[axis]
    high = _at(mu) * (_at(p, (axis, 1)) - _at(p)) / _width(h[axis], axis)
    low = _at(mu, (axis, -1)) * (_at(p) - _at(p, (axis, -1))) / _width(h[axis], axis, -1)
    total = _width(h[d], d) * _width(h[e], e) * (high - low)
    for t in (d, e):
        total = total + (_turned(mu, velocity[t], h, axis, t, (t, 1)) - _turned(mu, velocity[t], h, axis, t))
    b[I] += np.where(_at(solved) != 0, total, 0)


def eddy_conduction(nx, ny, nz, factor, carrier, mu, t, hx, hy, hz, b):
    """Heat that small eddies carry between cells of coolant."""
    h, total = (hx, hy, hz), None
    for a in range(3):
        area = _width(h[(a + 1) % 3], (a + 1) % 3) * _width(h[(a + 2) % 3], (a + 2) % 3)
        parts = []
        for n, shift in enumerate(((), ((a, 1),))):
            low = (*shift, (a, -1))
            inside = (_at(carrier, *shift) == 1) & (_at(carrier, *low) == 1)
            widths = _width(h[a], a, n) + _width(h[a], a, n - 1)
            value = (_at(mu, *shift) + _at(mu, *low)) * area / widths * (_at(t, *low) - _at(t, *shift))
            parts.append(np.where(inside, value, 0))
        total = parts[0] - parts[1] if total is None else total + parts[0] - parts[1]
    b[I] += t.dtype.type(factor) * total


def _pairs(g, x):
    return [(_at(a, *shift), _at(x, *there)) for axis, a in enumerate(g)
            for shift, there in (((), ((axis, -1),)), (((axis, 1),), ((axis, 1),)))]


def apply_stored(nx, ny, nz, x, gx, gy, gz, s, solved, y):
    """y = (s + A) x."""
    total = _at(s) * _at(x)
    for g, there in _pairs((gx, gy, gz), x):
        total = total + g * (_at(x) - there)
    y[I] = np.where(_at(solved) != 0, total, 0)


def sweep_stored(nx, ny, nz, colour, gx, gy, gz, dinv, b, x):
    """One colour of red-black Gauss-Seidel with storage."""
    total = None
    for g, there in _pairs((gx, gy, gz), x):
        total = g * there if total is None else total + g * there
    on = _coloured(nx, ny, nz, colour) & (_at(dinv) != 0)
    x[I] = np.where(on, _at(dinv) * (_at(b) + total), _at(x))


def advance(nx, ny, nz, gamma, zeta, inverse, r, r_before, x):
    """A stage of the Runge-Kutta scheme."""
    x += inverse * (x.dtype.type(gamma) * r + x.dtype.type(zeta) * r_before)


def step_rates(nx, ny, nz, per_speed, per_viscosity, kind, rho, mu, u, v, w, hx, hy, hz, r):
    """What limits the step in time in every cell."""
    t = rho.dtype.type
    one = t(1) / (_width(hx, 0) * _at(rho))
    per_width = (_at(rho) * one, t(1) / _width(hy, 1), t(1) / _width(hz, 2))
    x, y, z = (np.maximum(abs(_at(q)), abs(_at(q, (a, 1)))) * per_width[a] for a, q in enumerate((u, v, w)))
    square = per_width[0] * per_width[0] + per_width[1] * per_width[1] + per_width[2] * per_width[2]
    value = t(per_speed) * (x + y + z) + t(per_viscosity) * (_at(mu) * (_width(hx, 0) * one)) * square
    r[I] = np.where(_at(kind) == 1, value, 0)


def accumulate(nx, ny, nz, weight, x, first, second):
    """Sums of a signal and of its square."""
    weight = x.dtype.type(weight)
    first += weight * x
    second += weight * x * x
