"""The padded layout shared by all kernels: one ghost cell below and two above each axis.

A cell-centred field of shape (nz, ny, nx) lives at [1:nz+1, 1:ny+1, 1:nx+1] of an array (nz+3, ny+3, nx+3); the
velocity along an axis lives on the low face of the cell with its index, so its faces take one more layer. Kernel extents
are (nx+1, ny+1, nz+1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.grid import Grid
from coldrack.meshes.mesh import Mesh, Patch

Array = NDArray[np.float64]
INNER = (slice(1, -2),) * 3


class Layout:
    """Index arithmetic and 1-D metrics of one grid on a backend."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        nz, ny, nx = grid.shape
        self.shape = (nz + 3, ny + 3, nx + 3)
        self.n = (nx + 1, ny + 1, nz + 1)
        self.width = tuple(pad_width(h) for h in grid.widths)
        self.face = tuple(pad_face(f) for f in grid.faces)
        self.centre = tuple(pad_centre(f) for f in grid.faces)

    def positions(self, axis: int) -> tuple[list[Array], list[Array], list[Array]]:
        """Positions of a field's unknowns, of their low faces, and inverse distances, per axis, with one spare entry each.

        Axis 3 is the temperature's: unknowns at cell centres, ghost values where they hold, on the domain's surface.
        """
        pos, face = [], []
        for d in range(3):
            if d == axis:  # unknowns on faces, control-volume faces at the centres below them
                pos.append(self.face[d])
                face.append(np.concatenate([self.centre[d][:1], self.centre[d][:-1]]))
            else:
                pos.append(surface_centre(self.grid.faces[d]) if axis == 3 else self.centre[d])
                face.append(self.face[d])
        inverse = []
        for p in pos:
            gap = np.diff(p)
            inverse.append(np.concatenate([[0.0], np.where(gap > 0, 1.0 / np.where(gap > 0, gap, 1.0), 0.0), [0.0]]))
        return [np.append(p, p[-1]) for p in pos], [np.append(f, f[-1]) for f in face], inverse

    def pad(self, field: NDArray[Any], fill: float = 0.0) -> NDArray[Any]:
        """A cell-centred field with ghosts of value `fill`."""
        out = np.full(self.shape, fill, dtype=field.dtype)
        out[INNER] = field
        return out

    def pad_faces(self, field: Array, axis: int) -> Array:
        """A face field (one more along `axis`) on the padded array."""
        out = np.zeros(self.shape)
        s = [slice(1, n - 2) for n in self.shape]
        s[2 - axis] = slice(1, self.shape[2 - axis] - 1)
        out[tuple(s)] = field
        return out

    def faces(self, padded: NDArray[Any], axis: int) -> NDArray[Any]:
        """The real faces of a padded face field: inverse of `pad_faces`, as a view."""
        s = [slice(1, n - 2) for n in self.shape]
        s[2 - axis] = slice(1, self.shape[2 - axis] - 1)
        return padded[tuple(s)]

    def ghosts(self, patch: Patch) -> tuple[Any, ...]:
        """Index (into padded arrays) of the ghost cells behind a patch."""
        return self._layer(patch, 0 if patch.side == 0 else self.shape[2 - patch.axis] - 2)

    def inside(self, patch: Patch) -> tuple[Any, ...]:
        """Index of the cells under a patch."""
        return self._layer(patch, 1 if patch.side == 0 else self.shape[2 - patch.axis] - 3)

    def boundary_faces(self, patch: Patch) -> tuple[Any, ...]:
        """Index (into padded face arrays of the patch's axis) of the patch's faces."""
        return self._layer(patch, 1 if patch.side == 0 else self.shape[2 - patch.axis] - 2)

    def _layer(self, patch: Patch, position: int) -> tuple[Any, ...]:
        first, second = np.nonzero(patch.mask)
        index: list[Any] = [first + 1, second + 1]
        index.insert(2 - patch.axis, np.full(first.size, position))
        return tuple(index)

    def coordinates(self, patch: Patch) -> tuple[Array, Array, Array]:
        """Face-centre coordinates (x, y, z) of a patch's faces, each shape (m,)."""
        index = self.boundary_faces(patch)
        out = []
        for d in range(3):
            where = index[2 - d]
            out.append(self.face[d][where] if d == patch.axis else self.centre[d][where])
        return out[0], out[1], out[2]

    def areas(self, patch: Patch) -> Array:
        """Areas of a patch's faces, shape (m,), m2."""
        index = self.boundary_faces(patch)
        b, c = (d for d in range(3) if d != patch.axis)
        return self.width[b][index[2 - b]] * self.width[c][index[2 - c]]


def pad_width(h: Array) -> Array:
    """Cell widths with ghosts as wide as their neighbours."""
    return np.concatenate([h[:1], h, h[-1:], h[-1:]])


def pad_face(f: Array) -> Array:
    """Low-face coordinates of the padded cells."""
    low, high = f[1] - f[0], f[-1] - f[-2]
    return np.concatenate([[f[0] - low], f, [f[-1] + high]])


def pad_centre(f: Array) -> Array:
    """Centres of the padded cells."""
    full = np.concatenate([pad_face(f), [f[-1] + 2 * (f[-1] - f[-2])]])
    return 0.5 * (full[1:] + full[:-1])


def surface_centre(f: Array) -> Array:
    """Centres of the cells, with the ghosts on the first and the last face."""
    return np.concatenate([f[:1], 0.5 * (f[1:] + f[:-1]), f[-1:], f[-1:]])


def material_planes(mesh: Mesh, label: NDArray[Any]) -> list[NDArray[np.bool_]]:
    """Per axis (x, y, z), which planes have different `label` on their two sides anywhere; n + 1 entries, ends False."""
    flags = []
    for axis in range(3):
        a = 2 - axis
        n = label.shape[a]
        flag = np.zeros(n + 1, bool)
        if n > 1:
            other = tuple(d for d in range(3) if d != a)
            lo = label.take(np.arange(n - 1), axis=a)
            flag[1:-1] = np.any(lo != label.take(np.arange(1, n), axis=a), axis=other)
        flags.append(flag)
    return flags
