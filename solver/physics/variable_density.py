"""Density that follows the temperature within a buoyant flow's iteration (low Mach number), without Boussinesq's approximation.

The equations are those of steady low-Mach flow: div(rho u) = 0, the weight of the coolant is rho g, the pressure in the
equation of state does not depend on place. In a closed domain a gas keeps its mass, so its pressure rises or falls:
rho = p0 f(T) with p0 such that the mass is what fills the domain at the property temperature (Chenoweth & Paolucci, J. Fluid
Mech. 169 (1986) 173).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.problem import Problem

TABLE = 2001
GAS = 0.02  # largest deviation of expansion coefficient times temperature from 1 of what counts as a gas


class VariableDensity:
    """Density over temperature on the device.

    Parameters
    ----------
    problem : Problem
        With ``properties`` "variable".
    expansion, density : float
        At the property temperature, 1/K and kg/m3: the reference that weights are taken against.
    closed : bool
        Whether nothing flows in or out.
    """

    def __init__(self, problem: Problem, backend: Any, expansion: float, density: float, closed: bool) -> None:
        c, t = problem.coolant, problem.property_temperature
        assert c is not None
        self.be, self.expansion, self.density = backend, expansion, density
        self.reference = problem.reference_temperature
        table = np.linspace(max(c.t_min, 1.0), min(c.t_max, 20.0 * t), TABLE)
        self.rise, self.rho = backend.asarray(table - self.reference), backend.asarray(c.density(table))
        self.sealed = closed and abs(expansion * t - 1.0) < GAS
        self.pressure = 1.0  # of a sealed gas over that at the property temperature

    def apply(self, rise: Any, coolant: Any, volume: Any, rho: Any, lift: Any) -> None:
        """Fill density and lift from the temperature.

        Parameters
        ----------
        rise : padded device array
            Temperature over the reference, K.
        coolant : padded device array of bool
        volume : padded device array
            Of coolant cells, m3.
        rho, lift : padded device arrays, overwritten
            Density, kg/m3, and the rise that would give coolant of constant expansion coefficient the same weight, K.
        """
        xp = self.be.xp
        new = xp.interp(rise.reshape(-1), self.rise, self.rho).reshape(rise.shape)
        if self.sealed:
            self.pressure = float(self.density * volume.sum() / self.be.dot(new, volume))
            new *= self.pressure
        rho[...] = xp.where(coolant, new, self.density)
        xp.subtract(1.0, rho / self.density, out=lift)
        lift /= self.expansion
