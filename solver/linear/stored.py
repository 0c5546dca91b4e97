"""Solvers of (s + A) x = b, one implicit step of conduction or friction: A symmetric as in `Krylov`, s >= 0 what a cell stores.

Conduction takes the multigrid cycle, whose coarse stores are sums. Momentum, whose steps are short, takes red-black sweeps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.linear.coarsening import Axis
from coldrack.solver.linear.krylov import Krylov
from coldrack.solver.linear.multigrid import SWEEPS, SWEEPS_STRONG, Level, Multigrid, Three

CLOSE = 1.5  # change of the store up to which the preconditioner is kept


def inverse_diagonal(g: Three, stored: Any, out: Any) -> None:
    """out = 1 / (s + sum g) where that is an equation: in cells that store something."""
    inner = (slice(1, -1),) * 3
    total = stored[inner].copy()
    for axis, a in enumerate(g):
        high = [slice(1, -1)] * 3
        high[2 - axis] = slice(2, None)
        total += a[inner]
        total += a[tuple(high)]
    off = stored[inner] <= 0
    out[inner] = (1.0 - off) / (total * (1.0 - off) + off)


class StoredMultigrid(Multigrid):
    """The V-cycle for s + A."""

    arithmetic = True

    def __init__(self, backend: Any, axes: tuple[Axis, Axis, Axis]) -> None:
        super().__init__(backend, axes, advected=False)
        self.stored = [self.be.zeros(lv.dinv.shape) for lv in self.levels]

    def take(self, g: Three, stored: Any) -> None:
        """Take new fine coefficients (any precision) and rebuild the coarse ones."""
        for axis in range(3):
            self.levels[0].g[axis][...] = g[axis]
        self.stored[0][...] = stored
        for number, (lv, coarse) in enumerate(zip(self.levels, self.levels[1:])):
            for axis in range(3):
                self.be.launch("coarsen_conductance", *coarse.n, *lv.n, axis, *lv.start, lv.g[axis], coarse.g[axis])
            self.be.launch("restrict_sum", *coarse.n, *lv.n, *lv.start, self.stored[number], self.stored[number + 1])
        for lv, s in zip(self.levels, self.stored):
            inverse_diagonal(lv.g, s, lv.dinv)
            lv.solved[...] = lv.dinv != 0
        last = self.levels[-1]
        self.bottom.update(last.g, None, singular=False, stored=self.stored[-1])

    def strengthen(self) -> None:
        """Sweep more from now on."""
        self.strong, self.sweeps = True, SWEEPS_STRONG

    def _smooth(self, lv: Level, colours: tuple[int, int]) -> None:
        self.be.launch_colours("sweep_stored", lv.n, self.sweeps * colours, *lv.g, lv.dinv, lv.b, lv.x)

    def _twice(self) -> tuple[int, ...]:
        return ()  # what cells store makes the slowest modes fast

    def _residual(self, index: int) -> None:
        lv, inner = self.levels[index], (slice(1, -1),) * 3  # the ghosts hold anything
        self.be.launch("apply_stored", *lv.n, lv.x, *lv.g, self.stored[index], lv.solved, lv.r)
        residual = lv.r[inner]
        residual *= -1.0
        residual += lv.b[inner]


class Sweeps:
    """Symmetric red-black sweeps in single precision, with the interface of `Multigrid` that `Krylov` uses."""

    advected = strong = False

    def __init__(self, backend: Any, n: tuple[int, int, int]) -> None:
        self.be = backend.with_dtype("f4")
        shape = (n[2] + 2, n[1] + 2, n[0] + 2)
        new = self.be.zeros
        self.workspace = self.be.with_dtype("f8").zeros(shape)
        self.levels = [Level(n, [new(shape) for _ in range(3)], None, new(shape), new(shape, np.uint8), None, new(shape), None)]
        self.stored = new(shape)

    def take(self, g: Three, stored: Any) -> None:
        """Take new coefficients."""
        lv = self.levels[0]
        for axis in range(3):
            lv.g[axis][...] = g[axis]
        self.stored[...] = stored
        inverse_diagonal(lv.g, self.stored, lv.dinv)
        lv.solved[...] = lv.dinv != 0

    def apply(self, r: Any, z: Any, scale: float) -> None:
        """z = approximate inverse of r, both scaled."""
        lv = self.levels[0]
        self.be.launch("scale_to_float", *reversed(r.shape), scale, r, lv.b)
        z.fill(0)
        self.be.launch_colours("sweep_stored", lv.n, (*SWEEPS * (0, 1), *SWEEPS * (1, 0)), *lv.g, lv.dinv, lv.b, z)

    def strengthen(self) -> None:
        """There is nothing stronger."""


class StoredKrylov(Krylov):
    """Conjugate gradients for (s + A) x = b around a `StoredMultigrid` or `Sweeps`."""

    def __init__(self, backend: Any, preconditioner: Any) -> None:
        super().__init__(backend, preconditioner)
        self.stored: Any = None
        self.taken = 0.0  # store that the preconditioner has, as a factor of its caller's

    def take(self, g: Three, stored: Any, factor: float, anew: bool = False) -> None:
        """Set g and s; the preconditioner follows where it must.

        Parameters
        ----------
        g : three device arrays
        stored : device array
        factor : float
            That `stored` holds of something constant: small changes leave the preconditioner as it is.
        anew : bool
            Whether g has changed.
        """
        self.g, self.m, self.stored = g, None, stored
        if anew or not self.taken / CLOSE <= factor <= self.taken * CLOSE:
            self.mg.take(g, stored)  # type: ignore[attr-defined]
            self.taken = factor

    def residual(self, x: Any, b: Any, r: Any) -> None:
        """r = b - (s + A) x."""
        self._apply(x, r)
        r *= -1.0
        r += b
        r *= self.mg.levels[0].solved

    def _apply(self, x: Any, y: Any) -> None:
        solved = self._clean(y)
        self.be.launch("apply_stored", *self.n, x, *self.g, self.stored, solved, y)
