"""The GPU check and the kernel benchmark: that they run, and what they need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from devices import GPU
from stand_in import Module, StandInBackend
from streams import RuntimeFailure, Stream
from support import ROOT, load_file

from coldrack.kernels.source import kernels

BLOCKED = """
import runpy, sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("pydantic", "pint", "pyvista", "vtk", "matplotlib", "ruamel", "typer", "rich", "pytest"):
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocker())
sys.argv = {arguments}
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The check with small shapes and hasty timings."""
    module = load_file(ROOT / "scripts" / "check_gpu.py")
    monkeypatch.setattr(module, "SHAPES", module.SHAPES[:3])
    original = module.load

    def hasty(path: Path) -> ModuleType:
        bench = original(path)
        bench.LONGEST = 0.0
        return bench

    monkeypatch.setattr(module, "load", hasty)
    return module


def test_everything_is_checked(script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "check.json"
    assert script.main(["--cells", "8", "--solve-cells", "6", "--out", str(out)], StandInBackend()) == 0
    report = json.loads(out.read_text())
    names = {f"{name} {dtype}" for name in kernels() for dtype in ("f8", "f4")}
    assert set(report["kernels"]) == set(report["timings"]) == names and report["good"] and report["git"]
    assert report["recording"]["recorded"] and report["recording"]["microseconds_recorded"] > 0
    assert report["solve"]["good"] and report["copy_gigabytes_per_second"] > 0
    assert all(row["gigabytes_per_second"] > 0 for row in report["timings"].values())
    assert "all good" in capsys.readouterr().out


def test_a_wrong_kernel_fails_the_check(script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, victim = Module._compiled, next(k for k in kernels().values() if k.file == "reduction")

    def wrong(self: Any, name: str, grid: Any, block: Any, args: Any) -> None:
        plain(self, name, grid, block, args)
        if name == victim.name:
            args[-1].a.flat[0] += 1e-9

    monkeypatch.setattr(Module, "_compiled", wrong)
    monkeypatch.setattr(script, "check_solve", lambda device, cells: {"good": True, "temperature_difference": 0.0})
    out = tmp_path / "check.json"
    assert script.main(["--cells", "8", "--solve-cells", "6", "--out", str(out)], StandInBackend()) == 1
    report = json.loads(out.read_text())
    assert not report["good"] and {n.split()[0] for n, row in report["kernels"].items() if not row["good"]} == {victim.name}


def test_launches_that_cannot_be_recorded_fail_the_check(script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Any) -> None:
        raise RuntimeFailure("cudaErrorStreamCaptureUnsupported")

    monkeypatch.setattr(Stream, "begin_capture", refused)
    with pytest.warns(RuntimeWarning, match="StreamCaptureUnsupported"):
        row = script.check_recording(StandInBackend())
    assert not row["recorded"] and not row["good"]


def test_no_gpu_is_one_line_and_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "check_gpu.py")], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("no GPU checked: ") and done.stderr.count("\n") == 1


def test_a_bare_node_has_enough(tmp_path: Path) -> None:
    """The whole check, on the host, with everything blocked that a bare GPU node lacks."""
    out = tmp_path / "check.json"
    arguments = [str(ROOT / "scripts" / "check_gpu.py"), "--device", "host", "--cells", "4", "--solve-cells", "6",
                 "--out", str(out)]
    command = [sys.executable, "-c", BLOCKED.format(arguments=arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(out.read_text())["good"]


def test_benchmark_times_every_kernel(tmp_path: Path) -> None:
    bench, out = load_file(ROOT / "benchmarks" / "kernels.py", "kernels_benchmark"), tmp_path / "kernels.json"
    bench.LONGEST = 0.0
    assert bench.main(["--cells", "8", "--out", str(out)]) == 0
    report = json.loads(out.read_text())
    assert len(report["git"].split()[0]) == 40 and report["cpu"] and report["cores"] >= 1
    for device in ("host", "numpy"):
        there = report["devices"][device]
        assert there["stream_gigabytes_per_second"] > 0 and set(there["kernels"]["f8"]) == set(kernels())
        assert np.all([row["of_stream"] > 0 for rows in there["kernels"].values() for row in rows.values()])


def test_benchmark_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_file(ROOT / "benchmarks" / "kernels.py", "kernels_benchmark").main(["--devices", "cuda:99"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


if GPU:

    @pytest.mark.gpu
    def test_a_solve_on_the_gpu_is_that_of_the_host(script: Any) -> None:
        assert script.check_solve("cuda", 12)["good"]
