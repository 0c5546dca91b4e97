"""Racks for tests, from the library with changes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from coldrack.solver.case.coolant_rack import build_rack
from coldrack.solver.case.reader import Document
from coldrack.solver.rack.parts import Rack
from coldrack.solver.rack.solve import RackSolver
from coldrack.solver.rack.state import RackState

LIMIT_OF_LEDGER = 1e-8  # of the power, at every level


def rack(change: str = "", kind: str = "h100_64gpu", trays: str = "") -> Rack:
    """A rack of the library with keys of `rack` and of `trays`, as YAML text."""
    text = f"coldrack: 1\n{trays}\nrack:\n  type: {kind}\n  {change}\n"
    return build_rack(Document("test.yaml", text), Path("."))[0]


@cache
def solved() -> tuple[RackSolver, RackState]:
    """The rack of 64 H100 at its design point."""
    solver = RackSolver(rack())
    return solver, solver.solve()
