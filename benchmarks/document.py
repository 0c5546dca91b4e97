"""The JSON that a run of the benchmarks leaves: machine, versions, git hash, rows; and its schema."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from coldrack.solver.machine import cores

SCHEMA = 1
LIBRARIES = ("coldrack", "numpy", "scipy")
NUMBER, TEXT, COUNT, NONE = ({"type": t} for t in ("number", "string", "integer", "null"))
ROW = {
    "benchmark": TEXT, "case": TEXT, "solver": TEXT, "cells": COUNT, "cpu_seconds": NUMBER, "wall_seconds": NUMBER,
    "iterations": {"type": ["number", "null"]}, "peak_memory_bytes": NUMBER, "value": NUMBER,
    "reference": {"type": ["number", "null"]}, "error": {"type": ["number", "null"]}, "ratio": {"type": ["number", "null"]},
    "quantity": TEXT, "family": TEXT, "threads": COUNT, "repeats": COUNT, "all_cpu_seconds": {"type": "array", "items": NUMBER},
    "details": {"type": "object"},
}


def _list(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "properties": properties, "required": list(properties),
                                       "additionalProperties": False}}


def schema() -> dict[str, Any]:
    """JSON schema of the document."""
    parts = {
        "schema": {"const": SCHEMA}, "git": TEXT, "machine": {"type": "object"}, "versions": {"type": "object"}, "time": TEXT,
        "repeat": COUNT, "quick": {"type": "boolean"}, "rows": _list(ROW),
        "failures": _list(dict.fromkeys(("benchmark", "case", "solver", "reason"), TEXT)),
        "missing": _list(dict.fromkeys(("peer", "why", "install"), TEXT)),
        "growth": _list({"family": TEXT, "solver": TEXT, "exponent": NUMBER, "cells": {"type": "array", "items": COUNT},
                         "cpu_seconds": {"type": "array", "items": NUMBER}, "iterations": {"type": "array"}}),
    }
    return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}


def document(results: dict[str, Any], missing: list[dict[str, str]], versions: dict[str, str], repeat: int,
             quick: bool) -> dict[str, Any]:
    """Results with all that tells where they come from."""
    here = machine()
    git, when = here.pop("git"), here.pop("time")
    return {"schema": SCHEMA, "git": git, "machine": here, "versions": {**library_versions(), **versions}, "time": when,
            "repeat": repeat, "quick": quick, "missing": missing, **results}


def library_versions() -> dict[str, str]:
    """Versions of coldrack and of what it computes with."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def _git(*arguments: str) -> str:
    folder = Path(__file__).resolve().parent
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _gpu() -> str:
    """The first GPU with its versions; empty where none can be used."""
    from coldrack.kernels import BackendError, get_backend

    try:
        return str(get_backend("cuda").description).removesuffix(", as asked")
    except BackendError:
        return ""


def machine() -> dict[str, Any]:
    """Where and with what the numbers were taken."""
    cpu, memory = platform.processor(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), cpu)
    except OSError:
        pass
    changed = " with changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return {"git": (_git("rev-parse", "HEAD") or "unknown") + changed, "machine": platform.machine(), "cpu": cpu,
            "cores": cores(), "gpu": _gpu(), "memory_bytes": memory, "system": platform.platform(),
            "python": platform.python_version(), "numpy": version("numpy"),
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
