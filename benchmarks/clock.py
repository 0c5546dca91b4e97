"""Time and memory of this process, in the way that all benchmarks take them."""

from __future__ import annotations

import resource
import sys
import time
from typing import Any

from coldrack.solver.machine import peak_memory


def cpu_seconds() -> float:
    """User and system time of this process, all its threads, and the children it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def resident(usage: Any) -> int:
    """Peak resident size in a ``struct_rusage``, bytes."""
    return int(usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024)


class Clock:
    """Context that takes the cpu and wall seconds spent in it (`cpu`, `wall`) and the process's peak memory at its end."""

    def lap(self) -> float:
        """Cpu seconds since the start."""
        return cpu_seconds() - self._cpu

    def __enter__(self) -> Clock:
        self._cpu, self.started = cpu_seconds(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu = cpu_seconds() - self._cpu
        self.wall = time.perf_counter() - self.started
        self.peak = peak_memory()
