"""Coolant properties on the grid: constant, or evaluated from the temperature of the last pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.problem import Problem


class Properties:
    """Density and viscosity (padded, one value where constant), conductivity and heat capacity of the coolant."""

    def __init__(self, problem: Problem, layout: Layout) -> None:
        self.problem, self.layout = problem, layout
        self.variable = problem.properties == "variable"
        self.out_of_range = ""
        t = problem.property_temperature
        c = problem.coolant
        self.inlet_density = 1.0  # at the property temperature
        self.conductivity: Any = 0.0
        self.heat_capacity = self.expansion = 0.0
        if c is None:
            return
        if problem.buoyant:
            self.expansion = float(c.expansion(np.asarray(t)))
        value = {
            n: float(np.asarray(getattr(c, n)(np.float64(t))))
            for n in ("density", "viscosity", "conductivity", "heat_capacity")
        }
        self.inlet_density = value["density"]
        self.density = np.broadcast_to(value["density"], layout.shape)
        self.viscosity = np.broadcast_to(value["viscosity"], layout.shape)
        self.conductivity, self.heat_capacity = value["conductivity"], value["heat_capacity"]

    def update(self, temperature: Array) -> None:
        """Evaluate the curves at a temperature field (K); beyond their range they keep their last value.

        A field on the way to the solution may leave the range; whether the last one did is in `out_of_range`.
        """
        c = self.problem.coolant
        assert c is not None
        wet = self.problem.mesh.fluid
        self.check(temperature)
        t = np.clip(np.where(wet, temperature, self.problem.property_temperature), c.t_min, c.t_max)
        self.density = self.layout.pad(c.density(t), self.inlet_density)
        self.viscosity = self.layout.pad(c.viscosity(t), float(np.mean(self.viscosity)))
        self.conductivity = c.conductivity(t)

    def check(self, temperature: Array) -> None:
        """Note in `out_of_range` whether the coolant's temperature (K) leaves the range of its curves."""
        c, wet = self.problem.coolant, self.problem.mesh.fluid
        assert c is not None
        low, high = float(temperature[wet].min()), float(temperature[wet].max())
        bad = low if low < c.t_min else high
        self.out_of_range = "" if c.t_min <= low and high <= c.t_max else (
            f"the coolant reaches {bad - 273.15:.1f} degC, outside the range of {c.name}'s property curves "
            f"({c.t_min - 273.15:.0f} to {c.t_max - 273.15:.0f} degC)")

    def enthalpy_defect(self, t: Array) -> Array:
        """What the enthalpy above the reference temperature exceeds constant heat capacity by, J/kg, at `t` in kelvin."""
        c, start = self.problem.coolant, self.problem.reference_temperature
        assert c is not None
        table = np.linspace(c.t_min, c.t_max, 2001)
        excess = c.heat_capacity(table) - self.heat_capacity
        integral = np.concatenate([[0.0], np.cumsum(0.5 * (excess[1:] + excess[:-1]) * np.diff(table))])
        return np.interp(t, table, integral) - float(np.interp(start, table, integral))

    def defect_flux(self, temperature: Array, mass_flux: list[Array], upwind: list[Any] | None = None) -> list[Array]:
        """Enthalpy that faces carry beyond constant heat capacity, W, all arrays padded.

        The energy equation is written for a constant heat capacity, whose fluxes are free of divergence as the mass is;
        the small rest is evaluated from the last temperature. So heat is conserved to round-off in every pass. `upwind`: flat
        indices of the faces along x, y, z that carry the enthalpy of where the coolant comes from.
        """
        defect, out = self.enthalpy_defect(temperature), []
        for axis, m in enumerate(mass_flux):
            a = 2 - axis
            d, flux = np.moveaxis(defect, a, 0), np.moveaxis(m, a, 0)
            face = np.zeros_like(d)
            face[1:] = 0.5 * (d[1:] + d[:-1])
            for first in (1, d.shape[0] - 2):  # on the domain's surface: of where the coolant comes from
                face[first] = np.where(flux[first] > 0, d[first - 1], d[first])
            out.append(np.ascontiguousarray(np.moveaxis(face * flux, 0, a)))
            if upwind is not None and upwind[axis].size:
                at, step = upwind[axis], int(np.prod(defect.shape[a + 1 :]))
                carried, d = m.reshape(-1)[at], defect.reshape(-1)
                out[-1].reshape(-1)[at] = carried * np.where(carried > 0, d[at - step], d[at])
        return out

    def prescribed_mass_flux(self, velocity: tuple[Array, Array, Array]) -> list[Array]:
        """Mass fluxes of given face velocities, padded, kg/s."""
        return [self.layout.pad_faces(u * self.problem.mesh.grid.face_areas(axis), axis) * self.inlet_density
                for axis, u in enumerate(velocity)]
