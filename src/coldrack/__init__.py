"""coldrack: thermal CFD for liquid-cooled AI hardware, from the die to the hall."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

try:
    __version__ = version("coldrack")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__", "load", "solve"]


def load(path: str, overrides: dict[str, str] | None = None) -> Any:
    """Read a case file into a `Problem`; raises `CaseError` with file, line and suggestion."""
    from coldrack.solver.case import load as load_case

    return load_case(path, overrides or {})


def solve(problem: Any, **options: Any) -> Any:
    """Solve a `Problem` (or the case file of that path) and return a `Solution`; see `coldrack.solver.run.solve`."""
    from coldrack.solver.run import solve as run_solve

    return run_solve(load(problem) if isinstance(problem, str) else problem, **options)
