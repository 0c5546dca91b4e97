"""When to stop: residuals and monitored quantities settled, stalled, interrupted or out of iterations."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from coldrack.solver.physics.ledger import HEAT_LIMIT, MASS_LIMIT
from coldrack.solver.problem import Settings

WINDOW = 20
STALL_WINDOW = 200


class Monitor:
    """Collects history, reports progress, decides when a stage is done."""

    def __init__(
        self, settings: Settings, progress: Callable[[dict[str, Any]], None] | None, stop: Callable[[], bool] | None
    ) -> None:
        self.settings, self.progress, self.stop = settings, progress, stop
        self.history: dict[str, list[float]] = {}
        self.total = 0
        self.count = 0
        self.stage = ""
        self.stopped = False
        self.reason = ""
        self.rows: list[dict[str, float]] = []
        self.started = time.perf_counter()

    def begin(self, stage: str) -> None:
        """Start a stage of the run."""
        self.stage, self.count, self.rows = stage, 0, []
        self.stage_started = time.perf_counter()

    def fail(self, reason: str) -> None:
        """Remember why the run cannot be called converged."""
        self.reason = self.reason or reason

    def record(self, row: dict[str, float]) -> None:
        """Add one iteration."""
        self.count += 1
        self.total += 1
        self.rows.append(row)
        for key in {"iteration", "seconds", *row, *self.history}:
            column = self.history.setdefault(key, [float("nan")] * (self.total - 1))
            value = row.get(key, float("nan"))
            column.append(
                {"iteration": float(self.total), "seconds": time.perf_counter() - self.started}.get(key, value)
            )
        if self.progress:
            self.progress({"stage": self.stage, "iteration": self.total, **row, "eta_seconds": self._remaining()})

    def _remaining(self) -> float:
        """Seconds to go, from the rate at which the momentum residual falls."""
        values = [r["momentum"] for r in self.rows[-WINDOW:] if "momentum" in r]
        if len(values) < 5 or not values[0] > values[-1] > 0:
            return float("nan")
        import math

        rate = math.log(values[0] / values[-1]) / (len(values) - 1)
        left = max(0.0, math.log(values[-1] / self.settings.residual) / rate)
        return left * (time.perf_counter() - self.stage_started) / self.count

    def done(self) -> bool:
        """Whether the flow stage ends, and why."""
        if self.stop is not None and self.stop():
            self.stopped = True
            self.fail("interrupted")
            return True
        if self.count >= self.settings.max_iterations:
            self.fail(f"the flow did not settle in {self.settings.max_iterations} iterations")
            return True
        if self.count < 5:
            return False
        last = self.rows[-1]
        if last["momentum"] < self.settings.residual and last["mass"] < 100 * self.settings.residual:
            recent = [r["pressure_drop"] for r in self.rows[-WINDOW // 2 :]]
            return max(recent) - min(recent) <= self.settings.tolerance * max(abs(recent[-1]), 1e-300)
        return self._stalled()

    def _stalled(self) -> bool:
        if self.count < 2 * STALL_WINDOW or self.count % STALL_WINDOW:
            return False
        values = [r["momentum"] for r in self.rows]
        if min(values[-STALL_WINDOW:]) < 0.9 * min(values[:-STALL_WINDOW]):
            return False
        drops = [r["pressure_drop"] for r in self.rows[-STALL_WINDOW:]]
        swing = (max(drops) - min(drops)) / max(abs(drops[-1]), 1e-300)
        self.fail(f"the flow stalled: no progress in {STALL_WINDOW} iterations, residual {values[-1]:.1e}, "
                  f"pressure drop swings by {100 * swing:.2g} %")
        return True

    def verdict(self, ledger: dict[str, Any]) -> str:
        """Empty if the run converged and its books close, else the reason."""
        if self.reason:
            return self.reason
        if ledger["heat_relative"] > HEAT_LIMIT:
            return f"the heat ledger does not close: off by {ledger['heat_relative']:.1e} of the heat (limit {HEAT_LIMIT:.0e})"
        if ledger["mass_relative"] > MASS_LIMIT:
            return f"the mass ledger does not close: off by {ledger['mass_relative']:.1e} of the flow (limit {MASS_LIMIT:.0e})"
        return ""
