"""Chips on heat sinks in the air of their trays, with the fans that blow it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.rack.air import FanBank, FanState
from coldrack.solver.rack.chips import Chips, ChipState
from coldrack.solver.rack.parts import Chip, Tray
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]
HALVINGS = 48  # of the range of fan speeds: to rounding


def by_tray(tray: NDArray[Any], heat: Array, trays: int) -> Array:
    """Sums of the heats of chips, W."""
    return np.bincount(tray, heat, trays).astype(float)


class Sinks:
    """Heat sinks of a rack.

    Parameters
    ----------
    trays : sequence of Tray
    placed : sequence of (int, Chip)
        Number of its tray, and chip.
    names : list of str
    work : float
        Asked for, share of full.
    fans : FanBank
        Of all trays.
    """

    def __init__(self, trays: Sequence[Tray], placed: Sequence[tuple[int, Chip]], names: list[str], work: float,
                 fans: FanBank) -> None:
        self.names, self.fans, self.trays = names, fans, len(trays)
        self.tray = np.array([n for n, _ in placed], int)
        self.chips = Chips.of(names, [c for _, c in placed], work)
        sinks = [c.sink for _, c in placed]
        self.resistance, self.flow, self.exponent = (
            np.array([getattr(k, key) for k in sinks], float) for key in ("resistance", "flow_rate", "exponent"))
        self.interface = np.array([c.interface for _, c in placed], float)
        row = np.array([next((r for r, members in enumerate(trays[n].rows) if c.name in members), 0) for n, c in placed], int)
        self.ahead = (self.tray[:, None] == self.tray[None, :]) & (row[None, :] < row[:, None])
        self.rows = 1 + int(row.max(initial=0))

    def settle(self, heat: Array) -> tuple[ChipState, Array, FanState]:
        """Chips, air before each (K) and fans, where the air gets other `heat` by tray, W.

        Fans run as slowly as they can while they hold what they should and no chip of their tray has to lower its clock; where
        they cannot, at full speed. Found by halving the range of speeds, from full speed down: throttled chips give less heat,
        for which slower fans would do, so that there may be a second, slow state that no server's controller would stay in.
        """
        if not self.names:
            return ChipState(*(np.zeros(0),) * 4), np.zeros(0), self.fans.run(heat)
        low, high = self.fans.bounds()
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            state, _ = self.at(middle)
            needed = self.fans.run(heat + by_tray(self.tray, state.power, self.trays)).speed
            throttled = np.bincount(self.tray[state.clock < 1.0], minlength=self.trays) > 0
            enough = (needed <= middle) & ~throttled
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return *self.at(high), self.fans.at(high)

    def at(self, speed: Array, strict: bool = False) -> tuple[ChipState, Array]:
        """Chips at fan speeds of their trays, row after row, and the air before each, K."""
        fans = self.fans.at(speed)
        rate = (fans.mass * self.fans.capacity)[self.tray]
        if np.any(rate <= 0.0):
            raise SystemFailure(f"{self.names[int(np.argmin(rate))]}: no air moves past it; let the tray's fans run faster")
        resistance = self.resistance * (fans.flow[self.tray] / self.flow) ** -self.exponent + self.interface
        power = np.zeros(len(self.names))
        for _ in range(self.rows):
            before = self.fans.inlet[self.tray] + self.ahead @ power / rate
            state = self.chips.settle(before, resistance, strict)
            power = state.power
        return state, before
