"""The multigrid cycle for an operator with sinks, A + s, such as conduction between bodies that radiate.

Without them, bodies that hardly anything but radiation cools make the preconditioned system nearly singular: the outer
iteration has to find what they emit one body at a time.
"""

from __future__ import annotations

from typing import Any

from coldrack.solver.linear.coarsening import Axis
from coldrack.solver.linear.multigrid import OVERRELAXATION, SWEEPS_STRONG, Level, Multigrid, Three


class SinkMultigrid(Multigrid):
    """`Multigrid` that takes sinks, s >= 0 in W/K, and without them is the plain one. Sweeps are by points."""

    arithmetic = True

    def __init__(self, backend: Any, axes: tuple[Axis, Axis, Axis], advected: bool) -> None:
        super().__init__(backend, axes, advected)
        self.sinks: list[Any] = []  # of every level
        self.product: Any = None  # room for s x

    def update(self, g: Three, m: Three | None, singular: bool = False) -> None:
        """Take new fine coefficients, and no sinks."""
        if self.sinks:
            self.sinks, self.recorded = [], self.be.recording(self.arithmetic)
        super().update(g, m, singular)

    def take(self, sinks: Any) -> None:
        """Take sinks of the finest level (padded, any precision), None for no more."""
        self.sinks, self.recorded = [], self.be.recording(self.arithmetic)
        # Sweeps know sinks from the diagonal alone, which must then be that of the equation.
        relaxation = OVERRELAXATION if sinks is None else 1.0
        self._invert(relaxation)
        self._finish(relaxation)
        if sinks is not None:
            levels = [self.be.zeros(lv.dinv.shape) for lv in self.levels]
            levels[0][...] = sinks
            for lv, coarse, fine, sum_ in zip(self.levels, self.levels[1:], levels, levels[1:]):
                self.be.launch("restrict_sum", *coarse.n, *lv.n, *lv.start, fine, sum_)
            for lv, s, size in zip(self.levels, levels, self.sizes):
                s *= size
                lv.dinv /= 1.0 + lv.dinv * s
            self.sinks = levels
            self.product = self.be.zeros((self.levels[0].r.size,))
        last = self.levels[-1]
        self.bottom.update(last.g, last.m, False, stored=self.sinks[-1] if self.sinks else None)

    def strengthen(self) -> None:
        """Sweep more from now on."""
        self.strong, self.recorded = True, self.be.recording(self.arithmetic)
        self.sweeps = max(self.sweeps, SWEEPS_STRONG)

    def _smooth(self, lv: Level, colours: tuple[int, int]) -> None:
        if not self.sinks:
            super()._smooth(lv, colours)
        elif self.advected:
            system = (*lv.g, *lv.m, lv.dinv, lv.b, lv.x)  # type: ignore[misc]
            self.be.launch_colours("gauss_seidel_transport", lv.n, self.sweeps * colours, *system)
        else:
            self.be.launch_colours("sweep_stored", lv.n, self.sweeps * colours, *lv.g, lv.dinv, lv.b, lv.x)

    def _residual(self, index: int) -> None:
        super()._residual(index)
        if self.sinks:
            lv = self.levels[index]
            product = self.product[: lv.r.size].reshape(lv.r.shape)
            product[...] = self.sinks[index]
            product *= lv.x
            inner = (slice(1, -2), *(slice(1, -1),) * 2)  # beyond it the shared workspace holds anything
            residual = lv.r[inner]
            residual -= product[inner]
