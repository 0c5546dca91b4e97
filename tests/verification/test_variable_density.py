"""Natural convection with large temperature differences: density by the ideal-gas law, low Mach number.

Reference: Le Quere et al., Modelling of natural convection flows with large temperature differences: a benchmark problem
for low Mach number solvers. Part 1, ESAIM: M2AN 39 (2005) 609, test case T1: square cavity, Rayleigh number 1e6, Prandtl
number 0.71, (T_hot - T_cold) / (T_hot + T_cold) = 0.6, constant viscosity and conductivity: mean Nusselt number 8.85978,
pressure over that of the gas at rest and at the mean temperature 0.856338. The values are quoted from memory of that paper.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coldrack import solve
from coldrack.meshes.grid import Grid
from coldrack.meshes.mesh import Mesh, Patch
from coldrack.solver.problem import Boundary, IdealGas, Problem, Settings

NUSSELT, PRESSURE = 8.85978, 0.856338
MIDDLE, GAS_CONSTANT, CP, PRANDTL, GRAVITY = 600.0, 287.0, 1004.5, 0.71, 9.81


def cavity(n: int, rayleigh: float, share: float, properties: Any) -> tuple[Problem, float]:
    """The problem, and the heat flow through a metre of wall that Nusselt numbers refer to."""
    rho = 101325.0 / (GAS_CONSTANT * MIDDLE)
    mu = np.sqrt(PRANDTL * GRAVITY * rho**2 * 2 * share / rayleigh)
    k = mu * CP / PRANDTL
    grid = Grid(*(np.linspace(0.0, 1.0, m + 1) for m in (n, n, 1)))
    sides = [Patch(f"{'xyz'[a]}{s}", a, s, np.ones([m for d, m in enumerate(grid.shape) if d != 2 - a], bool))
             for a in (0, 2) for s in (0, 1)]
    patches = {p.name: p for p in sides}
    mesh = Mesh(grid, np.ones(grid.shape, np.uint8), ["void", "fluid"], np.zeros(grid.shape, np.uint16), [], patches)
    walls = [Boundary(name, "wall", temperature=MIDDLE * (1 + sign * share)) for name, sign in (("x0", 1), ("x1", -1))]
    problem = Problem("cavity", mesh, IdealGas(rho, mu, k, CP, temperature=MIDDLE), {}, properties=properties,
                      boundaries=[*walls, Boundary("z0", "symmetry"), Boundary("z1", "symmetry")], property_temperature=MIDDLE,
                      reference_temperature=MIDDLE, gravity=(0.0, -GRAVITY, 0.0), settings=Settings(unit_responses=False))
    return problem, float(k * 2 * share * MIDDLE)


def heat(solution: Any) -> float:
    """Heat that the hot wall gives, W."""
    return abs(float(solution.ledger["boundaries"]["x0"]))


def pressure_of(solution: Any) -> float:
    """Pressure of the gas over that at the mean temperature: the mass is the same."""
    volumes = solution.problem.mesh.grid.volumes()
    return float(1.0 / ((MIDDLE / solution.temperature) * volumes).sum())


@pytest.mark.parametrize(("n", "allowed"), [(40, 0.012), (64, 0.003)])
def test_benchmark(n: int, allowed: float) -> None:
    """Nusselt number and pressure of test case T1; both walls carry the same heat."""
    problem, scale = cavity(n, 1e6, 0.6, "variable")
    solution = solve(problem)
    assert solution.converged, solution.reason
    assert heat(solution) / scale == pytest.approx(NUSSELT, rel=allowed)
    assert pressure_of(solution) == pytest.approx(PRESSURE, rel=allowed)
    assert solution.ledger["heat_relative"] < 1e-8


def test_small_differences_are_boussinesq() -> None:
    """Where density hardly varies both equations of state give the same flow, and its rate goes with the difference squared."""
    differ = []
    for share in (0.1, 0.05):
        (variable, scale), (constant, _) = (cavity(24, 1e5, share, kind) for kind in ("variable", "constant"))
        differ.append(abs(heat(solve(variable)) - heat(solve(constant))) / scale)
    assert differ[0] < 0.02
    assert differ[1] < 0.35 * differ[0]
