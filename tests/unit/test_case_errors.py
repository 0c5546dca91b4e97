"""Wrong case files: each names file, line, column, key, reason and what to do, and raises nothing but `CaseError`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from case_support import BASE, POWER_MAP, Wrong, wrong_cases

import coldrack
from coldrack.solver.case import CaseError

WRONG = wrong_cases()


def refused(path: Path) -> CaseError:
    with pytest.raises(CaseError) as caught:
        coldrack.load(str(path))
    return caught.value


def write(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in BASE
    (folder / "map.csv").write_text(POWER_MAP)
    path = folder / "case.yaml"
    path.write_text(BASE.replace(old, new, 1) if old else BASE)
    return path


def test_base_case_is_right(tmp_path: Path) -> None:
    problem = coldrack.load(str(write(tmp_path)))
    assert {"gpu", "hbm", "package.substrate", "plate.base", "plate.fins", "clip"} <= set(problem.mesh.components)
    assert [s.power for s in problem.sources] == [100.0, 20.0]


def test_there_are_enough_and_their_names_differ() -> None:
    assert len(WRONG) >= 60
    assert len({w.name for w in WRONG}) == len(WRONG)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: w.name)
def test_wrong_case(wrong: Wrong, tmp_path: Path) -> None:
    path = wrong.write(tmp_path)
    error = refused(path)
    there = [i for i in error.issues if (i.line, i.column) == (wrong.line, wrong.column)]
    assert there, f"nothing at {wrong.line}:{wrong.column}, but:\n{error}"
    said = [all(part in f"{i.key}: {i.message}" for part in wrong.says) for i in there]
    assert any(said), f"{wrong.says} not said in:\n{error}"
    assert len(error.issues) == wrong.issues, f"more (or less) is reported than is wrong:\n{error}"
    for line in str(error).split("\n"):
        assert re.match(rf"^{re.escape(str(path))}:\d+:\d+: ", line), line
