"""Case files as files: what cannot be opened, text encodings, links, and values given on the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from case_support import BASE, POWER_MAP

import coldrack
from coldrack.meshes import stl
from coldrack.solver.case import CaseError
from coldrack.solver.case.reader import LARGEST_FILE, read


def refused(path: Path | str, **overrides: str) -> CaseError:
    with pytest.raises(CaseError) as caught:
        coldrack.load(str(path), {k.replace("__", "."): v for k, v in overrides.items()})
    return caught.value


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "map.csv").write_text(POWER_MAP)
    path = tmp_path / "case.yaml"
    path.write_text(BASE)
    return path


def test_missing_file(tmp_path: Path) -> None:
    error = refused(tmp_path / "none.yaml")
    assert "none.yaml:1:1: there is no such file" in str(error) and "coldrack new" in str(error)


def test_folder_as_a_file(tmp_path: Path) -> None:
    assert "this is a folder; name a case file in it" in str(refused(tmp_path))


def test_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "no ordinary file" in str(refused(tmp_path / "pipe.yaml"))


def test_endless_device_is_refused() -> None:
    assert "no ordinary file" in str(refused("/dev/zero"))


@pytest.mark.parametrize("name", ["a\0b.yaml", "x" * 5000, ""])
def test_name_that_no_file_can_have(name: str) -> None:
    assert len(refused(name).issues) == 1


def test_file_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("#" * (LARGEST_FILE + 1))
    assert f"at most {LARGEST_FILE:,}" in str(refused(path)) and "STL files" in str(refused(path))


@pytest.mark.parametrize(("data", "column"), [(b"coldrack: 1\ntitle: K\xfchler\n", 9), (b"coldrack: 1\ntitle: \xff\xfe\n", 8)])
def test_not_utf_8(tmp_path: Path, data: bytes, column: int) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(data)
    error = refused(path)
    assert (error.issues[0].line, error.issues[0].column) == (2, column)
    assert "not UTF-8" in str(error) and "save it as UTF-8" in str(error)


def test_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "wide.yaml"
    path.write_bytes(BASE.encode("utf-16"))
    assert "latin.yaml" not in str(refused(path)) and "not UTF-8" in str(refused(path))


def test_byte_order_mark_and_windows_line_ends_are_read(case: Path) -> None:
    case.write_bytes(b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
    assert coldrack.load(str(case)).title == "two dies under a plate"


def test_line_numbers_with_windows_line_ends(case: Path) -> None:
    case.write_bytes(BASE.replace("\n", "\r\n").replace("fin_gap: 3 mm", "fin_gap: 3 kg").encode())
    assert refused(case).issues[0].line == BASE[: BASE.index("fin_gap")].count("\n") + 1


def test_binary_file(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_bytes(bytes(range(256)) * 20)
    assert len(refused(path).issues) == 1


@pytest.mark.parametrize("inside", [False, True])
def test_link_out_of_the_folder(case: Path, tmp_path_factory: pytest.TempPathFactory, inside: bool) -> None:
    target = (case.parent if inside else tmp_path_factory.mktemp("elsewhere")) / "real.csv"
    target.write_text(POWER_MAP)
    (case.parent / "map.csv").unlink()
    (case.parent / "map.csv").symlink_to(target)
    if inside:
        coldrack.load(str(case))
    else:
        assert "outside the case file's folder" in str(refused(case))


def test_copies_of_a_surface_read_its_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corners = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    facets = "".join("facet normal 0 0 1\nouter loop\n" + "".join("vertex {} {} {}\n".format(*corners[n]) for n in facet)
                     + "endloop\nendfacet\n" for facet in ((0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)))
    (tmp_path / "tetrahedron.stl").write_text(f"solid a\n{facets}endsolid a\n")
    (tmp_path / "case.yaml").write_text(
        "coldrack: 1\nobjects:\n  a: {shape: stl, material: copper, file: tetrahedron.stl, scale: 0.01, "
        "repeat: {count: 3, pitch: [20 mm, 0, 0]}}\nsources:\n  a: {component: a, power: 1 W}\n"
        "boundaries:\n  wall: {kind: wall, face: z-, temperature: 20 degC}\nmesh: {max_cell: 1 mm}\n")
    read_stl, reads = stl.read_stl, []
    monkeypatch.setattr(stl, "read_stl", lambda path: reads.append(path) or read_stl(path))
    problem = coldrack.load(str(tmp_path / "case.yaml"))
    assert len(reads) == 1
    inside = problem.mesh.cells_of("a")
    volumes = [float(problem.mesh.grid.volumes()[..., part][inside[..., part]].sum())
               for x in (0.0, 0.02, 0.04)
               for part in [(problem.mesh.grid.centres[0] > x) & (problem.mesh.grid.centres[0] < x + 0.01)]]
    assert volumes == pytest.approx([volumes[0]] * 3, rel=0.2) and volumes[0] == pytest.approx(1e-6 / 6, rel=0.2)


def test_link_to_itself(case: Path) -> None:
    (case.parent / "map.csv").unlink()
    (case.parent / "map.csv").symlink_to("map.csv")
    error = refused(case)
    assert error.issues[0].key == "sources.gpu.map"


def test_case_reached_through_a_link(case: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    link = tmp_path_factory.mktemp("links") / "linked.yaml"
    link.symlink_to(case)
    assert [s.power for s in coldrack.load(str(link)).sources] == [100.0, 20.0]


def test_problems_come_all_at_once_in_the_order_of_the_lines(case: Path) -> None:
    case.write_text(BASE.replace("fin_gap: 3 mm", "fin_gap: 3 kg").replace("growth", "grwth").replace("copper", "6061"))
    lines = [i.line for i in refused(case).issues]
    assert len(lines) == 3 and lines == sorted(lines)


# ---------------------------------------------------------------- values from the command line
def test_override(case: Path) -> None:
    problem = coldrack.load(str(case), {"sources.hbm.power": "50 W", "solver.flow": "false", "title": "warmer"})
    assert problem.sources[1].power == 50.0 and not problem.settings.flow and problem.title == "warmer"
    assert "# --set sources.hbm.power=50 W" in problem.case_text


def test_override_makes_groups(case: Path) -> None:
    assert coldrack.load(str(case), {"solver.max_iterations": "7"}).settings.max_iterations == 7


def test_wrong_override_says_that_it_came_from_the_command_line(case: Path) -> None:
    error = refused(case, sources__hbm__power="50 kg")
    (issue,) = error.issues
    assert issue.key == "sources.hbm.power" and "(from --set sources.hbm.power)" in issue.message
    assert issue.line == BASE[: BASE.index("  hbm: {component")].count("\n") + 1


def test_override_with_a_typo(case: Path) -> None:
    assert "did you mean 'sources'?" in str(refused(case, source__hbm__power="50 W"))


@pytest.mark.parametrize("key", ["title.x", "parts.plate.size.0.y", "mesh..refine", ""])
def test_override_of_what_is_no_mapping(case: Path, key: str) -> None:
    assert "--set" in str(refused(case, **{key: "1"}))


NO_YAML = ["[", "*x", "!!python/object:os.system {}", "&a [*a]", "[" * 500, "\0", "a: b: c", "{a: 1, a: 2}"]


@pytest.mark.parametrize("text", NO_YAML)
def test_override_that_is_no_plain_yaml_is_text(case: Path, text: str) -> None:
    assert read(case, {"title": text}).data["title"] == text
