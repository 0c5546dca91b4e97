"""Who may import whom, read from the source; and that the numerical core needs nothing but numpy (and scipy, h5py, cupy)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("solver", "kernels", "meshes", "benchmarks")
BELOW = {"benchmarks": {*PARTS}, "solver": {"solver", "kernels", "meshes"}, "kernels": {"kernels"}, "meshes": {"meshes"}}
# Heavy or optional libraries, and the only places that import them.
HOMES = {
    "cupy": {"kernels/cuda.py"},
    "h5py": {"solver/output/"},
    "pyvista": {"solver/output/", "meshes/stl.py"},
    "vtk": {"solver/output/"},
    "trimesh": {"meshes/stl.py"},
    "matplotlib": {"solver/output/", "benchmarks/report.py"},
    "pydantic": {"solver/case/"},
    "pydantic_core": {"solver/case/"},
    "pint": {"solver/case/"},
    "ruamel": {"solver/case/"},
    "typer": {"solver/cli/"},
    "rich": {"solver/cli/"},
}
EDGE = ["pydantic", "pint", "pyvista", "vtk", "matplotlib", "ruamel", "typer", "rich", "trimesh"]


def sources(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file imports, also inside functions and by name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            if node.args and isinstance(node.args[0], ast.Constant):
                yield node.lineno, str(node.args[0].value)


@pytest.mark.parametrize("part", PARTS)
def test_imports_point_down(part: str) -> None:
    assert sources(part)
    wrong = [f"{path.relative_to(ROOT)}:{line} imports {name}" for path in sources(part) for line, name in imported(path)
             if name.startswith("coldrack.") and name.split(".")[1] in PARTS and name.split(".")[1] not in BELOW[part]]
    assert not wrong


@pytest.mark.parametrize("part", PARTS)
def test_nothing_imports_scripts_tests_or_bare_parts(part: str) -> None:
    bare = {*PARTS, "scripts", "tests", "benchmarks", "support"}
    wrong = [f"{path.relative_to(ROOT)}:{line} imports {name}" for path in sources(part) for line, name in imported(path)
             if name.split(".")[0] in bare]
    assert not wrong


@pytest.mark.parametrize("library", HOMES)
def test_libraries_stay_in_their_place(library: str) -> None:
    allowed = tuple(HOMES[library])
    wrong = [f"{path.relative_to(ROOT)}:{line}" for part in PARTS for path in sources(part) for line, name in imported(path)
             if name.split(".")[0] == library and not str(path.relative_to(ROOT)).startswith(allowed)]
    assert not wrong, f"{library} belongs to {', '.join(allowed)}"


BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked}:
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocker())
"""


@pytest.mark.parametrize("module", ["coldrack", "coldrack.kernels", "coldrack.kernels.cuda", "coldrack.meshes.mesh",
                                    "coldrack.meshes.grid", "coldrack.solver.run", "coldrack.kernels.check"])
def test_core_needs_only_numpy_scipy_and_h5py(module: str) -> None:
    code = BLOCKED.format(blocked={*EDGE, "cupy"}) + f"import {module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_blocker_blocks() -> None:
    code = BLOCKED.format(blocked=set(EDGE)) + "import coldrack.solver.case.schema"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "blocked: " in done.stderr
