"""Buoyant flow: the square air cavity with one hot and one cold side, the tall slot, coolant that is heated from above."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.optimize import minimize_scalar
from support import (
    SIDES,
    analytic,
    box_mesh,
    check,
    check_order,
    geometric_faces,
    run,
    settings,
    symmetric,
    table,
    tanh_faces,
)

from coldrack.solver.problem import Boundary, ConstantCoolant, Problem

PRANDTL = 0.71
EXACT = {int(r["Ra"]): r for r in table("cavity2d_spectral")}
SPECTRAL = "own spectral solution; Le Quere, Comput. Fluids 20 (1991) 29; de Vahl Davis, IJNMF 3 (1983) 249"
DEPTH = 0.1
CACHE: dict[tuple[int, int, str], Any] = {}


def cavity(rayleigh: float, faces: np.ndarray, height: np.ndarray | None = None, **changes: Any) -> Problem:
    """Hot side x = 0, cold side x = 1, adiabatic top and bottom; diffusivity 1, so velocities are in units of it over L."""
    mesh = box_mesh(faces, faces if height is None else height, np.array([0.0, DEPTH]), sides=list(SIDES))
    air = ConstantCoolant(rho=1.0, mu=PRANDTL, k=1.0, cp=1.0, beta=0.5)
    boundaries = [Boundary("x0", "wall", temperature=1.0), Boundary("x1", "wall", temperature=0.0), *symmetric("z0", "z1")]
    return Problem(f"heated cavity, Ra {rayleigh:g}", mesh, air, {}, boundaries=boundaries, reference_temperature=0.0,
                   gravity=(0.0, -2.0 * rayleigh * PRANDTL, 0.0), settings=settings(residual=1e-6, tolerance=1e-5, **changes))


def solve_cavity(rayleigh: int, cells: int, kind: str) -> Any:
    """Solution of the square cavity, kept for the other tests of this file."""
    key = (rayleigh, cells, kind)
    if key not in CACHE:
        faces = np.linspace(0.0, 1.0, cells + 1) if kind == "uniform" else tanh_faces(cells, strength=1.8)
        CACHE[key] = run(cavity(rayleigh, faces))
    return CACHE[key]


def largest(line: CubicSpline, sign: float = 1.0) -> float:
    """Largest (sign 1) or smallest (sign -1) value of a spline on [0, 1]."""
    s = np.linspace(0.0, 1.0, 2001)
    start = s[np.argmax(sign * line(s))]
    best = minimize_scalar(lambda t: -sign * line(t), bounds=(max(start - 1e-3, 0.0), min(start + 1e-3, 1.0)), method="bounded")
    return float(line(best.x))


def measured(solution: Any) -> dict[str, float]:
    """Nusselt numbers of the hot side (its local value is even at the adiabatic ends) and centre-line maxima."""
    grid = solution.problem.mesh.grid
    xc, yc, _ = grid.centres
    n = xc.size // 2
    nusselt = (1.0 - solution.temperature[0, :, 0]) / (0.5 * grid.widths[0][0])
    y = np.concatenate([-yc[1::-1], yc, 2.0 - yc[:-3:-1]])
    local = CubicSpline(y, np.concatenate([nusselt[1::-1], nusselt, nusselt[:-3:-1]]))
    u = CubicSpline(np.concatenate([[0.0], yc, [1.0]]), np.concatenate([[0.0], solution.u[0, :, n], [0.0]]))
    v = CubicSpline(np.concatenate([[0.0], xc, [1.0]]), np.concatenate([[0.0], solution.v[0, n, :], [0.0]]))
    return {"Nu_mean": solution.ledger["boundaries"]["x0"] / DEPTH, "Nu_max": largest(local), "Nu_min": largest(local, -1.0),
            "umax_x05": largest(u), "vmax_y05": largest(v)}


def check_cavity(rayleigh: int, cells: int, kind: str, tolerance: float) -> None:
    solution = solve_cavity(rayleigh, cells, kind)
    for name, value in measured(solution).items():
        check(f"heated cavity Ra {rayleigh:g}, {cells} {kind}, {name}", abs(value / EXACT[rayleigh][name] - 1.0), tolerance,
              SPECTRAL)
    assert abs(solution.ledger["heat_relative"]) < 1e-8 and solution.ledger["mass_in"] == 0.0


@pytest.mark.parametrize(("rayleigh", "cells", "tolerance"), [(1000, 32, 0.005), (10_000, 64, 0.005), (1_000_000, 32, 0.005)])
def test_square_cavity(rayleigh: int, cells: int, tolerance: float) -> None:
    """Within 0.5 % of the spectral solution; Ra 1e6 on stretched cells."""
    check_cavity(rayleigh, cells, "uniform" if rayleigh < 1e6 else "stretched", tolerance)


@pytest.mark.slow
@pytest.mark.parametrize(("rayleigh", "cells", "kind"), [(100_000, 96, "uniform"), (1_000_000, 128, "stretched")])
def test_square_cavity_fine(rayleigh: int, cells: int, kind: str) -> None:
    """Ra 1e5 on 96 x 96 uniform and 1e6 on 128 x 128 stretched cells: within 0.5 %."""
    check_cavity(rayleigh, cells, kind, 0.005)


def test_order() -> None:
    """Root mean square of the five figures' errors at Ra 1e4, 32 to 64 cells: second order.

    One by one they do not show it: the mean Nusselt number's error is the difference of two that are larger.
    """
    errors = []
    for n in (32, 64):
        figures = measured(solve_cavity(10_000, n, "uniform"))
        errors.append(float(np.sqrt(np.mean([(v / EXACT[10_000][name] - 1.0) ** 2 for name, v in figures.items()]))))
    check_order("heated cavity Ra 1e4, order of all figures", errors, [1 / 32, 1 / 64], 1.9, SPECTRAL)


def test_tall_slot() -> None:
    """Conduction regime at mid-height of a slot 20 times as tall as wide, Ra 500: within 0.15 % of the cubic profile."""
    rayleigh = 500.0
    x = np.linspace(0.0, 1.0, 25)
    solution = run(cavity(rayleigh, x, np.linspace(0.0, 20.0, 121)))
    v = solution.v[0, 60]
    # velocities are means over their faces: of the cubic, by Simpson's rule, which is exact for it
    ends, middles = analytic.vertical_slot_velocity(x), analytic.vertical_slot_velocity(0.5 * (x[1:] + x[:-1]))
    exact = rayleigh * (ends[1:] + ends[:-1] + 4.0 * middles) / 6.0
    check("vertical slot, velocity at mid-height", float(abs(v - exact).max() / abs(exact).max()), 0.0015,
          "analytic.vertical_slot_velocity")
    middle = solution.temperature[0, 60]
    assert abs(middle - (1.0 - solution.problem.mesh.grid.centres[0])).max() < 2e-4


def test_heated_from_above_stays_at_rest() -> None:
    """A linear temperature along gravity is in balance with the pressure on any grid: nothing moves."""
    z = geometric_faces(16, 0.0, 1.0, 8.0)
    mesh = box_mesh(np.linspace(0.0, 1.0, 9), np.linspace(0.0, 0.5, 5), z, sides=list(SIDES))
    boundaries = [Boundary("z1", "wall", temperature=310.0), Boundary("z0", "wall", temperature=300.0)]
    problem = Problem("stratified", mesh, ConstantCoolant(1.2, 0.018, 26.0, 1006.0, beta=0.0034), {}, boundaries=boundaries,
                      gravity=(0.0, 0.0, -9.81), settings=settings(residual=1e-6, tolerance=1e-6))
    solution = run(problem)
    free_fall = np.sqrt(9.81 * 0.0034 * 10.0)
    fastest = max(abs(q).max() for q in (solution.u, solution.v, solution.w))
    check("heated from above, speed over that of free fall", float(fastest / free_fall), 1e-6, "at rest")
    centre = mesh.grid.centres[2]
    exact = 1.2 * 9.81 * 0.0034 * 10.0 * centre**2 / 2.0
    p = solution.pressure[:, 0, 0]
    assert np.allclose(p - p[0], exact - exact[0], rtol=1e-4, atol=1e-6 * exact[-1])


def test_gravity_along_any_axis() -> None:
    """The cavity turned so that gravity points along +x or -z gives the same heat flow."""
    faces = np.linspace(0.0, 1.0, 17)
    there = run(cavity(1e4, faces)).ledger["boundaries"]["x0"]
    g = 2e4 * PRANDTL
    for hot, cold, flat, gravity in (("y0", "y1", ("z0", "z1"), (g, 0.0, 0.0)), ("x1", "x0", ("y0", "y1"), (0.0, 0.0, -g))):
        axes = [faces, faces, faces]
        axes["xyz".index(flat[0][0])] = np.array([0.0, DEPTH])
        problem = cavity(1e4, faces)
        turned = Problem("turned", box_mesh(*axes, sides=list(SIDES)), problem.coolant, {}, gravity=gravity,
                         reference_temperature=0.0, settings=problem.settings,
                         boundaries=[Boundary(hot, "wall", temperature=1.0), Boundary(cold, "wall", temperature=0.0),
                                     *symmetric(*flat)])
        assert np.isclose(run(turned).ledger["boundaries"][hot], there, rtol=1e-5)
