"""Run benchmarks: each run in a process of its own, ours and the peers' in turn (A B A B ...), medians, ratios, growth."""

from __future__ import annotations

import json
import math
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from coldrack.benchmarks.registry import Case, cases

LONGEST = 3600.0  # seconds of one run
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
MEDIANS = ("cpu_seconds", "wall_seconds", "peak_memory_bytes")
Run = Callable[[str, Case, str], Any]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is asked for: peers that are installed, repeats, and whether a quick look will do."""

    peers: tuple[str, ...] = ()
    repeat: int = 3
    quick: bool = False

    def cases(self, benchmark: str) -> list[Case]:
        """Cases of a benchmark that belong to the run."""
        return [c for c in cases(benchmark) if (c.quick if self.quick else c.full)]

    def solvers(self, case: Case) -> list[str]:
        """Ours first, then the peers that are asked for and can."""
        return [s for s in case.solvers if s.startswith("coldrack") or s in self.peers]


def run_worker(benchmark: str, case: Case, solver: str) -> Any:
    """Measurements of one run in a new process, or ``{"error": reason}``."""
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(case.threads))}
    command = [sys.executable, "-m", "coldrack.benchmarks.worker", benchmark, case.name, solver]
    process = subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True)
    try:
        out, told = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return {"error": f"not finished after {LONGEST:.0f} s"}
    finally:  # with whatever it has started
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    try:
        return json.loads(out.strip().splitlines()[-1])
    except (IndexError, ValueError):
        last = (told.strip().splitlines() or ["no message"])[-1]
        return {"error": f"ended with code {process.returncode}: {last}"}


def run_case(plan: Plan, benchmark: str, case: Case, run: Run = run_worker, say: Say = print) -> tuple[list[Any], list[Any]]:
    """Rows of one case, and the solvers that failed with their reasons; a solver that failed is not asked again."""
    solvers = plan.solvers(case)
    samples: dict[str, list[Any]] = {s: [] for s in solvers}
    failures: list[dict[str, str]] = []
    for number in range(plan.repeat):
        for solver in solvers:
            if any(f["solver"] == solver for f in failures):
                continue
            got = run(benchmark, case, solver)
            if isinstance(got, dict):
                failures.append({"benchmark": benchmark, "case": case.name, "solver": solver, "reason": got["error"]})
                say(f"{case.name}, {solver}: {got['error']}")
                continue
            samples[solver].append(got)
            seconds = sum(m["cpu_seconds"] for m in got)
            say(f"{case.name}, {solver}, run {number + 1} of {plan.repeat}: {seconds:.3g} cpu seconds")
    failed = {f["solver"] for f in failures}
    rows = [row for s in solvers if s not in failed for row in combine(benchmark, case, s, samples[s])]
    return with_ratios(rows), failures


def combine(benchmark: str, case: Case, solver: str, runs: list[Any]) -> list[dict[str, Any]]:
    """One row for each measurement of a run: medians over the runs."""
    rows = []
    for same in zip(*runs):
        middle = {name: statistics.median(m[name] for m in same) for name in MEDIANS}
        first = same[0]
        value, reference = first["value"], first["reference"]
        rows.append({
            "benchmark": benchmark, "case": case.name + (f" {first['part']}" if first["part"] else ""), "solver": solver,
            "cells": first["cells"], **middle, "iterations": first["iterations"], "value": value, "reference": reference,
            "error": relative_error(value, reference), "ratio": None, "quantity": case.quantity, "family": case.family,
            "threads": case.threads, "repeats": len(same), "all_cpu_seconds": [m["cpu_seconds"] for m in same],
            "details": first["details"]})
    return rows


def relative_error(value: float, reference: float | None) -> float | None:
    """|value / reference - 1|; None without a reference."""
    return abs(value / reference - 1.0) if reference else None


def with_ratios(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cpu seconds of each solver over those of coldrack on the same case (of the first, if it has several)."""
    ours: dict[str, float] = {}
    for row in rows:
        if row["solver"].startswith("coldrack"):
            ours.setdefault(row["case"], row["cpu_seconds"])
    for row in rows:
        base = ours.get(row["case"], 0.0)  # a program's seconds come in steps of 0.01
        row["ratio"] = row["cpu_seconds"] / base if base > 0 and row["cpu_seconds"] > 0 else None
    return rows


def growth(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each family with three sizes or more: exponent of cpu seconds against cells, iterations on each grid."""
    families: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["family"]:
            families.setdefault((row["family"], row["solver"]), []).append(row)
    out = []
    for (family, solver), members in families.items():
        members.sort(key=lambda r: r["cells"])
        if len(members) >= 3 and all(r["cpu_seconds"] > 0 for r in members):
            out.append({"family": family, "solver": solver, "exponent": exponent(members),
                        "cells": [r["cells"] for r in members], "cpu_seconds": [r["cpu_seconds"] for r in members],
                        "iterations": [r["iterations"] for r in members]})
    return out


def exponent(members: list[dict[str, Any]]) -> float:
    """Slope of log(cpu seconds) against log(cells), least squares."""
    x = [math.log(r["cells"]) for r in members]
    y = [math.log(r["cpu_seconds"]) for r in members]
    return statistics.linear_regression(x, y).slope

