"""A case of one rack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coldrack.solver.rack.air_case import air_case
from coldrack.solver.rack.figures import figures
from coldrack.solver.rack.ledger import LIMIT
from coldrack.solver.rack.parts import Rack
from coldrack.solver.rack.solve import RackSolver
from coldrack.solver.system import Say, SystemProblem, SystemSolution

AIR_CASE = "air_case.yaml"


@dataclass(kw_only=True)
class RackProblem(SystemProblem):
    """A rack with its coolant and air.

    Parameters
    ----------
    rack : Rack
    kind_of_rack : str
        Its type in the library; empty for one that the case describes itself.
    """

    kind: ClassVar[str] = "rack"
    rack: Rack
    kind_of_rack: str = ""

    def about(self) -> str:
        """Trays, chips on plates and on heat sinks."""
        chips = [c for t in self.rack.trays for c in t.chips]
        wet = sum(c.plate is not None for c in chips)
        return f"rack of {len(self.rack.trays)} trays, {wet} chips on cold plates, {len(chips) - wet} on heat sinks"

    def solve(self, say: Say) -> SystemSolution:
        """Chips, coolant and air until nothing changes."""
        solver = RackSolver(self.rack)
        state = solver.solve()
        say(f"rack: settled in {state.rounds} rounds")
        found, tables, notes = figures(solver, state, self.kind_of_rack)
        wrong = found["ledger"]["heat_relative"]
        reason = f"the heat ledger closes to {wrong:.1e} of the power only" if wrong > 100.0 * LIMIT else ""
        return SystemSolution(found, tables, reason, notes, {AIR_CASE: air_case(solver, state, self.title)})
