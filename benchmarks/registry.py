"""What a benchmark is, and which there are. One file a benchmark: it lists its cases in ``CASES``.

To add one: write ``benchmarks/NAME.py`` with a docstring (its first line is shown to users) and ``CASES``, and put NAME
into `NAMES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

OURS = "coldrack"
NAMES = ("kernels", "linear", "cavity", "microchannel", "coldplate", "room", "devices", "growth", "flow_growth",
         "network", "hall")


class BenchmarkError(RuntimeError):
    """A run that gives no figure: not converged, wrong answer, a step that failed. The message says which."""


@dataclass(frozen=True)
class Measurement:
    """What one run of one solver on one case gave.

    `cpu_seconds` are user and system time of all threads, `wall_seconds` the clock's, both from the discrete problem in memory
    to its solution, set-up of the solver included, imports and meshing left out. `value` is the figure that is compared with
    `reference` (None: there is none). `part` tells several measurements of one run apart. `details` are more figures, by name.
    """

    cells: int
    cpu_seconds: float
    wall_seconds: float
    iterations: float | None
    peak_memory_bytes: int
    value: float
    reference: float | None = None
    part: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One problem of one size, which some solvers can solve.

    Parameters
    ----------
    name : str
    run : callable
        ``run(solver, **parameters)``, in a process of its own, returns one `Measurement` or several.
    solvers : tuple of str
        Who can: "coldrack" or "coldrack ...", and names of peers.
    quantity : str
        What `Measurement.value` is, with its unit.
    parameters : dict
        Plain data.
    quick : bool
        Whether it belongs to a quick look (seconds).
    full : bool
        Whether it belongs to a full run.
    family : str
        Cases of one family differ in size only: growth of the cost is fitted through them.
    threads : int
        Of whoever runs it.
    """

    name: str
    run: Callable[..., Measurement | list[Measurement]]
    solvers: tuple[str, ...]
    quantity: str
    parameters: dict[str, Any] = field(default_factory=dict)
    quick: bool = False
    full: bool = True
    family: str = ""
    threads: int = 1


def module(name: str) -> Any:
    """The module of a benchmark."""
    return import_module(f"coldrack.benchmarks.{name}")


def cases(name: str) -> list[Case]:
    """All cases of a benchmark."""
    return list(module(name).CASES)


def find(name: str, case: str) -> Case:
    """One case."""
    return next(c for c in cases(name) if c.name == case)
