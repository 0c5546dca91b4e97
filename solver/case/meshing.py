"""Mesh of a case: refuse what no machine holds before anything is laid out, then build."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.meshes.build import BYTES_PER_CELL, build_mesh, domain
from coldrack.meshes.mesh import Mesh, MeshError
from coldrack.meshes.scene import MeshSettings, Scene
from coldrack.meshes.shapes import Repeat
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.schema import Case
from coldrack.solver.machine import available_memory

DEFAULT_DIVISIONS = 40
MOST_CELLS_AN_AXIS = 20_000
MOST_SHAPES = 20_000
MOST_DETAILS = 100_000  # corners and triangles of all copies; every one is visited for the cells near it
MOST_PLANES = 2_000  # along an axis; laying out the cells between more takes minutes
MOST_MATERIALS = 250  # a byte per cell numbers them
MEMORY_SHARE = 0.8
SAME_PLANE = 1e-10  # m


def mesh(case: Case, scene: Scene, found: Findings) -> Mesh:
    """Mesh a scene; raises `CaseError` at the key that is to blame."""
    settings = _settings(case, scene, found)
    most = int(MEMORY_SHARE * available_memory() / BYTES_PER_CELL)
    _check_planes(scene, most, found)
    found.stop()
    try:
        return build_mesh(scene, settings, most)
    except MeshError as error:
        found.add(_culprit(case, str(error)), str(error))
    found.stop()
    raise AssertionError("unreachable: stop raised")


def check_shapes(scene: Scene, found: Findings) -> None:
    """Note repetitions and materials beyond any sensible case, before they take time and memory."""
    total = details = 0
    for body in scene.bodies:
        count, single = copies(body.shape)
        total += count
        details += (count - 1) * len(getattr(single, "points", getattr(single, "triangles", ())))
        if details > MOST_DETAILS:
            found.add(_group(found, body.name), f"brings the case to copies with {details:,} corners or triangles; at most "
                      f"{MOST_DETAILS:,} make sense: repeat less often, or draw the shape with fewer points")
            return
        if total > MOST_SHAPES:
            found.add(_group(found, body.name), f"brings the case to {total:,} shapes; at most {MOST_SHAPES:,} make sense: "
                      "repeat less often, or check thickness, gap and pitch and their units")
            return
    if len({b.material for b in scene.bodies}) > MOST_MATERIALS:
        found.add(("materials",), f"more than {MOST_MATERIALS} materials; use fewer")


def copies(shape: Any) -> tuple[int, Any]:
    """Number of single shapes that a (repeated) shape consists of, and the first of them."""
    count = 1
    while isinstance(shape, Repeat):
        count *= shape.count
        shape = shape.shape
    return count, shape


def _group(found: Findings, component: str) -> tuple[Any, ...]:
    name = component.split(".")[0]
    data = found.document.data
    return next(((g, name) for g in ("objects", "parts", "devices") if name in (data.get(g) or {})), ())


def _settings(case: Case, scene: Scene, found: Findings) -> MeshSettings:
    try:
        low, high = domain(scene)
    except MeshError as error:
        found.add(("domain",), str(error))
        found.stop()
    m = case.mesh
    largest = m.max_cell if m.max_cell is not None else max(h - l for l, h in zip(low, high)) / DEFAULT_DIVISIONS
    widths = largest if isinstance(largest, tuple) else (largest,) * 3
    for d, (l, h, w) in enumerate(zip(low, high, widths)):
        count = m.cells[d] if m.cells else (h - l) / w
        if count > MOST_CELLS_AN_AXIS / m.refine:
            found.add(("mesh", "cells" if m.cells else "max_cell"), f"gives more than {MOST_CELLS_AN_AXIS:,} cells along "
                      f"{'xyz'[d]}; {'use fewer' if m.cells else 'make it larger'}, or check the unit of the sizes")
    if m.cells and min(m.cells) < 1:
        found.add(("mesh", "cells"), f"every count must be at least 1, got {list(m.cells)}")
    if m.stretch and not m.cells:
        found.add(("mesh", "stretch"), "stretch needs `cells`; give the number of cells, or remove it (the grid is graded)")
    found.stop()
    return MeshSettings(largest, m.growth, m.min_cells_gap, m.min_cells_solid, m.refine, m.cells, m.stretch)


def _check_planes(scene: Scene, most: int, found: Findings) -> None:
    """Every plane of a body is a plane of the grid, so their product is the least number of cells."""
    planes: list[list[float]] = [[], [], []]
    for body in scene.bodies:
        for mine, more in zip(planes, body.shape.planes()):
            mine.extend(more)
    for corners in scene.marks:
        for mine, *both in zip(planes, *corners):
            mine.extend(both)
    counts = [int(np.unique(np.round(np.asarray(p) / SAME_PLANE)).size) for p in planes]
    for d, count in enumerate(counts):
        if count > MOST_PLANES:
            found.add(("mesh",), f"the bodies have faces at {count:,} places along {'xyz'[d]}; at most {MOST_PLANES:,} make "
                      "sense: use fewer fins, pins or copies, or check their thickness, gap and pitch and the units")
    least = int(np.prod([max(c - 1, 1) for c in counts], dtype=object))
    if least > most and not found.issues:
        found.add(("mesh",), f"the bodies alone need {least:,} cells ({' x '.join(str(max(c - 1, 1)) for c in counts)}), about "
                  f"{least * BYTES_PER_CELL / 1e9:,.1f} GB; this machine takes {most:,}: use fewer fins, pins or copies, or a "
                  "symmetry plane")


def _culprit(case: Case, message: str) -> tuple[Any, ...]:
    """Key that a mesh error is about, from the name that it starts with."""
    name = message.split(":")[0].removeprefix("port ").removeprefix("contact ")
    for group in ("objects", "contacts", "boundaries", "parts", "devices"):
        names = getattr(case, group)
        for n in (name, name.split(".")[0]):
            if n in names:
                return (group, n)
    for n, part in case.parts.items():
        if name in getattr(part, "dies", {}):
            return ("parts", n, "dies", name)
    return ("mesh",)
