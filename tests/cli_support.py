"""A case that solves in about a second, and ways to run the command line on it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SMALL = """\
coldrack: 1
title: two blocks under water
coolant: {name: water, properties: constant}
background: fluid
domain: {low: [0, 0, 0], high: [24 mm, 6 mm, 6 mm]}
objects:
  left: {shape: box, material: copper, low: [0, 0, 0], high: [12 mm, 6 mm, 2 mm]}
  right: {shape: box, material: silicon, low: [12 mm, 0, 0], high: [24 mm, 6 mm, 2 mm]}
sources:
  left: {component: left, power: 8 W}
  right: {component: right, power: 4 W}
boundaries:
  inlet: {kind: inlet, face: x-, velocity: 0.05 m/s, temperature: 25 degC}
  outlet: {kind: outlet, face: x+}
mesh:
  cells: [12, 6, 6]
"""
DEVICE = os.environ.get("COLDRACK_TEST_DEVICE", "auto")


def write_small(folder: Path, name: str = "small.yaml") -> Path:
    """The small case as a file."""
    path = folder / name
    path.write_text(SMALL)
    return path


def environment(**changes: str) -> dict[str, str]:
    """The environment for a subprocess."""
    return {**os.environ, "OMP_NUM_THREADS": "1", **changes}


def command(*arguments: Any) -> list[str]:
    """A command line that runs coldrack in a process of its own."""
    return [sys.executable, "-m", "coldrack", *map(str, arguments)]


def started(script: str, *arguments: Any, **options: Any) -> subprocess.Popen[str]:
    """A Python process that runs `script` (what it needs to be different) and then the command line with `arguments`."""
    code = f"import sys\n{script}\nfrom coldrack.solver.cli import main\nsys.exit(main(sys.argv[1:]))\n"
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, env=environment(), **options)
