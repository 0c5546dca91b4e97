"""What stands between racks: covers of the gaps in a row, raised floors with their tiles, containments of aisles."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from coldrack.meshes.parts.rack import Plane, Rack, whole_units
from coldrack.meshes.parts.rack_planes import left_over
from coldrack.meshes.scene import SLACK, Point
from coldrack.solver.case.errors import suggest
from coldrack.solver.case.units import short

Keys = tuple[Any, ...]
Placed = list[tuple[Keys, Plane]]


def row_gaps(path: Keys, part: Any, racks: list[Rack]) -> Placed:
    """Covers between neighbours, in the plane of their front doors."""
    if part.gaps >= 1.0:
        return []
    out = []
    for n, (a, b) in enumerate(pairwise(racks), start=1):
        height = min(a.height, b.height)
        low, high = a.box((a.width, 0.0, 0.0), (a.width + part.gap, 0.0, height))
        out.append((path, Plane(f"gap{n}", low, high, part.gaps)))
    return out


# ------------------------------------------------------------------ raised floor
def floor(name: str, part: Any, domain: Any, found: Any) -> Placed:
    """Tiles, one screen each, and the rest of the floor."""
    path, z = ("parts", name), part.height
    low, high = part.low or domain.low[:2], part.high or domain.high[:2]
    if not domain.low[2] + SLACK < z < domain.high[2] - SLACK:
        found.add((*path, "height"), f"the floor at {z:.4g} m does not lie between the domain's bottom and top, "
                  f"{domain.low[2]:.4g} and {domain.high[2]:.4g} m: leave room for the plenum below it")
    if any(h - l < SLACK for l, h in zip(low, high)):
        found.add((*path, "high"), "every upper corner must exceed the lower one; exchange or correct them")
        return []
    out: Placed = []
    holes: list[tuple[Point, Point]] = []
    for key, tiles in part.tiles.items():
        corners = _tiles((*path, "tiles", key), tiles, z, low, high, holes, found)
        holes += corners
        if tiles.open_area == 0.0:
            continue
        for n, (a, b) in enumerate(corners, start=1):
            if tiles.open_area < 1.0:
                out.append((path, Plane(f"{key}{n}" if len(corners) > 1 else key, a, b, tiles.open_area)))
    if part.leakage < 1.0:
        whole = (low[0], low[1], z), (high[0], high[1], z)
        out += [(path, Plane(f"slab{n}", *piece, part.leakage)) for n, piece in enumerate(left_over(whole, holes, 2), start=1)]
    return out


def _tiles(path: Keys, tiles: Any, z: float, low: Any, high: Any, others: list[tuple[Point, Point]], found: Any,
           ) -> list[tuple[Point, Point]]:
    """Corners of the tiles of one kind; notes those beside the floor and on others."""
    ends = [a + n * s for a, n, s in zip(tiles.low, tiles.count, tiles.size)]
    for axis in range(2):
        if tiles.low[axis] < low[axis] - SLACK or ends[axis] > high[axis] + SLACK:
            found.add((*path, "low"), f"tiles from {tiles.low[axis]:.4g} to {ends[axis]:.4g} m along {'xy'[axis]} do not "
                      f"lie on the floor, which reaches from {low[axis]:.4g} to {high[axis]:.4g} m; move them, or take fewer")
            return []
    out = []
    for j in range(tiles.count[1]):
        for i in range(tiles.count[0]):
            a = tuple(o + n * s for o, n, s in zip(tiles.low, (i, j), tiles.size))
            out.append(((a[0], a[1], z), (a[0] + tiles.size[0], a[1] + tiles.size[1], z)))
    for t in out:
        if any(all(min(t[1][d], o[1][d]) - max(t[0][d], o[0][d]) > SLACK for d in (0, 1)) for o in others):
            found.add((*path, "low"), "tiles lie on other tiles; move them, or take fewer")
            break
    return out


# ------------------------------------------------------------------ containment
def aisle(name: str, part: Any, racks: dict[str, list[Rack]], found: Any) -> Placed:
    """Roof, end doors and walls around the aisle before the fronts (or behind the rears) of one or two rows."""
    path = ("parts", name)
    for n, row in enumerate(part.rows):
        if row not in racks:
            found.add((*path, "rows", n), f"no rack or row called {short(row)}{suggest(row, racks)}")
    if found.issues:
        return []
    rows = [racks[row] for row in part.rows]
    space = _space(path, part, rows, found)
    if space is None:
        return []
    low, high, along = space
    deep = 1 - along
    out: list[Plane] = []

    def wall(title: str, share: float, axis: int, at: float) -> None:
        a, b = list(low), list(high)
        a[axis] = b[axis] = at
        whole = (a[0], a[1], a[2]), (b[0], b[1], b[2])
        faces = [_face(r, deep, at) for row in rows for r in row] if axis == deep else []
        pieces = left_over(whole, faces, axis)
        out.extend(Plane(f"{title}_{n}" if n > 1 else title, *piece, share) for n, piece in enumerate(pieces, start=1))

    if part.roof < 1.0:
        wall("roof", part.roof, 2, high[2])
    if part.ends < 1.0:
        wall("end1", part.ends, along, low[along])
        wall("end2", part.ends, along, high[along])
    if part.sides < 1.0:
        wall("side1", part.sides, deep, low[deep])
        wall("side2", part.sides, deep, high[deep])
    return [(path, p) for p in out]


def _face(rack: Rack, deep: int, at: float) -> tuple[Point, Point]:
    """What a rack covers of a plane across its depth."""
    low, high = (list(c) for c in rack.bounds())
    low[deep] = high[deep] = at
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def _space(path: Keys, part: Any, rows: list[list[Rack]], found: Any) -> tuple[list[float], list[float], int] | None:
    """Corners of the aisle, and the axis along it."""
    every = [rack for row in rows for rack in row]
    along = every[0].across
    deep = 1 - along
    bounds = [rack.bounds() for rack in every]
    low, high = ([f(b[s][d] for b in bounds) for d in range(3)] for s, f in ((0, min), (1, max)))
    sides = [row[0].front if part.kind == "cold_aisle" else row[0].rear for row in rows]
    faces = [max(r.bounds()[1][deep] for r in row) if side[1] == "+" else min(r.bounds()[0][deep] for r in row)
             for row, side in zip(rows, sides)]
    what = "fronts" if part.kind == "cold_aisle" else "rears"
    if len(rows) == 2:
        order = sorted(zip(faces, sides))
        if part.width is not None:
            found.add((*path, "width"), "follows from the two rows; remove it")
            return None
        facing = rows[0][0].across == rows[1][0].across and [s[1] for _, s in order] == ["+", "-"]
        if not facing or order[1][0] - order[0][0] < SLACK:
            found.add((*path, "rows"), f"the {what} of {' and '.join(part.rows)} do not face each other; turn one row "
                      "(`front`), or move it")
            return None
        low[deep], high[deep] = order[0][0], order[1][0]
    elif part.width is None:
        found.add(path, "an aisle with racks on one side needs its width; add `width: 1.2 m`, or a second row")
        return None
    else:
        end = faces[0] + (part.width if sides[0][1] == "+" else -part.width)
        low[deep], high[deep] = min(faces[0], end), max(faces[0], end)
    top = high[2]
    if part.height is not None:
        high[2] = low[2] + whole_units(part.height)
        if high[2] < top - SLACK:
            found.add((*path, "height"), f"the roof is lower than the racks, which are {top - low[2]:.4g} m high; raise it")
            return None
    return low, high, along
