"""FiPy on the conduction problem: CG with smoothed aggregation."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from coldrack.benchmarks.clock import Clock
from coldrack.benchmarks.models import BLOCK, FILM, even
from coldrack.benchmarks.systems import in_box


def solve_conduction(n: int, relative: float) -> tuple[None, Any, Clock, dict[str, Any]]:
    """Iterations (FiPy does not tell them), solution, clock of assembly and solve, details."""
    os.environ.setdefault("FIPY_SOLVERS", "scipy")
    import fipy
    from fipy.solvers.pyAMG.preconditioners.smoothedAggregationPreconditioner import SmoothedAggregationPreconditioner

    mesh = fipy.Grid3D(nx=n, ny=n, nz=n, dx=1.0 / n, dy=1.0 / n, dz=1.0 / n)
    k = np.ones((n, n, n))
    for low, high, value in (BLOCK, FILM):
        k[in_box(even(n, n, n), low, high)] = value
    conductivity = fipy.CellVariable(mesh=mesh, value=k.ravel())
    temperature = fipy.CellVariable(mesh=mesh, value=0.0)
    temperature.constrain(0.0, mesh.facesFront)
    temperature.constrain(1.0, mesh.facesBack)
    equation = fipy.DiffusionTerm(coeff=conductivity.harmonicFaceValue)
    solver = fipy.LinearCGSolver(precon=SmoothedAggregationPreconditioner(), tolerance=relative, criterion="RHS",
                                 iterations=2000)
    with Clock() as clock:
        equation.solve(var=temperature, solver=solver)
    return None, np.asarray(temperature.value).reshape(n, n, n), clock, {"method": "smoothed aggregation + CG",
                                                                         "includes": "assembly of the matrix"}
