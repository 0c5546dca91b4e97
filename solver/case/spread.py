"""Power maps over the cells of a component, so that every watt is kept."""

from __future__ import annotations

import numpy as np

from coldrack.meshes.mesh import Mesh
from coldrack.solver.case.power_map import SAME, Array, PowerMap


def _edges(tiles: PowerMap, axis: int, length: float, component: str) -> Array:
    """Tile edges half way between the centres, the outer ones at 0 and `length`."""
    name = "xy"[axis]
    centres = (tiles.x, tiles.y)[axis] * (length if tiles.relative else 1.0)
    if centres[-1] > length * (1 + 1e-9):
        raise ValueError(f"{tiles.file}: {name} reaches {centres[-1]:.4g} m, {component} only {length:.4g} m from its corner; "
                         "check the unit in the header")
    if centres.size > 1:  # a single tile covers everything
        first, last = centres[1] - centres[0], centres[-1] - centres[-2]
        if centres[0] > first * (1 + SAME) or length - centres[-1] > last * (1 + SAME):
            low, high = max(centres[0] - 0.5 * first, 0.0), centres[-1] + 0.5 * last
            raise ValueError(f"{tiles.file}: the tiles reach along {name} from {low:.4g} to {high:.4g} m only, {component} "
                             f"from 0 to {length:.4g} m; add tiles (with q = 0 where there is no heat), or check the unit in "
                             "the header")
    return np.concatenate(([0.0], 0.5 * (centres[1:] + centres[:-1]), [length]))


def _overlap(faces: Array, edges: Array) -> Array:
    """Length shared by every interval of `faces` (rows) with every one of `edges` (columns)."""
    low = np.maximum(faces[:-1, None], edges[None, :-1])
    high = np.minimum(faces[1:, None], edges[None, 1:])
    return np.maximum(high - low, 0.0)


def spread(tiles: PowerMap, mesh: Mesh, component: str) -> Array:
    """Watts per cell, shape (nz, ny, nx): each column of cells takes its share of the tiles above it, evenly by height.

    The tiles cover the bounding rectangle of the component; what falls beside a component that is no rectangle is left out.
    """
    cells = mesh.cells_of(component)
    if not cells.any():
        raise ValueError(f"{component} has no cells of its own")
    grid = mesh.grid
    jj, ii = np.flatnonzero(cells.any(axis=(0, 2))), np.flatnonzero(cells.any(axis=(0, 1)))
    x0, x1, y0, y1 = grid.x[ii[0]], grid.x[ii[-1] + 1], grid.y[jj[0]], grid.y[jj[-1] + 1]
    wx = _overlap(grid.x - x0, _edges(tiles, 0, float(x1 - x0), component))
    wy = _overlap(grid.y - y0, _edges(tiles, 1, float(y1 - y0), component))
    with np.errstate(over="ignore", invalid="ignore"):
        watts = wy @ tiles.q @ wx.T
        dz = grid.widths[2][:, None, None] * cells
        height = dz.sum(axis=0)
        out: Array = np.divide(dz, height, out=np.zeros_like(dz), where=height > 0) * watts
        total = float(out.sum())
    if not 0 < total < np.inf:
        raise ValueError(f"{tiles.file}: holds {'no' if total == 0 else 'more than any'} heat; check the values of q")
    return out
