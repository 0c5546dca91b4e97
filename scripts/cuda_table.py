"""Write docs/cuda_kernels.md: what NVRTC makes of every kernel, the times that follow from it, and measured ones. Needs no GPU.

    python scripts/cuda_table.py [--out docs/cuda_kernels.md]

NVRTC comes with the test extra. Predicted times are bytes over bandwidth, or instructions over their rate; measured ones are
in `docs/measured/*.json`, which `scripts/check_gpu.py --out` wrote on a GPU.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "kernels"))

import nvrtc  # noqa: E402
import ptx  # noqa: E402

from coldrack.kernels.cuda import OPTIONS, REALS, THREADS  # noqa: E402
from coldrack.kernels.source import Kernel, kernels, source  # noqa: E402

MEASURED = ROOT / "docs" / "measured"
AZURE = "https://github.com/Azure/AI-benchmarking-guide"
FLUIDX3D = "https://github.com/ProjectPhysX/FluidX3D"
# Of a multiprocessor: CUDA C++ Programming Guide, technical specifications per compute capability (8.0, 9.0, 10.0 alike).
REGISTERS, WARPS, BLOCKS, SCHEDULERS, LANES = 65536, 64, 32, 4, 32


@dataclass(frozen=True)
class Gpu:
    """A GPU: architecture, bytes a second of a copy and where that was measured, multiprocessors, boost clock, FP64 lanes."""

    name: str
    arch: str
    bandwidth: float
    measured: str
    processors: int
    clock: float
    doubles: int

    def rate(self, code: nvrtc.Code) -> dict[str, float]:
        """Threads a second that instructions allow: by the issue of all, by the pipe of double precision."""
        cycles = self.processors * self.clock
        issue = cycles * SCHEDULERS * LANES / code.instructions
        return {"issue": issue, "FP64": cycles * self.doubles / code.doubles if code.doubles else float("inf")}


GPUS = (
    Gpu("A100 SXM 80 GB", "sm_80", 1.61e12, f"[BabelStream copy]({AZURE}/blob/main/Azure_Results/ND_A100_v4_results.md)",
        108, 1.41e9, 32),
    Gpu("H100 SXM", "sm_90", 2.90e12, f"[BabelStream copy]({AZURE}/blob/main/Azure_Results/ND_H100_v5_results.md)",
        132, 1.98e9, 64),
    Gpu("H200 SXM", "sm_90", 4.01e12, f"[BabelStream copy]({AZURE}/blob/main/Azure_Results/ND_H200_v5_results.md)",
        132, 1.98e9, 64),
    Gpu("B200 SXM", "sm_100", 42152e6 * 153, f"[FluidX3D]({FLUIDX3D}): 42152 million cell updates a second of 153 bytes each; "
        "no published copy was found", 148, 1.965e9, 64),
)
ARCHITECTURES = tuple(dict.fromkeys(g.arch for g in GPUS))

HEAD = f"""# CUDA kernels

**Predicted, not run**, but for the columns that say *measured*. Registers, spills, shared memory and instructions are what
NVIDIA's compiler (NVRTC) reports or writes; everything else that is not measured is arithmetic on them. Written by
`python scripts/cuda_table.py`: run it again after a change to a kernel. Where there is a GPU, `scripts/check_gpu.py` measures,
and compares every kernel with its numpy twin; what it wrote for this page is in `docs/measured`.

## How to read it

- **B/cell**: what one cell moves at least, from the kernel's header.
- **Threads** of a cell: half a one where one colour of a chequerboard is visited, an eighth where threads belong to coarse
  cells of eight.
- **Registers** of a thread, theoretical **occupancy** with blocks of {THREADS} threads, and **instructions** of a thread, in
  brackets those of the double-precision pipe: for {", ".join(ARCHITECTURES)}. Each instruction of the text is counted
  once, subroutines for unusual operands are left out. With a *loop* that says nothing of the time.
- **ns** for a cell and **G cells/s**: bytes over the bandwidth below. Where instructions take longer, their time is given, and
  what limits it: *issue* (one instruction for {LANES} threads in each of {SCHEDULERS} schedulers a cycle) or *FP64* (the
  double-precision pipe). Such a kernel is bound by its instructions, not by memory. All branches are counted as if taken, at
  boost clock and without a stall.
- **Measured**: nanoseconds of a cell, and its bytes a second over those of a copy on the same GPU in the same run. Over it
  means that part of what is read was still in the cache (an array of 192³ cells has 57 or 28 MB, the cache 50 or 60 MB).
  Since then residuals and products, upwind sweeps, diagonals, lines, `step_rates`, mass fluxes and imbalance, buoyancy, central
  convection, `close_backflow` and `multiply_matrix` have been rewritten: those texts have run in the interpreter of the tests,
  not on a GPU.
- There must be many cells: below about a million, launches and caches decide.

## The GPUs

| GPU | architecture | bandwidth, TB/s | measured by others | processors | clock, GHz | FP64 lanes each |
|---|---|---:|---|---:|---:|---:|
"""
FOOT = """
Multiprocessors, clocks and lanes: NVIDIA's white papers of A100 and H100. B200: 148 multiprocessors from
[Chips and Cheese](https://chipsandcheese.com/p/nvidias-b200-keeping-the-cuda-juggernaut), the clock from the 74.45 TFLOPS in
single precision of FluidX3D's table, lanes for half as many in double precision.
"""


def occupancy(registers: int) -> float:
    """Share of a multiprocessor's warps that find room: registers are given out in 256 a warp, in four equal parts."""
    one = -(-registers // 8) * 8 * LANES
    warps = REGISTERS // SCHEDULERS // one * SCHEDULERS
    block = THREADS // LANES
    return min(min(warps, WARPS) // block, BLOCKS) * block / WARPS


def threads(kernel: Kernel) -> float:
    """Threads of a cell."""
    if kernel.arguments[0].name == "mx":
        return 1 / 8
    return 0.5 if kernel.chequered else 1.0


def loops(program: ptx.Program) -> bool:
    """Whether a branch goes back."""
    return any(step.op[0] == "bra" and program.labels[step.operands[-1]] <= at for at, step in enumerate(program.code))


def predicted(kernel: Kernel, dtype: str, gpu: Gpu, code: nvrtc.Code, loop: bool) -> str:
    """Nanoseconds of a cell, G cells/s, and what limits them if it is not memory."""
    rates = {"": gpu.bandwidth / kernel.bytes[dtype]}
    if not loop:
        rates |= {limit: rate / threads(kernel) for limit, rate in gpu.rate(code).items()}
    limit = min(rates, key=lambda name: rates[name])
    return f"{1e9 / rates[limit]:.4f} / {rates[limit] / 1e9:.3g}" + (f" *{limit}*" if limit else "")


def measurements() -> list[dict[str, Any]]:
    """What the check wrote on GPUs, with their names."""
    found = [json.loads(path.read_text()) for path in sorted(MEASURED.glob("*.json"))]
    return [{**m, "name": m["device"].split(", ")[1].removeprefix("NVIDIA ")} for m in found]


def measured(kernel: Kernel, dtype: str, where: dict[str, Any]) -> str:
    """Nanoseconds of a cell and the share of a copy's rate; nothing for a kernel that was not there then."""
    got = where["timings"].get(f"{kernel.name} {dtype}")
    if got is None:
        return "-"
    share = got["gigabytes_per_second"] / where["copy_gigabytes_per_second"]
    return f"{1e9 * got['seconds'] / got['cells']:.4f} / {share:.2f}"


def checks() -> str:
    """What was checked on which GPU."""
    lines = []
    for m in measurements():
        good = sum(row["good"] for row in m["kernels"].values())
        lines.append(f"- {m['time'][:10]}, commit {m['git'].split()[0][:10]}, {m['device'].removesuffix(', as asked')}: "
                     f"{good} of {len(m['kernels'])} kernels and precisions as their twins; a copy moves "
                     f"{m['copy_gigabytes_per_second']:.0f} GB/s; a recorded launch takes "
                     f"{m['recording']['microseconds_recorded']:.1f} µs, a single one "
                     f"{m['recording']['microseconds_one_by_one']:.1f} µs.")
    return "\n## Measured on\n\n" + "\n".join(lines) + "\n" if lines else ""


def row(kernel: Kernel, dtype: str) -> str:
    """One line of a table."""
    text, options = source(kernel.file), (*OPTIONS, f"-Dreal={REALS[dtype]}")
    codes = {arch: nvrtc.code(text, options, arch)[kernel.name] for arch in ARCHITECTURES}
    loop = loops(ptx.programs(nvrtc.ptx(text, options))[kernel.name])
    every = codes.values()
    cells = [f"`{kernel.name}`", f"{kernel.bytes[dtype]:g}", {0.125: "1/8", 0.5: "1/2", 1.0: "1"}[threads(kernel)],
             " / ".join(str(c.registers) for c in every), str(max(c.spilled for c in every)),
             str(max(c.shared for c in every)), " / ".join(f"{100 * occupancy(c.registers):.0f}" for c in every),
             " / ".join(f"{c.instructions} ({c.doubles})" for c in every) + (", *loop*" if loop else ""),
             *[predicted(kernel, dtype, gpu, codes[gpu.arch], loop) for gpu in GPUS],
             *[measured(kernel, dtype, m) for m in measurements()]]
    return "| " + " | ".join(cells) + " |"


def page() -> str:
    """The whole page."""
    parts = [HEAD + "\n".join(
        f"| {g.name} | {g.arch} | {g.bandwidth / 1e12:.2f} | {g.measured} | {g.processors} | {g.clock / 1e9:g} | {g.doubles} |"
        for g in GPUS) + "\n" + FOOT + checks()]
    head = ["kernel", "B/cell", "threads", "registers", "spilled B", "shared B", "occupancy, %", "instructions",
            *[f"{g.name}: ns / G cells/s, predicted, not run" for g in GPUS],
            *[f"{m['name']}: ns / of a copy, measured" for m in measurements()]]
    for dtype, title in (("f8", "Double precision"), ("f4", "Single precision")):
        lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
        parts.append(f"## {title}\n\n" + "\n".join(lines + [row(k, dtype) for k in kernels().values()]) + "\n")
    return "\n".join(parts)


def main() -> int:
    """Write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "cuda_kernels.md")
    given = parser.parse_args()
    given.out.write_text(page())
    print(f"wrote {given.out}: {len(kernels())} kernels, measured on {len(measurements())} GPUs, else predicted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
