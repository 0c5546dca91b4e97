"""Where a run in time stands: time, books, sums for means; kept in its file to go on from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SIGNALS = ("u", "v", "w", "T")


@dataclass
class Clock:
    """State of a run in time beside its fields.

    Parameters
    ----------
    time : float
        s
    steps : int
    step : float
        Length of the last one, s.
    heat : dict
        Of the books, as `UnsteadyEnergy.state` gives it; empty without temperature.
    averaged : float
        Seconds that the sums hold.
    sums : dict
        By signal (u, v, w on faces in m/s, T as rise in K) its integral over time and that of its square, without ghosts.
    """

    time: float = 0.0
    steps: int = 0
    step: float = 0.0
    heat: dict[str, Any] = field(default_factory=dict)
    averaged: float = 0.0
    sums: dict[str, tuple[Array, Array]] = field(default_factory=dict)

    def statistics(self, reference_temperature: float) -> dict[str, Array]:
        """Time means and root mean squares of the fluctuations in cells: U_mean, U_rms (m/s), T_mean, T_rms (K)."""
        if not self.averaged:
            return {}
        mean, square = {}, {}
        for name, (first, second) in self.sums.items():
            m = first / self.averaged
            variance = np.maximum(second / self.averaged - m * m, 0.0)
            axis = "wvu".find(name)
            mean[name], square[name] = (to_cells(a, axis) if axis >= 0 else a for a in (m, variance))
        out: dict[str, Array] = {}
        if "u" in mean:
            out["U_mean"] = np.stack([mean[n] for n in "uvw"], axis=-1).astype(np.float32)
            out["U_rms"] = np.sqrt(np.stack([square[n] for n in "uvw"], axis=-1)).astype(np.float32)
        if "T" in mean:
            out["T_mean"] = mean["T"] + reference_temperature
            out["T_rms"] = np.sqrt(square["T"])
        return out


def to_cells(a: Array, axis: int) -> Array:
    """Means of the two faces of every cell along an array axis."""
    n = a.shape[axis]
    return 0.5 * (a.take(np.arange(1, n), axis=axis) + a.take(np.arange(n - 1), axis=axis))
