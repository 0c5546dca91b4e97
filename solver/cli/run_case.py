"""`coldrack run`: load, solve with checkpoints, write, report, draw; in that order."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coldrack.solver.cli import codes
from coldrack.solver.cli.progress import Quiet, reporter, say_error
from coldrack.solver.cli.signals import StopRequest


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    case: Path
    out: Path
    overrides: dict[str, str]
    device: str = "auto"
    dtype: str = "f8"
    resume: bool = False
    json: bool = False
    quiet: bool = False
    pictures: bool = True
    checkpoint_minutes: float = 5.0


def run_case(options: Options) -> int:
    """Run a case; returns the exit code."""
    display = reporter(options.json, options.quiet)
    try:
        return _Job(options, display).go()
    finally:
        display.close()


class _Job:
    def __init__(self, options: Options, display: Quiet) -> None:
        self.options, self.display = options, display
        self.stop = StopRequest(display.say)

    def go(self) -> int:
        from coldrack.solver.cli.run_system import run_system
        from coldrack.solver.output.write import prepare_folder
        from coldrack.solver.system import SystemProblem

        problem = self._load()
        if isinstance(problem, SystemProblem):
            return run_system(problem, self.options, self.display)
        prepare_folder(self.options.out)
        resume = self._saved_state()
        with self.stop:
            solution, failure = self._solve(problem, resume)
            if solution is not None:
                self._finish(solution)
        if failure is not None:
            raise failure
        assert solution is not None
        if self.stop():
            return self.stop.code
        return codes.OK if solution.converged else codes.NOT_CONVERGED

    def _load(self) -> Any:
        from coldrack.solver.case import load

        return load(self.options.case, self.options.overrides)

    def _saved_state(self) -> Any:
        from coldrack.solver.output.read import read_restart, read_summary

        out = self.options.out
        there = (out / "fields.vtkhdf").exists()
        if self.options.resume and not there:
            self.display.say(f"{out} holds no saved state yet: starting from the beginning")
        if self.options.resume and there:
            return read_restart(out)
        if there:
            done = read_summary(out)["converged"]
            self.display.say(f"{out} holds {'results' if done else 'an unfinished run (--resume would go on with it)'} "
                             "from before, which this run will replace")
        return None

    def _solve(self, problem: Any, resume: Any) -> tuple[Any, Exception | None]:
        """The solution, and the error after which it is only the last good state."""
        from coldrack.kernels import BackendError
        from coldrack.solver.run import SolverError, solve

        o = self.options
        try:
            return solve(problem, o.device, o.dtype, self.display, self.stop, self._checkpoint, 60 * o.checkpoint_minutes,
                         resume, self._series(problem, resume)), None
        except SolverError as error:
            return error.solution, error
        except BackendError as error:
            if not isinstance(error.__cause__, MemoryError):
                raise
            raise codes.out_of_memory(problem.mesh.grid.cells, str(error)) from None

    def _series(self, problem: Any, resume: Any) -> Any:
        """The file for the fields of a run in time; None for a steady one."""
        from coldrack.solver.output.series import Series

        clock = resume.clock if resume is not None else None
        series = Series(self.options.out, problem, clock.time if clock is not None else None)
        if series.remark:
            self.display.say(series.remark)
        return series if problem.settings.time is not None else None

    def _checkpoint(self, solution: Any) -> None:
        """Save an unfinished run; one that cannot be saved goes on."""
        from coldrack.solver.output.atomic import OutputError
        from coldrack.solver.output.write import write_solution

        try:
            write_solution(solution, self.options.out)
            self.display.say(f"state saved in {self.options.out} at iteration {solution.iterations}")
        except OutputError as error:
            self.display.say(f"state not saved: {error}")

    def _finish(self, solution: Any) -> None:
        from coldrack.solver.output.pictures import remove_pictures
        from coldrack.solver.output.report import report
        from coldrack.solver.output.summary import summarise
        from coldrack.solver.output.write import write_solution

        out, summary = self.options.out, summarise(solution)
        self.display.close()
        if self.options.json:
            print(json.dumps(summary))
        elif not self.options.quiet:
            print(report(summary))
        sys.stdout.flush()
        write_solution(solution, out)
        remove_pictures(out)
        if not solution.converged:
            say_error(solution.reason + ("; go on with --resume" if self.stop() else ""), self.options.json)
        series = f", {out}/series.vtkhdf (the times)" if solution.clock is not None else ""
        self._tell(f"Results: {out}/fields.vtkhdf (pyvista, ParaView >= 6.2){series}, {out}/fields.xdmf (older readers), "
                   f"{out}/summary.json, {out}/log.txt")
        if self.options.pictures and not self.stop():
            self._draw()

    def _draw(self) -> None:
        """Pictures come last and cannot fail the run; a signal now ends the process, for all is saved."""
        from coldrack.solver.output.pictures import render

        self.stop.at_once = True
        try:
            made, remarks = render(self.options.out)
        except KeyboardInterrupt:
            remarks, made = ["interrupted while drawing: the results are complete, `coldrack render` draws the rest"], []
        except Exception as error:
            if codes.debugging():
                raise
            remarks, made = [f"no pictures: {type(error).__name__}: {error}"], []
        for remark in remarks:
            self.display.say(remark)
        if made:
            self._tell(f"Pictures: {', '.join(str(p) for p in made)}")

    def _tell(self, text: str) -> None:
        if not (self.options.json or self.options.quiet):
            print(text, flush=True)
