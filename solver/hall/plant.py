"""Chillers, and the plant of a loop: a cooler outdoors, a chiller, or one behind the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.hall.cooler import LATENT, Cooler, Rejected
from coldrack.solver.hall.weather import Weather
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Chiller:
    """COP as a fixed share of Carnot's between refrigerant temperatures that stand off from water and outdoor air.

    COP = carnot T_e / (T_c - T_e), T_e = supply - evaporator_approach, T_c = max(outdoor + condenser_approach, T_e +
    minimum_lift); outdoor is the dry bulb, or for a wet condenser (through a tower, counted in the COP) the wet bulb.
    """

    carnot: float
    evaporator_approach: float
    condenser_approach: float
    minimum_lift: float
    wet: bool = False
    cycles: float = 4.0

    @classmethod
    def rated(cls, cop: float, supply: float, outdoor: float, evaporator_approach: float, condenser_approach: float,
              minimum_lift: float, *, wet: bool = False, cycles: float = 4.0) -> Chiller:
        """The share of Carnot's from one rating point (`supply` and `outdoor` in K); fans of the condenser are in its COP."""
        evaporating, condensing = supply - evaporator_approach, outdoor + condenser_approach
        share = cop * (condensing - evaporating) / evaporating
        if not 0.0 < share < 1.0:
            raise ValueError(f"a COP of {cop:g} is {share:.2f} of Carnot's between {evaporating - 273.15:.1f} and "
                             f"{condensing - 273.15:.1f} degC; expected more than 0 and less than 1")
        return cls(share, evaporator_approach, condenser_approach, minimum_lift, wet, cycles)

    def cop(self, supply: Array, weather: Weather) -> Array:
        """Heat taken up over electricity."""
        evaporating = supply - self.evaporator_approach
        condensing = (weather.wet_bulb if self.wet else weather.dry_bulb) + self.condenser_approach
        return self.carnot * evaporating / np.maximum(condensing - evaporating, self.minimum_lift)

    def water(self, rejected: Array) -> Array:
        """Make-up of a wet condenser, kg/s: all of its heat evaporates water, with blow-down."""
        return rejected / LATENT * self.cycles / (self.cycles - 1.0) if self.wet else np.zeros_like(rejected)


@dataclass(frozen=True)
class Served:
    """By hour: supply K, fans W, chillers W, water kg/s, heat to the outdoors W, heat taken by chillers W, fan speed."""

    temperature: Array
    fans: Array
    chillers: Array
    water: Array
    outdoors: Array
    chilled: Array
    speed: Array


@dataclass(frozen=True)
class Plant:
    """What brings the water of a loop back to its supply temperature.

    With a cooler and a chiller the cooler does what it can first (`integrated`), or all or nothing (a switch-over); it stays
    off in hours in which its fans would take more than the chiller saves. Without a chiller the supply gets as warm as it must.
    """

    cooler: Cooler | None
    chiller: Chiller | None
    integrated: bool = True

    def serve(self, heat: Array, rate: Array, wanted: Array, weather: Weather) -> Served:
        """Cool the return to `wanted` K; heat W, capacity rate of the water W/K, by hour."""
        if self.cooler is None:
            return self._chilled(heat, None, wanted, weather)
        alone = self.cooler.reject(heat, rate, wanted, weather)
        nothing = np.zeros_like(heat)
        if self.chiller is None:
            return Served(alone.temperature, alone.fans, nothing, alone.water, alone.heat + alone.fans, nothing, alone.speed)
        free = Served(wanted, alone.fans, nothing, alone.water, alone.heat + alone.fans, nothing, alone.speed)
        other = self._chilled(heat, None, wanted, weather)
        if self.integrated:
            first = self.cooler.precool(wanted + heat / rate, rate, wanted, weather)
            other = _cheaper(self._chilled(heat, first, wanted, weather), other)
        able = alone.temperature <= wanted + 1e-6
        cheaper = able & (free.fans <= other.fans + other.chillers)
        return _pick(cheaper, free, other)

    def _chilled(self, heat: Array, first: Rejected | None, wanted: Array, weather: Weather) -> Served:
        """The chiller behind `first`, or alone."""
        if self.chiller is None:
            raise SystemFailure("a plant needs a cooler or a chiller; give it one")
        fans, done, water, speed = (first.fans, first.heat, first.water, first.speed) if first else (np.zeros_like(heat),) * 4
        power = (heat - done) / self.chiller.cop(wanted, weather)
        rejected = heat - done + power
        water = water + self.chiller.water(rejected)
        return Served(wanted + 0.0 * heat, fans, power, water, done + fans + rejected, heat - done, speed)


def _cheaper(a: Served, b: Served) -> Served:
    return _pick(a.fans + a.chillers < b.fans + b.chillers, a, b)


def _pick(first: NDArray[np.bool_], a: Served, b: Served) -> Served:
    return Served(*(np.where(first, x, y) for x, y in zip(vars(a).values(), vars(b).values(), strict=True)))
