"""A run's folder: fields, sidecar, summary, log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from coldrack.solver.output.atomic import OutputError, remove_leftovers, write_text
from coldrack.solver.output.report import report
from coldrack.solver.output.summary import summarise
from coldrack.solver.output.vtkhdf import cell_fields, write_fields
from coldrack.solver.output.xdmf import write_xdmf
from coldrack.solver.solution import Solution


def make_folder(folder: str | Path) -> Path:
    """Create the output folder; `OutputError` if that cannot be."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}; choose another --out") from None
    return folder


def prepare_folder(folder: str | Path) -> Path:
    """Create the output folder, see that it can be written, and remove what killed writers left half done.

    Raises
    ------
    OutputError
        If it cannot be made or written.
    """
    folder = make_folder(folder)
    write_text(folder / ".writable", "")
    (folder / ".writable").unlink(missing_ok=True)
    remove_leftovers(folder)
    return folder


def write_solution(solution: Solution, folder: str | Path) -> dict[str, Any]:
    """Write ``fields.vtkhdf``, ``fields.xdmf``, ``summary.json`` and ``log.txt``; returns the summary."""
    folder = make_folder(folder)
    summary = summarise(solution)
    write_fields(folder / "fields.vtkhdf", solution, summary)
    nz, ny, nx = solution.problem.mesh.grid.shape
    write_xdmf(folder / "fields.xdmf", "fields.vtkhdf", (nz + 1, ny + 1, nx + 1), cell_fields(solution))
    write_text(folder / "summary.json", json.dumps(summary, indent=1) + "\n")
    write_text(folder / "log.txt", log(solution, summary))
    return summary


def log(solution: Solution, summary: dict[str, Any]) -> str:
    """The report, then every iteration, then the case."""
    columns = {n: c for n, c in solution.history.items()}
    rows = [" ".join(f"{n:>14}" for n in columns)]
    rows += [" ".join(f"{v:>14.7g}" for v in row) for row in zip(*columns.values())]
    return report(summary) + "\n" + "\n".join(rows) + "\n\n" + solution.problem.case_text
