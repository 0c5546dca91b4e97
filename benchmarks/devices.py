"""The same cases on the devices of this machine: a GPU where there is one, compiled kernels on all cores, and numpy.

Seconds are the clock's here: from the discrete problem in memory to its solution, uploads included; kernels are built and
loaded before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coldrack.benchmarks.linear import MEAN, solve_model
from coldrack.benchmarks.ours import about, solve_timed
from coldrack.benchmarks.registry import Case, Measurement
from coldrack.kernels.cuda import driver_version
from coldrack.solver.machine import cores

DUCT = Path(__file__).resolve().parent / "duct.yaml"
TINY = "[12, 6, 6]"


def solve_duct(solver: str, grid: str) -> Measurement:
    """One solution on the device that the solver's name ends with; the value is the pressure drop, Pa."""
    from coldrack import load

    return _solve_whole(solver, load(DUCT, {"mesh.cells": TINY}), load(DUCT, {"mesh.cells": grid}))


def solve_plate(solver: str, refine: float) -> Measurement:
    """One solution of the H100 plate; the value is the pressure drop, Pa."""
    from coldrack.benchmarks.coldplate import load_plate

    return _solve_whole(solver, load_plate(0.2), load_plate(refine))


def solve_cavity(solver: str, n: int) -> Measurement:
    """One solution of the heated cavity, a small flow in two dimensions; the value is the Nusselt number of the hot wall."""
    from coldrack.benchmarks.cavity import MIDDLE, heated_cavity, hot_nusselt

    return _solve_whole(solver, heated_cavity(8), heated_cavity(n), lambda s: hot_nusselt(s.temperature[0] - MIDDLE))


def _solve_whole(solver: str, tiny: Any, problem: Any, value: Any = lambda solution: solution.pressure_drop) -> Measurement:
    from coldrack import solve

    device = solver.split()[-1]
    solve(tiny, device)  # builds and loads the kernels
    solution, clock = solve_timed(problem, device)
    return Measurement(problem.mesh.grid.cells, clock.cpu, clock.wall, solution.iterations, clock.peak, value(solution),
                       details=about(device))


CORES = cores()
FAST = (*(["coldrack cuda"] if driver_version() else []), "coldrack host")
DROP = "pressure drop, Pa"


def _linear(name: str, model: str, n: int, **more: float) -> Case:
    return Case(name, solve_model, FAST, MEAN, {"model": model, "tiny": {"n": 16, **more}, "n": n, **more}, threads=CORES)


CASES = [
    Case("duct-quick", solve_duct, ("coldrack host", "coldrack numpy"), DROP, {"grid": TINY}, quick=True, full=False),
    Case("duct", solve_duct, (*FAST, "coldrack numpy"), DROP, {"grid": "[120, 32, 32]"}),
    _linear("uniform-256-on-devices", "uniform", 256),
    _linear("stretched-200-192-on-devices", "stretched_box", 192, ratio=200.0),
    _linear("through-flow-30-192-on-devices", "through_flow", 192, peclet=30.0),
    _linear("recirculation-1000-192-on-devices", "recirculation", 192, peclet=1000.0),
    Case("heated-128-on-devices", solve_cavity, FAST, "Nusselt number of the hot wall", {"n": 128}, threads=CORES),
    Case("h100-600k-on-devices", solve_plate, FAST, DROP, {"refine": 1.0}, threads=CORES),
    Case("h100-2m-on-devices", solve_plate, FAST, DROP, {"refine": 1.5}, threads=CORES),
]
