"""Rectangles in one plane: what is left of one where others are, so that a face is closed once."""

from __future__ import annotations

from coldrack.meshes.parts.rack import Plane
from coldrack.meshes.scene import SLACK, Point

Rectangle = tuple[Point, Point]


def in_plane(a: Rectangle, b: Rectangle, axis: int) -> bool:
    """Whether two rectangles normal to `axis` share area."""
    others = [d for d in range(3) if d != axis]
    return (b[0][axis] == b[1][axis] and abs(a[0][axis] - b[0][axis]) < SLACK
            and all(min(a[1][d], b[1][d]) - max(a[0][d], b[0][d]) > SLACK for d in others))


def left_over(plane: Rectangle, taken: list[Rectangle], axis: int) -> list[Rectangle]:
    """Rectangles that together are `plane` without those of `taken`."""
    pieces = [plane]
    for t in taken:
        pieces = [rest for p in pieces for rest in (_cut(p, t, axis) if in_plane(p, t, axis) else [p])]
    return pieces


def _cut(piece: Rectangle, hole: Rectangle, axis: int) -> list[Rectangle]:
    """Up to four rectangles: over the full height beside the hole, then above and below it."""
    first, second = (d for d in range(3) if d != axis)
    (low, high), out = (list(piece[0]), list(piece[1])), []
    for d in (first, second):
        for at, below in ((hole[0][d], True), (hole[1][d], False)):
            if low[d] + SLACK < at < high[d] - SLACK:
                a, b = list(low), list(high)
                (b if below else a)[d] = at
                out.append((_point(a), _point(b)))
                (low if below else high)[d] = at
    return out


def _point(values: list[float]) -> Point:
    return values[0], values[1], values[2]


def closed_once(panels: list[Plane], taken: list[Rectangle]) -> list[Plane]:
    """Panels without what is taken by others or by panels before them; pieces get numbers."""
    out: list[Plane] = []
    taken = list(taken)
    for p in panels:
        pieces = left_over((p.low, p.high), taken, p.axis)
        out += [Plane(p.name + (f"_{n}" if n > 1 else ""), *piece, p.share, p.loss) for n, piece in enumerate(pieces, start=1)]
        taken.append((p.low, p.high))
    return out
