"""Face coordinates of one axis: snapped to every plane of the geometry, fine where asked, graded in between.

A size function h(x) is the smallest of the sizes that the intervals ask for, each allowed to grow with the distance from
its interval by (growth - 1) per unit length; cells are laid out by equal steps of the integral of dx / h, so neighbouring
widths differ by about `growth` at most. A grid with `refine` twice as large has every face of the coarser one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SLIVER = 1e-7  # planes nearer than this (m) but not equal are taken for a mistake
SAMPLES = 200


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


def axis_faces(planes: Array, least: NDArray[np.int64], largest: float, growth: float, refine: float = 1.0) -> Array:
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
        Largest ratio of neighbouring widths. Where an interval's own count makes its cells smaller than the size
        function, the neighbours follow it.
    refine : float
        Multiplies every interval's count.
    """
    length = np.diff(planes)
    size = length / np.maximum(least, np.ceil(length / largest - 1e-9))
    marks = [_marks(planes, size, i, growth) for i in range(length.size)]
    counts = [max(int(n), int(np.ceil(m[1][-1] - 1e-6))) for n, m in zip(least, marks)]
    parts = [_lay(m, max(1, int(np.ceil(n * refine - 1e-9)))) for m, n in zip(marks, counts)]
    return np.concatenate([parts[0], *[p[1:] for p in parts[1:]]])


def _marks(planes: Array, size: Array, index: int, growth: float) -> tuple[Array, Array]:
    """Sample points of an interval and the integral of dx / h up to each."""
    x = np.linspace(planes[index], planes[index + 1], SAMPLES + 1)
    near = np.flatnonzero(size <= size[index] * (1 + 1e-12))  # only finer intervals can limit this one
    distance = np.maximum(0.0, np.maximum(planes[near][:, None] - x, x - planes[near + 1][:, None]))
    h = (size[near][:, None] + (growth - 1.0) * distance).min(axis=0)
    step = np.diff(x) * 0.5 * (1.0 / h[1:] + 1.0 / h[:-1])
    return x, np.concatenate([[0.0], np.cumsum(step)])


def _lay(marks: tuple[Array, Array], count: int) -> Array:
    """Faces at equal steps of the integral; the ends exactly on the planes."""
    x, integral = marks
    if np.ptp(np.diff(integral)) <= 1e-9 * integral[-1] / SAMPLES:
        return np.linspace(x[0], x[-1], count + 1)
    faces = np.interp(np.linspace(0.0, integral[-1], count + 1), integral, x)
    faces[0], faces[-1] = x[0], x[-1]
    return faces
