"""The documentation is true: its cases load, its code runs, its links resolve, its commands exist, its walk-throughs work."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from case_support import BASE, POWER_MAP

import coldrack
from coldrack.solver.case import CaseError
from coldrack.solver.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
MARKED = re.compile(r"<!-- test: (\w+) ?(\S*) -->\n```\w*\n(.*?)^```", re.S | re.M)
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.S | re.M)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def relative(page: Path) -> str:
    return str(page.relative_to(ROOT))


def label(value: Path | str) -> str:
    """A test's name: the page, not the text of the block."""
    return relative(value) if isinstance(value, Path) else ""


def blocks(kind: str) -> list[tuple[Path, str, str]]:
    """Marked blocks of one kind: page, name, text."""
    return [(page, m[2], m[3]) for page in PAGES for m in MARKED.finditer(page.read_text()) if m[1] == kind]


def commands() -> list[tuple[Path, list[str]]]:
    """Every `coldrack` command line of the console blocks and of inline code."""
    found = []
    for page in PAGES:
        text = page.read_text()
        lines = [line[2:] for block in CONSOLE.findall(text) for line in block.splitlines() if line.startswith("$ ")]
        lines += re.findall(r"`(coldrack [^`]*)`", text)
        found += [(page, shlex.split(line.split(">")[0], comments=True)) for line in lines if line.startswith("coldrack ")]
    return found


def test_pages_have_blocks_to_test() -> None:
    assert len(blocks("case")) >= 1 and len(blocks("python")) >= 2 and len(commands()) >= 12


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_resolve(page: Path) -> None:
    broken = []
    for target in LINK.findall(page.read_text()):
        if not target.startswith(("http://", "https://", "#", "mailto:")):
            path = target.split("#")[0]
            if not (page.parent / path).exists():
                broken.append(target)
    assert not broken


@pytest.mark.parametrize(("page", "name", "text"), blocks("case"), ids=label)
def test_cases_of_the_docs_load(page: Path, name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    problem = coldrack.load(str(tmp_path / name))
    assert problem.mesh.fluid.any() and problem.sources


def test_the_mistake_shown_in_the_first_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message that the guide prints is the one that the reader gets."""
    monkeypatch.chdir(tmp_path)
    page, name, text = blocks("case")[0]
    shown = re.search(r"coldrack: error: (first\.yaml:.*)", page.read_text())
    Path(name).write_text(text.replace("0.5 L/min", "0.5 L/mn"))
    with pytest.raises(CaseError) as caught:
        coldrack.load(name)
    assert shown and str(caught.value) == shown[1]


@pytest.mark.parametrize(("page", "name", "text"), blocks("python"), ids=label)
def test_python_of_the_docs_runs(page: Path, name: str, text: str, tmp_path: Path) -> None:
    """As it stands, but with a small case in place of the large one (which the tests of `cases/` run)."""
    (tmp_path / "map.csv").write_text(POWER_MAP)
    (tmp_path / "case.yaml").write_text(BASE)
    exec(compile(re.sub(r"cases/\w+\.yaml", str(tmp_path / "case.yaml"), text), str(page), "exec"), {})


@pytest.mark.parametrize("name", sorted({words[1] for _, words in commands() if len(words) > 1}))
def test_commands_exist(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name] if name.startswith("-") else [name, "--help"]) == 0
    out = capsys.readouterr().out
    used = {w.split("=")[0] for _, words in commands() if words[1:2] == [name] for w in words[2:] if w.startswith("--")}
    assert not [option for option in used if option not in out]


def test_every_command_is_documented() -> None:
    from coldrack.solver.cli.app import app

    known = {c.name or c.callback.__name__ for c in app.registered_commands if c.callback}
    assert known <= {words[1] for _, words in commands() if len(words) > 1}


def test_exit_codes_are_documented() -> None:
    from coldrack.solver.cli.codes import EXPLAINED

    page = (ROOT / "docs" / "exit_codes_and_batch.md").read_text()
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.M)} == set(EXPLAINED)


def test_the_kernel_and_the_part_of_the_developer_guide_work(tmp_path: Path) -> None:
    """Apply both walk-throughs to a copy of the package and run what they say."""
    package = tmp_path / "coldrack"
    package.mkdir()
    shutil.copy(ROOT / "src" / "coldrack" / "__init__.py", package)
    for folder in ("solver", "kernels", "meshes"):
        shutil.copytree(ROOT / folder, package / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (_, where, text), (_, _, check), = blocks("kernel")
    (package / "kernels" / where).open("a").write("\n" + text)
    (_, where, text), = blocks("twin")
    (package / "kernels" / "reference" / where).open("a").write("\n\n" + text)
    (_, _, text), = blocks("part")
    (package / "meshes" / "parts" / "channel_block.py").write_text(text)
    exports = package / "meshes" / "parts" / "__init__.py"
    exports.write_text(exports.read_text() + "\nfrom coldrack.meshes.parts.channel_block import ChannelBlock\n")
    registry = package / "solver" / "case" / "part_schema.py"
    entry = '    "pin_fin_plate": part_library.PinFinPlate,\n'
    assert entry in registry.read_text()
    registry.write_text(registry.read_text().replace(entry, entry + '    "channel_block": part_library.ChannelBlock,\n'))
    (tmp_path / "kernel.py").write_text(check)
    (tmp_path / "part.py").write_text(PART_CHECK)
    (tmp_path / "block.yaml").write_text(PART_CASE)
    for script in ("kernel.py", "part.py"):
        done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


PART_CASE = """\
coldrack: 1
coolant: {name: water}
parts:
  block: {kind: channel_block, size: [20 mm, 8 mm, 6 mm], channel_width: 4 mm, channel_height: 2 mm, floor: 2 mm}
sources: {heat: {component: block.base, power: 10 W}}
boundaries:
  in: {kind: inlet, port: block.inlet, flow_rate: 0.1 L/min, temperature: 20 degC}
  out: {kind: outlet, port: block.outlet}
mesh: {max_cell: 2 mm}
"""
PART_CHECK = """\
import numpy as np
import coldrack
assert "site-packages" not in coldrack.__file__ and coldrack.__file__.startswith(__import__("os").getcwd())
problem = coldrack.load("block.yaml")
volume = problem.mesh.grid.volumes()[problem.mesh.fluid].sum()
assert abs(volume - 20e-3 * 4e-3 * 2e-3) < 1e-12, volume
"""
