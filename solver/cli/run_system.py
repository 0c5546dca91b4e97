"""`coldrack run` of a network, rack or hall: solve, write, report, draw."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coldrack.solver.cli import codes

if TYPE_CHECKING:
    from coldrack.solver.cli.progress import Quiet
    from coldrack.solver.cli.run_case import Options
    from coldrack.solver.system import SystemProblem, SystemSolution


def run_system(problem: SystemProblem, options: Options, display: Quiet) -> int:
    """Run a checked case; returns the exit code."""
    from coldrack.solver.cli.progress import say_error
    from coldrack.solver.output.atomic import write_text
    from coldrack.solver.output.system_files import write_system
    from coldrack.solver.output.write import prepare_folder

    if options.resume:
        display.say("--resume has nothing to go on from: this kind of case is solved in one go")
    out = prepare_folder(options.out)
    started = time.perf_counter()
    solution = problem.solve(display.say)
    summary = summarise_system(problem, solution, time.perf_counter() - started)
    text = write_system(summary, solution.tables, problem.case_text, out)
    for name, content in solution.files.items():
        write_text(out / name, content)
    display.close()
    talks = not (options.json or options.quiet)
    if options.json:
        print(json.dumps(summary))
    elif talks:
        print(text)
        files = ["summary.json", "results.h5", *(f"{name}.csv" for name in solution.tables), *solution.files, "log.txt"]
        print(f"Results: {', '.join(f'{out}/{file}' for file in files)}")
    sys.stdout.flush()
    if options.pictures:
        _draw(out, display, talks)
    if solution.reason:
        say_error(solution.reason, options.json)
        return codes.NOT_CONVERGED
    return codes.OK


def summarise_system(problem: SystemProblem, solution: SystemSolution, seconds: float) -> dict[str, Any]:
    """The figures with what every run has."""
    from coldrack import __version__
    from coldrack.solver.machine import peak_memory
    from coldrack.solver.output.summary import plain

    common = {"kind": problem.kind, "title": problem.title, "version": __version__, "converged": not solution.reason,
              "reason": solution.reason or "converged", "wall_seconds": seconds, "peak_memory_bytes": peak_memory(),
              "notes": solution.notes}
    return dict(plain(common | solution.figures))


def _draw(out: Path, display: Quiet, talks: bool) -> None:
    from coldrack.solver.output.system_files import draw_system

    made, remarks = draw_system(out)
    for remark in remarks:
        display.say(remark)
    if made and talks:
        print(f"Pictures: {', '.join(str(p) for p in made)}", flush=True)
