"""From a scene to a mesh: planes, faces, materials and components per cell, patches, contacts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.axes import AxisError, axis_faces, unique_planes
from coldrack.meshes.grid import Grid
from coldrack.meshes.mesh import FLUID, VOID, Contact, Mesh, Patch
from coldrack.meshes.scene import ContactLayer, MeshSettings, Point, Port, Scene
from coldrack.meshes.shapes import items

BYTES_PER_CELL = 400
NAMES = "xyz"


class MeshError(ValueError):
    """A scene that cannot be meshed; the message names the body, port or axis."""


def build_mesh(scene: Scene, settings: MeshSettings, most_cells: int | None = None) -> Mesh:
    """Mesh a scene.

    Parameters
    ----------
    scene : Scene
    settings : MeshSettings
    most_cells : int, optional
        Refuse grids with more cells than this.

    Raises
    ------
    MeshError
        For bodies outside the domain or without cells, planes too near, ports not on coolant, grids too large.
    """
    low, high = domain(scene)
    _check_inside(scene, low, high)
    planes = _planes(scene, low, high)
    if settings.exact is not None:
        grid = _exact_grid(planes, settings)
    else:
        grid = _graded_grid(scene, planes, settings)
    if most_cells is not None and grid.cells > most_cells:
        raise MeshError(f"the grid has {grid.cells:,} cells, about {grid.cells * BYTES_PER_CELL / 1e9:.1f} GB; "
                        f"this machine takes {most_cells:,}: raise mesh.max_cell or lower mesh.refine")
    mesh = paint(scene, grid)
    for port in scene.ports:
        mesh.patches[port.name] = _patch(port, grid)
    mesh.contacts = [c for layer in scene.contacts for c in _contacts(layer, mesh)]
    return mesh


def domain(scene: Scene) -> tuple[Point, Point]:
    """Corners of the domain: given, or the bounding box of the bodies."""
    if not scene.bodies and (scene.low is None or scene.high is None):
        raise MeshError("there is nothing to mesh: no bodies and no domain")
    bounds = [b.shape.bounds() for b in scene.bodies]
    low = scene.low or tuple(min(b[0][d] for b in bounds) for d in range(3))
    high = scene.high or tuple(max(b[1][d] for b in bounds) for d in range(3))
    if any(h <= l for l, h in zip(low, high)):
        raise MeshError(f"the domain from {low} to {high} m is empty")
    return low, high  # type: ignore[return-value]


def _check_inside(scene: Scene, low: Point, high: Point) -> None:
    for body in scene.bodies:
        bl, bh = body.shape.bounds()
        for d in range(3):
            slack = 1e-9 * (high[d] - low[d])
            cut_low, cut_high = (d, 0) in scene.cut, (d, 1) in scene.cut
            if bh[d] <= low[d] or bl[d] >= high[d]:
                raise MeshError(f"{body.name}: lies outside the domain along {NAMES[d]}")
            if (bl[d] < low[d] - slack and not cut_low) or (bh[d] > high[d] + slack and not cut_high):
                raise MeshError(
                    f"{body.name}: reaches from {bl[d]:.6g} to {bh[d]:.6g} m along {NAMES[d]}, the domain only "
                    f"from {low[d]:.6g} to {high[d]:.6g} m; enlarge the domain or put a symmetry there"
                )


def _planes(scene: Scene, low: Point, high: Point) -> list[NDArray[np.float64]]:
    found: list[list[float]] = [[low[d], high[d]] for d in range(3)]
    for body in scene.bodies:
        for mine, more in zip(found, body.shape.planes()):
            mine.extend(more)
    for port in scene.ports:
        if port.low is not None and port.high is not None:
            for d, a, b in zip([d for d in range(3) if d != port.axis], port.low, port.high):
                found[d].extend([a, b])
    out = []
    for d, values in enumerate(found):
        slack = 1e-9 * (high[d] - low[d])
        kept = [min(max(v, low[d]), high[d]) for v in values if low[d] - slack <= v <= high[d] + slack]
        try:
            out.append(unique_planes(kept, max(1e-10, slack)))
        except AxisError as error:
            raise MeshError(f"axis {NAMES[d]}: {error}") from error
    return out


def _exact_grid(planes: list[NDArray[np.float64]], settings: MeshSettings) -> Grid:
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
                    f"axis {NAMES[d]}: {count} equal cells have no face at {value:.6g} m, where a body or port "
                    "has one; choose another count or drop mesh.cells"
                )
            f[near] = value
        faces.append(f)
    return Grid(*faces)


def _graded_grid(scene: Scene, planes: list[NDArray[np.float64]], settings: MeshSettings) -> Grid:
    largest = settings.max_cell
    sizes = largest if isinstance(largest, tuple) else (largest, largest, largest)
    coarse = paint(scene, Grid(*planes), strict=False)
    label = np.where(coarse.material > 1, 2 + coarse.component.astype(int), coarse.material)  # void, coolant, solids by body
    faces = []
    for d in range(3):
        least = _least_counts(scene, planes[d], label, d, settings)
        faces.append(axis_faces(planes[d], least, sizes[d], settings.growth, settings.refine))
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


def paint(scene: Scene, grid: Grid, strict: bool = True) -> Mesh:
    """Fill a grid with the bodies, later ones over earlier ones."""
    materials = [VOID, FLUID]
    components: list[str] = []

    def index_of(name: str, names: list[str]) -> int:
        if name not in names:
            names.append(name)
        return names.index(name)

    material = np.full(grid.shape, index_of(scene.background, materials), np.uint8)
    component = np.zeros(grid.shape, np.uint16)
    for body in scene.bodies:
        m = index_of(body.material, materials)
        c = 0 if body.material in (VOID, FLUID) else 1 + index_of(body.name, components)
        painted = 0
        for item in items(body.shape):
            painted += _paint_one(item, grid, material, component, m, c)
        if strict and painted == 0:
            raise MeshError(f"{body.name}: no cell centre lies inside it; it is too small for the grid")
    return Mesh(grid, material, materials, component, components)


def _paint_one(item: Any, grid: Grid, material: Any, component: Any, m: int, c: int) -> int:
    low, high = item.bounds()
    ranges = [np.searchsorted(x, [l, h]) for x, l, h in zip(grid.centres, low, high)]
    (i0, i1), (j0, j1), (k0, k1) = ranges
    if i1 <= i0 or j1 <= j0 or k1 <= k0:
        return 0
    x, y, z = grid.centres
    inside = item.inside(x[i0:i1], y[j0:j1], z[k0:k1])
    box = (slice(k0, k1), slice(j0, j1), slice(i0, i1))
    material[box][inside] = m
    component[box][inside] = c
    return int(np.count_nonzero(inside))


def _patch(port: Port, grid: Grid) -> Patch:
    first, second = (grid.centres[d] for d in range(3) if d != port.axis)
    mask = np.ones((second.size, first.size), bool)
    if port.low is not None and port.high is not None:
        (a0, b0), (a1, b1) = port.low, port.high
        mask = ((second > b0) & (second < b1))[:, None] & ((first > a0) & (first < a1))[None, :]
        if port.disc:
            u = (first - 0.5 * (a0 + a1)) / (0.5 * (a1 - a0))
            v = (second - 0.5 * (b0 + b1)) / (0.5 * (b1 - b0))
            mask &= (u[None, :] ** 2 + v[:, None] ** 2) < 1.0
    if not mask.any():
        raise MeshError(f"port {port.name}: covers no face of the domain's {NAMES[port.axis]} side")
    return Patch(port.name, port.axis, port.side, mask)


def _contacts(layer: ContactLayer, mesh: Mesh) -> list[Contact]:
    """Faces between touching cells of the layer's two components."""
    first, second = (_component_cells(mesh, n, layer.name) for n in (layer.first, layer.second))
    out = []
    for axis in range(3):
        a = 2 - axis
        lo, hi = [slice(None)] * 3, [slice(None)] * 3
        lo[a], hi[a] = slice(0, -1), slice(1, None)
        l, h = tuple(lo), tuple(hi)
        different = mesh.component[l] != mesh.component[h]
        touch = ((first[l] & second[h]) | (second[l] & first[h])) & different
        shape = list(touch.shape)
        shape[a] += 2
        faces = np.zeros(shape, bool)
        inner = [slice(None)] * 3
        inner[a] = slice(1, -1)
        faces[tuple(inner)] = touch
        if faces.any():
            out.append(Contact(layer.name, axis, np.flatnonzero(faces), layer.resistance))
    if not out:
        raise MeshError(f"contact {layer.name}: {layer.first} and {layer.second} touch nowhere")
    return out


def _component_cells(mesh: Mesh, name: str, layer: str) -> NDArray[np.bool_]:
    if name == "*":
        return mesh.material != 0
    if name not in mesh.components:
        raise MeshError(f"contact {layer}: no component {name!r}; there are {', '.join(mesh.components)}")
    return mesh.cells_of(name)
