"""Sizes of functions and files; kernel headers and twins; what the wheel holds."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

from coldrack.kernels.check import constraints
from coldrack.kernels.source import FOLDER, Kernel, kernels, shape_function

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
SHIPPED = [p for part in ("solver", "kernels", "meshes", "scripts", "benchmarks") for p in sorted((ROOT / part).rglob("*.py"))]
FIELDS = {"name", "equation", "bytes", "reference"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: str(p.relative_to(ROOT)))
def test_sizes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, f"{node.name} at line {node.lineno}"


def test_every_kernel_is_found() -> None:
    """A kernel that the parser overlooks would run unchecked."""
    names = [n for path in sorted(FOLDER.glob("*.cu")) for n in re.findall(r"^KERNEL\s+(\w+)", path.read_text(), re.M)]
    assert sorted(names) == sorted(kernels()) and names


@pytest.mark.parametrize("kernel", kernels().values(), ids=lambda k: k.name)
def test_kernel_says_what_it_does(kernel: Kernel) -> None:
    assert FIELDS <= set(kernel.header) <= FIELDS | {"inputs", "scratch"} and all(kernel.header.values())
    assert kernel.header["name"] == kernel.name
    assert kernel.bytes["f8"] >= kernel.bytes["f4"] > 0
    constraints(kernel)  # readable
    assert set(kernel.scratch) <= {a.name for a in kernel.arguments if a.pointer and not a.const}
    assert len(kernel.integers) >= 3 and kernel.arguments[0].name == kernel.integers[0]
    for argument in kernel.arguments:
        if argument.pointer:
            assert argument.dimensions, f"{argument.name} has no dimensions"
        if argument.name not in kernel.integers or argument.unit:
            assert argument.unit, f"{argument.name} has no unit"
    assert any(a.pointer and not a.const for a in kernel.arguments)
    shape_function(kernel)(*range(4, 4 + len(kernel.integers)))


@pytest.mark.parametrize("kernel", kernels().values(), ids=lambda k: k.name)
def test_bytes_are_no_less_than_the_arrays(kernel: Kernel) -> None:
    """Every array of the cells' size is moved at least once; the written ones may be read too.

    Between two grids a coarse array counts an eighth, and of a fine one some planes may be left out.
    """
    if kernel.file == "reduction":
        return  # counted by hand in the header
    two = "mx" in kernel.integers
    for dtype, real in (("f8", 8), ("f4", 4)):
        size = {"real": real, "double": 8, "float": 4, "int": 4, "unsigned char": 1}
        whole = [a for a in kernel.arguments if a.pointer and len(a.dimensions) == 3]
        share = {a.name: 0.125 if a.dimensions[0].startswith("mz") else 1.0 for a in whole}
        all_once = sum(size[a.ctype] * share[a.name] for a in whole)
        most = all_once + sum(size[a.ctype] * share[a.name] for a in whole if not a.const)
        least, most = (all_once / 2, most + 0.05) if two else (all_once, most)
        assert least <= kernel.bytes[dtype] <= most, f"{dtype}: header {kernel.bytes[dtype]}, arrays {least} to {most}"


@pytest.mark.parametrize("kernel", kernels().values(), ids=lambda k: k.name)
def test_twin_has_the_same_parameters(kernel: Kernel) -> None:
    twin = getattr(import_module(f"coldrack.kernels.reference.{kernel.file}"), kernel.name)
    assert list(inspect.signature(twin).parameters) == [a.name for a in kernel.arguments]
    assert twin.__doc__


def test_kernel_text_keeps_the_rules() -> None:
    for path in (*FOLDER.glob("*.cu"), *FOLDER.glob("*.cuh")):
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.S)
        assert "#include" not in code, f"{path.name}: an included header escapes CuPy's cache"
        assert "atomic" not in code, f"{path.name}: gather, never scatter"
        assert "fast-math" not in code


def test_wheel_holds_the_package_and_nothing_beside(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), "."]
    copy = tmp_path / "tree"
    tracked = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                             capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, tracked):
        source, target = ROOT / name, copy / name
        if name.startswith("tests/") or not (source.exists() or source.is_symlink()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            target.symlink_to(source.readlink())
        else:
            target.write_bytes(source.read_bytes())
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[0] for n in names if ".dist-info/" not in n} == {"coldrack"}
    for part in ("solver", "kernels", "meshes", "benchmarks"):
        for path in (ROOT / part).rglob("*"):
            template = "openfoam_cases" in path.parts and path.is_file()
            if template or path.suffix in (".py", ".cu", ".cuh", ".hpp", ".json", ".yaml"):
                assert f"coldrack/{path.relative_to(ROOT)}" in names, f"{path.relative_to(ROOT)} is not in the wheel"
    assert "coldrack/py.typed" in names
