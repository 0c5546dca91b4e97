"""When to stop: residuals and monitored quantities settled, stalled, cycling, interrupted or out of iterations."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from coldrack.solver.physics.ledger import HEAT_LIMIT, MASS_LIMIT
from coldrack.solver.problem import Settings

FEWEST = 5  # iterations of a flow stage (CYCLES multigrid cycles)
WINDOW = 10  # iterations over which the pressure drop must stand still,
CYCLES = 3  # or multigrid cycles
STALL_WINDOW = 200  # iterations without progress that count as a stall,
MEAN_WINDOW = 100  # or as a cycle where that may be averaged over
MASS_FACTOR = 100.0  # the mass imbalance before correction may exceed the residual by this
# Iterations over which turbulent flow, whose answers stand still where a swing turns, may move them by so many tolerances.
SWING, SWINGS = 40, 5.0
SLOWEST = 0.995  # contraction per iteration beyond which the extrapolation of a slow drift is not stretched

Row = dict[str, float]


class Monitor:
    """Collects the history, reports progress, decides when a stage is done.

    Parameters
    ----------
    settings : Settings
    progress : callable, optional
        Called with every row.
    stop : callable, optional
        Polled; True ends the run.
    history : dict of list, optional
        Of an earlier part of the same run, which is carried on.
    """

    def __init__(
        self,
        settings: Settings,
        progress: Callable[[dict[str, Any]], None] | None,
        stop: Callable[[], bool] | None,
        history: dict[str, list[float]] | None = None,
    ) -> None:
        self.settings, self.progress, self.stop = settings, progress, stop
        self.history: dict[str, list[float]] = {n: list(column) for n, column in (history or {}).items()}
        self.total = len(self.history.get("iteration", []))
        self.flow_total = int(np.count_nonzero(np.isfinite(self.history.get("momentum", []))))
        self.stage = ""
        self.stopped = False
        self.reason = ""
        self.rows: list[Row] = []  # of this stage
        self.watched: list[Row] = []  # beside them, answers that must stand still too
        self.scales: Row = {}  # what changes of these are measured by
        self.scale = 0.0  # of the pressure, Pa: a drop that is small beside it stands still when its swings are small beside it
        self.target = settings.residual
        self.window = WINDOW
        self.may_average = False  # a cycle is no failure but averaged over
        self.last = True  # no finer stage of the flow follows
        self.exhausted = True  # the flow solver has no other step to try
        self.cycle: float | None = None  # period of one found, 0 for a stall without
        self.started = time.perf_counter() - (self.history["seconds"][-1] if self.total else 0.0)

    def begin(self, stage: str, target: float = 0.0, last: bool = True) -> None:
        """Start a stage of the run; `target` is the residual that a flow stage goes for, `last` if no finer one follows."""
        self.stage, self.rows, self.target, self.last, self.cycle = stage, [], target, last, None
        self.stage_started = time.perf_counter()

    def fail(self, reason: str) -> None:
        """Remember why the run cannot be called converged; the first reason stays."""
        self.reason = self.reason or reason

    def interrupted(self) -> bool:
        """Whether the user wants the run to end."""
        if self.stop is not None and self.stop():
            self.stopped = True
            self.fail("interrupted")
        return self.stopped

    def record(self, row: Row) -> None:
        """Add one iteration."""
        self.total += 1
        self.flow_total += "momentum" in row
        self.rows.append(row)
        row = {"iteration": float(self.total), "seconds": time.perf_counter() - self.started, **row}
        for key in {**row, **self.history}:
            self.history.setdefault(key, [math.nan] * (self.total - 1)).append(row.get(key, math.nan))
        self.report({**row, "iteration": self.total, "eta_seconds": self._remaining()})

    def follow(self, found: Row, scales: Row) -> None:
        """Remember answers of the present iteration, and what their changes are measured by."""
        self.watched.append(found)
        self.scales = scales

    def report(self, event: dict[str, Any]) -> None:
        """Tell the listener, if there is one."""
        if self.progress:
            self.progress({"stage": self.stage, **event})

    def contraction(self, window: int = 2 * WINDOW) -> float:
        """Mean factor by which one iteration reduced the momentum residual lately; NaN if unknown."""
        values = [r["momentum"] for r in self.rows[-window - 1 :] if "momentum" in r]
        if len(values) < FEWEST or not (values[0] > 0 and values[-1] > 0):
            return math.nan
        return float((values[-1] / values[0]) ** (1.0 / (len(values) - 1)))

    def _remaining(self) -> float:
        """Seconds to go in a flow stage, from the rate at which its residual falls; unknown once others must settle."""
        rate = self.contraction()
        if not rate < 1.0 or self.rows[-1]["momentum"] < self.target:
            return math.nan
        left = max(0.0, math.log(self.target / self.rows[-1]["momentum"]) / math.log(rate)) if self.target else math.nan
        return left * (time.perf_counter() - self.stage_started) / len(self.rows)

    def done(self) -> bool:
        """Whether the flow stage ends: settled, or for a reason that is remembered."""
        if self.interrupted():
            return True
        if self.flow_total >= self.settings.max_iterations:
            self.fail(f"the flow did not settle in {self.settings.max_iterations} iterations ({self._state()}); "
                      "raise solver.max_iterations and go on with --resume")
            return True
        if len(self.rows) < min(FEWEST, self.window):
            return False
        last = self.rows[-1]
        small = max(last["momentum"], last.get("energy", 0.0)) < self.target
        if small and last["mass"] < MASS_FACTOR * self.target and self._drop_settled():
            return True
        return self._stalled()

    def swing(self) -> float:
        """Largest range of an answer over the last `SWING` iterations, of whatever stage, over its scale."""
        drops = self._column("pressure_drop")[-SWING:]
        if not drops.size:
            return math.inf
        ranges = [float(np.ptp(drops)) / self.size(float(drops[-1]))]
        for name, scale in self.scales.items():
            ranges.append(float(np.ptp([row[name] for row in self.watched[-SWING:]])) / scale)
        return max(ranges)

    def _column(self, name: str) -> Any:
        """Values of all iterations of the flow, of whatever stage, and of the run that this one goes on from."""
        values = np.array(self.history.get(name, []))
        return values[np.isfinite(values)]

    def size(self, drop: float) -> float:
        """What changes of a pressure drop are measured by, Pa."""
        return max(abs(drop), self.scale, 1e-300)

    def _drop_settled(self) -> bool:
        """Whether the pressure drop stands still, and would go on doing so at the rate at which the flow settles."""
        if self.may_average and self.last and self.swing() > SWINGS * self.settings.tolerance:
            return False
        recent = [r["pressure_drop"] for r in self.rows[-self.window :]]
        swing = max(recent) - min(recent)
        rate = self.contraction(self.window)
        left = min(rate, SLOWEST) ** len(recent) if rate > 0 else 0.0
        return swing * max(1.0, left / (1.0 - left)) <= self.settings.tolerance * self.size(recent[-1])

    def _state(self) -> str:
        """Where the flow stands."""
        drops = [r["pressure_drop"] for r in self.rows[-STALL_WINDOW:]]
        if not drops:
            return "no iteration done"
        swing = (max(drops[-WINDOW:]) - min(drops[-WINDOW:])) / self.size(drops[-1])
        return (f"residual {self.rows[-1]['momentum']:.1e}, goal {self.target:.0e}; pressure drop moved by "
                f"{100 * swing:.2g} % in the last {len(drops[-WINDOW:])} iterations")

    def _stalled(self) -> bool:
        window, every = (MEAN_WINDOW, MEAN_WINDOW // 2) if self.may_average else (STALL_WINDOW, STALL_WINDOW)
        if self.may_average:  # turbulent flow goes on as it was from stage to stage
            values, drops = self._column("momentum"), self._column("pressure_drop")
        else:
            values, drops = (np.array([r[name] for r in self.rows]) for name in ("momentum", "pressure_drop"))
        count = len(values)
        if count < 2 * window or count % every or not self.exhausted or self.cycle is not None:
            return False
        if min(values[-window:]) < 0.9 * min(values[:-window]):
            return False
        drops = drops[-STALL_WINDOW:]
        period = cycle(drops, self.settings.tolerance * self.size(float(drops.mean())))
        if self.may_average:
            self.cycle = period
            return False
        if period:
            swing = 100 * np.ptp(drops) / self.size(float(drops.mean()))
            self.fail(f"the flow runs in a limit cycle of about {period:.0f} iterations: the pressure drop swings by "
                      f"{swing:.2g} %, residual {values[-1]:.1e}. The steady flow may not exist (unsteady shedding, jets); "
                      "refine the mesh, lower the flow, or take solver.convection: upwind")
        else:
            self.fail(f"the flow stalled: no progress in {STALL_WINDOW} iterations ({self._state()}); "
                      "raise solver.residual if that is good enough, or refine the mesh")
        return True

    def verdict(self, ledger: dict[str, Any]) -> str:
        """Empty if the run converged and its books close, else the reason."""
        if self.reason:
            return self.reason
        for what, unit in (("heat", HEAT_LIMIT), ("mass", MASS_LIMIT)):
            off = ledger[f"{what}_relative"]
            if not off <= unit:
                return f"the {what} ledger does not close: off by {off:.1e} of the {what} (limit {unit:.0e})"
        return ""


def cycle(values: Any, least: float) -> float:
    """Period, in samples, of an oscillation of `values` about their mean whose range exceeds `least`; 0 if there is none.

    An oscillation crosses its mean at least four times and does not die out: the swing of the last half is more than
    half that of the first.
    """
    mean = float(np.mean(values))
    first, last = np.array_split(values, 2)
    if np.ptp(last) <= least or np.ptp(last) < 0.5 * np.ptp(first):
        return 0.0
    crossings = int(np.count_nonzero(np.diff(np.sign(values - mean))))
    return 2.0 * len(values) / crossings if crossings >= 4 else 0.0
