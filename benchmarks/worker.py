"""One run of one solver on one case, in a process of its own: ``python -m coldrack.benchmarks.worker BENCHMARK CASE SOLVER``.

The last line of its output is JSON: a list of measurements, or ``{"error": reason}``.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys

from coldrack.benchmarks.registry import BenchmarkError, Measurement, find


def main(arguments: list[str]) -> int:
    """Run and report; 1 if there is no figure."""
    from coldrack.kernels import BackendError

    benchmark, name, solver = arguments
    case = find(benchmark, name)
    try:
        got = case.run(solver, **case.parameters)
    except (BenchmarkError, BackendError, ImportError, MemoryError, OSError) as error:
        print(json.dumps({"error": " ".join(str(error).split()) or type(error).__name__}))
        return 1
    except Exception as error:
        if os.environ.get("COLDRACK_DEBUG", "") not in ("", "0"):
            raise
        print(json.dumps({"error": f"{type(error).__name__}: {' '.join(str(error).split())} (COLDRACK_DEBUG=1 shows where)"}))
        return 1
    rows = [got] if isinstance(got, Measurement) else got
    print(json.dumps([dataclasses.asdict(row) for row in rows]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
