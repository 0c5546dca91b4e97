"""State of a rack: under which conditions, and what chips, coolant and air do there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.rack.air import FanState
from coldrack.solver.rack.chips import ChipState
from coldrack.solver.rack.drive import Drive, Water

Array = NDArray[np.float64]


class Conditions(NamedTuple):
    """What may change without another rack: K, m3/s, K, share of full work."""

    supply: float
    flow: float
    air: float
    utilisation: float


@dataclass
class Air:
    """Air of every tray and of the rack: temperatures K, heat W."""

    inlet: Array
    outlet: Array
    fans: FanState
    parts: Array  # heat of parts that the air cools
    chips: Array  # of chips on heat sinks, and of what chips give off beside their plates
    losses: Array  # of wet surfaces in the trays
    capacity: float
    rate: float = 0.0  # W/K of all air
    mixed: float = 0.0  # before the door
    room: float = 0.0  # behind it
    rear: float = 0.0  # heat of manifolds and CDU
    door: float = 0.0  # heat into the door's water

    @property
    def heat(self) -> Array:
        """That each tray gives to its air, fans included."""
        return self.parts + self.chips + self.losses + self.fans.power


@dataclass
class RackState:
    """A solution; arrays by chip are in the order of `RackSolver.wet` (on plates) and `RackSolver.dry` (on heat sinks)."""

    conditions: Conditions
    network: Any
    wet: ChipState
    dry: ChipState
    flow: Array  # through each plate, m3/s
    coolant_in: Array  # K
    air_in: Array  # before each heat sink, K
    air: Air
    drive: Drive | None
    water: Water | None
    rounds: int
    change: float
