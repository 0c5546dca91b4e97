"""Developing flow and heat transfer: entrance of plates and of rectangular ducts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import (
    SIDES,
    analytic,
    box_mesh,
    check,
    geometric_faces,
    run,
    settings,
    symmetric,
    table,
    tanh_faces,
    unit_fluid,
)

from coldrack.meshes.mesh import Mesh
from coldrack.solver.problem import Boundary, Problem

T0 = 300.0


def half(cells: int, length: float = 0.5, strength: float = 1.8) -> np.ndarray:
    """Faces from the symmetry plane at 0 to the wall at `length`, clustered at the wall."""
    return tanh_faces(2 * cells, -length, length, strength)[cells:]


def section(mesh: Mesh) -> np.ndarray:
    """Areas of the cells' x faces, shape (nz, ny)."""
    _, dy, dz = mesh.grid.widths
    return dz[:, None] * dy[None, :]


@pytest.mark.parametrize("shape", ["plates", "square"])
def test_apparent_friction(shape: str) -> None:
    """Pressure drop from a uniform inlet, Re = 4000, against Shah's correlation for x+ from 0.003 to 0.1.

    Reference: duct_apparent_friction.csv (Shah, J. Fluids Eng. 100 (1978) 177; the fit itself is good to 2.4 %).
    Tolerance 5 % at every point of the table in that range. The correlation is the boundary-layer limit: at a uniform inlet
    the elliptic equations have a corner singularity whose extra drop falls with Re (at Re = 1000 it is 6 % at x+ = 0.003).
    """
    diameter, reynolds = (2.0 if shape == "plates" else 1.0), 4000.0
    length = 0.13 * diameter * reynolds
    if shape == "plates":
        x, y, z = geometric_faces(120, 0.0, length, 400.0), half(20), np.array([0.0, 1.0])
        walls = [Boundary("y1", "wall"), *symmetric("y0", "z0", "z1")]
    else:
        x, y, z = geometric_faces(80, 0.0, length, 400.0), half(12), half(12)
        walls = [Boundary("y1", "wall"), Boundary("z1", "wall"), *symmetric("y0", "z0")]
    mesh = box_mesh(x, y, z, sides=list(SIDES))
    problem = Problem(f"developing flow, {shape}", mesh, unit_fluid(diameter / reynolds), {},
                      boundaries=[Boundary("x0", "inlet", velocity=1.0), Boundary("x1", "outlet"), *walls],
                      settings=settings(energy=False, residual=1e-7, tolerance=1e-6))
    pressure = run(problem).pressure
    area = section(mesh)
    mean = (pressure * area[:, :, None]).sum(axis=(0, 1)) / area.sum()
    xc = mesh.grid.centres[0]
    entry = mean[0] + (mean[0] - mean[1]) * xc[0] / (xc[1] - xc[0])
    data = table("duct_apparent_friction")
    data = data[(data["xplus"] >= 0.003) & (data["xplus"] <= 0.1)]
    at = data["xplus"] * diameter * reynolds
    drop = entry - np.interp(at, xc, mean)
    apparent = drop * diameter / (2 * at) * reynolds
    error = np.abs(apparent / data[f"fRe_app_{shape}"] - 1)
    check(f"apparent friction, {shape}, x+ 0.003 to 0.1", float(error.max()), 0.05, "Shah (1978), from memory, 2.4 %")


def entrance(mesh: Mesh, u: np.ndarray, k: float, walls: list[Boundary]) -> np.ndarray:
    """Temperature behind the inlet of a developed flow u(z, y) with the given thermal walls."""
    nz, ny, nx = mesh.grid.shape
    velocity = (np.repeat(u[:, :, None], nx + 1, axis=2), np.zeros((nz, ny + 1, nx)), np.zeros((nz + 1, ny, nx)))
    boundaries = [Boundary("x0", "inlet", velocity=1.0, temperature=T0), Boundary("x1", "outlet"), *walls]
    problem = Problem("thermal entrance", mesh, unit_fluid(k), {}, boundaries=boundaries, velocity=velocity,
                      settings=settings(flow=False), reference_temperature=T0)
    return run(problem).temperature


def largest_error(mesh: Mesh, xstar: np.ndarray, nusselt: np.ndarray, data: Any, column: str, first: float) -> float:
    """Largest relative difference to a table column for x* >= first, interpolated in log x*."""
    rows = data[(data["xstar"] >= first) & (data["xstar"] <= 0.2)]
    values = np.exp(np.interp(np.log(rows["xstar"]), np.log(xstar), np.log(nusselt)))
    return float(np.abs(values / rows[column] - 1).max())


@pytest.mark.parametrize("heating", ["T", "H"])
def test_thermal_entrance_between_plates(heating: str) -> None:
    """Local Nusselt number behind the start of heating, fixed wall temperature (T) or flux (H), x* 0.001 to 0.2.

    Reference: plates_thermal_entrance.csv (Graetz series, agrees with Shah's fits). Tolerance 2 %.
    """
    diameter, peclet = 2.0, 1e4
    mesh = box_mesh(geometric_faces(90, 0.0, 0.25 * diameter * peclet, 3000.0), half(24), np.array([0.0, 1.0]),
                    sides=list(SIDES))
    yf, k = mesh.grid.y, diameter / peclet
    u = (np.diff(1.5 * (yf - 4 * yf**3 / 3)) / np.diff(yf))[None, :]
    thermal = {"temperature": T0 + 1.0} if heating == "T" else {"heat_flux": k}
    wall = [Boundary("y1", "wall", **thermal), *symmetric("y0", "z0", "z1")]
    temperature = entrance(mesh, u, k, wall)[0]
    dy = mesh.grid.widths[1]
    bulk = (u[0] * dy) @ temperature / (u[0] @ dy)
    gap = 0.5 * dy[-1]
    surface = T0 + 1.0 if heating == "T" else temperature[-1] + gap
    flux = k * (surface - temperature[-1]) / gap
    local = flux * diameter / (k * (surface - bulk))
    xstar = mesh.grid.centres[0] / (diameter * peclet)
    error = largest_error(mesh, xstar, local, table("plates_thermal_entrance"), f"Nu_x_{heating}", 1e-3)
    check(f"thermal entrance between plates, {heating}", error, 0.02, "Graetz series, Shah & London (1978)")


@pytest.mark.parametrize("aspect", [1.0, 0.25])
def test_thermal_entrance_of_rectangular_ducts(aspect: float) -> None:
    """Local Nusselt number of ducts with isothermal walls and developed velocity, x* 0.002 to 0.2.

    Reference: duct_thermal_entrance.csv (own spectral solution, within 4 % of Lee & Garimella 2006; its own grid check
    is 0.3 % for x* >= 0.001). Tolerance 2 %.
    """
    diameter, peclet = 2.0 / (1.0 + aspect), 1e4
    y, z = half(14), half(14 if aspect == 1 else 22, 0.5 / aspect, 1.8 if aspect == 1 else 2.4)
    mesh = box_mesh(geometric_faces(60, 0.0, 0.25 * diameter * peclet, 2000.0), y, z, sides=list(SIDES))
    _, yc, zc = mesh.grid.centres
    u = analytic.rect_duct_velocity(yc[None, :], zc[:, None], 0.5, 0.5 / aspect)
    area, k = section(mesh), diameter / peclet
    u = u * area.sum() / (u * area).sum()
    hot = [Boundary(side, "wall", temperature=T0 + 1.0) for side in ("y1", "z1")]
    temperature = entrance(mesh, u, k, [*hot, *symmetric("y0", "z0")])
    _, dy, dz = mesh.grid.widths
    heat = (dz[:, None] * (T0 + 1 - temperature[:, -1]) / (0.5 * dy[-1])).sum(axis=0)
    heat = heat + (dy[:, None] * (T0 + 1 - temperature[-1]) / (0.5 * dz[-1])).sum(axis=0)
    weight = (u * area)[:, :, None] / (u * area).sum()
    local = heat / (dy.sum() + dz.sum()) * diameter / (T0 + 1 - (weight * temperature).sum(axis=(0, 1)))
    rows = table("duct_thermal_entrance")
    xstar = mesh.grid.centres[0] / (diameter * peclet)
    error = largest_error(mesh, xstar, local, rows[rows["aspect"] == aspect], "Nu_x_T", 2e-3)
    check(f"thermal entrance of a duct, aspect {aspect:g}", error, 0.02, "own spectral series; Lee & Garimella (2006)")
