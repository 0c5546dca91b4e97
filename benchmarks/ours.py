"""coldrack's side of the benchmarks: the only place here that knows its linear solvers, and whole solutions with their time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from coldrack.benchmarks.clock import Clock
from coldrack.benchmarks.registry import BenchmarkError
from coldrack.benchmarks.systems import INNER, Array, System
from coldrack.kernels import get_backend
from coldrack.solver.linear.coarsening import Axis
from coldrack.solver.linear.krylov import Krylov
from coldrack.solver.linear.multigrid import Multigrid

MOST = 400  # iterations


def solve_system(system: System, relative: float, device: str = "auto") -> tuple[list[float], Array, Clock]:
    """Solve for each right-hand side in turn until the residual's 2-norm is below `relative` of it; set up once.

    Returns
    -------
    iterations : list of float
        Of each right-hand side; half of one where BiCGStab ends after the first of its two cycles.
    x : ndarray, shape (nz, ny, nx)
        The last solution.
    clock : Clock
        Of set-up and solves.
    """
    be = get_backend(device)
    axes = tuple(Axis(np.asarray(w), np.asarray(f)) for w, f in zip(system.widths, system.planes))
    here = be.xp is np  # then the system's arrays are taken as they are, as other solvers take their matrix
    g = tuple(a if here else be.asarray(a) for a in system.g)
    m = tuple(a if here else be.asarray(a) for a in system.m) if system.m is not None else None
    x, b = be.zeros(system.g[0].shape), be.zeros(system.g[0].shape)
    iterations = []
    with Clock() as clock:
        krylov = Krylov(be, Multigrid(be, axes, m is not None))  # type: ignore[arg-type]
        krylov.update(g, m)
        for right in system.b:
            b[INNER] = be.asarray(right)
            method = krylov.cg if m is None else krylov.bicgstab
            result = method(x, b, 0.0, relative * float(np.linalg.norm(right)), MOST)
            if not result.reached:
                raise BenchmarkError(f"not converged: residual {result.last:.1e} after {result.iterations:g} iterations, "
                                     f"from {result.first:.1e}")
            iterations.append(result.iterations)
        be.synchronize()
    return iterations, np.array(be.to_numpy(x)[INNER]), clock


def solve_timed(problem: Any, device: str = "auto") -> tuple[Any, Clock]:
    """Solution of a whole problem, and the time it took."""
    from coldrack import solve

    with Clock() as clock:
        solution = solve(problem, device)
    if not solution.converged:
        raise BenchmarkError(f"not converged: {solution.reason}")
    return solution, clock


def follow(problem: Any, look: Callable[[Array, Array], Any], device: str = "auto") -> tuple[list[tuple[Any, ...]], Clock]:
    """Solve a problem of a buoyant flow and look at it after every iteration of the flow, whether it settles or not.

    Parameters
    ----------
    problem : Problem
    look : callable
        Of the temperature's rise over the reference, shape (nz, ny, nx), and v, (nz, ny + 1, nx), on the host.

    Returns
    -------
    seen : list of tuple
        What `look` returned, followed by the cpu and the wall seconds since the start.
    clock : Clock
        Of the whole run.
    """
    from coldrack.solver.run import _begin

    seen: list[tuple[Any, ...]] = []

    def stop() -> bool:
        count = run.monitor.flow_total
        if count > len(seen) and run.energy is not None:
            host = run.backend.to_numpy
            at = look(host(run.energy.rise)[INNER], run.layout.faces(host(run.flow.velocity[1]), 1))
            seen.append((*at, clock.lap(), time.perf_counter() - clock.started))
        return False

    with Clock() as clock:
        be = get_backend(device)
        run = _begin(problem, be, "f8", None, stop, None, None)
        run.go()
    return seen, clock


def warm_up(system: Any, device: str = "auto") -> None:
    """Have kernels built and loaded before anything is timed."""
    solve_system(system, 1e-3, device)


def about(device: str) -> dict[str, Any]:
    """Details of a measurement: the device, and what its own memory held at most."""
    be = get_backend(device)
    return {"device": be.description, **({"device_bytes": be.held()} if be.held() else {})}
