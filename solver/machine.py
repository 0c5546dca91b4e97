"""What this machine has: memory, cores."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path


def available_memory() -> int:
    """Bytes of memory that a new process can take, container limits included."""
    best = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                best = min(best, 1024 * int(line.split()[1]))
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
        if limit != "max":
            best = min(best, int(limit) - used)
    except (OSError, ValueError):  # not Linux, or no control groups
        pass
    return max(best, 0)


def peak_memory() -> int:
    """Largest resident size of this process so far, bytes."""
    try:  # Linux's getrusage also counts what the process that started this one held
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
