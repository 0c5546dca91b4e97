"""Geometric multigrid cycle for the seven-point operators, in single precision, as a preconditioner.

Coarse conductances come from series and parallel resistors, coarse fluxes are sums (what cancels in them conducts), transfers
are piecewise constant, the smoother is red-black Gauss-Seidel (three sweeps before, three in reverse order after the coarse
correction, so that the cycle of a symmetric operator is symmetric), the coarsest grid is solved by its dense inverse. Some
coarse problems are solved by two cycles (`_twice`): the cost is small and the contraction no longer falls with the number of
grids. Where that contracts badly (boxes of good and bad conductors in each other's way), `strengthen` makes it a K-cycle:
every coarse problem is solved by two steps of conjugate gradients around its own cycle (Notay & Vassilevski, Numer. Linear
Algebra Appl. 15 (2008) 473, alg. 3.2).

Upwind, a coarse grid has twice the numerical diffusion across the streamlines of a closed eddy and corrects what varies across
them by half (Brandt & Yavneh, SIAM J. Sci. Comput. 14 (1993) 607). Where such flow prevails, the second of two cycles is one of
defect correction: its right-hand side has lost what this grid diffuses more than the finer one (`excess`). Together they
correct three quarters, and are taken longer by a seventh. Eight sweeps of points reach sixteen cells along the flow; where an
eddy follows the grid its way grows with the grid: one of the sweeps there goes along lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coldrack.solver.linear.bottom import Bottom
from coldrack.solver.linear.coarsening import SPREAD, SPREAD_ADVECTED, Axis, padded, plan

Three = Sequence[Any]
SWEEPS, SWEEPS_STRONG, SWEEPS_EDDY = 3, 6, 8  # before and after the coarse correction
OVERRELAXATION = 1.15  # of the sweeps (Yavneh, SIAM J. Sci. Comput. 17 (1996) 180), as far as a cell's coupling is conduction
USED = slice(1, -1)  # planes of the finest grid's coefficients that anything is solved from
# Two cycles for the coarse problems of these levels, in the order that lets more of them have it (and so on where long
# corrections call for them), as long as the whole takes no more of a cycle with single ones:
TWICE, WORK = ((0, 2, 3, 1), (1, 2, 0, 3)), 1.78
FAST_FLOW = 20.0  # numerical diffusion along two axes over conduction from which a flow calls for more sweeps
# Numerical diffusion along an axis over the coolant's conduction, and over that along the others, from which lines along it are
# swept where the grids do not follow the flow because more is conducted in the solids.
STREAM, ALONE = 100.0, 10.0
ENOUGH = 0.25  # reduction of a coarse residual by the first step of a K-cycle that makes the second needless


def red_black(backend: Any, n: tuple[int, int, int], sweeps: int, shift: float, *system: Any) -> None:
    """Red-black Gauss-Seidel sweeps of an advected operator in alternating order; arguments of the kernel from `shift` on."""
    colours = ((0, 1, 1, 0) * ((sweeps + 1) // 2))[: 2 * sweeps]
    backend.launch_colours("gauss_seidel_advected", n, colours, shift, *system)


def red_black_transport(backend: Any, n: tuple[int, int, int], sweeps: int, *system: Any) -> None:
    """The same for an operator with sinks, whose relaxation is all in the inverse diagonal."""
    colours = ((0, 1, 1, 0) * ((sweeps + 1) // 2))[: 2 * sweeps]
    backend.launch_colours("gauss_seidel_transport", n, colours, *system)


@dataclass
class Level:
    """Operator and work arrays of one grid; `n` are the kernel extents (cells plus the high ghost).

    A cycle leaves out the high ghosts along z (`cells`), where nothing is solved: in two dimensions half of its work.
    """

    n: tuple[int, int, int]
    g: list[Any]
    m: list[Any] | None
    dinv: Any
    solved: Any  # 1 where the row is an equation
    x: Any
    b: Any
    r: Any
    start: list[Any] = field(default_factory=list)  # to the next coarser level
    parent: list[Any] = field(default_factory=list)
    excess: list[Any] = field(default_factory=list)  # less than 0: the finer grid's numerical diffusion less this one's
    defect: Any = None  # right-hand side of the second cycle
    first: Any = None  # of a K-cycle: the first step's direction, and the operator's product with it
    image: Any = None

    @property
    def cells(self) -> tuple[int, int, int]:
        """Extents without the high ghosts along the slowest axis."""
        return self.n[0], self.n[1], self.n[2] - 1


class Multigrid:
    """Hierarchy of one grid, reused whenever the coefficients change.

    Parameters
    ----------
    backend : Backend
        Any; its single-precision sibling does the work.
    axes : tuple of Axis
        Cell widths and material planes along x, y, z.
    advected : bool
        Whether the operator carries mass fluxes.

    Notes
    -----
    `workspace`, double, of the padded shape, is anybody's between cycles; a cycle overwrites it.
    """

    arithmetic = False  # whether the cycle changes arrays by expressions as well, see `Backend.recording`

    def __init__(self, backend: Any, axes: tuple[Axis, Axis, Axis], advected: bool) -> None:
        self.be = backend.with_dtype("f4")
        self.axes, self.advected = axes, advected
        self.strong = self.accelerated = False
        self.line: int | None  # axis of the outermost sweep's lines
        self.looked: bool  # whether the flow has been, for lines
        self.factors: Any = None  # of their elimination, for all levels
        self.held: Any = None  # flat indices of cells of the grid whose value is fixed though the coolant leaves them
        self.levels: list[Level] = []
        self._build((0.0, 0.0, 0.0))

    def _build(self, drift: tuple[float, ...]) -> None:
        """Make the coarser levels, keep the finest."""
        self.drift, self.line, self.looked = drift, None, False
        self.recorded = self.be.recording(self.arithmetic)
        self.coarsening, self.inverting = self.be.recording(), self.be.recording()
        self.scaling, self.finishing = (self.be.recording(arithmetic=True) for _ in range(2))
        fine, self.levels = self.levels[:1], []
        counts = [a.width.size for a in self.axes]
        around = sorted(d * float(a.width.mean()) for d, a in zip(drift, self.axes))[1]  # along two axes, at the least
        self.eddy = around > FAST_FLOW
        self.sweeps = SWEEPS_EDDY if self.eddy else SWEEPS_STRONG if self.advected and self.strong else SWEEPS
        diffusion = (1.0 + 2.0 * around) / (1.0 + around)  # of a coarse grid over the finer one's
        short = (1.0 - 1.0 / diffusion) ** (2 if self.eddy else 1)  # of a correction, where only diffusion couples
        self.correction = 2.0 / (2.0 - short)  # length of coarse corrections that errs alike either way
        for starts in plan(self.axes, drift, SPREAD_ADVECTED if self.advected else SPREAD):
            level = fine.pop() if fine else self._level(counts)
            level.start, level.parent = [], []
            self.levels.append(level)
            for start in starts:
                full, parent = padded(start)
                level.start.append(self.be.asarray(full))
                level.parent.append(self.be.asarray(parent))
            counts = [s.size - 1 for s in starts]
        self.levels.append(fine.pop() if fine else self._level(counts))
        self.bottom = Bottom(self.be, self.levels[-1].b.shape)
        self.twice = self._twice()
        # Corrections are longer where coarser grids' operators are smaller.
        steps = (1.0 / self.correction if n in self.twice else 1.0 for n in range(len(self.levels) - 1))
        self.sizes = np.cumprod([1.0, *steps])
        for n in self.twice if self.eddy else ():
            coarse = self.levels[n + 1]
            coarse.excess, coarse.defect = [self.be.zeros(coarse.b.shape) for _ in range(3)], self.be.zeros(coarse.b.shape)

    def _twice(self) -> tuple[int, ...]:
        """Levels whose coarse problem gets two cycles; the coarsest one is solved exactly."""
        return max((self._affordable(order) for order in TWICE), key=len)

    def _affordable(self, order: tuple[int, ...]) -> tuple[int, ...]:
        """As many of these levels, and of those beyond, as the work allows."""
        cells = np.array([float(np.prod(lv.n)) for lv in self.levels])
        chosen: tuple[int, ...] = ()
        for level in (*order, *range(len(order), cells.size if self.correction > 1.0 else 0)):
            visits = np.cumprod([1.0] + [2.0 if n in (*chosen, level) else 1.0 for n in range(cells.size - 1)])
            if level < cells.size - 2 and visits @ cells <= WORK * cells.sum():
                chosen = (*chosen, level)
        return chosen

    def _level(self, counts: list[int]) -> Level:
        n = (counts[0] + 1, counts[1] + 1, counts[2] + 1)
        shape = (n[2] + 2, n[1] + 2, n[0] + 2)
        new, size = self.be.zeros, int(np.prod(shape))
        if not self.levels:  # its residual serves all levels, its solution is the caller's
            self.workspace = self.be.with_dtype("f8").zeros(shape)
            halves = self.workspace.reshape(-1).view(np.float32)
            self.scratch, b = halves[size:], halves[:size].reshape(shape)
        else:
            b = new(shape)
        return Level(n, [new(shape) for _ in range(3)], [new(shape) for _ in range(3)] if self.advected else None,
                     new(shape), new(shape, np.uint8), new(shape) if self.levels else None, b,
                     self.scratch[:size].reshape(shape))

    def update(self, g: Three, m: Three | None, singular: bool = False) -> None:
        """Take new fine coefficients (any precision) and rebuild the coarse ones."""
        fine = self.levels[0]
        for axis in range(3):
            fine.g[axis][USED] = g[axis][USED]
            if self.advected:
                fine.m[axis][USED] = m[axis][USED]  # type: ignore[index]
        if self.advected and self._has_turned(drift := self._drift()):
            self._build(drift)
        if self.advected and not self.looked:
            self.use_lines(1 + int(np.argmax(self.drift[1:])) if self.eddy else self._stream())
            self.looked = True
        self.coarsening(self._coarsen)
        for n in self.twice if self.eddy else ():
            self._diffuse(n)
        self.scaling(self._scale)
        self.inverting(self._invert)
        self.finishing(self._finish)
        last = self.levels[-1]
        self.bottom.update(last.g, last.m, singular, self._holds())

    def _coarsen(self) -> None:
        """Coefficients of all coarser grids."""
        for lv, coarse in zip(self.levels, self.levels[1:]):
            for axis in range(3):
                extents = (*coarse.n, *lv.n) if axis == 2 else (*coarse.cells, *lv.cells)
                args = (*extents, axis, *lv.start)
                self.be.launch("coarsen_conductance", *args, lv.g[axis], coarse.g[axis])
                if self.advected:
                    self.be.launch("coarsen_flux", *args, lv.m[axis], coarse.m[axis], coarse.g[axis])  # type: ignore[index]

    def _diffuse(self, index: int) -> None:
        """Numerical diffusion |m| / 2 of a grid, as conductances of the next coarser one, less that one's own."""
        lv, coarse = self.levels[index], self.levels[index + 1]
        for axis, excess in enumerate(coarse.excess):
            lv.r[...] = lv.m[axis]  # type: ignore[index]
            self.be.xp.abs(lv.r, out=lv.r)
            self.be.launch("coarsen_conductance", *coarse.n, *lv.n, axis, *lv.start, lv.r, excess)
            excess -= self.be.xp.abs(coarse.m[axis])  # type: ignore[index]
            self.be.xp.minimum(excess, 0.0, out=excess)  # fluxes that cancel conduct: `coarsen_flux`
            excess *= 0.5 * self.sizes[index + 1]

    def _scale(self) -> None:
        """Coefficients of coarse grids as their corrections' length asks for."""
        for lv, size in zip(self.levels, self.sizes):
            for a in (*lv.g, *lv.m) if size != 1.0 else ():  # type: ignore[misc]
                a *= size

    def _invert(self, relaxation: float = OVERRELAXATION) -> None:
        """Inverse diagonals of all grids, of an advected operator with their relaxation."""
        for lv in self.levels:
            if self.advected:
                self.be.launch("inverse_diagonal_advected", *lv.n, relaxation - 1.0, *lv.g, *lv.m, lv.dinv)  # type: ignore[misc]
            else:
                self.be.launch("inverse_diagonal", *lv.n, *lv.g, lv.dinv)

    def _finish(self, relaxation: float = OVERRELAXATION) -> None:
        """Relaxation of a symmetric operator, and which rows are equations."""
        for lv in self.levels:
            if not self.advected:
                lv.dinv *= relaxation
            self.be.xp.not_equal(lv.dinv, 0, out=lv.solved)

    def _holds(self) -> Any:
        """What flows out of fixed cells of the grid into every cell of the coarsest one; None where there are none.

        Merged with their neighbours they hold nothing any more: a closed space that air circulates in would be singular.
        """
        if self.held is None or not self.advected:
            return None
        fine = self.levels[0]
        out = self.be.zeros(fine.b.shape)
        flat, add, most = out.reshape(-1), self.be.xp.add.at, self.be.xp.maximum
        for m, s in zip(fine.m, (1, fine.b.shape[2], fine.b.shape[1] * fine.b.shape[2])):  # type: ignore[arg-type]
            m = m.reshape(-1)
            add(flat, self.held - s, most(-m[self.held], 0))
            add(flat, self.held + s, most(m[self.held + s], 0))
        for lv, coarse in zip(self.levels, self.levels[1:]):
            fine_out, out = out, self.be.zeros(coarse.b.shape)
            self.be.launch("restrict_sum", *coarse.n, *lv.n, *lv.start, fine_out, out)
        out *= self.sizes[-1]
        return out

    def _drift(self) -> tuple[float, ...]:
        """Along x, y, z: half the mass fluxes over the conductances times the distances they bridge, all summed, 1/m."""
        fine, out = self.levels[0], []
        for axis in range(3):
            width = self.axes[axis].width
            distance = width.size / float(np.sum(1.0 / width))
            through, g = (self.be.abs_sum(a[axis]) for a in (fine.m, fine.g))  # type: ignore[index]
            out.append(0.5 * through / max(g * distance, 1e-300))
        if not np.all(np.isfinite(out)):
            raise FloatingPointError("the mass fluxes are not finite")  # no grid could be chosen for them
        return tuple(out)

    def _stream(self) -> int | None:
        """Axis that a fast flow follows all through the coolant while conduction prevails on the whole; None without one."""
        fine, ratio = self.levels[0], np.zeros(3)
        for axis in range(3):
            fine.r[...] = fine.m[axis] != 0  # type: ignore[index]
            fine.r *= fine.g[axis]
            ratio[axis] = 0.5 * self.be.abs_sum(fine.m[axis]) / max(self.be.abs_sum(fine.r), 1e-300)  # type: ignore[index]
        axis = int(np.argmax(ratio))
        alone = ratio[axis] >= ALONE * np.delete(ratio, axis).max()
        followed = self.drift[axis] * float(self.axes[axis].width.mean()) >= 1.0
        return axis if ratio[axis] >= STREAM and alone and not followed else None

    def use_lines(self, axis: int | None) -> None:
        """Make the outermost sweep of an advected operator one by lines along an axis, or by points again."""
        self.line, self.recorded = axis, self.be.recording(self.arithmetic)
        if axis is not None and self.factors is None:
            self.factors = self.be.zeros((self.levels[0].r.size,))

    def _has_turned(self, drift: tuple[float, ...]) -> bool:
        """Whether flow and conduction couple in other proportions than those the grids were chosen for."""
        for axis, new, old in zip(self.axes, drift, self.drift):
            h = float(axis.width.mean())
            ratio = (1.0 + new * h) / (1.0 + old * h)
            if not 0.5 <= ratio <= 2.0:
                return True
        return False

    def apply(self, r: Any, z: Any, scale: float) -> None:
        """z = M r with r scaled to unit size; `z` is a float array of the padded shape, still scaled."""
        fine = self.levels[0]
        shape = tuple(reversed(r.shape))
        self.be.launch("scale_to_float", *shape, scale, r, fine.b)
        keep, fine.x = fine.x, z
        if self.accelerated:  # asks for numbers on the way, which cannot be recorded
            self._cycle(0)
        else:
            self.recorded(lambda: self._cycle(0), z)
        fine.x = keep

    def strengthen(self) -> None:
        """Use stronger cycles from now on.

        Advected operators get more sweeps, symmetric ones K-cycles: these are no fixed linear maps, the outer method must be a
        flexible one.
        """
        self.strong = True
        if self.advected:
            self.sweeps, self.recorded = max(self.sweeps, SWEEPS_STRONG), self.be.recording(self.arithmetic)
            return
        self.accelerated = True
        for lv in self.levels[1:-1]:
            lv.first, lv.image = self.be.zeros(lv.b.shape), self.be.zeros(lv.b.shape)

    def _smooth(self, lv: Level, colours: tuple[int, int]) -> None:
        """Sweeps; after `use_lines` the outermost one is by lines."""
        points = self.sweeps
        if self.line is not None:
            points -= 1
            if colours[0] == 0:
                self._smooth_lines(lv, colours)
        if self.advected:
            system = (*lv.g, *lv.m, lv.dinv, lv.b, lv.x)  # type: ignore[misc]
            self.be.launch_colours("gauss_seidel_advected", lv.cells, points * colours, 0.0, *system)
        else:
            self.be.launch_colours("gauss_seidel", lv.cells, points * colours, *lv.g, lv.dinv, lv.b, lv.x)
        if self.line is not None and colours[0] == 1:
            self._smooth_lines(lv, colours)

    def _smooth_lines(self, lv: Level, colours: tuple[int, int]) -> None:
        factors = self.factors[: lv.r.size].reshape(lv.r.shape)
        for colour in colours:
            self.be.launch("gauss_seidel_lines", *lv.n, self.line, colour, *lv.g, *lv.m, lv.dinv, lv.b, factors, lv.r, lv.x)  # type: ignore[misc]

    def _cycle(self, index: int, fresh: bool = True) -> None:
        """One cycle; not `fresh`: from the solution that there is."""
        lv = self.levels[index]
        if index == len(self.levels) - 1:
            self.bottom.solve(lv.b, lv.x)
            return
        if fresh:
            self.be.clear(lv.x)
        self._smooth(lv, (0, 1))
        self._residual(index)
        coarse = self.levels[index + 1]
        self.be.launch("restrict_sum", *coarse.cells, *lv.cells, *lv.start, lv.r, coarse.b)
        if self.accelerated and index + 2 < len(self.levels):
            self._accelerated_cycle(index + 1)
        else:
            self._cycle(index + 1)
            if index in self.twice:
                if coarse.excess:
                    self.be.launch("residual", *coarse.cells, coarse.x, *coarse.excess, coarse.solved, coarse.b, coarse.defect)
                    coarse.b, coarse.defect = coarse.defect, coarse.b
                self._cycle(index + 1, fresh=False)
        self.be.launch("prolong_add", *lv.cells, *coarse.cells, *lv.parent, lv.solved, coarse.x, lv.x)
        self._smooth(lv, (1, 0))

    def _residual(self, index: int) -> None:
        """r = b - A x on one grid."""
        lv = self.levels[index]
        if self.advected:
            self.be.launch("residual_advected", *lv.cells, lv.x, *lv.g, *lv.m, lv.solved, lv.b, lv.r)  # type: ignore[misc]
        else:
            self.be.launch("residual", *lv.cells, lv.x, *lv.g, lv.solved, lv.b, lv.r)

    def _accelerated_cycle(self, index: int) -> None:
        """Solution of a coarse problem by one or two conjugate-gradient steps, each after a cycle; leaves its residual in b."""
        lv, dot = self.levels[index], self.be.dot
        c, v, w = lv.first, lv.image, lv.r
        before = dot(lv.b, lv.b)
        self._cycle(index)
        c[...] = lv.x
        self.be.launch("apply", *lv.cells, c, *lv.g, lv.solved, v)
        curvature = dot(c, v)
        if not curvature > 0.0:
            return
        step = dot(c, lv.b) / curvature
        lv.b -= step * v
        if dot(lv.b, lv.b) > ENOUGH**2 * before:
            self._cycle(index)
            w.fill(0)  # the ghosts of the shared workspace hold anything
            self.be.launch("apply", *lv.cells, lv.x, *lv.g, lv.solved, w)
            along = dot(lv.x, v) / curvature
            rest = dot(lv.x, w) - along**2 * curvature
            if rest > 0.0:
                second = dot(lv.x, lv.b) / rest
                lv.x *= second
                lv.x += (step - along * second) * c
                return
        lv.x[...] = c
        lv.x *= step
