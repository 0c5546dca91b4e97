"""Closed triangulated surfaces (STL, binary or text) and which cell centres are inside them."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.scene import Point

Array = NDArray[np.float64]
MERGE = 1e-6  # corners nearer than this share of the largest dimension are one


def read_stl(path: str | Path) -> Array:
    """Triangles of an STL file, shape (n, 3, 3), in the file's units.

    Raises
    ------
    ValueError
        If the file holds no triangles, is cut short, or its surface has holes.
    """
    data = Path(path).read_bytes()
    count = int.from_bytes(data[80:84], "little") if len(data) >= 84 else -1
    if count > 0 and not data.startswith(b"solid") and len(data) < 84 + 50 * count:
        raise ValueError(f"{path}: is cut short: its head says {count:,} triangles, {84 + 50 * count:,} bytes, but it has "
                         f"{len(data):,}: get the file again")
    if len(data) == 84 + 50 * count and count > 0:
        record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
        triangles = np.frombuffer(data, record, count, 84)["corners"].astype(float)
    else:
        words = data.decode("ascii", "replace").split()
        numbers = [words[i + 1 : i + 4] for i, w in enumerate(words) if w == "vertex"]
        try:
            triangles = np.array(numbers, float).reshape(-1, 3, 3)
        except ValueError as error:
            raise ValueError(f"{path}: not a complete STL file: a corner has less than three numbers") from error
    if triangles.size == 0:
        raise ValueError(f"{path}: holds no triangles; expected an STL file, binary or text")
    if not np.all(np.isfinite(triangles)):
        raise ValueError(f"{path}: some coordinates are not finite; repair the surface first")
    _check_closed(triangles, path)
    return triangles


def _check_closed(triangles: Array, path: str | Path) -> None:
    """Every edge must belong to an even number of triangles."""
    points = triangles.reshape(-1, 3)
    low = points.min(axis=0)
    corners = np.round((points - low) / (np.ptp(points, axis=0).max() * MERGE)).astype(np.int64)
    _, ids = np.unique(corners, axis=0, return_inverse=True)
    t = ids.reshape(-1, 3)
    edges = np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), axis=1)
    edges = edges[edges[:, 0] != edges[:, 1]]
    _, first, used = np.unique(edges, axis=0, return_index=True, return_counts=True)
    odd = first[used % 2 == 1]
    if odd.size:
        at = points[int(np.flatnonzero(ids.ravel() == edges[odd[0], 0])[0])]
        raise ValueError(f"{path}: the surface is not closed: {odd.size:,} edges belong to one triangle only, the first at "
                         f"({at[0]:.6g}, {at[1]:.6g}, {at[2]:.6g}) in the file's units; repair it in a CAD or mesh program")


@dataclass(frozen=True)
class Stl:
    """The inside of a closed surface: `scale` times the file's coordinates plus `offset`, metres."""

    path: str
    scale: float = 1.0
    offset: Point = (0.0, 0.0, 0.0)
    triangles: Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "triangles", read_stl(self.path) * self.scale + np.asarray(self.offset))

    def bounds(self) -> tuple[Point, Point]:
        """Bounding box."""
        p = self.triangles.reshape(-1, 3)
        return tuple(p.min(axis=0).tolist()), tuple(p.max(axis=0).tolist())  # type: ignore[return-value]

    def planes(self) -> tuple[list[float], list[float], list[float]]:
        """The bounding box's faces."""
        low, high = self.bounds()
        return [low[0], high[0]], [low[1], high[1]], [low[2], high[2]]

    def inside(self, x: Array, y: Array, z: Array) -> NDArray[np.bool_]:
        """Cell centres with an odd number of surface crossings on the ray towards -x.

        Rays are moved by a tiny irrational share of a cell so that they meet no edge.
        """
        shift = 1e-7 * np.ptp(self.triangles.reshape(-1, 3), axis=0)
        ys, zs = y + shift[1] * 0.7548776662, z + shift[2] * 0.5698402910
        odd = np.zeros((z.size, y.size, x.size + 1), bool)
        for a, b, c in self.triangles:
            self._cross(odd, x, ys, zs, a, b, c)
        return np.logical_xor.accumulate(odd, axis=2)[:, :, : x.size]

    @staticmethod
    def _cross(odd: NDArray[np.bool_], x: Array, y: Array, z: Array, a: Array, b: Array, c: Array) -> None:
        (y0, y1), (z0, z1) = ((min(a[d], b[d], c[d]), max(a[d], b[d], c[d])) for d in (1, 2))
        j = np.arange(*np.searchsorted(y, [y0, y1]))
        k = np.arange(*np.searchsorted(z, [z0, z1]))
        area = (b[1] - a[1]) * (c[2] - a[2]) - (c[1] - a[1]) * (b[2] - a[2])
        if j.size == 0 or k.size == 0 or area == 0:
            return
        yy, zz = y[j][None, :], z[k][:, None]
        s = ((yy - a[1]) * (c[2] - a[2]) - (c[1] - a[1]) * (zz - a[2])) / area
        t = ((b[1] - a[1]) * (zz - a[2]) - (yy - a[1]) * (b[2] - a[2])) / area
        hit = (s >= 0) & (t >= 0) & (s + t <= 1)
        kk, jj = np.nonzero(hit)
        at = a[0] + s[hit] * (b[0] - a[0]) + t[hit] * (c[0] - a[0])
        np.logical_xor.at(odd, (k[kk], j[jj], np.searchsorted(x, at)), True)

    def moved(self, offset: Point) -> Stl:
        """A copy elsewhere, without reading the file again."""
        out, o = copy(self), self.offset
        object.__setattr__(out, "offset", (o[0] + offset[0], o[1] + offset[1], o[2] + offset[2]))
        object.__setattr__(out, "triangles", self.triangles + np.asarray(offset))
        return out
