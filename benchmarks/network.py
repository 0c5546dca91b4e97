"""Coolant networks: a ladder of cold plates between two manifolds, flow and heat together; and flow alone beside EPANET.

The ladder has 1024 plates of 700 W, each behind its hose, on two manifolds of 0.3 m: 4096 branches, PG25 with properties that
follow the temperature. EPANET (through wntr) gets the same pipes with water of constant properties, without heat; its time is
that of its hydraulic engine alone, from the network in memory. The value is the largest plate's flow over the mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.benchmarks.clock import Clock
from coldrack.benchmarks.registry import BenchmarkError, Case, Measurement

MANIFOLD, HOSE = (0.05, 0.3), (1.0, 0.01)  # length, diameter, m
PLATE = (0.6, 0.006)  # a pipe that drops as much as a plate, for EPANET
EPANET_NU = 1.1e-5 * 0.3048**2  # m2/s of its water
PRESSURE = 5e4  # Pa between the manifolds' ends


def ladder(plates: int, heat: bool) -> Any:
    """The network; without heat it is of pipes and water only."""
    from coldrack.solver.materials import coolant
    from coldrack.solver.network import ConstantCoolant, Network, Pipe, PowerLaw

    net = Network(dissipation=heat)
    net.loop("loop", coolant("PG25") if heat else ConstantCoolant("water", 1000.0, 1000 * EPANET_NU, 4182.0, 0.6))
    net.node("in", "loop", pressure=2e5 + PRESSURE, temperature=313.15)
    net.node("out", "loop", pressure=2e5)
    supply, back = "in", "out"
    for k in range(plates):
        for name in ("s", "p", "r"):
            net.node(f"{name}{k}", "loop")
        net.branch(f"supply{k}", supply, f"s{k}", Pipe(*MANIFOLD, 1e-5))
        net.branch(f"hose{k}", f"s{k}", f"p{k}", Pipe(*HOSE, 1e-6, 2.0))
        part = PowerLaw(2e-5, 2e4, 1.85, 1010.0, 1.4e-3, 0.15) if heat else Pipe(*PLATE, 1e-6, 2.0)
        net.branch(f"plate{k}", f"p{k}", f"r{k}", part, heat=700.0 if heat else 0.0)
        net.branch(f"return{k}", f"r{k}", back, Pipe(*MANIFOLD, 1e-5))
        supply, back = f"s{k}", f"r{k}"
    return net


def spread(flows: Any) -> float:
    """Largest over mean."""
    return float(np.max(flows) / np.mean(flows))


def run_ladder(solver: str, plates: int, heat: bool) -> Measurement:
    """One solution."""
    if solver == "epanet":
        from coldrack.benchmarks.peers.epanet import solve_network

        net = ladder(plates, heat)
        flows, clock, iterations = solve_network(net, "plate")
        return Measurement(len(net.branch_list), clock.cpu, clock.wall, iterations, clock.peak, spread(flows))
    from coldrack.solver.network import solve

    solve(ladder(4, heat))  # imports and tables
    net = ladder(plates, heat)
    solve(net)  # orders the elimination, as the first of many solutions
    with Clock() as clock:
        state = solve(net)
    if state.mass_residual > 1e-10 or state.heat_residual > 1e-8:
        raise BenchmarkError(f"not conserved: mass {state.mass_residual:.1e}, heat {state.heat_residual:.1e}")
    flows = state.mass_flow[[net.branches[f"plate{k}"] for k in range(plates)]]
    return Measurement(len(net.branch_list), clock.cpu, clock.wall, state.iterations, clock.peak, spread(flows))


FAMILY = "network"
CASES = [
    Case("network-quick", run_ladder, ("coldrack",), "largest flow over mean", {"plates": 16, "heat": True}, quick=True,
         full=False),
    *(Case(f"network-{4 * n}", run_ladder, ("coldrack",), "largest flow over mean", {"plates": n, "heat": True}, family=FAMILY)
      for n in (256, 1024, 4096)),
    Case("network-flow-4096", run_ladder, ("coldrack", "epanet"), "largest flow over mean", {"plates": 1024, "heat": False}),
]
