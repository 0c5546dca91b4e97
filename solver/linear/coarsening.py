"""Axis-adaptive coarsening: per axis, merge only the smallest neighbouring cells, and not across material planes.

Grids stay tensor products, so a level is three integer maps. Pairs across a flagged plane (where the material or the
blockage changes) count as `PLANE_PENALTY` times wider and so merge later: fins and gaps stay apart until the cells along
them are as long. A flow couples cells along its axis however long they are, so there they merge first: otherwise what varies
across a closed eddy's plane alone is left to nobody. Relative of the L-shaped coarsening of bin Zubair, MacLachlan &
Oosterlee, Numer. Linear Algebra Appl. 17 (2010) 437, for stretched grids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PLANE_PENALTY = 4.0
# A level merges the pairs up to so many times as wide as its narrowest, with a flow: more makes fewer levels and slower cycles.
SPREAD, SPREAD_ADVECTED = 3.0, 2.0
# A level that keeps more of the cells costs as much as the finer one and gains little: then wider pairs merge as well.
KEPT, WIDER = 0.9, tuple(1.2**n for n in range(9))
COARSEST_CELLS = 128
MAX_LEVELS = 60


@dataclass(frozen=True)
class Axis:
    """Cell widths of one axis and which of its inner planes separate materials.

    `width` has n entries; `flag[i]` belongs to the plane below cell i (n + 1 entries, the two ends unused). Where the
    operator is anisotropic, `width` is the cell width that an isotropic medium of the same couplings would have.
    """

    width: NDArray[np.float64]
    flag: NDArray[np.bool_]


def _pair_widths(axis: Axis, drift: float = 0.0) -> NDArray[np.float64]:
    """Widths of merged pairs as `merge` counts them.

    `drift`, half the cell Peclet number over the width, 1/m: upwind, flow couples drift h times as strongly as conduction.
    """
    merged = axis.width[:-1] + axis.width[1:]
    merged = merged / np.sqrt(1.0 + 0.5 * drift * merged)
    return np.where(axis.flag[1:-1], merged * PLANE_PENALTY, merged)


def merge(axis: Axis, largest: float, drift: float = 0.0) -> NDArray[np.int64]:
    """First fine cell of every coarse cell (and the end), merging pairs no wider than `largest`."""
    pairs = _pair_widths(axis, drift)
    start, i, n = [], 0, axis.width.size
    while i < n:
        start.append(i)
        i += 2 if i < n - 1 and pairs[i] <= largest else 1
    return np.array([*start, n])


def coarser(axis: Axis, start: NDArray[np.int64]) -> Axis:
    """The axis whose cells are the groups that `start` names."""
    edges = np.concatenate([[0.0], np.cumsum(axis.width)])
    return Axis(np.diff(edges[start]), axis.flag[start])


def plan(axes: tuple[Axis, Axis, Axis], drift: Sequence[float] = (0.0, 0.0, 0.0),
         spread: float = SPREAD) -> list[tuple[NDArray[np.int64], ...]]:
    """Merge maps (x, y, z) from each level to the next, finest first, down to about `COARSEST_CELLS` cells.

    Parameters
    ----------
    axes : tuple of Axis
    drift : sequence of float
        Along x, y, z: mean upwind coupling by the flow over that by conduction and the cell's width, 1/m.
    spread : float
        `SPREAD` or `SPREAD_ADVECTED`.
    """
    levels: list[tuple[NDArray[np.int64], ...]] = []
    while len(levels) < MAX_LEVELS and np.prod([a.width.size for a in axes]) > COARSEST_CELLS:
        pairs = [_pair_widths(a, d) for a, d in zip(axes, drift) if a.width.size > 1]
        if not pairs:
            break
        narrowest = min(p.min() for p in pairs)
        for wider in WIDER:
            starts = tuple(merge(a, wider * spread * narrowest, d) for a, d in zip(axes, drift))
            if np.prod([(s.size - 1) / s[-1] for s in starts]) <= KEPT:
                break
        axes = tuple(coarser(a, s) for a, s in zip(axes, starts))  # type: ignore[assignment]
        levels.append(starts)
    return levels


def padded(start: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The same map on padded indices: `start` with ghosts, and each fine cell's parent."""
    n, m = int(start[-1]), start.size - 1
    full = np.concatenate([[0], start + 1, [n + 2]]).astype(np.int32)
    parent = np.repeat(np.arange(m), np.diff(start)) + 1
    return full, np.concatenate([[0], parent, [m + 1, m + 2]]).astype(np.int32)
