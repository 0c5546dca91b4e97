"""Aided mixed convection between vertical plates of two temperatures: exact developed profiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import SIDES, box_mesh, check, check_order, run, settings, symmetric

from coldrack.solver.problem import Boundary, ConstantCoolant, Problem

SOURCE = "Aung & Worku, J. Heat Transfer 108 (1986) 485"
REYNOLDS, PRANDTL = 10.0, 0.7
LENGTH = 12.0  # widths: the start dies away as exp(-pi^2 y / (Re Pr)), 3e-6 at three quarters of it


def channel(cells: int, buoyancy: float) -> Problem:
    """Air enters from below at speed 1 and the temperature 0 of the plate x = 0; the plate x = 1 has 1. `buoyancy` is Gr/Re."""
    mesh = box_mesh(np.linspace(0.0, 1.0, cells + 1), np.linspace(0.0, LENGTH, 4 * cells + 1), np.array([0.0, 0.1]),
                    sides=list(SIDES))
    nu = 1.0 / REYNOLDS
    air = ConstantCoolant(rho=1.2, mu=1.2 * nu, k=1.2 * nu / PRANDTL, cp=1.0, beta=0.01)
    boundaries = [Boundary("y0", "inlet", velocity=1.0, temperature=0.0), Boundary("y1", "outlet"),
                  Boundary("x0", "wall", temperature=0.0), Boundary("x1", "wall", temperature=1.0), *symmetric("z0", "z1")]
    return Problem(f"mixed convection, Gr/Re {buoyancy:g}", mesh, air, {}, boundaries=boundaries, reference_temperature=0.0,
                   gravity=(0.0, -buoyancy * nu / 0.01, 0.0), settings=settings(residual=1e-6, tolerance=1e-5))


def error(solution: Any, buoyancy: float) -> tuple[float, float]:
    """Largest differences of velocity (mean 1; means over faces) and temperature at three quarters of the height."""
    x = solution.problem.mesh.grid.x
    total = 3.0 * x**2 - 2.0 * x**3 + buoyancy / 12.0 * (x**3 - 0.5 * x**4 - 0.5 * x**2)
    j = round(0.75 * (solution.v.shape[1] - 1))
    v = abs(solution.v[0, j] - np.diff(total) / np.diff(x)).max()
    return float(v), float(abs(solution.temperature[0, j] - solution.problem.mesh.grid.centres[0]).max())


@pytest.mark.parametrize("buoyancy", [36.0, 66.0])
def test_vertical_channel(buoyancy: float) -> None:
    """u = 6Y(1 - Y) + Gr/Re (3Y^2 - 2Y^3 - Y)/12 and a linear temperature; beyond Gr/Re = 72 it would fall at the cold plate.

    24 cells; the heat that each plate gives is the other's, so the books close.
    """
    solution = run(channel(24, buoyancy))
    v, t = error(solution, buoyancy)
    check(f"mixed convection, Gr/Re {buoyancy:g}, velocity over the mean", v, 0.001, SOURCE)
    check(f"mixed convection, Gr/Re {buoyancy:g}, temperature", t, 0.001, SOURCE)
    assert abs(solution.ledger["heat_relative"]) < 1e-8
    assert solution.v[0, -10, 0] > 0


def test_order() -> None:
    """Second order between 12 and 24 cells."""
    errors = [error(run(channel(n, 66.0)), 66.0)[0] for n in (12, 24)]
    check_order("mixed convection, Gr/Re 66, velocity order", errors, [1 / 12, 1 / 24], 1.9, SOURCE)
