"""`solver.time`: books, monitors, means, the series of fields, stopping, going on, and what is wrong with a case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import pyvista
from cli_support import DEVICE
from vtkmodules.vtkIOHDF import vtkHDFReader

import coldrack
from coldrack.solver.case import CaseError
from coldrack.solver.cli import codes, main
from coldrack.solver.output.monitors import over_time
from coldrack.solver.output.read import read_restart, read_results
from coldrack.solver.output.series import NAME, Series, read_series
from coldrack.solver.output.summary_schema import summary_schema
from coldrack.solver.physics.ledger import HEAT_LIMIT
from coldrack.solver.physics.unsteady import UnsteadyFlow
from coldrack.solver.restart import RestartError
from coldrack.solver.run import SolverError

ROOM = """\
coldrack: 1
title: a server warms a room
coolant: {name: air, temperature: 20 degC}
gravity: [0, 0, -9.81 m/s^2]
materials:
  board: {conductivity: 2 W/(m K), density: 200 kg/m^3, heat_capacity: 500 J/(kg K)}
objects:
  server: {shape: box, material: board, low: [0.4 m, 0, 0.1 m], high: [0.6 m, 0.1 m, 0.2 m]}
sources:
  server: {component: server, power: 20 W}
domain: {low: [0, 0, 0], high: [1 m, 0.1 m, 1 m]}
background: fluid
boundaries:
  in: {kind: inlet, face: x-, region: {low: [0, 0.7 m], high: [0.1 m, 0.9 m]}, velocity: 0.3 m/s, temperature: 20 degC}
  out: {kind: outlet, face: x+, region: {low: [0, 0.1 m], high: [0.1 m, 0.3 m]}}
  top: {kind: wall, face: z+, convection: {coefficient: 5 W/(m^2 K), ambient: 15 degC}}
  front: {kind: symmetry, face: y-}
  back: {kind: symmetry, face: y+}
mesh: {cells: [20, 1, 20]}
solver:
  time: {end: 4 s, write_every: 1 s, average_from: 2 s, model: wale}
"""


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "room.yaml"
    path.write_text(ROOM)
    return path


def run(case: Path, *options: str) -> int:
    return main(["run", str(case), "--device", DEVICE, "--no-pictures", *options])


def load(case: Path, **overrides: str) -> Any:
    return coldrack.load(case, {k.replace("__", "."): v for k, v in overrides.items()})


def test_books_monitors_and_means(case: Path) -> None:
    seen: list[Any] = []
    s = coldrack.solve(load(case), device=DEVICE, snapshot=seen.append)
    assert s.converged and s.clock is not None and s.clock.time == pytest.approx(4.0)
    h = s.history
    assert max(h["heat"]) < HEAT_LIMIT and s.ledger["heat_relative"] < HEAT_LIMIT and s.ledger["mass_relative"] < 1e-8
    assert s.ledger["stored"] == pytest.approx(20.0, rel=0.2) and s.ledger["boundaries"]["top"] != 0
    assert np.all(np.array(h["courant"]) < 0.81) and np.all(np.diff(h["time"]) > 0)
    assert h["kinetic_energy"][-1] > 0 and h["t_max"][-1] == pytest.approx(float(s.temperature.max()), abs=1e-9)
    assert [x.time for x in seen] == pytest.approx([0.0, 1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(seen[-1].fields["T"], s.temperature, rtol=1e-6)
    late = np.array(h["time"]) > 2.0
    weights = np.array(h["step"])[late]
    assert s.clock.averaged == pytest.approx(weights.sum())
    means = s.clock.statistics(s.problem.reference_temperature)
    assert set(means) == {"U_mean", "U_rms", "T_mean", "T_rms"}
    hottest = np.unravel_index(int(s.temperature.argmax()), s.temperature.shape)
    assert means["T_mean"][hottest] == pytest.approx(np.average(np.array(h["t_max"])[late], weights=weights), abs=0.5)
    assert 0 < means["T_rms"][hottest] < 20 and means["U_rms"].max() > 0


def test_series_as_vtk_reads_it(case: Path, capsys: Any) -> None:
    assert run(case) == codes.OK
    out, err = capsys.readouterr()
    assert NAME in out and "stored, mean over time" in out and "Courant" in err and "to go" in err
    jsonschema.validate(json.loads(Path("room/summary.json").read_text()), summary_schema())
    results = read_results("room")
    reader = vtkHDFReader()
    reader.SetFileName(f"room/{NAME}")
    reader.UpdateInformation()
    assert reader.GetNumberOfSteps() == 5
    for step in range(5):
        reader.SetStep(step)
        reader.Update()
        grid = pyvista.wrap(reader.GetOutput())
        assert reader.GetTimeValue() == pytest.approx(step) and grid.n_cells == 400
    np.testing.assert_allclose(grid["T"], results.fields["T"].ravel(), rtol=1e-6)
    np.testing.assert_allclose(grid["U"], results.fields["U"].reshape(-1, 3), atol=1e-7)
    np.testing.assert_array_equal(np.asarray(grid.x), results.faces[0])
    assert {"T_mean", "U_rms"} <= set(results.fields)
    times, fields = read_series("room")
    np.testing.assert_allclose(fields["T"](4), results.fields["T"], rtol=1e-6)
    assert times.tolist() == pytest.approx([0, 1, 2, 3, 4])
    assert over_time(results, Path("monitors.png")).stat().st_size > 20_000


def test_a_run_that_goes_on_ends_like_one_that_never_stopped(case: Path) -> None:
    assert run(case, "--out", "whole") == codes.OK
    assert run(case, "--out", "parts", "--set", "solver.time.end=2.5 s") == codes.OK
    assert run(case, "--out", "parts", "--resume") == codes.OK
    whole, parts = read_results("whole"), read_results("parts")
    for name in ("T", "U", "p", "T_mean", "U_rms"):
        scale = np.ptp(whole.fields[name])
        np.testing.assert_allclose(parts.fields[name], whole.fields[name], atol=2e-3 * scale, err_msg=name)
    assert parts.summary["ledger"]["heat_relative"] < HEAT_LIMIT
    assert parts.summary["ledger"]["stored"] == pytest.approx(whole.summary["ledger"]["stored"], rel=1e-4)
    assert read_series("parts")[0].tolist() == pytest.approx([0, 1, 2, 2.5, 3, 4])


def test_interrupted_between_two_steps(case: Path) -> None:
    polls = iter([False] * 30 + [True] * 1000)
    problem = load(case)
    part = coldrack.solve(problem, device=DEVICE, stop=lambda: next(polls))
    assert not part.converged and part.reason == "interrupted" and part.clock is not None and part.clock.steps == 30
    whole, rest = coldrack.solve(problem, device=DEVICE), coldrack.solve(problem, device=DEVICE, resume=part.restart())
    assert rest.clock is not None and len(rest.history["time"]) == len(whole.history["time"])
    np.testing.assert_allclose(rest.temperature, whole.temperature, atol=1e-6)
    np.testing.assert_allclose(rest.u, whole.u, atol=1e-6)


def test_series_that_was_damaged_is_kept_aside(case: Path) -> None:
    Path(NAME).write_bytes(b"no HDF5")
    series = Series(Path("."), load(case), start=1.0)
    assert "damaged" in series.remark and Path(NAME).with_suffix(".damaged").exists() and not Path(NAME).exists()


def test_value_that_is_not_finite_ends_the_run(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Field and cell are named; the last snapshot is the answer."""
    plain, count = UnsteadyFlow.end_step, iter(range(10_000))

    def spoilt(self: UnsteadyFlow, step: float) -> None:
        plain(self, step)
        if next(count) == 40:
            self.velocity[2][7, 1, 5] = np.nan

    monkeypatch.setattr(UnsteadyFlow, "end_step", spoilt)
    with pytest.raises(SolverError, match=r"first in field w, cell \(i, j, k\) = \(4, 0, 6\)") as caught:
        coldrack.solve(load(case), device=DEVICE)
    good = caught.value.solution
    assert good is not None and not good.converged and good.clock is not None and good.clock.time == pytest.approx(2.0)
    assert np.isfinite(good.w).all() and np.isfinite(good.temperature).all()


def test_step_that_is_too_long(case: Path) -> None:
    with pytest.raises(SolverError, match=r"step of 0.5 s is too long .* at most 1.7; set solver.time.step below 0\.\d+ s"):
        coldrack.solve(load(case, solver__time__step="0.5 s"), device=DEVICE)


def test_a_steady_run_cannot_go_on_in_time(case: Path) -> None:
    steady = coldrack.load(case, {"solver.time": "null", "solver.max_iterations": "5"})
    with pytest.raises(RestartError, match="steady"):
        coldrack.solve(load(case), device=DEVICE, resume=coldrack.solve(steady, device=DEVICE).restart())


@pytest.mark.parametrize(("old", "new", "key", "said"), [
    ("density: 200 kg/m^3, ", "", "materials.board", "give its density"),
    ("20 degC}\ngravity", "20 degC, properties: variable}\ngravity", "coolant.properties", "constant"),
    ("write_every: 1 s", "write_every: 9 s", "solver.time.write_every", "longer than the run"),
    ("end: 4 s", "end: 4 m", "solver.time.end", "expected a time"),
    ("end: 4 s, ", "", "solver.time", "end"),
    ("average_from: 2 s", "average_from: 8 s", "solver.time.average_from", "before the end"),
    ("model: wale", "model: wall", "solver.time.model", "wale"),
    ("average_from", "averages_from", "solver.time.averages_from", "average_from"),
    ("solver:\n", "solver:\n  flow: false\n", "solver.time", "add `step`"),
])
def test_mistakes_of_a_case(case: Path, old: str, new: str, key: str, said: str) -> None:
    assert old in ROOM
    case.write_text(ROOM.replace(old, new).replace("gravity: [0, 0, -9.81 m/s^2]\n", "" if "flow: false" in new else
                                                   "gravity: [0, 0, -9.81 m/s^2]\n"))
    with pytest.raises(CaseError) as caught:
        coldrack.load(case)
    lines = [line for line in str(caught.value).split("\n") if key in line]
    assert lines and said in lines[0], str(caught.value)


def test_restart_state_comes_back(case: Path) -> None:
    s = coldrack.solve(load(case, solver__time__end="2.5 s"), device=DEVICE)
    s.save("saved")
    clock = read_restart("saved").clock
    assert clock is not None and s.clock is not None
    assert (clock.time, clock.steps, clock.step, clock.heat) == (s.clock.time, s.clock.steps, s.clock.step, s.clock.heat)
    for name, pair in s.clock.sums.items():
        for a, b in zip(pair, clock.sums[name]):
            np.testing.assert_array_equal(a, b)
