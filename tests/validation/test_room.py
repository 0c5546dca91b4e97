"""Room with a jet along the ceiling: the isothermal two-dimensional case of IEA Annex 20."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator
from support import box_mesh, check, join_faces, record, run, settings, symmetric, table, whole_face

from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Turbulence

SOURCE = "Restivo (1979); Nielsen, IEA Annex 20 (1990)"
SPEED = 0.455  # m/s, of the inlet: Re 5000 on its height


def room(cells: tuple[int, int, int, int]) -> Problem:
    """9 m x 3 m, inlet y > 2.832 m at x = 0, outlet y < 0.48 m at x = 9 m; cells along x, and up to those planes and above."""
    nx, low, middle, high = cells
    y = join_faces(np.linspace(0.0, 0.48, low + 1), np.linspace(0.48, 2.832, middle + 1), np.linspace(2.832, 3.0, high + 1))
    mesh = box_mesh(np.linspace(0.0, 9.0, nx + 1), y, np.array([0.0, 1.0]), sides=["z0", "z1"])
    height = mesh.grid.centres[1][None, :]
    whole_face(mesh, "in", 0, 0, height > 2.832)
    whole_face(mesh, "out", 0, 1, height < 0.48)
    supply = Boundary("in", "inlet", velocity=SPEED, turbulence_intensity=0.04, turbulence_length=0.0168)
    return Problem("room", mesh, ConstantCoolant(1.2, 1.2 * 15.3e-6, 0.026, 1005.0), {},
                   boundaries=[supply, Boundary("out", "outlet"), *symmetric("z0", "z1")], turbulence=Turbulence("k_epsilon"),
                   settings=settings(energy=False, residual=1e-5, tolerance=1e-4))


def along(solution: Any, line: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinate, computed and measured u/u0 on a line of the data, "x=3 m" or "floor y=0.084 m"."""
    data = table("nielsen_restivo_room")
    rows = data[data["line"] == line]
    grid, s = solution.problem.mesh.grid, rows["coordinate_m"]
    u = 0.5 * (solution.u[0, :, 1:] + solution.u[0, :, :-1]) / SPEED
    value = float(line.split("=")[1].split()[0])
    points = np.stack([s, np.full_like(s, value)] if "x=" in line else [np.full_like(s, value), s], axis=1)
    inner = RegularGridInterpolator((grid.centres[1], grid.centres[0]), u, bounds_error=False, fill_value=None)
    return s, inner(points), rows["u_over_u0"]


@pytest.mark.parametrize("cells", [(64, 8, 34, 6), pytest.param((120, 12, 60, 8), marks=pytest.mark.slow)])
def test_room(cells: tuple[int, int, int, int]) -> None:
    """Peak of the jet within 10 % at x = 3 and 6 m, return flow below 2 m within 0.05 u0 (root mean square)."""
    solution = run(room(cells))
    name = f"room, {cells[0]} x {sum(cells[1:])} cells"
    for line in ("x=3 m", "x=6 m"):
        y, u, exact = along(solution, line)
        check(f"{name}, {line}, peak of the jet", abs(u.max() / exact.max() - 1.0), 0.10, SOURCE)
        back = (u - exact)[y < 2.0]
        check(f"{name}, {line}, return flow, rms", float(np.sqrt(np.mean(back**2))), 0.05, SOURCE)
    for line in ("floor y=0.084 m", "ceiling y=2.916 m"):
        _, u, exact = along(solution, line)
        record(f"{name}, {line}, rms", float(np.sqrt(np.mean((u - exact) ** 2))), None, SOURCE)
