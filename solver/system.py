"""Problems without a grid: coolant networks, racks and halls. What all of them share, so that one command runs them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Say = Callable[[str], None]
Column = NDArray[np.float64] | list[str]  # one entry a row


@dataclass(frozen=True)
class Table:
    """Rows of figures: a plate each, a pump each, an hour each.

    Parameters
    ----------
    columns : dict
        Name to values; all of one length. Text columns are lists.
    units : dict
        Name to unit ("K", "m3/s", "Pa", "W", "" for a number); every column of numbers has one.
    """

    columns: dict[str, Column]
    units: dict[str, str]


@dataclass
class SystemSolution:
    """What a network, rack or hall case gives.

    `figures` goes into ``summary.json`` (plain data, SI units, kelvin) beside ``kind``, ``title``, ``version``, ``converged``,
    ``reason``, ``wall_seconds``, ``peak_memory_bytes`` and ``notes``; `tables` into ``results.h5`` and a CSV file each. Reports
    and pictures are made from nothing else. `files` are written beside them as they are: name to text.
    """

    figures: dict[str, Any]
    tables: dict[str, Table] = field(default_factory=dict)
    reason: str = ""  # why it is no result; empty if it is one
    notes: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class SystemProblem(ABC):
    """A checked case without a grid."""

    kind: ClassVar[str]
    title: str
    case_text: str

    @abstractmethod
    def solve(self, say: Say) -> SystemSolution:
        """Solve it; `say` takes lines of progress."""

    @abstractmethod
    def about(self) -> str:
        """One line on its size, for `coldrack check`."""


class SystemFailure(RuntimeError):
    """A system that cannot be solved: no flow path, a value out of range. Says which part and what to do."""
