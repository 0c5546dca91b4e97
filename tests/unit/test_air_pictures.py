"""Pictures of rooms: what they show, where things stand in a run's file, differences of runs, movies, scenes, bad options."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import numpy as np
import pytest
import pyvista
from air_support import FRONT, REAR, room, write_room

from coldrack.solver.cli import main
from coldrack.solver.devices import HeatExchanger
from coldrack.solver.output import movie
from coldrack.solver.output.air_layout import layout, things
from coldrack.solver.output.air_pictures import FILES, AirPictures
from coldrack.solver.output.air_pictures import movie as draw_movie
from coldrack.solver.output.air_planes import heights
from coldrack.solver.output.air_scene import Scene, _seeds
from coldrack.solver.output.air_view import AirView, PictureOptions, beside, resample
from coldrack.solver.output.pictures import remove_pictures, render
from coldrack.solver.output.read import Results, read_results
from coldrack.solver.output.series import Series
from coldrack.solver.output.summary_schema import summary_schema


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return read_results(folder)


def view(results: Results, **options: Any) -> AirView:
    return AirView(results, PictureOptions(**options))


def content(path: Path) -> float:
    return float(np.asarray(pyvista.read(path).point_data.active_scalars, float).std())


def test_the_summary_holds_the_air_and_fits_its_schema(folder: Path, results: Results) -> None:
    jsonschema.validate(json.loads((folder / "summary.json").read_text()), summary_schema())
    air, servers = results.summary["air"], results.summary["servers"]
    assert air["hottest"][0] in ("rack1.s06", "rack2.s06") and len(air["hottest"]) == 10 and len(air["servers"]) == 12
    assert air["server_flow"] == pytest.approx(0.6) and air["shi"] is None and "supplies" in air["undefined"]["shi"]
    worst = max(s["inlet_max"] for s in servers.values())
    assert air["envelopes"]["A1"]["margin_high"] == pytest.approx(305.15 - worst)
    assert "RCI_HI" in (folder / "log.txt").read_text()


def test_a_run_records_where_servers_stand(results: Results) -> None:
    boxes = {t.name: t for t in things(results.devices)}
    server = boxes["rack2.s03"]
    assert len(boxes) == 12 and server.kind == "server"
    np.testing.assert_allclose([server.low, server.high], [(1.4, FRONT, 2 / 3), (2.0, REAR, 1.0)], atol=1e-12)
    assert server.inlet is not None and server.outlet is not None and server.inlet.axis == 1 and server.inlet.direction == 1
    np.testing.assert_allclose([server.inlet.low, server.outlet.high], [(1.4, FRONT, 2 / 3), (2.0, REAR, 1.0)], atol=1e-12)
    assert results.faces[1][beside(results, server.inlet, True) + 1] == pytest.approx(FRONT)
    assert results.faces[1][beside(results, server.outlet, False)] == pytest.approx(REAR)


def test_blocks_are_recorded_as_the_box_of_their_cells() -> None:
    problem = room(racks=1, levels=2).problem
    cells = np.zeros(problem.mesh.grid.shape, bool)
    cells[1:3, 2, 4:6] = True
    problem.devices = (HeatExchanger("coil", cells, 1, 290.0),)
    (box,) = things(layout(problem))
    g = problem.mesh.grid
    assert box.kind == "heatexchanger" and box.low == (g.x[4], g.y[2], g.z[1]) and box.high == (g.x[6], g.y[3], g.z[3])


def test_all_pictures_have_content(folder: Path) -> None:
    made, remarks = render(folder)
    assert remarks == [] and {p.name for p in made} == {f for f in FILES if f.startswith("air")} | {"convergence.png"}
    assert all(content(p) > 10 for p in made if p.suffix == ".png")
    table = (folder / "pictures" / "air.md").read_text()
    assert table.count("rack") >= 12 and "RCI_HI" in table
    remove_pictures(folder)
    assert not list((folder / "pictures").iterdir())


def test_without_a_gl_library_the_flat_pictures_remain(results: Results) -> None:
    names = list(AirPictures(view(results, html=True), False).tasks())
    assert names == ["air_mid_plane.png", "air_doors.png", "air_heights.png", "air.md"]


def test_the_surface_lies_where_the_air_has_the_limit(results: Results) -> None:
    """Points of the surface against the field that the cells have, within what a cell's width changes it; none in boxes."""
    scene = Scene(view(results, limit=273.15 + 24.0))
    surface = scene.surface()
    cold = Scene(view(results, limit=273.15 + 60.0))
    assert cold.surface() is None and "60 degC" in AirPictures(cold.view, True).reason("air_limit.png")
    for s in (scene, cold):
        s.close()
    points = np.asarray(surface.points)
    front = (points[:, 1] < FRONT - 0.2) & (points[:, 2] > 0.2) & (abs(points[:, 0] - 1.4) < 0.3)
    x, y, z = points[front].T
    rise = 14 * np.exp(np.minimum(z - 2, 0) / 0.35) * np.exp(-(((FRONT - y) / 0.8) ** 2)) + 5 * np.exp(
        -(((abs(x - 1.4) - 1.4) / 0.35) ** 2)) * y / FRONT
    assert front.sum() > 20 and np.abs(rise - 6.0).max() < 1.0
    inside = (abs(points[:, 1] - 1.7) < 0.35) & (points[:, 2] < 1.7) & (abs(points[:, 0] - 1.4) < 0.5)
    assert not inside.any()


def test_streamlines_start_behind_the_outlets(results: Results) -> None:
    seeds = _seeds(view(results))
    assert len(seeds) >= 12 * 4 and np.all(seeds[:, 1] > REAR) and np.all(seeds[:, 1] < REAR + 0.1)
    assert seeds[:, 2].min() > 0.0 and seeds[:, 2].max() < 2.0


def test_names_lose_what_all_share(results: Results, tmp_path: Path) -> None:
    assert view(results).label("rack2.s03") == "rack2.s03"
    one = read_results(write_room(tmp_path, racks=1, levels=14))
    assert view(one).label("rack1.s03") == "s03"
    shown = heights(view(one))
    assert len(shown) == 12 and shown[0][1] == "s01" and shown[-1][1] == "s14"


def test_the_colour_scale_is_that_asked_for(results: Results) -> None:
    low, high = view(results).limits
    assert 18.0 <= low < 19.0 and 33.0 < high < 36.0
    assert view(results, limits=(18.0, 45.0)).limits == (18.0, 45.0)
    low, high = view(results, other=results).limits
    assert (low, high) == (-0.5, 0.5)


def test_resampling_is_exact_for_linear_fields(results: Results) -> None:
    """T = 300 + 2 x - y + 3 z between grids; beyond the outermost centres the nearest value holds, so those are left out."""
    other = read_like(results, room(fine=2).problem.mesh)
    x, y, z = (0.5 * (f[1:] + f[:-1]) for f in other.faces)
    other.fields["T"] = 300.0 + 2.0 * x - y[:, None] + 3.0 * z[:, None, None]
    x, y, z = (0.5 * (f[1:] + f[:-1]) for f in results.faces)
    exact = 300.0 + 2.0 * x - y[:, None] + 3.0 * z[:, None, None]
    got = resample(other, results)
    air = results.fields["material"] == 1
    assert np.isnan(got[~air]).all() and np.isfinite(got[air]).all()
    free = air & ((y < FRONT - 0.1) | (y > REAR + 0.1))[:, None]
    np.testing.assert_allclose(got[free], exact[free], atol=1e-9)


def read_like(results: Results, mesh: Any) -> Results:
    return Results(results.folder, mesh.grid.faces, {"material": mesh.material}, results.materials, [], results.summary, {}, [])


def test_a_difference_is_that_of_the_runs(results: Results, tmp_path: Path) -> None:
    """The same room supplied 2 K colder, on another grid: 2 K in most cells."""
    colder = write_room(tmp_path / "colder", fine=2, supply=16.0)
    seen = view(results, other=read_results(colder))
    air = results.fields["material"] == 1
    assert np.median(seen.temperature[air]) == pytest.approx(2.0, abs=0.1)
    assert seen.limits[0] == -seen.limits[1] and seen.inlets["rack1.s01"] == pytest.approx(2.0, abs=0.2)
    made, remarks = render(results.folder, seen.options)
    assert remarks == [] and sorted(p.stem for p in made) == [
        "difference_doors", "difference_heights", "difference_mid_plane", "difference_servers"]
    assert all(content(p) > 10 for p in made)


@pytest.mark.parametrize("program", ["", None])
def test_a_movie_has_a_frame_for_every_layer(results: Results, monkeypatch: pytest.MonkeyPatch, program: str | None) -> None:
    if program is None and not movie.encoder():
        pytest.skip("no ffmpeg")
    if program is not None:
        monkeypatch.setattr(movie, "encoder", lambda: program)
    frames: list[Any] = []
    kept = movie.figure_frames
    monkeypatch.setattr("coldrack.solver.output.air_movie.figure_frames", lambda *a: (frames.append(f) or f for f in kept(*a)))
    made, remark = draw_movie(view(results), results.folder)
    assert made.suffix == (".mp4" if program is None else ".gif") and made.stat().st_size > 10_000
    assert ("coldrack[movie]" in remark) == (program is not None)
    layers = int(np.count_nonzero(0.5 * (results.faces[2][1:] + results.faces[2][:-1]) < 2.4))
    assert len(frames) == layers and len({f.shape for f in frames}) == 1 and frames[0].shape[0] % 16 == 0
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 5


def test_a_movie_over_time_keeps_its_colours(folder: Path, results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times 10 K apart, as a run in time writes them: one scale for all, so the pictures differ."""
    frames: list[Any] = []
    monkeypatch.setattr("coldrack.solver.output.air_movie.write_movie", lambda f, stem: (frames.extend(f) or stem, ""))
    series = Series(folder, room().problem)
    try:
        for n in range(3):
            series(SimpleNamespace(time=float(n), fields={"T": results.fields["T"] + 10.0 * n, "U": results.fields["U"]}))
        assert draw_movie(view(results), folder)[0].stem == "movie"
    finally:
        series.path.unlink()
    assert len(frames) == 3 and all(np.abs(a.astype(int) - b).mean() > 5 for a, b in pairwise(frames))


def test_a_run_that_did_not_converge_is_marked(results: Results) -> None:
    failed = Results(**{**vars(results), "summary": {**results.summary, "converged": False}})
    assert "NOT CONVERGED" in view(failed).title("x") and "NOT" not in view(results).title("x")
    assert "NOT CONVERGED" in view(results, other=failed).title("x")


def test_a_scene_needs_no_network(results: Results) -> None:
    pytest.importorskip("trame_vtk")
    pictures = AirPictures(view(results, html=True), True)
    text = pictures.tasks()["scene.html"](results.folder / "scene.html").read_text()
    pictures.close()
    assert 1e6 < len(text) < 2e7 and "made-up room" in text
    assert not re.search(r"""(?:src|href|import|fetch)\W{1,12}https?:""", text)


@pytest.mark.parametrize(("options", "said"), [
    (["--clim", "45:18"], "expected LOW:HIGH"), (["--clim", "18"], "expected LOW:HIGH"),
    (["--clim", "18:nan"], "expected LOW:HIGH"), (["--limit", "hot"], 'such as "35 degC"'),
    (["--limit", "32"], 'write "32 degC"'), (["--diff", "nowhere"], "no fields.vtkhdf")])
def test_bad_options_say_what_is_expected(folder: Path, capfd: Any, options: list[str], said: str) -> None:
    assert main(["render", str(folder), *options]) == 2
    error = capfd.readouterr().err
    assert said in error and error.count("\n") == 1


def test_a_missing_viewer_is_said_first(folder: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldrack.solver.output.air_html.find_spec", lambda name: None)
    assert main(["render", str(folder), "--html"]) == 1
    said = capfd.readouterr()
    assert "coldrack[html]" in said.err and said.out == ""


def test_options_on_the_command_line_arrive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr("coldrack.solver.output.pictures.render", lambda *a: (seen.extend(a) or [], []))
    assert main(["render", str(folder), "--clim", "18:45", "--limit", "24 degC", "--diff", str(folder), "--movie"]) == 0
    options = seen[1]
    assert seen[0] == folder and options.limits == (18.0, 45.0) and options.limit == pytest.approx(297.15)
    assert options.other.summary["title"] == "made-up room" and options.movie and not options.html
