"""A law through the resistances of a plate, with its error, for people and for programs that take formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

Array = NDArray[np.float64]
EXPONENTS = (0.05, 2.0)  # conduction alone; the coolant's heat capacity gives 1
SCAN = 40  # exponents tried before the best is refined


@dataclass(frozen=True)
class ResistanceFit:
    """R = constant + slope (T - reference) + factor (q / flow)^-exponent.

    Parameters
    ----------
    constant, factor : float
        K/W: what the solids take, and what the coolant takes at `flow`.
    slope : float
        K/W per K of inlet temperature.
    exponent : float
    flow, reference : float
        m3/s and K, the middle of the range.
    largest_error, rms_error : float
        Of the points, relative.
    """

    constant: float
    slope: float
    factor: float
    exponent: float
    flow: float
    reference: float
    largest_error: float
    rms_error: float

    def __call__(self, flow: Array, temperature: Array) -> Array:
        """Resistance, K/W, at a flow (m3/s) and an inlet temperature (K)."""
        return self.constant + self.slope * (temperature - self.reference) + self.factor * (flow / self.flow) ** -self.exponent


def fit_resistance(flow: Array, temperature: Array, points: Array) -> ResistanceFit:
    """Least squares of the relative errors; the exponent is the only unknown that is not linear (variable projection).

    For any exponent the other three follow from a linear problem, so one search along the exponent finds the least error of
    all four without a starting value (Golub & Pereyra 1973, SIAM J. Numer. Anal. 10, 413).

    Parameters
    ----------
    flow : ndarray, shape (m,)
        m3/s.
    temperature : ndarray, shape (n,)
        K.
    points : ndarray, shape (n, m)
        K/W.
    """
    middle, reference = float(np.sqrt(flow[0] * flow[-1])), float(temperature.mean())
    q, t = np.broadcast_arrays(flow / middle, (temperature - reference)[:, None])

    def solve(exponent: float) -> tuple[Any, Any]:
        columns = [np.ones_like(points), q**-exponent, *([t] if temperature.size > 1 else [])]
        system = np.stack([(c / points).ravel() for c in columns], axis=1)
        found = np.linalg.lstsq(system, np.ones(points.size), rcond=None)[0]
        return found, system @ found - 1.0

    def cost(exponent: float) -> float:
        return float(np.sum(solve(exponent)[1] ** 2))

    tried = np.linspace(*EXPONENTS, SCAN)
    at = int(np.argmin([cost(n) for n in tried]))
    bounds = tried[max(at - 1, 0)], tried[min(at + 1, SCAN - 1)]
    exponent = float(minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-9}).x)
    found, error = solve(exponent)
    constant, factor, *slope = (float(v) for v in found)
    return ResistanceFit(constant, slope[0] if slope else 0.0, factor, exponent, middle, reference,
                         float(np.abs(error).max()), float(np.sqrt(np.mean(error**2))))


def describe(fit: ResistanceFit) -> dict[str, Any]:
    """The fit as plain data."""
    return {"law": "R = constant + slope (T - T0) + factor (q / q0)^-exponent", "constant": fit.constant, "slope": fit.slope,
            "factor": fit.factor, "exponent": fit.exponent, "q0": fit.flow, "T0": fit.reference,
            "largest_error": fit.largest_error, "rms_error": fit.rms_error}
