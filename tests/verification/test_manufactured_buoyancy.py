"""Flow, temperature and buoyancy together on a manufactured solution, uniform and stretched grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import (
    SIDES,
    analytic,
    box_mesh,
    cell_points,
    check_order,
    face_points,
    l2_error,
    record,
    run,
    settings,
    tanh_faces,
)

from coldrack.meshes.grid import Grid
from coldrack.solver.problem import Boundary, ConstantCoolant, Problem

NU, ALPHA, GBETA = 0.2, 0.3, 20.0
RHO, CP, GRAVITY = 2.0, 3.0, 9.81  # not 1, so that a forgotten factor shows
SOURCE = "analytic.mms_boussinesq"


def fields(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> Any:
    """(u, v, w, p, T) and their sources; gravity along -y."""
    return analytic.mms_boussinesq(x, y, z, nu=NU, alpha=ALPHA, gbeta=GBETA)


def mean(function: Any, grid: Grid, points: tuple[np.ndarray, ...], axis: int) -> np.ndarray:
    """Mean over every face normal to `axis` (3: over every cell), two Gauss points an axis."""
    shifts = [0.5 / np.sqrt(3.0) * h.reshape([-1 if 2 - d == n else 1 for n in range(3)]) for d, h in enumerate(grid.widths)]
    total, count = 0.0, 0
    signs = [(0,) if d == axis else (-1, 1) for d in range(3)]
    for a in signs[0]:
        for b in signs[1]:
            for c in signs[2]:
                at = [p + s * h if s else p for p, s, h in zip(points, (a, b, c), shifts)]
                total, count = total + function(*at), count + 1
    return np.asarray(total) / count


def solve_on(n: int, kind: str) -> tuple[float, float, float]:
    """L2 errors of velocity, temperature and pressure (without its mean, over the density)."""
    f = np.linspace(0.0, 1.0, n + 1) if kind == "uniform" else tanh_faces(n, 0.0, 1.0, 1.0)
    mesh = box_mesh(f, f, f, sides=list(SIDES))
    grid = mesh.grid
    force = tuple(mean(lambda x, y, z, a=a: RHO * fields(x, y, z)[1][a], grid, face_points(grid, a), a) for a in range(3))
    heat = mean(lambda x, y, z: RHO * CP * fields(x, y, z)[1][3], grid, cell_points(grid), 3)
    walls = [Boundary(s, "wall", velocity=lambda x, y, z: fields(x, y, z)[0][:3], temperature=1.0) for s in SIDES]
    coolant = ConstantCoolant(RHO, RHO * NU, RHO * CP * ALPHA, CP, beta=GBETA / GRAVITY)
    problem = Problem("manufactured buoyancy", mesh, coolant, {}, boundaries=walls, reference_temperature=0.0,
                      gravity=(0.0, -GRAVITY, 0.0), momentum_source=force, volumetric_heat=heat,
                      settings=settings(residual=1e-7, tolerance=1e-6))
    solution = run(problem)
    squares = [l2_error(numeric, fields(*face_points(grid, a))[0][a]) ** 2
               for a, numeric in enumerate((solution.u, solution.v, solution.w))]
    exact, volume = fields(*cell_points(grid))[0], grid.volumes()
    p, q = solution.pressure / RHO, exact[3]
    p, q = (a - (a * volume).sum() / volume.sum() for a in (p, q))
    return float(np.sqrt(sum(squares))), l2_error(solution.temperature, exact[4], volume), l2_error(p, q, volume)


@pytest.mark.parametrize("kind", ["uniform", "stretched"])
def test_manufactured_buoyancy(kind: str) -> None:
    """Velocity and temperature of order >= 1.9 between 12^3 and 24^3, pressure clearly better than first order."""
    sizes = (12, 24)
    errors = [solve_on(n, kind) for n in sizes]
    steps = [1.0 / n for n in sizes]
    for index, (what, least) in enumerate((("velocity", 1.9), ("temperature", 1.9), ("pressure", 1.4))):
        check_order(f"manufactured buoyancy, {kind}, {what} order", [e[index] for e in errors], steps, least, SOURCE)
        record(f"manufactured buoyancy, {kind}, {what} error on {sizes[-1]} cells", errors[-1][index], None, SOURCE)
