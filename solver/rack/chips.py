"""Power and temperature of chips: leakage that grows with temperature, and a clock that falls to hold a limit.

With s the leakage share at T_ref, a its slope, w the work asked for (0..1) and c the clock (0..1):

    P(T, c) = s P_full (1 + a (T - T_ref)) + D c^k,    D = P_idle + w (P_full - P_idle) - s P_full
    T = T_coolant + (R_plate + R_interface) (1 - x) P,   x = share of P that goes to the air beside the plate
    0 <= 1 - c,   0 <= T_limit - T,   (1 - c) (T_limit - T) = 0

The leakage is linear in T, so each chip has one answer in closed form: no iteration, no oscillation between two clocks. A
steady state exists if R s P_full a < 1; otherwise each kelvin gives more leakage than the plate can take (thermal run-away,
Vassighi & Sachdev, Thermal and Power Management of Integrated Circuits, 2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.rack.parts import Chip
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]


class ChipState(NamedTuple):
    """Of every chip: temperature (K), power and its leakage (W), clock (1 = as asked)."""

    temperature: Array
    power: Array
    leakage: Array
    clock: Array


@dataclass(frozen=True)
class Chips:
    """Chips as arrays of one entry each; see `Chip` for the meaning."""

    names: list[str]
    leakage: Array  # W at the reference temperature
    dynamic: Array  # D, W
    slope: Array
    reference: Array
    limit: Array
    exponent: Array

    @classmethod
    def of(cls, names: list[str], chips: Sequence[Chip], work: float) -> Chips:
        """Chips that are asked for a share of their full work."""
        full, idle, share = (np.array([getattr(c, key) for c in chips]) for key in ("power", "idle", "leakage_share"))
        rest = (np.array([getattr(c, key) for c in chips]) for key in (
            "leakage_slope", "leakage_reference", "limit", "clock_exponent"))
        return cls(names, share * full, idle + work * (full - idle) - share * full, *rest)

    def settle(self, base: Array, resistance: Array, strict: bool = True) -> ChipState:
        """State over a base temperature (K) with a resistance to it (K/W); `SystemFailure` where there is none.

        Not `strict`, such chips have a clock of zero.
        """
        rise = resistance * self.leakage * self.slope
        cold = self.leakage * (1.0 - self.slope * self.reference)  # leakage at 0 K of the linear law
        away = rise >= 1.0
        full = (base + resistance * (cold + self.dynamic)) / np.where(away, 1.0, 1.0 - rise)
        hot = away | (full > self.limit)
        temperature = np.where(hot, self.limit, full)
        leakage = cold + self.leakage * self.slope * temperature
        left = np.where(hot, (self.limit - base) / resistance - leakage, self.dynamic)
        if strict:
            self._refuse(away, "runs away: every kelvin adds {:.3g} W of leakage and its cooling takes only {:.3g} W; "
                         "cool it better (more flow, another plate) or lower its leakage", self.leakage * self.slope,
                         1.0 / resistance)
            self._refuse(left < 0.0, "cannot hold its limit of {:.1f} degC even with its clock stopped: what cools it is at "
                         "{:.1f} degC; colder coolant or air, or more flow, is needed", self.limit - 273.15, base - 273.15)
        share = np.maximum(left, 0.0) / np.maximum(self.dynamic, 1e-300)
        clock = np.where(hot, np.where(away, 0.0, share ** (1.0 / self.exponent)), 1.0)
        return ChipState(temperature, leakage + np.maximum(left, 0.0), leakage, clock)

    def _refuse(self, bad: NDArray[np.bool_], text: str, *values: Array) -> None:
        if np.any(bad):
            n = int(np.argmax(bad))
            raise SystemFailure(f"{self.names[n]} {text.format(*(float(v[n]) for v in values))}")
