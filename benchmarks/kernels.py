"""Every kernel's memory traffic against a STREAM triad of the same run; the residual also in numba, Warp and scipy.

Beside `coldrack bench kernels` there is a report on every backend, also of a GPU::

    python benchmarks/kernels.py [--devices host,numpy] [--cells 192] [--dtypes f8,f4] [--out kernels.json]

Bytes come from the kernels' headers: what one cell moves at least. A kernel near 1.0 of the triad is as fast as memory. With
`coldrack bench` kernel and triad take turns, for machines are shared; their ratio is the median of neighbours' ratios. The
same rate over a few planes that stay in the cache says what binds a kernel: memory if it is above the triad, else instructions.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import math
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.benchmarks.clock import cpu_seconds
from coldrack.benchmarks.document import machine
from coldrack.benchmarks.registry import OURS, Case, Measurement
from coldrack.kernels import BackendError, get_backend
from coldrack.kernels.check import random_arguments
from coldrack.kernels.source import Kernel, kernels
from coldrack.solver.machine import cores, peak_memory

TRIAD = """
extern "C" void triad(long n, double s, double* __restrict__ a, const double* __restrict__ b, const double* __restrict__ c)
{
#pragma omp parallel for simd schedule(static)
    for (long i = 0; i < n; ++i) a[i] = b[i] + s * c[i];
}
"""
LONGEST = 1.0  # seconds of repetitions of one kernel
LEAST, ROUNDS = 5, 15  # repetitions; of kernel and triad in turns
CACHED = 16  # planes of so many rows: 0.5 MB an array of 192 cells in double precision
BEYOND = 4e8  # bytes that kernel and triad move at least: a last cache that many share has kept 170 MB for one core
Extents = tuple[int, int, int]


def times(be: Any, work: Callable[[], Any]) -> tuple[float, float]:
    """Median wall and mean cpu seconds of a piece of work, after two runs that warm up; in batches where it is short."""
    for _ in range(2):
        work()
    be.synchronize()
    started = time.perf_counter()
    work()
    be.synchronize()
    batch = max(1, int(0.002 / max(time.perf_counter() - started, 1e-7)))
    wall: list[float] = []
    begun, cpu = time.perf_counter(), cpu_seconds()
    while len(wall) < LEAST or (time.perf_counter() - begun < 0.2 * LONGEST and len(wall) < 50):
        started = time.perf_counter()
        for _ in range(batch):
            work()
        be.synchronize()
        wall.append((time.perf_counter() - started) / batch)
        if time.perf_counter() - begun > LONGEST:
            break
    return float(np.median(wall)), (cpu_seconds() - cpu) / (batch * len(wall))


def median_seconds(be: Any, work: Callable[[], Any]) -> float:
    """Median wall seconds of a piece of work."""
    return times(be, work)[0]


def stream(be: Any, count: int) -> tuple[Callable[[], Any], float]:
    """The work a = b + s c with compiled loops on the host, a copy on devices and numpy, and the bytes that it moves."""
    double = be.with_dtype("f8")
    a, b, c = (double.zeros((count,)) for _ in range(3))
    for q in (a, b, c):
        q[...] = 1.0  # or the operating system has one page of zeros for all of an array, and the triad reads from the cache
    if be.name == "host":
        from coldrack.kernels import host

        function = host._build("triad", TRIAD, "-Dreal=double", "triad", ()).triad
        function.argtypes = [ctypes.c_long, ctypes.c_double, *[ctypes.c_void_p] * 3]

        def triad_of_arrays() -> None:
            function(count, 0.5, *(q.ctypes.data for q in (a, b, c)))

        return triad_of_arrays, 24.0 * count

    def copy() -> None:
        a[...] = b

    return copy, 16.0 * count


def triad(be: Any, count: int) -> float:
    """Bytes a second of the triad."""
    work, moved = stream(be, count)
    return moved / median_seconds(be, work)


def tame(arguments: list[Any], rng: np.random.Generator) -> list[Any]:
    """As in a solve: nearly all cells coolant and solved, values that stay bounded when a kernel runs again and again."""
    out = []
    for a in arguments:
        if isinstance(a, np.ndarray) and a.dtype == np.uint8:
            a = np.ones_like(a)
        elif isinstance(a, np.ndarray) and a.dtype.kind == "f":
            a = np.asarray(rng.uniform(0.01, 0.1, a.shape), a.dtype)
        out.append(0.05 if isinstance(a, float) else a)
    return out


def prepare(be: Any, kernel: Kernel, extents: Extents) -> tuple[Callable[[], Any], float, int]:
    """One launch over about so many cells along x, y and z; its bytes, its cells."""
    rng = np.random.default_rng(0)
    coarse = 2 if kernel.integers[0] == "mx" else 1  # coarse cells, each of eight fine ones
    nx, ny, nz = (n // coarse for n in extents)
    arguments = random_arguments(kernel, (nx, ny, nz), be.dtype.str[1:], rng, regular=True)
    if kernel.file == "reduction":  # long rows for few lanes, as the cuda backend launches them
        count = int(np.prod(extents))
        arguments = random_arguments(kernel, (131072, 1, 1), be.dtype.str[1:], rng)
        arguments[3] = count
        arguments[4:-1] = [rng.random(count).astype(a.dtype) for a in arguments[4:-1]]
    there = [be.asarray(a, a.dtype) if isinstance(a, np.ndarray) else a for a in tame(arguments, rng)]
    names = [a.name for a in kernel.arguments]
    fine = [arguments[names.index(n)] for n in ("nx", "ny", "nz")]
    there_are = int(arguments[3] if kernel.file == "reduction" else np.prod(fine))
    return partial(be.launch, kernel.name, *there), float(kernel.bytes[be.dtype.str[1:]] * there_are), there_are


def time_kernel(be: Any, kernel: Kernel, cells: int, planes: int | None = None) -> dict[str, float]:
    """Seconds and bytes a second of one kernel over `cells`^3 cells, or as long rows in `planes` small planes."""
    work, moved, there_are = prepare(be, kernel, (cells, planes or cells, planes or cells))
    with np.errstate(all="ignore"):
        seconds, cpu = times(be, work)
    return {"cells": there_are, "seconds": seconds, "cpu_seconds": cpu, "gigabytes_per_second": moved / seconds / 1e9}


def beyond_cache(be: Any, kernel: Kernel, cells: int, beyond: float) -> Extents:
    """`cells`^3 cells, or so many more planes that a launch moves `beyond` bytes."""
    return cells, cells, max(cells, 2 * math.ceil(beyond / kernel.bytes[be.dtype.str[1:]] / cells**2 / 2.0))


def in_turns(be: Any, work: Callable[[], Any], moved: float, beyond: float) -> dict[str, float]:
    """Some work and the triad in turns: seconds of the work, both rates, the median ratio of its rate to its neighbours'."""
    other, streamed = stream(be, int(max(moved, beyond) / 24.0))
    walls: list[list[float]] = [[], []]
    cpu = 0.0
    with np.errstate(all="ignore"):
        for act in (other, work):
            act()
        started = time.perf_counter()
        while len(walls[1]) < LEAST or (len(walls[1]) < ROUNDS and time.perf_counter() - started < LONGEST):
            for act, wall in zip((other, work), walls, strict=True):
                used, begun = cpu_seconds(), time.perf_counter()
                act()
                act()
                wall.append((time.perf_counter() - begun) / 2.0)
                cpu += 0.5 * (cpu_seconds() - used) if act is work else 0.0
    triads, launches = (np.array(wall) for wall in walls)
    between = 0.5 * (triads + np.append(triads[1:], triads[-1]))
    return {"seconds": float(np.median(launches)), "cpu_seconds": cpu / launches.size,
            "gigabytes_per_second": moved / float(np.median(launches)) / 1e9,
            "stream_gigabytes_per_second": streamed / float(np.median(triads)) / 1e9,
            "of_stream": float(np.median(moved / launches * between / streamed))}


def measure(devices: list[str], dtypes: list[str], cells: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Results by device, precision and kernel."""
    out: dict[str, Any] = {}
    for device in devices:
        be = get_backend(device)
        stream = triad(be, cells**3) / 1e9
        out[device] = {"description": be.description, "stream_gigabytes_per_second": stream, "kernels": {}}
        say(f"{device} ({be.description}): stream {stream:.1f} GB/s")
        for dtype in dtypes:
            for name, kernel in kernels().items():
                row = time_kernel(be.with_dtype(dtype), kernel, cells)
                row["of_stream"] = row["gigabytes_per_second"] / stream
                out[device]["kernels"].setdefault(dtype, {})[name] = row
                say(f"  {name:28s}{dtype} {1e3 * row['seconds']:10.3f} ms {row['gigabytes_per_second']:9.1f} GB/s "
                    f"{row['of_stream']:6.2f} of stream")
    return out


def sums(be: Any, count: int) -> dict[str, tuple[Callable[[], Any], float]]:
    """The host's reductions over so many elements, with their bytes; kernels of `reduction.cu` are for devices."""
    a, b = (be.asarray(np.full(count, 0.5), be.dtype) for _ in range(2))
    return {"dot": (lambda: be.dot(a, b), 2.0 * a.nbytes), "abs_sum": (lambda: be.abs_sum(a), float(a.nbytes))}


def solve_kernels(solver: str, dtype: str, cells: int, longest: float = LONGEST, beyond: float = BEYOND) -> list[Measurement]:
    """Each kernel on the host, in turns with the triad; seconds of one launch over `cells`^3 cells or more."""
    global LONGEST
    LONGEST = longest
    be = get_backend("host").with_dtype(dtype)
    out = []
    for name, kernel in kernels().items():
        if kernel.file != "reduction":
            work, moved, there_are = prepare(be, kernel, beyond_cache(be, kernel, cells, beyond))
            inside = time_kernel(be, kernel, cells, min(cells, CACHED))["gigabytes_per_second"]
            out.append(measured(name, there_are, in_turns(be, work, moved, beyond), inside))
    count = max(cells**3, int(beyond / be.dtype.itemsize))
    few = sums(be, min(cells, CACHED)**2 * cells)
    for name, (work, moved) in sums(be, count).items():
        inside = few[name][1] / median_seconds(be, few[name][0]) / 1e9
        out.append(measured(name, count, in_turns(be, work, moved, beyond), inside))
    return out


def measured(name: str, cells: int, row: dict[str, float], inside: float) -> Measurement:
    """A row of the table from what `in_turns` measured and the rate in the cache."""
    stream_rate = row["stream_gigabytes_per_second"]
    details = {"gigabytes_per_second": row["gigabytes_per_second"], "stream_gigabytes_per_second": stream_rate,
               "in_cache_gigabytes_per_second": inside, "in_cache_over_stream": inside / stream_rate,
               "bound": "memory" if inside > stream_rate else "instructions"}
    return Measurement(cells, row["cpu_seconds"], row["seconds"], None, peak_memory(), row["of_stream"], None, name, details)


def solve_residual(solver: str, dtype: str, cells: int, longest: float = LONGEST) -> Measurement:
    """One evaluation of b - A x, seven points, three arrays of coefficients; the value is its 2-norm."""
    global LONGEST
    LONGEST = longest
    from coldrack.benchmarks.peers.sweeps import arrays, residual_norm

    data, be = arrays(cells, dtype), get_backend("host", dtype)
    if solver == OURS:
        there = [be.asarray(a) for a in data]
        wall, cpu = times(be, lambda: be.launch("residual", cells, cells, cells, *there))
        result = be.to_numpy(there[-1])
    else:
        peer = import_module(f"coldrack.benchmarks.peers.{solver}_sweep")
        work, fetch = peer.make(data)
        wall, cpu = times(be, work)
        result = fetch()
    norm = float(np.linalg.norm(result.astype("f8")))
    return Measurement(cells**3, cpu, wall, None, peak_memory(), norm, residual_norm(data))


CORES = cores()
RATE, NORM = "memory traffic over that of the STREAM triad", "2-norm of the residual"
CASES = [
    Case("kernels-quick", solve_kernels, (OURS,), RATE, {"dtype": "f8", "cells": 8, "longest": 0.0, "beyond": 0.0}, quick=True,
         full=False),
    *(Case(f"kernels-{dtype}-{threads}", solve_kernels, (OURS,), RATE, {"dtype": dtype, "cells": 192}, threads=threads)
      for dtype in ("f8", "f4") for threads in sorted({1, CORES})),
    Case("residual-quick", solve_residual, (OURS, "numba", "warp", "scipy"), NORM, {"dtype": "f8", "cells": 8, "longest": 0.0},
         quick=True, full=False),
    *(Case(f"residual-{dtype}", solve_residual, (OURS, "numba", "warp", "scipy"), NORM, {"dtype": dtype, "cells": 192})
      for dtype in ("f8", "f4")),
]


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; exit code 2 if a device asked for is not there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--devices", default="host,numpy", help="comma-separated: cuda, cuda:N, host, numpy")
    parser.add_argument("--dtypes", default="f8,f4")
    parser.add_argument("--cells", type=int, default=128, help="cells along each axis")
    parser.add_argument("--out", default="kernels.json")
    given = parser.parse_args(arguments)
    try:
        results = measure(given.devices.split(","), given.dtypes.split(","), given.cells, print)
    except BackendError as error:
        print(error, file=sys.stderr)
        return 2
    report = {"what": "kernels", "cells_along_an_axis": given.cells, **machine(), "devices": results}
    Path(given.out).write_text(json.dumps(report, indent=1) + "\n")
    print(f"wrote {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
