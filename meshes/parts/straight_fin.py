"""Straight or skived fins in a chamber with a plenum at each end; flow along x."""

from __future__ import annotations

from dataclasses import dataclass

from coldrack.meshes.parts.fins import fin_body, fin_count, fin_field_width
from coldrack.meshes.scene import SLACK, Body, ContactLayer, Point, Port
from coldrack.meshes.shapes import Box


@dataclass(frozen=True)
class StraightFinPlate:
    """A cold plate whose coolant runs once along straight fins.

    Parameters
    ----------
    origin : tuple of float
        Lowest corner, m.
    size : tuple of float
        Outer length (x) and width (y), m.
    base_thickness, cover_thickness, wall_thickness : float
        m.
    fin_thickness, fin_gap, fin_height, fin_length : float
        m. The fins fill the chamber's width as far as whole gaps allow; what is left widens the side walls.
    port_size : tuple of float
        Along x and y for ports through the cover; along y and z through the ends. Zero: the plenum's whole face.
    through : {"ends", "cover"}
    """

    origin: Point
    size: tuple[float, float]
    base_thickness: float
    fin_thickness: float
    fin_gap: float
    fin_height: float
    fin_length: float
    cover_thickness: float
    wall_thickness: float
    material: str = "copper"
    port_size: tuple[float, float] = (0.0, 0.0)
    through: str = "ends"

    def __post_init__(self) -> None:
        if self.through not in ("ends", "cover"):
            raise ValueError("through must be 'ends' or 'cover'")
        if self.fin_length >= self.size[0] - 2 * self.wall_thickness - SLACK:
            raise ValueError("fin_length leaves no plenums: make the plate longer or the fins shorter")
        fin_count(self.size[1] - 2 * self.wall_thickness, self.fin_thickness, self.fin_gap)
        c0, c1 = self._chamber()
        plenum = 0.5 * (c1[0] - c0[0] - self.fin_length)
        room = (c1[1] - c0[1], self.fin_height) if self.through == "ends" else (plenum, c1[1] - c0[1])
        if any(size > most + SLACK for size, most in zip(self.port_size, room)):
            raise ValueError(f"port_size: the plenum has room for {room[0]:.3g} by {room[1]:.3g} m only")

    def bounds(self) -> tuple[Point, Point]:
        """Bounding box."""
        x, y, z = self.origin
        return self.origin, (x + self.size[0], y + self.size[1], z + self.height)

    @property
    def height(self) -> float:
        """Outer height, m."""
        return self.base_thickness + self.fin_height + self.cover_thickness

    @property
    def count(self) -> int:
        """Number of fins."""
        return fin_count(self.size[1] - 2 * self.wall_thickness, self.fin_thickness, self.fin_gap)

    def _chamber(self) -> tuple[Point, Point]:
        x, y, z = self.origin
        width = fin_field_width(self.count, self.fin_thickness, self.fin_gap)
        y0 = y + 0.5 * (self.size[1] - width)
        z0 = z + self.base_thickness
        return (x + self.wall_thickness, y0, z0), (
            x + self.size[0] - self.wall_thickness,
            y0 + width,
            z0 + self.fin_height,
        )

    def bodies(self, name: str) -> list[Body]:
        """Base, cover with side walls, chamber, ports, fins."""
        low, high = self.bounds()
        c0, c1 = self._chamber()
        out = [Body(f"{name}.cover", self.material, Box((low[0], low[1], c0[2]), high)),
               Body(f"{name}.base", self.material, Box(low, (high[0], high[1], c0[2]))),
               Body(f"{name}.chamber", "fluid", Box(c0, c1))]
        out += [Body(f"{name}.port", "fluid", box) for box in self._port_boxes()]
        corner = (0.5 * (low[0] + high[0] - self.fin_length), c0[1], c0[2])
        out.append(fin_body(f"{name}.fins", self.material, corner, self.fin_length, self.fin_height, self.count,
                            self.fin_thickness, self.fin_gap))
        return out

    def _port_boxes(self) -> list[Box]:
        low, high = self.bounds()
        c0, c1 = self._chamber()
        middle = 0.5 * (c0[1] + c1[1])
        if self.through == "ends":
            half = 0.5 * (self.port_size[0] or c1[1] - c0[1])
            top = c0[2] + (self.port_size[1] or self.fin_height)
            return [Box((low[0], middle - half, c0[2]), (c0[0], middle + half, top)),
                    Box((c1[0], middle - half, c0[2]), (high[0], middle + half, top))]
        plenum = 0.5 * (c1[0] - c0[0] - self.fin_length)
        half_x = 0.5 * (self.port_size[0] or plenum)
        half_y = 0.5 * (self.port_size[1] or c1[1] - c0[1])
        return [Box((x - half_x, middle - half_y, c1[2]), (x + half_x, middle + half_y, high[2]))
                for x in (c0[0] + 0.5 * plenum, c1[0] - 0.5 * plenum)]

    def ports(self, name: str) -> list[Port]:
        """Inlet at low x, outlet at high x."""
        out = []
        for label, side, box in zip(("inlet", "outlet"), (0, 1), self._port_boxes()):
            a, b = box.low, box.high
            if self.through == "ends":
                out.append(Port(f"{name}.{label}", 0, side, (a[1], a[2]), (b[1], b[2]), at=(a if side == 0 else b)[0]))
            else:
                out.append(Port(f"{name}.{label}", 2, 1, (a[0], a[1]), (b[0], b[1]), at=b[2]))
        return out

    def contacts(self, name: str) -> list[ContactLayer]:
        """None."""
        return []
