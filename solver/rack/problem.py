"""A case of one rack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coldrack.solver.rack.parts import Rack
from coldrack.solver.system import Say, SystemProblem, SystemSolution


@dataclass(kw_only=True)
class RackProblem(SystemProblem):
    """A rack with its coolant and air."""

    kind: ClassVar[str] = "rack"
    rack: Rack
    kind_of_rack: str = ""
    folder: str = "."

    def about(self) -> str:
        return ""

    def solve(self, say: Say) -> SystemSolution:
        return SystemSolution({})
