"""What a hall asks of a rack, and racks given by their figures alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """A rack in a state: arrays of one shape. Electricity in (first three, W) equals heat out (next two, W)."""

    it_power: Array
    fan_power: Array
    pump_power: Array
    heat_liquid: Array
    heat_air: Array
    pressure_drop: Array
    hottest: Array
    margin: Array
    work: Array


class Rack(Protocol):
    """A characteristic: `evaluate` over facility supply K, coolant flow m3/s, inlet air K and utilisation 0..1."""

    @property
    def plates(self) -> int:
        """Chips with a plate or heat sink each that are told apart."""
        ...

    def evaluate(self, supply: Array, flow: Array, air: Array, utilisation: Array) -> Point:
        """State."""
        ...

    def plates_at(self, supply: Array, flow: Array, air: Array, utilisation: Array) -> tuple[Array, Array]:
        """Flow m3/s and chip temperature K of every plate, shape (racks, plates)."""
        ...

    def plate_name(self, number: int) -> str:
        """Of a plate in that order."""
        ...


@dataclass(frozen=True)
class FiguresRack:
    """A rack of equal chips, from figures: good for studies before its parts are known.

    A chip at T takes P = u P_ref (1 + a (T - T_ref)), and T = T_in + R P, T_in being the coolant or air that reaches it: one
    linear equation. Fans take their full power at any load.

    Parameters
    ----------
    gpus, plates : int
        GPUs, and chips with a heat sink or plate each.
    chip_power : float
        Of each at `reference`, fully used, W.
    reference : float
        K.
    leakage : float
        Relative growth of a chip's power with its temperature, 1/K.
    resistance : float
        Chip to what cools it (liquid at `design_flow`), K/W; with the flow to the power `resistance_exponent`.
    limit : float
        Of the chips, K.
    other_power, fan_power, pump_power : float
        Of a rack, W; `other_power` goes with the utilisation.
    chip_liquid, other_liquid : float
        Share of the heat that goes into the coolant; 0 for an air-cooled rack.
    design_flow, pressure, exponent : float
        Facility coolant at which the rack takes `pressure` (Pa), and the power of its pressure drop.
    approach : float
        Of an own CDU: coolant at the plates above facility supply at the design flow, K.
    """

    name: str
    source: str
    gpus: int
    plates: int
    chip_power: float
    reference: float
    leakage: float
    resistance: float
    limit: float
    other_power: float
    fan_power: float
    pump_power: float = 0.0
    chip_liquid: float = 0.0
    other_liquid: float = 0.0
    design_flow: float = 0.0
    pressure: float = 0.0
    exponent: float = 1.75
    resistance_exponent: float = 0.3
    approach: float = 0.0

    @property
    def liquid(self) -> bool:
        """Whether a coolant takes heat from it."""
        return self.chip_liquid > 0.0

    def evaluate(self, supply: Array, flow: Array, air: Array, utilisation: Array) -> Point:
        """State; `supply` and `flow` are not looked at where it is air-cooled."""
        supply, flow, air, use = np.broadcast_arrays(*(np.asarray(a, float) for a in (supply, flow, air, utilisation)))
        temperature, power = self._chip(supply, flow, air, use)
        chips, other = self.plates * power, use * self.other_power
        fans, pumps = self.fan_power + 0.0 * use, self.pump_power + 0.0 * use
        liquid = self.chip_liquid * chips + self.other_liquid * other + (pumps if self.liquid else 0.0)
        drop = self.pressure * (flow / self.design_flow) ** self.exponent if self.liquid else 0.0 * use
        heat = chips + other + fans + pumps
        margin = self.limit - temperature
        return Point(chips + other, fans, pumps, liquid, heat - liquid, drop, temperature, margin, np.ones_like(use))

    def _chip(self, supply: Array, flow: Array, air: Array, use: Array) -> tuple[Array, Array]:
        """Temperature and power of a chip."""
        if self.liquid:
            resistance = self.resistance * (self.design_flow / flow) ** self.resistance_exponent
            coolant = supply + self.approach
        else:
            resistance, coolant = self.resistance + 0.0 * use, air
        gain = resistance * use * self.chip_power
        temperature = (coolant + gain * (1.0 - self.leakage * self.reference)) / (1.0 - self.leakage * gain)
        if np.any(self.leakage * gain >= 1.0):
            raise SystemFailure(f"rack {self.name}: leakage grows faster with temperature than its cooling takes heat away; "
                                "a smaller resistance or leakage")
        return temperature, use * self.chip_power * (1.0 + self.leakage * (temperature - self.reference))

    def plates_at(self, supply: Array, flow: Array, air: Array, utilisation: Array) -> tuple[Array, Array]:
        """All plates of a rack alike."""
        supply, flow, air, use = np.broadcast_arrays(*(np.asarray(a, float) for a in (supply, flow, air, utilisation)))
        temperature, _ = self._chip(supply, flow, air, use)
        shape = (flow.size, self.plates)
        return np.broadcast_to(flow.reshape(-1, 1) / self.plates, shape), np.broadcast_to(temperature.reshape(-1, 1), shape)

    def plate_name(self, number: int) -> str:
        """Numbered from 1."""
        return f"chip{number + 1}"


@dataclass(frozen=True)
class WithShare:
    """A rack whose share of heat to the liquid is set: what is left of its heat goes to the air; nothing else changes."""

    rack: Any
    share: float

    def evaluate(self, supply: Array, flow: Array, air: Array, utilisation: Array) -> Any:
        """State with the heat parted anew."""
        point = self.rack.evaluate(supply, flow, air, utilisation)
        heat = point.heat_liquid + point.heat_air
        return replace(point, heat_liquid=self.share * heat, heat_air=(1.0 - self.share) * heat)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rack, name)
