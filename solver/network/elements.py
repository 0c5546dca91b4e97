"""Parts of a coolant network, one class a kind. Numbers are SI; kv is in m3/h at 1 bar of water (Cv in gpm: kv = 0.865 cv).

``drop(m, rho, mu, t)`` gives the pressure drop (Pa) and its derivative (Pa s/kg) at mass flow m (kg/s; its sign is the
direction), density, viscosity and inlet temperature (K). The solver stacks the parts of a kind: their numbers become arrays and
one call serves all of them. ``typical(rho)`` is a usual mass flow, where Newton's method starts.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Protocol, Self

import numpy as np
from scipy.interpolate import PchipInterpolator

from coldrack.solver.network import laws
from coldrack.solver.network.laws import CLOSED, Array, Drop


@dataclass(frozen=True)
class Element:
    """Base of all parts."""

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """Pressure drop along the branch, Pa, and its derivative by m."""
        raise NotImplementedError

    def typical(self, rho: Any) -> Any:
        """A usual mass flow, kg/s."""
        raise NotImplementedError

    def key(self) -> Hashable:
        """Parts of one key are stacked: those of a kind that differ by numbers only."""
        values = (getattr(self, f.name) for f in fields(self))
        return type(self), *(v if isinstance(v, str | tuple) else id(v) for v in values if not _is_number(v))

    @classmethod
    def stack(cls, elements: Sequence[Self]) -> Self:
        """Parts of one key as one: numbers become arrays."""
        names = [f.name for f in fields(elements[0]) if _is_number(getattr(elements[0], f.name))]
        return replace(elements[0], **{n: np.array([getattr(e, n) for e in elements], float) for n in names})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class Pipe(Element):
    """Pipe or hose: Darcy's friction after Churchill (1977) and loss coefficients; `count` equal ones in parallel."""

    length: float
    diameter: float
    roughness: float
    loss: float = 0.0
    count: float = 1

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """f L/D rho u^2/2 + K rho u^2/2."""
        one = m / self.count
        friction = laws.pipe_friction(one, rho, mu, self.length, self.diameter, self.roughness)  # type: ignore[arg-type]
        minor = laws.loss(one, rho, mu, self.diameter, self.loss)  # type: ignore[arg-type]
        return friction[0] + minor[0], (friction[1] + minor[1]) / self.count

    def typical(self, rho: Any) -> Any:
        """1 m/s."""
        return rho * np.pi / 4 * self.diameter**2 * self.count


@dataclass(frozen=True)
class Fitting(Element):
    """Bend, tee, entrance or anything with a loss coefficient K on the velocity in a pipe of that diameter."""

    diameter: float
    loss: float

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """K rho u^2/2."""
        return laws.loss(m, rho, mu, self.diameter, self.loss)  # type: ignore[arg-type]

    def typical(self, rho: Any) -> Any:
        """1 m/s."""
        return rho * np.pi / 4 * self.diameter**2


@dataclass(frozen=True)
class Coupling(Element):
    """Quick disconnect."""

    kv: float

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """1 bar (Q/Kv)^2 rho/1000."""
        return laws.flow_coefficient(m, rho, self.kv)  # type: ignore[arg-type]

    def typical(self, rho: Any) -> Any:
        """At 0.1 bar."""
        return rho * self.kv / 3600 * 0.3


@dataclass(frozen=True)
class Valve(Element):
    """Valve; Kv at its opening (0 closed, 1 open): `linear` or `equal_percentage`: Kv R^(opening - 1) (IEC 60534-2-4)."""

    kv: float
    opening: float = 1.0
    characteristic: str = "linear"
    rangeability: float = 50.0

    def effective_kv(self) -> Any:
        """Kv at this opening."""
        if self.characteristic == "linear":
            return self.kv * self.opening
        return self.kv * np.where(np.asarray(self.opening) > 0, self.rangeability ** (np.asarray(self.opening) - 1.0), 0.0)

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """1 bar (Q/Kv)^2 rho/1000."""
        dp, slope = laws.flow_coefficient(m, rho, self.effective_kv())
        shut = np.asarray(self.opening) <= 0
        return np.where(shut, CLOSED * m, dp), np.where(shut, CLOSED, slope)

    def typical(self, rho: Any) -> Any:
        """At 0.1 bar."""
        return rho * self.effective_kv() / 3600 * 0.3


@dataclass(frozen=True)
class CheckValve(Element):
    """Lets flow pass forwards, once the cracking pressure (Pa) is there."""

    kv: float
    cracking_pressure: float = 0.0

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """Cracking pressure + 1 bar (Q/Kv)^2 rho/1000."""
        return laws.one_way(m, laws.flow_coefficient(m, rho, self.kv), self.cracking_pressure)  # type: ignore[arg-type]

    def typical(self, rho: Any) -> Any:
        """At 0.1 bar."""
        return rho * self.kv / 3600 * 0.3


@dataclass(frozen=True)
class PowerLaw(Element):
    """Filter, strainer or anything measured: dp_ref (Q/Q_ref)^n (rho/rho_ref)^(1-x) (mu/mu_ref)^x, x = viscosity_exponent.

    By similarity x = 2 - n; x = 0 for a plain quadratic loss.
    """

    flow_rate: float
    pressure_drop: float
    exponent: float
    density: float
    viscosity: float = 1.0
    viscosity_exponent: float = 0.0

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """See the class."""
        x, n = self.viscosity_exponent, self.exponent
        similar = (rho / self.density) ** (1 - x) * (mu / self.viscosity) ** x
        factor = self.pressure_drop * similar / (rho * self.flow_rate) ** n
        return laws.power_law(m, factor, np.asarray(n), 1e-3 * rho * self.flow_rate)

    def typical(self, rho: Any) -> Any:
        """The reference flow."""
        return rho * self.flow_rate


Filter = PowerLaw


@dataclass(frozen=True)
class HazenWilliams(Element):
    """Pipe of a water supply: h = 10.667 L Q^1.852 / (C^1.852 D^4.871) in metres of the fluid (EPANET's constant)."""

    length: float
    diameter: float
    coefficient: float

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """rho g h."""
        factor = 9.80665 * 10.667 * self.length / (self.coefficient**1.852 * self.diameter**4.871) * rho**-0.852
        return laws.power_law(m, factor, np.asarray(1.852), 1e-3 * self.typical(rho))

    def typical(self, rho: Any) -> Any:
        """1 m/s."""
        return rho * np.pi / 4 * self.diameter**2


class Characteristic(Protocol):
    """What the network needs of a cold plate's characteristic."""

    @property
    def flow_range(self) -> tuple[float, float]:
        """m3/s."""

    def pressure_drop(self, flow: Array, temperature: Array) -> tuple[Array, Array]:
        """Pa, and its derivative by the flow, Pa s/m3; odd and smooth."""


@dataclass(frozen=True)
class Plate(Element):
    """Cold plate by its characteristic; `count` equal ones in parallel."""

    characteristic: Characteristic
    count: float = 1

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """The characteristic's, at the volume flow through one plate."""
        share = rho * self.count
        dp, slope = self.characteristic.pressure_drop(m / share, t)
        return np.asarray(dp), np.asarray(slope) / share

    def typical(self, rho: Any) -> Any:
        """Middle of its range."""
        return rho * self.count * 0.5 * sum(self.characteristic.flow_range)


@lru_cache(maxsize=1024)
def _curve(x: tuple[float, ...], y: tuple[float, ...]) -> tuple[Any, Any]:
    curve = PchipInterpolator(x, y)
    return curve, curve.derivative()


@dataclass(frozen=True)
class Pump(Element):
    """Pumps in parallel, each with a check valve: points of one's curve at full speed, flow (m3/s) and pressure rise (Pa).

    Affinity laws: flow goes with the speed, pressure with its square. `count` of them run; those that stand still are shut.
    `efficiency`: pressure times flow over electric power, one number or one a point of the curve; empty: not known.
    The curve must not rise with the flow, so that there is one operating point.
    """

    flow_rates: tuple[float, ...]
    pressures: tuple[float, ...]
    speed: float = 1.0
    efficiency: tuple[float, ...] = ()
    count: float = 1

    def rise(self, flow: Any) -> tuple[Array, Array]:
        """Pressure rise (Pa) at the flow (m3/s) of one running pump, and its derivative; straight on beyond the curve."""
        speed = np.maximum(self.speed, 1e-9)
        curve, derivative = _curve(self.flow_rates, self.pressures)
        q = np.asarray(flow) / speed
        inside = np.clip(q, self.flow_rates[0], self.flow_rates[-1])
        slope = derivative(inside)
        last = (self.pressures[-1] - self.pressures[-2]) / (self.flow_rates[-1] - self.flow_rates[-2])
        slope = np.where(q > inside, np.minimum(slope, last), slope)
        return speed**2 * (curve(inside) + slope * (q - inside)), speed * slope

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """Minus the pressure rise; shut for flow backwards, and where none runs."""
        share = rho * np.maximum(self.count, 1e-9)
        rise, slope = self.rise(np.maximum(m, 0.0) / share)
        dp, d_dp = laws.one_way(m, (np.zeros_like(m), -slope / share), -rise)
        still = (np.asarray(self.count) <= 0) | (np.asarray(self.speed) <= 0)
        return np.where(still, CLOSED * m, dp), np.where(still, CLOSED, d_dp)

    def typical(self, rho: Any) -> Any:
        """Middle of the curve."""
        return rho * 0.5 * self.flow_rates[-1] * self.speed * self.count

    def efficiency_at(self, flow: Any) -> Any:
        """At the flow of one running pump; at other speeds that of the same point of the curve. NaN if not known."""
        if not self.efficiency:
            return np.full_like(np.asarray(flow, float), np.nan)
        if len(self.efficiency) == 1:
            return np.full_like(np.asarray(flow, float), self.efficiency[0])
        return np.interp(np.asarray(flow) / np.maximum(self.speed, 1e-9), self.flow_rates, self.efficiency)
