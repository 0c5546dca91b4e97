"""Face coordinates of one axis: snapped to every plane of the geometry, fine where asked, graded in between.

A size function h(x) is the smallest of the sizes that the intervals between planes ask for, each allowed to grow with the
distance from its interval. It says how many cells an interval gets. The widths are then the solution of a linear programme:
as near to the size function as possible, with neighbours (across planes too) differing by at most `growth`. Where whole
numbers of cells leave no such widths, the interval with the larger cell gets more cells, until they exist.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.interpolate import PchipInterpolator
from scipy.optimize import linprog

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
SLIVER = 1e-7  # planes nearer than this (m) but not equal are taken for a mistake
SAMPLES = np.concatenate([[0.0], np.geomspace(1e-8, 0.5, 200)])  # dense at the ends, where the size may change most
ROUNDS = 60
COARSE_GROWTH = 2.0
ROUND_OFF = 1e-6  # relative; the linear programme is solved to about 1e-7
MOST_CELLS = 20_000


class AxisError(ValueError):
    """Planes that no sensible grid can have faces at."""


def unique_planes(values: list[float], tolerance: float = 1e-10) -> Array:
    """Sorted planes, with those closer than `tolerance` (m) merged.

    Raises
    ------
    AxisError
        If two different planes are nearer than `SLIVER`.
    """
    planes = np.unique(np.asarray(values, float))
    keep = np.concatenate([[True], np.diff(planes) > tolerance])
    planes = planes[keep]
    gaps = np.diff(planes)
    if gaps.size and gaps.min() < SLIVER:
        at = planes[int(gaps.argmin())]
        raise AxisError(f"two planes only {gaps.min():.2g} m apart near {at:.6g} m: make them equal or move them apart")
    return planes


def axis_faces(planes: Array, least: Counts, largest: float, growth: float, refine: float = 1.0) -> Array:
    """Faces of one axis.

    Parameters
    ----------
    planes : ndarray, shape (m + 1,)
        Coordinates that must be faces, increasing, metres.
    least : ndarray of int, shape (m,)
        Fewest cells in each interval.
    largest : float
        Largest cell width, metres.
    growth : float
        Largest ratio of neighbouring widths, more than 1.
    refine : float
        Above 1 it multiplies every interval's count: the same smooth map from cell number to coordinate is read at closer
        steps, so that 2 keeps every face of 1, and neighbours differ by about growth to the power 1 / refine. Below 1 the
        axis is laid out anew, with all demands lowered: fewest cells by `refine`, largest width and growth to match, but no
        growth of more than `COARSE_GROWTH`.

    Returns
    -------
    ndarray
        Faces, the first and last on the first and last plane.

    Raises
    ------
    AxisError
        If the growth limit needs more than `MOST_CELLS` cells.
    """
    if refine < 1.0:
        least, largest = np.ceil(np.asarray(least) * refine - 1e-9), largest / refine
        growth = max(growth, min(growth ** (1.0 / refine), COARSE_GROWTH))
    counts, widths = _widths(planes, np.asarray(least, np.int64), largest, growth)
    ends = np.concatenate([[0], np.cumsum(counts)])
    faces = np.concatenate([a + np.concatenate([[0.0], np.cumsum(w)[:-1]])
                            for a, w in zip(planes, np.split(widths, ends[1:-1]))] + [planes[-1:]])
    if refine <= 1.0:
        return faces
    fine = np.maximum(1, np.ceil(counts * refine - 1e-9)).astype(int)
    index = [np.linspace(a, b, n + 1)[:-1] for a, b, n in zip(ends, ends[1:], fine)]
    at = np.concatenate([*index, ends[-1:].astype(float)])
    out = np.asarray(PchipInterpolator(np.arange(faces.size), faces)(at)) if faces.size > 2 else np.interp(at, [0, 1], faces)
    whole = np.abs(at - np.round(at)) < 1e-9
    out[whole] = faces[np.round(at[whole]).astype(int)]
    return out


def _widths(planes: Array, least: Counts, largest: float, growth: float) -> tuple[Counts, Array]:
    """Cell counts of the intervals and the widths of all cells."""
    length = np.diff(planes)
    at_least = np.maximum(least, np.ceil(length / largest - 1e-9)).astype(np.int64)
    size = length / at_least
    marks = [_marks(planes, size, i, np.log(growth)) for i in range(length.size)]
    counts = np.maximum(at_least, [round(float(m[1][-1])) for m in marks])
    for _ in range(ROUNDS):
        if counts.sum() > MOST_CELLS:
            break
        target = np.concatenate([_lay(m, int(n)) for m, n in zip(marks, counts)])
        widths = _fit(length, counts, target, largest, growth)
        more = _wanted(counts, widths, growth)
        if not more.any():
            return counts, widths
        counts = counts + more
    raise AxisError(f"a growth of {growth:g} from the thinnest interval, {length.min():.3g} m, takes more than "
                    f"{MOST_CELLS:,} cells: raise the growth, or move the planes of that interval apart")


def _marks(planes: Array, size: Array, index: int, slope: float) -> tuple[Array, Array]:
    """Sample points of an interval and the integral of dx / h up to each."""
    low, high = planes[index], planes[index + 1]
    x = np.concatenate([low + SAMPLES * (high - low), (high - SAMPLES * (high - low))[-2::-1]])
    near = np.flatnonzero(size <= size[index] * (1 + 1e-12))  # only finer intervals can limit this one
    distance = np.maximum(0.0, np.maximum(planes[near][:, None] - x, x - planes[near + 1][:, None]))
    h = (size[near][:, None] + slope * distance).min(axis=0)
    bend = np.log(h[1:] / h[:-1])  # between samples h is linear, and the integral of 1 / h a logarithm
    step = np.diff(x) / h[:-1] * np.where(np.abs(bend) > 1e-6, bend / np.where(bend == 0.0, 1.0, np.expm1(bend)), 1.0)
    return x, np.concatenate([[0.0], np.cumsum(step)])


def _lay(marks: tuple[Array, Array], count: int) -> Array:
    """Sizes that the size function gives to `count` cells at equal steps of the integral."""
    x, integral = marks
    faces = np.interp(np.linspace(0.0, integral[-1], count + 1), integral, x)
    return np.diff(faces) * count / integral[-1]


def _fit(length: Array, counts: Counts, target: Array, largest: float, growth: float) -> Array:
    """Widths with the sum `length` in each interval, neighbours within `growth`, width / target varying least.

    Where there are none, the limit of growth is exceeded by as little as possible.
    """
    n = target.size
    scale = float(target.min())
    simple = _filled(target, length, counts)
    if simple.max() <= largest * (1 + ROUND_OFF) and _steepest(simple) <= growth * (1 + ROUND_OFF):
        return simple
    one = sparse.eye_array(n, format="csr")
    left, right, none = one[:-1], one[1:], sparse.csr_array((n - 1, n - 1))
    unit = sparse.eye_array(n - 1)
    ratio = sparse.diags_array(scale / target)
    owner = np.repeat(np.arange(length.size), counts)
    total = sparse.csr_array((np.ones(n), (owner, np.arange(n))), (length.size, n))
    excess = sparse.diags_array(np.minimum(target[1:], target[:-1]) / scale)
    limit = sparse.block_array([[right - growth * left, none, none, -excess], [left - growth * right, none, none, -excess]])
    vary = sparse.hstack([(right - left) @ ratio, -unit, unit, none])
    sums = sparse.hstack([total, sparse.csr_array((length.size, 3 * (n - 1)))])
    cost = np.concatenate([np.zeros(n), np.ones(2 * (n - 1)), np.full(n - 1, 1e3)])
    low = np.concatenate([np.full(n, 1e-3), np.zeros(3 * (n - 1))])
    high = np.concatenate([np.full(n, largest / scale * (1 + 1e-9)), np.full(3 * (n - 1), np.inf)])
    found = linprog(cost, limit, np.zeros(2 * (n - 1)), sparse.vstack([vary, sums]),
                    np.concatenate([np.zeros(n - 1), length / scale]), np.stack([low, high], axis=1), "highs")
    if found.x is None:
        raise AxisError(f"no cell widths found: {found.message}")
    return _filled(found.x[:n] * scale, length, counts)


def _steepest(widths: Array) -> float:
    """Largest ratio of neighbouring widths."""
    return float(np.exp(np.abs(np.diff(np.log(widths))).max(initial=0.0)))


def _filled(widths: Array, length: Array, counts: Counts) -> Array:
    """Widths scaled to fill their intervals exactly; what is uniform but for round-off is made exactly so."""
    first = np.cumsum(counts) - counts
    widths = widths * np.repeat(length / np.add.reduceat(widths, first), counts)
    mean = np.repeat(length / counts, counts)
    off = np.maximum.reduceat(np.abs(widths / mean - 1.0), first)
    return np.where(np.repeat(off < ROUND_OFF, counts), mean, widths)


def _wanted(counts: Counts, widths: Array, growth: float) -> Counts:
    """How many cells more each interval needs: where a cell is too wide beside its neighbour."""
    owner = np.repeat(np.arange(counts.size), counts)
    more = np.zeros(counts.size, np.int64)
    ratio = widths[1:] / widths[:-1]
    for j in np.flatnonzero(np.maximum(ratio, 1.0 / ratio) > growth * (1.0 + ROUND_OFF)):
        big = owner[j + 1] if ratio[j] > 1.0 else owner[j]
        over = min(max(ratio[j], 1.0 / ratio[j]) / growth - 1.0, 1.0)
        more[big] = max(more[big], 1, int(0.5 * over * counts[big]))
    return more
