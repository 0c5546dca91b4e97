"""A made-up answer for a room with racks: boxes for servers, a flow around and over them, hot air behind; nothing is solved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from support import box_mesh, join_faces

from coldrack.solver.devices import Plane, Unit
from coldrack.solver.materials import coolant
from coldrack.solver.problem import Problem
from coldrack.solver.solution import Solution

FRONT, REAR, TOP = 1.2, 2.2, 2.0  # of the racks, m
AIR = 1190.0  # J/(m3 K)
Faces = tuple[Any, Any, Any]


def room_faces(racks: int, levels: int, fine: int = 1) -> Faces:
    """Faces of a room 3.6 m deep and 2.8 m high around racks 0.6 m wide, with two cells or 2 `fine` cells a server's height."""
    end = 0.8 + 0.6 * racks
    parts = (((0.0, 0.8, 4), (0.8, end, 3 * racks), (end, end + 0.8, 4)), ((0.0, FRONT, 8), (FRONT, REAR, 5), (REAR, 3.6, 9)),
             ((0.0, TOP, 2 * levels), (TOP, 2.8, 6)))
    x, y, z = (join_faces(*(np.linspace(a, b, n * fine + 1) for a, b, n in axis)) for axis in parts)
    return x, y, z


def room(racks: int = 2, levels: int = 6, fine: int = 1, supply: float = 18.0) -> Solution:
    """The answer: `levels` servers in each of `racks` racks that stand side by side; the top third takes in its own exhaust."""
    faces = room_faces(racks, levels, fine)
    x, y, z = (0.5 * (f[1:] + f[:-1]) for f in faces)
    material = np.ones((z.size, y.size, x.size), np.uint8)
    inside = ((z < TOP)[:, None, None] & ((y > FRONT) & (y < REAR))[:, None] & ((x > 0.8) & (x < 0.8 + 0.6 * racks)))
    material[inside] = 0
    mesh = box_mesh(*faces, material, [], {})
    units = [_server(mesh.grid, r, n, levels) for r in range(racks) for n in range(levels)]
    problem = Problem("made-up room", mesh, coolant("air"), {}, devices=tuple(units), reference_temperature=supply + 273.15)
    shape = mesh.grid.shape
    zz, yy, xx = np.meshgrid(z, y, x, indexing="ij")
    t = supply + _rise(xx, yy, zz, 0.3 * racks + 0.8)
    v = 0.6 * np.sin(np.pi * np.clip(zz / TOP, 0, 1)) - 0.5 * (zz > TOP)
    w = 0.45 * np.tanh((yy - 0.5 * (FRONT + REAR)) / 0.6) * np.sin(np.pi * np.clip(zz / 2.8, 0, 1))
    v, w = (np.where(material == 1, a, 0.0) for a in (v, w))
    nz, ny, nx = shape
    faces_v, faces_w = np.zeros((nz, ny + 1, nx)), np.zeros((nz + 1, ny, nx))
    faces_v[:, 1:-1], faces_w[1:-1] = 0.5 * (v[:, 1:] + v[:, :-1]), 0.5 * (w[1:] + w[:-1])
    history: dict[str, list[float]] = {"iteration": [1.0, 2.0, 3.0], "momentum": [1.0, 0.1, 0.01]}
    book: dict[str, Any] = dict.fromkeys(("heat_in", "heat_out", "heat_imbalance", "heat_relative", "mass_in", "mass_out",
                                          "mass_relative", "mass_cells", "coolant"), 0.0)
    book |= {n: {} for n in ("mass_flows", "sources", "boundaries")}
    u = np.zeros((nz, ny, nx + 1))
    solution = Solution(problem, t + 273.15, np.zeros(shape), u, faces_v, faces_w, True, "converged", 3, history, book, {}, 0.0,
                        {}, 0.0, supply + 273.15, "host", "f8", 1.0, 1.0, 1)
    solution.devices = {"servers": {unit.name: _figures(solution, unit) for unit in units},
                        "fans": {"rack1.fan": {"flow_rate": 0.3, "pressure": 25.0, "power": 12.0}}}
    return solution


def _rise(x: Any, y: Any, z: Any, middle: float) -> Any:
    """K above the supply: warm behind the racks, and what comes over their top and around their sides to the front."""
    behind = 12.0 + 4.0 * z / TOP
    over = 14.0 * np.exp(np.minimum(z - TOP, 0.0) / 0.35) * np.exp(-((FRONT - np.minimum(y, FRONT)) / 0.8) ** 2)
    side = 5.0 * np.exp(-((np.abs(x - middle) - middle) / 0.35) ** 2)
    return np.where(y > 1.7, behind, np.minimum(over + side * (y / FRONT), behind))


def _server(grid: Any, rack: int, level: int, levels: int) -> Unit:
    low, high = level * TOP / levels, (level + 1) * TOP / levels
    x, _, z = grid.centres
    cells = ((z > low) & (z < high))[:, None] & ((x > 0.8 + 0.6 * rack) & (x < 1.4 + 0.6 * rack))
    planes = []
    for at in (FRONT, REAR):
        faces = np.zeros((z.size, grid.y.size, x.size), bool)
        faces[:, np.argmin(abs(grid.y - at))] = cells
        planes.append(Plane(1, np.flatnonzero(faces)))
    return Unit(f"rack{rack + 1}.s{level + 1:02}", "server", *planes, 1, 1, flow_rate=0.05, power=700.0)


def write_room(folder: Path, **options: Any) -> Path:
    """The results of `room(**options)` as a run writes them, in `folder`."""
    room(**options).save(folder)
    return folder


def _figures(solution: Solution, unit: Unit) -> dict[str, float]:
    grid = solution.problem.mesh.grid
    k, j, i = np.unravel_index(unit.inlet.faces, (grid.z.size - 1, grid.y.size, grid.x.size - 1))
    t = solution.temperature[k, j - 1, i]
    flow = unit.flow_rate or 0.0
    mean = float(t.mean())
    return {"inlet_mean": mean, "inlet_max": float(t.max()), "outlet_mean": mean + unit.power / (flow * AIR),
            "flow_rate": flow, "heat": unit.power}
