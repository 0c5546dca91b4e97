"""Time whole solutions: one duct on two devices, the H100 cold plate, and how the memory grows with the cells.

    python benchmarks/flow.py [--only duct,plate,memory] [--devices host,numpy] [--repeat 3] [--out flow.json]

Every solution runs in a process of its own, so that its peak memory is its own. Times are medians, without reading and meshing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from kernels import machine  # the benchmark beside this one

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "cases"
PARTS = ("duct", "plate", "memory")
GRIDS = ("0.95", "1.5")  # refinements of the plate: about 0.5 and 2 million cells
FEW = 6  # flow iterations after which memory no longer grows; then the energy is solved once
WORKER = """
import json, sys
from coldrack import load, solve
from coldrack.solver.output.summary import summarise
case, device, dtype, overrides = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
problem = load(case, overrides)
from coldrack.solver.machine import peak_memory
meshed = peak_memory()
print(json.dumps({**summarise(solve(problem, device, dtype)), "peak_after_meshing": meshed}))
"""
KEPT = ("converged", "reason", "cells", "iterations", "wall_seconds", "peak_memory_bytes", "peak_after_meshing",
        "pressure_drop", "device", "dtype")


def solution(case: str, device: str, dtype: str, **overrides: str) -> dict[str, Any]:
    """Figures of one solution in a new process."""
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    command = [sys.executable, "-c", WORKER, str(CASES / f"{case}.yaml"), device, dtype, json.dumps(changed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{case} on {device}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    summary = json.loads(done.stdout.strip().splitlines()[-1])
    out = {key: summary[key] for key in KEPT}
    return out | {"heat_relative": summary["ledger"]["heat_relative"], "mass_relative": summary["ledger"]["mass_relative"]}


def duct(devices: list[str], dtype: str, repeat: int) -> dict[str, Any]:
    """The duct of `cases/duct.yaml` on each device; seconds over those of the first device."""
    out: dict[str, Any] = {"devices": {}}
    for device in devices:
        runs = [solution("duct", device, dtype) for _ in range(repeat)]
        seconds = [r["wall_seconds"] for r in runs]
        out["devices"][device] = {**runs[0], "wall_seconds": statistics.median(seconds), "all_wall_seconds": seconds}
        print(f"duct, {device}: {statistics.median(seconds):.2f} s (median of {repeat}), {runs[0]['cells']:,} cells, "
              f"{runs[0]['iterations']} iterations")
    first = out["devices"][devices[0]]["wall_seconds"]
    out["seconds_over_first"] = {d: r["wall_seconds"] / first for d, r in out["devices"].items()}
    print("duct, seconds over those of " + devices[0] + ": "
          + ", ".join(f"{d} {r:.2f}" for d, r in out["seconds_over_first"].items()))
    return out


def plate(device: str, dtype: str) -> dict[str, Any]:
    """The H100 cold plate as it stands in `cases/`."""
    out = solution("h100_cold_plate", device, dtype)
    print(f"H100 cold plate, {device}: {out['cells']:,} cells, {out['wall_seconds']:.1f} s, {out['iterations']} iterations, "
          f"peak {out['peak_memory_bytes'] / 1e6:.0f} MB, {out['reason']}")
    return out


def memory(device: str, dtype: str) -> dict[str, Any]:
    """Growth of the peak per cell between two grids of the plate, after a few iterations of everything."""
    few = {"solver__max_iterations": str(FEW), "solver__unit_responses": "false"}
    small, large = (solution("h100_cold_plate", device, dtype, mesh__refine=refine, **few) for refine in GRIDS)
    growth = (large["peak_memory_bytes"] - small["peak_memory_bytes"]) / (large["cells"] - small["cells"])
    print(f"memory, {device}: {growth:.0f} bytes per cell between {small['cells']:,} and {large['cells']:,} cells (peak "
          f"{small['peak_memory_bytes'] / 1e6:.0f} and {large['peak_memory_bytes'] / 1e6:.0f} MB)")
    return {"bytes_per_cell": growth, "grids": [small, large]}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark and write its report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default=",".join(PARTS), help="comma-separated: " + ", ".join(PARTS))
    parser.add_argument("--devices", default="host,numpy", help="of the duct; plate and memory take the first one")
    parser.add_argument("--dtype", default="f8", choices=["f8", "f4"])
    parser.add_argument("--repeat", type=int, default=3, help="solutions of the duct on each device")
    parser.add_argument("--out", default="flow.json")
    given = parser.parse_args(arguments)
    chosen, devices = given.only.split(","), given.devices.split(",")
    if not set(chosen) <= set(PARTS):
        parser.error(f"--only takes {', '.join(PARTS)}")
    report: dict[str, Any] = {"what": "flow", **machine()}
    if "duct" in chosen:
        report["duct"] = duct(devices, given.dtype, given.repeat)
    if "plate" in chosen:
        report["plate"] = plate(devices[0], given.dtype)
    if "memory" in chosen:
        report["memory"] = memory(devices[0], given.dtype)
    Path(given.out).write_text(json.dumps(report, indent=1) + "\n")
    print(f"wrote {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
