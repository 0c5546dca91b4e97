"""Steady incompressible laminar flow on the staggered grid: SIMPLEC in correction form.

Each iteration takes, per component, the residual of the momentum equation with the second-order bounded convection,
solves the upwind operator for the correction by a few red-black sweeps, then makes the flow divergence free by a pressure
correction (Van Doormaal & Raithby 1984) solved with multigrid-preconditioned conjugate gradients. Slow modes that remain are
extrapolated away.

Relaxation by a factor is an implicit step in time of factor / (1 - factor) cells. Long steps solved well damp slow swings
of the flow that short ones follow, short ones cost less and pass through fast transients: so the step is changed when the
change stops falling, first to a longer one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.linear.coarsening import Axis
from coldrack.solver.linear.krylov import Krylov, Result
from coldrack.solver.linear.multigrid import Multigrid, red_black, red_black_transport
from coldrack.solver.physics import flow_boundary, regions
from coldrack.solver.physics.anderson import Anderson
from coldrack.solver.physics.extrapolation import Extrapolation
from coldrack.solver.physics.layout import INNER, Array, Layout, material_planes
from coldrack.solver.physics.panels import flag_planes
from coldrack.solver.physics.term import Term
from coldrack.solver.physics.turbulence import MODELS, Eddies
from coldrack.solver.problem import Problem

# Relaxation factor, sweeps, and the share of the change that `PATIENCE` iterations must take away for the step to stay.
STEPS = ((0.9, 12, 0.5), (0.95, 24, 0.3), (0.975, 48, 0.1), (0.8, 12, 0.0))
# The same where eddies follow the flow: long steps make them swing.
TURBULENT_STEPS = ((0.9, 12, 0.3), (0.95, 24, 0.2), (0.8, 12, 0.02), (0.7, 12, 0.02), (0.6, 12, 0.0))
# And where they are smooth: the first ones are accelerated. What is left beside those that settle are swings of the flow itself
# (jets that flap). Anderson's method takes them for noise and averages it away: the change falls, and with it the pace of slow
# modes, to a seventh with 12 steps; shorter steps slow them down as much again. So the last step is a plain, long one.
SMOOTH_STEPS, ACCELERATED = ((0.9, 12, 0.3), (0.95, 24, 0.2), (0.9, 12, 0.0)), 2
PATIENCE = 40
TURBULENT_START, TURBULENT_ESCAPE = 0.01, 30.0  # change below which acceleration sets in; growth over the least that ends it
EXTRAPOLATED = 2.0  # factor that the acceleration may change a quantity of the turbulence by, beside what the iteration does
TURBULENT_WINDOW = 12  # steps that the acceleration of turbulent flow looks back on: half as many take twice the iterations
# Share of its residual that the solve for the pressure's correction leaves, in iterations and in those that smooth.
PRESSURE_REDUCTION, SMOOTHING_REDUCTION = 0.05, 0.2


class Flow:
    """State and work arrays of the flow of one problem on one backend."""

    pressure_share = 1.5  # of its correction that the pressure takes; beyond 2 smooth modes grow

    def __init__(self, problem: Problem, layout: Layout, backend: Any,
                 boundary: flow_boundary.FlowBoundary | None = None) -> None:
        self.problem, self.layout, self.be = problem, layout, backend.with_dtype("f8")
        self.single = backend if backend.dtype == np.float32 else None  # where corrections are swept in single precision
        be = self.be
        self.n = layout.n
        bc = boundary or flow_boundary.build(problem, layout)
        self.boundary = bc
        self.kind = be.asarray(bc.kind)
        self.solved = [be.asarray(a) for a in bc.solved]
        self.velocity = [be.asarray(a) for a in bc.velocity]
        self.pressure = be.asarray(bc.pressure)
        self.width = [be.asarray(h) for h in layout.width]
        cells = (*self.n[:2], self.n[2] - 1)  # without the high ghosts along z
        self.spans = [cells, cells, self.n]  # of the faces across an axis between which there are cells
        self.extents = [self.n if a[-2].any() else cells for a in bc.solved]  # of solved faces
        self.metrics = [[be.asarray(a) for group in layout.positions(axis) for a in group] for axis in range(3)]
        self.force = [be.asarray(a) for a in self._source()] if problem.momentum_source else None
        self.pins = [be.asarray(faces) for faces in regions.pins(problem, layout, bc.solved)]
        self.pinned = any(faces.size for faces in self.pins)
        self.mass_source: Any = None  # kg/s into every cell
        self.terms: list[Term] = []
        self.drag: Any = None  # of the terms, per face, kg/s
        self.eddies: Eddies | None = None
        self.friction = 1.0  # share of the walls' friction that follows from the viscosity; 0 where a term gives it
        self.smoothing: tuple[float, int, float] | None = None  # relaxation, sweeps, share of the pressure's correction
        self.axes = [axis for axis in range(3) if bc.solved[axis].any()]  # along which anything can flow
        self.levels = 0
        self.working = False
        self.coolant = self.kind[INNER[0]] == flow_boundary.COOLANT  # in the planes of cells
        self.cells = int(np.count_nonzero(bc.kind == flow_boundary.COOLANT))
        self.rho: Any = None
        self.mu: Any = None
        self.last_pressure: Result | None = None
        self.step = 0
        self.changes: list[float] = []
        self.extrapolation = Extrapolation()
        self.turbulent = Anderson(TURBULENT_WINDOW)

    def _source(self) -> list[Array]:
        """Body force of the control volume of every solved face, N."""
        lay, out = self.layout, []
        for axis, force in enumerate(self.problem.momentum_source or ()):
            gap = np.diff(lay.centre[axis], prepend=0.0)
            volume = np.ones(lay.shape)
            for d in range(3):
                h = gap if d == axis else lay.width[d]
                volume = volume * h.reshape([-1 if 2 - d == a else 1 for a in range(3)])
            out.append(lay.pad_faces(force, axis) * volume * self.boundary.solved[axis])
        return out

    def _axes(self) -> tuple[Axis, Axis, Axis]:
        mesh = self.problem.mesh
        flags = flag_planes(self.problem, material_planes(mesh, mesh.fluid))
        return tuple(Axis(h, f) for h, f in zip(mesh.grid.widths, flags))  # type: ignore[return-value]

    def set_properties(self, rho: Any, mu: Any) -> None:
        """Density (kg/m3) and viscosity (Pa s) per cell, padded arrays; allocates the work arrays.

        Momentum works in the vectors that the pressure's solver leaves idle, the pressure in two of momentum's.
        """
        self.rho, self.mu, self.molecular = rho, mu, mu
        if self.eddies is not None:
            self.mu = mu + self.eddies.mut
        if self.working:
            return
        be, shape = self.be, self.layout.shape
        self.g, self.m, self.dp = ([be.zeros(shape) for _ in range(3)] for _ in range(3))
        self.dinv = be.zeros(shape)
        self.krylov = Krylov(be, Multigrid(be, self._axes(), advected=False))
        self.b, self.r, self.change = (self.krylov.w[name] for name in "rqp")
        self.correction, self.imbalances = self.m[0], self.m[1]
        self.copies: list[Any] = []
        if self.problem.turbulence is not None and self.eddies is None:
            self.mu, self.friction = mu.copy(), 0.0
            self.eddies = MODELS[self.problem.turbulence.model](self.problem, self.layout, self)
            self.terms.append(self.eddies)
        if self.terms:
            self.drag = be.zeros(shape)
        self.levels, self.working = len(self.krylov.mg.levels), True

    def release(self) -> None:
        """Give back the memory of all but velocity, pressure and density until the next `set_properties`."""
        if self.working:
            del self.g, self.m, self.dp, self.dinv, self.b, self.r, self.change, self.krylov
            del self.correction, self.imbalances, self.copies
            self.drag = None
        self.mu, self.working = None, False
        self.extrapolation.reset()

    def iterate(self) -> dict[str, float]:
        """One SIMPLEC iteration; returns the scaled momentum change and the mass imbalance before correction."""
        self._begin_acceleration(self.axes, None)
        change, mass = self.relax()
        change = max(change, self.update_terms(None))
        self._change_step(change)
        if self.accelerates:
            self._accelerate_turbulent(change)
        elif not self.terms and self.extrapolation.step(self.be, [*self.velocity, self.pressure], 3, change):
            self.changes = []
        return {"momentum": change, "mass": mass}

    @property
    def accelerates(self) -> bool:
        """Whether turbulent flow is extrapolated."""
        return self.eddies is not None and self.eddies.smooth and self.step < ACCELERATED

    @property
    def exhausted(self) -> bool:
        """Whether no other step is left to try, or laminar flow (whose steps are not waited for)."""
        return self.eddies is None or self.step == len(self.steps) - 1

    def _begin_acceleration(self, axes: list[int], rise: Any) -> None:
        """Remember what an iteration of turbulent flow starts from."""
        if self.accelerates:
            assert self.eddies is not None
            own = self.eddies.solved()
            flow = [*(self.velocity[axis] for axis in axes), *([] if rise is None else [rise])]
            self.fields_in_turn = [*flow, *own, self.pressure]
            self.measured = len(self.fields_in_turn) - 1 - len(own) // 2  # pressure and the second quantity only go along
            self.turbulent.begin(self.fields_in_turn)

    def _accelerate_turbulent(self, change: float) -> None:
        """Anderson's method on flow, temperature and turbulence, once the flow has its shape."""
        assert self.eddies is not None
        fields, be = self.fields_in_turn, self.be
        if self.turbulent.last is None:
            if change > TURBULENT_START:
                return
            self.turbulent_scales = [1.0 / max(float(np.sqrt(be.dot(f, f))), 1e-30) for f in fields[: self.measured]]
        elif change > TURBULENT_ESCAPE * min(self.changes, default=change):
            self.turbulent.reset()
            return
        self.turbulent.end(be, fields, self.turbulent_scales)
        own = self.eddies.solved()
        assert self.turbulent.last is not None
        for x, iterate in zip(own, self.turbulent.last[1][-1 - len(own) : -1]):  # near zero one would make eddies without bound
            be.xp.clip(x, iterate / EXTRAPOLATED, iterate * EXTRAPOLATED, out=x)
        self.eddies.floor(self)

    def update_terms(self, energy: Any) -> float:
        """Let the terms take the new fields; the largest change of what they solve themselves."""
        for term in self.terms:
            term.update(self, energy)
        return max((term.change for term in self.terms), default=0.0)

    def relax(self) -> tuple[float, float]:
        """Momentum, then pressure: the norm of the velocity change over that of the velocity, and the mass imbalance, kg/s."""
        speed = self.speed()
        change = max((self._momentum(axis) for axis in self.axes), default=0.0) / speed
        return change, self.correct_pressure(SMOOTHING_REDUCTION if self.smoothing else PRESSURE_REDUCTION)

    def _change_step(self, change: float) -> None:
        """Take the next step size when the change falls too slowly."""
        self.changes.append(change)
        steps = self.steps
        if len(self.changes) < 2 * PATIENCE or self.step == len(steps) - 1:
            return
        if min(self.changes[-PATIENCE:]) > (1.0 - steps[self.step][2]) * min(self.changes[:-PATIENCE]):
            self.step += 1
            self.changes = []
            self.extrapolation.reset()
            self.turbulent.reset()

    def speed(self) -> float:
        """Norm of the velocities, that changes are measured by."""
        total = sum(self.be.dot(u, u) for u in self.velocity)
        return max(float(np.sqrt(total)), 1e-30)

    def _momentum(self, axis: int) -> float:
        """Correct one velocity component; returns the norm of the correction."""
        be, n = self.be, self.extents[axis]
        relaxation, sweeps = self._step_of()
        self.residual(axis)
        be.launch("momentum_diagonal", *n, axis, relaxation, self.solved[axis], *self.g, *self.m, *self.width,
                  self.dinv, self.dp[axis])
        if self.drag is not None:
            be.launch("add_drag", *n, axis, relaxation, self.solved[axis], self.drag, *self.width, self.dinv, self.dp[axis])
        self._sweep(axis, 1.0 - relaxation, sweeps)
        self.velocity[axis] += self.change
        return float(np.sqrt(be.dot(self.change, self.change)))

    def residual(self, axis: int) -> Any:
        """Residual of one momentum equation, N, in an array that the next call overwrites; leaves its coefficients."""
        be, n, u = self.be, self.n, self.velocity[axis]
        be.launch("momentum_coefficients", *n, axis, self.friction, self.kind, self.rho, self.mu, *self.velocity, *self.width,
                  *self.g, *self.m)
        for term in self.terms:
            term.coefficients(self, axis)
        be.launch("momentum_force", *self.extents[axis], axis, self.friction, self.kind, self.solved[axis], self.mu, u,
                  self.pressure, *self.width, self.b)
        self._add_force(axis)
        if self.terms:
            self.drag.fill(0)
            for term in self.terms:
                term.force(self, axis, self.b, self.drag)
        if self.problem.settings.convection == "second_order":
            be.launch("limited_advection", *n, axis, self.solved[axis], *self.metrics[axis], *self.m, u, self.b)
        be.launch("residual_advected", *n, u, *self.g, *self.m, self.solved[axis], self.b, self.r)
        return self.r

    def _step_of(self) -> tuple[float, int]:
        """Relaxation factor and sweeps of the momentum equations."""
        return (self.smoothing or self.steps[self.step])[:2]

    @property
    def steps(self) -> tuple[tuple[float, int, float], ...]:
        """Relaxation factors, sweeps and what keeps them."""
        if self.eddies is None:
            return STEPS
        return SMOOTH_STEPS if self.eddies.smooth else TURBULENT_STEPS

    def _add_force(self, axis: int) -> None:
        """Add body forces to the right-hand side `b` of one momentum equation."""
        if self.force is not None:
            self.b += self.force[axis]

    def _sweep(self, axis: int, shift: float, sweeps: int) -> None:
        """change = approximate solution of the relaxed momentum equation for the residual `r`.

        In single precision a copy of the system is swept: the residual stays in double, so the answer does too.
        """
        be, system, change = self.be, (*self.g, *self.m, self.dinv, self.r), self.change
        change.fill(0)
        if self.single is not None:
            be = self.single
            if not self.copies:
                self.copies = [be.zeros(self.layout.shape) for _ in range(len(system) + 1)]
            for copy, a in zip(self.copies, system):
                copy[...] = a
            *system, change = self.copies  # type: ignore[assignment]
            change.fill(0)
        if self.drag is None:
            red_black(be, self.extents[axis], sweeps, shift, *system, change)
        else:
            red_black_transport(be, self.extents[axis], sweeps, *system, change)
        if self.single is not None:
            self.change[...] = change

    def correct_pressure(self, reduction: float, absolute: float = 0.0) -> float:
        """Make the velocities divergence free; returns the mass imbalance found, kg/s (sum of absolute values)."""
        be, pc, b = self.be, self.correction, self.imbalances
        pc.fill(0)
        b.fill(0)
        for axis in range(3):
            be.launch("pressure_conductance", *self.spans[axis], axis, self.kind, self.rho, self.dp[axis], *self.width,
                      self.g[axis])
        self.mass_residual(b)
        imbalance = be.abs_sum(b)
        closed = self.boundary.closed and not self.pinned
        if closed:
            self._remove_mean(b)
        self._pin()
        self.krylov.update(self.g, singular=closed)
        self.last_pressure = self.krylov.cg(pc, b, reduction, absolute)
        if closed:
            self._remove_mean(pc)
        for axis in range(3):
            be.launch("correct_velocity", *self.extents[axis], axis, self.dp[axis], pc, self.velocity[axis])
        self._take_pressure(pc, b)
        return imbalance

    def _pin(self) -> None:
        """Hold the correction of the pressure at one place of every closed space, where there are several."""
        if self.pinned:
            most = max((g.max() for g in self.g), key=float)
            for g, faces in zip(self.g, self.pins):
                g.reshape(-1)[faces] = most

    def mass_residual(self, out: Any) -> Any:
        """out = inflow - outflow + mass source of every coolant cell, kg/s."""
        self.be.launch("mass_imbalance", *self.n, self.kind, self.rho, *self.velocity, *self.width, out)
        if self.mass_source is not None:
            out += self.mass_source
        return out

    def _take_pressure(self, correction: Any, imbalance: Any) -> None:
        """Correct the pressure; `imbalance` (kg/s) is what the correction has removed."""
        correction *= self.smoothing[2] if self.smoothing else self.pressure_share
        self.pressure += correction

    def _remove_mean(self, a: Any) -> None:
        cells = a[INNER[0]]
        cells -= self.coolant * (a.sum() / self.cells)  # stays on the device

    def imbalance(self) -> float:
        """Sum over the coolant cells of |inflow - outflow|, kg/s."""
        return self.be.abs_sum(self.mass_residual(self.be.zeros(self.layout.shape)))

    def mass_fluxes(self) -> list[Any]:
        """Mass flux through the low faces along x, y, z, kg/s, padded arrays (new)."""
        out = [self.be.zeros(self.layout.shape) for _ in range(3)]
        for axis, m in enumerate(out):
            self.flux_into(axis, m)
        return out

    def flux_into(self, axis: int, m: Any) -> None:
        """m = mass flux through the low faces along `axis`, kg/s, padded."""
        self.be.launch("mass_flux", *self.spans[axis], axis, self.kind, self.rho, self.velocity[axis], *self.width, m)

    def fields(self, dtype: str = "f8") -> tuple[Array, Array, Array, Array]:
        """(p, u, v, w) on the host without ghosts."""
        host = self.be.to_numpy
        u, v, w = (np.array(self.layout.faces(host(a), axis), dtype) for axis, a in enumerate(self.velocity))
        return np.array(host(self.pressure)[INNER], dtype), u, v, w

    def restore(self, pressure: Array, u: Array, v: Array, w: Array, step: int = 0) -> None:
        """Take over fields as `fields` gives them, and the solver's `step`.

        Only where they are solved: on walls, panels and inlets nothing would ever correct what differs from the case.
        """
        for axis, value in enumerate((u, v, w)):
            host = np.array(self.be.to_numpy(self.velocity[axis]))
            solved, given = (self.layout.faces(a[axis], axis) for a in (self.boundary.solved, self.boundary.velocity))
            self.layout.faces(host, axis)[...] = np.where(solved, value, given)
            self.velocity[axis][...] = self.be.asarray(host)
        host = np.array(self.be.to_numpy(self.pressure))
        host[INNER] = pressure
        self.pressure[...] = self.be.asarray(host)
        self.step, self.changes = min(step, len(self.steps) - 1), []
