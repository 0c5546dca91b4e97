"""Order of accuracy of the Navier-Stokes equations on exact and manufactured solutions, uniform and stretched grids."""

from __future__ import annotations

from collections.abc import Callable
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
    symmetric,
    tanh_faces,
    unit_fluid,
)

from coldrack.meshes.grid import Grid
from coldrack.meshes.mesh import Mesh
from coldrack.solver.problem import Boundary, Problem

Vector = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, ...]]
RHO = 2.0  # not 1, so that a forgotten density shows


def faces(n: int, kind: str, start: float = 0.0, end: float = 1.0) -> np.ndarray:
    """A uniform or a smoothly stretched axis (largest cell 2.3 times the smallest)."""
    return np.linspace(start, end, n + 1) if kind == "uniform" else tanh_faces(n, start, end, 1.0)


def balanced(velocity: Vector, grid: Grid) -> Vector:
    """The field plus c (x, y, z), c = O(h2), so that its midpoint fluxes through the domain's surface sum to zero."""
    net = 0.0
    for axis in range(3):
        flux = np.asarray(velocity(*face_points(grid, axis))[axis]) * grid.face_areas(axis)
        net += np.take(flux, -1, axis=2 - axis).sum() - np.take(flux, 0, axis=2 - axis).sum()
    c = -net / (3.0 * grid.volumes().sum())
    return lambda x, y, z: tuple(u + c * r for u, r in zip(velocity(x, y, z), (x, y, z)))


def face_mean(vector: Vector, grid: Grid, axis: int) -> np.ndarray:
    """Mean of a vector's component along `axis` over every face normal to it (2 x 2 Gauss points, order 4)."""
    points, total = face_points(grid, axis), 0.0
    shift = [0.5 / np.sqrt(3.0) * h.reshape([-1 if 2 - d == n else 1 for n in range(3)])
             for d, h in enumerate(grid.widths)]
    first, second = (d for d in range(3) if d != axis)
    for a, b in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        at = list(points)
        at[first], at[second] = at[first] + a * shift[first], at[second] + b * shift[second]
        total = total + 0.25 * np.asarray(vector(at[0], at[1], at[2])[axis])
    return np.asarray(total)


def errors_of(
    mesh: Mesh, nu: float, boundaries: list[Boundary], velocity: Vector, pressure: Any, source: Vector | None
) -> tuple[float, float]:
    """L2 errors of velocity (all components, on their faces) and pressure (without its mean) relative to RHO.

    The force is its mean over each face, as a finite-volume scheme takes it: at points, the midpoint rule's own error is
    twice the scheme's.
    """
    grid = mesh.grid
    force = None
    if source is not None:
        force = tuple(RHO * face_mean(source, grid, axis) for axis in range(3))
    problem = Problem("manufactured flow", mesh, unit_fluid(nu, rho=RHO), {}, boundaries=boundaries,
                      settings=settings(energy=False, residual=1e-8), momentum_source=force)
    solution = run(problem)
    squares = [l2_error(numeric, velocity(*face_points(grid, axis))[axis]) ** 2
               for axis, numeric in enumerate((solution.u, solution.v, solution.w))]
    volume = grid.volumes()
    exact = pressure(*cell_points(grid))
    exact = exact - (exact * volume).sum() / volume.sum()
    p = solution.pressure / RHO
    p = p - (p * volume).sum() / volume.sum()
    return float(np.sqrt(sum(squares))), l2_error(p, exact, volume)


def check_flow(name: str, errors: list[tuple[float, float]], sizes: tuple[int, ...], source: str) -> None:
    """Velocity must be second order; the pressure's order is recorded (and must beat first order clearly)."""
    steps = [1.0 / n for n in sizes]
    check_order(f"{name}, velocity order", [e[0] for e in errors], steps, 1.9, source)
    check_order(f"{name}, pressure order", [e[1] for e in errors], steps, 1.4, source)
    record(f"{name}, velocity error on {sizes[-1]} cells", errors[-1][0], None, source)


@pytest.mark.parametrize("kind", ["uniform", "stretched"])
def test_manufactured_vortices_in_a_cube(kind: str) -> None:
    """Three-dimensional divergence-free vortices with sliding walls and a body force, Reynolds number 5.

    Reference: analytic.mms_boussinesq without buoyancy (its residual is 2e-11). Velocity order >= 1.9 in the L2 norm
    between 16^3 and 32^3: second-order fluxes; the limiter touches only extrema, where the flux error is O(h2).
    """
    nu, sizes, errors = 0.2, (8, 16, 32), []

    def fields(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> Any:
        return analytic.mms_boussinesq(x, y, z, nu=nu, gbeta=0.0)

    for n in sizes:
        f = faces(n, kind)
        mesh = box_mesh(f, f, f, sides=list(SIDES))
        walls = [Boundary(side, "wall", velocity=lambda x, y, z: fields(x, y, z)[0][:3]) for side in SIDES]
        errors.append(errors_of(mesh, nu, walls, lambda x, y, z: fields(x, y, z)[0][:3],
                                lambda x, y, z: fields(x, y, z)[0][3], lambda x, y, z: fields(x, y, z)[1][:3]))
    check_flow(f"manufactured vortices, {kind}", errors, sizes, "analytic.mms_boussinesq")


@pytest.mark.parametrize("kind", ["uniform", "stretched"])
def test_kovasznay_flow(kind: str) -> None:
    """Wake behind a grid, Re 40, with the exact velocity on all sides (x graded, y uniform so that mass closes).

    Reference: Kovasznay, Proc. Cambridge Philos. Soc. 44 (1948) 58, steady exact 2-D solution. Velocity order >= 1.9.
    """
    nu, sizes, errors = 1.0 / 40.0, (16, 32, 64), []

    def velocity(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, ...]:
        u, v, _ = analytic.kovasznay(x, y, 40.0)
        return u, v, np.zeros_like(u)

    for n in sizes:
        mesh = box_mesh(faces(3 * n // 2, kind, -0.5, 1.0), faces(n, "uniform", -0.5, 0.5), np.array([0.0, 0.1]),
                        sides=list(SIDES))
        ends = [Boundary(side, "inlet", velocity=velocity) for side in ("x0", "x1")]
        walls = [Boundary(side, "wall", velocity=velocity) for side in ("y0", "y1")]
        errors.append(errors_of(mesh, nu, [*ends, *walls, *symmetric("z0", "z1")], velocity,
                                lambda x, y, z: analytic.kovasznay(x, y, 40.0)[2] + 0.0 * z, None))
    check_flow(f"Kovasznay, {kind}", errors, sizes, "Kovasznay (1948)")


@pytest.mark.parametrize("kind", ["uniform", "stretched"])
def test_ethier_steinman_flow(kind: str) -> None:
    """Beltrami flow at t = 0 in a unit cube, all velocities prescribed on the surface, held steady by a body force.

    Reference: Ethier & Steinman, Int. J. Numer. Meth. Fluids 19 (1994) 369. The force -du/dt = nu d^2 u stands for the
    decay. Velocity order >= 1.9 between 20^3 and 40^3.
    """
    nu, d, sizes, errors = 0.1, np.pi / 2, (10, 20, 40), []

    def velocity(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, ...]:
        return analytic.ethier_steinman(x, y, z, 0.0, nu)[:3]

    for n in sizes:
        f = faces(n, kind, -0.5, 0.5)
        mesh = box_mesh(f, f, f, sides=list(SIDES))
        given = balanced(velocity, mesh.grid)
        boundaries = [Boundary(side, "inlet", velocity=given) for side in SIDES]
        errors.append(errors_of(mesh, nu, boundaries, velocity,
                                lambda x, y, z: analytic.ethier_steinman(x, y, z, 0.0, nu)[3],
                                lambda x, y, z: tuple(nu * d * d * u for u in velocity(x, y, z))))
    check_flow(f"Ethier-Steinman, {kind}", errors, sizes, "Ethier & Steinman (1994)")
