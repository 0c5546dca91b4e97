"""Check coldrack on a GPU: one command for a bare node. Needs numpy, scipy, h5py and CuPy, nothing else.

    python scripts/check_gpu.py [--device cuda:0] [--cells 192] [--out check_gpu.json]

Runs every kernel against its numpy twin, the reductions, recorded launches, a small solve on the GPU against the host (and
the kernel tests on it where pytest is installed), and times every kernel against a device-to-device copy of the same run.
Exit code 0: all good; 1: something differs; 2: there is no GPU to use.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
if importlib.util.find_spec("coldrack") is None:  # a source tree that was never installed
    sys.path.insert(0, str(ROOT / "src"))

from coldrack.kernels import BackendError, get_backend  # noqa: E402
from coldrack.kernels.check import largest_difference, random_arguments, run_on, run_twin  # noqa: E402
from coldrack.kernels.source import kernels  # noqa: E402

SHAPES = [(1, 1, 1), (2, 2, 2), (13, 7, 10), (1, 9, 4), (65, 33, 17), (130, 5, 70)]
ULPS = 8.0  # of an array's largest value; terms may be added in another order than in the twin


def load(path: Path) -> ModuleType:
    """A module of this source tree that is no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_kernels(device: Any) -> dict[str, Any]:
    """Largest difference to the twin in units in the last place, by precision and kernel."""
    out: dict[str, Any] = {}
    for dtype in ("f8", "f4"):
        be, rng = get_backend(device, dtype), np.random.default_rng(11)
        for name, kernel in kernels().items():
            worst = 0.0
            for shape in SHAPES:
                arguments = random_arguments(kernel, shape, dtype, rng)
                worst = max(worst, largest_difference(kernel, run_on(be, kernel, arguments), run_twin(kernel, arguments)))
            out[f"{name} {dtype}"] = {"ulps": worst, "good": worst <= ULPS}
    return out


def check_reductions(device: Any) -> dict[str, Any]:
    """Relative error of dot, abs_sum and max_abs over a million numbers, and that NaN comes through."""
    be, rng = get_backend(device), np.random.default_rng(5)
    a, b = rng.normal(size=1_000_003), rng.normal(size=1_000_003).astype(np.float32)
    da, db = be.asarray(a), be.with_dtype("f4").asarray(b)
    errors = {"dot": abs(be.dot(da, da) / (a @ a) - 1), "dot mixed": abs(be.dot(da, db) - a @ b.astype(float)) / len(a),
              "abs_sum": abs(be.abs_sum(da) / abs(a).sum() - 1), "max_abs": abs(be.max_abs(da) - abs(a).max())}
    a[500_000] = np.nan
    lost = not all(np.isnan(f(be.asarray(a))) for f in (be.abs_sum, be.max_abs))
    errors["NaN lost"] = float(lost)
    return {name: {"error": float(e), "good": bool(e < 1e-12)} for name, e in errors.items()}


def check_recording(device: Any, cells: int = 16, launches: int = 120) -> dict[str, Any]:
    """Many launches over few cells, recorded and one by one: the same numbers, and the microseconds of a launch."""
    be, rng = get_backend(device, "f4"), np.random.default_rng(3)
    shape = (cells + 2,) * 3
    arrays = [be.asarray(scale * rng.uniform(0.1, 1.0, shape)) for scale in (1.0, 1.0, 1.0, 0.1, 1.0)]  # converges
    answers, seconds = [], []
    for do in (lambda work: work(), be.recording()):
        x = be.zeros(shape)

        def work(x: Any = x) -> None:
            for n in range(launches):
                be.launch("gauss_seidel", cells, cells, cells, n % 2, *arrays, x)

        for _ in range(3):
            be.synchronize()
            started = time.perf_counter()
            do(work)
            be.synchronize()
            last = time.perf_counter() - started
        answers.append(np.array(be.to_numpy(x)))
        seconds.append(last)
    recorded = be.name != "cuda" or do.graph is not None
    return {"microseconds_one_by_one": 1e6 * seconds[0] / launches, "microseconds_recorded": 1e6 * seconds[1] / launches,
            "recorded": recorded, "good": bool(recorded and np.array_equal(*answers))}


def problem(cells: int) -> Any:
    """A heated channel on a metal floor, twice as many cells along it as across."""
    from coldrack.meshes.grid import Grid
    from coldrack.meshes.mesh import Mesh, Patch
    from coldrack.solver.problem import Boundary, ConstantCoolant, HeatSource, Problem, Settings, Solid

    grid = Grid(np.linspace(0, 0.02, 2 * cells + 1), *[np.linspace(0, 0.004, cells + 1)] * 2)
    material = np.ones(grid.shape, np.uint8)
    material[: cells // 3] = 2
    component = (material == 2).astype(np.uint16)
    mesh = Mesh(grid, material, ["void", "fluid", "copper"], component, ["floor"])
    for name, side in (("inlet", 0), ("outlet", 1)):
        mesh.patches[name] = Patch(name, 0, side, np.ones((cells, cells), bool))
    boundaries = [Boundary("inlet", "inlet", velocity=0.05, temperature=300.0), Boundary("outlet", "outlet")]
    return Problem("check", mesh, ConstantCoolant(997.0, 8.9e-4, 0.606, 4180.0), {"copper": Solid("copper", (400.0,) * 3)},
                   [HeatSource("floor", "floor", 10.0)], boundaries,
                   settings=Settings(tolerance=1e-6, residual=1e-7, unit_responses=False))


def check_solve(device: Any, cells: int) -> dict[str, Any]:
    """A solve on the device against the host: temperatures (K) and pressure drop (relative)."""
    from coldrack.solver.run import solve

    answers, seconds = [], []
    for where in (device, "host"):
        started = time.perf_counter()
        answers.append(solve(problem(cells), where))
        seconds.append(time.perf_counter() - started)
    one, two = answers
    temperature = float(abs(one.temperature - two.temperature).max())
    drop = abs(one.pressure_drop / two.pressure_drop - 1.0)
    good = one.converged and two.converged and temperature < 1e-3 and drop < 1e-4
    return {"seconds": seconds, "iterations": [one.iterations, two.iterations], "temperature_difference": temperature,
                  "pressure_drop_difference": drop, "good": bool(good)}


def check_tests() -> dict[str, Any]:
    """The kernel tests that need a GPU, if pytest is there."""
    if importlib.util.find_spec("pytest") is None:
        return {"good": True, "ran": False}
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "tests/kernels"]
    environment = {**os.environ, "REQUIRE_CUDA": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return {"good": done.returncode == 0, "ran": True, "output": done.stdout[-2000:]}


def write(path: Path, report: dict[str, Any]) -> None:
    """Write a file at once: a check that is ended early leaves what it had."""
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(report, indent=1) + "\n")
    new.replace(path)


def report_on(device: Any, cells: int, solve_cells: int, path: Path) -> dict[str, Any]:
    """All checks and timings on a device that works; `path` gets them as they come."""
    bench = load(ROOT / "benchmarks" / "kernels.py")
    be = get_backend(device)
    out: dict[str, Any] = {**bench.machine(), "device": be.description, "memory": be.memory()}
    print(be.description)
    out["kernels"] = check_kernels(device)
    out["reductions"] = check_reductions(device)
    for group in ("kernels", "reductions"):
        bad = [name for name, row in out[group].items() if not row["good"]]
        print(f"{group}: {len(out[group]) - len(bad)} of {len(out[group])} right{'; wrong: ' if bad else ''}{', '.join(bad)}")
    out["recording"] = check_recording(device)
    print("recorded launches: {}, {microseconds_recorded:.1f} us each, one by one {microseconds_one_by_one:.1f} us".format(
        "right" if out["recording"]["good"] else "WRONG", **out["recording"]))
    out["solve"] = check_solve(device, solve_cells)
    print("solve: {good}, temperatures within {temperature_difference:.1e} K of the host".format(
        **{**out["solve"], "good": "right" if out["solve"]["good"] else "WRONG"}))
    out["tests"] = check_tests() if be.name == "cuda" and isinstance(device, str) else {"good": True, "ran": False}
    if out["tests"]["ran"]:
        print(f"pytest on the GPU: {'passed' if out['tests']['good'] else out['tests']['output']}")
    copy = bench.triad(be, cells**3) / 1e9
    out["copy_gigabytes_per_second"] = copy
    print(f"device-to-device copy: {copy:.0f} GB/s")
    out["timings"] = {}
    for dtype in ("f8", "f4"):
        for name, kernel in kernels().items():
            row = bench.time_kernel(be.with_dtype(dtype), kernel, cells)
            out["timings"][f"{name} {dtype}"] = row
            rate = row["gigabytes_per_second"]
            write(path, out)
            print(f"  {name:28s}{dtype} {1e3 * row['seconds']:9.3f} ms {rate:8.0f} GB/s {rate / copy:6.2f} of a copy")
    rows = [*out["kernels"].values(), *out["reductions"].values(), out["recording"], out["solve"], out["tests"]]
    out["good"] = all(row["good"] for row in rows)
    return out


def main(arguments: list[str] | None = None, device: Any = None) -> int:
    """Check `device` (a backend, in tests) or what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--cells", type=int, default=192, help="cells along each axis for the timings")
    parser.add_argument("--solve-cells", type=int, default=24, help="cells across the channel that is solved")
    parser.add_argument("--out", default="check_gpu.json")
    given = parser.parse_args(arguments)
    device = device or given.device
    try:
        get_backend(device)
    except BackendError as error:
        print(f"no GPU checked: {error}", file=sys.stderr)
        return 2
    path = Path(given.out)
    report = report_on(device, given.cells, given.solve_cells, path)
    write(path, report)
    print(f"{'all good' if report['good'] else 'SOMETHING IS WRONG'}; wrote {given.out}")
    return 0 if report["good"] else 1


if __name__ == "__main__":
    sys.exit(main())
