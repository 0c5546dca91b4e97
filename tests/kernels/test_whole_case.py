"""A whole case from its file to its results with ``--device cuda``, on the PTX that a GPU would get. No GPU ran it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_support import SMALL
from stand_in import StandIn

from coldrack.solver.cli import codes, main

MEASURED = {"wall_seconds", "solver_seconds", "peak_memory_bytes"}  # of the process, not of the case


def results(folder: Path, how: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> tuple[dict[str, Any], StandIn]:
    """Summary of a run of the command line in which `import cupy` finds the stand-in."""
    cupy = StandIn(how)
    monkeypatch.setitem(sys.modules, "cupy", cupy)  # type: ignore[arg-type]
    case = folder / "case.yaml"
    coarse = SMALL.replace("cells: [12, 6, 6]", "cells: [4, 4, 4]").replace("6 mm, 2 mm", "6 mm, 1.5 mm")
    case.write_text(coarse + "solver: {residual: 1e-2, tolerance: 1e-2}\n")
    assert main(["run", str(case), "--device", "cuda", "--out", str(folder / how), "--json", "--no-pictures"]) == codes.OK
    capsys.readouterr()
    return json.loads((folder / how / "summary.json").read_text()), cupy


def test_64_cells_from_file_to_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """The same summary, to the last bit, as by the host's compiler through the same launches; every watt leaves."""
    interpreted, device = results(tmp_path, "ptx", monkeypatch, capsys)
    compiled, host = results(tmp_path, "host", monkeypatch, capsys)
    assert device.counters.snapshot() == host.counters.snapshot() and device.counters.launches > 500
    assert {k: v for k, v in interpreted.items() if k not in MEASURED} == {
        k: v for k, v in compiled.items() if k not in MEASURED}
    assert interpreted["device"] == "cuda" and interpreted["cells"] == 64 and interpreted["converged"]
    assert interpreted["iterations"] > 5 and interpreted["unit_responses"]
    assert any(note.endswith("; 3 MB of its memory taken") for note in interpreted["notes"])
    assert interpreted["ledger"]["heat_out"] == pytest.approx(12.0, rel=1e-9)
