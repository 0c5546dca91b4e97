"""One step in time of flow and temperature together, and how long it may be."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.unsteady import IMPLICIT, STABLE, STAGES, UnsteadyFlow
from coldrack.solver.physics.unsteady_energy import EXPLICIT, UnsteadyEnergy
from coldrack.solver.physics.window import Window
from coldrack.solver.problem import Problem, Transient

GROWTH = 1.5  # of the step from one to the next


class StepError(FloatingPointError):
    """A step that the scheme cannot bear; says which one it could."""


class Stepper:
    """Flow and temperature of one problem, stepped together.

    Parameters
    ----------
    problem, layout, window
    time : Transient
    flow : UnsteadyFlow or None
    energy : UnsteadyEnergy or None
    backend
    """

    def __init__(self, problem: Problem, layout: Layout, window: Window, time: Transient, flow: UnsteadyFlow | None,
                 energy: UnsteadyEnergy | None, backend: Any) -> None:
        self.problem, self.layout, self.window, self.time = problem, layout, window, time
        self.flow, self.energy, self.be = flow, energy, backend.with_dtype("f8")
        self.step = 0.0  # the last one, s
        self.courant = 0.0
        if flow is not None and energy is not None and problem.buoyant:
            flow.rise = energy.rise
        self.push = self._push() if flow is not None else 0.0

    def _push(self) -> float:
        """Acceleration that given pressures and body forces lend to coolant at rest, over the smallest width, 1/s2."""
        flow, widths = self.flow, self.problem.mesh.grid.widths
        assert flow is not None
        pressures = [bc.pressure or 0.0 for bc in self.problem.boundaries if bc.kind in ("inlet", "outlet")]
        length = min(float(h.sum()) for h in widths)
        force = (max(pressures) - min(pressures)) / length if pressures else 0.0
        force += sum(float(np.abs(f).max()) for f in self.problem.momentum_source or ())
        return force / flow.density / min(float(h.min()) for h in widths)

    def choose(self, left: float) -> float:
        """The next step, s, of which a whole number makes up the `left` time to go."""
        flow, energy, time = self.flow, self.energy, self.time
        speed, friction = flow.rate_limits() if flow is not None else (0.0, 0.0)
        explicit = float(np.hypot(speed / STABLE, friction))
        if time.step is not None:
            step = left / np.ceil(left / time.step * (1.0 - 1e-9))
            if flow is not None:
                flow.implicit = explicit > 1.0 / step
        else:
            rate = max(speed / time.courant, self._falling(), 1.0 / left, 1.0 / (GROWTH * self.step) if self.step else 0.0)
            if flow is not None:
                flow.implicit = explicit > IMPLICIT * rate
                eddies = flow.mixing_limit() / min(time.turbulent_prandtl, 1.0) if flow.implicit else 0.0
                rate = max(rate, eddies if flow.implicit else explicit)
            step = left / np.ceil(left * rate * (1.0 - 1e-9))
        self.courant = float(speed * step)
        if self.courant > STABLE:
            raise StepError(f"the step of {step:.3g} s is too long for the flow: Courant number {self.courant:.2f}, at most "
                            f"{STABLE}; set solver.time.step below {step * STABLE / self.courant:.2g} s, or leave it out")
        if energy is not None:
            energy.implicit = step * energy.fastest > EXPLICIT
        for equation in (flow, energy):
            if equation is not None and equation.implicit:
                equation.prepare()
        return float(step)

    def _falling(self) -> float:
        """Rate that keeps coolant at rest from falling further than its Courant number in one step, 1/s."""
        push = self.push
        if self.flow is not None and self.energy is not None and self.problem.buoyant:
            spread = float(self.energy.rise.max() - self.energy.rise.min())
            for axis, weight in enumerate(self.flow.weight):
                push += abs(weight) * spread / self.flow.density / float(self.problem.mesh.grid.widths[axis].min())
        return float(np.sqrt(push / (2.0 * self.time.courant)))

    def advance(self, step: float) -> None:
        """Take one step."""
        flow, energy = self.flow, self.energy
        for k in STAGES:
            if flow is not None:
                flow.rates()
            if energy is not None:
                energy.rates(k, step, self._flux_into if flow is not None else None, self._mixing())
            if flow is not None:
                flow.stage(k, step)
            if energy is not None:
                energy.stage(k, step)
        if flow is not None:
            flow.end_step(step)
        self.step = step

    def _flux_into(self, axis: int, m: Any) -> None:
        """m = mass flux of the flow on the whole grid, kg/s."""
        flow = self.flow
        assert flow is not None
        if m.shape == flow.layout.shape:
            flow.flux_into(axis, m)
        else:
            flow.flux_into(axis, flow.imbalances)
            m[...] = self.window.fill_padded(flow.imbalances, self.be)

    def _mixing(self) -> tuple[float, Any] | None:
        """What eddies smaller than a cell do to the temperature, on the whole grid."""
        flow, energy = self.flow, self.energy
        if flow is None or energy is None or flow.subgrid is None:
            return None
        return energy.energy.heat_capacity / self.time.turbulent_prandtl, self.window.fill_padded(flow.subgrid.mu, self.be)
