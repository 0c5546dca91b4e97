"""OpenFOAM on the Poisson and the conduction problem, by laplacianFoam: Krylov solvers with its multigrid as preconditioner.

OpenFOAM measures residuals in a scaled L1 norm of its own: its goals are set so that the 2-norm, which is computed from its
solution and stands in the details of each row, comes just below the one asked for on 128^3 cells. A step of laplacianFoam
assembles its matrix and solves; a step that has nothing left to solve tells what the assembly takes, and that is subtracted.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.benchmarks.clock import Clock
from coldrack.benchmarks.peers import openfoam

SOLVER = ("{field} {{ solver {solver}; preconditioner {{ preconditioner GAMG; smoother GaussSeidel; tolerance 1e-20; relTol 0; "
          "nVcycles 1; }} tolerance {goal:g}; relTol 0; maxIter 2000; }}")
SHARE = {"poisson": 0.14, "conduction": 8.0}  # goal in OpenFOAM's norm over that in the 2-norm


class Times(Clock):
    """Seconds that were read from a log."""

    def __init__(self, cpu: float, wall: float, peak: int) -> None:
        self.cpu, self.wall, self.peak = cpu, wall, peak


def solve(model: str, n: int, goal: float) -> tuple[list[int], Any, Clock, dict[str, Any]]:
    """Iterations, solution, clock and details."""
    poisson = model == "poisson"
    name, solver = ("T", "PCG") if poisson else ("s", "PBiCGStab")
    with tempfile.TemporaryDirectory(prefix="coldrack-openfoam-") as folder:
        case = openfoam.prepare(model, Path(folder), N=n, END=4 if poisson else 2,
                                SOLVDICT=SOLVER.format(field=name, solver=solver, goal=goal * SHARE[model]))
        openfoam.step(case, "blockMesh")
        openfoam.step(case, "topoSet" if poisson else "setFields")
        log = openfoam.run(case, "laplacianFoam")
        x = openfoam.field_values(case, "4" if poisson else "2", name)
    counts, cpu, wall = steps(log, name)
    idle = counts.index(0)
    work = [i for i, count in enumerate(counts) if count]
    times = Times(sum(cpu[i] - cpu[idle] for i in work), sum(wall[i] - wall[idle] for i in work), log.peak)
    details = {"method": f"{solver} + GAMG", "assembly_cpu_seconds": cpu[idle]}
    return [counts[i] for i in work], np.array(x).reshape(n, n, n), times, details


def steps(log: openfoam.Log, name: str) -> tuple[list[int], list[float], list[float]]:
    """Iterations, cpu and wall seconds of each solve of a field: from the line before its report to the report."""
    counts, cpu, wall = [], [], []
    for before, line in zip(log.lines, log.lines[1:]):
        found = re.search(rf"Solving for {name}, .*No Iterations (\d+)", line.text)
        if found:
            counts.append(int(found[1]))
            cpu.append(line.cpu - before.cpu)
            wall.append(line.wall - before.wall)
    return counts, cpu, wall
