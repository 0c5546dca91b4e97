"""Conduction that a finite-volume scheme with series resistances must reproduce exactly, and the fin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import (
    add_contact,
    analytic,
    box_mesh,
    cell_points,
    check,
    check_order,
    conduction,
    geometric_faces,
    join_faces,
    run,
    symmetric,
    tanh_faces,
    whole_face,
)

from coldrack.solver.problem import Boundary, HeatSource, Solid

LAYERS = [(1.5e-3, 390.0), (5e-5, 4.0), (7.75e-4, 148.0)]  # copper, thermal interface material, silicon
CONTACT = [2e-6, 5e-6]  # m2 K/W
SOLIDS = [Solid(f"layer{n}", (k, k, k)) for n, (_, k) in enumerate(LAYERS)]
THICKNESS = "composite wall: Carslaw & Jaeger, Conduction of Heat in Solids (1959), sec. 3.1; Incropera sec. 3.1.3"


def slab(axis: int, cells: tuple[int, int, int], contact: bool = True) -> tuple[Any, np.ndarray]:
    """A slab layered along `axis` (unequal cells) and the centre coordinates along it."""
    edges = np.concatenate([[0.0], np.cumsum([thickness for thickness, _ in LAYERS])])
    along = join_faces(*[geometric_faces(n, edges[m], edges[m + 1], 3.0) for m, n in enumerate(cells)])
    number = np.repeat(np.arange(len(cells)), cells) + 2
    faces = [np.array([0.0, 1.0, 2.5, 3.0]) * 1e-3, np.array([0.0, 2.0, 3.0]) * 1e-3]
    faces.insert(axis, along)
    shape = [1, 1, 1]
    shape[2 - axis] = number.size
    parts = {f"body{n}": (number == n + 2).reshape(shape) for n in range(len(LAYERS))}
    low, high = ("x0", "x1") if axis == 0 else ("y0", "y1") if axis == 1 else ("z0", "z1")
    mesh = box_mesh(*faces, number.reshape(shape), [s.name for s in SOLIDS], parts, [low, high])
    if contact:
        for plane, resistance in zip(np.cumsum(cells)[:-1], CONTACT):
            add_contact(mesh, f"contact{plane}", axis, int(plane), resistance)
    return mesh, cell_points(mesh.grid)[axis]


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("ends", ["temperatures", "flux and film"])
def test_layered_slab_with_contact_resistance_is_exact(axis: int, ends: str) -> None:
    """Three layers and two contact resistances, any axis, unequal cells: series resistances are exact.

    Reference: composite wall, Carslaw & Jaeger (1959), sec. 3.1. Tolerance 1e-10 of the temperature range: round-off of
    conductances that span a factor 100, times the linear solver's 1e-13.
    """
    mesh, centres = slab(axis, (5, 2, 4))
    low, high = list(mesh.patches)
    if ends == "temperatures":
        flux = 30.0 / (sum(thickness / k for thickness, k in LAYERS) + sum(CONTACT))
        exact = analytic.composite_slab(LAYERS, q_left=flux, T_right=300.0, contact=CONTACT)
        boundaries = [Boundary(low, "wall", temperature=330.0), Boundary(high, "wall", temperature=300.0)]
    else:
        exact = analytic.composite_slab(LAYERS, q_left=8.6e5, T_right=300.0, h_right=2e4, contact=CONTACT)
        film = {"heat_transfer_coefficient": 2e4, "ambient_temperature": 300.0}
        boundaries = [Boundary(low, "wall", heat_flux=8.6e5), Boundary(high, "wall", **film)]
    problem = conduction(f"slab along {axis}", mesh, SOLIDS, boundaries, reference_temperature=300.0)
    temperature = run(problem).temperature
    reference = exact["T"](centres.ravel()).reshape(centres.shape)
    error = np.abs(temperature - reference).max() / np.ptp(reference)
    check(f"layered slab, contact resistance, {ends}, axis {axis}", error, 1e-10, THICKNESS)


def test_layered_slab_with_heat_sources_is_second_order() -> None:
    """Layers that release heat: parabolas inside the layers, so the error falls as the cell size squared.

    Reference: composite wall with sources, Incropera sec. 3.5. Order >= 1.9 in the largest error over three grids.
    """
    errors, sizes = [], []
    power = [0.0, 0.0, 2.0]  # W in each layer
    for factor in (1, 2, 4):
        mesh, centres = slab(0, (3 * factor, 2 * factor, 3 * factor))
        area = float(np.ptp(mesh.grid.y) * np.ptp(mesh.grid.z))
        density = [p / (area * thickness) for p, (thickness, _) in zip(power, LAYERS)]
        exact = analytic.composite_slab(LAYERS, T_left=300.0, T_right=310.0, src=density, contact=CONTACT)
        ends = [Boundary("x0", "wall", temperature=300.0), Boundary("x1", "wall", temperature=310.0)]
        sources = [HeatSource(f"heat{n}", f"body{n}", p) for n, p in enumerate(power)]
        problem = conduction("slab with sources", mesh, SOLIDS, ends, sources=sources, reference_temperature=300.0)
        difference = run(problem).temperature - exact["T"](centres.ravel()).reshape(centres.shape)
        errors.append(float(np.abs(difference).max()))
        sizes.append(1.0 / factor)
    check_order("slab with heat sources, order", errors, sizes, 1.9, "composite wall with sources, Incropera sec. 3.5")


def test_anisotropic_layers_are_exact() -> None:
    """Two layers with different conductivity along x, y and z under a linear field: fluxes on five sides, exact.

    Reference: T = a x + b y + g(z), g piecewise linear; with it every heat flux is the constant -k_i dT/dx_i.
    Tolerance 1e-10 of the temperature range (round-off); a mixed-up component of the tensor is an error of order 1.
    """
    first, second = (390.0, 4.0, 25.0), (10.0, 60.0, 1.5)
    a, b, flux, resistance = 900.0, -1300.0, 4e4, 3e-5
    x, y, z = tanh_faces(6, 0, 8e-3), geometric_faces(5, 0, 6e-3, 2.0), np.linspace(0.0, 4e-3, 9)
    middle = z[4]
    material = np.where(np.arange(8) < 4, 2, 3)[:, None, None]
    mesh = box_mesh(x, y, z, material, ["first", "second"], sides=["z0", "z1"])
    add_contact(mesh, "joint", 2, 4, resistance)

    def field(px: np.ndarray, py: np.ndarray, pz: np.ndarray) -> np.ndarray:
        below = -flux * np.minimum(pz, middle) / first[2]
        above = np.where(pz > middle, -flux * resistance - flux * (pz - middle) / second[2], 0.0)
        return 350.0 + a * px + b * py + below + above

    boundaries = [Boundary("z0", "wall", heat_flux=flux), Boundary("z1", "wall", temperature=field)]
    for axis, slope in ((0, a), (1, b)):
        for side in (0, 1):
            for k, (layer, name) in enumerate(((first, "first"), (second, "second"))):
                patch = f"{name} {axis}{side}"
                rows = (material[:, 0, 0] == k + 2)[:, None]
                whole_face(mesh, patch, axis, side, rows)
                inwards = -slope * layer[axis] * (1.0 if side == 0 else -1.0)
                boundaries.append(Boundary(patch, "wall", heat_flux=inwards))
    problem = conduction("anisotropic layers", mesh, [Solid("first", first), Solid("second", second)], boundaries)
    problem.reference_temperature = 350.0
    exact = field(*cell_points(mesh.grid))
    error = np.abs(run(problem).temperature - exact).max() / np.ptp(exact)
    check("anisotropic layers", error, 1e-10, "linear field, exact for series resistances")


def test_fin_matches_fin_equation_and_two_dimensional_series() -> None:
    """A thin fin with a film on its sides: heat at the base.

    References: fin equation, Q = k A m tanh(m L) (Incropera sec. 3.6.2; valid to Bi/3 = 8e-5 here) and the exact 2-D
    series, Q = sum k C_n sin(zeta_n) tanh(zeta_n L / a) with zeta tan(zeta) = Bi. Tolerances: 2e-4 of the series
    for 100 cells along (second order, m dx = 0.02), 3e-4 of the fin equation.
    """
    half, length, k, h = 5e-4, 0.06, 200.0, 100.0
    mesh = box_mesh(np.linspace(0, length, 101), np.linspace(0, half, 5), np.array([0.0, 1.0]), 2, ["fin"],
                    sides=["x0", "y0", "y1", "z0", "z1"])
    film = {"heat_transfer_coefficient": h, "ambient_temperature": 300.0}
    boundaries = [Boundary("x0", "wall", temperature=301.0), Boundary("y1", "wall", **film)]
    problem = conduction("fin", mesh, [Solid("fin", (k, k, k))], [*boundaries, *symmetric("y0", "z0", "z1")])
    problem.reference_temperature = 300.0
    temperature = run(problem).temperature
    dx, dy, _ = mesh.grid.widths
    heat = float((k * dy * (301.0 - temperature[0, :, 0]) / (0.5 * dx[0])).sum())

    biot = h * half / k
    zeta = analytic.slab_roots(biot, 40)
    c = 4 * np.sin(zeta) / (2 * zeta + np.sin(2 * zeta))
    series = float((k * c * np.sin(zeta) * np.tanh(zeta * length / half)).sum())
    m = np.sqrt(h / (k * half))
    fin = k * half * m * np.tanh(m * length)
    check("fin, heat at the base, 2-D series", abs(heat / series - 1), 2e-4, "Carslaw & Jaeger (1959), sec. 5.6")
    check("fin, heat at the base, fin equation", abs(heat / fin - 1), 3e-4, "Incropera, sec. 3.6.2")
