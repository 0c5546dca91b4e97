"""Reduced-rank extrapolation of a slowly converging sequence of fields.

When an iteration x -> G(x) is left with a few slow modes, successive steps are nearly linearly dependent. From snapshots
x_0 ... x_k the limit is estimated as sum gamma_j x_j, sum gamma_j = 1, with the least |sum gamma_j (x_{j+1} - x_j)|
(Eddy 1979; Mesina 1977; Smith, Ford & Sidi, SIAM Review 29 (1987) 199, eq. 1.9). Divergence-free flows stay divergence
free, since the combination is linear.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

SPACING = 8  # iterations between snapshots
SNAPSHOTS = 3
START = 1e-3  # relative change below which the sequence is close to linear
SLOW = 0.6  # a step of SPACING iterations that reduces the change by less than this factor is left alone: it is fast
GAIN = 0.5  # the combination must predict a step at least so much smaller


class Extrapolation:
    """Snapshots of some fields (single precision) and the extrapolation from them."""

    def __init__(self) -> None:
        self.snapshots: list[list[Any]] = []
        self.count = 0
        self.before = np.inf
        self.done = 0

    def reset(self) -> None:
        """Forget the snapshots: the iteration itself has changed."""
        self.snapshots, self.count, self.before = [], 0, np.inf

    def step(self, backend: Any, fields: Sequence[Any], measured: int, change: float) -> bool:
        """Take note of an iteration; True if the fields were replaced by an extrapolation.

        Parameters
        ----------
        backend : Backend
        fields : sequence of arrays
            The iterate; changed in place.
        measured : int
            How many of the fields, from the first, enter the least squares.
        change : float
            Norm of this iteration's step relative to that of the fields.
        """
        self.count += 1
        if self.count % SPACING:
            return False
        early = change > START or change < SLOW * self.before
        self.before = change
        if early:
            self.snapshots = []
        self.snapshots.append([f.astype(np.float32) for f in fields])
        if len(self.snapshots) < SNAPSHOTS:
            return False
        weights = self._weights(backend, measured)
        if weights is None:
            self.snapshots.pop(0)
            return False
        last = self.snapshots[-1]
        for n, field in enumerate(fields):
            for weight, snapshot in zip(weights, self.snapshots[1:-1]):
                field += weight * (snapshot[n] - last[n]).astype(field.dtype)
        self.reset()
        self.done += 1
        return True

    def _weights(self, backend: Any, measured: int) -> np.ndarray | None:
        """Weights gamma of the snapshots x_1 ... x_k (one step further than the least squares' own), or None: no gain."""
        gram = np.zeros((len(self.snapshots) - 1,) * 2)
        for n in range(measured):
            steps = [b[n] - a[n] for a, b in zip(self.snapshots, self.snapshots[1:])]
            gram += [[backend.dot(p, q) for q in steps] for p in steps]
        scale = float(np.trace(gram))
        if not np.isfinite(scale) or scale <= 0.0:
            return None
        solution = np.linalg.solve(gram + 1e-7 * scale * np.eye(len(gram)), np.ones(len(gram)))
        gamma = solution / solution.sum()
        return gamma if gamma @ gram @ gamma < GAIN**2 * gram[-1, -1] else None
