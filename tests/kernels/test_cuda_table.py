"""The generated table of CUDA kernels: whether it names the kernels there are, and the arithmetic behind it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType

import nvrtc
import pytest
import support

from coldrack.kernels.source import kernels

ROOT = Path(__file__).resolve().parents[2]
AGAIN = "docs/cuda_kernels.md is stale: run python scripts/cuda_table.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return support.script("cuda_table")


def names(page: str) -> list[list[str]]:
    """Kernels of each table of a page."""
    return [re.findall(r"(?m)^\| `(\w+)` \|", part) for part in page.split("\n## ")[-2:]]


def test_the_committed_table_names_every_kernel() -> None:
    """Names only: what a kernel compiles to may have moved since."""
    page = (ROOT / "docs" / "cuda_kernels.md").read_text()
    for table in names(page):
        assert sorted(table) == sorted(kernels()), AGAIN
    assert page.count("predicted, not run") >= 8 and "**Predicted, not run**" in page


def test_it_is_written_by_one_command(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = dict(list(kernels().items())[:2])
    monkeypatch.setattr(script, "kernels", lambda: few)
    monkeypatch.setattr(sys, "argv", ["cuda_table.py", "--out", str(tmp_path / "page.md")])
    assert script.main() == 0
    page = (tmp_path / "page.md").read_text()
    assert names(page) == [list(few)] * 2
    columns = 12 + len(script.measurements())
    assert all(len(line.split(" | ")) == columns for line in page.splitlines() if line.startswith("| `"))


def test_what_was_measured_stands_beside(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel of 24 bytes a cell that moves half of what a copy moves, and one that was not there."""
    timing = {"seconds": 2e-3, "cells": 1_000_000, "gigabytes_per_second": 12.0}
    report = {"time": "2026-01-02T03:04:05Z", "git": "a" * 40, "device": "cuda:0, NVIDIA Card, CuPy 14, as asked",
              "copy_gigabytes_per_second": 24.0, "kernels": {"x f8": {"good": True}, "y f8": {"good": False}},
              "recording": {"microseconds_recorded": 1.25, "microseconds_one_by_one": 9.0},
              "timings": {"residual f8": timing}}
    (tmp_path / "card.json").write_text(json.dumps(report))
    monkeypatch.setattr(script, "MEASURED", tmp_path)
    (card,) = script.measurements()
    assert card["name"] == "Card" and script.measured(kernels()["residual"], "f8", card) == "2.0000 / 0.50"
    assert script.measured(kernels()["residual"], "f4", card) == "-"
    assert "1 of 2 kernels and precisions" in script.checks()


@pytest.mark.parametrize(("registers", "share"), [(16, 1.0), (32, 1.0), (33, 0.75), (40, 0.75), (48, 0.625), (64, 0.5),
                                                  (72, 0.375), (128, 0.25), (255, 0.125)])
def test_occupancy_is_that_of_the_cuda_calculator(registers: int, share: float, script: ModuleType) -> None:
    assert script.occupancy(registers) == share


def test_what_takes_longest_limits(script: ModuleType) -> None:
    """H100, 49 bytes in a residual: memory; ten thousand instructions: their issue; half of them double: their pipe."""
    kernel, gpu = kernels()["residual"], script.GPUS[1]
    per_cell = {"memory": kernel.bytes["f8"] / gpu.bandwidth, "issue": 1e4 / (132 * 1.98e9 * 128),
                "FP64": 5100 / (132 * 1.98e9 * 64)}
    for counts, loop, limit in (((90, 18), False, "memory"), ((10000, 18), False, "issue"), ((10000, 5100), False, "FP64"),
                                ((10000, 18), True, "memory")):
        told = script.predicted(kernel, "f8", gpu, nvrtc.Code(32, 0, 0, *counts), loop)
        assert float(told.split(" / ")[0]) == pytest.approx(1e9 * per_cell[limit], rel=0.01)
        assert ("*" in told) == (limit != "memory") and (limit == "memory" or f"*{limit}*" in told)
    chequered = kernels()["gauss_seidel"]
    assert script.threads(chequered) == 0.5 and script.threads(kernels()["restrict_sum"]) == 0.125


def test_loops_are_seen(script: ModuleType) -> None:
    import ptx

    text = 'extern "C" __global__ void f(double* x, int n) {{ double s = 0; {} x[n] = s; }}'
    for body, there in (("for (int q = 0; q < n; ++q) s = s * s + x[q];", True), ("if (n > 2) s = x[0] / x[1];", False)):
        program = ptx.programs(nvrtc.ptx(text.format(body), ("--fmad=false",)))["f"]
        assert script.loops(program) is there
