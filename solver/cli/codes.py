"""Exit codes, and the one line that a user sees when something is wrong."""

from __future__ import annotations

import os
from typing import Any

OK = 0
ENVIRONMENT = 1
WRONG_INPUT = 2
NOT_CONVERGED = 3
SOLVER_FAILED = 4
INTERRUPTED = 130
TERMINATED = 143

EXPLAINED = {
    OK: "converged, and the heat and mass ledgers close",
    ENVIRONMENT: "cannot write the output, a missing compiler or driver, too little memory",
    WRONG_INPUT: "wrong input: case file, --set, device, arguments",
    NOT_CONVERGED: "not converged, or a ledger does not close; the reason is printed, the results are written",
    SOLVER_FAILED: "the solver failed: a value is not finite (field and cell are named), a linear solve did not converge, or a "
                   "part of a network, rack or hall is outside its range",
    INTERRUPTED: "ended by Ctrl-C, state saved",
    TERMINATED: "ended by SIGTERM, state saved",
}
HELP = "Exit codes: " + "; ".join(f"{code} {text}" for code, text in EXPLAINED.items()) + "."


class InputError(ValueError):
    """Something that the user typed is wrong; the message says what and what to do."""


def debugging() -> bool:
    """Whether tracebacks are wanted."""
    return os.environ.get("COLDRACK_DEBUG", "") not in ("", "0")


def explain(error: BaseException) -> tuple[int, list[str]]:
    """Exit code and messages, one line each, for any exception."""
    from coldrack.kernels import BackendError
    from coldrack.solver.case import CaseError
    from coldrack.solver.materials.library import MaterialError
    from coldrack.solver.output.atomic import OutputError
    from coldrack.solver.output.read import ResultsError
    from coldrack.solver.restart import RestartError
    from coldrack.solver.run import SolverError
    from coldrack.solver.system import SystemFailure

    if isinstance(error, CaseError):
        return WRONG_INPUT, str(error).split("\n")
    if isinstance(error, InputError | RestartError | ResultsError):
        return WRONG_INPUT, [_line(error)]
    if isinstance(error, SolverError | SystemFailure | MaterialError):  # a temperature left the range of a coolant
        return SOLVER_FAILED, [_line(error)]
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, ["interrupted"]
    if isinstance(error, OutputError | BackendError):
        return ENVIRONMENT, [_line(error)]
    if isinstance(error, MemoryError):
        return ENVIRONMENT, [_line(error) or _memory()]
    if isinstance(error, OSError):
        return ENVIRONMENT, [_line(error)]
    return ENVIRONMENT, [f"unexpected {type(error).__name__}: {_line(error)}; COLDRACK_DEBUG=1 shows where. "
                         "Please report it with the case file"]


def out_of_memory(cells: int, told: str) -> MemoryError:
    """The error for a case that does not fit: what its grid needs, beside what the device told of its free memory."""
    from coldrack.meshes.build import BYTES_PER_CELL

    return MemoryError(f"{told} (a run with {cells:,} cells needs about {cells * BYTES_PER_CELL / 1e9:.2g} GB)")


def _memory() -> str:
    from coldrack.solver.machine import available_memory

    return f"{available_memory() / 1e9:.2f} GB are available"


def _line(error: Any) -> str:
    return " ".join(str(error).split())
