"""What fills the cells of a grid, which faces its patches have, and where its bodies touch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.grid import Grid
from coldrack.meshes.mesh import FLUID, VOID, Contact, Mesh, MeshError, Patch
from coldrack.meshes.scene import ContactLayer, Port, Scene
from coldrack.meshes.shapes import items

NAMES = "xyz"


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


def patch(port: Port, grid: Grid) -> Patch:
    """Faces of the domain that a port covers; raises `MeshError` if there are none."""
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


def contacts(layer: ContactLayer, mesh: Mesh) -> list[Contact]:
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
