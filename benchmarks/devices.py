"""The duct of the example cases on the devices of this machine: compiled kernels, and numpy."""

from __future__ import annotations

from pathlib import Path

from coldrack.benchmarks.ours import solve_timed
from coldrack.benchmarks.registry import Case, Measurement

CASE = Path(__file__).resolve().parent / "duct.yaml"


def solve_duct(solver: str, grid: str) -> Measurement:
    """One solution on the device that the solver's name ends with; the value is the pressure drop, Pa."""
    from coldrack import load, solve

    device = solver.split()[-1]
    solve(load(CASE, {"mesh.cells": TINY}), device)  # builds and loads the kernels
    problem = load(CASE, {"mesh.cells": grid})
    solution, clock = solve_timed(problem, device)
    return Measurement(problem.mesh.grid.cells, clock.cpu, clock.wall, solution.iterations, clock.peak, solution.pressure_drop)


SOLVERS, TINY = ("coldrack host", "coldrack numpy"), "[12, 6, 6]"
CASES = [
    Case("duct-quick", solve_duct, SOLVERS, "pressure drop, Pa", {"grid": TINY}, quick=True, full=False),
    Case("duct", solve_duct, SOLVERS, "pressure drop, Pa", {"grid": "[120, 32, 32]"}),
]
