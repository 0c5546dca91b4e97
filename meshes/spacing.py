"""The grid of a scene: planes that it snaps to, fewest cells between them, faces."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.axes import AxisError, axis_faces, unique_planes
from coldrack.meshes.grid import Grid
from coldrack.meshes.mesh import FLUID, VOID, MeshError
from coldrack.meshes.paint import NAMES, paint
from coldrack.meshes.scene import MeshSettings, Point, Scene
from coldrack.meshes.shapes import items


def planes_of(scene: Scene, low: Point, high: Point) -> list[NDArray[np.float64]]:
    """Coordinates along x, y, z where the grid must have faces: those of bodies, ports and marks in the domain, m."""
    found: list[list[float]] = [[low[d], high[d]] for d in range(3)]
    for body in scene.bodies:
        for mine, more in zip(found, body.shape.planes()):
            mine.extend(more)
    for port in scene.ports:
        if port.low is not None and port.high is not None:
            for d, a, b in zip([d for d in range(3) if d != port.axis], port.low, port.high):
                found[d].extend([a, b])
    for corners in scene.marks:
        for mine, *more in zip(found, *corners):
            mine.extend(more)
    out = []
    for d, values in enumerate(found):
        slack = 1e-9 * (high[d] - low[d])
        kept = [min(max(v, low[d]), high[d]) for v in values if low[d] - slack <= v <= high[d] + slack]
        try:
            out.append(unique_planes(kept, max(1e-10, slack)))
        except AxisError as error:
            raise MeshError(f"axis {NAMES[d]}: {error}") from error
    return out


def exact_grid(planes: list[NDArray[np.float64]], settings: MeshSettings) -> Grid:
    """Exactly as many cells as asked for; raises `MeshError` where their faces miss a plane."""
    faces = []
    stretch = settings.stretch or (0.0, 0.0, 0.0)
    for d, (p, n) in enumerate(zip(planes, settings.exact)):  # type: ignore[arg-type]
        count = max(1, round(n * settings.refine)) if n > 1 else 1
        s = np.linspace(-1.0, 1.0, count + 1)
        if stretch[d] > 0:
            s = np.tanh(stretch[d] * s) / np.tanh(stretch[d])
        f = p[0] + (p[-1] - p[0]) * 0.5 * (1.0 + s)
        f[0], f[-1] = p[0], p[-1]
        for value in p[1:-1]:
            near = int(np.abs(f - value).argmin())
            if abs(f[near] - value) > 1e-6 * (p[-1] - p[0]):
                raise MeshError(
                    f"axis {NAMES[d]}: {count} equal cells have no face at {value:.6g} m, where a body, port or device "
                    "has one; choose another count or drop mesh.cells"
                )
            f[near] = value
        faces.append(f)
    return Grid(*faces)


def graded_grid(scene: Scene, planes: list[NDArray[np.float64]], settings: MeshSettings) -> Grid:
    """Faces on all planes, with enough cells in each gap, fin and layer, graded in between."""
    largest = settings.max_cell
    sizes = largest if isinstance(largest, tuple) else (largest, largest, largest)
    coarse = paint(scene, Grid(*planes), strict=False)
    label = np.where(coarse.material > 1, 2 + coarse.component.astype(int), coarse.material)  # void, coolant, solids by body
    faces = []
    for d in range(3):
        least = _least_counts(scene, planes[d], label, d, settings)
        try:
            faces.append(axis_faces(planes[d], least, sizes[d], settings.growth, settings.refine))
        except AxisError as error:
            raise MeshError(f"axis {NAMES[d]}: {error}") from error
    return Grid(*faces)


def _least_counts(scene: Scene, planes: Any, label: Any, axis: int, settings: MeshSettings) -> NDArray[np.int64]:
    """Fewest cells of each interval between planes, from bodies, and from gaps and layers as they are after overwriting."""
    length = np.diff(planes)
    least = np.ones(length.size, np.int64)

    def ask(first: int, last: int, count: int) -> None:
        share = np.ceil(count * length[first:last] / length[first:last].sum() - 1e-9).astype(np.int64)
        least[first:last] = np.maximum(least[first:last], share)

    for body in scene.bodies:
        solid = body.material not in (FLUID, VOID)
        count = max(body.min_cells, settings.min_cells_solid if solid else 1)
        for item in items(body.shape):
            bl, bh = item.bounds()
            first, last = np.searchsorted(planes, [bl[axis] + 1e-10, bh[axis] - 1e-10])
            first, last = max(int(first) - 1, 0), min(int(last), length.size)
            if last > first:
                ask(first, last, count)
    lines = np.moveaxis(label, 2 - axis, -1).reshape(-1, length.size)
    for fill, count in ((lines == 1, settings.min_cells_gap), (lines > 1, settings.min_cells_solid)):
        for run in range(1, min(count, length.size + 1)):  # what spans `count` intervals has as many cells anyway
            for first in range(length.size - run + 1):
                if _alone(lines, fill, first, first + run).any():
                    ask(first, first + run, count)
    return least


def _alone(lines: Any, fill: Any, first: int, last: int) -> NDArray[np.bool_]:
    """Lines on which the intervals from `first` to before `last` are one gap or layer: filled alike, ended on both sides."""
    here = fill[:, first] & (lines[:, first:last] == lines[:, first, None]).all(axis=1)
    if first > 0:
        here &= lines[:, first - 1] != lines[:, first]
    if last < lines.shape[1]:
        here &= lines[:, last] != lines[:, first]
    return here


