"""Other codes that solve the same cases: which there are, whether they are here, and how to get them."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@dataclass(frozen=True)
class Peer:
    """Another code: a Python package (`module`, `distribution`), or programs (`module` empty)."""

    name: str
    module: str
    distribution: str
    install: str


SCRIPT = "bash scripts/install_peers.sh"
OPENFOAM_FOLDERS = ("/usr/share/openfoam", "/usr/lib/openfoam", "/opt/openfoam")
PEERS = {p.name: p for p in (
    Peer("openfoam", "", "openfoam", "install the distribution's package openfoam (Debian, Ubuntu: apt-get install openfoam)"),
    Peer("pyamg", "pyamg", "pyamg", f"{SCRIPT} pyamg"),
    Peer("scipy", "scipy", "scipy", f"{SCRIPT} scipy"),
    Peer("fipy", "fipy", "fipy", f"{SCRIPT} fipy"),
    Peer("numba", "numba", "numba", f"{SCRIPT} numba"),
    Peer("warp", "warp", "warp-lang", f"{SCRIPT} warp"),
    Peer("epanet", "wntr", "wntr", f"{SCRIPT} epanet"),
)}


def openfoam_folder() -> str:
    """OpenFOAM's installation, as its programs want it in ``WM_PROJECT_DIR``; empty if there is none."""
    candidates = (os.environ.get("WM_PROJECT_DIR", ""), *OPENFOAM_FOLDERS)
    return next((c for c in candidates if c and (Path(c) / "etc" / "controlDict").exists()), "")


def installed(name: str) -> bool:
    """Whether a peer can be run here."""
    peer = PEERS[name]
    if peer.module:
        return importlib.util.find_spec(peer.module) is not None
    return bool(openfoam_folder()) and shutil.which("simpleFoam") is not None


def peer_version(name: str) -> str:
    """Version of a peer that is installed."""
    peer = PEERS[name]
    if peer.module:
        try:
            return version(peer.distribution)
        except PackageNotFoundError:
            return "unknown"
    environment = {**os.environ, "WM_PROJECT_DIR": openfoam_folder()}
    done = subprocess.run(["simpleFoam", "-help"], env=environment, capture_output=True, text=True, check=False)
    found = re.search(r"Using: OpenFOAM\S*\s+\(?([\w.]+)", done.stdout + done.stderr)
    return found.group(1) if found else "unknown"


def split(names: Iterable[str], there: Callable[[str], bool] = installed) -> tuple[list[str], list[dict[str, str]]]:
    """Those that are installed, and for each of the others its name, why not and what to do."""
    present, missing = [], []
    for name in names:
        if there(name):
            present.append(name)
        else:
            peer = PEERS[name]
            missing.append({"peer": name, "why": f"{peer.distribution} is not installed", "install": peer.install})
    return present, missing
