"""Preconditioned CG and BiCGStab on the padded grid; vectors in double, preconditioner in single precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from coldrack.solver.linear.multigrid import Multigrid, Three

PATIENCE = 6  # iterations after which a mean contraction above `SLOW` a cycle calls for stronger cycles
SLOW = 0.45


class LinearSolverError(RuntimeError):
    """A linear system that did not reach its tolerance, or whose residual is not finite."""


@dataclass(frozen=True)
class Result:
    """Iterations of a solve, the residual norm before and after, and whether the goal was reached.

    BiCGStab may end in the middle of an iteration, after the first of its two cycles: half an iteration.
    """

    iterations: float
    first: float
    last: float
    reached: bool

    @property
    def contraction(self) -> float:
        """Mean factor by which one iteration reduced the residual."""
        if self.iterations == 0 or self.first == 0 or self.last == 0:
            return 0.0
        return float((self.last / self.first) ** (1.0 / self.iterations))


class Krylov:
    """Work vectors and operator of one system A x = b, A given by face coefficients.

    Parameters
    ----------
    backend : Backend
        Double precision.
    multigrid : Multigrid
        Its operator is that of `g` and `m` (after `Multigrid.update`).
    """

    def __init__(self, backend: Any, multigrid: Multigrid) -> None:
        self.be = backend.with_dtype("f8")
        self.mg = multigrid
        n = multigrid.levels[0].n
        self.n, self.cells = n, multigrid.levels[0].cells
        shape = (n[2] + 2, n[1] + 2, n[0] + 2)
        self.all = tuple(reversed(shape))
        names = ("r", "p", "q", "rh", "h") if multigrid.advected else ("r", "p")
        self.w = {name: self.be.zeros(shape) for name in names}
        self.w["t" if multigrid.advected else "q"] = multigrid.workspace  # written and read between two cycles
        self.z = multigrid.be.zeros(shape)
        self.g: Three
        self.m: Three | None = None
        self.poll: Callable[[], None] = lambda: None  # called once an iteration; may raise to end a solve
        self.correction: tuple[Any, ...] | None = None  # metrics and weights of weighted_advection
        self.coupling: Callable[[float, Any, Any], None] | None = None  # (s, x, r): r += s C x, the operator is A - C

    def update(self, g: Three, m: Three | None = None, singular: bool = False) -> None:
        """Set the operator and rebuild its multigrid hierarchy."""
        self.g, self.m = g, m
        self.mg.update(g, m, singular)

    def residual(self, x: Any, b: Any, r: Any) -> None:
        """r = b - A x."""
        solved = self._clean(r)
        if self.m is None:
            self.be.launch("residual", *self.n, x, *self.g, solved, b, r)
        else:
            self.be.launch("residual_advected", *self.n, x, *self.g, *self.m, solved, b, r)
            self._correct(1.0, x, r)
        if self.coupling is not None:
            self.coupling(1.0, x, r)

    def _apply(self, x: Any, y: Any) -> None:
        """y = A x."""
        solved = self._clean(y)
        if self.m is None:
            self.be.launch("apply", *self.cells, x, *self.g, solved, y)
        else:
            self.be.launch("apply_advected", *self.cells, x, *self.g, *self.m, solved, y)
            self._correct(-1.0, x, y)
        if self.coupling is not None:
            self.coupling(-1.0, x, y)

    def _clean(self, y: Any) -> Any:
        """Remove from the ghosts of `y` what a cycle left there; returns which rows are equations."""
        if y is self.mg.workspace:
            y.fill(0)
        return self.mg.levels[0].solved

    def _correct(self, sign: float, x: Any, r: Any) -> None:
        if self.correction is not None and self.m is not None:
            axis, *arrays = self.correction
            self.be.launch("weighted_advection", *self.n, axis, sign, *arrays, *self.m, x, r)

    def _norm(self, a: Any) -> float:
        value = float(np.sqrt(self.be.dot(a, a)))
        if not np.isfinite(value):
            raise LinearSolverError("the residual is not finite")
        return value

    def cg(self, x: Any, b: Any, relative: float, absolute: float = 0.0, most: int = 100) -> Result:
        """Conjugate gradients for a symmetric operator, from the `x` given, until |r| <= max(relative |r0|, absolute)."""
        r, p, q = self.w["r"], self.w["p"], self.w["q"]
        self.residual(x, b, r)
        first = norm = self._norm(r)
        goal = max(relative * first, absolute)
        rho, step, before, count = 1.0, 0.0, norm, 0
        while norm > goal and count < most:
            self.poll()
            self.mg.apply(r, self.z, 1.0 / norm)
            new = self.be.dot(r, self.z) * norm
            beta = 0.0
            if count:  # in a K-cycle z is no linear function of r: Polak-Ribiere instead of Fletcher-Reeves
                beta = -step * self.be.dot(q, self.z) * norm / rho if self.mg.strong else new / rho
            self.be.launch("step_direction", *self.all, beta * before / norm, self.z, p)  # of the residual scaled to unit size
            rho, before = new, norm
            self._apply(p, q)
            curvature = self.be.dot(p, q)
            if not curvature > 0.0:
                raise LinearSolverError(f"the system is singular: no resistance along a search direction, residual {norm:.1e}")
            step = rho / (norm * curvature)
            self.be.launch("step_solution", *self.all, step, p, q, x, r)
            norm = self._norm(r)
            count += 1
            if count >= PATIENCE and not self.mg.strong and norm > max(goal, first * SLOW**count):
                self.mg.strengthen()
                q = self.w["q"] = self.be.zeros(q.shape)  # now needed after the next cycle
        return self._done(count, first, norm, goal)

    def _done(self, count: float, first: float, last: float, goal: float) -> Result:
        return Result(count, first, last, last <= goal)

    def _precondition(self, r: Any, h: Any) -> None:
        norm = self._norm(r)
        if norm == 0.0:
            h.fill(0)
            return
        self.mg.apply(r, self.z, 1.0 / norm)
        self.be.launch("scale_to_double", *self.all, norm, self.z, h)

    def bicgstab(self, x: Any, b: Any, relative: float, absolute: float = 0.0, most: int = 100) -> Result:
        """BiCGStab for an operator that is not symmetric, from the `x` given, until |r| <= max(relative |r0|, absolute)."""
        if "h" not in self.w:  # not advected, but coupled
            self.w |= {name: self.be.zeros(b.shape) for name in ("q", "rh", "h")} | {"t": self.mg.workspace}
        r, p, v, rh, t, h = (self.w[name] for name in ("r", "p", "q", "rh", "t", "h"))
        self.residual(x, b, r)
        first = norm = self._norm(r)
        goal = max(relative * first, absolute)
        rh[...] = r
        p[...] = r
        rho, count = norm * norm, 0
        while norm > goal and count < most:
            self.poll()
            self._precondition(p, h)
            self._apply(h, v)
            along = self.be.dot(rh, v)
            if along == 0.0:
                raise LinearSolverError(f"BiCGStab broke down at a residual of {norm:.1e}: the system may be singular")
            alpha = rho / along
            self.be.launch("step_solution", *self.all, alpha, h, v, x, r)
            norm = self._norm(r)
            if norm <= goal:
                return self._done(count + 0.5, first, norm, goal)
            count += 1
            self._precondition(r, h)
            self._apply(h, t)
            omega = self.be.dot(t, r) / (self.be.dot(t, t) or 1.0)
            self.be.launch("step_solution", *self.all, omega, h, t, x, r)
            norm = self._norm(r)
            new = self.be.dot(rh, r)
            if count >= PATIENCE and not self.mg.strong and norm > max(goal, first * SLOW ** (2 * count)):
                self.mg.strengthen()
            beta = new / rho * alpha / omega if omega else np.inf
            rho = new
            if abs(rho) < 1e-30 * first * first or not np.isfinite(beta):  # breakdown: start afresh from this x
                rh[...] = r
                p[...] = r
                rho = norm * norm
                continue
            self.be.launch("step_bicgstab", *self.all, beta, omega, r, v, p)
        return self._done(count, first, norm, goal)
