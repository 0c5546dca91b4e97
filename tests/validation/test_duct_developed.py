"""Developed laminar flow and heat transfer in rectangular ducts and between plates."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from support import SIDES, analytic, box_mesh, check, run, settings, symmetric, table, unit_fluid

from coldrack.meshes.mesh import Mesh
from coldrack.solver.problem import Boundary, Problem

ASPECTS = [1.0, 0.5, 0.25, 0.125, 0.0]  # short / long side; 0 = parallel plates
HALF_CELLS = 16  # 32 across the short side
FRICTION = {round(float(r["aspect"]), 4): float(r["fRe_Fanning"]) for r in table("duct_friction")}
NUSSELT = {round(float(r["aspect"]), 4): (float(r["Nu_T"]), float(r["Nu_H1"])) for r in table("duct_nusselt")}
SHAH = "Shah & London, Laminar Flow Forced Convection in Ducts (1978); exact series"
MEAN, T0 = 1.0, 300.0


def towards_wall(cells: int, length: float, last: float) -> np.ndarray:
    """Faces on [0, length] that grow geometrically away from the wall at `length`, where the cell is `last` wide."""
    growth = brentq(lambda g: (g**cells - 1) / (g - 1) - length / last, 1.0 + 1e-9, 3.0)
    widths = last * growth ** np.arange(cells)
    return length - np.concatenate([[0.0], np.cumsum(widths)])[::-1] * length / widths.sum()


def hydraulic_diameter(aspect: float) -> float:
    """Of a duct whose short side is 1."""
    return 2.0 / (1.0 + aspect)


def quarter_duct(aspect: float, length: float, cells: int) -> Mesh:
    """A quarter of a duct along x: symmetry at y0 and z0, walls at y1 and (but for plates) z1; short side 1 along y."""
    y = np.linspace(0.0, 0.5, HALF_CELLS + 1)
    more = {0.5: 24, 0.25: 32, 0.125: 40}
    if aspect in (0.0, 1.0):
        z = np.array([0.0, 1.0]) if aspect == 0 else y
    else:
        z = towards_wall(more[aspect], 0.5 / aspect, y[-1] - y[-2])
    return box_mesh(np.linspace(0.0, length, cells + 1), y, z, sides=list(SIDES))


def walls(aspect: float, **thermal: Any) -> list[Boundary]:
    """Walls of the quarter duct and its symmetry planes."""
    if aspect == 0:
        return [Boundary("y1", "wall", **thermal), *symmetric("y0", "z0", "z1")]
    return [Boundary(side, "wall", **thermal) for side in ("y1", "z1")] + symmetric("y0", "z0")


def profile(aspect: float, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Exact developed velocity of mean 1."""
    if aspect == 0:
        return 1.5 * (1 - 4 * y**2) + 0.0 * z
    u = analytic.rect_duct_velocity(y, z, 0.5, 0.5 / aspect)
    return 2 * analytic.rect_duct_fRe(aspect) / hydraulic_diameter(aspect) ** 2 * u


@cache
def developed(aspect: float) -> tuple[np.ndarray, float]:
    """Axial velocity on the cross-section (nz, ny) and f Re of the solver's own developed flow, Re = 20."""
    diameter = hydraulic_diameter(aspect)
    nu = MEAN * diameter / 20.0
    mesh = quarter_duct(aspect, 4 * diameter, 12)

    def inflow(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, ...]:
        u = profile(aspect, y, z)
        return u, 0.0 * u, 0.0 * u

    problem = Problem("developed duct", mesh, unit_fluid(nu), {}, settings=settings(energy=False, residual=1e-8),
                      boundaries=[Boundary("x0", "inlet", velocity=inflow), Boundary("x1", "outlet"), *walls(aspect)])
    solution = run(problem)
    area = section_area(mesh)
    u = solution.u[:, :, -2]
    bulk = float((u * area).sum() / area.sum())
    x = mesh.grid.centres[0]
    p = (solution.pressure * area[:, :, None]).sum(axis=(0, 1)) / area.sum()
    gradient = (p[-5] - p[-3]) / (x[-3] - x[-5])
    return u, float(gradient * diameter**2 / (2 * nu * bulk))


def section_area(mesh: Mesh) -> np.ndarray:
    """Areas of the cells' x faces, shape (nz, ny)."""
    _, dy, dz = mesh.grid.widths
    return dz[:, None] * dy[None, :]


def nusselt(mesh: Mesh, aspect: float, u: np.ndarray, temperature: np.ndarray, wall: float, k: float) -> float:
    """Perimeter-mean Nusselt number of one cross-section whose wall temperature is `wall`."""
    _, dy, dz = mesh.grid.widths
    heat = (dz * k * (wall - temperature[:, -1]) / (0.5 * dy[-1])).sum()
    perimeter = dz.sum()
    if aspect > 0:
        heat += (dy * k * (wall - temperature[-1]) / (0.5 * dz[-1])).sum()
        perimeter += dy.sum()
    weight = u * section_area(mesh)
    bulk = (weight * temperature).sum() / weight.sum()
    return float(heat / perimeter * hydraulic_diameter(aspect) / (k * (wall - bulk)))


def heated(aspect: float, mesh: Mesh, peclet: float, inlet: Any, wall: Any) -> tuple[np.ndarray, float]:
    """Temperature of the developed flow with the given inlet and wall temperatures, and the conductivity."""
    u, _ = developed(aspect)
    nz, ny, nx = mesh.grid.shape
    velocity = (np.repeat(u[:, :, None], nx + 1, axis=2), np.zeros((nz, ny + 1, nx)), np.zeros((nz + 1, ny, nx)))
    fluid = unit_fluid(MEAN * hydraulic_diameter(aspect) / peclet)
    boundaries = [Boundary("x0", "inlet", velocity=MEAN, temperature=inlet), Boundary("x1", "outlet"),
                  *walls(aspect, temperature=wall)]
    problem = Problem("heated duct", mesh, fluid, {}, boundaries=boundaries, velocity=velocity,
                      settings=settings(flow=False), reference_temperature=T0)
    return run(problem).temperature, fluid.k


@pytest.mark.parametrize("aspect", ASPECTS)
def test_friction(aspect: float) -> None:
    """Fanning f Re from the pressure gradient of the developed flow, 32 cells across the short side.

    Reference: duct_friction.csv (Shah & London 1978, exact series). Tolerance 0.1 %: wall shear from a parabola through
    the means of two cells is exact between plates; the corners of ducts keep an error of 0.06 % in a square.
    """
    _, friction = developed(aspect)
    exact = FRICTION[round(aspect, 4)]
    check(f"duct friction f.Re, aspect {aspect:g}", abs(friction / exact - 1), 1e-3, SHAH)


@pytest.mark.parametrize("cells", [2, 3, 4, 8])
def test_friction_between_plates_is_exact_on_few_cells(cells: int) -> None:
    """Plates with 2 to 8 cells across the gap, far below what other cases need: f.Re = 24 within 1e-6.

    Developed flow is a parabola, which the wall shear and the fluxes of a uniform grid take exactly; a half-cell wall
    shear is off by 2/n^2, 12.5 % on 4 cells.
    """
    mesh = box_mesh(np.linspace(0.0, 16.0, 17), np.linspace(0.0, 1.0, cells + 1), np.array([0.0, 1.0]), sides=list(SIDES))
    nu, sides = 0.1, [Boundary(side, "wall") for side in ("y0", "y1")]
    problem = Problem("plates on few cells", mesh, unit_fluid(nu), {}, settings=settings(energy=False, residual=1e-10),
                      boundaries=[Boundary("x0", "inlet", velocity=MEAN), Boundary("x1", "outlet"), *sides,
                                  *symmetric("z0", "z1")])
    p = run(problem).pressure.mean(axis=(0, 1))
    friction = (p[-5] - p[-3]) / 2.0 * 4.0 / (2 * nu * MEAN)  # per hydraulic diameter of 2 gaps
    check(f"plates, f.Re on {cells} cells", abs(friction / 24.0 - 1), 1e-6, SHAH)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_nusselt_number_constant_flux_per_length(aspect: float) -> None:
    """Nu_H1: a wall temperature that rises linearly along the duct makes the developed state exactly H1.

    Reference: duct_nusselt.csv (own spectral values, agree with Shah & London 1978). Tolerance 0.2 % at 32 cells.
    """
    diameter, peclet, cells = hydraulic_diameter(aspect), 100.0, 30
    mesh = quarter_duct(aspect, 1.0 * peclet * diameter, cells)
    temperature, k = heated(aspect, mesh, peclet, T0, lambda x, y, z: T0 + x / diameter)
    at = cells - 6
    wall = T0 + float(mesh.grid.centres[0][at]) / diameter
    measured = nusselt(mesh, aspect, developed(aspect)[0], temperature[:, :, at], wall, k)
    exact = NUSSELT[round(aspect, 4)][1]
    check(f"duct Nusselt number H1, aspect {aspect:g}", abs(measured / exact - 1), 2e-3, SHAH)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_nusselt_number_constant_wall_temperature(aspect: float) -> None:
    """Nu_T: two passes through a duct with isothermal walls; the second starts from the first one's last profile.

    Reference: duct_nusselt.csv (own spectral values, agree with Shah & London 1978). Tolerance 0.2 % at 32 cells; at
    Peclet 1000 axial conduction, which the table neglects, is below 1e-4.
    """
    diameter, peclet, cells = hydraulic_diameter(aspect), 1000.0, 24
    mesh = quarter_duct(aspect, 0.3 * peclet * diameter, cells)
    _, y, z = mesh.grid.centres
    u, _ = developed(aspect)
    across = np.cos(np.pi * aspect * z) if aspect else np.ones(1)
    shape = across[:, None] * np.cos(np.pi * y)[None, :]
    at = cells - 4
    for _ in range(2):
        start = shape / shape.max()

        def inlet(x: np.ndarray, py: np.ndarray, pz: np.ndarray, start: np.ndarray = start) -> np.ndarray:
            k, j = np.searchsorted(mesh.grid.z, pz) - 1, np.searchsorted(mesh.grid.y, py) - 1
            return T0 - start[k, j]

        temperature, k = heated(aspect, mesh, peclet, inlet, T0)
        shape = T0 - temperature[:, :, at]
    measured = nusselt(mesh, aspect, u, temperature[:, :, at], T0, k)
    exact = NUSSELT[round(aspect, 4)][0]
    check(f"duct Nusselt number T, aspect {aspect:g}", abs(measured / exact - 1), 2e-3, SHAH)
