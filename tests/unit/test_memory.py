"""The estimate of a run's memory beside what runs take."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support import ROOT

from coldrack import load
from coldrack.solver.memory import estimate, stages

CODE = """
import sys
from coldrack import load, solve
from coldrack.solver.machine import peak_memory
solve(load(sys.argv[1], dict(a.split("=", 1) for a in sys.argv[2:])), "host")
print(peak_memory())
"""
CASES = {
    "conduction_spreader": {"mesh.refine": "2"},
    "duct": {},
    "microchannel_unit_cell": {"mesh.refine": "1.5", "solver.max_iterations": "6"},
    "h100_cold_plate": {"mesh.refine": "0.5", "solver.max_iterations": "40"},
    "heated_cavity": {"mesh.refine": "2", "solver.max_iterations": "12"},
}


@pytest.mark.parametrize("case", CASES)
def test_estimate_is_near_the_measured_peak(case: str) -> None:
    """Within 10 % of the process's peak, libraries included."""
    path, changes = ROOT / "cases" / f"{case}.yaml", CASES[case]
    command = [sys.executable, "-c", CODE, str(path), *[f"{k}={v}" for k, v in changes.items()]]
    peak = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert estimate(load(path, changes)) == pytest.approx(peak, rel=0.10)


def test_peak_is_not_that_of_the_process_before() -> None:
    """A process started by a large one has its own peak: getrusage alone would say the large one's."""
    ballast = b"x" * 400_000_000
    code = "from coldrack.solver.machine import peak_memory; print(peak_memory())"
    peak = int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert 1e6 < peak < 0.5 * len(ballast)


def test_stages_are_those_of_the_case() -> None:
    assert list(stages(load(ROOT / "cases" / "conduction_spreader.yaml"))) == ["energy"]
    plate = stages(load(ROOT / "cases" / "h100_cold_plate.yaml", {"mesh.refine": "0.5"}))
    assert list(plate) == ["flow", "energy", "unit responses"]
    assert max(plate, key=lambda stage: plate[stage]) == "unit responses"


def test_cells_around_the_coolant_do_not_count_for_the_flow() -> None:
    """The plate's box has 30 % of the cells: its flow takes less than its energy, the duct's more."""
    plate = stages(load(ROOT / "cases" / "h100_cold_plate.yaml", {"mesh.refine": "0.7"}))
    duct = stages(load(ROOT / "cases" / "duct.yaml"))
    assert plate["flow"] < 0.8 * plate["energy"] and duct["flow"] > duct["energy"]
