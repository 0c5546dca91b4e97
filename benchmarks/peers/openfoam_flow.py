"""OpenFOAM on the lid cavity (simpleFoam) and the conjugate microchannel (chtMultiRegionSimpleFoam)."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.benchmarks.peers import openfoam
from coldrack.benchmarks.registry import BenchmarkError, Measurement

LOOP = "Starting time loop"


def solve_lid(n: int, residual: float, reference: float) -> Measurement:
    """SIMPLEC with central differences and relaxation 0.9 until all initial residuals are below `residual`."""
    from coldrack.benchmarks.cavity import centre_minimum

    with tempfile.TemporaryDirectory(prefix="coldrack-openfoam-") as folder:
        case = openfoam.prepare("lid_cavity", Path(folder), N=n, END=20000, TOL=residual, SCHEME="linear", CONS="yes",
                                RU=0.9, RP=1)
        openfoam.step(case, "blockMesh")
        log = openfoam.run(case, "simpleFoam")
        begun, count = log.lines[log.first(LOOP)], iterations(log)
        end = log.lines[log.first("SIMPLE solution converged")]
        u = openfoam.field_values(case, str(count), "U", 3).reshape(n, n, 3)[:, :, 0]
    middle = 0.5 * (u[:, n // 2 - 1] + u[:, n // 2])
    value = centre_minimum((np.arange(n) + 0.5) / n, middle)
    return Measurement(n * n, end.cpu - begun.cpu, end.wall - begun.wall, count, log.peak, value, reference,
                       details={"method": "SIMPLEC, central, relaxation 0.9"})


def solve_heated(n: int, residual: float, rayleigh: float, reference: float) -> Measurement:
    """Air (Pr 0.71) in a square with a hot and a cold wall: central differences, relaxation 0.5 (p, U) and 0.95 (T)."""
    from coldrack.benchmarks.cavity import hot_nusselt

    with tempfile.TemporaryDirectory(prefix="coldrack-openfoam-") as folder:
        case = openfoam.prepare("heated_cavity", Path(folder), N=n, END=20000, NU=(0.71 / rayleigh) ** 0.5, TOL=residual,
                                SCHEME="linear", RP=0.5, RU=0.5, RT=0.95)
        openfoam.step(case, "blockMesh")
        log = openfoam.run(case, "buoyantBoussinesqSimpleFoam")
        begun, end = log.lines[log.first(LOOP)], log.lines[log.first("SIMPLE solution converged")]
        count = iterations(log)
        temperature = openfoam.field_values(case, str(count), "T").reshape(n, n)
    return Measurement(n * n, end.cpu - begun.cpu, end.wall - begun.wall, count, log.peak, hot_nusselt(temperature), reference,
                       details={"method": "SIMPLE, central, relaxation 0.5 / 0.5 / 0.95"})


def iterations(log: openfoam.Log) -> int:
    """Number of the last iteration."""
    return max(int(line.text.split("=")[1]) for line in log.lines if line.text.startswith("Time = "))


def solve_channel(refinement: float, settled: dict[str, float], figures: dict[str, float]) -> Measurement:
    """Half a microchannel until T_max and pressure drop stay within 0.1 % of the values that they settle to.

    Parameters
    ----------
    refinement : float
        1: 20 x 50 x 200 cells.
    settled : dict
        This code's converged ``t_max`` (K) and ``pressure_drop`` (Pa) on this grid.
    figures : dict
        ``inlet_temperature``, ``flux``, ``speed``, ``reference`` resistance, ``iterations`` to run.
    """
    names = {"NC": 12, "NW": 8, "NB": 10, "NH": 40, "NZ": 200}
    counts = {name: round(n * refinement) for name, n in names.items()}
    with tempfile.TemporaryDirectory(prefix="coldrack-openfoam-") as folder:
        case = openfoam.prepare("microchannel", Path(folder), **counts, GZ=4, END=int(figures["iterations"]),
                                UIN=figures["speed"], Q=figures["flux"], RH=1, PSOLVER=PRESSURE)
        openfoam.step(case, "blockMesh")
        openfoam.step(case, "splitMeshRegions", "-cellZones", "-overwrite")
        log = openfoam.run(case, "chtMultiRegionSimpleFoam")
    rows = histories(log)
    first = settling(rows, settled, figures["inlet_temperature"])
    begun = log.lines[log.first("Time = 1\n")]
    count, hottest, drop, line = rows[first]
    cells = (counts["NC"] + counts["NW"]) * (counts["NB"] + counts["NH"]) * counts["NZ"]
    resistance = (hottest - figures["inlet_temperature"]) / figures["flux"] * 1e4
    return Measurement(cells, line.cpu - begun.cpu, line.wall - begun.wall, count, log.peak, resistance, figures["reference"],
                       details={"pressure_drop": drop, "iterations_run": rows[-1][0], "t_max_at_the_end": rows[-1][1],
                                "pressure_drop_at_the_end": rows[-1][2]})


PRESSURE = ("solver PCG; maxIter 300; preconditioner { preconditioner GAMG; smoother DIC; tolerance 1e-20; relTol 0; "
            "nVcycles 1; }")
FIGURE = re.compile(r"\s*(max|areaAverage)\((base|inlet)\) of (T|p_rgh) = (\S+)")


def histories(log: openfoam.Log) -> list[tuple[int, float, float, openfoam.Line]]:
    """Iteration, T_max of the heated face (K), pressure drop (Pa) and the line that ends each iteration."""
    rows, now = [], {"T": np.nan, "p_rgh": np.nan, "iteration": 0.0}
    for line in log.lines:
        if line.text.startswith("Time = "):
            now["iteration"] = float(line.text.split("=")[1])
        found = FIGURE.match(line.text)
        if found and (found[1], found[3]) in (("max", "T"), ("areaAverage", "p_rgh")):
            now[found[3]] = float(found[4])
            if found[3] == "p_rgh":
                rows.append((int(now["iteration"]), now["T"], now["p_rgh"] - 1e5, line))
    return rows


def settling(rows: list[Any], settled: dict[str, float], inlet: float) -> int:
    """Index of the first iteration from which both figures stay within 0.1 % of what they settle to."""
    rise = settled["t_max"] - inlet
    outside = [i for i, (_, hottest, drop, _) in enumerate(rows)
               if not (abs(hottest - settled["t_max"]) <= 1e-3 * rise
                       and abs(drop / settled["pressure_drop"] - 1.0) <= 1e-3)]
    first = (outside[-1] + 1) if outside else 0
    if first >= len(rows):
        raise BenchmarkError(f"not settled to 0.1 % after {len(rows)} iterations: T_max {rows[-1][1]:.3f} K, "
                             f"pressure drop {rows[-1][2]:.1f} Pa")
    return first
