"""One energy equation over solids and coolant, for the temperature rise above the problem's reference.

Boundary values live in ghost cells. Advection is upwind in the matrix plus frozen limiter weights, which make the bounded
second-order scheme a linear operator: one converged field fixes the weights, the last solve and all unit responses use them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.linear.coarsening import Axis
from coldrack.solver.linear.krylov import Krylov, LinearSolverError, Result
from coldrack.solver.linear.multigrid import Multigrid, red_black
from coldrack.solver.linear.sinks import SinkMultigrid
from coldrack.solver.physics import energy_coefficients as coefficients
from coldrack.solver.physics.layout import INNER, Array, Layout
from coldrack.solver.physics.radiation import Radiation
from coldrack.solver.problem import Problem

WEIGHT_PASSES = 25
# Root-mean-square change between two limiter updates, over the range and the case's tolerance: on the way, and at the end. In a
# heated channel it is a third of what the worst cell is off: with 2 at the end that corner was off by six tolerances.
WEIGHT_TOLERANCE, WEIGHT_TOLERANCE_LAST = 2.0, 0.5
SOLVE_TOLERANCE = 1e-10
WATCH_TOLERANCE = 1e-6
FROZEN = (1e-3, 1e-3)  # reduction of the residual when frozen, which sees small changes of sources, and share of the usual goal
STEP_REDUCTION, STEP_MOST = 0.1, 3  # of the solve within a buoyant flow's iteration


class Energy:
    """Operator and state of the temperature of one problem on one backend."""

    def __init__(self, problem: Problem, layout: Layout, backend: Any) -> None:
        self.problem, self.layout, self.be = problem, layout, backend.with_dtype("f8")
        self.n, self.cells = layout.n, (*layout.n[:2], layout.n[2] - 1)
        self.advected = bool(problem.mesh.fluid.any()) and (problem.settings.flow or problem.velocity is not None)
        self.poll: Callable[[], None] = lambda: None  # called once an iteration; may raise to end a solve
        self._krylov: Krylov | None = None
        self._stale = True  # the linear solver has older coefficients than the operator
        self.rise = self.be.zeros(layout.shape)
        self.carrier = self.be.asarray(coefficients.carrier(problem, layout))
        self.active = self.be.asarray(layout.pad((problem.mesh.material > 0).astype(np.uint8)))  # cells with an equation
        self.metrics = [self.be.asarray(a) for group in layout.positions(3) for a in group]
        self.g: list[Any] = []
        self.laminar: list[Any] | None = None  # conductances without turbulence, where eddies change `g`
        self.m: list[Any] | None = None
        self.b: Any = None
        self.weights: list[Any] | None = None
        self.work: list[Any] | None = None  # of `step`
        self.fixed: Any = None  # cells of the grid, flat, whose temperature is given: what servers blow out
        self.frozen = False  # whether the limiter's weights stay as they are
        self.known = False  # whether the rise is a field to take the limiter's weights from
        self.heat_capacity = 0.0
        self.given: coefficients.Given = []
        self.radiation: Radiation | None = None

    @property
    def krylov(self) -> Krylov:
        """The linear solver, allocated and given its coefficients when it is needed."""
        return self.prepare()

    def prepare(self) -> Krylov:
        """See to it that there is a linear solver with the present coefficients."""
        if self._krylov is None:
            multigrid = Multigrid if self.radiation is None else SinkMultigrid
            self._krylov, self._stale = Krylov(self.be, multigrid(self.be, self._axes(), self.advected)), True
            self._krylov.poll = self.poll
        if self._stale:
            self._krylov.mg.held = self.fixed
            self._krylov.update(tuple(self.g), tuple(self.m) if self.m else None)
            self._stale = False
        return self._krylov

    def release(self, operator: bool = True) -> None:
        """Give back the memory of the linear solver, and of the operator if so, until the next `assemble`."""
        self._krylov, self.b, self.work = None, None, None
        if operator:
            self.g, self.m = [], None

    def _axes(self) -> tuple[Axis, Axis, Axis]:
        """Axes for the coarsening."""
        return coefficients.axes(self.problem)

    def assemble(self, fluid_conductivity: float | Array, mass_flux: list[Any] | None, heat_capacity: float) -> None:
        """Set conductances, heat-capacity fluxes and sources.

        Parameters
        ----------
        fluid_conductivity : float or ndarray, shape (nz, ny, nx)
            Of the coolant, W/(m K).
        mass_flux : list of device arrays or None
            Through the low faces, kg/s, padded; taken over and scaled.
        heat_capacity : float
            Of the coolant, J/(kg K).
        """
        self.given, self.heat_capacity, self.laminar = [], heat_capacity, None
        problem, layout = self.problem, self.layout
        self.g = [self.be.asarray(a) for a in coefficients.conductances(problem, layout, fluid_conductivity, self.given)]
        self.b = self.be.asarray(coefficients.sources(problem, layout))
        ghosts = np.zeros(self.layout.shape)
        for index, value in self.given:
            ghosts[index] = value
        ghosts[INNER] = self.be.to_numpy(self.rise)[INNER]
        self.rise[...] = self.be.asarray(ghosts)
        del ghosts
        if self.advected and mass_flux is not None:
            for flux in mass_flux:
                flux *= heat_capacity
            self.m = mass_flux
        if problem.radiation is not None:
            self.radiation = self.radiation or Radiation(problem, layout, self.be).begin(self.g, self.rise)
            self.b += self.radiation.heat
        self._stale = True

    def step(self, flux_into: Callable[[int, Any], None], relaxation: float = 1.0, sweeps: int = 0) -> tuple[float, float]:
        """One inexact solve with new mass fluxes, limited convection deferred; conductances and sources stay.

        Parameters
        ----------
        flux_into : callable
            Writes the mass flux (kg/s) through the low faces along an axis into a padded array.
        relaxation, sweeps : float, int
            With sweeps, a relaxed step by red-black Gauss-Seidel instead of the steady equation.

        Returns
        -------
        change, spread : float
            Root mean square of the change, and the range of the temperatures, K.
        """
        k, be = self.krylov, self.be
        if self.work is None:
            self.work = [be.zeros(self.layout.shape) for _ in range(2)]
        residual, change = self.work
        k.correction = None
        self.residual(flux_into, k.w["t"], residual)
        k.m = tuple(self.m)  # type: ignore[arg-type]
        if not sweeps:
            k.update(tuple(self.g), k.m)
        change.fill(0)
        if sweeps:
            self._sweep(change, residual, relaxation, sweeps)
        else:
            k.bicgstab(change, residual, STEP_REDUCTION, 0.0, STEP_MOST)
        return self._add(change)

    def residual(self, flux_into: Callable[[int, Any], None], right: Any, out: Any) -> None:
        """out = residual of the steady equation with new mass fluxes, W; `right` is overwritten by its right-hand side."""
        assert self.m is not None
        for axis, m in enumerate(self.m):
            flux_into(axis, m)
            m *= self.heat_capacity
        right[...] = self.b
        if self.problem.settings.convection == "second_order":
            self.be.launch("limited_advection", *self.n, 3, self.carrier, *self.metrics, *self.m, self.rise, right)
        self.be.launch("residual_advected", *self.n, self.rise, *self.g, *self.m, self.active, right, out)

    def relax(self, flux_into: Callable[[int, Any], None], sweeps: int, right: Any, residual: Any, dinv: Any,
              change: Any) -> tuple[float, float]:
        """Red-black sweeps of the steady equation with new mass fluxes; four arrays are overwritten. Returns as `step`."""
        assert self.m is not None
        self.residual(flux_into, right, residual)
        self.be.launch("inverse_diagonal_advected", *self.n, 0.0, *self.g, *self.m, dinv)
        change.fill(0)
        red_black(self.be, self.cells, sweeps, 0.0, *self.g, *self.m, dinv, residual, change)
        return self._add(change)

    def _add(self, change: Any) -> tuple[float, float]:
        """Add a change to the rise; its root mean square, and the range of the temperatures."""
        self.known = True
        self.rise += change
        size = float(np.sqrt(self.be.dot(change, change) / float(self.problem.mesh.grid.cells)))
        return size, float(self.rise.max() - self.rise.min())

    def _sweep(self, change: Any, residual: Any, relaxation: float, sweeps: int) -> None:
        """change = approximate solution of the relaxed equation for `residual`."""
        dinv = self.inverse_diagonal()
        dinv *= relaxation
        red_black(self.be, self.cells, sweeps, 1.0 - relaxation, *self.g, *self.m, dinv, residual, change)  # type: ignore[misc]

    def inverse_diagonal(self) -> Any:
        """One over the sum of every cell's coefficients, K/W, in an array that the next solve overwrites."""
        dinv = self.krylov.w["h"]
        self.be.launch("inverse_diagonal_advected", *self.n, 0.0, *self.g, *self.m, dinv)  # type: ignore[misc]
        return dinv

    def solve(self, tight: bool = True) -> Result:
        """Solve for the rise: limiter weights from successively better fields, then one solve until the books close.

        With `tight` False that last solve stops early: enough to watch temperatures or to evaluate properties. Radiation, where
        there is any, is solved along, by Newton's method.
        """
        return self._solve(tight) if self.radiation is None else self.radiation.solve(self, self._solve, tight)

    def _solve(self, tight: bool) -> Result:
        k = self.krylov
        if not self.advected or self.m is None:
            result = (k.bicgstab if k.coupling else k.cg)(self.rise, self.b, 1e-13, self._goal(1e-12), 400)
            return self._checked(result)
        if self.problem.settings.convection == "second_order" and not self.frozen:
            self._settle_weights(WEIGHT_TOLERANCE_LAST if tight else WEIGHT_TOLERANCE)
        relative, share = FROZEN if self.frozen else (0.0, 1.0)
        goal = share * self._goal(SOLVE_TOLERANCE if tight else WATCH_TOLERANCE)
        return self._checked(k.bicgstab(self.rise, self.b, relative, goal, 300))

    def _goal(self, relative: float) -> float:
        """Residual norm that keeps the heat imbalance below `relative` of the heat turned over."""
        idle = self.krylov.w
        r, zero = (idle["t"], idle["h"]) if self.advected else (idle["q"], idle["p"])
        zero[...] = self.rise  # boundary values alone: their fluxes into a cold domain, and the sources
        zero[INNER] = 0.0
        if self.fixed is not None:
            zero.reshape(-1)[self.fixed] = self.rise.reshape(-1)[self.fixed]
        self.krylov.residual(zero, self.b, r)
        scale = float(np.sqrt(self.be.dot(r, r)))
        count = float(np.prod(self.n))
        total = self.be.abs_sum(r)
        return relative * max(scale / np.sqrt(count) ** 0.5, total / np.sqrt(count)) if total > 0 else 0.0

    def _settle_weights(self, tolerance: float) -> None:
        k, shape = self.krylov, self.layout.shape
        assert self.m is not None
        if self.weights is None:
            k.correction = None
            if not self.known:
                k.bicgstab(self.rise, self.b, 1e-3, 0.0, 100)
            self.weights = [self.be.zeros(shape, np.float32) for _ in range(3)]
        for number in range(WEIGHT_PASSES):
            share = 0.5 if number < WEIGHT_PASSES // 2 else 0.25  # undamped, limiters flip between two states for ever
            if number == 0 and self.known:
                share = 1.0
            self.be.launch("advection_weights", *self.n, 3, share, self.carrier, *self.metrics, *self.m, self.rise,
                           *self.weights)
            k.correction = (3, self.carrier, *self.metrics, *self.weights)
            before = self.rise.copy()
            k.bicgstab(self.rise, self.b, 0.03, 0.0, 40)
            spread = float(self.rise.max() - self.rise.min())
            before -= self.rise
            change = np.sqrt(self.be.dot(before, before) / float(np.prod(self.n)))
            if change <= tolerance * self.problem.settings.tolerance * max(spread, 1e-30):
                return

    def _checked(self, result: Result) -> Result:
        if not result.reached:
            raise LinearSolverError(f"the energy equation did not converge: residual {result.last:.1e} W after "
                                    f"{result.iterations:g} iterations, from {result.first:.1e} W")
        return result

    def unit_response(self, name: str) -> NDArray[np.float32]:
        """Rise per watt of one source with all other sources off and boundaries at the reference, (nz, ny, nx).

        The case's own right-hand side is gone afterwards.
        """
        b = self.b
        b.fill(0)
        b[INNER] = self.be.asarray(coefficients.share(self.problem, name))
        x = self.be.zeros(self.layout.shape)
        total = float(np.prod(self.n))
        self._checked(self.krylov.bicgstab(x, b, 0.0, 1e-8 / np.sqrt(total), 300) if self.advected
                      else self.krylov.cg(x, b, 1e-9, 0.0, 400))
        return self.be.to_numpy(x)[INNER].astype(np.float32)

    def temperature(self) -> Array:
        """Temperature on the host, K, shape (nz, ny, nx)."""
        return np.array(self.be.to_numpy(self.rise)[INNER]) + self.problem.reference_temperature
