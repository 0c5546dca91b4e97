"""numpy twins of turbulence.cu."""

from __future__ import annotations

import numpy as np

from coldrack.kernels.reference.functions import exponential, tanh
from coldrack.kernels.reference.momentum import I, _area, _at, _width

FIXED = 1e20
CELLS = (slice(1, -2),) * 3


def _air(kind, *q):
    return _at(kind, *q) == 1


def _slope(kind, low, here, high, h, axis):
    """Mean of the slopes towards the neighbours that are air."""
    r = here.dtype.type
    a, b = (_air(kind, (axis, n)).astype(here.dtype) for n in (-1, 1))
    down = a * (here - low) / (r(0.5) * (_width(h, axis) + _width(h, axis, -1)))
    up = b * (high - here) / (r(0.5) * (_width(h, axis) + _width(h, axis, 1)))
    return (down + up) / np.maximum(a + b, r(1))


def _shear(kind, low, here, high, h, axis):
    """Harmonic mean of the slopes towards the neighbours that are air, 0 where their signs differ."""
    r = here.dtype.type
    a, b = (_air(kind, (axis, n)).astype(here.dtype) for n in (-1, 1))
    down = a * (here - low) / (r(0.5) * (_width(h, axis) + _width(h, axis, -1)))
    up = b * (high - here) / (r(0.5) * (_width(h, axis) + _width(h, axis, 1)))
    apart = a * b * (up - down) / np.maximum(np.maximum(down, -down) + np.maximum(up, -up), r(1e-30))
    return (down + up) / np.maximum(a + b, r(1)) * (r(1) - apart * apart)


def _gradient(kind, f, h, axis):
    return _slope(kind, _at(f, (axis, -1)), _at(f), _at(f, (axis, 1)), h[axis], axis)


def _mean(u, d, *q):
    """Mean over a cell of the component along `d`; on a copy whose far ghosts are repeated."""
    return u.dtype.type(0.5) * (_at(u, *q) + _at(u, *q, (d, 1)))


def _cells(a):
    """Without the last layer along each axis."""
    return a[tuple(slice(0, n - 1) for n in a.shape)]


def strain_rate(nx, ny, nz, kind, u, v, w, hx, hy, hz, s2):
    """Square of the mean strain rate."""
    r, h, vel = u.dtype.type, (hx, hy, hz), (u, v, w)
    pad = [np.pad(q, 1, mode="edge") for q in vel]

    def mean(d, *q):
        p, step = pad[d], [0, 0, 0]
        for axis, n in q:
            step[2 - axis] += n
        up = list(step)
        up[2 - d] += 1
        low, high = (p[tuple(slice(2 + n, m - 2 + n) for n, m in zip(s, p.shape))] for s in (step, up))
        return r(0.5) * (low + high)

    def cross(d, axis):
        return _shear(kind, mean(d, (axis, -1)), mean(d), mean(d, (axis, 1)), h[axis], axis)

    ux, vy, wz = ((_at(q, (d, 1)) - _at(q)) / _width(h[d], d) for d, q in enumerate(vel))
    xy, xz, yz = cross(0, 1) + cross(1, 0), cross(0, 2) + cross(2, 0), cross(1, 2) + cross(2, 1)
    value = _air(kind).astype(u.dtype) * (r(2) * (ux * ux + vy * vy + wz * wz) + xy * xy + xz * xz + yz * yz)
    s2[CELLS] = _cells(value)


def buoyant_production(nx, ny, nz, ax, ay, az, kind, hx, hy, hz, t, q):
    """Buoyant production over the eddy viscosity."""
    h, total = (hx, hy, hz), None
    for axis, a in enumerate((ax, ay, az)):
        part = t.dtype.type(a) * _gradient(kind, t, h, axis)
        total = part if total is None else total + part
    q[CELLS] = _cells(_air(kind).astype(t.dtype) * total)


def scalar_conductance(nx, ny, nz, axis, kind, walls, gamma, hx, hy, hz, g):
    """Diffusive conductance between air cells."""
    h, l = (hx, hy, hz), (axis, -1)
    open_ = _air(kind) & _air(kind, l) & ((_at(walls) & 4**axis) == 0)
    widths = _width(h[axis], axis, -1) + _width(h[axis], axis)
    g[I] = open_.astype(gamma.dtype) * ((_at(gamma) + _at(gamma, l)) * _area(h, axis) / widths)


def omega_conductance(nx, ny, nz, axis, kind, walls, gamma, w, hx, hy, hz, g):
    """Diffusive conductance of omega between air cells: exact where omega^-1/2 is linear."""
    r, h, l = gamma.dtype.type, (hx, hy, hz), (axis, -1)
    open_ = _air(kind) & _air(kind, l) & ((_at(walls) & 4**axis) == 0)
    hl, hc = _width(h[axis], axis, -1), _width(h[axis], axis)
    widths = hl + hc
    rc, rl = (np.sqrt(np.maximum(_at(w, *q), r(0))) for q in ((), (l,)))
    total = np.maximum(rc + rl, r(1e-20))
    a, b = rc / total, rl / total
    e = np.maximum((a * hc + b * hl) / widths, r(1e-10))
    f = r(2) * a * a * b * b / (e * e * e)
    g[I] = open_.astype(gamma.dtype) * f * ((_at(gamma) + _at(gamma, l)) * _area(h, axis) / widths)


def close_backflow(nx, ny, nz, axis, kind, m):
    """No value comes with what enters through an open face."""
    l = (axis, -1)
    enters = ((_at(kind, l) == 3) & (_at(m) > 0)) | ((_at(kind) == 3) & (_at(m) < 0))
    m[I] = np.where(enters, 0, _at(m))


def transport_diagonal(nx, ny, nz, alpha, kind, gx, gy, gz, mx, my, mz, s, x, b, dinv):
    """Relaxed inverse diagonal, and what relaxation adds to the right-hand side."""
    r, d = x.dtype.type, None
    for axis, g in enumerate((gx, gy, gz)):
        low, high = _at(g), _at(g, (axis, 1))
        d = low + high if d is None else d + low + high
    for axis, m in enumerate((mx, my, mz)):
        d = d + np.maximum(_at(m), r(0)) + np.maximum(-_at(m, (axis, 1)), r(0))
    d = d + _at(s)
    alpha = r(alpha)
    old = (r(1) - alpha) / alpha
    on = _air(kind) & (d > 0)
    b[I] = np.where(on, _at(b) + old * d * _at(x), _at(b))
    dinv[I] = np.where(on, alpha / d, 0)


def _reynolds(rho, mu, y, k):
    return _at(rho) * np.sqrt(_at(k)) * _at(y) / _at(mu)


def _length(y, reynolds, damping):
    r = reynolds.dtype.type
    return r(2.4951) * _at(y) * (r(1) - exponential(-reynolds / r(damping)))


def _volume(kind, hx, hy, hz):
    return _air(kind).astype(hx.dtype) * _width(hx, 0) * _width(hy, 1) * _width(hz, 2)


def _layer_share(reynolds):
    r = reynolds.dtype.type
    return r(0.5) * (r(1) + tanh((reynolds - r(200)) / r(17.41)))


def k_epsilon_sources(nx, ny, nz, kind, rho, mu, mut, distance, s2, q, ke, eps, hx, hy, hz, gammak, bk, sk, gammae, be, se):
    """Sources, sinks and diffusivities of k and epsilon."""
    r = mu.dtype.type
    volume, rate = _volume(kind, hx, hy, hz), _at(eps) / _at(ke)
    gain = np.minimum(_at(mut) * _at(s2), r(10) * _at(rho) * _at(eps)) + _at(mut) * np.maximum(_at(q), r(0))
    loss = _at(mut) * np.maximum(-_at(q), r(0))
    reynolds = _reynolds(rho, mu, distance, ke)
    known = _at(ke) * np.sqrt(_at(ke)) / _length(distance, reynolds, 4.9902)
    share = _layer_share(reynolds)
    sink = _at(rho) * rate * (r(1) - share) / np.maximum(share, r(1e-20))
    gammak[I], gammae[I] = _at(mu) + _at(mut), _at(mu) + _at(mut) / r(1.3)
    inner = (r(1) - share) * _at(rho) * known / _at(ke)
    bk[I] = volume * (gain + r(0.5) * inner * _at(ke))
    sk[I] = volume * (share * _at(rho) * rate + r(1.5) * inner + loss / _at(ke))
    be[I] = volume * (r(1.44) * rate * gain + sink * known)
    se[I] = volume * (r(1.92) * _at(rho) * rate + sink)


def k_epsilon_viscosity(nx, ny, nz, most, kind, rho, mu, distance, ke, eps, mut, ustar):
    """Eddy viscosity and velocity scale."""
    r, on = mu.dtype.type, _air(kind).astype(mu.dtype)
    size, reynolds = np.sqrt(_at(ke)), _reynolds(rho, mu, distance, ke)
    share = _layer_share(reynolds)
    outer, inner = _at(ke) * _at(ke) / _at(eps), _length(distance, reynolds, 70) * size
    value = r(0.09) * _at(rho) * (share * outer + (r(1) - share) * inner)
    mut[I] = on * np.minimum(value, r(most) * _at(mu))
    ustar[I] = on * r(0.5477225575) * size


def _nearest(walls, hx, hy, hz):
    """Half of what is across the smallest of a wall cell's walls."""
    r, w = hx.dtype.type, _at(walls)
    x, y, z = (np.where((w & 3 * 4**d) != 0, _width(h, d), r(1e30)) for d, h in enumerate((hx, hy, hz)))
    return r(0.5) * np.minimum(x, np.minimum(y, z))


def k_omega_sources(nx, ny, nz, kind, walls, rho, mu, mut, ustar, distance, s2, q, ke, w, hx, hy, hz,
                    gammak, bk, sk, gammaw, bw, sw):
    """Sources, sinks and diffusivities of k and omega."""
    rt, h = mu.dtype.type, (hx, hy, hz)
    kc, wc, d, r, m, mt = (_at(a) for a in (ke, w, distance, rho, mu, mut))
    volume = _volume(kind, hx, hy, hz)
    dots = [_gradient(kind, ke, h, a) * _gradient(kind, w, h, a) for a in range(3)]
    cross = rt(1.712) * r / wc * (dots[0] + dots[1] + dots[2])
    far, viscous = np.sqrt(kc) / (rt(0.09) * wc * d), rt(500) * m / (r * d * d * wc)
    third = rt(3.424) * r * kc / (np.maximum(cross, rt(1e-10)) * d * d)
    capped = np.minimum(np.minimum(np.maximum(far, viscous), third), rt(10))
    f1 = tanh(capped * capped * capped * capped)
    f2 = rt(1) - f1
    limited = np.minimum(_at(s2), rt(0.9) * r * kc * wc / np.maximum(mt, rt(1e-30)))
    gain, loss = np.maximum(_at(q), rt(0)), mt * np.maximum(-_at(q), rt(0))
    gamma, beta = rt(5) / rt(9) * f1 + rt(0.44) * f2, rt(0.075) * f1 + rt(0.0828) * f2
    thin = rt(1) / np.sqrt(np.maximum(w, rt(1e-30)))
    half = rt(0.5) / _at(thin)
    parts = [half * _width(h[a], a) * _gradient(kind, thin, h, a) for a in range(3)]
    q2 = np.minimum(parts[0] * parts[0] + parts[1] * parts[1] + parts[2] * parts[2], rt(0.16))
    rest = rt(1) - q2
    uneven = (rt(1) + q2 / rt(3)) / (rest * rest * rest)
    at, beside = _nearest(walls, hx, hy, hz), _at(walls) != 0
    inner, outer = rt(80) * m / (r * at * at), _at(ustar) / (rt(0.123) * at)
    plus = np.maximum(rt(0.125) * r * _at(ustar) * at / m, rt(0))
    known = inner + outer * tanh(np.minimum(plus * np.sqrt(plus), rt(10)))
    out = (m + (rt(0.85) * f1 + f2) * mt, volume * mt * (limited + gain), volume * (rt(0.09) * r * wc + loss / kc),
           m + (rt(0.5) * f1 + rt(0.856) * f2) * mt,
           volume * np.where(beside, rt(FIXED) * r * known,
                             gamma * r * (limited + gain) + f2 * np.maximum(cross, rt(0))),
           volume * np.where(beside, rt(FIXED) * r, uneven * beta * r * wc + f2 * np.maximum(-cross, rt(0)) / wc))
    for a, value in zip((gammak, bk, sk, gammaw, bw, sw), out):
        a[CELLS] = _cells(value)


def k_omega_viscosity(nx, ny, nz, most, kind, rho, mu, distance, s2, ke, w, mut, ustar):
    """Eddy viscosity and velocity scale."""
    r, on, d, size = mu.dtype.type, _air(kind).astype(mu.dtype), _at(distance), np.sqrt(_at(ke))
    arg = np.maximum(r(2) * size / (r(0.09) * _at(w) * d), r(500) * _at(mu) / (_at(rho) * d * d * _at(w)))
    capped = np.minimum(arg, r(10))
    f2 = tanh(capped * capped)
    value = r(0.31) * _at(rho) * _at(ke) / np.maximum(r(0.31) * _at(w), np.sqrt(_at(s2)) * f2)
    mut[I] = on * np.minimum(value, r(most) * _at(mu))
    ustar[I] = on * r(0.5477225575) * size


def _rest(z):
    r = z.dtype.type
    return exponential(z) - r(1) - z - r(0.5) * z * z


def spalding_plus(reynolds):
    """u+ where u+ y+ is `reynolds`."""
    r = reynolds.dtype.type
    plus = np.minimum(np.sqrt(reynolds), r(6.37) * np.sqrt(np.sqrt(np.sqrt(reynolds))))
    for _ in range(4):
        z = r(0.417) * plus
        e = _rest(z)
        y, rise = plus + (e - z * z * z / r(6)) / r(8.6), r(1) + r(0.417) / r(8.6) * e
        plus = plus - (plus * y - reynolds) / (y + plus * rise)
    return plus


def _speed(vel):
    a, b, d = (_mean(q, axis) for axis, q in enumerate(vel))
    return np.sqrt(a * a + b * b + d * d)


def lvel_viscosity(nx, ny, nz, kind, rho, mu, distance, gap, u, v, w, mut):
    """Eddy viscosity from wall distance and speed."""
    r, on = mu.dtype.type, _air(kind).astype(mu.dtype)
    plus = spalding_plus(np.maximum(_at(rho) * _speed((u, v, w)) * _at(distance) / _at(mu), r(1e-12)))
    grown = r(0.417) / r(8.6) * _rest(r(0.417) * plus)
    n = np.minimum(r(2) * _at(distance) / _at(gap), r(1))
    outer = (r(1) - r(0.5) * n) * (r(1) - r(4) / r(3) * n + r(2) / r(3) * n * n)
    mut[CELLS] = _cells(on * _at(mu) * outer * np.maximum(grown, r(0)))


def friction_velocity(nx, ny, nz, walls, rho, mu, u, v, w, hx, hy, hz, ustar):
    """Friction velocity beside walls."""
    r, speed, y = mu.dtype.type, _speed((u, v, w)), _nearest(walls, hx, hy, hz)
    value = speed / spalding_plus(np.maximum(_at(rho) * speed * y / _at(mu), r(1e-12)))
    ustar[CELLS] = _cells(np.where(_at(walls) != 0, value, _at(ustar)))
