"""Characteristic of a cold plate: what a network needs of it, from a sweep of a 3-D case or from a published table."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from coldrack.solver.characteristic.pressure import PressureLaw
from coldrack.solver.problem import Coolant
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]
ROUNDING = 1e-6  # by which a value may be beyond the range
REST = 1e-2  # of the smallest flow: resistances are those of this flow below it


@dataclass(frozen=True, eq=False)
class PlateCharacteristic:
    """Thermal resistance and pressure drop of a plate over flow and inlet temperature.

    A resistance is (highest temperature of a component - inlet temperature) / power of the whole plate. Between points it
    follows a monotone cubic (Fritsch & Carlson 1980) in the logarithms of flow and resistance, linear in temperature; outside
    it goes on with the power law of the last points and the nearest temperature, so that a network can iterate there: `check`
    refuses such answers.

    Parameters
    ----------
    name : str
    coolant : Coolant
    source : str
        Where the numbers come from.
    flow : ndarray, shape (m,)
        Volume flow at the inlet's temperature, m3/s, rising.
    temperature : ndarray, shape (n,)
        Of the coolant at the inlet, K, rising.
    points : dict of ndarray, shape (n, m)
        Resistance of each component, K/W.
    pressure : PressureLaw
    temperature_range : tuple of float
        In which it may be used, K.
    heat_capacity : float
        Of solids and the coolant inside, J/K; nan if unknown.
    storage : ndarray, shape (n, m), optional
        Rise of the mean temperature, weighted by heat capacity, per watt, K/W.
    provenance : dict
        Plain data: version, date, cells, ...
    """

    name: str
    coolant: Coolant
    source: str
    flow: Array
    temperature: Array
    points: dict[str, Array]
    pressure: PressureLaw
    temperature_range: tuple[float, float]
    heat_capacity: float = float("nan")
    storage: Array | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def components(self) -> tuple[str, ...]:
        """Names of what has a resistance."""
        return tuple(self.points)

    @property
    def flow_range(self) -> tuple[float, float]:
        """Smallest and largest flow, m3/s."""
        return float(self.flow[0]), float(self.flow[-1])

    @cached_property
    def _curves(self) -> dict[str, PchipInterpolator]:
        tables = self.points | ({} if self.storage is None else {" storage": self.storage})
        return {name: PchipInterpolator(np.log(self.flow), np.log(table), axis=1) for name, table in tables.items()}

    def resistance(self, flow: Array, temperature: Array, component: str = "") -> Array:
        """Thermal resistance, K/W, at `flow` (m3/s, either direction) and inlet `temperature` (K).

        Without `component` that of the hottest one.
        """
        if component and component not in self.points:
            raise SystemFailure(f"plate {self.name} has no component {component!r}; it has {', '.join(self.components)}")
        names = [component] if component else self.components
        return np.max([self._interpolate(name, flow, temperature) for name in names], axis=0)

    def _interpolate(self, name: str, flow: Array, temperature: Array) -> Array:
        q, t = np.broadcast_arrays(np.abs(np.asarray(flow, float)), np.asarray(temperature, float))
        x = np.log(np.maximum(q, REST * self.flow[0]))
        inside = np.clip(x, np.log(self.flow[0]), np.log(self.flow[-1]))
        curve = self._curves[name]
        rows = curve(inside) + curve(inside, 1) * (x - inside)  # (n, ...)
        place = np.interp(t, self.temperature, np.arange(self.temperature.size))
        low = np.minimum(place.astype(int), max(self.temperature.size - 2, 0))
        high = np.minimum(low + 1, self.temperature.size - 1)
        below, above = (np.take_along_axis(rows, k[None], 0)[0] for k in (low, high))
        return np.exp(below + (place - low) * (above - below))

    def pressure_drop(self, flow: Array, temperature: Array) -> tuple[Array, Array]:
        """Pressure drop, Pa, and its derivative by flow, Pa s/m3: smooth, odd and rising in `flow` (m3/s); inlet K."""
        t = np.asarray(temperature, float)
        return self.pressure(flow, self.coolant.density(t), self.coolant.viscosity(t))

    def time_constant(self, flow: Array, temperature: Array) -> Array:
        """Heat stored in the steady state per watt, s.

        It is the heat capacity times the resistance from the mean temperature (weighted by heat capacity) to the inlet, and
        the mean delay with which heat put in comes out: exact for constant flow and properties, whatever the shape.
        """
        if self.storage is None:
            raise SystemFailure(f"plate {self.name} has no thermal mass: its source gives none. Characterise a 3-D case of it "
                                "(coldrack characterise), or leave times out")
        return self.heat_capacity * self._interpolate(" storage", flow, temperature)

    def check(self, flow: Array, temperature: Array) -> None:
        """Raise `SystemFailure` unless all flows (m3/s, sizes count) and inlet temperatures (K) are in the range."""
        q, t = np.abs(np.asarray(flow, float)), np.asarray(temperature, float)
        advice = "change the flow or the temperature, or characterise the plate over a wider range (coldrack characterise)"
        self._inside(q, self.flow_range, lambda v: f"{v * 6e4:.4g}", "L/min", "a flow", advice)
        self._inside(t, self.temperature_range, lambda v: f"{v - 273.15:.4g}", "degC", "an inlet temperature", advice)

    def _inside(self, value: Array, limits: tuple[float, float], show: Any, unit: str, what: str, advice: str) -> None:
        low, high = limits
        good = (value >= low * (1 - ROUNDING)) & (value <= high * (1 + ROUNDING))  # False for nan
        if np.all(good):
            return
        bad = value[~good].ravel() if value.ndim else value.reshape(1)
        worst = bad[np.argmax(np.maximum(low - bad, bad - high))]
        count = f" ({bad.size} of {value.size})" if value.size > 1 else ""
        raise SystemFailure(f"plate {self.name}: {what} of {show(worst)} {unit}{count} is outside its characteristic, which "
                            f"goes from {show(low)} to {show(high)} {unit}; {advice}")
