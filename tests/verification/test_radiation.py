"""Radiation between surfaces: view factors and exchange against closed forms, conservation, blocked and mirrored views."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from buoyant_support import POWER, chip_in_air
from support import Array, box_mesh, check, geometric_faces, run, settings, symmetric

from coldrack.kernels import get_backend
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.radiating_surfaces import Surfaces, surfaces
from coldrack.solver.physics.radiation import SIGMA, RadiationSettings
from coldrack.solver.physics.view_factors import exchange, view_areas
from coldrack.solver.problem import Boundary, ConstantCoolant, HeatSource, Problem, Solid

HOWELL = "Howell, A Catalog of Radiation Heat Transfer Configuration Factors, 3rd ed., "
TWO_PLATES = "Howell, Menguc, Daun & Siegel, Thermal Radiation Heat Transfer, 7th ed. (2021), infinite parallel plates"
SIDES = ["x0", "x1", "y0", "y1", "z0", "z1"]
VACUUM = ConstantCoolant(1.0, 1.0, 1e-12, 1.0, "nothing")
METAL = Solid("metal", (1e5, 1e5, 1e5))
DARK = RadiationSettings({"default": 1.0}, 300.0)


def c11(a: float, b: float, c: float) -> float:
    """Opposite rectangles a x b at a distance c (Howell, C-11)."""
    x, y = a / c, b / c
    p, q = np.sqrt(1 + x * x), np.sqrt(1 + y * y)
    terms = np.log(p * q / np.sqrt(1 + x * x + y * y)) + x * q * np.arctan(x / q) + y * p * np.arctan(y / p)
    return float(2 / (np.pi * x * y) * (terms - x * np.arctan(x) - y * np.arctan(y)))


def c14(edge: float, height: float, width: float) -> float:
    """From a rectangle edge x width to another one edge x height at a right angle, with the edge in common (Howell, C-14)."""
    h, w = height / edge, width / edge
    s, r = h * h + w * w, 1 + h * h + w * w
    root = np.sqrt(s) * np.arctan(1 / np.sqrt(s))
    logs = np.log((1 + w * w) * (1 + h * h) / r)
    logs += w * w * np.log(w * w * r / ((1 + w * w) * s)) + h * h * np.log(h * h * r / ((1 + h * h) * s))
    return float((w * np.arctan(1 / w) + h * np.arctan(1 / h) - root + 0.25 * logs) / (np.pi * w))


def room(size: tuple[float, ...], walls: dict[str, float], radiation: RadiationSettings = DARK, material: Any = 1,
         cells: int = 8) -> Problem:
    """A box of coolant (and what `material` puts into it) on a stretched grid; walls with temperatures, others symmetric."""
    mesh = box_mesh(*(geometric_faces(cells, 0.0, s, 3.0) for s in size), material=material, solids=["metal"],
                    components={"body": np.asarray(material) == 2}, sides=SIDES)
    boundaries = [Boundary(n, "wall", temperature=t) for n, t in walls.items()]
    boundaries += symmetric(*(s for s in SIDES if s not in walls))
    return Problem("room", mesh, VACUUM, {"metal": METAL}, boundaries=boundaries, radiation=radiation,
                   reference_temperature=300.0, settings=settings(flow=False, residual=1e-13))


def views(problem: Problem) -> tuple[Surfaces, Array, dict[str, dict[str, float]]]:
    """Patches, areas times view factors between them, and view factors between whole surfaces by name."""
    s = surfaces(problem, Layout(problem.mesh.grid))
    assert problem.radiation is not None
    product = view_areas(get_backend("auto"), problem.mesh.grid, s, problem.radiation.rays)
    member = {n: np.array([m == n for m in s.name]) for n in dict.fromkeys(s.name)}
    table = {n: {m: float(product[np.ix_(i, j)].sum() / s.areas[i].sum()) for m, j in member.items()}
             for n, i in member.items()}
    return s, product, table


WARM = dict.fromkeys(SIDES, 300.0)


@pytest.mark.parametrize("size", [(1.0, 1.0, 1.0), (2.0, 1.0, 1.0), (1.0, 1.0, 2.0)], ids=["cube", "2:1:1", "1:1:2"])
def test_view_factors_of_boxes(size: tuple[float, ...]) -> None:
    """Of opposite and of neighbouring faces, on stretched cells; reciprocity and sums are exact."""
    a, b, c = size
    s, product, f = views(room(size, WARM))
    exact = {("x0", "x1"): c11(b, c, a), ("z0", "z1"): c11(a, b, c), ("y0", "y1"): c11(a, c, b),
             ("x0", "z0"): c14(b, a, c), ("z1", "x1"): c14(b, c, a), ("y0", "z1"): c14(a, b, c)}
    for (i, j), value in exact.items():
        check(f"view factor {i} {j} of a box {a:g} x {b:g} x {c:g}", abs(f[i][j] / value - 1), 0.005, HOWELL + "C-11, C-14")
    assert np.allclose(product, product.T, rtol=1e-14, atol=0.0) and np.allclose(product.sum(axis=1), s.areas, rtol=1e-13)


def test_opposite_faces_of_a_cube_in_the_catalogue() -> None:
    """The printed value that the formulas above must give (Howell, C-11 with X = Y = 1: 0.1998)."""
    assert abs(c11(1, 1, 1) - 0.1998) < 5e-5 and abs(4 * c14(1, 1, 1) + c11(1, 1, 1) - 1) < 1e-12


def test_a_mirror_is_as_good_as_the_other_half() -> None:
    """Half a cube beside a symmetry plane: the floor sees ceiling (with its image) and end wall as the whole floor does."""
    f = views(room((0.5, 1.0, 1.0), {n: 300.0 for n in SIDES if n != "x1"}))[2]
    assert abs(f["z0"]["z1"] / c11(1, 1, 1) - 1) < 0.005
    assert abs(f["z0"]["x0"] / (2 * c14(1, 1, 1)) - 1) < 0.005  # the wall and its image


def test_an_obstacle_blocks_the_view() -> None:
    """A wall across the room: nothing goes through; half a wall lets part through."""
    material = np.ones((8, 8, 8), int)
    material[4] = 2
    assert views(room((1.0, 1.0, 1.0), WARM, material=material))[2]["z0"]["z1"] == 0.0
    material[:, :4] = 1
    half = views(room((1.0, 1.0, 1.0), WARM, material=material))[2]["z0"]["z1"]
    assert 0.2 * c11(1, 1, 1) < half < 0.8 * c11(1, 1, 1)


def test_parallel_plates() -> None:
    """q = sigma (T1^4 - T2^4) / (1/e1 + 1/e2 - 1) between plates whose sides are symmetry planes."""
    material = np.ones((8, 1, 1), int) * np.ones((1, 8, 8), int)
    material[:2], material[6:] = 2, 2
    emissivity = RadiationSettings({"default": 0.5, "low": 0.8}, 300.0)
    problem = room((0.4, 0.3, 0.1), {"z0": 500.0, "z1": 300.0}, emissivity, material)
    problem.mesh.component[:2], problem.mesh.components = 2, ["body", "low"]
    book = run(problem).ledger
    exact = SIGMA * (500.0**4 - 300.0**4) / (1 / 0.8 + 1 / 0.5 - 1) * 0.12
    check("radiation between parallel grey plates", abs(book["boundaries"]["z0"] / exact - 1), 1e-5, TWO_PLATES)
    assert np.isclose(book["radiation_components"]["body"], -book["radiation_components"]["low"], rtol=1e-10)
    assert book["heat_relative"] < 1e-7


@pytest.mark.parametrize("outside", ["held at a temperature", "film"])
def test_heated_slab_that_only_radiates(outside: str) -> None:
    """A badly conducting slab with a heat source, insulated below: exact temperatures of slab, surface and wall.

    Finite volumes are off by S h^2 / 8k inside, with the source S per volume; surfaces are exact, also on one cell.
    """
    heat, thick, k, gap = 4000.0, 0.02, 0.5, 0.05
    z = np.concatenate([np.linspace(0.0, thick, 5), thick + np.linspace(0.0, gap, 4)[1:]])
    mesh = box_mesh(np.linspace(0, 1, 3), np.linspace(0, 1, 3), z, np.array([2] * 4 + [1] * 3)[:, None, None], ["board"],
                    {"slab": np.array([1] * 4 + [0] * 3)[:, None, None] == 1}, SIDES)
    wall = (Boundary("z1", "wall", temperature=310.0) if outside != "film" else
            Boundary("z1", "wall", heat_transfer_coefficient=20.0, ambient_temperature=290.0))
    problem = Problem("slab", mesh, VACUUM, {"board": Solid("board", (k, k, k))}, sources=[HeatSource("heat", "slab", heat)],
                      boundaries=[wall, *symmetric("x0", "x1", "y0", "y1")], reference_temperature=300.0,
                      radiation=RadiationSettings({"default": 0.9, "z1": 0.6}, 300.0), settings=settings(flow=False))
    solution = run(problem)
    cold = 310.0 if outside != "film" else 290.0 + heat / 20.0
    surface = (cold**4 + heat / SIGMA * (1 / 0.9 + 1 / 0.6 - 1)) ** 0.25
    centre, source = mesh.grid.centres[2][:4], heat / thick
    exact = surface + source * (thick**2 - centre**2) / (2 * k) + source * (thick / 4) ** 2 / (8 * k)
    check(f"heated slab that radiates to a wall ({outside}), K", float(abs(solution.temperature[:4, 0, 0] - exact).max()),
          1e-3, TWO_PLATES)
    assert np.isclose(solution.ledger["radiation"]["z1"], -heat, rtol=1e-6) and solution.responses is None


def test_hot_body_in_a_black_room() -> None:
    """A convex body in a black enclosure: P = eps A sigma (T^4 - T0^4), whatever the shapes; 1100 K from a start at 300 K."""
    material = np.ones((8, 8, 8), int)
    material[3:5, 2:6, 3:6] = 2
    problem = room((1.0, 1.2, 0.8), WARM, RadiationSettings({"default": 1.0, "metal": 0.7}, 300.0), material)
    problem.sources.append(HeatSource("heat", "body", 5e4))
    x, y, z = (problem.mesh.grid.faces[d][[lo, hi]] for d, lo, hi in ((0, 3, 6), (1, 2, 6), (2, 3, 5)))
    a, b, c = np.ptp(x), np.ptp(y), np.ptp(z)
    solution = run(problem)
    exact = (300.0**4 + 5e4 / (0.7 * SIGMA * 2 * (a * b + b * c + c * a))) ** 0.25
    assert exact > 1000.0
    check("convex body in a black enclosure, K", abs(solution.components["body"]["t_mean"] - exact), 0.1,
          "Stefan-Boltzmann, view factor 1")
    assert np.isclose(sum(solution.ledger["radiation"].values()), -5e4, rtol=1e-7)


def test_what_grey_surfaces_exchange_is_conserved() -> None:
    """Symmetric, no net flux in an isothermal enclosure, none lost between any temperatures, none from hot to hotter."""
    emissivity = RadiationSettings({"default": 0.3, "x0": 0.9, "z1": 0.05}, 300.0, rays=256)
    s, product, _ = views(room((1.0, 0.7, 0.4), WARM, emissivity))
    m = exchange(product, s.areas, s.emissivity)
    e = SIGMA * np.random.default_rng(0).uniform(280.0, 900.0, s.kind.size) ** 4
    assert np.array_equal(m, m.T) and abs((m @ e).sum()) <= 1e-10 * abs(m @ e).sum()
    assert abs(m @ np.full(e.size, e[0])).max() <= 1e-10 * e[0] * s.areas.max()
    assert np.all(m - np.diag(np.diag(m)) <= 1e-12 * s.areas.max())


def test_walls_without_a_condition_send_back_what_they_get() -> None:
    """Only the two walls with temperatures are in the books, and what one loses the other one gets; no more than black ones."""
    problem = room((1.0, 0.7, 0.4), WARM, RadiationSettings({"default": 0.5}, 300.0, rays=256))
    problem.boundaries[:] = [Boundary("z0", "wall", temperature=400.0), Boundary("z1", "wall", temperature=300.0)]
    shone = run(problem).ledger["radiation"]
    assert set(shone) == {"z0", "z1"} and np.isclose(shone["z0"], -shone["z1"], rtol=1e-10)
    bare = SIGMA * (400.0**4 - 300.0**4) * 0.7 / (2 / 0.5 - 2 + 1 / c11(1.0, 0.7, 0.4))
    assert bare < shone["z0"] < SIGMA * (400.0**4 - 300.0**4) * 0.7 / (2 / 0.5 - 1)


def test_heat_that_leaves_through_an_opening_is_in_the_books() -> None:
    """A heated plate in a room with one open side: what it radiates goes out there, and by the sum to nowhere else."""
    material = np.ones((8, 8, 8), int)
    material[0] = 2
    problem = room((1.0, 1.0, 0.5), {}, RadiationSettings({"default": 0.8}, 290.0), material)
    problem.boundaries[:] = [Boundary("z1", "outlet", temperature=290.0), Boundary("z0", "wall", temperature=350.0)]
    book = run(problem).ledger
    out = -book["radiation"]["z1"]
    assert set(book["radiation"]) == {"z1"} and np.isclose(out, book["boundaries"]["z0"], rtol=1e-6)
    assert np.isclose(out, book["heat_out"], rtol=1e-6) and book["heat_relative"] < 1e-6
    assert out < 0.8 * SIGMA * (350.0**4 - 290.0**4)  # grey, and walls send some of it back


def test_buoyant_air_and_radiation() -> None:
    """A chip in a closed box of air: radiation takes over part of the heat, the chip is cooler, the books close."""
    plain = chip_in_air("closed")
    without, dark = run(plain), run(replace(plain, radiation=RadiationSettings({"default": 0.9}, 300.0, rays=512)))
    assert dark.components["chip"]["t_max"] < without.components["chip"]["t_max"] - 0.3
    assert dark.ledger["heat_relative"] < 1e-6 and np.isclose(dark.ledger["heat_out"], POWER, rtol=1e-5)
    shone = -sum(dark.ledger["radiation"].values())
    surface = 2 * 0.005 * 0.005 + 0.025 * 0.005  # m2, of the chip's upper and lower end and its long side
    most = 0.9 * SIGMA * surface * (dark.components["chip"]["t_max"] ** 4 - 300.0**4)
    assert 0.2 * most < shone < most  # walls without a condition send part of it back
