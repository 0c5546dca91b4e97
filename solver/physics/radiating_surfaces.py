"""The surfaces that face the coolant: faces of the grid between coolant and what is not coolant, grouped into patches.

A patch is a piece of one plane of one component (or boundary), at most so long; what it emits and receives is uniform over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.kernels.reference.radiation import MIRROR, OPEN
from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.problem import Boundary, Problem

# What a face belongs to: a solid, a wall with a given temperature, a wall with a film outside, an inlet or outlet, or
# something adiabatic (void, other walls), which sends back all that it gets.
SOLID, FIXED, FILM, AMBIENT, ADIABATIC = range(5)
PATCHES = 1000  # about which number is gone for where no largest patch is given
MOST_PATCHES = 6000  # 300 MB a matrix
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Surfaces:
    """Faces (n) and the patches (m) that they make up.

    Parameters
    ----------
    axis, sign : ndarray, shape (n,)
        Normal of each face into the coolant: axis, and 1 upwards, -1 downwards.
    coolant, behind : tuple of ndarray, each shape (n,)
        Indices (k, j, i) into padded arrays of the cells on the face's two sides; `behind` may be a ghost.
    face : tuple of ndarray
        Indices of the face in padded face arrays of its axis.
    area : ndarray, shape (n,)
        m2.
    patch : ndarray, shape (n,)
        Number of its patch.
    kind, name, emissivity : per patch
    label : list of ndarray
        Per axis, of every face of the grid (in the shape of its velocity): number of the patch, OPEN or MIRROR.
    """

    axis: Indices
    sign: Indices
    coolant: tuple[Indices, ...]
    behind: tuple[Indices, ...]
    face: tuple[Indices, ...]
    area: Array
    patch: Indices
    kind: Indices
    name: list[str]
    emissivity: Array
    label: list[NDArray[np.int32]]

    @property
    def areas(self) -> Array:
        """Area of every patch, m2, shape (m,)."""
        return np.asarray(np.bincount(self.patch, self.area, self.kind.size), float)


class Groups:
    """What the faces behind belong to, numbered: kind, name and emissivity of each."""

    def __init__(self, problem: Problem) -> None:
        assert problem.radiation is not None
        self.problem, self.emissivity = problem, problem.radiation.emissivity
        self.number: dict[tuple[int, str, str], int] = {}
        self.entries: list[tuple[int, str, float]] = []

    def of(self, kind: int, name: str, material: str = "") -> int:
        """Number of a group."""
        key = (kind, name, material)
        if key not in self.number:
            self.number[key] = len(self.entries)
            value = 1.0 if kind == AMBIENT else 0.0 if kind == ADIABATIC else self._emissivity(name, material)
            self.entries.append((kind, name or material, value))
        return self.number[key]

    def _emissivity(self, name: str, material: str) -> float:
        """Of a component or boundary, of the part that it belongs to, of its material, else the default."""
        known = (n for n in (name, name.split(".")[0], material) if n in self.emissivity)
        return self.emissivity[next(known, "default")]

    def of_boundary(self, bc: Boundary) -> int:
        """Number of the group of a boundary's faces; MIRROR for a symmetry plane."""
        if bc.kind == "symmetry":
            return MIRROR
        kind = ADIABATIC
        if bc.kind in ("inlet", "outlet"):
            kind = AMBIENT
        elif bc.temperature is not None:
            kind = FIXED
        elif bc.heat_transfer_coefficient is not None:
            kind = FILM
        return self.of(kind, bc.name)

    def of_cells(self) -> NDArray[np.int64]:
        """Group of every cell that is not coolant, shape (nz, ny, nx)."""
        mesh = self.problem.mesh
        key = mesh.component.astype(np.int64) * len(mesh.materials) + mesh.material
        table = np.full(int(key.max()) + 1, OPEN)
        for k in np.unique(key[~mesh.fluid]):
            component, material = divmod(int(k), len(mesh.materials))
            name = mesh.components[component - 1] if component else ""
            table[k] = self.of(SOLID, name, mesh.materials[material]) if material else self.of(ADIABATIC, name, "void")
        return table[key]


def surfaces(problem: Problem, layout: Layout) -> Surfaces:
    """Find all faces and make patches of them.

    Raises
    ------
    ValueError
        Where there are more than `MOST_PATCHES`.
    """
    assert problem.radiation is not None
    groups = Groups(problem)
    belongs = [_belongs(problem, layout, groups, axis) for axis in range(3)]
    axis, sign, plane, cells, group = (np.concatenate(parts) for parts in zip(*_faces(problem, belongs)))
    kind = np.array([k for k, _, _ in groups.entries])[group]
    face, coolant, behind = ([c + 1 for c in cells.T] for _ in range(3))  # padded
    for d in range(3):
        on = axis == d
        face[2 - d] = np.where(on, plane + 1, face[2 - d])
        behind[2 - d] = behind[2 - d] - np.where(on, sign, 0)
    patch = _patches(problem, layout, axis, sign, plane, coolant, group, kind == AMBIENT)
    first = np.unique(patch, return_index=True)[1]
    entries = [groups.entries[g] for g in group[first]]
    label = [np.where(b == MIRROR, MIRROR, OPEN).astype(np.int32) for b in belongs]
    for d, values in enumerate(label):
        on = axis == d
        values[tuple(f[on] - 1 for f in face)] = patch[on]
    area = np.ones(axis.size)
    for d in range(3):
        area *= np.where(axis == d, 1.0, layout.width[d][coolant[2 - d]])
    return Surfaces(axis, sign, tuple(coolant), tuple(behind), tuple(face), area, patch, kind[first],
                    [name for _, name, _ in entries], np.array([e for _, _, e in entries]), label)


def _belongs(problem: Problem, layout: Layout, groups: Groups, axis: int) -> Any:
    """Group that every face normal to an axis belongs to: OPEN between two cells of coolant, or of something else."""
    a, wet, cells = 2 - axis, problem.mesh.fluid, groups.of_cells()
    behind = np.pad(cells, [(1, 1) if d == a else (0, 0) for d in range(3)], constant_values=groups.of(ADIABATIC, "", "wall"))
    boundary = layout.pad_faces(np.zeros([n + (d == a) for d, n in enumerate(cells.shape)]), axis).astype(np.int64)
    boundary[...] = OPEN
    for bc in problem.boundaries:
        patch = problem.mesh.patches[bc.name]
        if patch.axis == axis:
            boundary[layout.boundary_faces(patch)] = groups.of_boundary(bc)
    given = layout.faces(boundary, axis)
    dry = np.pad(~wet, [(1, 1) if d == a else (0, 0) for d in range(3)], constant_values=True)
    n = wet.shape[a]
    low, high = np.arange(n + 1), np.arange(1, n + 2)
    below, above = dry.take(low, a), dry.take(high, a)
    out = np.where(below, behind.take(low, a), behind.take(high, a))
    out = np.where(given != OPEN, given, out)
    return np.where(below != above, out, OPEN)


def _faces(problem: Problem, belongs: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Per axis and direction: axis, sign, plane, cells of coolant (3, n) and group of the faces that belong to something."""
    wet = problem.mesh.fluid
    for axis, group in enumerate(belongs):
        a, n = 2 - axis, wet.shape[2 - axis]
        for sign in (1, -1):
            side = np.moveaxis(wet, a, 0)
            there = np.zeros((n + 1, *side.shape[1:]), bool)
            there[0 if sign > 0 else 1:][:n] = side
            index = np.nonzero(np.moveaxis(there, 0, a) & (group >= 0))
            cells = np.array(index)
            cells[a] -= 0 if sign > 0 else 1
            count = cells.shape[1]
            yield np.full(count, axis), np.full(count, sign), index[a], cells.T, group[index]


def _patches(problem: Problem, layout: Layout, axis: Any, sign: Any, plane: Any, coolant: Any, group: Any, whole: Any) -> Any:
    """Number of every face's patch; faces that are `whole` make one patch of their group."""
    assert problem.radiation is not None
    key = _numbered(*(np.where(whole, 0, q) for q in (axis, sign + 1, plane)), group)
    spans = []
    for turn in (1, 2):
        low, high = np.zeros(axis.size), np.zeros(axis.size)
        for d in range(3):
            on, c = axis == d, coolant[2 - (d + turn) % 3]
            f = layout.face[(d + turn) % 3]
            low[on], high[on] = f[c[on]], f[c[on] + 1]
        start, end = (np.full(int(key.max(initial=-1)) + 1, value) for value in (np.inf, -np.inf))
        np.minimum.at(start, key, low)
        np.maximum.at(end, key, high)
        spans.append((0.5 * (low + high) - start[key], (end - start)[key]))

    def cut(size: float) -> Any:
        blocks = [key]
        for place, length in spans:
            count = np.where(whole, 1, np.maximum(np.ceil(length / size - 1e-9), 1.0))
            blocks.append(np.minimum(place / length * count, count - 1).astype(np.int64))
        return _numbered(*blocks)

    size = problem.radiation.largest_patch
    if size is None:
        longest = max(float(f[-1] - f[0]) for f in problem.mesh.grid.faces)
        sizes = longest * 0.5 ** np.arange(1.0, 7.0, 0.5)
        size = next((s for s in sizes[::-1] if int(cut(s).max(initial=-1)) < PATCHES), sizes[0])
    patch = cut(size)
    count = int(patch.max(initial=-1)) + 1
    if count > MOST_PATCHES:
        raise ValueError(f"radiation: {count:,} patches of surface, at most {MOST_PATCHES:,} make sense; "
                         "make `largest_patch` larger, or the grid coarser")
    return patch


def _numbered(*keys: Any) -> Any:
    """Tuples of whole numbers, none negative, as one number each: 0, 1, ... in their order."""
    flat = np.zeros(keys[0].size, np.int64)
    for key in keys:
        flat = flat * (int(key.max(initial=0)) + 1) + key
    return np.unique(flat, return_inverse=True)[1].reshape(-1)
