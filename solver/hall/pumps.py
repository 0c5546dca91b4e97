"""Pumps of a hall in parallel at a common speed: a curve, affinity laws, efficiency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]
SHUT_OFF = 1.25  # pressure without flow over that at the best point, of a flat centrifugal curve; assumed
FALL = 0.5  # of the efficiency's parabola; 1 would be no efficiency at no flow, which variable speed never sees


@dataclass(frozen=True)
class Pumps:
    """`count` running pumps; at full speed each gives `pressure` Pa at its best `flow` m3/s, wire to water `efficiency`.

    dp = n^2 p (s - (s - 1) (q / n)^2), efficiency = e (1 - f (q / n - 1)^2), q the flow over the best flow, n the speed.
    """

    count: int
    flow: float
    pressure: float
    efficiency: float

    def speed(self, flow: Array, pressure: Array) -> Array:
        """Speed, 1 is full, at which all together give total `flow` (m3/s) against `pressure` (Pa)."""
        q = np.asarray(flow, float) / (self.count * self.flow)
        return np.sqrt((np.asarray(pressure, float) / self.pressure + (SHUT_OFF - 1.0) * q**2) / SHUT_OFF)

    def power(self, flow: Array, pressure: Array) -> Array:
        """Electric power of all, W; it ends as heat in the coolant."""
        n = np.maximum(self.speed(flow, pressure), 1e-9)
        load = np.asarray(flow, float) / (self.count * self.flow) / n
        efficiency = self.efficiency * np.maximum(1.0 - FALL * (load - 1.0) ** 2, 0.1)
        return np.asarray(flow, float) * pressure / efficiency

    def check(self, flow: float, pressure: float, what: str) -> None:
        """`SystemFailure` where full speed is not enough."""
        n = float(self.speed(np.array(flow), np.array(pressure)))
        if n > 1.0 + 1e-6:
            raise SystemFailure(
                f"{what}: {self.count} pumps would have to turn at {100 * n:.0f} % of full speed for {flow * 3600:.4g} m3/h at "
                f"{pressure / 1e3:.4g} kPa; add pumps, choose larger ones, or widen the pipes")
