"""What flows: properties of the coolant at a temperature, and its enthalpy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline

Array = NDArray[np.float64]
TABLE = 801  # temperatures in the table of enthalpies: the cubic between two of them is exact to rounding


class Coolant(Protocol):
    """Properties at temperatures in kelvin; those of the library are one. `t_min`, `t_max` bound a curve, where it has them."""

    @property
    def name(self) -> str:
        """For messages."""

    def density(self, t: Array) -> Array:
        """kg/m3."""

    def viscosity(self, t: Array) -> Array:
        """Dynamic, Pa s."""

    def heat_capacity(self, t: Array) -> Array:
        """J/(kg K)."""

    def conductivity(self, t: Array) -> Array:
        """W/(m K)."""


@dataclass(frozen=True)
class ConstantCoolant:
    """A coolant whose properties do not change: kg/m3, Pa s, J/(kg K), W/(m K)."""

    name: str
    rho: float
    mu: float
    cp: float
    k: float

    def density(self, t: Array) -> Array:
        """kg/m3."""
        return np.full_like(np.asarray(t, float), self.rho)

    def viscosity(self, t: Array) -> Array:
        """Dynamic, Pa s."""
        return np.full_like(np.asarray(t, float), self.mu)

    def heat_capacity(self, t: Array) -> Array:
        """J/(kg K)."""
        return np.full_like(np.asarray(t, float), self.cp)

    def conductivity(self, t: Array) -> Array:
        """W/(m K)."""
        return np.full_like(np.asarray(t, float), self.k)


class Caloric:
    """Enthalpy of a coolant over temperature and the other way; zero at 0 degC, J/kg.

    Heat is balanced in enthalpies, so that a heat capacity that changes with temperature loses none. Outside the range of the
    curves both go on straight, and the other properties stay: a solution on its way may leave the range, a final one may not.
    """

    def __init__(self, coolant: Coolant) -> None:
        self.coolant = coolant
        self.low, self.high = float(getattr(coolant, "t_min", 0.0)), float(getattr(coolant, "t_max", np.inf))
        low, high = (self.low, self.high) if np.isfinite(self.high) else (200.0, 500.0)
        t = np.linspace(low, high, TABLE)
        cp = coolant.heat_capacity(t)
        middle = coolant.heat_capacity(0.5 * (t[1:] + t[:-1]))
        h = np.concatenate([[0.0], np.cumsum((cp[:-1] + 4 * middle + cp[1:]) / 6 * np.diff(t))])  # Simpson
        h -= np.interp(273.15, t, h)
        self._t, self._h, self._cp = t, h, cp
        self._of_t, self._of_h = CubicHermiteSpline(t, h, cp), CubicHermiteSpline(h, t, 1 / cp)

    def enthalpy(self, t: Array) -> Array:
        """J/kg at a temperature, K."""
        inside = np.clip(t, self._t[0], self._t[-1])
        beyond = np.where(t > inside, self._cp[-1], self._cp[0])
        return np.asarray(self._of_t(inside) + beyond * (t - inside))

    def temperature(self, h: Array) -> Array:
        """K at an enthalpy, J/kg."""
        inside = np.clip(h, self._h[0], self._h[-1])
        beyond = np.where(h > inside, self._cp[-1], self._cp[0])
        return np.asarray(self._of_h(inside) + (h - inside) / beyond)

    def properties(self, t: Array) -> tuple[Array, Array, Array]:
        """Density, viscosity and heat capacity, at the end of the range where a temperature lies outside."""
        t = np.clip(t, self.low, self.high)
        return self.coolant.density(t), self.coolant.viscosity(t), self.coolant.heat_capacity(t)


@lru_cache(maxsize=64)
def _caloric(coolant: Coolant) -> Caloric:
    return Caloric(coolant)


def caloric(coolant: Coolant) -> Caloric:
    """The table of a coolant, made once."""
    return _caloric(coolant)  # type: ignore[arg-type]  # hashed by identity or by its values
