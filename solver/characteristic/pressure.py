"""Pressure drop of a plate as a law of its geometry: similar flows have one curve, whatever the temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Array = NDArray[np.float64]
# Developed laminar flow, boundary layers that begin at edges of fins, turns and jets.
EXPONENTS = (1.0, 1.5, 2.0)
SMALLEST = 1e-2  # of the smallest flow of the range: below, powers above 1 become linear


@dataclass(frozen=True)
class PressureLaw:
    """dp = sum over n of c_n mu^(2-n) rho^(n-1) q |q|^(n-1).

    Steady flow of constant properties in one geometry obeys dp rho / mu^2 = F(rho q / mu) (Reynolds similarity). F is taken
    as a sum of powers: n = 1 for developed laminar flow, 3/2 for boundary layers that begin anew (apparent friction of
    developing flow, Shah & London 1978, ch. V), 2 for losses of turns, jets and expansions; so the coefficients are numbers
    of the geometry alone, m^-3 for n = 1, m^-3.5 and m^-4, and temperatures enter by viscosity and density only.

    Parameters
    ----------
    exponents, coefficients : tuple of float
    smallest : float
        Flow below which powers above 1 turn linear, m3/s, so that the slope is positive at rest.
    """

    exponents: tuple[float, ...]
    coefficients: tuple[float, ...]
    smallest: float

    def __call__(self, flow: Array, density: Array, viscosity: Array) -> tuple[Array, Array]:
        """Pressure drop, Pa, and its derivative by flow, Pa s/m3; odd in `flow` (m3/s); kg/m3, Pa s."""
        q = np.asarray(flow, float)
        drop, slope = np.zeros(np.shape(q * density)), np.zeros(np.shape(q * density))
        square = q * q + self.smallest**2
        for n, c in zip(self.exponents, self.coefficients):
            factor = c * viscosity ** (2 - n) * density ** (n - 1) * square ** ((n - 1) / 2)
            drop = drop + factor * q
            slope = slope + factor * (1 + (n - 1) * q * q / square)
        return drop, slope


def power_law(flow: float, drop: float, exponent: float, density: float, viscosity: float, smallest: float) -> PressureLaw:
    """The law through one point (m3/s, Pa) with a given exponent; properties (kg/m3, Pa s) at that point."""
    coefficient = drop / (viscosity ** (2 - exponent) * density ** (exponent - 1) * flow**exponent)
    return PressureLaw((exponent,), (coefficient,), smallest)


def fit_pressure(flow: Array, drop: Array, density: Array, viscosity: Array) -> PressureLaw:
    """The law nearest to points, in relative error, with no negative term (so that it rises everywhere).

    Parameters
    ----------
    flow, drop, density, viscosity : ndarray, one shape
        m3/s, Pa, kg/m3, Pa s.
    """
    q, dp, rho, mu = (np.ravel(np.asarray(a, float)) for a in np.broadcast_arrays(flow, drop, density, viscosity))
    columns = [mu ** (2 - n) * rho ** (n - 1) * q**n / dp for n in EXPONENTS]
    scale = np.array([c.max() for c in columns])  # they differ by many powers of ten
    found, _ = nnls(np.stack(columns, axis=1) / scale, np.ones(q.size))
    kept = [(n, c) for n, c in zip(EXPONENTS, found / scale) if c > 0]
    return PressureLaw(tuple(n for n, _ in kept), tuple(float(c) for _, c in kept), SMALLEST * float(q.min()))
