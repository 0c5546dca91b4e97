"""OpenFOAM: cases from templates, programs run step by step, each line of their output stamped with the time it came.

Templates are the folders in ``openfoam_cases``; ``@NAME@`` in their files is replaced. One process, one core.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.benchmarks.clock import resident
from coldrack.benchmarks.peers import openfoam_folder
from coldrack.benchmarks.registry import BenchmarkError

TEMPLATES = Path(__file__).resolve().parent / "openfoam_cases"
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Line:
    """A line of output, with the cpu seconds of the program and the wall seconds since its start."""

    text: str
    cpu: float
    wall: float


@dataclass
class Log:
    """Output of one program and its peak memory."""

    lines: list[Line] = field(default_factory=list)
    peak: int = 0

    def first(self, start: str) -> int:
        """Number of the first line that begins so.

        Raises
        ------
        BenchmarkError
            If there is none.
        """
        for number, line in enumerate(self.lines):
            if line.text.startswith(start):
                return number
        raise BenchmarkError(f"OpenFOAM's output has no line {start!r}; it ends with: {self.tail()}")

    def tail(self) -> str:
        """The last lines, as one."""
        return " | ".join(line.text.strip() for line in self.lines[-3:])


def environment() -> dict[str, str]:
    """What OpenFOAM's programs need."""
    return {**os.environ, "WM_PROJECT_DIR": openfoam_folder(), "OMP_NUM_THREADS": "1"}


def prepare(template: str, folder: Path, **values: Any) -> Path:
    """Copy a template into `folder` and fill its ``@NAME@`` in; returns the case's folder."""
    case = folder / template
    shutil.copytree(TEMPLATES / template, case)
    for path in case.rglob("*"):
        if path.is_file():
            text = path.read_text()
            for name, value in values.items():
                text = text.replace(f"@{name}@", str(value))
            path.write_text(text)
    return case


def step(case: Path, *command: str) -> None:
    """Run a preparing program, such as blockMesh."""
    done = subprocess.run(command, cwd=case, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        last = " ".join((done.stdout + done.stderr).split())[-300:]
        raise BenchmarkError(f"OpenFOAM's {' '.join(command)} failed: {last}")


def run(case: Path, application: str) -> Log:
    """Run a solver to its end."""
    log, started = Log(), time.perf_counter()
    process = subprocess.Popen([application], cwd=case, env=environment(), text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    assert process.stdout is not None
    for text in process.stdout:
        log.lines.append(Line(text, _cpu(process.pid), time.perf_counter() - started))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    log.peak = resident(usage)
    if process.returncode or any("FOAM FATAL" in line.text for line in log.lines):
        raise BenchmarkError(f"OpenFOAM's {application} failed: {log.tail()}")
    return log


def _cpu(pid: int) -> float:
    """User and system seconds of a running process so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / TICK


def field_values(case: Path, step_name: str, name: str, components: int = 1) -> np.ndarray:
    """Cell values of a field written in binary, shape (cells,) or (cells, components)."""
    raw = (case / step_name / name).read_bytes()
    start = raw.index(b"nonuniform")
    opening = raw.index(b"(", start)
    count = int(raw[start:opening].split()[-1])
    values = np.frombuffer(raw, "<f8", count * components, opening + 1)
    return values if components == 1 else values.reshape(count, components)
