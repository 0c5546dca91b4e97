"""One channel that meanders through a block."""

from __future__ import annotations

from dataclasses import dataclass

from coldrack.meshes.scene import SLACK, Body, ContactLayer, Point, Port
from coldrack.meshes.shapes import Box


@dataclass(frozen=True)
class SerpentinePlate:
    """A block with a rectangular channel in `passes` passes along x, entering at low x.

    Parameters
    ----------
    origin, size : tuple of float
        Lowest corner; outer length, width, height (x, y, z), m.
    passes : int
    channel_width, channel_height, rib : float
        Along y, along z, and the metal between two passes, m.
    margin : float
        Metal between the turns and the ends of the block, m.
    floor : float
        Metal under the channel, m.
    """

    origin: Point
    size: tuple[float, float, float]
    passes: int
    channel_width: float
    channel_height: float
    rib: float
    margin: float
    floor: float
    material: str = "aluminium_6061"

    def __post_init__(self) -> None:
        if self.passes < 1 or self._needed() > self.size[1] + SLACK or self.floor + self.channel_height > self.size[2] - SLACK:
            raise ValueError(
                f"{self.passes} passes need a width of {self._needed():.3g} m and less height than the block"
            )
        if self.passes > 1 and 2 * (self.margin + self.channel_width) > self.size[0] - SLACK:
            raise ValueError(f"the turns need a length of more than {2 * (self.margin + self.channel_width):.3g} m; "
                             "make the block longer, or margin or channel_width smaller")

    def _needed(self) -> float:
        return self.passes * self.channel_width + (self.passes - 1) * self.rib

    def bounds(self) -> tuple[Point, Point]:
        """Bounding box."""
        x, y, z = self.origin
        return self.origin, (x + self.size[0], y + self.size[1], z + self.size[2])

    @property
    def height(self) -> float:
        """Outer height, m."""
        return self.size[2]

    def _pass(self, n: int) -> Box:
        low, high = self.bounds()
        y = low[1] + 0.5 * (self.size[1] - self._needed()) + n * (self.channel_width + self.rib)
        z = low[2] + self.floor
        first, last = n == 0, n == self.passes - 1
        x0 = low[0] if first or (last and self.passes % 2 == 0) else low[0] + self.margin
        x1 = high[0] if last and self.passes % 2 == 1 else high[0] - self.margin
        return Box((x0, y, z), (x1, y + self.channel_width, z + self.channel_height))

    def bodies(self, name: str) -> list[Body]:
        """The block (`base`) and the channel."""
        low, high = self.bounds()
        out = [Body(f"{name}.base", self.material, Box(low, high))]
        for n in range(self.passes):
            here = self._pass(n)
            out.append(Body(f"{name}.channel", "fluid", here))
            if n + 1 < self.passes:
                there = self._pass(n + 1)
                x1 = high[0] - self.margin if n % 2 == 0 else low[0] + self.margin + self.channel_width
                turn = Box((x1 - self.channel_width, here.low[1], here.low[2]), (x1, there.high[1], here.high[2]))
                out.append(Body(f"{name}.channel", "fluid", turn))
        return out

    def ports(self, name: str) -> list[Port]:
        """`inlet` at low x; `outlet` at low x for an even number of passes, else at high x."""
        first, last = self._pass(0), self._pass(self.passes - 1)
        side = 1 if self.passes % 2 == 1 else 0
        return [Port(f"{name}.inlet", 0, 0, first.low[1:], first.high[1:], at=self.origin[0]),
                Port(f"{name}.outlet", 0, side, last.low[1:], last.high[1:],
                     at=self.origin[0] + side * self.size[0])]

    def contacts(self, name: str) -> list[ContactLayer]:
        """None."""
        return []
