"""Lid-driven cavity at Re 1000, uniform cells: steady flow to residuals of 1e-6.

The value is the smallest u on the vertical centre line, found by a spline through the cells' values. The heated cavity
(Ra 1e6; `peers.openfoam_flow.solve_heated` is its peer, `hot_nusselt` its value) joins when coldrack has buoyancy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.benchmarks.clock import Clock
from coldrack.benchmarks.registry import OURS, BenchmarkError, Case, Measurement

REYNOLDS, RESIDUAL = 1000.0, 1e-6
U_MIN = -0.3885698  # Botella & Peyret, Comput. Fluids 27 (1998) 421
NUSSELT = 8.8252  # Ra 1e6, Pr 0.71; Le Quéré, Comput. Fluids 20 (1991) 29


def lid_cavity(n: int) -> Any:
    """The problem: unit square, one cell thick, lid at y = 1 moving along x at 1."""
    from coldrack.meshes.grid import Grid
    from coldrack.meshes.mesh import Mesh, Patch
    from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Settings

    faces = np.linspace(0.0, 1.0, n + 1)
    grid = Grid(faces, faces, np.array([0.0, 0.1]))
    sides = {"lid": (1, 1), "back": (2, 0), "front": (2, 1)}
    shapes = {1: (1, n), 2: (n, n)}
    patches = {name: Patch(name, axis, side, np.ones(shapes[axis], bool)) for name, (axis, side) in sides.items()}
    mesh = Mesh(grid, np.ones(grid.shape, np.uint8), ["void", "fluid"], np.zeros(grid.shape, np.uint16), [], patches)
    boundaries = [Boundary("lid", "wall", velocity=(1.0, 0.0, 0.0)), *(Boundary(s, "symmetry") for s in ("back", "front"))]
    fluid: Any = ConstantCoolant(rho=1.0, mu=1.0 / REYNOLDS, k=1.0 / REYNOLDS, cp=1.0)
    settings = Settings(tolerance=1e-4, residual=RESIDUAL, max_iterations=20000, unit_responses=False, energy=False)
    return Problem(f"lid cavity {n} x {n}", mesh, fluid, {}, boundaries=boundaries, settings=settings)


def centre_minimum(y: Any, u: Any) -> float:
    """Smallest value of a spline through u on the centre line and the walls' values."""
    from scipy.interpolate import CubicSpline
    from scipy.optimize import minimize_scalar

    line = CubicSpline(np.concatenate([[0.0], y, [1.0]]), np.concatenate([[0.0], u, [1.0]]))
    low = y[np.argmin(u)]
    return float(minimize_scalar(line, bounds=(low - 0.05, low + 0.05), method="bounded", options={"xatol": 1e-10}).fun)


def hot_nusselt(temperature: Any) -> float:
    """Nusselt number of the hot wall (x = 0, at 0.5) of a unit square, from cell values of shape (ny, nx)."""
    return float(np.mean(0.5 - temperature[:, 0]) * 2 * temperature.shape[1])


def solve_lid(solver: str, n: int) -> Measurement:
    """One solution by one solver."""
    if solver == "openfoam":
        from coldrack.benchmarks.peers.openfoam_flow import solve_lid as peer

        return peer(n, RESIDUAL, U_MIN)
    from coldrack import solve

    solve(lid_cavity(8), progress=None)  # builds and loads the kernels
    problem = lid_cavity(n)
    with Clock() as clock:
        solution = solve(problem)
    if not solution.converged:
        raise BenchmarkError(f"not converged: {solution.reason}")
    value = centre_minimum(problem.mesh.grid.centres[1], solution.u[0, :, n // 2])
    return Measurement(n * n, clock.cpu, clock.wall, solution.iterations, clock.peak, value, U_MIN)


QUANTITY = "smallest u on the vertical centre line over the lid's speed"
CASES = [
    Case("lid-16", solve_lid, (OURS, "openfoam"), QUANTITY, {"n": 16}, quick=True, full=False),
    Case("lid-128", solve_lid, (OURS, "openfoam"), QUANTITY, {"n": 128}),
    Case("lid-256", solve_lid, (OURS, "openfoam"), QUANTITY, {"n": 256}),
]
