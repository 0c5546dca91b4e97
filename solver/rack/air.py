"""Air through a rack: fans that hold a temperature rise, heat sinks in rows, the heat exchanger in the rear door.

Air is dry, at the pressure of the room; its heat capacity is that at the rack's inlet temperature throughout, so that heat and
temperature follow each other exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.materials.library import coolant
from coldrack.solver.network.exchangers import effectiveness
from coldrack.solver.rack.parts import Door, Tray

Array = NDArray[np.float64]
GAS = 287.055  # J/(kg K), dry air (ISO 2533)
STEPS = 40


def heat_capacity(temperature: float) -> float:
    """Of dry air, J/(kg K)."""
    return float(coolant("air").heat_capacity(np.asarray(temperature)))


class FanState(NamedTuple):
    """Of every tray's fans: volume flow at the inlet (m3/s), mass flow (kg/s), share of full speed, electric power (W)."""

    flow: Array
    mass: Array
    speed: Array
    power: Array


class FanBank:
    """The fans of all trays as arrays; trays without fans move no air.

    Parameters
    ----------
    trays : sequence of Tray
    inlet : ndarray
        Temperature of the air that each tray takes in, K.
    pressure : float
        Pa.
    capacity : float
        Heat capacity of the air, J/(kg K).
    """

    def __init__(self, trays: tuple[Tray, ...], inlet: Array, pressure: float, capacity: float) -> None:
        fans = [t.fans for t in trays]
        self.count, self.full = (np.array([(f and getattr(f, k)) or 0.0 for f in fans], float) for k in ("count", "flow_rate"))
        self.full = self.full * self.count
        self.power = np.array([f.power if f else 0.0 for f in fans]) * self.count
        self.least = np.array([f.least_speed if f else 0.0 for f in fans])
        self.fixed = np.array([np.nan if f is None or f.speed is None else f.speed for f in fans])
        held = [None if f is None else f.temperature_rise if f.temperature_rise is not None else
                None if f.outlet_temperature is None else f.outlet_temperature - t for f, t in zip(fans, inlet)]
        self.rise = np.array([np.nan if h is None else max(h, 1e-3) for h in held])
        self.inlet, self.capacity = inlet, capacity
        self.density = pressure / (GAS * inlet)

    def run(self, heat: Array) -> FanState:
        """Speeds for the heat (W) that reaches the air beside that of the fans, which heats it too.

        rho cp dT V = heat + P_full (V / V_full)^3 has its smaller root approached from below by Newton's method; where there is
        none, and beyond full speed, the fans run at full speed.
        """
        some = self.full > 0.0
        full = np.where(some, self.full, 1.0)
        a = np.where(np.isfinite(self.rise), self.density * self.capacity * self.rise * full, 1.0)  # W at full speed
        speed = np.clip(np.maximum(heat, 0.0) / a, 0.0, 1.0)
        for _ in range(STEPS):
            slope = a - 3.0 * self.power * speed**2
            new = speed - (a * speed - np.maximum(heat, 0.0) - self.power * speed**3) / np.where(slope > 0.0, slope, np.inf)
            new = np.where(slope > 0.0, np.clip(new, speed, 1.0), 1.0)
            if np.all(np.abs(new - speed) < 1e-15):
                break
            speed = new
        speed = np.where(np.isnan(self.fixed), np.clip(speed, self.least, 1.0), self.fixed)
        return self.at(np.where(some, speed, 0.0))

    def at(self, speed: Array) -> FanState:
        """At shares of full speed."""
        flow = self.full * speed
        return FanState(flow, flow * self.density, speed, self.power * speed**3)

    def bounds(self) -> tuple[Array, Array]:
        """Least and largest share of full speed; one value where a case gives it, zero without fans."""
        free, some = np.isnan(self.fixed), self.full > 0.0
        return tuple(np.where(some, np.where(free, end, self.fixed), 0.0) for end in (self.least, 1.0))  # type: ignore[return-value]


def door_heat(door: Door, air_rate: float, air: float, liquid_rate: float, liquid: float) -> float:
    """Heat that the door takes, W: effectiveness C_min (T_air - T_liquid); rates in W/K, temperatures in K."""
    least, most = min(air_rate, liquid_rate), max(air_rate, liquid_rate)
    if least <= 0.0:
        return 0.0
    if door.effectiveness is not None:
        share = door.effectiveness
    else:
        share = float(effectiveness(np.asarray((door.conductance or 0.0) / least), np.asarray(least / most), "crossflow"))
    return share * least * (air - liquid)
