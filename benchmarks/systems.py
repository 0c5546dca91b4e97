"""Linear systems A x = b on box grids, the same for every solver: face coefficients for those without a matrix, CSR for others.

Arrays of face coefficients are padded as the kernels want them: one ghost below and two above each axis, entry c the low face
of cell c. Rows without an equation (blocked cells) have no coefficients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
INNER = (slice(1, -2),) * 3
NO_FACES: dict[tuple[int, int], Any] = {}


@dataclass
class System:
    """One operator and its right-hand sides, solved one after the other, each from the solution before.

    Parameters
    ----------
    widths : list of ndarray
        Cell widths along x, y, z, m.
    planes : list of ndarray of bool, shape (n + 1,)
        Grid planes of x, y, z where the material changes.
    g : list of ndarray
        Face conductances of x, y, z, padded, W/K.
    m : list of ndarray or None
        Capacity flows through the faces, padded, W/K; upwind.
    b : list of ndarray, shape (nz, ny, nx)
        Right-hand sides, W.
    value : callable
        From the last solution, shape (nz, ny, nx), to the figure that solvers are compared by.
    reference : float or None
    """

    widths: list[Array]
    planes: list[NDArray[np.bool_]]
    g: list[Array]
    b: list[Array]
    value: Callable[[Array], float]
    m: list[Array] | None = None
    reference: float | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """(nz, ny, nx)."""
        return self.widths[2].size, self.widths[1].size, self.widths[0].size

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(np.prod(self.shape))

    def inflow(self, axis: int, side: int) -> Array:
        """Coefficients of the neighbours below (0) or above (1) along an axis, shape (nz, ny, nx)."""
        where = list(INNER)
        where[2 - axis] = slice(2, -1) if side else slice(1, -2)
        a = self.g[axis][tuple(where)]
        if self.m is None:
            return a
        m = self.m[axis][tuple(where)]
        return a + np.maximum(-m if side else m, 0.0)

    def relative_residual(self, x: Array) -> float:
        """|b - A x| / |b| in the 2-norm, for the last right-hand side."""
        r, xp = self.b[-1].copy(), np.pad(x, 1)
        for axis in range(3):
            for side in (0, 1):
                beyond = [slice(1, -1)] * 3
                beyond[2 - axis] = slice(2, None) if side else slice(0, -2)
                r -= self.inflow(axis, side) * (x - xp[tuple(beyond)])
        return float(np.linalg.norm(r) / np.linalg.norm(self.b[-1]))

    def matrix(self) -> Any:
        """The operator as a CSR matrix; 1 on the diagonal where there is no equation."""
        import scipy.sparse as sparse

        number = np.arange(self.cells, dtype=np.int32).reshape(self.shape)
        diagonal, rows, columns, values = np.zeros(self.shape), [], [], []
        for axis in range(3):
            for side in (0, 1):
                a = self.inflow(axis, side)
                diagonal += a
                here, there = [slice(None)] * 3, [slice(None)] * 3
                here[2 - axis], there[2 - axis] = (slice(0, -1), slice(1, None)) if side else (slice(1, None), slice(0, -1))
                live = a[tuple(here)] > 0
                rows.append(number[tuple(here)][live])
                columns.append(number[tuple(there)][live])
                values.append(-a[tuple(here)][live])
        diagonal[diagonal == 0] = 1.0
        rows.append(number.ravel())
        columns.append(number.ravel())
        values.append(diagonal.ravel())
        data = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return sparse.coo_matrix(data, (self.cells, self.cells)).tocsr()


def along(a: Array, axis: int) -> Array:
    """A 1-D array as one that varies along x (0), y (1) or z (2)."""
    return a.reshape([-1 if 2 - axis == d else 1 for d in range(3)])


def conductances(widths: list[Array], k: Any, fixed: dict[tuple[int, int], Any]) -> list[Array]:
    """Padded face conductances: half cells in series.

    Parameters
    ----------
    widths : list of ndarray
    k : ndarray, shape (nz, ny, nx), or a function of the axis that returns one
        Conductivity, W/(m K); 0 blocks.
    fixed : dict
        Sides that hold a value, (axis, side): True for all of the side or a mask of its plane. Others are insulated.
    """
    out = []
    for axis in range(3):
        d, ka = 2 - axis, k(axis) if callable(k) else k
        with np.errstate(divide="ignore"):
            half = 0.5 * along(widths[axis], axis) / ka
        g = np.zeros([n + 3 for n in ka.shape])
        inner = list(INNER)
        inner[d] = slice(1, -1)
        faces = g[tuple(inner)]
        low, high = np.moveaxis(half, d, 0)[:-1], np.moveaxis(half, d, 0)[1:]
        moved = np.moveaxis(faces, d, 0)
        moved[1:-1] = 1.0 / (low + high)
        for side, (face, cell) in enumerate(((0, 0), (-1, -1))):
            mask = fixed.get((axis, side))
            if mask is not None:
                moved[face] = np.where(mask, 1.0 / np.moveaxis(half, d, 0)[cell], 0.0)
        for other in range(3):
            if other != axis:
                faces *= along(widths[other], other)
        out.append(g)
    return out


def material_planes(k: Array) -> list[NDArray[np.bool_]]:
    """Grid planes of x, y, z with different conductivity on their two sides anywhere."""
    flags = []
    for axis in range(3):
        moved = np.moveaxis(k, 2 - axis, 0)
        flag = np.zeros(moved.shape[0] + 1, bool)
        flag[1:-1] = np.any(moved[1:] != moved[:-1], axis=(1, 2))
        flags.append(flag)
    return flags


def volumes(widths: list[Array]) -> Array:
    """Cell volumes, shape (nz, ny, nx)."""
    return along(widths[0], 0) * along(widths[1], 1) * along(widths[2], 2)


def centres(widths: list[Array]) -> list[Array]:
    """Cell centres along x, y, z."""
    return [np.cumsum(w) - 0.5 * w for w in widths]


def in_box(widths: list[Array], low: tuple[float, ...], high: tuple[float, ...]) -> NDArray[np.bool_]:
    """Cells whose centres lie in a box, shape (nz, ny, nx)."""
    inside = [(c > a) & (c < b) for c, a, b in zip(centres(widths), low, high)]
    return inside[2][:, None, None] & inside[1][None, :, None] & inside[0][None, None, :]


def random_sources(widths: list[Array], k: Array, seed: int = 3) -> Array:
    """Random heat of zero mean and equal spread per volume in the cells that conduct."""
    return np.random.default_rng(seed).standard_normal(k.shape) * volumes(widths) * (k > 0)
