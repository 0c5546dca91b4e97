"""Random mutations of a valid case, of its power map and of its bytes: the loader answers with a problem or `CaseError`.

The memory that the machine claims to have is small, so that an accepted case is a small one; the growth of the process is
measured, because a refusal that first allocates is no refusal.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from case_support import BASE, POWER_MAP
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

import coldrack
from coldrack.solver.case import CaseError, meshing
from coldrack.solver.machine import peak_memory
from coldrack.solver.problem import Problem

CLAIMED_MEMORY = 20_000_000  # bytes: 40 000 cells
MOST_ALLOCATED = 500_000_000  # the largest files and shapes that are read at all, and hypothesis itself
BASE_DATA = YAML(typ="safe").load(BASE)
FEW = settings(max_examples=120, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
UNITS = ["mm", "m", "um", "nm", "km", "W", "kW", "degC", "K", "L/min", "W/mK", "mm^2 K/W", "m**9**9", "%", "(", "°C", "in", "²"]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 12), st.integers(), st.integers(-(10**40), 10**40), st.floats(),
    st.floats(1e-6, 0.1), st.text(max_size=8),
    st.sampled_from(["fluid", "void", "copper", "plate", "package", "gpu", "plate.inlet", "*", "x", "z-", "box", "cylinder",
                     "inlet", "wall", "symmetry", "cover", "../map.csv", "map.csv", "case.yaml", "variable", "PG25", "air"]),
    st.builds(lambda n, u: f"{n} {u}", st.one_of(st.integers(-2, 50), st.floats()), st.sampled_from(UNITS)),
)
VALUES = st.recursive(SCALARS, lambda inner: st.one_of(
    st.lists(inner, max_size=4),
    st.dictionaries(st.one_of(st.text(max_size=5), st.sampled_from(["count", "pitch", "low", "high", "face", "kind"])), inner,
                    max_size=4)), max_leaves=8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(meshing, "available_memory", lambda: CLAIMED_MEMORY)
    (tmp_path / "map.csv").write_text(POWER_MAP)
    coldrack.load(_write(tmp_path, BASE.encode()))  # imports are not what is measured
    before = peak_memory()
    yield tmp_path
    assert peak_memory() - before < MOST_ALLOCATED


def _write(folder: Path, data: bytes) -> str:
    path = folder / "case.yaml"
    path.write_bytes(data)
    return str(path)


def answers(folder: Path, data: bytes) -> Problem | None:
    """The problem, or None where the case was refused in the promised form."""
    try:
        problem = coldrack.load(_write(folder, data))
    except CaseError as error:
        lines = data.count(b"\n") + 2
        assert error.issues and all(1 <= i.line <= lines and i.column >= 1 and i.message for i in error.issues)
        assert max(len(i.message) for i in error.issues) < 1200
        problem = None
    return problem


def dumped(data: Any) -> bytes:
    stream = io.BytesIO()
    YAML(typ="safe", pure=True).dump(data, stream)
    return stream.getvalue()


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all values."""
    members = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else []
    return [p for key, value in members for p in ((*path, key), *places(value, (*path, key)))]


PLACES = places(BASE_DATA)


def parent(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        data = data[key]
    return data


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """The base case with one to three values deleted, replaced, renamed, or copied from elsewhere."""
    data = copy.deepcopy(BASE_DATA)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(PLACES))
        try:
            holder, key = parent(data, path), path[-1]
            what = draw(st.sampled_from(["delete", "replace", "replace", "rename", "copy"]))
            if what == "delete":
                del holder[key]
            elif what == "replace":
                holder[key] = draw(VALUES)
            elif what == "rename" and isinstance(holder, dict):
                holder[draw(st.text(max_size=6))] = holder.pop(key)
            else:
                source = draw(st.sampled_from(PLACES))
                holder[key] = copy.deepcopy(parent(data, source)[source[-1]])
        except (KeyError, IndexError, TypeError):  # an earlier mutation took the place away
            continue
    return data


@FEW
@given(data=mutated())
def test_mutated_values(folder: Path, data: Any) -> None:
    answers(folder, dumped(data))


@FEW
@given(data=st.dictionaries(st.sampled_from([*BASE_DATA, "domain", "background", "solver"]), VALUES, max_size=6))
def test_random_groups(folder: Path, data: Any) -> None:
    answers(folder, dumped({"coldrack": 1, **data}))


@FEW
@given(at=st.integers(0, len(BASE)), length=st.integers(0, 40), new=st.one_of(
    st.binary(max_size=12), st.text("[]{}:,-'\"&*!|>%@`#?\t\n ", max_size=6).map(str.encode)))
def test_mutated_text(folder: Path, at: int, length: int, new: bytes) -> None:
    text = BASE.encode()
    answers(folder, text[:at] + new + text[at + length :])


@FEW
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace"))))
def test_random_bytes(folder: Path, data: bytes) -> None:
    assert answers(folder, data) is None


@FEW
@given(line=st.sampled_from(BASE.splitlines(keepends=True)), times=st.integers(2, 4))
def test_repeated_lines(folder: Path, line: str, times: int) -> None:
    answers(folder, BASE.replace(line, line * times, 1).encode())


@FEW
@given(rows=st.lists(st.lists(st.one_of(st.sampled_from(["2", "6", "3", "9", "1e3", "", "nan", "inf", "-1", "x", "[mm]"]),
                                        st.floats().map(str), st.text(max_size=5)), max_size=4), max_size=6),
       header=st.sampled_from(["x [mm], y [mm], q [W/cm^2]", "x,y,W/m2", "[mm] [W/cm^2],2,6", "q", "", "x;y;q", "[m",
                               "x,y,q[]"]))
def test_random_power_map(folder: Path, rows: list[list[str]], header: str) -> None:
    text = "\n".join([header, *(",".join(row) for row in rows)])
    (folder / "map.csv").write_bytes(text.encode("utf-8", "replace"))
    problem = answers(folder, BASE.encode())
    if problem is not None:
        density = problem.sources[0].density
        assert density is not None and density.min() >= 0 and 0 < density.sum() < float("inf")


@FEW
@given(data=st.binary(max_size=200))
def test_random_power_map_bytes(folder: Path, data: bytes) -> None:
    (folder / "map.csv").write_bytes(data)
    answers(folder, BASE.encode())


@FEW
@given(key=st.one_of(st.sampled_from([".".join(map(str, p)) for p in PLACES]), st.text(max_size=8)), text=st.text(max_size=8))
def test_random_overrides(folder: Path, key: str, text: str) -> None:
    try:
        coldrack.load(_write(folder, BASE.encode()), {key: text})
    except CaseError as error:
        assert error.issues
