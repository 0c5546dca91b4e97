"""Mean of a steady iteration that does not settle but runs in a cycle: fields and monitored values.

Steady equations of turbulent flow need not have a steady solution (jets that flap, shedding behind obstacles): the iteration
then runs in a limit cycle. The mean over it is the best steady answer that there is, and half the range of the monitored values
says how good it is. Means of divergence-free flows are divergence free, so the temperature of the mean flow can still be solved
until its books close.

A mean taken while the answers still drift is one of the way there: as long as the second half of the iterations differs from
the first by more than a cycle explains, they are forgotten and a longer mean is begun, up to `WINDOWS` in all. What drifts by
more than `BOUND` then is no answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LEAST, CYCLES = 100, 4  # iterations, and periods of the cycle, that a mean is taken over
WINDOWS, LONGER = 3, 1.5  # means begun, at most; length of each over that of the one before: a slow cycle may pass for a drift
# Change from the first to the second half of a mean over half the range that counts as a drift: a straight line has 1, whole
# periods of a sine 0.
DRIFT = 0.5
BOUND = 0.01  # of what changes of the pressure drop are measured by


class Mean:
    """Sums over iterations of a flow and its temperature.

    Parameters
    ----------
    flow : Flow
    energy : Energy or None
        Where the temperature goes along.
    period : float
        Of the cycle, in iterations; 0 if none was found.
    size : float
        What changes of the pressure drop are measured by, Pa.
    tolerance : float
        Of the pressure drop, a share of `size`: less than that is no drift.
    """

    def __init__(self, flow: Any, energy: Any, period: float, size: float, tolerance: float = 0.0) -> None:
        self.fields = [*flow.velocity, flow.pressure]
        if energy is not None:
            self.fields.append(energy.rise)
        if flow.eddies is not None:
            self.fields += [*flow.eddies.solved(), flow.eddies.mut, flow.eddies.ustar]
        self.sums = [flow.be.zeros(f.shape) for f in self.fields]
        self.period, self.size, self.tolerance, self.begun = period, size, tolerance, 1
        self.length = max(LEAST, int(np.ceil(period * max(CYCLES, np.ceil(LEAST / period))))) if period else LEAST
        self.count = 0
        self.rows: list[dict[str, float]] = []

    @property
    def complete(self) -> bool:
        """Whether enough iterations have been added, without a drift or often enough."""
        return self.count >= self.length and (self.begun == WINDOWS or not self.drifts)

    @property
    def drifts(self) -> bool:
        """Whether the pressure drop moves on rather than to and fro."""
        _, half, drift = self.swings()["pressure_drop"]
        return abs(drift) > DRIFT * half and half > self.tolerance * self.size

    def add(self, row: dict[str, float]) -> None:
        """Add the present iteration; forget those before where they drifted."""
        if self.count >= self.length:  # and not complete
            self.begun, self.count, self.rows, self.length = self.begun + 1, 0, [], int(LONGER * self.length)
            for total in self.sums:
                total.fill(0)
        for total, field in zip(self.sums, self.fields):
            total += field
        self.count += 1
        self.rows.append(row)

    def take(self) -> None:
        """Put the means in the place of the fields."""
        for total, field in zip(self.sums, self.fields):
            total /= float(self.count)
            field[...] = total

    def swings(self) -> dict[str, tuple[float, float, float]]:
        """Mean, half the range, and change from the first to the second half of what the rows hold."""
        names = [n for n in self.rows[0] if n not in ("momentum", "energy", "mass")]
        out = {}
        for name in names:
            values = np.array([r[name] for r in self.rows])
            first, last = np.array_split(values, 2)
            out[name] = float(values.mean()), 0.5 * float(np.ptp(values)), float(last.mean() - first.mean())
        return out

    def report(self) -> str:
        """What was done, for the log."""
        swings = ", ".join(f"{n.replace('_', ' ')} {m:.5g} +- {h:.2g}" for n, (m, h, _) in self.swings().items())
        cycle = f"a limit cycle of about {self.period:.0f} iterations" if self.period else "no steady state"
        return (f"the iteration runs in {cycle}: the flow is not steady; fields are means over {self.count} iterations "
                f"(mean and half range: {swings})")

    def failure(self) -> str:
        """Why the mean is no answer; empty if it is one."""
        _, _, drift = self.swings()["pressure_drop"]
        if not self.drifts or abs(drift) <= BOUND * self.size:
            return ""
        return (f"the flow still drifts: the mean pressure drop moved by {drift:+.2g} Pa ({100 * abs(drift) / self.size:.2g} % "
                f"of the pressures) from the first half of {self.count} iterations to the second, the last of {WINDOWS} such "
                "means; go on with --resume")
