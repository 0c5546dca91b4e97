"""Backward-facing step at Re 800 (Gartling's outflow problem)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import SIDES, box_mesh, check, join_faces, run, settings, symmetric, table, unit_fluid, whole_face

from coldrack.solver.problem import Boundary, Problem

SOURCE = "Gartling, Int. J. Numer. Meth. Fluids 11 (1990) 953"


def solve_step(cells: int, length: float) -> Any:
    """Channel of height 1 behind a step of half its height, parabola of mean 1 above it, `cells` over the height."""
    y = np.linspace(-0.5, 0.5, cells + 1)
    dx = 1.25 / cells
    near = np.linspace(0.0, 12.0, round(12.0 / dx) + 1)
    widths = dx * 1.03 ** np.arange(1, 400)
    far = np.cumsum(widths)
    count = int(np.searchsorted(far, length - 12.0)) + 1
    far = 12.0 + np.concatenate([[0.0], far[:count]]) * (length - 12.0) / far[count - 1]
    mesh = box_mesh(join_faces(near, far), y, np.array([0.0, 0.1]), sides=[s for s in SIDES if s != "x0"])
    yc = mesh.grid.centres[1]
    whole_face(mesh, "inlet", 0, 0, (yc > 0)[None, :])

    def parabola(px: np.ndarray, py: np.ndarray, pz: np.ndarray) -> tuple[np.ndarray, ...]:
        u = 24.0 * py * (0.5 - py) + 0.0 * px + 0.0 * pz
        return u, 0.0 * u, 0.0 * u

    boundaries = [Boundary("inlet", "inlet", velocity=parabola), Boundary("x1", "outlet"), *symmetric("z0", "z1")]
    problem = Problem("backward-facing step, Re 800", mesh, unit_fluid(1.0 / 800.0), {}, boundaries=boundaries,
                      settings=settings(energy=False, residual=1e-7, tolerance=1e-6))
    return run(problem)


def reattachment(solution: Any) -> float:
    """Where the wall shear behind the step turns positive, in channel heights.

    The shear is the slope at the wall of the parabola through the wall and two cells, 9 u_1 - u_2: the zero of u_1 alone lies
    a share of the cell upstream.
    """
    x, u = solution.problem.mesh.grid.x, 9.0 * solution.u[0, 0, :] - solution.u[0, 1, :]
    last = int(np.flatnonzero((u[:-1] < 0) & (u[1:] >= 0) & (x[1:] > 1.0))[0])
    return float(x[last] - u[last] * (x[last + 1] - x[last]) / (u[last + 1] - u[last]))


def profile_error(solution: Any) -> float:
    """Largest difference of u(y) at x = 7 and 15 from the reference profiles."""
    grid = solution.problem.mesh.grid
    data = table("bfs_re800_profiles")
    worst = 0.0
    for at, column in ((7.0, "u_x7_own128"), (15.0, "u_x15_own128")):
        i = int(np.clip(np.searchsorted(grid.x, at) - 1, 0, grid.x.size - 2))
        weight = (at - grid.x[i]) / (grid.x[i + 1] - grid.x[i])
        line = (1 - weight) * solution.u[0, :, i] + weight * solution.u[0, :, i + 1]
        value = np.interp(data["y"], np.concatenate([[-0.5], grid.centres[1], [0.5]]), np.concatenate([[0], line, [0]]))
        worst = max(worst, float(np.abs(value - data[column]).max()))
    return worst


def test_step_coarse() -> None:
    """32 cells over the height, the quick twin: reattachment within 5 % of 6.10 heights, profiles within 0.03.

    The independent second-order code of bfs_reattachment.csv, without a limiter, is 2.9 % short on 32 cells, its profiles
    0.015 off; the limiter adds to that at the jet's peak on so coarse a grid.
    """
    solution = solve_step(32, 20.0)
    check("backward step Re 800, 32 cells, reattachment", abs(reattachment(solution) / 6.10 - 1), 0.05, SOURCE)
    check("backward step Re 800, 32 cells, profiles", profile_error(solution), 0.03, SOURCE)


@pytest.mark.slow
def test_step() -> None:
    """64 cells over the height: reattachment within 1 % of 6.10 heights, profiles within 0.012.

    The independent second-order code of bfs_reattachment.csv, without a limiter, is 0.6 % short on 64 cells, its profiles
    0.004 off. Ours fall with order 1.85 from 32 cells.
    """
    solution = solve_step(64, 20.0)
    check("backward step Re 800, 64 cells, reattachment", abs(reattachment(solution) / 6.10 - 1), 0.01, SOURCE)
    check("backward step Re 800, 64 cells, profiles", profile_error(solution), 0.012, SOURCE)
