"""Non-uniform Cartesian grid: three arrays of face coordinates, everything else is derived."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Tensor-product grid of box cells.

    Parameters
    ----------
    x, y, z : ndarray, shape (n + 1,)
        Coordinates of the cell faces along each axis, strictly increasing, in metres.

    Raises
    ------
    ValueError
        If an axis has fewer than two faces, is not finite or does not increase.
    """

    x: Array
    y: Array
    z: Array

    def __post_init__(self) -> None:
        for name in "xyz":
            faces = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            if faces.ndim != 1 or faces.size < 2 or not np.all(np.isfinite(faces)) or np.any(np.diff(faces) <= 0):
                raise ValueError(f"grid axis {name}: needs at least two finite, strictly increasing face coordinates")
            object.__setattr__(self, name, faces)

    @property
    def faces(self) -> tuple[Array, Array, Array]:
        """Face coordinates (x, y, z)."""
        return self.x, self.y, self.z

    @cached_property
    def widths(self) -> tuple[Array, Array, Array]:
        """Cell widths (dx, dy, dz), in metres."""
        return np.diff(self.x), np.diff(self.y), np.diff(self.z)

    @cached_property
    def centres(self) -> tuple[Array, Array, Array]:
        """Cell-centre coordinates (xc, yc, zc), in metres."""
        return tuple(0.5 * (f[1:] + f[:-1]) for f in self.faces)  # type: ignore[return-value]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Array shape (nz, ny, nx): x is the fastest index."""
        return self.z.size - 1, self.y.size - 1, self.x.size - 1

    @property
    def cells(self) -> int:
        """Number of cells."""
        nz, ny, nx = self.shape
        return nz * ny * nx

    def volumes(self) -> Array:
        """Cell volumes, shape (nz, ny, nx), in m3."""
        dx, dy, dz = self.widths
        return dz[:, None, None] * dy[None, :, None] * dx[None, None, :]

    def face_areas(self, axis: int) -> Array:
        """Areas of the faces normal to `axis` (0 = x, 1 = y, 2 = z), broadcastable to their array, in m2."""
        dx, dy, dz = self.widths
        if axis == 0:
            return (dz[:, None] * dy[None, :])[:, :, None]
        if axis == 1:
            return (dz[:, None] * dx[None, :])[:, None, :]
        return (dy[:, None] * dx[None, :])[None, :, :]
