"""Full-approximation multigrid for the steady flow, with the segregated iteration as the smoother on every grid.

A cycle relaxes a few times (`Flow.relax`: momentum, then a pressure correction that its own multigrid solves), gives the
residuals of momentum and mass to the coarser grid as forces and mass sources beside the restricted flow, solves there in the
same way, and adds the interpolated change (Brandt 1977; with SIMPLE as the smoother: Shaw & Sivaloganathan, Int. J. Numer.
Methods Fluids 8 (1988) 441; Hortmann, Peric & Scheuerer 1990). All grids have the same second-order scheme, so the answer is
that of the segregated iteration. The start comes from the coarsest grid (full multigrid).

A short step (factor 0.7) damps what oscillates from cell to cell in the velocity. What oscillates in the pressure SIMPLEC
corrects by (1/factor - 1)/2 of it only, hence the larger share of the correction.

Cycles go on while they contract faster for their work than the segregated iteration does; then they leave the flow to it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from coldrack.meshes.mesh import FLUID, VOID, Mesh
from coldrack.solver.linear.krylov import LinearSolverError
from coldrack.solver.physics.flow import Flow
from coldrack.solver.physics.flow_boundary import FlowBoundary
from coldrack.solver.physics.flow_levels import Starts, Transfer, coarse_boundary, coarse_grid, plan
from coldrack.solver.physics.layout import INNER, Layout
from coldrack.solver.problem import Problem

SMOOTHING = (0.7, 4, 1.5)  # relaxation factor, sweeps, share of the pressure's correction
BEFORE, AFTER = 2, 1  # iterations before and after the coarse correction
SOLVING = (0.9, 12, 1.5)  # the same on the coarsest grid, which is solved
COARSEST = (10, 60)  # iterations at most on the coarsest grid, for the work of
COARSEST_WORK = 2.0  # iterations on the finest,
COARSEST_CHANGE = 0.05  # or until the change is this share of the first
START = (60, 1e-3)  # iterations on the coarsest grid at the start, and change that suffices
EQUIVALENT = 10.0  # segregated iterations that a cycle's correction stands for
PATIENCE = 3  # cycles over which contraction is measured
MOST_WORK = 8.0  # of a cycle, in iterations on the finest grid, up to which coarsest grids are left out if cycles do not pay
CONTRACTION = 0.93  # of the segregated iteration
DIVERGED = "they diverged"
WILD = 0.3  # change of a cycle that only a flow that runs away has
RISE = 20.0  # growth over the best cycle that counts as divergence


class FlowMultigrid:
    """Cycles for one flow stage.

    Parameters
    ----------
    flow : Flow
        With its properties set; taken as the finest level.
    """

    smoothing: tuple[float, int, float] = SMOOTHING
    solving: tuple[float, int, float] | None = SOLVING
    fields = 4  # velocities, pressure
    contraction, most_work, coarsest = CONTRACTION, MOST_WORK, COARSEST

    def __init__(self, flow: Flow) -> None:
        self.levels, self.transfers = [flow], []  # type: list[Any], list[Transfer]
        for starts in plan(flow.boundary.kind, flow.layout.grid.widths):
            level, transfer = self._coarser(self.levels[-1], starts)
            self.levels.append(level)
            self.transfers.append(transfer)
        zeros = flow.be.zeros
        self.kept = [[zeros(lv.layout.shape) for _ in range(self.fields)] for lv in self.levels[1:]]
        self.sources = [[zeros(lv.layout.shape) for _ in range(4)] for lv in self.levels[1:]]
        self.changes: list[float] = []
        self.masses: list[float] = []
        self.cycles = 0
        self.work = 0.0  # of the present cycle, in iterations on the finest grid
        self.reason = "" if self.transfers else "the grid has no coarser one"

    def _coarser(self, flow: Any, starts: Starts) -> tuple[Any, Transfer]:
        """The flow on the next coarser grid, and the way there."""
        layout = Layout(coarse_grid(flow.layout.grid, starts))
        bc = coarse_boundary(flow.layout, layout, starts, flow.boundary)
        material = bc.kind[INNER].copy()
        mesh = Mesh(layout.grid, material, [VOID, FLUID], np.zeros(material.shape, np.uint16), [])
        problem = replace(flow.problem, mesh=mesh, boundaries=[], momentum_source=None, sources=[], volumetric_heat=None)
        level = self._level(flow, problem, layout, bc)
        transfer = Transfer(flow, level, starts)
        rho, mu = flow.be.zeros(layout.shape), flow.be.zeros(layout.shape)
        transfer.restrict_mean(flow.rho, rho)
        transfer.restrict_mean(flow.mu, mu)
        level.set_properties(rho, mu)
        return level, transfer

    def _level(self, flow: Any, problem: Problem, layout: Layout, bc: FlowBoundary) -> Any:
        return Flow(problem, layout, flow.single or flow.be, bc)

    def report(self) -> str:
        """What was done, for the log."""
        end = f"; then segregated, since {self.reason}" if self.reason else ""
        return f" ({self.cycles} of them the last multigrid cycles on {len(self.levels)} grids{end})"

    @property
    def active(self) -> bool:
        """Whether cycles go on."""
        return not self.reason

    def start(self) -> None:
        """First guess: the coarsest grid's flow, interpolated and cycled on every finer grid but the last."""
        self._smooth(True)
        try:
            self._climb()
        except (np.linalg.LinAlgError, LinearSolverError):
            self._reset()
        self._smooth(False)

    def _climb(self) -> None:
        self._settle()
        for index in reversed(range(len(self.transfers))):
            self._prolong(index)
            if index:
                self._cycle(index)

    def _settle(self) -> None:
        """The flow on the coarsest grid, from rest."""
        last = self.levels[-1]
        for _ in range(START[0]):
            if last.relax()[0] < START[1]:
                break

    def _prolong(self, index: int) -> None:
        """The flow of the next coarser grid as the first guess on a grid at rest."""
        coarse, transfer = self.levels[index + 1], self.transfers[index]
        for axis in coarse.axes:
            transfer.prolong_velocity(axis, coarse.velocity[axis])
        transfer.prolong_pressure(coarse.pressure)

    def iterate(self) -> dict[str, float]:
        """One cycle; returns what stands for the change of an iteration, and the mass imbalance."""
        self._smooth(True)
        self.work = 0.0
        try:
            change, moved, mass = self._cycle(0)
        except (np.linalg.LinAlgError, LinearSolverError):  # a matrix that is not finite
            change = moved = mass = np.nan
        self._smooth(False)
        self.cycles += 1
        self.changes.append(float(np.maximum(change, moved / EQUIVALENT)))  # keeps what is no number
        self.masses.append(mass)
        self._judge()
        if self.reason == DIVERGED or not np.isfinite(mass):
            return self._restart()
        return {"momentum": self.changes[-1], "mass": mass}

    def _restart(self) -> dict[str, float]:
        """Leave a flow that has run away: begin anew with a segregated iteration."""
        self._reset()
        return self.levels[0].iterate()

    def _reset(self) -> None:
        flow, self.reason = self.levels[0], DIVERGED
        for field, given in zip((*flow.velocity, flow.pressure), (*flow.boundary.velocity, flow.boundary.pressure)):
            field[...] = flow.be.asarray(given)

    def _smooth(self, on: bool) -> None:
        for level in self.levels:
            level.smoothing = (self.solving if level is self.levels[-1] else self.smoothing) if on else None

    def _judge(self) -> None:
        """Leave out the coarsest grid when cycles stall, give up when they do not pay."""
        changes, now = self.changes, self.changes[-1]
        grown = now > min(WILD, RISE * min(changes)) or self.masses[-1] > RISE * min(self.masses)
        if not np.isfinite(now) or grown:
            self.reason = DIVERGED
        elif len(changes) > PATIENCE:
            rate = (now / changes[-1 - PATIENCE]) ** (1.0 / PATIENCE)
            if rate > self.contraction**self.work:
                self._leave_out(f"they contracted by {rate:.2f} for the work of {self.work:.1f} iterations")

    def _leave_out(self, why: str) -> None:
        """Go on without the coarsest grid; give up where that would leave none, or make cycles too dear."""
        if len(self.levels) > 2 and self.work + self._share(-2) * self._most(-2) <= self.most_work:
            for part in (self.levels, self.transfers, self.kept, self.sources):
                part.pop()  # type: ignore[attr-defined]
            self.changes = self.changes[-1:]
        else:
            self.reason = why

    def _cycle(self, index: int) -> tuple[float, float, float]:
        """One cycle from a level down: change of the last iteration, that by the coarse grid, mass imbalance."""
        level = self.levels[index]
        if index == len(self.transfers):
            return self._solve_coarsest()
        for _ in range(BEFORE):
            level.relax()
        self._give(index)
        self._cycle(index + 1)
        moved = self._take(index)
        for _ in range(AFTER):
            change, mass = level.relax()
        self._count(index, BEFORE + AFTER)
        return change, moved, mass

    def _count(self, index: int, iterations: int) -> None:
        self.work += iterations * self._share(index)

    def _most(self, index: int) -> int:
        """Iterations on a level that is the coarsest."""
        return int(np.clip(COARSEST_WORK / self._share(index), *self.coarsest))

    def _share(self, index: int) -> float:
        """Cells of a level over those of the finest."""
        return float(np.prod(self.levels[index].n) / np.prod(self.levels[0].n))

    def _solve_coarsest(self) -> tuple[float, float, float]:
        first = np.inf
        for count in range(self._most(-1)):
            change, mass = self.levels[-1].relax()
            first = min(first, change) if count == 0 else first
            if not change > COARSEST_CHANGE * first:
                break
        self._count(len(self.transfers), count + 1)
        return change, 0.0, mass

    def _give(self, index: int) -> None:
        """Restricted flow and right-hand sides for the next coarser grid."""
        fine, coarse, transfer = self.levels[index], self.levels[index + 1], self.transfers[index]
        kept, sources = self.kept[index], self.sources[index]
        coarse.force, coarse.mass_source = None, None
        for axis in coarse.axes:
            transfer.restrict_velocity(axis)
            kept[axis][...] = coarse.velocity[axis]
        transfer.restrict_mean(fine.pressure, coarse.pressure)
        kept[3][...] = coarse.pressure
        for axis in coarse.axes:
            transfer.restrict_force(axis, fine.residual(axis), sources[axis])
            sources[axis] -= coarse.residual(axis)
        transfer.restrict_mass(fine.mass_residual(fine.r), sources[3])
        sources[3] -= coarse.mass_residual(coarse.r)
        sources[3] *= coarse.kind == 1
        coarse.force, coarse.mass_source = sources[:3], sources[3]

    def _take(self, index: int) -> float:
        """Add the coarse grid's change; returns its norm over that of the velocity."""
        coarse, transfer, kept = self.levels[index + 1], self.transfers[index], self.kept[index]
        be, moved, speed = coarse.be, 0.0, coarse.speed()
        for axis in coarse.axes:
            be.xp.subtract(coarse.velocity[axis], kept[axis], out=kept[axis])
            moved = max(moved, be.dot(kept[axis], kept[axis]))
            transfer.prolong_velocity(axis, kept[axis])
        be.xp.subtract(coarse.pressure, kept[3], out=kept[3])
        transfer.prolong_pressure(kept[3])
        return float(np.sqrt(moved)) / speed
