"""Dry coolers and cooling towers: how fast their fans turn, what they evaporate, how cold the water gets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.hall import psychrometrics as moist
from coldrack.solver.hall.weather import Weather
from coldrack.solver.network.exchangers import counterflow

Array = NDArray[np.float64]
AIR_HEAT = 1006.0  # J/(kg K), ASHRAE Fundamentals 2017 ch. 1 eq. 28
WATER_HEAT = 4186.0  # J/(kg K), water at 25 degC
LATENT = 2.45e6  # J/kg at 20 degC, ASHRAE Fundamentals 2017 ch. 1 table 3
AIR_SIDE = 0.6  # exponent of the air's speed in UA: banks of finned tubes, Incropera & DeWitt 6th ed. eq. 7.58 (m = 0.6)
TOWER = 0.4  # exponent of water over air in a tower's NTU: Braun, Klein & Mitchell, ASHRAE Trans. 95(2) (1989) 164, n = -0.6
MOST, PRECISION = 60, 1e-13  # iterations, of the interval or of the function's range


def units_for(eps: float, ratio: float) -> float:
    """Number of transfer units that gives an effectiveness; the inverse of `counterflow`."""
    ratio = ratio if abs(ratio - 1.0) > 1e-9 else 1.0 - 1e-9
    return float(np.log((1.0 - eps * ratio) / (1.0 - eps)) / (1.0 - ratio))


@dataclass(frozen=True)
class Rejected:
    """What a cooler does, by hour: leaving water K, fan speed 0..1, fan power W, water kg/s, heat given to the air W."""

    temperature: Array
    speed: Array
    fans: Array
    water: Array
    heat: Array


@dataclass(frozen=True)
class Cooler(ABC):
    """Common to all: fans by the cube law, a solve for the speed that holds the wanted temperature.

    Parameters
    ----------
    fan_power : float
        Electric power at full speed, W.
    air : float
        Capacity rate (dry cooler, W/K) or mass flow (tower, kg/s) of the air at full speed.
    cycles : float
        Of concentration: make-up is evaporation times cycles / (cycles - 1).
    """

    fan_power: float
    air: float
    cycles: float

    @abstractmethod
    def capacity(self, speed: Array, t_in: Array, t_out: Array, rate: Array, weather: Weather) -> Array:
        """Heat that goes into the air, W, with water entering at `t_in` and leaving at `t_out` K, capacity rate `rate` W/K."""

    @abstractmethod
    def water(self, speed: Array, heat: Array, weather: Weather) -> Array:
        """Make-up water, kg/s."""

    def reject(self, heat: Array, rate: Array, wanted: Array, weather: Weather) -> Rejected:
        """Cool to `wanted` K if it can, with the slowest fans that do; with full speed to what that reaches otherwise."""
        def excess(speed: Array, t_out: Array) -> Array:
            return self.capacity(speed, t_out + heat / rate, t_out, rate, weather) - heat

        full = np.ones_like(heat)
        able = excess(full, wanted) >= 0.0
        speed = np.where(able, _root(lambda n: excess(n, wanted), np.zeros_like(heat), full), 1.0)
        t_out = np.where(able, wanted, self.reached(heat, rate, wanted, weather))
        given = self.capacity(speed, t_out + heat / rate, t_out, rate, weather)
        return Rejected(t_out, speed, np.asarray(self.fan_power * speed**3), self.water(speed, heat, weather), given)

    def reached(self, heat: Array, rate: Array, wanted: Array, weather: Weather) -> Array:
        """Leaving water at full speed where that cannot hold `wanted`, K."""
        full = np.ones_like(heat)
        return _root(lambda t: self.capacity(full, t + heat / rate, t, rate, weather) - heat, wanted, wanted + 150.0)

    def precool(self, t_in: Array, rate: Array, wanted: Array, weather: Weather) -> Rejected:
        """As far towards `wanted` as full speed goes, from water at `t_in`: the first stage before a chiller."""
        full, coldest = np.ones_like(t_in), np.minimum(wanted, t_in)
        t_out = _root(lambda t: rate * (t - t_in) + self.capacity(full, t_in, t, rate, weather), coldest, t_in)
        heat = rate * (t_in - t_out)
        on = heat > 1e-9 * rate
        fans: Array = np.where(on, self.fan_power, 0.0)
        return Rejected(t_out, np.where(on, 1.0, 0.0), fans, self.water(full, heat, weather) * on, heat)


def _root(f: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Where a rising function crosses zero, elementwise; an end of the interval if it does not.

    False position after Illinois (Dowell & Jarratt, BIT 11 (1971) 168): an end that stays counts half.
    """
    low, high = np.array(low, float), np.array(high, float)
    span = high - low
    f_low, f_high = f(low), f(high)
    size = np.abs(f_high - f_low)
    out = np.where(f_low >= 0.0, low, np.where(f_high <= 0.0, high, np.nan))
    found, kept = ~np.isnan(out), np.zeros(low.shape)
    for _ in range(MOST):
        if found.all():
            break
        rise = np.where(found, 1.0, f_high - f_low)
        x = np.clip(np.where(found, low, low - f_low * (high - low) / rise), low, high)
        y = f(x)
        close = ~found & ((np.abs(y) <= PRECISION * size) | (high - low <= PRECISION * span))
        out, found = np.where(close, x, out), found | close
        below = y < 0.0
        f_high = np.where(below & (kept < 0), 0.5 * f_high, f_high)
        f_low = np.where(~below & (kept > 0), 0.5 * f_low, f_low)
        low, f_low = np.where(below, x, low), np.where(below, y, f_low)
        high, f_high = np.where(below, high, x), np.where(below, f_high, y)
        kept = np.where(below, -1.0, 1.0)
    return np.where(found, out, 0.5 * (low + high))


@dataclass(frozen=True)
class DryCooler(Cooler):
    """Water to outdoor air through finned tubes, counterflow; a wet pad before them where `pad` is above 0.

    Parameters
    ----------
    conductance : float
        UA at full speed, W/K; it goes with the air's speed to the power `AIR_SIDE`, the water's side being small.
    pad : float
        Effectiveness of the wet pad: share of the way from dry to wet bulb; 0 for none.
    pad_above : float
        Dry bulb above which the pad is wet, K.
    """

    conductance: float = 0.0
    pad: float = 0.0
    pad_above: float = np.inf

    @classmethod
    def sized(cls, heat: float, rate: float, outdoor: float, approach: float, rise: float, fan_share: float, *,
              pad: float = 0.0, pad_above: float = np.inf, cycles: float = 4.0) -> DryCooler:
        """For `heat` W from water of capacity rate W/K, leaving `approach` K above `outdoor`, air warmed by `rise` K.

        `fan_share`: fan power per heat. `ValueError` where such an exchanger cannot be.
        """
        air, hot = heat / rise, approach + heat / rate
        if rise >= hot:
            raise ValueError(f"air warmed by {rise:.3g} K would be warmer than the water that enters {hot:.3g} K above it: "
                             "a larger approach, or a smaller rise of the air")
        small, large = min(air, rate), max(air, rate)
        ntu = units_for(heat / (small * hot), small / large)
        return cls(heat * fan_share, air, cycles, ntu * small, pad, pad_above)

    def inlet(self, weather: Weather) -> Array:
        """Temperature of the air at the tubes, K."""
        wetted = self.pad * (weather.dry_bulb - weather.wet_bulb) if self.pad else 0.0
        return weather.dry_bulb - np.where(weather.dry_bulb > self.pad_above, wetted, 0.0)

    def capacity(self, speed: Array, t_in: Array, t_out: Array, rate: Array, weather: Weather) -> Array:
        """Q = eps C_min (t_in - t_air)."""
        air = np.maximum(speed, 1e-12) * self.air
        small, large = np.minimum(air, rate), np.maximum(air, rate)
        eps = counterflow(self.conductance * np.maximum(speed, 1e-12) ** AIR_SIDE / small, small / large)
        return eps * small * (t_in - self.inlet(weather))

    def reached(self, heat: Array, rate: Array, wanted: Array, weather: Weather) -> Array:
        """Heat is proportional to the difference of the inlets, Q = K (t + Q / C - t_air)."""
        full = np.ones_like(heat)
        per_kelvin = self.capacity(full, self.inlet(weather) + 1.0, wanted, rate, weather)
        return self.inlet(weather) + heat / per_kelvin - heat / rate

    def water(self, speed: Array, heat: Array, weather: Weather) -> Array:
        """What cools the air evaporates: C_air (dry bulb - air at the tubes) / latent heat."""
        evaporated = speed * self.air * (weather.dry_bulb - self.inlet(weather)) / LATENT
        return evaporated * self.cycles / (self.cycles - 1.0)


@dataclass(frozen=True)
class CoolingTower(Cooler):
    """Open counterflow tower by the effectiveness of Braun, Klein & Mitchell (1989): driven by the enthalpy of saturated air.

    Parameters
    ----------
    ntu : float
        Transfer units at the design ratio of water to air.
    ratio : float
        That ratio, kg/kg.
    """

    ntu: float = 0.0
    ratio: float = 1.0

    @classmethod
    def sized(cls, heat: float, rate: float, wet_bulb: float, approach: float, ratio: float, fan_share: float, *,
              cycles: float = 4.0, pressure: float = 101325.0) -> CoolingTower:
        """For `heat` W, water leaving `approach` K above `wet_bulb` K, `ratio` kg of water to a kg of air."""
        t_out = wet_bulb + approach
        t_in, air = t_out + heat / rate, rate / WATER_HEAT / ratio
        h_in, h_out, h_air = (float(_saturated(np.array(t), pressure)) for t in (t_in, t_out, wet_bulb))
        eps, star = heat / (air * (h_in - h_air)), air * (h_in - h_out) / (t_in - t_out) / rate
        if not 0.0 < eps < min(1.0, 1.0 / star):
            raise ValueError(f"a tower with {ratio:.3g} kg of water to a kg of air cannot cool to {approach:.3g} K above the "
                             "wet bulb: a larger approach, or less water to the air")
        return cls(heat * fan_share, air, cycles, units_for(eps, star), ratio)

    def capacity(self, speed: Array, t_in: Array, t_out: Array, rate: Array, weather: Weather) -> Array:
        """Q = eps m_air (h_sat(t_in) - h_air)."""
        air = np.maximum(speed, 1e-9) * self.air
        warm = np.maximum(t_in, t_out + 1e-3)
        h_in = _saturated(warm, weather.pressure)
        star = air * (h_in - _saturated(t_out, weather.pressure)) / (warm - t_out) / rate
        eps = counterflow(self.ntu * (rate / WATER_HEAT / air / self.ratio) ** TOWER, star)
        return eps * air * (h_in - _outdoor(weather))

    def water(self, speed: Array, heat: Array, weather: Weather) -> Array:
        """Evaporation of air that leaves saturated, with blow-down."""
        air = np.maximum(speed, 1e-9) * self.air
        leaving = moist.saturated_temperature(_outdoor(weather) + heat / air, weather.pressure)
        gained = moist.humidity_ratio(leaving, weather.pressure) - moist.humidity_ratio(weather.dew_point, weather.pressure)
        return np.maximum(gained, 0.0) * air * self.cycles / (self.cycles - 1.0)


def _saturated(t: Array, pressure: Array | float) -> Array:
    """Enthalpy of saturated air at the water's temperature, J/kg."""
    return moist.enthalpy(t, moist.humidity_ratio(t, np.asarray(pressure, float)))


def _outdoor(weather: Weather) -> Array:
    return moist.enthalpy(weather.dry_bulb, moist.humidity_ratio(weather.dew_point, weather.pressure))
