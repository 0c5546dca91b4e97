"""Lid-driven cavity at Re 1000 and heated cavity at Ra 1e6, uniform cells: steady flow to residuals of 1e-6.

Values: the smallest u on the vertical centre line, by a spline through the cells' values; the Nusselt number of the hot wall.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.benchmarks.clock import Clock
from coldrack.benchmarks.ours import solve_timed
from coldrack.benchmarks.registry import OURS, Case, Measurement

REYNOLDS, RESIDUAL = 1000.0, 1e-6
U_MIN = -0.3885698  # Botella & Peyret, Comput. Fluids 27 (1998) 421
RAYLEIGH, PRANDTL, MIDDLE = 1e6, 0.71, 300.0  # the latter in K, half a kelvin from either wall's
NUSSELT = 8.8252  # Le Quéré, Comput. Fluids 20 (1991) 29


def square(n: int, walls: tuple[str, ...]) -> Any:
    """Mesh of a unit square of fluid, one cell thick, with patches on the sides named ("x0", "x1", "y0", "y1") and z0, z1."""
    from coldrack.meshes.grid import Grid
    from coldrack.meshes.mesh import Mesh, Patch

    faces = np.linspace(0.0, 1.0, n + 1)
    grid = Grid(faces, faces, np.array([0.0, 0.1]))
    shapes = {"x": (1, n), "y": (1, n), "z": (n, n)}
    patches = {s: Patch(s, "xyz".index(s[0]), int(s[1]), np.ones(shapes[s[0]], bool)) for s in (*walls, "z0", "z1")}
    return Mesh(grid, np.ones(grid.shape, np.uint8), ["void", "fluid"], np.zeros(grid.shape, np.uint16), [], patches)


def lid_cavity(n: int) -> Any:
    """The problem: lid at y = 1 moving along x at 1."""
    from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Settings

    boundaries = [Boundary("y1", "wall", velocity=(1.0, 0.0, 0.0)), *(Boundary(s, "symmetry") for s in ("z0", "z1"))]
    fluid: Any = ConstantCoolant(rho=1.0, mu=1.0 / REYNOLDS, k=1.0 / REYNOLDS, cp=1.0)
    settings = Settings(residual=RESIDUAL, max_iterations=20000, unit_responses=False, energy=False)
    return Problem(f"lid cavity {n} x {n}", square(n, ("y1",)), fluid, {}, boundaries=boundaries, settings=settings)


def heated_cavity(n: int) -> Any:
    """The problem: air between a hot wall (x = 0) and a cold one, in units of the free-fall speed."""
    from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Settings

    nu = (PRANDTL / RAYLEIGH) ** 0.5
    boundaries = [Boundary("x0", "wall", temperature=MIDDLE + 0.5), Boundary("x1", "wall", temperature=MIDDLE - 0.5),
                  *(Boundary(s, "symmetry") for s in ("z0", "z1"))]
    fluid: Any = ConstantCoolant(rho=1.0, mu=nu, k=nu / PRANDTL, cp=1.0, beta=1.0)
    settings = Settings(residual=RESIDUAL, max_iterations=20000, unit_responses=False)
    return Problem(f"heated cavity {n} x {n}", square(n, ("x0", "x1")), fluid, {}, boundaries=boundaries, settings=settings,
                   reference_temperature=MIDDLE, property_temperature=MIDDLE, gravity=(0.0, -1.0, 0.0))


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
    """One solution of the lid cavity by one solver."""
    if solver == "openfoam":
        from coldrack.benchmarks.peers.openfoam_flow import solve_lid as peer

        return peer(n, RESIDUAL, U_MIN)
    solution, clock = _solve(lid_cavity, n)
    value = centre_minimum(solution.problem.mesh.grid.centres[1], solution.u[0, :, n // 2])
    return Measurement(n * n, clock.cpu, clock.wall, solution.iterations, clock.peak, value, U_MIN)


def solve_heated(solver: str, n: int) -> Measurement:
    """One solution of the heated cavity by one solver."""
    if solver == "openfoam":
        from coldrack.benchmarks.peers.openfoam_flow import solve_heated as peer

        return peer(n, RESIDUAL, RAYLEIGH, NUSSELT)
    solution, clock = _solve(heated_cavity, n)
    value = hot_nusselt(solution.temperature[0] - MIDDLE)
    return Measurement(n * n, clock.cpu, clock.wall, solution.iterations, clock.peak, value, NUSSELT)


def _solve(make: Any, n: int) -> tuple[Any, Clock]:
    from coldrack import solve

    solve(make(8))  # builds and loads the kernels
    return solve_timed(make(n))


BOTH = (OURS, "openfoam")
LOWEST, HOT = "smallest u on the vertical centre line over the lid's speed", "Nusselt number of the hot wall"
CASES = [
    Case("lid-16", solve_lid, BOTH, LOWEST, {"n": 16}, quick=True, full=False),
    Case("lid-128", solve_lid, BOTH, LOWEST, {"n": 128}),
    Case("lid-256", solve_lid, BOTH, LOWEST, {"n": 256}),
    Case("heated-32", solve_heated, BOTH, HOT, {"n": 32}, quick=True, full=False),
    Case("heated-128", solve_heated, BOTH, HOT, {"n": 128}),
]
