"""Shapes: box, cylinder, polygon extrusion, repetition. (Triangulated surfaces are in `stl`.)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.scene import Point

Array = NDArray[np.float64]


def _corner_planes(low: Point, high: Point) -> tuple[list[float], list[float], list[float]]:
    return [low[0], high[0]], [low[1], high[1]], [low[2], high[2]]


def _shifted(point: Point, offset: Point) -> Point:
    return point[0] + offset[0], point[1] + offset[1], point[2] + offset[2]


@dataclass(frozen=True)
class Box:
    """A box between two corners, metres."""

    low: Point
    high: Point

    def __post_init__(self) -> None:
        if any(h <= l for l, h in zip(self.low, self.high)):
            raise ValueError(f"box from {self.low} to {self.high}: every upper corner must exceed the lower one")

    def bounds(self) -> tuple[Point, Point]:
        """Corners."""
        return self.low, self.high

    def planes(self) -> tuple[list[float], list[float], list[float]]:
        """Its six faces."""
        return _corner_planes(self.low, self.high)

    def inside(self, x: Array, y: Array, z: Array) -> NDArray[np.bool_]:
        """Cell centres between the corners."""
        on = [(c > l) & (c < h) for c, l, h in zip((x, y, z), self.low, self.high)]
        return on[2][:, None, None] & on[1][None, :, None] & on[0][None, None, :]

    def moved(self, offset: Point) -> Box:
        """A copy elsewhere."""
        return Box(_shifted(self.low, offset), _shifted(self.high, offset))


@dataclass(frozen=True)
class Cylinder:
    """A cylinder along `axis` (0, 1, 2), `centre` in the two other coordinates (in x, y, z order), metres."""

    axis: int
    centre: tuple[float, float]
    radius: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.radius <= 0 or self.high <= self.low:
            raise ValueError("cylinder: radius and length must be positive")

    def bounds(self) -> tuple[Point, Point]:
        """Bounding box."""
        a, b = (c - self.radius for c in self.centre)
        c, d = (c + self.radius for c in self.centre)
        low, high = [a, b], [c, d]
        low.insert(self.axis, self.low)
        high.insert(self.axis, self.high)
        return (low[0], low[1], low[2]), (high[0], high[1], high[2])

    def planes(self) -> tuple[list[float], list[float], list[float]]:
        """The bounding box's faces."""
        return _corner_planes(*self.bounds())

    def inside(self, x: Array, y: Array, z: Array) -> NDArray[np.bool_]:
        """Cell centres within the radius (staircase boundary)."""
        grids = [x[None, None, :], y[None, :, None], z[:, None, None]]
        along = grids.pop(self.axis)
        r2 = (grids[0] - self.centre[0]) ** 2 + (grids[1] - self.centre[1]) ** 2
        return (r2 < self.radius**2) & (along > self.low) & (along < self.high)

    def moved(self, offset: Point) -> Cylinder:
        """A copy elsewhere."""
        other = [offset[d] for d in range(3) if d != self.axis]
        return replace(self, centre=(self.centre[0] + other[0], self.centre[1] + other[1]),
                       low=self.low + offset[self.axis], high=self.high + offset[self.axis])


@dataclass(frozen=True)
class Extrusion:
    """A simple polygon (points in the two coordinates other than `axis`, in x, y, z order) extruded along `axis`."""

    axis: int
    points: tuple[tuple[float, float], ...]
    low: float
    high: float

    def __post_init__(self) -> None:
        if len(self.points) < 3 or self.high <= self.low:
            raise ValueError("extrusion: needs at least three points and a positive length")
        u, v = np.asarray(self.points).T
        area = 0.5 * abs(np.sum(u * np.roll(v, -1) - v * np.roll(u, -1)))
        if area <= 1e-9 * np.ptp(u) * np.ptp(v) or area == 0.0:
            raise ValueError("extrusion: the points lie on a line, or the edges cross; give the corners in order")

    def bounds(self) -> tuple[Point, Point]:
        """Bounding box."""
        p = np.asarray(self.points)
        low, high = p.min(axis=0).tolist(), p.max(axis=0).tolist()
        low.insert(self.axis, self.low)
        high.insert(self.axis, self.high)
        return tuple(low), tuple(high)  # type: ignore[return-value]

    def planes(self) -> tuple[list[float], list[float], list[float]]:
        """Ends of the extrusion, the bounding box, and every edge parallel to an axis."""
        out = list(_corner_planes(*self.bounds()))
        first, second = (d for d in range(3) if d != self.axis)
        p = self.points
        for a, b in zip(p, (*p[1:], p[0])):
            if a[0] == b[0]:
                out[first].append(a[0])
            if a[1] == b[1]:
                out[second].append(a[1])
        return out[0], out[1], out[2]

    def inside(self, x: Array, y: Array, z: Array) -> NDArray[np.bool_]:
        """Cell centres inside the polygon, by the parity of crossings."""
        grids = [x[None, None, :], y[None, :, None], z[:, None, None]]
        along = grids.pop(self.axis)
        u, v = np.broadcast_arrays(grids[0], grids[1])
        odd = np.zeros(u.shape, bool)
        p = self.points
        for (u0, v0), (u1, v1) in zip(p, (*p[1:], p[0])):
            if v0 != v1:
                cross = (v0 > v) != (v1 > v)
                odd ^= cross & (u < (u1 - u0) * (v - v0) / (v1 - v0) + u0)
        return odd & (along > self.low) & (along < self.high)

    def moved(self, offset: Point) -> Extrusion:
        """A copy elsewhere."""
        a, b = (offset[d] for d in range(3) if d != self.axis)
        points = tuple((p + a, q + b) for p, q in self.points)
        return replace(self, points=points, low=self.low + offset[self.axis], high=self.high + offset[self.axis])


@dataclass(frozen=True)
class Repeat:
    """`count` copies of a shape, each moved by `pitch` (a vector, metres) from the one before."""

    shape: Any
    count: int
    pitch: Point

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("repeat: count must be at least 1")

    def items(self) -> Iterator[Any]:
        """The copies, with nested repetitions resolved."""
        for n in range(self.count):
            copy = self.shape.moved((n * self.pitch[0], n * self.pitch[1], n * self.pitch[2]))
            yield from items(copy)

    def bounds(self) -> tuple[Point, Point]:
        """Bounding box of all copies."""
        low, high = self.shape.bounds()
        last = tuple((self.count - 1) * p for p in self.pitch)
        return (tuple(min(a, a + b) for a, b in zip(low, last)),  # type: ignore[return-value]
                tuple(max(a, a + b) for a, b in zip(high, last)))

    def planes(self) -> tuple[list[float], list[float], list[float]]:
        """Planes of every copy."""
        out: tuple[list[float], list[float], list[float]] = ([], [], [])
        for item in self.items():
            for mine, more in zip(out, item.planes()):
                mine.extend(more)
        return out

    def inside(self, x: Array, y: Array, z: Array) -> NDArray[np.bool_]:
        """Cell centres inside any copy."""
        mask = np.zeros((z.size, y.size, x.size), bool)
        for item in self.items():
            mask |= item.inside(x, y, z)
        return mask

    def moved(self, offset: Point) -> Repeat:
        """A copy elsewhere."""
        return replace(self, shape=self.shape.moved(offset))


def items(shape: Any) -> Iterator[Any]:
    """The single shapes that a shape consists of."""
    if isinstance(shape, Repeat):
        yield from shape.items()
    else:
        yield shape
