"""`coldrack bench`: hands over to the benchmarks in a process of their own, for they stand above the solver."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

from coldrack.solver.cli.codes import InputError

PACKAGE = "coldrack.benchmarks"


def run_benchmarks(names: list[str], peers: str, repeat: int, quick: bool, file: str, show: bool) -> int:
    """Run the benchmarks' own command line; returns its exit code."""
    if find_spec(PACKAGE) is None:
        raise InputError("this installation has no benchmarks: install coldrack anew, from its wheel or source tree")
    options = [f"--peers={peers}", f"--repeat={repeat}", *(["--quick"] if quick else []), *(["--list"] if show else []),
               *([f"--json={file}"] if file else [])]
    return subprocess.run([sys.executable, "-m", PACKAGE, *options, "--", *names], check=False).returncode
