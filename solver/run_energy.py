"""The energy stages of a run: assemble, solve with what devices do, judge whether temperatures stand still."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.mean import Mean
from coldrack.solver.monitor import Monitor
from coldrack.solver.physics.buoyant import BuoyantFlow
from coldrack.solver.physics.devices import Devices
from coldrack.solver.physics.energy import Energy
from coldrack.solver.physics.flow import Flow
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.window import Window
from coldrack.solver.probe import PressureProbe
from coldrack.solver.problem import Problem
from coldrack.solver.properties import Properties
from coldrack.solver.restart import Restart

RESOLUTION = 2e-5  # temperatures of two passes differ by this share of their range from the limiter's weights alone
TURBULENT_STEP = 3.0  # of the residual, between the two passes of a turbulent flow
UNSETTLED = 1e-7  # change of devices' temperatures over the range that is too much at the end


class Interrupted(Exception):
    """The user ended the run within a linear solve."""


class EnergyStages:
    """What a steady run does with the energy equation; `solver/run.py` has the rest of the run."""

    problem: Problem
    backend: Any
    layout: Layout
    window: Window
    probe: PressureProbe
    properties: Properties
    monitor: Monitor
    resume: Restart | None
    flow: Flow | None
    energy: Energy | None
    devices: Devices | None
    mean: Mean | None
    passes: int
    variable: bool
    watched: dict[str, float]
    defect: list[Any]
    before: Any
    notes: dict[str, str]
    moved = (np.nan, np.nan)  # T_max and all temperatures between the last two passes, K

    def _new_devices(self, flow: Flow | None) -> Devices:
        p = self.properties
        return Devices(self.problem, self.layout, self.backend, flow, p.inlet_density, p.heat_capacity)

    def _assembled_energy(self) -> Energy:
        be = self.backend.with_dtype("f8")
        if self.energy is None:
            self.energy = Energy(self.problem, self.layout, self.backend)
            self.energy.poll = self._poll
            if self.resume is not None and self.passes:
                self.energy.rise[...] = be.asarray(
                    self.layout.pad(self.resume.temperature - self.problem.reference_temperature))
        flux = None
        if self.flow is not None:
            if not self.problem.buoyant:
                self.flow.release()
            flux = [self.window.fill_padded(m, be) for m in self.flow.mass_fluxes()]
        elif self.problem.velocity is not None:
            flux = [be.asarray(m) for m in self.properties.prescribed_mass_flux(self.problem.velocity)]
        conductivity = self.properties.conductivity
        if self.problem.devices:
            self.devices = self.devices or self._new_devices(None)
            conductivity = self.devices.conductivity(conductivity)
        self.energy.assemble(conductivity, flux, self.properties.heat_capacity)
        if self.devices is not None:
            self.devices.attach(self.energy)
        if self.flow is not None and self.flow.eddies is not None:
            self.flow.eddies.conduct(self.flow, self.energy)
        if self.variable and self.passes:
            self._add_enthalpy_defect(self.energy)
        return self.energy

    def _add_enthalpy_defect(self, energy: Energy) -> None:
        """Heat capacity that follows the temperature, as a source from the temperature of the last pass."""
        assert energy.m is not None
        host = self.backend.to_numpy
        rise = np.array(host(energy.rise))  # with what flows in
        upwind = self.devices.units.upwind() if self.devices is not None else None
        self.defect = self.properties.defect_flux(rise + self.problem.reference_temperature,
                                                  [host(m) / self.properties.heat_capacity for m in energy.m], upwind)
        if self.devices is not None and self.devices.units.units:
            self.devices.units.take_defect(self.defect)
        source = np.zeros(self.layout.shape)
        for axis, flux in enumerate(self.defect):
            source += flux - np.roll(flux, -1, axis=2 - axis)
        source[~self.layout.pad(self.problem.mesh.fluid)] = 0.0
        energy.b += energy.be.asarray(source)

    def _poll(self) -> None:
        if self.monitor.interrupted():
            raise Interrupted

    def _solve_energy(self, coupled: bool, last: bool) -> bool:
        """One pass of the energy equation; True if it was the last, and then solved until the books close."""
        if isinstance(self.flow, BuoyantFlow):
            return self._close_energy(last)
        energy, monitor = self._assembled_energy(), self.monitor
        monitor.begin("energy")
        if self.variable:
            self.before = energy.rise.copy()
        result = self._solve_heat(energy, tight=not coupled)
        self.passes += 1
        done = not coupled or self._settled(energy) or bool(monitor.reason) or self.mean is not None
        done = done or self._out_of_passes(last)
        if coupled and done:
            result = self._solve_heat(energy)
        self._finish_energy(energy, result)
        self._renew_properties(energy, done)
        return done

    def _solve_heat(self, energy: Energy, tight: bool = True) -> Any:
        """Solve the energy equation, with what devices do to it."""
        if self.devices is None or not self.devices.thermal:
            return energy.solve(tight)
        result, missing = self.devices.settle(energy, lambda: energy.solve(tight), tight)
        if tight and missing > UNSETTLED:
            self.monitor.fail(f"the temperatures of servers, coolers or heat exchangers still move by {missing:.1e} of the "
                              "range from one solution to the next; look for air that goes round without being cooled")
        return result

    def _close_energy(self, last: bool) -> bool:
        """End of a pass whose flow stage has solved the temperature too: only the last one solves until the books close."""
        assert self.energy is not None and isinstance(self.flow, BuoyantFlow)
        if self.energy.radiation is not None:  # which the flow's stage kept
            self._solve_heat(self.energy, tight=False)
            self.flow.anderson.reset()
        done = self._settled(self.energy) or bool(self.monitor.reason) or self.mean is not None
        done = done or self._out_of_passes(last)
        if done:
            energy = self._assembled_energy()
            self.monitor.begin("energy")
            self._finish_energy(energy, self._solve_heat(energy))
        else:
            self.passes += 1
        self._renew_properties(self.energy, done)
        return done

    def _out_of_passes(self, last: bool) -> bool:
        if last and self.problem.turbulence is not None and not self.variable:
            self.notes["passes"] = (f"between the last two passes, residual {TURBULENT_STEP:g} times lower, T_max moved by "
                                    f"{self.moved[0]:.2g} K, all temperatures by {self.moved[1]:.2g} K (root mean square)")
        elif last:
            self.monitor.fail(f"the temperatures still move after {self.passes} passes of flow and energy: T_max "
                              f"{self.watched['t_max']:.3f} K; lower solver.residual")
        return last

    def _renew_properties(self, energy: Energy, done: bool) -> None:
        """Variable properties for the next pass; after the last one, whether they still hold."""
        if self.variable and done:
            self.properties.check(energy.temperature())
            self.monitor.fail(self.properties.out_of_range)
        elif self.variable:
            self.properties.update(energy.temperature())

    def _finish_energy(self, energy: Energy, result: Any) -> None:
        temperature = energy.temperature()
        if not np.all(np.isfinite(temperature)):
            raise FloatingPointError("the temperature is not finite")
        self.notes["energy"] = (
            f"energy: {'BiCGStab' if energy.advected or energy.radiation else 'CG'} with multigrid, "
            f"{len(energy.krylov.mg.levels)} levels, {self.passes} {'passes' if self.passes > 1 else 'pass'}, "
            f"{result.iterations:g} iterations in the last solve, contraction {result.contraction:.2f}")
        if energy.radiation is not None:
            self.notes["radiation"] = energy.radiation.note()
        reduction = {} if self.problem.buoyant else {"energy": result.last / result.first if result.first else 0.0}
        self.monitor.record({**reduction, "t_max": float(temperature.max())})

    def _settled(self, energy: Energy) -> bool:
        """Whether T_max stands still from pass to pass; pressure drop and all temperatures too where they act on the flow."""
        temperature = energy.temperature()
        new = {"t_max": float(temperature.max()), "pressure_drop": self.probe(self.flow.pressure) if self.flow else 0.0}
        old, self.watched = self.watched, new
        before = self.before
        if self.problem.buoyant:
            self.before = energy.rise.copy()
        if not old:
            return False
        tolerance = self.problem.settings.tolerance
        allowed = max(tolerance, RESOLUTION) * max(float(np.ptp(temperature)), 1e-30)
        drift = 0.0
        if before is not None:  # root mean square: a single cell may flip between two states of the limiter
            before -= energy.rise
            drift = float(np.sqrt(energy.be.dot(before, before) / self.problem.mesh.grid.cells))
        self.moved = abs(new["t_max"] - old["t_max"]), drift
        drop = abs(new["pressure_drop"] - old["pressure_drop"])
        acts = self.variable or self.problem.buoyant
        steady = not acts or not drop > tolerance * self.monitor.size(new["pressure_drop"])  # unknown after a restart: pass
        return abs(new["t_max"] - old["t_max"]) <= allowed and drift <= allowed and steady
