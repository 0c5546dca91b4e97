"""`coldrack run`: output streams, exit codes, order of the results, signals, kills, and going on with --resume."""

from __future__ import annotations

import json
import os
import pty
import resource
import signal
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from cli_support import DEVICE, command, environment, started, write_small

import coldrack
from coldrack.solver.cli import codes, main
from coldrack.solver.cli.signals import StopRequest
from coldrack.solver.output import pictures, spatial
from coldrack.solver.output.read import read_restart
from coldrack.solver.output.summary_schema import summary_schema
from coldrack.solver.physics.flow import Flow

FILES = {"fields.vtkhdf", "fields.xdmf", "summary.json", "log.txt"}
SLOW = """
import time
from coldrack.solver.physics.flow import Flow
iterate = Flow.iterate
def slow(self):
    time.sleep(0.02)
    return iterate(self)
Flow.iterate = slow
"""


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return write_small(tmp_path).name


def run(case: str, *options: str) -> int:
    return main(["run", case, "--device", DEVICE, "--no-pictures", *options])


def in_folder(name: str = "small") -> set[str]:
    return {p.name for p in Path(name).iterdir()}


def summary(name: str = "small") -> dict[str, Any]:
    return dict(json.loads((Path(name) / "summary.json").read_text()))


# ---------------------------------------------------------------- what it says
def test_run_reports_and_names_its_files(case: str, capsys: Any) -> None:
    assert run(case) == codes.OK
    out, err = capsys.readouterr()
    for text in ("converged", "Heat ledger", "Mass ledger", "pressure drop", "left", "right", "multigrid", *FILES):
        assert text in out
    assert in_folder() == FILES  # the folder has the case's name
    assert "flow" in err and "velocity" in err and "T_max" in err and "dp" in err
    assert "\x1b" not in err and "\r" not in err  # no terminal, no control characters


def test_json_on_stdout_and_json_lines_on_stderr(case: str, capsys: Any) -> None:
    assert run(case, "--json", "--out", "deep/er") == codes.OK
    out, err = capsys.readouterr()
    printed = json.loads(out)
    jsonschema.validate(printed, summary_schema())
    assert printed == summary("deep/er") | {k: printed[k] for k in ("peak_memory_bytes", "wall_seconds", "solver_seconds")}
    events = [json.loads(line) for line in err.splitlines()]
    assert {e["event"] for e in events} == {"progress"}
    assert {"flow", "energy"} <= {e["stage"] for e in events} and all("iteration" in e for e in events)


def test_quiet_says_nothing(case: str, capsys: Any) -> None:
    assert run(case, "--quiet") == codes.OK
    assert capsys.readouterr() == ("", "") and in_folder() == FILES


def test_a_terminal_gets_a_live_line(case: str) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.Popen(command("run", case, "--no-pictures"), stdout=subprocess.DEVNULL, stderr=theirs,
                            env=environment(TERM="xterm", COLUMNS="120"))
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert done.wait() == codes.OK and b"\x1b[" in seen
    assert any(stage in seen for stage in (b"flow", b"energy", b"unit responses"))  # a fast machine shows the last one only


def test_set_changes_the_case_and_is_on_record(case: str, capsys: Any) -> None:
    assert run(case, "--set", "sources.left.power=16 W", "--set", "title=warmer", "--dtype", "f4") == codes.OK
    assert summary()["powers"] == {"left": 16.0, "right": 4.0} and summary()["title"] == "warmer" and summary()["dtype"] == "f4"
    assert "# --set sources.left.power=16 W" in Path("small/log.txt").read_text()


# ---------------------------------------------------------------- exit codes
def test_not_converged_is_3_with_reason_and_results(case: str, capsys: Any) -> None:
    assert run(case, "--set", "solver.max_iterations=6", "--quiet") == codes.NOT_CONVERGED
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("coldrack: error: the flow did not settle in 6 iterations") and err.count("\n") == 1
    assert in_folder() == FILES and summary()["converged"] is False and "6 iterations" in summary()["reason"]


def test_a_ledger_that_does_not_close_is_3(case: str, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from coldrack.solver.physics import ledger

    honest = ledger.heat_ledger
    monkeypatch.setattr(ledger, "heat_ledger", lambda *a: honest(*a) | {"heat_relative": 2e-6})
    assert run(case, "--quiet") == codes.NOT_CONVERGED
    assert "heat ledger does not close: off by 2.0e-06" in capsys.readouterr().err


def test_nan_is_4_with_field_and_cell_and_keeps_the_last_good_state(case: str, capsys: Any,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    iterate, count = Flow.iterate, [0]

    def poisoned(self: Flow) -> dict[str, float]:
        row = iterate(self)
        count[0] += 1
        if count[0] == 40:
            self.velocity[1][3, 3, 3] = np.nan
        return row

    with monkeypatch.context() as changed:
        changed.setattr(Flow, "iterate", poisoned)
        assert run(case, "--quiet") == codes.SOLVER_FAILED
    err = capsys.readouterr().err
    assert "field" in err and "cell (i, j, k)" in err and "Traceback" not in err
    assert in_folder() == FILES and summary()["converged"] is False
    assert np.isfinite(coldrack.read_results("small").fields["U"]).all()
    assert run(case, "--resume", "--quiet") == codes.OK


def test_output_that_cannot_be_written_is_1_before_anything_is_solved(case: str, capsys: Any,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Flow, "iterate", lambda self: pytest.fail("it began to solve"))
    assert run(case, "--out", f"{case}/below") == codes.ENVIRONMENT
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("coldrack: error: cannot make the folder") and "--out" in err and err.count("\n") == 1


def test_too_little_memory_says_how_much(case: str, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Flow) -> dict[str, float]:
        raise MemoryError

    monkeypatch.setattr(Flow, "iterate", full)
    assert run(case, "--quiet") == codes.ENVIRONMENT
    err = capsys.readouterr().err
    assert "432 cells needs about" in err and "are free" in err and err.count("\n") == 1


def test_an_unexpected_error_is_one_line_and_debugging_shows_where(case: str, capsys: Any,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Flow) -> dict[str, float]:
        raise ZeroDivisionError("nothing\nworks")

    monkeypatch.setattr(Flow, "iterate", broken)
    assert run(case, "--quiet") == codes.ENVIRONMENT
    err = capsys.readouterr().err
    assert "ZeroDivisionError: nothing works" in err and "COLDRACK_DEBUG=1" in err and err.count("\n") == 1
    monkeypatch.setenv("COLDRACK_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run(case, "--quiet")


# ---------------------------------------------------------------- pictures come last
def test_results_are_written_before_pictures_which_cannot_fail_the_run(case: str, capsys: Any,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[set[str]] = []

    def broken(folder: Path) -> Any:
        there.append({p.name for p in Path(folder).iterdir()})
        raise RuntimeError("no colours left")

    monkeypatch.setattr(pictures, "render", broken)
    assert main(["run", case, "--device", DEVICE]) == codes.OK
    assert len(there) == 1 and there[0] >= FILES
    assert "no colours left" in capsys.readouterr().err


def test_render_draws_later(case: str, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spatial, "missing_library", lambda: "no GL library: install libegl1")  # drawing is tested elsewhere
    assert run(case, "--quiet") == codes.OK
    assert main(["render", "small"]) == codes.OK
    out = capsys.readouterr().out
    assert "convergence.png" in out and "libegl1" in out and list(Path("small/pictures").glob("*.png"))


# ---------------------------------------------------------------- signals, kills, resume
def begin(case: str, *options: str) -> subprocess.Popen[str]:
    """A slowed run in a process of its own, which has written its first checkpoint."""
    process = started(SLOW, "run", case, "--no-pictures", "--checkpoint-minutes", "0.002", *options)
    assert process.stderr is not None
    for line in process.stderr:
        if "state saved" in line:
            return process
    raise AssertionError("the run ended without a checkpoint")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, codes.INTERRUPTED), (signal.SIGTERM, codes.TERMINATED)])
def test_a_signal_saves_the_state_and_resume_ends_where_an_uninterrupted_run_does(number: int, code: int, case: str) -> None:
    process = begin(case)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "--resume" in err and "Traceback" not in err and in_folder() == FILES
    assert summary()["converged"] is False and summary()["reason"] == "interrupted"
    before = summary()["iterations"]
    assert run(case, "--resume", "--quiet") == codes.OK
    assert run(case, "--quiet", "--out", "whole") == codes.OK
    resumed, whole = summary(), summary("whole")
    assert resumed["iterations"] > before > 0
    tolerance = 2e-4  # twice the case's
    assert resumed["pressure_drop"] == pytest.approx(whole["pressure_drop"], rel=tolerance)
    span = whole["components"]["left"]["t_max"] - whole["inlet_temperature"]
    for name in ("left", "right"):
        assert resumed["components"][name]["t_max"] == pytest.approx(whole["components"][name]["t_max"], abs=tolerance * span)


def test_a_signal_in_the_middle_of_a_line_is_answered_after_it() -> None:
    """Streams refuse a second writer within a line; the run is told at once, the user when the solver asks next."""
    lines: list[str] = []
    stop = StopRequest(lines.append)
    assert not stop()
    stop._asked(signal.SIGTERM, None)  # as Python calls it, anywhere
    assert lines == []
    assert stop() and stop() and stop.code == codes.TERMINATED
    assert len(lines) == 1 and lines[0].startswith("stopping after this iteration")


def test_a_killed_run_leaves_its_last_checkpoint_readable(case: str) -> None:
    process = begin(case)
    process.kill()
    process.communicate(timeout=60)
    results = coldrack.read_results("small")
    assert results.summary["converged"] is False and np.isfinite(results.fields["T"]).all()
    state = read_restart("small")
    assert len(state.history["iteration"]) == results.summary["iterations"] > 0
    assert run(case, "--resume", "--quiet") == codes.OK and summary()["converged"]


def test_leftovers_of_a_killed_writer_are_removed(case: str) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    Path("small").mkdir()
    (Path("small") / f".fields.vtkhdf.{process.pid}.tmp").write_text("half")
    (Path("small") / "mine.tmp").write_text("mine")
    assert run(case, "--quiet") == codes.OK
    assert in_folder() == FILES | {"mine.tmp"}


@pytest.mark.parametrize(("change", "says"), [
    ("mesh.cells=[12, 6, 9]", "mesh"), ("objects.right.material=copper", "materials"),
    ("boundaries.inlet.velocity=0.06 m/s", "boundaries"), ("sources.left.power=9 W", "sources"),
    ("coolant.name=PG25", "coolant")])
def test_resume_refuses_another_case(change: str, says: str, case: str, capsys: Any) -> None:
    assert run(case, "--quiet", "--set", "solver.max_iterations=6") == codes.NOT_CONVERGED
    capsys.readouterr()
    before = Path("small/fields.vtkhdf").read_bytes()
    assert run(case, "--resume", "--set", change) == codes.WRONG_INPUT
    out, err = capsys.readouterr()
    assert out == "" and "cannot resume" in err and says in err.split("coldrack: error: ")[1]
    assert Path("small/fields.vtkhdf").read_bytes() == before
    assert run(case, "--resume", "--quiet", "--set", "solver.max_iterations=900") == codes.OK


def test_resume_without_a_state_begins_and_says_so(case: str, capsys: Any) -> None:
    assert run(case, "--resume") == codes.OK
    assert "no saved state" in capsys.readouterr().err


def test_resume_of_a_damaged_file_is_refused(case: str, capsys: Any) -> None:
    Path("small").mkdir()
    Path("small/fields.vtkhdf").write_bytes(b"not HDF5")
    assert run(case, "--resume") == codes.WRONG_INPUT
    assert "damaged" in capsys.readouterr().err


def test_a_full_disk_is_1_and_leaves_the_last_good_files(case: str) -> None:
    assert run(case, "--quiet") == codes.OK
    before = {p.name: p.read_bytes() for p in Path("small").iterdir()}
    limit = 20_000  # bytes; fewer than the fields take

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    assert len(before["fields.vtkhdf"]) > limit
    done = subprocess.run(command("run", case, "--no-pictures", "--device", "numpy", "--set", "solver.max_iterations=6"),
                          capture_output=True, text=True, env=environment(), preexec_fn=small_files, check=False)
    assert done.returncode == codes.ENVIRONMENT, done.stderr
    assert "cannot write" in done.stderr and "Traceback" not in done.stderr
    assert {p.name: p.read_bytes() for p in Path("small").iterdir()} == before
