"""The commands that solve nothing: new, check, mesh, schema, info, version; and what wrong usage answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_support import command, environment, write_small
from ruamel.yaml import YAML

import coldrack
from coldrack.meshes.report import mesh_report
from coldrack.solver.case.schema import json_schema
from coldrack.solver.case.systems import systems
from coldrack.solver.cli import codes, main
from coldrack.solver.cli.templates import kinds
from coldrack.solver.memory import estimate
from coldrack.solver.output.summary_schema import summary_schema

ROOT = Path(__file__).resolve().parents[2]
KINDS = ["cold-plate", "conduction", "duct", "hall", "microchannel", "network", "rack", "split-flow"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def one_error(capsys: Any) -> str:
    """The one line on stderr; stdout stays empty."""
    out, err = capsys.readouterr()
    assert out == "" and "Traceback" not in err
    lines = err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("coldrack: error: "), err
    return lines[0]


def test_templates_are_those_that_are_documented() -> None:
    assert sorted(kinds()) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_new_writes_a_commented_case_that_is_valid(kind: str, here: Path, capsys: Any) -> None:
    assert main(["new", kind]) == 0
    path = here / f"{kind.replace('-', '_')}.yaml"
    text = path.read_text()
    assert path.name in capsys.readouterr().out
    assert text.startswith("# ") and text.count("#") > 8
    if kind in systems():
        jsonschema.validate(YAML(typ="safe").load(text), systems()[kind].model.model_json_schema())
        assert not coldrack.solve(path).reason
        return
    jsonschema.validate(YAML(typ="safe").load(text), json_schema())
    problem = coldrack.load(path, {"mesh.refine": "0.5"})
    assert problem.mesh.grid.cells > 500 and problem.boundaries


def test_new_never_replaces_a_file_unless_forced(here: Path, capsys: Any) -> None:
    (here / "mine.yaml").write_text("mine")
    assert main(["new", "duct", "mine.yaml"]) == 2
    assert "--force" in one_error(capsys) and (here / "mine.yaml").read_text() == "mine"
    assert main(["new", "duct", "mine.yaml", "--force"]) == 0
    assert "coldrack: 1" in (here / "mine.yaml").read_text()


def test_new_suggests_the_nearest_kind(here: Path, capsys: Any) -> None:
    assert main(["new", "splitflow"]) == 2
    assert "'split-flow'" in one_error(capsys)
    assert list(here.iterdir()) == []


def test_check_accepts_a_case_and_leaves_nothing_behind(here: Path, capsys: Any) -> None:
    path = write_small(here)
    assert main(["check", str(path)]) == 0
    out = capsys.readouterr().out
    assert "432 cells" in out and "12 W" in out
    assert list(here.iterdir()) == [path]


def test_check_names_file_line_and_every_mistake(here: Path, capsys: Any) -> None:
    path = write_small(here)
    path.write_text(path.read_text().replace("8 W", "8 m").replace("velocity", "velocty"))
    assert main(["check", str(path)]) == 2
    err = capsys.readouterr().err
    assert f"{path}:10:" in err and f"{path}:13:" in err and "'velocity'" in err and "Traceback" not in err


def test_mesh_prints_what_the_mesh_is_and_draws_it(here: Path, capsys: Any) -> None:
    path = write_small(here)
    assert main(["mesh", str(path)]) == 0
    out = capsys.readouterr().out
    assert "432 cells: 12 x 6 x 6" in out and "aspect ratio" in out and "growth" in out and "MB" in out and "right" in out
    picture = here / "small" / "mesh.png"
    assert str(picture.relative_to(here)) in out and picture.read_bytes().startswith(b"\x89PNG")
    assert main(["mesh", str(path), "--json", "--set", "mesh.refine=2"]) == 0
    report = json.loads(capsys.readouterr().out)
    problem = coldrack.load(path, {"mesh.refine": "2"})
    assert report == json.loads(json.dumps(mesh_report(problem.mesh))) | {"memory_bytes": estimate(problem)}
    assert report["cells"] == 432 * 8


def test_schemas(capsys: Any) -> None:
    assert main(["schema"]) == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))
    assert main(["schema", "--summary"]) == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert printed == summary_schema()


def test_documented_summary_schema_is_the_current_one() -> None:
    documented = json.loads((ROOT / "docs" / "summary.schema.json").read_text())
    assert documented == summary_schema(), "write it anew: coldrack schema --summary > docs/summary.schema.json"


def test_info_works_without_gpu_and_compiler(tmp_path: Path) -> None:
    bare = environment(PATH=str(tmp_path), CXX=str(tmp_path / "no-compiler"), XDG_CACHE_HOME=str(tmp_path / "cache"))
    done = subprocess.run(command("info", "--json"), env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["devices"]["numpy"] and "not available" in found["devices"]["host"]
    assert found["auto"].startswith("numpy") and found["cores"] >= 1 and found["memory_bytes"] > 0
    assert found["libraries"]["numpy"] and found["coldrack"] == coldrack.__version__


def test_version_the_same_through_the_module() -> None:
    done = subprocess.run(command("--version"), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"coldrack {coldrack.__version__}"


def test_importing_coldrack_is_light() -> None:
    script = "import sys, coldrack; print([m for m in ('numpy', 'h5py', 'pyvista', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("typed", "says"), [
    (["run", "CASE", "--set", "mesh.refine"], "key=value"),
    (["run", "CASE", "--set", "mesh.refine=1", "--set", "mesh.refine=2"], "twice"),
    (["run", "CASE", "--set", "mesh.refin=1"], "refine"),
    (["run", "CASE", "--device", "gpu"], "cuda:N"),
    (["run", "CASE", "--dtype", "f2"], "f8"),
    (["run", "CASE", "--checkpoint-minutes", "soon"], "checkpoint-minutes"),
    (["run", "CASE", "--colour"], "--colour"),
    (["run"], "case"),
    (["run", "nowhere.yaml"], "no such file"),
    (["solve", "CASE"], "solve"),
    (["power", "nowhere", "--set", "gpu=1W"], "fields.vtkhdf"),
    (["render", "nowhere"], "fields.vtkhdf"),
])
def test_wrong_usage_is_one_line_and_code_2(typed: list[str], says: str, here: Path, capsys: Any) -> None:
    path = write_small(here)
    assert main([str(path) if t == "CASE" else t for t in typed]) == codes.WRONG_INPUT
    assert says in one_error(capsys)
    assert list(here.iterdir()) == [path]


def test_help_of_run_documents_every_exit_code(capsys: Any) -> None:
    assert main(["run", "--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    for code, text in codes.EXPLAINED.items():
        assert f"{code} {text}" in words
    assert {codes.OK, codes.ENVIRONMENT, codes.WRONG_INPUT, codes.NOT_CONVERGED, codes.SOLVER_FAILED, codes.INTERRUPTED,
            codes.TERMINATED} == set(codes.EXPLAINED) == {0, 1, 2, 3, 4, 130, 143}


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command("schema"), stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert "Traceback" not in done.stderr and done.returncode == codes.ENVIRONMENT
