"""Anderson acceleration of a fixed-point iteration over several fields.

From the last steps f_k = G(x_k) - x_k the next iterate is G(x_k) - sum gamma_j (G(x_j+1) - G(x_j)), gamma with the least
|f_k - sum gamma_j (f_j+1 - f_j)|: Anderson, J. ACM 12 (1965) 547, in the form of Walker & Ni, SIAM J. Numer. Anal. 49
(2011) 1715, eq. 2.2. It is linear, so flows that are free of divergence stay so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

WINDOW = 6
ROUND = 1e-9  # added to the diagonal of the normalised normal equations: differences are kept in single precision


class Anderson:
    """The last `window` steps of some fields, differences in single precision."""

    def __init__(self, window: int = WINDOW) -> None:
        self.window = window
        self.before: list[Any] = []
        self.reset()

    def reset(self) -> None:
        """Forget the steps: the iteration itself has changed."""
        self.steps: list[Any] = []  # differences of f, measured fields stacked and scaled
        self.values: list[list[Any]] = []  # differences of G
        self.last: tuple[Any, list[Any]] | None = None
        self.gram = np.zeros((0, 0))

    def begin(self, fields: Sequence[Any]) -> None:
        """Remember the iterate that an iteration starts from."""
        if not self.before:
            self.before = [f.copy() for f in fields]
        for kept, field in zip(self.before, fields):
            kept[...] = field

    def end(self, backend: Any, fields: Sequence[Any], scales: Sequence[float]) -> None:
        """Replace what the iteration made of the fields by the accelerated iterate.

        Parameters
        ----------
        backend : Backend
        fields : sequence of arrays
            G(x); changed in place.
        scales : sequence of float
            Factors that make the changes of the first fields comparable; fields beyond them are not measured. They hold
            from one `reset` to the next.
        """
        step = backend.zeros((len(scales), *fields[0].shape), np.float32)
        for row, (scale, field, kept) in enumerate(zip(scales, fields, self.before)):
            step[row] = (field - kept) * scale
        value = [field.copy() for field in fields]
        if self.last is not None:
            self._add(backend, step - self.last[0], [(a - b).astype(np.float32) for a, b in zip(value, self.last[1])])
        self.last = step, value
        if self.steps:
            right = np.array([backend.dot(d, step) for d in self.steps])
            for weight, change in zip(self._solve(right), self.values):
                for field, difference in zip(fields, change):
                    field -= weight * difference

    def _add(self, backend: Any, step: Any, value: list[Any]) -> None:
        if len(self.steps) == self.window:
            del self.steps[0], self.values[0]
            self.gram = self.gram[1:, 1:]
        self.steps.append(step)
        self.values.append(value)
        row = np.array([backend.dot(d, step) for d in self.steps])
        old, self.gram = self.gram, np.zeros((row.size, row.size))
        self.gram[:-1, :-1] = old
        self.gram[-1], self.gram[:, -1] = row, row

    def _solve(self, right: np.ndarray) -> list[float]:
        size = 1.0 / np.sqrt(np.maximum(np.diag(self.gram), 1e-300))
        normal = self.gram * size * size[:, None] + ROUND * np.eye(size.size)
        return [float(g) for g in np.linalg.solve(normal, right * size) * size]
