"""The split-flow plate used on GPUs: coolant enters at the centre over all channels and leaves at both ends.

From the bottom: base; fins in a chamber with a plenum at each end; a slot plate that closes the fin tops but for a slot
across the middle; a manifold layer with the distribution plenum over the slot and the two end plenums; a cover with one
inlet and two outlets.
"""

from __future__ import annotations

from dataclasses import dataclass

from coldrack.meshes.parts.fins import fin_body, fin_count, fin_field_width
from coldrack.meshes.scene import SLACK, Body, ContactLayer, Point, Port
from coldrack.meshes.shapes import Box


@dataclass(frozen=True)
class SplitFlowPlate:
    """A cold plate with a centre inlet and flow to both sides.

    Parameters
    ----------
    origin : tuple of float
        Lowest corner, m.
    size : tuple of float
        Outer length (x, along the fins) and width (y), m.
    base_thickness, slot_plate_thickness, manifold_height, cover_thickness, wall_thickness : float
        m.
    fin_thickness, fin_gap, fin_height, fin_length : float
        m. The fins fill the chamber's width as far as whole gaps allow; what is left widens the side walls.
    slot_width : float
        Along x, m.
    plenum_width : float
        Of the distribution plenum along x, m.
    inlet_size, outlet_size : tuple of float
        Of the openings in the cover along x and y, m.
    """

    origin: Point
    size: tuple[float, float]
    base_thickness: float
    fin_thickness: float
    fin_gap: float
    fin_height: float
    fin_length: float
    slot_width: float
    plenum_width: float
    slot_plate_thickness: float
    manifold_height: float
    cover_thickness: float
    wall_thickness: float
    inlet_size: tuple[float, float]
    outlet_size: tuple[float, float]
    material: str = "copper"

    def __post_init__(self) -> None:
        end = 0.5 * (self.size[0] - self.fin_length) - self.wall_thickness
        if end <= SLACK:
            raise ValueError("fin_length leaves no end plenums: make the plate longer or the fins shorter")
        if self.slot_width > self.plenum_width + SLACK or self.plenum_width >= self.fin_length - SLACK:
            raise ValueError("slot_width <= plenum_width < fin_length is needed")
        if self.inlet_size[0] > self.plenum_width + SLACK or self.outlet_size[0] > end + SLACK:
            raise ValueError("the inlet must fit the distribution plenum and the outlets the end plenums "
                             f"({end:.3g} m along x)")
        fin_count(self.size[1] - 2 * self.wall_thickness, self.fin_thickness, self.fin_gap)

    def bounds(self) -> tuple[Point, Point]:
        """Bounding box."""
        x, y, z = self.origin
        return self.origin, (x + self.size[0], y + self.size[1], z + self.height)

    @property
    def height(self) -> float:
        """Outer height, m."""
        return (self.base_thickness + self.fin_height + self.slot_plate_thickness + self.manifold_height
                + self.cover_thickness)

    @property
    def count(self) -> int:
        """Number of fins."""
        return fin_count(self.size[1] - 2 * self.wall_thickness, self.fin_thickness, self.fin_gap)

    def _levels(self) -> list[float]:
        """Heights of base top, fin tips, slot plate top, manifold top, cover top."""
        z, out = self.origin[2], []
        for step in (self.base_thickness, self.fin_height, self.slot_plate_thickness, self.manifold_height,
                     self.cover_thickness):
            z += step
            out.append(z)
        return out

    def _span(self) -> tuple[float, float]:
        width = fin_field_width(self.count, self.fin_thickness, self.fin_gap)
        y0 = self.origin[1] + 0.5 * (self.size[1] - width)
        return y0, y0 + width

    def bodies(self, name: str) -> list[Body]:
        """Base, cover block, coolant spaces, fins."""
        low, high = self.bounds()
        z = self._levels()
        y0, y1 = self._span()
        x0, x1 = low[0] + self.wall_thickness, high[0] - self.wall_thickness
        mid = 0.5 * (low[0] + high[0])
        f0, f1 = mid - 0.5 * self.fin_length, mid + 0.5 * self.fin_length
        spaces = [Box((x0, y0, z[0]), (x1, y1, z[1])),
                  Box((x0, y0, z[1]), (f0, y1, z[3])), Box((f1, y0, z[1]), (x1, y1, z[3])),
                  Box((mid - 0.5 * self.slot_width, y0, z[1]), (mid + 0.5 * self.slot_width, y1, z[2])),
                  Box((mid - 0.5 * self.plenum_width, y0, z[2]), (mid + 0.5 * self.plenum_width, y1, z[3])),
                  *self._openings()]
        out = [Body(f"{name}.cover", self.material, Box((low[0], low[1], z[0]), high)),
               Body(f"{name}.base", self.material, Box(low, (high[0], high[1], z[0])))]
        out += [Body(f"{name}.coolant", "fluid", box) for box in spaces]
        out.append(fin_body(f"{name}.fins", self.material, (f0, y0, z[0]), self.fin_length, self.fin_height, self.count,
                            self.fin_thickness, self.fin_gap))
        return out

    def _openings(self) -> list[Box]:
        """Inlet and the two outlets through the cover."""
        low, high = self.bounds()
        z = self._levels()
        y0, y1 = self._span()
        mid_x, mid_y = 0.5 * (low[0] + high[0]), 0.5 * (y0 + y1)
        end = 0.5 * (self.size[0] - self.fin_length) - self.wall_thickness
        left, right = low[0] + self.wall_thickness + 0.5 * end, high[0] - self.wall_thickness - 0.5 * end
        out = []
        for x, (sx, sy) in ((mid_x, self.inlet_size), (left, self.outlet_size), (right, self.outlet_size)):
            half = 0.5 * min(sy, y1 - y0)
            out.append(Box((x - 0.5 * sx, mid_y - half, z[3]), (x + 0.5 * sx, mid_y + half, z[4])))
        return out

    def ports(self, name: str) -> list[Port]:
        """`inlet`, `outlet_left`, `outlet_right` on the top."""
        return [Port(f"{name}.{label}", 2, 1, box.low[:2], box.high[:2], at=box.high[2])
                for label, box in zip(("inlet", "outlet_left", "outlet_right"), self._openings())]

    def contacts(self, name: str) -> list[ContactLayer]:
        """None."""
        return []
