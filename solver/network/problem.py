"""A coolant network as a case."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from coldrack.solver.network.failure import NetworkFailure
from coldrack.solver.network.figures import figures, tables
from coldrack.solver.network.network import Network
from coldrack.solver.network.solve import solve
from coldrack.solver.network.validity import check
from coldrack.solver.system import Say, SystemFailure, SystemProblem, SystemSolution

MASS, HEAT = 1e-10, 1e-8  # largest relative imbalances of a result


@dataclass(kw_only=True)
class NetworkProblem(SystemProblem):
    """A network with what its case says of pictures.

    Parameters
    ----------
    network : Network
    kinds : dict
        Kind of every branch in the case.
    positions : dict
        Place of nodes in the diagram, where the case gives it.
    place : callable
        Where the case file says what a part is, by group and name, to begin a message with.
    """

    kind: ClassVar[str] = "network"
    network: Network
    kinds: dict[str, str]
    positions: dict[str, tuple[float, float]] = field(default_factory=dict)
    place: Callable[[str, str], str] = lambda group, name: ""

    def solve(self, say: Say) -> SystemSolution:
        """Flows, pressures and temperatures; `SystemFailure` with the place in the case file."""
        started = time.perf_counter()
        try:
            state = solve(self.network)
            check(self.network, state)
        except NetworkFailure as error:
            raise SystemFailure(f"{self.place(error.group, error.name)}{error if not error.name else error.message}") from None
        seconds = time.perf_counter() - started
        say(f"solved in {state.iterations} iterations, {seconds:.3f} s")
        result: dict[str, Any] = figures(self.network, state, self.kinds)
        result["network"] |= {"solve_seconds": seconds, "positions": {n: list(p) for n, p in self.positions.items()},
                              "curves": self._curves()}
        book = result["ledger"]
        reason = ""
        if book["mass_relative"] > MASS:
            reason = f"the mass ledger does not close: {book['mass_relative']:.1e} of the largest flow"
        elif book["heat_relative"] > HEAT and abs(book["heat_imbalance"]) > 1e-6:
            reason = f"the heat ledger does not close: {book['heat_relative']:.1e} of the heat"
        return SystemSolution(result, tables(self.network, state, self.kinds), reason)

    def _curves(self) -> dict[str, Any]:
        """Points of the pumps' curves, for pictures: those of one pump at its speed."""
        out = {}
        for name, k in self.network.branches.items():
            pump: Any = self.network.branch_list[k].element
            if self.kinds.get(name) == "pump":
                out[name] = {"flow_rate": [q * pump.speed for q in pump.flow_rates],
                             "rise": [p * pump.speed**2 for p in pump.pressures], "running": float(pump.count)}
        return out

    def about(self) -> str:
        """Size."""
        net = self.network
        return (f"a coolant network of {len(net.loops)} loops, {len(net.nodes):,} nodes, {len(net.branches):,} branches, "
                f"{net.heat.sum():g} W")
