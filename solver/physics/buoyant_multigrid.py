"""Full-approximation multigrid for buoyant flow: the temperature goes through the cycles with velocity and pressure.

The cycles are those of `flow_multigrid`; the smoother is `BuoyantFlow.relax`: momentum with the weight of warm coolant,
pressure, and some sweeps of the temperature in solids and coolant alike. The residual of the energy equation goes to the
coarse grid as a heat source, the change of the temperature comes back interpolated. Coarse conductances are those of the
linear multigrid (series and parallel resistors), coarse heat-capacity fluxes come from the coarse velocities.

The coarsest grid hardly resolves the boundary layers, and there relaxed iterations do not converge: it is solved by the
accelerated iteration. Where that does not do either, nothing is taken from it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.linear.coarsening import Axis, coarser, padded
from coldrack.solver.physics.buoyant import BuoyantFlow
from coldrack.solver.physics.energy import Energy
from coldrack.solver.physics.flow_boundary import COOLANT, FlowBoundary
from coldrack.solver.physics.flow_levels import Starts, Transfer, areas, total
from coldrack.solver.physics.flow_multigrid import FlowMultigrid
from coldrack.solver.physics.layout import INNER, Layout
from coldrack.solver.problem import Problem

COARSEST_CHANGE = 0.1  # share of the largest change that is left where the coarsest grid counts as solved
COARSEST_STEP = 1  # of `COURANT`, that the coarsest grid begins with
START = (60, 1e-2)  # iterations on the coarsest grid at the start, and change that suffices


class CoarseEnergy(Energy):
    """The energy equation on the next coarser grid of a flow's cycles.

    Parameters
    ----------
    fine : Energy
        Assembled, or a coarse one.
    problem, layout
        Of the coarse grid.
    starts : tuple of ndarray
        The merge maps.
    kind : ndarray of uint8, padded
        Coolant on the coarse grid.
    """

    def __init__(self, fine: Energy, problem: Problem, layout: Layout, starts: Starts, kind: NDArray[np.uint8]) -> None:
        self._widths = tuple(coarser(a, s) for a, s in zip(fine._axes(), starts))
        super().__init__(problem, layout, fine.be)
        be, index, weight = self.be, [padded(s)[0] for s in starts], areas(fine.layout)
        other, active = (total(weight * (be.to_numpy(a) == k), index) > 0 for a, k in ((fine.carrier, 2), (fine.active, 1)))
        carrier = np.where(other, 2, 0).astype(np.uint8)
        carrier[INNER] = np.where(kind[INNER] == COOLANT, 1, carrier[INNER])
        self.carrier, self.active = be.asarray(carrier), be.asarray(active.astype(np.uint8))
        self.rise[...] = be.asarray(total(weight * be.to_numpy(fine.rise), index) / total(weight, index))
        self.heat_capacity, self.b = fine.heat_capacity, be.zeros(layout.shape)
        self.g, self.m = ([be.zeros(layout.shape) for _ in range(3)] for _ in range(2))
        for axis, (g, coarse) in enumerate(zip(fine.g, self.g)):
            be.launch("coarsen_conductance", *self.n, *fine.n, axis, *(be.asarray(i) for i in index), g, coarse)

    def _axes(self) -> tuple[Axis, Axis, Axis]:
        return self._widths  # type: ignore[return-value]


class BuoyantMultigrid(FlowMultigrid):
    """Cycles for one stage of flow and temperature.

    Parameters
    ----------
    flow : BuoyantFlow
        Coupled with its energy equation; taken as the finest level.
    """

    smoothing = (0.85, 6, 1.0)
    solving = None  # by the iteration itself
    fields = 5  # the temperature too
    contraction, most_work, coarsest = 0.97, 12.0, (30, 60)  # an iteration costs more than one that smooths

    def __init__(self, flow: BuoyantFlow) -> None:
        super().__init__(flow)
        self._allocate()

    def _allocate(self) -> None:
        """The linear solver of the temperature on the grid whose iteration does more than smooth."""
        self.levels[-1 if self.active else 0].energy.prepare()

    def _judge(self) -> None:
        super()._judge()
        self._allocate()

    def _level(self, flow: Any, problem: Problem, layout: Layout, bc: FlowBoundary) -> BuoyantFlow:
        return BuoyantFlow(problem, layout, flow.single or flow.be, flow.expansion, flow.density, bc)

    def _coarser(self, flow: Any, starts: Starts) -> tuple[BuoyantFlow, Transfer]:
        level, transfer = super()._coarser(flow, starts)
        level.couple(CoarseEnergy(flow.energy, level.problem, level.layout, starts, level.boundary.kind))
        return level, transfer

    def iterate(self) -> dict[str, float]:
        """One cycle; returns what stands for the changes of an iteration, and the mass imbalance."""
        row = super().iterate()
        row.setdefault("energy", self.levels[0].warmed)
        return row

    def _settle(self) -> None:
        for coarse, fine, transfer in zip(self.levels[1:], self.levels, self.transfers):
            transfer.restrict_mass(fine.energy.b, coarse.energy.b)  # a sum, of heat as of mass
        last = self.levels[-1]
        last.begin(COARSEST_STEP)
        for _ in range(START[0]):
            row = last.iterate()
            if max(row["momentum"], row["energy"]) < START[1]:
                break

    def _prolong(self, index: int) -> None:
        super()._prolong(index)
        self._warm(index, self.levels[index + 1].energy.rise)

    def _warm(self, index: int, correction: Any) -> None:
        """Add a correction of the temperature on the next coarser grid."""
        fine, coarse = self.levels[index].energy, self.levels[index + 1].energy
        self.transfers[index].prolong_mean(fine.active, coarse.active, correction, fine.rise)

    def _solve_coarsest(self) -> tuple[float, float, float]:
        last, changes = self.levels[-1], []  # type: Any, list[float]
        last.begin(COARSEST_STEP)
        while len(changes) < self._most(-1):
            row = last.iterate()
            changes.append(max(row["momentum"], row["energy"]))
            if not changes[-1] > COARSEST_CHANGE * max(changes):
                break
        else:  # nothing from there is better than what came of it
            for field, kept in zip((*last.velocity, last.pressure, last.energy.rise), self.kept[-1]):
                field[...] = kept
        self._count(len(self.transfers), len(changes))
        return changes[-1], 0.0, row["mass"]

    def _give(self, index: int) -> None:
        fine, coarse, transfer, kept = self.levels[index], self.levels[index + 1], self.transfers[index], self.kept[index]
        warm, cool = fine.energy, coarse.energy
        transfer.restrict_mean(warm.rise, cool.rise, warm.active, cool.active)
        kept[4][...] = cool.rise
        super()._give(index)
        warm.residual(fine.flux_into, fine.b, fine.r)
        residual, right = coarse.r, coarse.b
        cool.b.fill(0)
        cool.residual(coarse.flux_into, right, residual)
        transfer.restrict_mass(fine.r, cool.b)
        cool.b -= residual
        cool.b *= cool.active

    def _take(self, index: int) -> float:
        moved, coarse, kept = super()._take(index), self.levels[index + 1], self.kept[index]
        be, rise, change = coarse.be, coarse.energy.rise, kept[4]
        be.xp.subtract(rise, change, out=change)
        self._warm(index, change)
        cells, spread = float(coarse.problem.mesh.grid.cells), float(rise.max() - rise.min())
        return max(moved, float(np.sqrt(be.dot(change, change) / cells)) / spread if spread else 0.0)

    def _reset(self) -> None:
        super()._reset()
        flow = self.levels[0]
        flow.energy.rise[INNER] = 0.0
        flow.begin()
