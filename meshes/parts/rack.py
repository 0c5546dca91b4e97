"""A 19-inch rack: where its servers stand, and which planes of it are closed, perforated or open.

Local coordinates are width, depth (from the front to the rear) and height from the rack's lowest front corner. All heights are
whole rack units and all depths of servers whole steps of `DEPTH_STEP`, so that planes of different servers and racks coincide.
"""

from __future__ import annotations

from dataclasses import dataclass

from coldrack.meshes.scene import SLACK, Point

UNIT = 0.04445  # m, one rack unit (EIA-310-D)
OPENING = 0.450  # m, least width between the posts (EIA-310-D; panels are 482.6 mm wide, holes 465.1 mm apart)
DEPTH_STEP = 0.05  # m, to which depths of servers are rounded
OPPOSITE = {"-": "+", "+": "-"}


def whole_units(height: float) -> float:
    """Height rounded to whole rack units, so that it ends in a plane that racks have too, m."""
    return max(1, round(height / UNIT)) * UNIT


@dataclass(frozen=True)
class Plane:
    """A rectangle of the air; `share` of it is open, 0 is a closed panel. `loss` instead of `share` for a coil."""

    name: str
    low: Point
    high: Point
    share: float
    loss: float = 0.0

    @property
    def axis(self) -> int:
        """Normal axis."""
        return next(d for d in range(3) if self.low[d] == self.high[d])


@dataclass(frozen=True)
class Bay:
    """A server's place: lowest rack unit (from 1), height in rack units, depth, m."""

    name: str
    unit: int
    units: int
    depth: float


@dataclass(frozen=True)
class Rack:
    """A rack with its servers.

    Parameters
    ----------
    origin : tuple of float
        Lowest corner of the rack (without a heat exchanger in the rear door), m.
    front : {"x-", "x+", "y-", "y+"}
        Side of the rack that the servers' fronts face.
    units : int
        Height of the mounting space.
    width, depth, height : float
        Outer, m; width along the front.
    front_space : float
        From the front door to the servers' fronts, m.
    base : int
        Rack units below the first one.
    front_door, rear_door, blanking, side_gaps : float
        Open share of the area: 1 nothing is there, 0 closed.
    bays : tuple of Bay
    opening : float
        Width of the servers, m.
    exchanger_depth, exchanger_loss : float
        Of a heat exchanger behind the rear, m; 0 for none.

    Raises
    ------
    ValueError
        If something does not fit.
    """

    origin: Point
    front: str
    units: int
    width: float
    depth: float
    height: float
    front_space: float
    base: int
    front_door: float
    rear_door: float
    blanking: float
    side_gaps: float
    bays: tuple[Bay, ...] = ()
    opening: float = OPENING
    exchanger_depth: float = 0.0
    exchanger_loss: float = 0.0

    def __post_init__(self) -> None:
        least = (self.base + self.units) * UNIT
        if self.height < least - SLACK:
            raise ValueError(f"height: {self.units} U on a base of {self.base} U take {least:.4g} m, the rack is only "
                             f"{self.height:.4g} m high; make it higher or give it fewer units")
        if self.width < self.opening - SLACK:
            raise ValueError(f"width: the opening for servers is {self.opening:.4g} m wide, the rack only {self.width:.4g} m; "
                             "make it wider")
        taken: dict[int, str] = {}
        for bay in self.bays:
            self._check(bay)
            for unit in range(bay.unit, bay.unit + bay.units):
                if unit in taken:
                    raise ValueError(f"{bay.name}: U {unit} is taken by {taken[unit]}; move one of them")
                taken[unit] = bay.name

    def _check(self, bay: Bay) -> None:
        last, deep = bay.unit + bay.units - 1, self._deep(bay)
        if bay.unit < 1 or last > self.units:
            raise ValueError(f"{bay.name}: takes U {bay.unit} to {last}, the rack has 1 to {self.units}; move it down, or give "
                             "the rack more units")
        if self.front_space + deep > self.depth - 0.5 * DEPTH_STEP:
            raise ValueError(f"{bay.name}: {deep:.4g} m deep behind {self.front_space:.4g} m of space at the front, it leaves "
                             f"no air before the rear of a rack {self.depth:.4g} m deep; make the rack deeper")

    # ------------------------------------------------------------------ coordinates
    @property
    def across(self) -> int:
        """Axis of the width."""
        return 1 if self.front[0] == "x" else 0

    @property
    def rear(self) -> str:
        """Side opposite to the front."""
        return self.front[0] + OPPOSITE[self.front[1]]

    def room(self, width: float, depth: float, height: float) -> Point:
        """A place of the rack in the room."""
        out = list(self.origin)
        out[self.across] += width
        out[1 - self.across] += depth if self.front[1] == "-" else self.depth - depth
        out[2] += height
        return out[0], out[1], out[2]

    def box(self, low: Point, high: Point) -> tuple[Point, Point]:
        """Lowest and highest corner in the room of a box (width, depth, height)."""
        a, b = self.room(*low), self.room(*high)
        return (min(a[0], b[0]), min(a[1], b[1]), a[2]), (max(a[0], b[0]), max(a[1], b[1]), b[2])

    def bounds(self) -> tuple[Point, Point]:
        """Bounding box, a heat exchanger in the rear door included."""
        return self.box((0.0, 0.0, 0.0), (self.width, self.depth + self.exchanger_depth, self.height))

    def level(self, unit: int) -> float:
        """Height of the lower edge of rack unit `unit`, m."""
        return (self.base + unit - 1) * UNIT

    @staticmethod
    def _deep(bay: Bay) -> float:
        return max(1, round(bay.depth / DEPTH_STEP)) * DEPTH_STEP

    # ------------------------------------------------------------------ what stands there
    def boxes(self) -> list[tuple[str, Point, Point]]:
        """Name and corners of every server."""
        a = 0.5 * (self.width - self.opening)
        return [(bay.name, *self.box((a, self.front_space, self.level(bay.unit)),
                                     (a + self.opening, self.front_space + self._deep(bay), self.level(bay.unit + bay.units))))
                for bay in self.bays]

    def exchanger(self) -> tuple[Point, Point]:
        """Corners of the heat exchanger in the rear door."""
        return self.box((0.0, self.depth, 0.0), (self.width, self.depth + self.exchanger_depth, self.height))

    def planes(self) -> list[Plane]:
        """Sides, roof, bottom, doors and everything around the servers' fronts; what is wholly open is left out."""
        w, d, h, end = self.width, self.depth, self.height, self.depth + self.exchanger_depth
        out = [self._plane("left", (0.0, 0.0, 0.0), (0.0, end, h), 0.0), self._plane("right", (w, 0.0, 0.0), (w, end, h), 0.0),
               self._plane("top", (0.0, 0.0, h), (w, end, h), 0.0), self._plane("bottom", (0.0, 0.0, 0.0), (w, end, 0.0), 0.0),
               self._plane("front_door", (0.0, 0.0, 0.0), (w, 0.0, h), self.front_door)]
        if self.exchanger_depth:
            out.append(self._plane("coil", (0.0, d, 0.0), (w, d, h), 1.0, self.exchanger_loss))
        else:
            out.append(self._plane("rear_door", (0.0, d, 0.0), (w, d, h), self.rear_door))
        return [p for p in [*out, *self._fronts()] if p.share < 1.0 or p.loss]

    def _fronts(self) -> list[Plane]:
        """Around the servers' fronts: beside the opening, below and above it, empty units."""
        f, h, a, b = self.front_space, self.height, 0.5 * (self.width - self.opening), 0.5 * (self.width + self.opening)
        first, last = self.level(1), self.level(self.units + 1)
        out = []
        if a > SLACK:
            out += [self._plane("left_gap", (0.0, f, 0.0), (a, f, h), self.side_gaps),
                    self._plane("right_gap", (b, f, 0.0), (self.width, f, h), self.side_gaps)]
        for name, low, high in (("sill", 0.0, first), ("lintel", last, h)):
            if high - low > SLACK:
                out.append(self._plane(name, (a, f, low), (b, f, high), 0.0))
        return out + [self._plane(f"blank{low}", (a, f, self.level(low)), (b, f, self.level(high)), self.blanking)
                      for low, high in self.free()]

    def free(self) -> list[tuple[int, int]]:
        """Runs of empty units: the first, and the one after the last."""
        taken = {u for bay in self.bays for u in range(bay.unit, bay.unit + bay.units)}
        empty = [u not in taken for u in range(1, self.units + 1)]
        first = [u for u, e, before in zip(range(1, self.units + 1), empty, [False, *empty]) if e and not before]
        after = [u for u, e, before in zip(range(1, self.units + 2), [*empty, False], [False, *empty]) if before and not e]
        return list(zip(first, after))

    def _plane(self, name: str, low: Point, high: Point, share: float, loss: float = 0.0) -> Plane:
        return Plane(name, *self.box(low, high), share, loss)
