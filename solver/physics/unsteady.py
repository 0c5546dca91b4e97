"""Unsteady incompressible flow on the staggered grid: Runge-Kutta in time, a pressure projection in every stage.

Three stages of second order in all, of third where all is explicit (Spalart, Moser & Rogers, J. Comput. Phys. 96 (1991) 297):
what is explicit enters with `GAMMA` and, from the stage before, `ZETA`; what is implicit with `ALPHA` before and `BETA` after
the stage. Convection is central and skew-symmetric, so that it neither makes nor destroys kinetic energy on any grid
(Verstappen & Veldman, J. Comput. Phys. 187 (2003) 343), or the bounded scheme of steady flow. Friction is explicit unless thin
cells ask for much shorter steps than the flow's speed does.

The pressure is that of a projection in increments (Van Kan, SIAM J. Sci. Stat. Comput. 7 (1986) 870). Its operator does not
change in time: the multigrid is set up once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from coldrack.solver.linear.stored import StoredKrylov, Sweeps
from coldrack.solver.physics import flow_boundary
from coldrack.solver.physics.flow import Flow
from coldrack.solver.physics.layout import INNER, Array, Layout
from coldrack.solver.physics.unsteady_eddies import Eddies
from coldrack.solver.problem import Problem, Transient

GAMMA = (8.0 / 15.0, 5.0 / 12.0, 3.0 / 4.0)
ZETA = (0.0, -17.0 / 60.0, -5.0 / 12.0)
ALPHA = (29.0 / 96.0, -3.0 / 40.0, 1.0 / 6.0)
BETA = (37.0 / 160.0, 5.0 / 24.0, 1.0 / 6.0)
STAGES = range(3)

STABLE = 1.7  # sum of the Courant numbers along the axes that the scheme bears (sqrt 3 on the imaginary axis)
PER_VISCOSITY = 2.6  # explicit friction: 4 nu / h^2, half as much again at walls, within the 2.5 of the real axis
IMPLICIT = 3.0  # ratio of the steps that speed and friction allow beyond which friction is implicit: such steps cost that
PROJECTION = 1e-3  # divergence that the pressure leaves, over the one without pressure,
CARRYING = 1e-4  # and where the flow carries heat, whose books it spoils
FRICTION = 0.1  # residual of implicit friction that a stage leaves, over that of the projection


class UnsteadyFlow(Flow):
    """State and stages of the flow of one problem on one backend.

    Parameters
    ----------
    problem, layout, backend
        As of `Flow`.
    time : Transient
    weight : tuple of float
        Force on a cubic metre and a kelvin of rise along x, y, z, N/(m3 K): minus density, expansion coefficient and gravity.
    boundary : FlowBoundary, optional
    """

    def __init__(self, problem: Problem, layout: Layout, backend: Any, time: Transient,
                 weight: tuple[float, ...] = (0.0, 0.0, 0.0), boundary: flow_boundary.FlowBoundary | None = None) -> None:
        self.central = time.convection == "central"
        convection = "upwind" if self.central else problem.settings.convection  # the rest is added here
        super().__init__(replace(problem, settings=replace(problem.settings, convection=convection)), layout, backend, boundary)
        self.weight = weight
        self.subgrid = Eddies(time.model, layout, self.be) if time.model != "none" else None
        self.place = [self.be.asarray(_place(self.boundary.kind, a)) for a in range(3)]
        self.rise: Any = None  # temperature above the reference, K, where it drives the flow
        self.implicit = False
        self.projection, self.unpushed = PROJECTION, 0.0
        self.friction_solver: StoredKrylov | None = None
        self.iterations = 0.0  # of the pressure, in all
        self.warm: Any = None  # energy equation that devices act on
        self.density = 0.0  # kg/m3
        self.drags: list[Any] = []  # of the terms, per face and axis, kg/s
        self.earlier: Any = None  # pressure of the step before,
        self.latest: Any = None  # of the last one,
        self.ratio, self.length = 0.0, 0.0  # share of their difference that is missing to its end, and its length, s

    def set_properties(self, rho: Any, mu: Any) -> None:
        """Density and viscosity, constant in time, padded arrays; sets up the pressure's multigrid."""
        super().set_properties(rho, mu)
        be, new = self.be, lambda: self.be.zeros(self.layout.shape)
        density = self.density = float(rho[1, 1, 1])
        self.molecular, self.mu = self.mu, self.mu.copy()
        self.mass, self.inverse = [], []
        for axis in range(3):
            mass, gap = self._face_mass(axis, density)
            self.mass.append(be.asarray(mass))
            self.inverse.append(be.asarray(np.where(mass > 0, 1.0 / np.where(mass > 0, mass, 1.0), 0.0)))
            self.dp[axis][...] = be.asarray(np.where(mass > 0, 1.0 / (density * np.where(gap > 0, gap, 1.0)), 0.0))
        self.rate, self.before = [new() for _ in range(3)], [new() for _ in range(3)]
        self.nothing, self.impulse = new(), new()
        self.poisson = [new() for _ in range(3)]
        for axis in range(3):
            self._couple(axis)
        self.krylov.update(self.poisson, singular=self.boundary.closed)
        if self.terms:
            self.drags = [new() for _ in range(3)]
            self.free = [[a.copy() for a in group] for group in (self.dp, self.inverse)]
        self.viscous = be.asarray(self.layout.pad(1.0 / (density * self.problem.mesh.grid.volumes()))) * self.molecular
        self.viscous *= self.kind == flow_boundary.COOLANT

    def _couple(self, axis: int) -> None:
        """Conductances of the pressure's operator along an axis."""
        self.be.launch("pressure_conductance", *self.n, axis, self.kind, self.rho, self.dp[axis], *self.width,
                       self.poisson[axis])

    def _face_mass(self, axis: int, density: float) -> tuple[Array, Array]:
        """Mass of the control volume of every solved face, kg, 0 elsewhere, and its length along the axis, m."""
        lay = self.layout
        gap = np.diff(lay.centre[axis], prepend=0.0).reshape([-1 if 2 - axis == a else 1 for a in range(3)])
        mass = density * gap * np.ones(lay.shape)
        for d in range(3):
            if d != axis:
                mass = mass * lay.width[d].reshape([-1 if 2 - d == a else 1 for a in range(3)])
        return mass * self.boundary.solved[axis], gap

    # ---------------------------------------------------------------- the stages
    def rates(self) -> None:
        """What moves the coolant now beside its pressure, N: all of it, or all but friction where that is implicit."""
        if self.subgrid is not None:
            self.subgrid.update(self)
        self.rate, self.before = self.before, self.rate
        held, self.pressure, work = self.pressure, self.nothing, self.r
        for axis in self.axes:
            self.r = self.rate[axis]  # where `residual` leaves what it finds
            self.residual(axis)
            if self.terms:
                self.drags[axis][...] = self.drag
            if self.implicit:
                self._friction(axis, work)
                self.rate[axis] += work
        self.pressure, self.r = held, work

    def _friction(self, axis: int, out: Any) -> None:
        """out = what friction takes from the momentum, N, with the coefficients that `residual` left."""
        self.be.launch("apply", *self.n, self.velocity[axis], *self.g, self.solved[axis], out)

    def _add_force(self, axis: int) -> None:
        super()._add_force(axis)
        be, n = self.be, self.n
        if self.weight[axis] and self.rise is not None:
            be.launch("buoyancy_force", *n, axis, self.weight[axis], self.kind, self.solved[axis], *self.width, self.rise,
                      self.b)
        if self.subgrid is not None:
            be.launch("eddy_stress", *n, axis, self.solved[axis], self.subgrid.mu, *self.velocity, *self.width, self.b)
        if self.central:
            be.launch("central_advection", *n, axis, self.place[axis], *self.m, self.velocity[axis], self.b)

    def stage(self, k: int, step: float) -> None:
        """Take velocities and pressure through one stage of a step (s), with the rates of now and of the stage before."""
        share = (GAMMA[k] + ZETA[k]) * step
        if self.terms:
            self._take_drag(GAMMA[k] * step)
        if self.implicit:
            for axis in self.axes:
                self._implicit_stage(axis, k, step)
        else:
            for axis in self.axes:
                self.be.launch("advance", *reversed(self.layout.shape), GAMMA[k] * step, ZETA[k] * step, self.inverse[axis],
                               self.rate[axis], self.before[axis], self.velocity[axis])
        self.project(share, BETA[k] * step if self.implicit else 0.0, pushed=self.implicit, first=k == 0)

    def _take_drag(self, seconds: float) -> None:
        """Weaken forces and pressure as an implicit step against the terms' drag does, and so the pressure's operator."""
        for axis in self.axes:
            dp, inverse = (group[axis] for group in self.free)
            weaker = 1.0 / (1.0 + seconds * self.drags[axis] * inverse)
            self.dp[axis][...] = dp * weaker
            self.inverse[axis][...] = inverse * weaker
            self._couple(axis)
        self.krylov.update(self.poisson, singular=self.boundary.closed)

    def prepare(self) -> StoredKrylov:
        """See to it that there is a solver for implicit friction."""
        if self.friction_solver is None:
            self.friction_solver = StoredKrylov(self.be, Sweeps(self.be, self.n))
            self.right, self.change_of = self.be.zeros(self.layout.shape), self.be.zeros(self.layout.shape)
        return self.friction_solver

    def _implicit_stage(self, axis: int, k: int, step: float) -> None:
        """Convection explicit, friction half before and half after the stage, the pressure of the stage before."""
        be, n = self.be, self.n
        solver = self.prepare()
        right, change = self.right, self.change_of
        held, self.pressure = self.pressure, self.nothing
        self.residual(axis)  # for its coefficients
        self.pressure = held
        self._friction(axis, right)
        right *= -(GAMMA[k] + ZETA[k])
        right += GAMMA[k] * self.rate[axis] + ZETA[k] * self.before[axis]
        area = self.mass[axis] * self.dp[axis]
        area *= GAMMA[k] + ZETA[k]
        be.launch("correct_velocity", *n, axis, area, self.pressure, right)
        right *= 1.0 / BETA[k]
        store = self.mass[axis] * (1.0 / (BETA[k] * step))
        if self.terms:
            store += (GAMMA[k] / BETA[k]) * self.drags[axis]
        solver.take(self.g, store, 1.0 / (BETA[k] * step), anew=True)
        change.fill(0)
        solver.cg(change, right, FRICTION * self.projection, 0.0, 60)
        self.velocity[axis] += change

    def project(self, share: float, implicit: float = 0.0, pushed: bool = False, first: bool = True) -> None:
        """Make the velocities divergence free by a pressure that acts for `share` seconds.

        Parameters
        ----------
        share : float
        implicit : float
            Seconds for which friction was taken after the stage: its part of the pressure.
        pushed : bool
            Whether the last pressure has acted on the velocities already.
        first : bool
            Whether this is the first stage of a step, which measures how exact the step's projections are to be.
        """
        be, n, b, impulse = self.be, self.n, self.imbalances, self.impulse
        impulse[...] = self.pressure
        impulse *= share
        if first:  # the divergence without any pressure grows with the time that it acts
            if pushed:
                be.launch("apply", *n, impulse, *self.poisson, self.krylov.mg.levels[0].solved, b)
            self.unpushed = self._norm(b if pushed else self.mass_residual(b)) / share
        goal = self.projection * self.unpushed * share
        if not pushed:
            for axis in self.axes:
                be.launch("correct_velocity", *n, axis, self.dp[axis], impulse, self.velocity[axis])
        self.mass_residual(b)
        psi = self.correction
        psi.fill(0)
        if self.boundary.closed:
            self._remove_mean(b)
        self.last_pressure = self.krylov.cg(psi, b, self.projection if pushed else 0.0, goal)
        self.iterations += self.last_pressure.iterations
        if self.boundary.closed:
            self._remove_mean(psi)
        for axis in self.axes:
            be.launch("correct_velocity", *n, axis, self.dp[axis], psi, self.velocity[axis])
        psi *= 1.0 / share
        if implicit:
            b *= self.viscous
            b *= implicit / share
            psi += b
        self.pressure += psi

    def _norm(self, a: Any) -> float:
        return float(np.sqrt(self.be.dot(a, a)))

    def correct_pressure(self, reduction: float, absolute: float = 0.0) -> float:
        """Remove what divergence is left, without a change of the pressure; returns the imbalance found, kg/s."""
        b, psi = self.imbalances, self.correction
        self.mass_residual(b)
        found = self.be.abs_sum(b)
        if self.boundary.closed:
            self._remove_mean(b)
        psi.fill(0)
        self.krylov.cg(psi, b, reduction, absolute)
        for axis in self.axes:
            self.be.launch("correct_velocity", *self.n, axis, self.dp[axis], psi, self.velocity[axis])
        return found

    # ---------------------------------------------------------------- the step, what there is to see
    def end_step(self, step: float) -> None:
        """After the last stage of a step (s): let the terms know, and note how the pressure goes on.

        The pressure of the last stage is that of a sixth of a step before its end.
        """
        for term in self.terms:
            term.update(self, self.warm)
        before, self.length = self.length, step
        if self.earlier is None:
            self.earlier, self.latest = self.pressure.copy(), self.pressure.copy()
            return
        self.earlier, self.latest = self.latest, self.earlier
        self.latest[...] = self.pressure
        self.ratio = step / (5.0 * step + before)

    def fields(self, dtype: str = "f8") -> tuple[Array, Array, Array, Array]:
        """(p, u, v, w) on the host without ghosts, the pressure extrapolated to the time of the velocities."""
        p, u, v, w = super().fields(dtype)
        if self.ratio:
            change = self.be.to_numpy(self.latest - self.earlier)[INNER]
            p = (p + self.ratio * change).astype(dtype)
        return p, u, v, w

    def rate_limits(self) -> tuple[float, float]:
        """Courant number of a step of one second, and one over the step that explicit friction alone bears, 1/s."""
        return self._largest(1.0, 0.0, self.mu), self._largest(0.0, PER_VISCOSITY, self.mu)

    def mixing_limit(self) -> float:
        """One over the step that the explicit stress of the eddies bears, 1/s."""
        return self._largest(0.0, PER_VISCOSITY, self.subgrid.mu) if self.subgrid is not None else 0.0

    def _largest(self, per_speed: float, per_viscosity: float, mu: Any) -> float:
        self.be.launch("step_rates", *self.n, per_speed, per_viscosity, self.kind, self.rho, mu, *self.velocity, *self.width,
                       self.correction)
        return float(self.correction.max())

    def kinetic_energy(self) -> float:
        """Of the solved faces, J."""
        return 0.5 * sum(self.be.dot(self.mass[axis] * self.velocity[axis], self.velocity[axis]) for axis in self.axes)


def _place(kind: Any, axis: int) -> Any:
    """For central convection: 1 control volumes between two coolant cells, 2 other faces of coolant, 0 the rest."""
    hi, lo = [slice(None)] * 3, [slice(None)] * 3
    hi[2 - axis], lo[2 - axis] = slice(1, None), slice(0, -1)
    a, b = kind[tuple(hi)] == flow_boundary.COOLANT, kind[tuple(lo)] == flow_boundary.COOLANT
    out = np.zeros(kind.shape, np.uint8)
    out[tuple(hi)] = np.where(a & b, 1, np.where(a | b, 2, 0))
    return out
