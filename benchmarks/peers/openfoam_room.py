"""OpenFOAM in the server room: buoyantBoussinesqSimpleFoam with its standard k-epsilon and wall functions."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coldrack.benchmarks import room
from coldrack.benchmarks.peers import openfoam
from coldrack.benchmarks.registry import Measurement

FIGURE = re.compile(r"\s*(volAverage\(before([12])\)|weightedAverage\(return\)) of T = (\S+)")


def solve(n: int, iterations: int, relaxation: Sequence[float]) -> Measurement:
    """The room on n x n/2 x n cells: SIMPLE, so many iterations with these relaxation factors."""
    with tempfile.TemporaryDirectory(prefix="coldrack-openfoam-") as folder:
        case = openfoam.prepare("server_room", Path(folder), **values(n, iterations, relaxation))
        openfoam.step(case, "blockMesh")
        openfoam.step(case, "topoSet")
        openfoam.step(case, "createPatch", "-overwrite")
        shutil.move(case / "fields", case / "0")  # it would change fields that are there already
        log = openfoam.run(case, "buoyantBoussinesqSimpleFoam")
    return room.measurement(n * (n // 2) * n, states(log), log.peak)


def values(n: int, iterations: int, relaxation: Sequence[float]) -> dict[str, Any]:
    """What the template's names stand for."""
    k, width = 1.5 * (room.INTENSITY * room.SPEED) ** 2, room.SIDE / n
    return {"N": n, "NY": n // 2, "END": iterations, "BEFORE1": room.ROWS[0][1] + width, "BEFORE2": room.ROWS[1][0] - width,
            "NU": room.VISCOSITY, "BETA": room.EXPANSION, "PR": room.PRANDTL, "SUPPLY": room.SUPPLY, "RETURN": room.RETURN,
            "MIDDLE": 0.5 * (room.SUPPLY + room.RETURN), "LOSS": " ".join(map(str, room.LOSS)), "FAN": room.FAN,
            "HEAT": room.heating(), "SPEED": room.SPEED, "K": k, "EPSILON": 0.09**0.75 * k**1.5 / room.LENGTH,
            **dict(zip(("RP", "RU", "RT", "RK"), relaxation))}


def states(log: openfoam.Log) -> list[room.State]:
    """What each iteration ended with, and the time since the first one began."""
    begun = log.lines[log.first("Time = 1\n")]
    out, now = [], {"1": 0.0, "2": 0.0}
    for line in log.lines:
        found = FIGURE.match(line.text)
        if found and found[2]:
            now[found[2]] = float(found[3])
        elif found:
            out.append(room.State((now["1"], now["2"]), float(found[3]), line.cpu - begun.cpu, line.wall - begun.wall))
    return out
