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
STORAGE, DROP = " storage", " drop"  # names that no component has
REST = 1e-2  # of the smallest flow: resistances are those of this flow below it


@dataclass(frozen=True, eq=False)
class PlateCharacteristic:
    """Thermal resistance and pressure drop of a plate over flow and inlet temperature.

    A resistance is (highest temperature of a component - inlet temperature) / power of the whole plate. Between points it
    follows a monotone cubic (Fritsch & Butland 1984) in the logarithms of flow and resistance, linear in temperature; outside
    it goes on with the power law of the last points and the nearest temperature, so that a network can iterate there: `check`
    refuses such answers. The pressure drop is its law (Reynolds similarity) times what the points differ from it, which is
    interpolated in the same way and constant outside.

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
        Through the points of the pressure drop, or instead of them.
    temperature_range : tuple of float
        In which it may be used, K.
    heat_capacity : float
        Of solids and the coolant inside, J/K; nan if unknown.
    storage : ndarray, shape (n, m), optional
        Rise of the mean temperature, weighted by heat capacity, per watt, K/W.
    drop : ndarray, shape (n, m), optional
        Points of the pressure drop, Pa.
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
    drop: Array | None = None
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
        tables = self.points | ({} if self.storage is None else {STORAGE: self.storage})
        if self.drop is not None:
            t = self.temperature[:, None]
            tables[DROP] = self.drop / self.pressure(self.flow, self.coolant.density(t), self.coolant.viscosity(t))[0]
        return {name: PchipInterpolator(np.log(self.flow), np.log(table), axis=1) for name, table in tables.items()}

    def resistance(self, flow: Array, temperature: Array, component: str = "") -> Array:
        """Thermal resistance, K/W, at `flow` (m3/s, either direction) and inlet `temperature` (K).

        Without `component` that of the hottest one.
        """
        if component and component not in self.points:
            raise SystemFailure(f"plate {self.name} has no component {component!r}; it has {', '.join(self.components)}")
        names = [component] if component else self.components
        return np.max([self._interpolate(name, flow, temperature)[0] for name in names], axis=0)

    def _interpolate(self, name: str, flow: Array, temperature: Array, beyond: bool = True) -> tuple[Array, Array]:
        """A table's value, and its exponent d ln(value) / d ln(flow); `beyond` the range it goes on with that of the end."""
        q, t = np.broadcast_arrays(np.abs(np.asarray(flow, float)), np.asarray(temperature, float))
        x = np.log(np.maximum(q, REST * self.flow[0]))
        inside = np.clip(x, np.log(self.flow[0]), np.log(self.flow[-1]))
        curve = self._curves[name]
        slopes = np.where(beyond | (x == inside), curve(inside, 1), 0.0)
        rows = curve(inside) + slopes * (x - inside)  # (n, ...)
        place = np.interp(t, self.temperature, np.arange(self.temperature.size))
        low = np.minimum(place.astype(int), max(self.temperature.size - 2, 0))
        high = np.minimum(low + 1, self.temperature.size - 1)
        value, exponent = (below + (place - low) * (above - below) for below, above in (
            [np.take_along_axis(table, k[None], 0)[0] for k in (low, high)] for table in (rows, slopes)))
        return np.exp(value), exponent

    def pressure_drop(self, flow: Array, temperature: Array) -> tuple[Array, Array]:
        """Pressure drop, Pa, and its derivative by flow, Pa s/m3: smooth, odd and rising in `flow` (m3/s); inlet K."""
        q, t = np.asarray(flow, float), np.asarray(temperature, float)
        drop, slope = self.pressure(q, self.coolant.density(t), self.coolant.viscosity(t))
        if self.drop is None:
            return drop, slope
        ratio, exponent = self._interpolate(DROP, q, t, beyond=False)
        return ratio * drop, ratio * (slope + exponent * drop / np.where(q == 0.0, 1.0, q))

    def time_constant(self, flow: Array, temperature: Array) -> Array:
        """Heat stored in the steady state per watt, s.

        It is the heat capacity times the resistance from the mean temperature (weighted by heat capacity) to the inlet, and
        the mean delay with which heat put in comes out: exact for constant flow and properties, whatever the shape.
        """
        if self.storage is None:
            raise SystemFailure(f"plate {self.name} has no thermal mass: its source gives none. Characterise a 3-D case of it "
                                "(coldrack characterise), or leave times out")
        return self.heat_capacity * self._interpolate(STORAGE, flow, temperature)[0]

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
