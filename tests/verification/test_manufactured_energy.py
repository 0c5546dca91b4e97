"""Order of accuracy of the energy equation on manufactured solutions, uniform and stretched grids."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from support import (
    SIDES,
    analytic,
    box_mesh,
    cell_points,
    check_order,
    conduction,
    face_points,
    join_faces,
    l2_error,
    run,
    settings,
    symmetric,
    tanh_faces,
    unit_fluid,
)

from coldrack.meshes.grid import Grid
from coldrack.solver.problem import Boundary, Problem, Solid

Field = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
GRIDS = {"uniform": lambda n: np.linspace(0.0, 1.0, n + 1), "stretched": lambda n: tanh_faces(n, strength=1.2)}
THIN = np.array([0.0, 0.1])
ROACHE = "method of manufactured solutions, Roache, J. Fluids Eng. 124 (2002) 4"
T0 = 300.0


def fixed(names: list[str], field: Field) -> list[Boundary]:
    """Walls held at the exact temperature."""
    return [Boundary(name, "wall", temperature=field) for name in names]


@pytest.mark.parametrize("kind", GRIDS)
def test_diffusion(kind: str) -> None:
    """Anisotropic diffusion in a cube with the exact temperature on all sides: order >= 1.9 in the L2 norm."""
    k = (1.0, 3.0, 0.5)
    errors, sizes = [], (8, 16, 32)

    def field(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        return T0 + np.sin(1.3 * x + 0.2) * np.cos(0.9 * y) * np.exp(0.5 * z)

    for n in sizes:
        faces = GRIDS[kind](n)
        mesh = box_mesh(faces, faces, faces, 2, ["block"], sides=list(SIDES))
        exact = field(*cell_points(mesh.grid))
        heat = (k[0] * 1.3**2 + k[1] * 0.9**2 - k[2] * 0.5**2) * (exact - T0)
        problem = conduction("manufactured diffusion", mesh, [Solid("block", k)], fixed(list(SIDES), field),
                             volumetric_heat=heat, reference_temperature=T0)
        errors.append(l2_error(run(problem).temperature, exact, mesh.grid.volumes()))
    check_order(f"diffusion, {kind} grid, order", errors, [1 / n for n in sizes], 1.9, ROACHE)


@pytest.mark.parametrize("kind", GRIDS)
def test_conductivity_jump(kind: str) -> None:
    """Conductivities 1 and 1e4 that meet at a grid plane: order >= 1.9 in the L2 norm, as without the jump.

    Reference: analytic.mms_conductivity_jump (residual checked by finite differences). Series resistances keep the
    interface flux second order; an arithmetic mean would lose it.
    """
    k1, k2 = 1.0, 1e4
    errors, sizes = [], (16, 32, 64)

    def field(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        return T0 + analytic.mms_conductivity_jump(x, y, k1, k2)[0]

    for n in sizes:
        half = GRIDS[kind](n // 2)
        x = join_faces(0.5 * half, 0.5 + 0.5 * half)
        material = np.where(np.arange(n) < n // 2, 2, 3)[None, None, :]
        mesh = box_mesh(x, GRIDS[kind](n), THIN, material, ["low", "high"], sides=list(SIDES))
        xc, yc, zc = cell_points(mesh.grid)
        solids = [Solid("low", (k1,) * 3), Solid("high", (k2,) * 3)]
        boundaries = [*fixed(["x0", "x1", "y0", "y1"], field), *symmetric("z0", "z1")]
        heat = analytic.mms_conductivity_jump(xc, yc, k1, k2)[1]
        problem = conduction("conductivity jump", mesh, solids, boundaries, volumetric_heat=heat)
        problem.reference_temperature = T0
        errors.append(l2_error(run(problem).temperature, field(xc, yc, zc), mesh.grid.volumes()))
    check_order(f"conductivity jump 1e4, {kind} grid, order", errors, [1 / n for n in sizes], 1.9, ROACHE)


def vortex(grid: Grid, a: int, b: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Face velocities of one vortex in the plane (a, b); differences of the stream function close mass exactly."""
    velocity = [np.zeros_like(face_points(grid, axis)[0]) for axis in range(3)]
    for normal, across, sign in ((a, b, 1.0), (b, a, -1.0)):
        points = face_points(grid, normal)
        shape = [1, 1, 1]
        shape[2 - across] = -1
        width = grid.widths[across].reshape(shape)
        ends = []
        for side in (-0.5, 0.5):
            at = {normal: points[normal], across: points[across] + side * width}
            ends.append(np.sin(np.pi * at[a]) * np.sin(np.pi * at[b]) / np.pi)
        velocity[normal] = sign * (ends[1] - ends[0]) / width
    return velocity[0], velocity[1], velocity[2]


@pytest.mark.parametrize("kind", GRIDS)
@pytest.mark.parametrize("plane", [(0, 1), (1, 2), (2, 0)])
def test_advection_diffusion_in_a_vortex(kind: str, plane: tuple[int, int]) -> None:
    """A prescribed vortex (Peclet 50) in each coordinate plane, walls at the exact temperature: order >= 1.9 (L2)."""
    a, b = plane
    alpha = 0.02
    errors, sizes = [], (16, 32, 64)

    def field(*points: np.ndarray) -> np.ndarray:
        return T0 + np.exp(0.8 * points[a] + 0.5 * points[b])

    for n in sizes:
        faces = [THIN, THIN, THIN]
        faces[a] = faces[b] = GRIDS[kind](n)
        mesh = box_mesh(*faces, sides=list(SIDES))
        points = cell_points(mesh.grid)
        exact = field(*points)
        ua = np.sin(np.pi * points[a]) * np.cos(np.pi * points[b])
        ub = -np.cos(np.pi * points[a]) * np.sin(np.pi * points[b])
        heat = (0.8 * ua + 0.5 * ub - alpha * (0.8**2 + 0.5**2)) * (exact - T0)
        walls = [name for name, (axis, _) in SIDES.items() if axis in plane]
        free = [name for name in SIDES if name not in walls]
        problem = Problem("advected vortex", mesh, unit_fluid(alpha), {}, velocity=vortex(mesh.grid, a, b),
                          boundaries=[*fixed(walls, field), *symmetric(*free)], volumetric_heat=heat,
                          reference_temperature=T0, settings=settings(flow=False))
        errors.append(l2_error(run(problem).temperature, exact, mesh.grid.volumes()))
    name = f"advection-diffusion, vortex in {'xyz'[a]}{'xyz'[b]}, {kind} grid, order"
    check_order(name, errors, [1 / n for n in sizes], 1.9, ROACHE)


@pytest.mark.parametrize("kind", GRIDS)
def test_advection_diffusion_through_a_channel(kind: str) -> None:
    """Parabolic flow from an inlet to an outlet (Peclet 50): order >= 1.9 in the L2 norm.

    The exact temperature 4 x^3 - 3 x^4 has no slope at inlet and outlet, so that the answer does not hang on whether heat is
    conducted through them, and no extremum at the inlet, where every bounded scheme falls to first order.
    """
    alpha = 0.02
    errors, sizes = [], (16, 32, 64)

    def field(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        return T0 + (4 * x**3 - 3 * x**4) * (1 + 0.5 * y**2)

    for n in sizes:
        mesh = box_mesh(GRIDS[kind](n), GRIDS[kind](n), THIN, sides=list(SIDES))
        x, y, z = cell_points(mesh.grid)
        exact, u = field(x, y, z), 6 * y * (1 - y)
        heat = u * (12 * x**2 - 12 * x**3) * (1 + 0.5 * y**2) - alpha * (
            (24 * x - 36 * x**2) * (1 + 0.5 * y**2) + 4 * x**3 - 3 * x**4
        )
        yf = face_points(mesh.grid, 0)[1]
        velocity = (6 * yf * (1 - yf), np.zeros((1, n + 1, n)), np.zeros((2, n, n)))
        boundaries = [
            Boundary("x0", "inlet", velocity=1.0, temperature=field),
            Boundary("x1", "outlet"),
            *fixed(["y0", "y1"], field),
            *symmetric("z0", "z1"),
        ]
        problem = Problem("advected channel", mesh, unit_fluid(alpha), {}, velocity=velocity, boundaries=boundaries,
                          volumetric_heat=heat, reference_temperature=T0, settings=settings(flow=False))
        errors.append(l2_error(run(problem).temperature, exact, mesh.grid.volumes()))
    check_order(f"advection-diffusion, channel, {kind} grid, order", errors, [1 / n for n in sizes], 1.9, ROACHE)
