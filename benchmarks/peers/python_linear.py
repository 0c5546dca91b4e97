"""pyamg and scipy on the CSR matrix of a `System`. Each returns iterations, solution, clock and details."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.benchmarks.clock import Clock
from coldrack.benchmarks.registry import BenchmarkError
from coldrack.benchmarks.systems import Array, System

Solved = tuple[list[int] | None, Array, Clock, dict[str, Any]]
MOST = 5000


def pyamg(system: System, relative: float) -> Solved:
    """Ruge-Stuben multigrid as the preconditioner of CG, or of BiCGStab for an advected operator."""
    import pyamg as library

    x: Any = None
    matrix, counts = system.matrix(), []
    accelerator = "cg" if system.m is None else "bicgstab"
    with Clock() as clock:
        levels = library.ruge_stuben_solver(matrix, max_coarse=500)
        setup = clock.lap()
        for b in system.b:
            residuals: list[float] = []
            x = levels.solve(b.ravel(), x0=x, tol=relative, accel=accelerator, maxiter=500, residuals=residuals)
            counts.append(len(residuals) - 1)
    return counts, x.reshape(system.shape), clock, {"setup_cpu_seconds": setup, "method": f"Ruge-Stuben + {accelerator}"}


def scipy(system: System, relative: float) -> Solved:
    """CG, or BiCGStab, with the diagonal as preconditioner."""
    import scipy.sparse.linalg as linalg

    x: Any = None
    matrix, counts = system.matrix(), []
    method = linalg.cg if system.m is None else linalg.bicgstab
    with Clock() as clock:
        inverse = 1.0 / matrix.diagonal()
        jacobi = linalg.LinearOperator(matrix.shape, lambda v: inverse * np.ravel(v))
        for b in system.b:
            count: list[None] = []
            x, failed = method(matrix, b.ravel(), x0=x, rtol=relative, atol=0.0, maxiter=MOST, M=jacobi,
                               callback=lambda _, count=count: count.append(None))
            if failed:
                raise BenchmarkError(f"not converged in {MOST} iterations")
            counts.append(len(count))
    return counts, x.reshape(system.shape), clock, {"method": f"Jacobi + {method.__name__}"}

