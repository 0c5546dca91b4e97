"""Mean of a steady iteration that does not settle but runs in a cycle: fields and monitored values.

Steady equations of turbulent flow need not have a steady solution (jets that flap, shedding behind obstacles): the iteration
then runs in a limit cycle. The mean over it is the best steady answer that there is, and half the range of the monitored values
says how good it is. Means of divergence-free flows are divergence free, so the temperature of the mean flow can still be solved
until its books close.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LEAST, CYCLES = 100, 5  # iterations, and periods of the cycle, that a mean is taken over


class Mean:
    """Sums over iterations of a flow and its temperature.

    Parameters
    ----------
    flow : Flow
    energy : Energy or None
        Where the temperature goes along.
    period : float
        Of the cycle, in iterations; 0 if none was found.
    """

    def __init__(self, flow: Any, energy: Any, period: float) -> None:
        self.fields = [*flow.velocity, flow.pressure]
        if energy is not None:
            self.fields.append(energy.rise)
        if flow.eddies is not None:
            self.fields += [*flow.eddies.solved(), flow.eddies.mut, flow.eddies.ustar]
        self.sums = [flow.be.zeros(f.shape) for f in self.fields]
        self.period = period
        self.length = max(LEAST, int(np.ceil(period * max(CYCLES, np.ceil(LEAST / period))))) if period else LEAST
        self.count = 0
        self.rows: list[dict[str, float]] = []

    @property
    def complete(self) -> bool:
        """Whether enough iterations have been added."""
        return self.count >= self.length

    def add(self, row: dict[str, float]) -> None:
        """Add the present iteration."""
        for total, field in zip(self.sums, self.fields):
            total += field
        self.count += 1
        self.rows.append(row)

    def take(self) -> None:
        """Put the means in the place of the fields."""
        for total, field in zip(self.sums, self.fields):
            total /= float(self.count)
            field[...] = total

    def swings(self) -> dict[str, tuple[float, float]]:
        """Mean and half the range of what the rows hold."""
        names = [n for n in self.rows[0] if n not in ("momentum", "energy", "mass")]
        out = {}
        for name in names:
            values = np.array([r[name] for r in self.rows])
            out[name] = float(values.mean()), 0.5 * float(np.ptp(values))
        return out

    def report(self) -> str:
        """What was done, for the log."""
        swings = ", ".join(f"{n.replace('_', ' ')} {m:.5g} +- {h:.2g}" for n, (m, h) in self.swings().items())
        cycle = f"a limit cycle of about {self.period:.0f} iterations" if self.period else "no steady state"
        return (f"the iteration runs in {cycle}: the flow is not steady; fields are means over {self.count} iterations "
                f"(mean and half range: {swings})")
