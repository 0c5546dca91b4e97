"""Round or square pins, in line or staggered, in a chamber; flow along x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coldrack.meshes.scene import SLACK, Body, ContactLayer, Point, Port
from coldrack.meshes.shapes import Box, Cylinder, Repeat

ROUND_CELLS = 8  # across a round pin: the staircase's section is then 3 % from the circle's


@dataclass(frozen=True)
class PinFinPlate:
    """A cold plate with a field of pins between two open ends.

    Parameters
    ----------
    origin : tuple of float
        Lowest corner, m.
    size : tuple of float
        Outer length (x) and width (y), m.
    base_thickness, pin_height, cover_thickness, wall_thickness : float
        m.
    pin_width : float
        Diameter or side, m.
    pitch : tuple of float
        Along x and y, m.
    field_length : float
        Of the pin field along x, m, centred.
    round_pins, staggered : bool
    """

    origin: Point
    size: tuple[float, float]
    base_thickness: float
    pin_width: float
    pin_height: float
    pitch: tuple[float, float]
    field_length: float
    cover_thickness: float
    wall_thickness: float
    round_pins: bool = False
    staggered: bool = False
    material: str = "copper"

    def __post_init__(self) -> None:
        if min(self.pitch) <= self.pin_width + SLACK:
            raise ValueError("the pitch must exceed the pin width")
        if self.field_length > self.size[0] + SLACK or self._counts()[1] < 1:
            raise ValueError("the pin field does not fit the plate")

    def bounds(self) -> tuple[Point, Point]:
        """Bounding box."""
        x, y, z = self.origin
        return self.origin, (x + self.size[0], y + self.size[1], z + self.height)

    @property
    def height(self) -> float:
        """Outer height, m."""
        return self.base_thickness + self.pin_height + self.cover_thickness

    def _counts(self) -> tuple[int, int]:
        width = self.size[1] - 2 * self.wall_thickness
        return (int((self.field_length - self.pin_width) / self.pitch[0] + 1e-9) + 1, int(width / self.pitch[1] + 1e-9))

    def _pin(self, x: float, y: float, z: float) -> Any:
        half = 0.5 * self.pin_width
        if self.round_pins:
            return Cylinder(2, (x, y), half, z, z + self.pin_height)
        return Box((x - half, y - half, z), (x + half, y + half, z + self.pin_height))

    def bodies(self, name: str) -> list[Body]:
        """Base, cover, chamber, pins."""
        low, high = self.bounds()
        z0 = low[2] + self.base_thickness
        y0, y1 = low[1] + self.wall_thickness, high[1] - self.wall_thickness
        out = [Body(f"{name}.cover", self.material, Box((low[0], low[1], z0), high)),
               Body(f"{name}.base", self.material, Box(low, (high[0], high[1], z0))),
               Body(f"{name}.chamber", "fluid", Box((low[0], y0, z0), (high[0], y1, z0 + self.pin_height)))]
        nx, ny = self._counts()
        px, py = self.pitch
        x = 0.5 * (low[0] + high[0]) - 0.5 * (nx - 1) * px
        y = 0.5 * (low[1] + high[1]) - 0.5 * (ny - 1) * py
        rows = [(x, y, nx, ny, px)]
        if self.staggered:  # every second row is half a pitch across, with one pin less
            rows = [(x, y, (nx + 1) // 2, ny, 2 * px), (x + px, y + 0.5 * py, nx // 2, ny - 1, 2 * px)]
        for x0, y_first, n, m, step in rows:
            if n > 0 and m > 0:
                line = Repeat(self._pin(x0, y_first, z0), m, (0.0, py, 0.0))
                field = Repeat(line, n, (step, 0.0, 0.0))
                out.append(Body(f"{name}.pins", self.material, field, ROUND_CELLS if self.round_pins else 1))
        return out

    def ports(self, name: str) -> list[Port]:
        """`inlet` at low x, `outlet` at high x, the chamber's whole ends."""
        low, high = self.bounds()
        z0 = low[2] + self.base_thickness
        a = (low[1] + self.wall_thickness, z0)
        b = (high[1] - self.wall_thickness, z0 + self.pin_height)
        return [Port(f"{name}.inlet", 0, 0, a, b, at=low[0]), Port(f"{name}.outlet", 0, 1, a, b, at=high[0])]

    def contacts(self, name: str) -> list[ContactLayer]:
        """None."""
        return []
