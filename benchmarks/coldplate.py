"""The H100 cold plate of the example cases: flow, heat and a unit response for each of its sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coldrack.benchmarks.ours import solve_timed
from coldrack.benchmarks.registry import OURS, Case, Measurement

CASE = Path(__file__).resolve().parent / "h100_cold_plate.yaml"


def load_plate(refine: float, **changes: str) -> Any:
    """The problem, with other values for keys of the case file (``solver__max_iterations="5"``)."""
    from coldrack import load

    return load(CASE, {"mesh.refine": str(refine), **{k.replace("__", "."): v for k, v in changes.items()}})


def solve_plate(solver: str, refine: float, **changes: str) -> Measurement:
    """One solution; the value is the largest temperature rise of the GPU over the inlet, K."""
    problem = load_plate(refine, **changes)
    solution, clock = solve_timed(problem)
    rise = solution.components["gpu"]["t_max"] - solution.inlet_temperature
    return Measurement(problem.mesh.grid.cells, clock.cpu, clock.wall, solution.iterations, clock.peak, rise,
                       details={"pressure_drop": solution.pressure_drop, "heat_relative": solution.ledger["heat_relative"],
                                "bytes_per_cell": clock.peak / problem.mesh.grid.cells})


QUANTITY = "largest rise of the GPU over the inlet, K"
CASES = [
    Case("h100-100k", solve_plate, (OURS,), QUANTITY, {"refine": 0.5}),
    Case("h100-600k", solve_plate, (OURS,), QUANTITY, {"refine": 1.0}),
]
