"""What a run leaves: VTKHDF and XDMF that readers understand, a summary that fits its schema, pictures, the Python API."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import h5py
import jsonschema
import numpy as np
import pytest
import pyvista
from cli_support import DEVICE, write_small

import coldrack
from coldrack.solver.output import spatial
from coldrack.solver.output.pictures import NAMES, render
from coldrack.solver.output.summary_schema import summary_schema
from coldrack.solver.solution import Solution

TEMPLATES = Path(__file__).resolve().parents[2] / "solver" / "case" / "templates"
KEYS = ["converged", "cells", "iterations", "wall_seconds", "solver_seconds", "peak_memory_bytes", "device", "dtype", "version",
        "pressure_drop", "flow_rate", "ledger", "components"]


@pytest.fixture(scope="module")
def solution(tmp_path_factory: pytest.TempPathFactory) -> Solution:
    return coldrack.solve(write_small(tmp_path_factory.mktemp("case")), device=DEVICE)


@pytest.fixture(scope="module")
def folder(solution: Solution, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("saved")
    solution.save(out)
    return out


def expected(solution: Solution) -> dict[str, np.ndarray]:
    mesh = solution.problem.mesh
    return {"T": solution.temperature, "p": solution.pressure, "material": mesh.material, "component": mesh.component,
            "U": np.stack(solution.velocity(), axis=-1).astype(np.float32)}


def same_grid(grid: Any, solution: Solution) -> None:
    for points, faces in zip((grid.x, grid.y, grid.z), solution.problem.mesh.grid.faces):
        np.testing.assert_array_equal(np.asarray(points), faces)


def test_pyvista_reads_the_same_values(solution: Solution, folder: Path) -> None:
    grid: Any = pyvista.read(folder / "fields.vtkhdf")
    same_grid(grid, solution)
    assert sorted(grid.cell_data.keys()) == sorted(expected(solution))
    for name, values in expected(solution).items():
        got = np.asarray(grid.cell_data[name]).reshape(values.shape)
        np.testing.assert_array_equal(got, values, err_msg=name)


def test_to_pyvista_holds_the_same_values(solution: Solution) -> None:
    grid = solution.to_pyvista()
    same_grid(grid, solution)
    for name, values in expected(solution).items():
        np.testing.assert_array_equal(np.asarray(grid.cell_data[name]).reshape(values.shape), values, err_msg=name)


def test_cells_lie_where_they_belong(solution: Solution) -> None:
    """The order of the axes: a cell that is found by its position has the value of its indices."""
    grid = solution.to_pyvista()
    x, y, z = solution.problem.mesh.grid.centres
    k, j, i = 4, 1, 9
    cell = grid.find_containing_cell((x[i], y[j], z[k]))
    assert grid.cell_data["T"][cell] == solution.temperature[k, j, i]


def test_xdmf_points_to_existing_datasets_of_the_stated_shape(solution: Solution, folder: Path) -> None:
    root = ElementTree.parse(folder / "fields.xdmf").getroot()
    items = root.findall(".//DataItem")
    assert len(items) == 3 + len(expected(solution))
    kinds = {"Float": "f", "UInt": "u", "Int": "i"}
    for item in items:
        file, where = str(item.text).split(":")
        with h5py.File(folder / file) as data:
            dataset = data[where]
            assert " ".join(map(str, dataset.shape)) == item.get("Dimensions"), where
            assert dataset.dtype.kind == kinds[str(item.get("NumberType"))]
            assert str(dataset.dtype.itemsize) == item.get("Precision")
    topology = root.find(".//Topology")
    assert topology is not None
    assert topology.get("Dimensions") == " ".join(str(n + 1) for n in solution.problem.mesh.grid.shape)


def test_summary_fits_its_schema(solution: Solution, folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text())
    jsonschema.validate(summary, summary_schema())
    assert set(KEYS) <= set(summary)
    assert summary == json.loads(json.dumps(solution.summary())) | {k: summary[k] for k in ("peak_memory_bytes",)}
    assert summary["converged"] and summary["ledger"]["heat_in"] == pytest.approx(12.0)
    for name, power in {"left": 8.0, "right": 4.0}.items():
        part = summary["components"][name]
        cells = solution.problem.mesh.cells_of(name)
        assert part["t_max"] == solution.temperature[cells].max() and part["power"] == power
        assert part["r_th"] == pytest.approx((part["t_max"] - 298.15) / power)


@pytest.mark.parametrize(("template", "changes"), [
    ("conduction.yaml", {"mesh.refine": "0.5"}),
    ("duct.yaml", {"mesh.refine": "0.5", "coolant.properties": "variable"}),
    ("duct.yaml", {"mesh.refine": "0.5", "solver.energy": "false"}),
    ("duct.yaml", {"mesh.refine": "0.5", "solver.max_iterations": "3"}),
])
def test_other_summaries_fit_the_schema_too(template: str, changes: dict[str, str]) -> None:
    summary = coldrack.solve(coldrack.load(TEMPLATES / template, changes), device=DEVICE).summary()
    jsonschema.validate(json.loads(json.dumps(summary, allow_nan=False)), summary_schema())
    assert summary["converged"] == ("solver.max_iterations" not in changes), summary["reason"]


def test_schema_refuses_a_summary_without_its_keys(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text())
    for key in KEYS:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({k: v for k, v in summary.items() if k != key}, summary_schema())


def test_read_results_gives_back_what_was_saved(solution: Solution, folder: Path) -> None:
    results = coldrack.read_results(folder)
    np.testing.assert_array_equal(results.fields["T"], solution.temperature)
    assert results.components == ["left", "right"] and results.materials == solution.problem.mesh.materials
    np.testing.assert_array_equal(results.history["pressure_drop"], solution.history["pressure_drop"])


def test_log_says_how_it_was_solved(folder: Path) -> None:
    text = (folder / "log.txt").read_text()
    assert re.search(r"flow: .*contracting by 0\.\d+", text) and re.search(r"energy: BiCGStab.*contraction", text)
    assert "two blocks under water" in text and "velocity: 0.05 m/s" in text  # the report, and the case


def test_pictures_are_drawn_with_content(folder: Path) -> None:
    made, remarks = render(folder)
    assert remarks == [] and sorted(p.stem for p in made) == sorted(NAMES)
    for path in made:
        image = np.asarray(pyvista.read(path).point_data.active_scalars, float)
        assert image.std() > 10, f"{path} is nearly empty"


def test_without_a_gl_library_the_flat_pictures_remain(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spatial, "PROBE", "import os; os.abort()")
    spatial.missing_library.cache_clear()
    try:
        made, remarks = render(folder)
    finally:
        spatial.missing_library.cache_clear()
    assert len(remarks) == 1 and "libegl1" in remarks[0]
    assert {"cut_view", "streamlines"}.isdisjoint(p.stem for p in made) and len(made) == 4


def test_conduction_has_no_streamlines_and_says_so(tmp_path: Path) -> None:
    coldrack.solve(coldrack.load(TEMPLATES / "conduction.yaml", {"mesh.refine": "0.5"}), device=DEVICE).save(tmp_path)
    made, remarks = render(tmp_path)
    assert "streamlines" not in [p.stem for p in made] and len(remarks) == 1 and "streamlines" in remarks[0]
