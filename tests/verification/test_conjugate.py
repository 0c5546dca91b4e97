"""Flow and solid walls in one energy equation: developed channels with exact answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import SIDES, box_mesh, check, check_order, join_faces, run, settings, symmetric, table, unit_fluid

from coldrack.meshes.mesh import Mesh
from coldrack.solver.problem import Boundary, Problem, Solid

T0 = 300.0
THIN = np.array([0.0, 1.0])


def plane_flow(mesh: Mesh, low: float, high: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Poiseuille flow of mean 1 along x between y = low and high, averaged over each face; zero in the solid."""
    nz, ny, nx = mesh.grid.shape
    s = np.clip((mesh.grid.y - low) / (high - low), 0.0, 1.0)
    u = np.diff(3 * s**2 - 2 * s**3) * (high - low) / np.diff(mesh.grid.y)
    full = np.broadcast_to(u[None, :, None], (nz, ny, nx + 1)).copy()
    return full, np.zeros((nz, ny + 1, nx)), np.zeros((nz + 1, ny, nx))


@pytest.mark.parametrize("biot", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("wall", ["solid", "film"])
def test_channel_with_wall_resistance(biot: float, wall: str) -> None:
    """Developed Nusselt number between plates whose walls have an outer resistance, as a solid layer or as a film.

    Reference: plates_nu_outer_resistance.csv (Graetz problem with a Robin wall). The solid's conductivity along the
    flow is 1e-9 of that across, as the reference neglects it; Peclet 1000. Tolerance 0.5 % at 32 cells across.
    """
    half, peclet, diameter = 0.5, 1000.0, 2.0
    k = diameter / peclet
    resistance = half / (k * biot)
    x = np.linspace(0.0, 0.25 * diameter * peclet, 41)
    fluid_faces = np.linspace(0.0, half, 17)
    hot = {"temperature": T0 + 1.0}
    if wall == "solid":
        y = join_faces(fluid_faces, np.linspace(half, half + 0.1, 4))
        material = np.where(np.arange(y.size - 1) < 16, 1, 2)[None, :, None]
    else:
        y, material = fluid_faces, 1
        hot = {"heat_transfer_coefficient": 1.0 / resistance, "ambient_temperature": T0 + 1.0}
    mesh = box_mesh(x, y, THIN, material, ["wall"], sides=list(SIDES))
    across = 0.1 / resistance
    problem = Problem(
        "channel with wall resistance", mesh, unit_fluid(k), {"wall": Solid("wall", (1e-9 * across, across, across))},
        boundaries=[Boundary("x0", "inlet", velocity=1.0, temperature=T0), Boundary("x1", "outlet"),
                    Boundary("y1", "wall", **hot), *symmetric("y0", "z0", "z1")],
        velocity=plane_flow(mesh, -half, half), settings=settings(flow=False), reference_temperature=T0)
    temperature = run(problem).temperature[0, :, -8]
    u, dy = plane_flow(mesh, -half, half)[0][0, :16, 0], half / 16
    bulk = (u * temperature[:16]).sum() / u.sum()
    flux = (T0 + 1.0 - temperature[15]) / (resistance + 0.5 * dy / k)
    surface = T0 + 1.0 - flux * resistance
    nusselt = flux * diameter / (k * (surface - bulk))
    data = table("plates_nu_outer_resistance")
    exact = float(data["Nu"][np.argmin(np.abs(data["Bi"] - biot))])
    name = f"channel with wall resistance ({wall}), Bi {biot:g}"
    check(name, abs(nusselt / exact - 1), 5e-3, "Graetz problem, Robin wall")


def one_side_heated(cells: int) -> tuple[Any, float, float]:
    """Channel 0 < y < 1 on a solid -0.5 < y < 0 heated from below; the solution, flux and solid's conductivity."""
    k, flux, solid = 0.05, 2.0, 0.25
    y = join_faces(np.linspace(-0.5, 0.0, cells // 4 + 1), np.linspace(0.0, 1.0, cells + 1))
    material = np.where(np.arange(y.size - 1) < cells // 4, 2, 1)[None, :, None]
    mesh = box_mesh(np.linspace(0.0, 60.0, 121), y, THIN, material, ["base"], sides=list(SIDES))
    problem = Problem(
        "one side heated", mesh, unit_fluid(k), {"base": Solid("base", (solid,) * 3)},
        boundaries=[Boundary("x0", "inlet", velocity=1.0, temperature=T0), Boundary("x1", "outlet"),
                    Boundary("y0", "wall", heat_flux=flux), *symmetric("z0", "z1")],
        velocity=plane_flow(mesh, 0.0, 1.0), settings=settings(flow=False), reference_temperature=T0)
    return run(problem), flux, solid


def test_one_side_flux_through_a_solid_wall() -> None:
    """Developed channel heated through a solid wall: outer wall above the bulk, exact even with axial conduction.

    Reference: T_outer - T_bulk = q t / k_s + 26 q H / (70 k), from Nu = 70/13 on Dh = 2 H (Shah & London 1978), and a
    rise of q / (rho cp U H) along x. Tolerances: 1e-4 of the difference at 16 cells with order >= 1.9; 1e-6 for the
    slope and for the drop in the solid, which the discretisation reproduces exactly.
    """
    k, errors, sizes = 0.05, [], (8, 16)
    for cells in sizes:
        solution, flux, solid = one_side_heated(cells)
        below, at = cells // 4, 70
        t = solution.temperature[0]
        u = solution.problem.velocity[0][0, below:, 0]
        bulk = (u[:, None] * t[below:]).sum(axis=0) / u.sum()
        dy = 0.5 / below
        outer = t[0, at] + flux * 0.5 * dy / solid
        exact = flux * 0.5 / solid + flux * 2.0 / (k * 70.0 / 13.0)
        errors.append(abs((outer - bulk[at]) / exact - 1))
    source = "Nu = 70/13, Shah & London (1978)"
    check("one side heated through a wall, T_outer - T_bulk, 16 cells", errors[-1], 1e-4, source)
    check_order("one side heated through a wall, order", errors, [1 / n for n in sizes], 1.9, source)
    slope = (bulk[at + 5] - bulk[at - 5]) / 5.0
    check("one side heated through a wall, rise along x", abs(slope / flux - 1), 1e-6, "energy balance")
    drop = (t[0, at] - t[below - 1, at]) / ((below - 1) * dy)
    check("one side heated through a wall, gradient in the solid", abs(drop * solid / flux - 1), 1e-6, "linear profile")
