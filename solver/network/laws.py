"""Laws of flow resistance: pressure drop over mass flow, with its derivative; odd, smooth at zero flow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Drop = tuple[Array, Array]  # Pa, and its derivative by the mass flow, Pa s/kg
CLOSED = 1e16  # Pa s/kg; what a closed valve leaves is 1e-11 kg/s per bar
SMALLEST_RE = 1e-3  # friction is laminar, so linear, far above it


def power_law(m: Array, factor: Array, exponent: Array, small: Array) -> Drop:
    """``factor |m|^exponent sign(m)``; below `small` the odd cubic with the same value and slope there.

    A power law has no slope at zero flow, where Newton's method needs one.
    """
    size = np.abs(m)
    m0, n = np.asarray(small, float), np.asarray(exponent, float)
    x = np.maximum(size, m0)
    power = factor * x ** (n - 1)
    value, slope = power * m, n * power
    a, b = (3 - n) / 2 * factor * m0 ** (n - 1), (n - 1) / 2 * factor * m0 ** (n - 3)
    near = size < m0
    return np.where(near, (a + b * m * m) * m, value), np.where(near, a + 3 * b * m * m, slope)


def churchill(reynolds: Array, roughness: Array) -> tuple[Array, Array]:
    """Darcy's friction factor of a pipe and its derivative by the Reynolds number, in all regimes.

    f = 8 ((8/Re)^12 + (A + B)^-1.5)^(1/12), A = (-2.457 ln((7/Re)^0.9 + 0.27 e/D))^16, B = (37530/Re)^16.
    S. W. Churchill, Friction-factor equation spans all fluid-flow regimes, Chemical Engineering 84 (1977) 24, 91-92.

    Parameters
    ----------
    reynolds : array
        Positive.
    roughness : array
        Over the diameter.
    """
    log = np.log(reynolds)  # powers of the Reynolds number by its logarithm: a quarter of the time
    power = np.exp(0.9 * (np.log(7.0) - log))
    x = power + 0.27 * roughness
    root = -2.457 * np.log(x)
    a, b = np.square(np.square(np.square(root * root))), np.exp(16 * (np.log(37530.0) - log))
    laminar, both = np.exp(12 * (np.log(8.0) - log)), a + b
    turbulent = 1 / (both * np.sqrt(both))
    total = laminar + turbulent
    f = 8 * np.exp(np.log(total) / 12)
    d_root = 2.457 / x * 0.9 * power  # derivatives by log Re
    d_both = 16 * a / root * d_root - 16 * b
    d_total = -12 * laminar - 1.5 * turbulent / both * d_both
    return f, f / 12 * d_total / total / reynolds


def pipe_friction(m: Array, rho: Array, mu: Array, length: Array, diameter: Array, roughness: Array) -> Drop:
    """Darcy-Weisbach: dp = f L/D rho u^2/2 = f Re|Re| L mu^2 / (2 rho D^3), f after Churchill (1977)."""
    per_flow = 4 / (np.pi * diameter * mu)  # Reynolds number over mass flow
    signed = m * per_flow
    re = np.maximum(np.abs(signed), SMALLEST_RE)
    f, slope = churchill(re, roughness / diameter)
    unit = length * mu**2 / (2 * rho * diameter**3)
    creeping = np.abs(signed) < SMALLEST_RE
    return unit * f * re * signed, unit * per_flow * np.where(creeping, f * re, re * (2 * f + re * slope))


def loss(m: Array, rho: Array, mu: Array, diameter: Array, coefficient: Array) -> Drop:
    """dp = K rho u^2/2 with u in a pipe of that diameter; linear below a Reynolds number of about 10."""
    area = np.pi / 4 * diameter**2
    return power_law(m, coefficient / (2 * rho * area**2), np.asarray(2.0), 10 * mu * np.pi / 4 * diameter)


def flow_coefficient(m: Array, rho: Array, kv: Array) -> Drop:
    """dp = 1 bar (Q/Kv)^2 rho/(1000 kg/m3), Q in m3/h (IEC 60534-2-1, turbulent); linear below 1e-3 Kv."""
    kv = np.maximum(kv, 1e-12)
    return power_law(m, 1e5 * 3600.0**2 / 1000 / (rho * kv**2), np.asarray(2.0), 1e-3 * kv * rho / 3600)


def one_way(m: Array, forward: Drop, offset: Array) -> Drop:
    """The forward law plus an offset, and shut for flow backwards."""
    back = m < 0
    return np.where(back, CLOSED * m, forward[0]) + offset, np.where(back, CLOSED, forward[1])
