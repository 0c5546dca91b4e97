"""Buoyant flow: the temperature is solved inside the flow's iteration.

One iteration: momentum with the Boussinesq force, pressure correction, then the steady energy equation with the new mass
fluxes (limited convection deferred, multigrid-preconditioned BiCGStab to a tenth). Whole stages of flow and energy in turn
diverge beyond Rayleigh numbers of some 1e4; a temperature that follows every step converges, if the momentum's step stays
below the period of the internal waves, 2 pi / N with N^2 = |g| beta dT/dx, that the explicit force would amplify.

Pressure takes, beside the correction, the viscous part mu div u of what it removes (the rotational form of Timmermans, Minev &
Van De Vosse, Int. J. Numer. Meth. Fluids 22 (1996) 673): without it short waves of the pressure die out at the rate of the
relaxation, 0.99 an iteration in long steps. What remains is left to Anderson acceleration.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from coldrack.solver.physics.anderson import Anderson
from coldrack.solver.physics.energy import Energy
from coldrack.solver.physics.flow import PRESSURE_REDUCTION, SMOOTHING_REDUCTION, Flow
from coldrack.solver.physics.flow_boundary import FlowBoundary
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.variable_density import VariableDensity
from coldrack.solver.problem import Problem

# Step of the momentum in periods of the internal waves over 2 pi, and the largest relaxation factor; the next one is taken
# when the change has not halved in PATIENCE iterations. The last ones are for strongly stratified coolant.
COURANT = ((1.0, 0.99), (0.3, 0.975), (0.1, 0.95), (2.0, 0.98), (0.5, 0.95))
FORCED = 30  # iterations of turbulent flow before its temperature follows, if something else drives it: what heat does to air
# that does not move yet would blow it away
STEADY = 3  # steps whose temperature solves the steady equation; in the others it takes a step SLOWER times the momentum's
SLOWER = 4.0
PATIENCE = 20
FIRST = 0.9  # relaxation factor until the coefficients are known
SMOOTHING_SWEEPS = 4  # of the temperature in a smoothing iteration
RENEWAL = 8  # iterations between two looks at the step
SWEEPS = (6, 60)
SWEEPS_PER_STEP = 0.6  # of the step in cells
START = 0.02  # change below which the acceleration sets in
REST = 1e-6  # share of the speed of free fall below which coolant counts as at rest
ESCAPE = 30.0  # growth of the change over the least one that empties the acceleration's window


class BuoyantFlow(Flow):
    """Flow and temperature of one problem on one backend.

    Parameters
    ----------
    problem, layout, backend
        As of `Flow`.
    expansion : float
        Thermal expansion coefficient of the coolant, 1/K.
    density : float
        Of the reference state, kg/m3.
    """

    pressure_share = 1.0  # the viscous part comes with `_take_pressure`

    def __init__(self, problem: Problem, layout: Layout, backend: Any, expansion: float, density: float,
                 boundary: FlowBoundary | None = None) -> None:
        super().__init__(problem, layout, backend, boundary)
        self.expansion, self.density, self.coarse = expansion, density, boundary is not None
        self.weight = [-density * expansion * g for g in problem.gravity]
        faces = problem.mesh.grid.faces[int(np.argmax(np.abs(problem.gravity)))]
        self.height = float(faces[-1] - faces[0])
        self.stiffness = expansion * float(np.max(np.abs(problem.gravity))) / self.height  # N^2 over a temperature difference
        self.moving = [axis for axis in range(3) if bool(self.boundary.solved[axis].any())]
        self.volume = self.be.asarray(layout.pad(problem.mesh.grid.volumes()))
        self.wet = self.be.asarray(layout.pad(problem.mesh.grid.volumes() * problem.mesh.fluid))
        self.seconds = 0.0
        self.whole = float((problem.mesh.grid.volumes() * problem.mesh.fluid).sum())
        self.rest = 1e-12  # speed, m/s, below which nothing counts as moving
        self.energy: Energy | None = None
        self.forced = any(bc.kind == "inlet" for bc in problem.boundaries) or bool(problem.devices)
        self.viscous: Any = None
        self.variable: VariableDensity | None = None
        self.lift: Any = None  # what the weight follows where the density is variable
        self.relaxation, self.sweeps = FIRST, 12
        self.count = 0
        self.warmed = 0.0  # change of the temperature in the last iteration over its range
        self.anderson = Anderson()
        self.scales: list[float] = []

    def couple(self, energy: Energy) -> None:
        """Take the (assembled) energy equation that goes along, and the properties that `set_properties` got."""
        self.energy = energy
        coolant = self.kind == 1
        if self.problem.properties == "variable" and not self.coarse:
            self.variable = self.variable or VariableDensity(self.problem, self.be, self.expansion, self.density,
                                                             self.boundary.closed)
            self.lift, self.holds = self.be.zeros(self.layout.shape), coolant
            self._renew_density()
        self.viscous = coolant * self.mu / self.be.xp.maximum(self.rho * self.volume, 1e-300)
        self.anderson.reset()

    def release(self) -> None:
        """Give back the memory of all but velocity, pressure and density until the next `set_properties`."""
        super().release()
        self.energy, self.viscous, self.anderson = None, None, Anderson()

    def iterate(self) -> dict[str, float]:
        """One iteration of momentum, pressure and temperature; returns their scaled changes and the mass imbalance."""
        energy = self.energy
        assert energy is not None
        fields = [*(self.velocity[axis] for axis in self.moving), energy.rise, self.pressure]
        if self.eddies is None:
            self.anderson.begin(fields)
        self._begin_acceleration(self.moving, energy.rise)
        change, mass, spread = self._advance(PRESSURE_REDUCTION, self._step_temperature)
        change = max(change, self.update_terms(energy))
        largest = max(change, self.warmed)
        self._change_step(largest)
        self._renew(spread)
        if self.accelerates:
            self._accelerate_turbulent(largest)
        elif self.eddies is None:
            self._accelerate(fields, largest, self.speed(), spread)
        return {"momentum": change, "energy": self.warmed, "mass": mass}

    def _step_temperature(self) -> tuple[float, float]:
        """One step of the temperature: its change, and the range of the temperatures, K."""
        energy = self.energy
        assert energy is not None
        if self.eddies is not None and self.eddies.count < FORCED and self.forced:
            return 1.0, 1.0  # not settled
        return energy.step(self.flux_into, *self._step_of_temperature())

    def relax(self) -> tuple[float, float]:
        """The iteration as a smoother: short steps, few sweeps, no acceleration; returns the change and the mass imbalance."""
        energy = self.energy
        assert energy is not None
        change, mass, spread = self._advance(
            SMOOTHING_REDUCTION, lambda: energy.relax(self.flux_into, SMOOTHING_SWEEPS, self.b, self.r, self.m[2], self.change))
        self._renew(spread)
        return change, mass

    def _advance(self, reduction: float, temperature: Callable[[], tuple[float, float]]) -> tuple[float, float, float]:
        """Momentum, pressure, then `temperature`: change of the velocity, mass imbalance, range of the temperatures."""
        moved = max((self._momentum(axis) for axis in self.moving), default=0.0)
        mass = self.correct_pressure(reduction)
        warmed, spread = temperature()
        self._renew_density()
        self.rest = max(REST * self.height * float(np.sqrt(self.stiffness * spread)), 1e-12)
        self.warmed = warmed / spread if spread else 0.0
        return moved / self.speed() if moved else self.warmed, mass, spread  # from rest, the temperature changes first

    def _renew_density(self) -> None:
        """Variable density from the present temperature."""
        if self.variable is not None:
            assert self.energy is not None
            self.variable.apply(self.energy.rise, self.holds, self.wet, self.rho, self.lift)

    def speed(self) -> float:
        """Norm of the velocities, of coolant at rest a small one."""
        return max(super().speed(), self.rest * float(np.sqrt(self.cells)))

    def begin(self, step: int = 0) -> None:
        """Iterations from here on have nothing to do with those before; `step` of `COURANT` is the first."""
        self.anderson.reset()
        self.step, self.count, self.changes = step, 0, []

    def _renew(self, spread: float) -> None:
        """Look at the step every now and then."""
        if self.count % RENEWAL == 0:
            self._set_relaxation(spread)
        self.count += 1

    def _accelerate(self, fields: list[Any], change: float, speed: float, spread: float) -> None:
        if self.anderson.last is None:
            if change > START:
                return
            whole = max(spread, 1e-30) * np.sqrt(float(self.problem.mesh.grid.cells))
            self.scales = [1.0 / speed] * len(self.moving) + [1.0 / whole]
        elif change > ESCAPE * min(self.changes, default=change):
            self.anderson.reset()
            return
        self.anderson.end(self.be, fields, self.scales)

    def _change_step(self, change: float) -> None:
        """Take the next, shorter step when the change has not halved for long."""
        if self.eddies is not None:
            return super()._change_step(change)
        self.changes.append(change)
        if len(self.changes) < 2 * PATIENCE or self.step == len(COURANT) - 1:
            return
        if min(self.changes[-PATIENCE:]) > 0.5 * min(self.changes[:-PATIENCE]):
            self.step += 1
            self.changes, self.count = [], 0
            self.anderson.reset()
            self.turbulent.reset()

    def _set_relaxation(self, spread: float) -> None:
        """Relaxation factor of a step as long as the period of internal waves; sweeps that solve it.

        `dinv` is that of the last momentum solved; `own`, s, the mean over the volume of the step of one cell. `spread`: K
        between the hottest and the coldest place.
        """
        courant, largest = COURANT[1 if self.eddies is not None else self.step]  # plumes are steeper than the mean
        own = self.be.dot(self.dinv * self.rho * self.volume, self.volume) / (self._step_of()[0] * self.whole)
        self.seconds = courant / max(np.sqrt(self.stiffness * spread), 1e-30)
        cells = self.seconds / max(own, 1e-30)
        self.relaxation = float(min(cells / (1.0 + cells), largest))
        cells = self.relaxation / (1.0 - self.relaxation)
        self.sweeps = _sweeps(cells)

    def _step_of(self) -> tuple[float, int]:
        if self.smoothing:
            return min(self.smoothing[0], self.relaxation), self.smoothing[1]
        if self.eddies is not None:
            factor, sweeps, _ = self.steps[self.step]
            return min(factor, self.relaxation), min(sweeps, self.sweeps)
        return self.relaxation, self.sweeps

    def _step_of_temperature(self) -> tuple[float, int]:
        if self.step < STEADY or self.eddies is not None:
            return 1.0, 0
        energy = self.energy
        assert energy is not None
        own = energy.heat_capacity * self.be.dot(energy.inverse_diagonal() * self.rho * self.volume, self.wet) / self.whole
        cells = SLOWER * self.seconds / own
        return cells / (1.0 + cells), _sweeps(cells)

    def _add_force(self, axis: int) -> None:
        super()._add_force(axis)
        if self.weight[axis]:
            assert self.energy is not None
            self.be.launch("buoyancy_force", *self.n, axis, self.weight[axis], self.kind, self.solved[axis], *self.width,
                           self.energy.rise if self.lift is None else self.lift, self.b)

    def _take_pressure(self, correction: Any, imbalance: Any) -> None:
        if self.eddies is not None:  # whose viscosity, a thousand times the air's, would make the rotational part run away
            correction *= Flow.pressure_share
            self.pressure += correction
            return
        super()._take_pressure(correction, imbalance)
        imbalance *= self.viscous
        self.pressure += imbalance


def _sweeps(cells: float) -> int:
    """Sweeps that solve an implicit step of so many cells."""
    return int(np.clip(SWEEPS_PER_STEP * cells, *SWEEPS))
