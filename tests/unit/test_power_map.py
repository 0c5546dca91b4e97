"""Power maps: what is read, where the watts go, and that none is lost. Nothing is solved here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from case_support import BASE
from hypothesis import given
from hypothesis import strategies as st
from support import box_mesh

import coldrack
from coldrack.solver.case.power_map import PowerMap, read_power_map
from coldrack.solver.case.spread import spread

MM = 1e-3


def file(folder: Path, text: str) -> Path:
    path = folder / "map.csv"
    path.write_text(text)
    return path


def die_mesh(faces_x: Any = None, faces_y: Any = None) -> Any:
    """A die of 8 mm by 12 mm with its corner at (4, 4) mm, in a block of 20 mm by 20 mm, two layers high of three."""
    x = np.array([0, 2, 4, 5, 7, 10, 12, 16, 20]) * MM if faces_x is None else faces_x
    y = np.array([0, 4, 9, 10, 13, 16, 20]) * MM if faces_y is None else faces_y
    z = np.array([0, 1, 1.5, 3]) * MM
    xc, yc, zc = (0.5 * (f[1:] + f[:-1]) for f in (x, y, z))
    inside = ((zc > 1 * MM)[:, None, None] & ((yc > 4 * MM) & (yc < 16 * MM))[None, :, None]
              & ((xc > 4 * MM) & (xc < 12 * MM))[None, None, :])
    return box_mesh(x, y, z, material=2, solids=["silicon"], components={"die": inside})


def centroid(density: Any, mesh: Any) -> tuple[float, float]:
    """Power-weighted centre along x and y, mm."""
    x, y, _ = mesh.grid.centres
    total = density.sum()
    return float((density * x[None, None, :]).sum() / total / MM), float((density * y[None, :, None]).sum() / total / MM)


COLUMNS = "x [mm], y [mm], q [W/cm^2]\n2, 3, 10\n6, 3, 20\n2, 9, 30\n6, 9, 40\n"
GRID = "[mm] [W/cm^2], 2, 6\n3, 10, 20\n9, 30, 40\n"
PLAIN = "q [W/cm^2]\n10, 20\n30, 40\n"
TILE = 4 * 6 * 1e-2  # cm2
TOTAL = (10 + 20 + 30 + 40) * TILE  # W


@pytest.mark.parametrize("text", [
    COLUMNS, GRID, PLAIN,
    "x, y, q\n.002, .003, 1e5\n.006, .003, 2e5\n.002, .009, 3e5\n.006, .009, 4e5\n",
    "X (mm), Y (mm), W/cm2\n2, 3, 10\n6, 3, 20\n2, 9, 30\n6, 9, 40\n",
    "x,y,W/m2\n.002, .003, 1e5\n.006, .003, 2e5\n.002, .009, 3e5\n.006, .009, 4e5\n",
    "x [mm], y [mm], heat flux [W/mm^2]\n6, 9, 0.4\n2, 9, 0.3\n\n6, 3, 0.2\n2, 3, 0.1\n",
    "\ufeffx [mm], y [mm], q [W/cm^2]\r\n2, 3, 10\r\n6, 3, 20\r\n2, 9, 30\r\n6.0000001, 9, 40\r\n",
    ", .002, .006\n.003, 1e5, 2e5\n.009, 3e5, 4e5\n",
    "[W/cm^2],\n10, 20\n30, 40\n", "W/cm^2\n10, 20\n30, 40\n", "q\n1e5, 2e5\n3e5, 4e5\n",
])
def test_layouts_and_units_say_the_same(tmp_path: Path, text: str) -> None:
    mesh = die_mesh()
    out = spread(read_power_map(file(tmp_path, text)), mesh, "die")
    assert out == pytest.approx(spread(read_power_map(file(tmp_path, COLUMNS)), mesh, "die"), rel=1e-7)
    assert out.sum() == pytest.approx(TOTAL, rel=1e-7)


def test_each_quarter_gets_its_tile(tmp_path: Path) -> None:
    mesh = die_mesh()
    out = spread(read_power_map(file(tmp_path, COLUMNS)), mesh, "die")
    fine = die_mesh(np.array([0, 4, 8, 12, 20]) * MM, np.array([0, 4, 10, 16, 20]) * MM)
    by_tile = spread(read_power_map(file(tmp_path, COLUMNS)), fine, "die").sum(axis=0)[1:3, 1:3]
    assert by_tile == pytest.approx(np.array([[10, 20], [30, 40]]) * TILE)
    assert centroid(out, mesh)[0] > 8 and centroid(out, mesh)[1] > 10


def test_x_of_the_file_is_x_of_the_die(tmp_path: Path) -> None:
    mesh = die_mesh(np.linspace(0, 20, 21) * MM, np.linspace(0, 20, 21) * MM)
    along_x = spread(read_power_map(file(tmp_path, "q\n0, 0, 0, 5\n")), mesh, "die")
    assert centroid(along_x, mesh) == pytest.approx((11.0, 10.0))  # the last quarter of 4..12 mm
    along_y = spread(read_power_map(file(tmp_path, "q\n5\n0\n0\n")), mesh, "die")
    assert centroid(along_y, mesh) == pytest.approx((8.0, 6.0))  # the first third of 4..16 mm


def test_only_the_die_is_heated_and_evenly_by_height(tmp_path: Path) -> None:
    mesh = die_mesh()
    out = spread(read_power_map(file(tmp_path, COLUMNS)), mesh, "die")
    assert np.all(out[~mesh.cells_of("die")] == 0) and np.all(out[mesh.cells_of("die")] > 0)
    assert out[2] == pytest.approx(3 * out[1])  # layers of 0.5 mm and 1.5 mm


@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 9), st.integers(1, 9), st.integers(0, 1000))
def test_power_is_kept_on_any_grid(tiles_x: int, tiles_y: int, cells_x: int, cells_y: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    q = rng.random((tiles_y, tiles_x)) + 0.01
    centres = [(np.arange(n) + 0.5) / n for n in (tiles_x, tiles_y)]
    inner = [np.sort(rng.random(n - 1)) * 0.98 + 0.01 for n in (cells_x, cells_y)]
    x = np.concatenate([[0, 4], 4 + 8 * inner[0], [12, 20]]) * MM
    y = np.concatenate([[0, 4], 4 + 12 * inner[1], [16, 20]]) * MM
    out = spread(PowerMap("map.csv", *centres, q, relative=True), die_mesh(np.unique(x), np.unique(y)), "die")
    assert out.sum() == pytest.approx(q.mean() * 8 * 12 * MM**2, rel=1e-12)


def test_points_on_the_edges_are_half_tiles(tmp_path: Path) -> None:
    text = "x [mm], y [mm], q [W/cm^2]\n" + "".join(f"{x}, {y}, {x}\n" for y in (0, 6, 12) for x in (0, 4, 8))
    out = spread(read_power_map(file(tmp_path, text)), die_mesh(), "die")
    assert out.sum() == pytest.approx((0 * 2 + 4 * 4 + 8 * 2) * 12 * 1e-2)


def test_a_round_component_takes_what_falls_on_it(tmp_path: Path) -> None:
    mesh = die_mesh(np.linspace(0, 20, 81) * MM, np.linspace(0, 20, 81) * MM)
    x, y, _ = mesh.grid.centres
    disc = (x[None, None, :] - 8 * MM) ** 2 + (y[None, :, None] - 10 * MM) ** 2 < (4 * MM) ** 2
    mesh.component[np.broadcast_to(~disc, mesh.component.shape)] = 0
    out = spread(read_power_map(file(tmp_path, "q [W/cm^2]\n10\n")), mesh, "die")
    assert out.sum() == pytest.approx(10 * np.pi * 0.4**2, rel=0.02)


MANY = ",".join(["1"] * 1001)


@pytest.mark.parametrize("text", [
    "q\n" + MANY + "\n", "q\n" + "1\n" * 1001, "[mm] [W/cm^2]," + MANY + "\n1," + MANY + "\n",
    "x, y, q\n" + "".join(f"{n}, 1, 1\n" for n in range(1001)),
])
def test_a_thousand_tiles_along_an_axis_are_the_most(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"map\.csv: .*1,001.* tiles; at most 1,000 along x and along y: use fewer"):
        read_power_map(file(tmp_path, text))


def test_too_many_values_are_refused_before_all_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldrack.solver.case.power_map.MOST_VALUES", 5)
    with pytest.raises(ValueError, match="more than 5 values; use fewer, larger tiles"):
        read_power_map(file(tmp_path, COLUMNS))


# ---------------------------------------------------------------- in a case
def load(folder: Path, text: str, source: str) -> Any:
    file(folder, text)
    path = folder / "case.yaml"
    path.write_text(BASE.replace("{component: gpu, map: map.csv, power: 100 W}", source))
    problem = coldrack.load(str(path))
    return problem, next(s for s in problem.sources if s.name == "gpu")


def test_map_gives_the_power_of_a_source(tmp_path: Path) -> None:
    problem, source = load(tmp_path, PLAIN, "{component: gpu, map: map.csv}")
    assert source.power == pytest.approx(TOTAL) and source.density.shape == problem.mesh.grid.shape


def test_power_scales_the_map_and_keeps_its_shape(tmp_path: Path) -> None:
    problem, scaled = load(tmp_path, PLAIN, "{component: gpu, map: map.csv, power: 500 W}")
    _, own = load(tmp_path, PLAIN, "{component: gpu, map: map.csv}")
    assert scaled.power == 500.0
    assert scaled.density / scaled.density.sum() == pytest.approx(own.density / own.density.sum())
    assert np.all((scaled.density > 0) == problem.mesh.cells_of("gpu"))


def test_source_without_a_map_is_uniform(tmp_path: Path) -> None:
    _, source = load(tmp_path, PLAIN, "{component: gpu, power: 10 W}")
    assert source.power == 10.0 and source.density is None
