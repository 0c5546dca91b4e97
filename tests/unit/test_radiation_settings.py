"""Settings of radiation that make no sense are refused, in Python as in case files (bad_cases/radiation.yaml)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import box_mesh

import coldrack
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.radiating_surfaces import surfaces
from coldrack.solver.physics.radiation import RadiationSettings
from coldrack.solver.problem import Boundary, Problem

CASE = """\
coldrack: 1
coolant: {name: air}
gravity: [0, 0, -9.81 m/s^2]
domain: {low: [0, 0, 0], high: [40 mm, 40 mm, 60 mm]}
background: fluid
objects:
  board: {shape: box, material: copper, low: [10 mm, 10 mm, 0 mm], high: [30 mm, 30 mm, 10 mm]}
  cover: {shape: box, material: aluminium_6061, low: [10 mm, 10 mm, 20 mm], high: [30 mm, 30 mm, 30 mm]}
sources: {heat: {component: board, power: 1 W}}
boundaries:
  lid: {kind: wall, face: z+, temperature: 25 degC}
  side: {kind: outlet, face: x-, temperature: 25 degC}
radiation: {emissivity: {default: 0.9, copper: 0.05, cover: 0.3, lid: 0.6}, ambient: 20 degC, largest_patch: 10 mm}
mesh: {max_cell: 10 mm, min_cells_gap: 1, min_cells_solid: 1}
"""


@pytest.mark.parametrize(("values", "says"), [
    ({"emissivity": {"copper": 0.5}}, 'add "default"'), ({"emissivity": {"default": 0.0}}, "more than 0 and at most 1"),
    ({"emissivity": {"default": 0.9, "copper": 1.1}}, "'copper' is 1.1"), ({"ambient_temperature": -20.0}, "-20.0 K"),
    ({"rays": 0}, "at least 1"), ({"largest_patch": 0.0}, "largest patch is 0.0 m"),
])
def test_settings_that_make_no_sense(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        RadiationSettings(**{"emissivity": {"default": 0.9}, "ambient_temperature": 300.0, **values})


def test_case_becomes_settings_and_patches(tmp_path: Path) -> None:
    """Emissivity by component before material, the rest by default; one patch per opening; areas are those of the faces."""
    (tmp_path / "case.yaml").write_text(CASE)
    problem = coldrack.load(str(tmp_path / "case.yaml"))
    emissivity = {"default": 0.9, "copper": 0.05, "cover": 0.3, "lid": 0.6}
    assert problem.radiation == RadiationSettings(emissivity, 293.15, 2048, 0.01)
    s = surfaces(problem, Layout(problem.mesh.grid))
    found = {n: {float(e) for e, m in zip(s.emissivity, s.name) if m == n} for n in s.name}
    assert found == {"board": {0.05}, "cover": {0.3}, "lid": {0.6}, "side": {1.0}, "wall": {0.0}}
    area = {n: float(sum(a for a, m in zip(s.areas, s.name) if m == n)) for n in found}
    assert area["cover"] == pytest.approx(6 * 4e-4 - 4 * 2e-4) and area["side"] == pytest.approx(0.04 * 0.06)
    assert s.name.count("side") == 1 and s.name.count("lid") == 16


def test_a_grid_of_mirrors_has_no_surface() -> None:
    mesh = box_mesh([0.0, 1.0], [0.0, 1.0], [0.0, 1.0], sides=["x0", "x1", "y0", "y1", "z0", "z1"])  # type: ignore[arg-type]
    problem = Problem("mirrors", mesh, None, {}, boundaries=[Boundary(n, "symmetry") for n in mesh.patches],
                      radiation=RadiationSettings({"default": 0.9}, 300.0))
    assert surfaces(problem, Layout(mesh.grid)).kind.size == 0
