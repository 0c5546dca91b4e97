"""coldrack: thermal CFD for liquid-cooled AI hardware, from the die to the hall.

>>> import coldrack
>>> solution = coldrack.solve("case.yaml")  # doctest: +SKIP
>>> solution.components["gpu"]["t_max"]  # doctest: +SKIP
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coldrack.solver.output.read import Results
    from coldrack.solver.problem import Problem
    from coldrack.solver.system import SystemProblem

try:
    __version__ = version("coldrack")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__", "load", "read_results", "solve"]


def load(path: str | PathLike[str], overrides: dict[str, str] | None = None) -> Any:
    """Read a case file into a meshed `Problem`, or into the `SystemProblem` of a coolant network, a rack or a hall.

    Parameters
    ----------
    path : str or path
    overrides : dict, optional
        Values that replace the file's, such as ``{"mesh.refine": "0.5"}``.

    Returns
    -------
    Problem or SystemProblem

    Raises
    ------
    CaseError
        With file, line, key, reason and suggestion for every mistake.
    """
    from coldrack.solver.case import load as load_case

    return load_case(str(path), overrides or {})


def solve(
    problem: Problem | SystemProblem | str | PathLike[str], device: str = "auto", dtype: str = "f8", **options: Any
) -> Any:
    """Solve a `Problem` or a `SystemProblem`, or the case file of that path.

    Parameters
    ----------
    problem : Problem, str or path
    device : {"auto", "cuda", "cuda:N", "host", "numpy"}
    dtype : {"f8", "f4"}
    **options
        ``progress``, ``stop``, ``checkpoint``, ``checkpoint_seconds``, ``resume``: see `coldrack.solver.run.solve`.

    Returns
    -------
    Solution or SystemSolution
        The second of coolant networks, racks and halls, which are solved without a device.
    """
    from coldrack.solver.run import solve as run_solve
    from coldrack.solver.system import SystemProblem

    loaded = load(problem) if isinstance(problem, str | PathLike) else problem
    if isinstance(loaded, SystemProblem):
        return loaded.solve(options.get("say", lambda line: None))
    return run_solve(loaded, device=device, dtype=dtype, **options)


def read_results(folder: str | PathLike[str]) -> Results:
    """Fields, history and summary of a folder that a run wrote; `OutputError` if there is none."""
    from coldrack.solver.output.read import read_results as read

    return read(str(folder))
