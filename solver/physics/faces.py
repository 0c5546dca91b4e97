"""Faces and cells of devices as indices into the padded arrays, and sums over groups of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.devices import Plane
from coldrack.solver.physics.layout import Array, Layout

Index = NDArray[np.int64]


def face_index(layout: Layout, axis: int, faces: Index) -> Index:
    """Flat index into a padded array of faces given by their flat index in the face array of `axis`."""
    shape = list(layout.grid.shape)
    shape[2 - axis] += 1
    return cell_index(layout, np.unravel_index(faces, shape))


def cell_index(layout: Layout, index: Any) -> Index:
    """Flat index into a padded array of the cells (or faces) at (k, j, i) of arrays without ghosts."""
    return np.ravel_multi_index(tuple(np.asarray(i) + 1 for i in index), layout.shape).astype(np.int64)


def step(layout: Layout, axis: int) -> int:
    """Distance in flat index from a cell to the next one along `axis`."""
    return int(np.prod(layout.shape[3 - axis :])) if axis else 1


def areas(layout: Layout, axis: int, index: Index) -> Array:
    """Areas of faces given by their flat index into padded arrays, m2."""
    at = np.unravel_index(index, layout.shape)
    out = np.ones(index.size)
    for d in range(3):
        if d != axis:
            out *= layout.width[d][at[2 - d]]
    return out


class Groups:
    """Faces of several planes (of one axis each), as one list.

    Parameters
    ----------
    layout : Layout
    planes : list of Plane
    """

    def __init__(self, layout: Layout, planes: list[Plane]) -> None:
        parts = [face_index(layout, p.axis, p.faces) for p in planes]
        self.count = len(planes)
        self.group = np.repeat(np.arange(self.count), [p.size for p in parts])
        self.face = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        self.axis = np.repeat([p.axis for p in planes], [p.size for p in parts]).astype(np.int64)
        self.area = np.concatenate([areas(layout, p.axis, i) for p, i in zip(planes, parts)]) if parts else np.zeros(0)
        self.step = np.array([step(layout, d) for d in range(3)])[self.axis]  # from the cell below a face to that above
        self.whole = self.sum(self.area)

    def sum(self, values: Array) -> Array:
        """Sums of values per face over each plane."""
        return np.bincount(self.group, np.asarray(values, float), self.count).astype(float)

    def mean(self, values: Array) -> Array:
        """Means over the area of each plane."""
        return self.sum(values * self.area) / self.whole

    def largest(self, values: Array) -> Array:
        """Largest value on each plane."""
        out = np.full(self.count, -np.inf)
        np.maximum.at(out, self.group, values)
        return out
