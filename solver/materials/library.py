"""Coolants (property curves fitted from CoolProp) and solids (each with its source)."""

from __future__ import annotations

import difflib
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.problem import Solid

Array = NDArray[np.float64]
FOLDER = Path(__file__).resolve().parent


class MaterialError(ValueError):
    """An unknown material, or a temperature outside a coolant's range."""


class CoolantCurve:
    """Property curves of one coolant: polynomials in temperature (the logarithm's for viscosity).

    Parameters
    ----------
    name : str
    data : dict
        An entry of ``coolants.json``.
    """

    def __init__(self, name: str, data: dict[str, Any]) -> None:
        self.name = name
        self.t_min, self.t_max = float(data["t_min"]), float(data["t_max"])
        self.source: str = data["source"]
        self.description: str = data["description"]
        self._coefficients = {
            p: data[p]["coefficients"] for p in ("density", "viscosity", "conductivity", "heat_capacity")
        }

    def _place(self, t: Array) -> Array:
        """Temperature on the scale of the fits, -1 to 1; `MaterialError` outside."""
        t = np.asarray(t, float)
        low, high = float(np.min(t)), float(np.max(t))
        if not (low >= self.t_min and high <= self.t_max):
            bad = low if not low >= self.t_min else high
            raise MaterialError(
                f"{self.name}: {bad:.2f} K ({bad - 273.15:.2f} degC) is outside the range of its property curves, "
                f"{self.t_min:.2f} to {self.t_max:.2f} K ({self.t_min - 273.15:.1f} to {self.t_max - 273.15:.1f} degC)")
        return (2 * t - self.t_max - self.t_min) / (self.t_max - self.t_min)

    def _evaluate(self, prop: str, t: Array) -> Array:
        s = self._place(t)
        value = np.zeros_like(s)
        for c in reversed(self._coefficients[prop]):
            value = value * s + c
        return value

    def density(self, t: Array) -> Array:
        """Density, kg/m3, at `t` in kelvin."""
        return self._evaluate("density", t)

    def viscosity(self, t: Array) -> Array:
        """Dynamic viscosity, Pa s, at `t` in kelvin."""
        return np.exp(self._evaluate("viscosity", t))

    def conductivity(self, t: Array) -> Array:
        """Thermal conductivity, W/(m K), at `t` in kelvin."""
        return self._evaluate("conductivity", t)

    def heat_capacity(self, t: Array) -> Array:
        """Isobaric heat capacity, J/(kg K), at `t` in kelvin."""
        return self._evaluate("heat_capacity", t)

    def expansion(self, t: Array) -> Array:
        """Thermal expansion coefficient -1/rho d rho/dT of the density's fit, 1/K, at `t` in kelvin."""
        s = self._place(t)
        slope = np.polynomial.polynomial.polyval(s, np.polynomial.polynomial.polyder(self._coefficients["density"]))
        return -slope * 2.0 / (self.t_max - self.t_min) / self.density(t)


@cache
def _read(file: str) -> dict[str, Any]:
    return json.loads((FOLDER / file).read_text())


def _find(name: str, table: dict[str, Any], what: str) -> str:
    for key in table:
        if key.lower() == name.lower():
            return key
    near = difflib.get_close_matches(name.lower(), [k.lower() for k in table], 1, 0.5)
    hint = f"; did you mean {next(k for k in table if k.lower() == near[0])!r}?" if near else ""
    raise MaterialError(f"no {what} called {name!r}{hint} There are: {', '.join(table)}")


def coolant_names() -> list[str]:
    """Names of the coolants."""
    return list(_read("coolants.json"))


def coolant(name: str) -> CoolantCurve:
    """A coolant of the library by name (any case); `MaterialError` with a suggestion if there is none."""
    table = _read("coolants.json")
    key = _find(name, table, "coolant")
    return CoolantCurve(key, table[key])


def solid_names() -> list[str]:
    """Names of the solids."""
    return list(_read("solids.json"))


def solid(name: str) -> Solid:
    """A solid of the library by name (any case); `MaterialError` with a suggestion if there is none."""
    table = _read("solids.json")
    key = _find(name, table, "solid")
    entry = table[key]
    k = entry["conductivity"]
    kx, ky, kz = k if isinstance(k, list) else (k, k, k)
    return Solid(
        key, (float(kx), float(ky), float(kz)), float(entry["density"]), float(entry["heat_capacity"]), entry["source"]
    )
