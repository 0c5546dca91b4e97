"""Runs that are saved and resumed; files that survive killed writers and full disks."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import ROOT, box_mesh, settings, symmetric, whole_face

import coldrack
from coldrack.solver import restart
from coldrack.solver.monitor import CYCLES
from coldrack.solver.output import atomic
from coldrack.solver.output.atomic import OutputError
from coldrack.solver.output.read import read_restart, read_results
from coldrack.solver.output.vtkhdf import write_fields
from coldrack.solver.physics import flow_multigrid
from coldrack.solver.physics.flow import Flow
from coldrack.solver.physics.turbulence import KEpsilon
from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Turbulence
from coldrack.solver.run import GOALS, SolverError

TEMPLATES = ROOT / "solver" / "case" / "templates"
SMALL = {"mesh.cells": "[24, 8, 8]", "mesh.stretch": "[0, 1, 1]"}


def duct(**more: str) -> Problem:
    return coldrack.load(TEMPLATES / "duct.yaml", SMALL | more)


class StopAfter:
    """Ends a run at a given poll."""

    def __init__(self, polls: int) -> None:
        self.left = polls

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("properties", ["constant", "variable"])
@pytest.mark.parametrize("polls", [12, 10_000])
def test_a_resumed_run_gives_the_answer_of_an_uninterrupted_one(properties: str, polls: int, tmp_path: Path) -> None:
    problem = duct(**{"coolant.properties": properties})
    whole = coldrack.solve(problem)
    part = coldrack.solve(problem, stop=StopAfter(polls if polls < 1000 else len(whole.history["iteration"]) - 2))
    assert not part.converged and part.reason == "interrupted"
    part.save(tmp_path)
    assert read_results(tmp_path).summary["converged"] is False
    resumed = coldrack.solve(problem, resume=read_restart(tmp_path))
    assert whole.converged and resumed.converged
    tolerance = problem.settings.tolerance
    span = np.ptp(whole.temperature)
    assert abs(resumed.pressure_drop - whole.pressure_drop) < tolerance * whole.pressure_drop
    assert np.abs(resumed.temperature - whole.temperature).max() < 2 * tolerance * span
    assert resumed.history["iteration"] == list(range(1, len(resumed.history["iteration"]) + 1))
    assert resumed.history["momentum"][: len(part.history["momentum"])] == pytest.approx(part.history["momentum"], nan_ok=True)
    assert np.all(np.diff(resumed.history["seconds"]) >= 0)


@pytest.mark.parametrize("share", [0.4, 0.9])
def test_a_resumed_turbulent_run_keeps_its_turbulence_through_every_pass(share: float, tmp_path: Path,
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    """Saved eddies come back once; the passes that follow go on from their own."""
    problem = channel()
    whole = coldrack.solve(problem)
    assert whole.converged and whole.passes == 2
    part = coldrack.solve(problem, stop=StopAfter(round(share * whole.iterations)))
    assert not part.converged
    write_fields(tmp_path / "fields.vtkhdf", part, {})
    restored: list[Any] = []
    restore = KEpsilon.restore
    monkeypatch.setattr(KEpsilon, "restore", lambda eddies, *what: (restored.append(1), restore(eddies, *what)))
    rest = coldrack.solve(problem, resume=read_restart(tmp_path))
    assert rest.converged and len(restored) == 1
    assert rest.iterations < 1.5 * whole.iterations
    assert rest.pressure_drop == pytest.approx(whole.pressure_drop, rel=2e-3)
    k = whole.turbulence["k"]
    assert np.abs(rest.turbulence["k"] - k).max() < 2e-3 * k.max()
    assert np.abs(rest.temperature - whole.temperature).max() < 2e-3 * np.ptp(whole.temperature)


def channel() -> Problem:
    """Half a channel with a heated wall, turbulent: two passes."""
    mesh = box_mesh(np.linspace(0.0, 1.0, 13), np.linspace(0.0, 0.1, 9), np.array([0.0, 1.0]), sides=["y1", "z0", "z1"])
    whole_face(mesh, "in", 0, 0)
    whole_face(mesh, "out", 0, 1)
    whole_face(mesh, "hot", 1, 0)
    supply = Boundary("in", "inlet", velocity=2.0, temperature=300.0, turbulence_intensity=0.05, turbulence_length=0.01)
    return Problem("channel", mesh, ConstantCoolant(1.2, 1.8e-5, 0.026, 1005.0), {}, turbulence=Turbulence("k_epsilon"),
                   boundaries=[supply, Boundary("out", "outlet"), Boundary("hot", "wall", temperature=320.0),
                               *symmetric("y1", "z0", "z1")],
                   reference_temperature=300.0, settings=settings(energy=True, residual=1e-4, tolerance=1e-3))


def test_a_finished_run_resumes_in_a_few_iterations() -> None:
    problem = duct()
    first = coldrack.solve(problem)
    again = coldrack.solve(problem, resume=first.restart())
    assert again.converged and again.iterations - first.iterations <= (CYCLES + 1) * len(GOALS)


@pytest.mark.parametrize(("change", "part"), [
    ({"mesh.cells": "[24, 8, 10]"}, "the mesh"),
    ({"coolant.name": "EG25"}, "the coolant"),
    ({"boundaries.inlet.velocity": "0.3 m/s"}, "the boundaries"),
    ({"boundaries.heated.heat_flux": "3 W/cm^2"}, "the boundaries"),
])
def test_another_case_is_refused(change: dict[str, str], part: str) -> None:
    state = coldrack.solve(duct(), stop=StopAfter(5)).restart()
    with pytest.raises(restart.RestartError, match=f"cannot resume: .*{part}.* differ"):
        coldrack.solve(duct(**change), resume=state)
    restart.check(state, duct(**{"solver.max_iterations": "5000", "solver.tolerance": "1e-5"}))


def test_solids_contacts_and_sources_count_as_the_case() -> None:
    problem = coldrack.load(TEMPLATES / "conduction.yaml", {"mesh.max_cell": "2 mm"})
    state = coldrack.solve(problem).restart()
    for change, part in (({"sources.chip.power": "90 W"}, "sources"), ({"contacts.tim.resistance": "1e-6"}, "contact"),
                         ({"objects.die.material": "copper"}, "materials")):
        other = coldrack.load(TEMPLATES / "conduction.yaml", {"mesh.max_cell": "2 mm", **change})
        with pytest.raises(restart.RestartError, match=part):
            restart.check(state, other)


def test_checkpoints_come_at_their_interval_and_can_be_resumed() -> None:
    problem, saved = duct(), []
    whole = coldrack.solve(problem, checkpoint=saved.append, checkpoint_seconds=0.0)
    assert len(saved) == whole.iterations and not any(s.converged for s in saved)
    late = saved[len(saved) // 2]
    resumed = coldrack.solve(problem, resume=late.restart())
    assert resumed.converged
    assert abs(resumed.pressure_drop / whole.pressure_drop - 1) < problem.settings.tolerance
    none: list[Any] = []
    coldrack.solve(problem, checkpoint=none.append, checkpoint_seconds=1e6)
    assert none == []


def poisoned(monkeypatch: pytest.MonkeyPatch, field: str, at: int) -> None:
    """Put a NaN into one cell of a field in the segregated iteration `at`."""
    monkeypatch.setattr(flow_multigrid, "plan", lambda *_: [])
    iterate, count = Flow.iterate, [0]

    def bad(self: Flow) -> dict[str, float]:
        count[0] += 1
        row = iterate(self)
        if count[0] == at:
            a = self.pressure if field == "pressure" else self.velocity["uvw".index(field)]
            a[4, 5, 6] = np.nan
        return row

    monkeypatch.setattr(Flow, "iterate", bad)


@pytest.mark.parametrize("field", ["u", "v", "w", "pressure"])
def test_nan_names_field_and_cell_and_keeps_the_last_good_state(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    with monkeypatch.context() as m:
        poisoned(m, field, 30)
        with pytest.raises(SolverError, match=r"field (u|v|w|pressure), cell") as caught:
            coldrack.solve(duct())
    good = caught.value.solution
    assert good is not None and not good.converged and good.iterations >= 29
    for a in (good.pressure, good.u, good.v, good.w, good.temperature):
        assert np.all(np.isfinite(a))
    resumed = coldrack.solve(duct(), resume=good.restart())
    assert resumed.converged


def test_nan_in_the_heat_is_found() -> None:
    heat = np.zeros((8, 8, 24))
    heat[3, 3, 3] = np.nan
    with pytest.raises(SolverError, match=r"temperature|finite") as caught:
        coldrack.solve(replace(duct(), volumetric_heat=heat))
    assert caught.value.solution is not None and np.all(np.isfinite(caught.value.solution.temperature))


# ---------------------------------------------------------------- files
WRITER = """
import os, sys, coldrack, time, pathlib
solution = coldrack.solve(coldrack.load(sys.argv[1], {"mesh.max_cell": "1 mm"}))
solution.save(sys.argv[2])
def slow(self, data):
    with self.open("wb") as file:
        for start in range(0, len(data), 1024):
            file.write(data[start : start + 1024])
            file.flush()
            time.sleep(0.005)
pathlib.Path.write_bytes = slow
print("ready", flush=True)
while True:
    solution.save(sys.argv[2])
"""


@pytest.mark.parametrize("delay", [0.05, 0.13])
def test_a_writer_killed_while_it_writes_leaves_the_last_good_file(delay: float, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(TEMPLATES / "conduction.yaml"), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
    assert [p for p in tmp_path.iterdir() if p.suffix == ".tmp"]  # it was in the middle of a file
    results = read_results(tmp_path)
    assert results.summary["converged"] and np.all(np.isfinite(results.fields["T"]))
    atomic.remove_leftovers(tmp_path)
    assert not [p for p in tmp_path.iterdir() if p.suffix == ".tmp"]


def test_a_full_disk_is_said_and_leaves_the_last_good_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    solution = coldrack.solve(coldrack.load(TEMPLATES / "conduction.yaml", {"mesh.max_cell": "2 mm"}))
    solution.save(tmp_path)
    before = (tmp_path / "fields.vtkhdf").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"cannot write .*fields\.vtkhdf: No space left"):
        solution.save(tmp_path)
    assert (tmp_path / "fields.vtkhdf").read_bytes() == before
    assert not [p for p in tmp_path.iterdir() if p.suffix == ".tmp"]


def test_a_file_beyond_the_size_limit_is_an_output_error(tmp_path: Path) -> None:
    solution = coldrack.solve(coldrack.load(TEMPLATES / "conduction.yaml", {"mesh.max_cell": "1 mm"}))
    solution.save(tmp_path)
    before = (tmp_path / "fields.vtkhdf").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(OutputError, match="cannot write"):
            write_fields(tmp_path / "fields.vtkhdf", solution, solution.summary())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "fields.vtkhdf").read_bytes() == before
    assert not [p for p in tmp_path.iterdir() if p.suffix == ".tmp"]
    assert read_results(tmp_path).summary["converged"]
