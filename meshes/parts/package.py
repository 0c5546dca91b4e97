"""A package: substrate, dies as arbitrary rectangles, thermal interface by thickness or by resistance, lid."""

from __future__ import annotations

from dataclasses import dataclass

from coldrack.meshes.scene import SLACK, Body, ContactLayer, Point, Port
from coldrack.meshes.shapes import Box


@dataclass(frozen=True)
class Die:
    """A die or memory stack on a substrate; `x`, `y` is its lower corner from the substrate's, metres."""

    name: str
    x: float
    y: float
    width_x: float
    width_y: float
    material: str = "silicon"


@dataclass(frozen=True)
class PackageStack:
    """Substrate, dies of one height, interface material on each die, optionally a lid with a second interface.

    Parameters
    ----------
    origin : tuple of float
        Lowest corner of the substrate, m.
    size : tuple of float
        Substrate along x and y, m.
    substrate_thickness, die_thickness : float
        m.
    tim_thickness : float
        Interface between die and what is above, m; 0 with `tim_resistance` for a layer without thickness.
    tim_material : str
        Needed where `tim_thickness` > 0.
    tim_resistance : float
        Contact resistance, m2 K/W, where `tim_thickness` is 0.
    lid_thickness : float
        0 for a bare-die package.
    above : str
        Component that rests on the dies (or the lid), for contact resistances.
    """

    origin: Point
    size: tuple[float, float]
    dies: tuple[Die, ...]
    substrate_thickness: float
    die_thickness: float
    substrate_material: str = "organic_substrate"
    tim_thickness: float = 0.0
    tim_material: str = ""
    tim_resistance: float = 0.0
    lid_thickness: float = 0.0
    lid_material: str = "copper"
    tim2_thickness: float = 0.0
    tim2_material: str = ""
    tim2_resistance: float = 0.0
    above: str = ""

    def __post_init__(self) -> None:
        for die in self.dies:
            if (min(die.x, die.y) < 0 or die.x + die.width_x > self.size[0] + SLACK
                    or die.y + die.width_y > self.size[1] + SLACK):
                raise ValueError(f"die {die.name}: reaches over the substrate's edge; move it, or enlarge `size`")
        for n, a in enumerate(self.dies):
            for b in self.dies[n + 1 :]:
                if (min(a.x + a.width_x, b.x + b.width_x) - max(a.x, b.x) > SLACK
                        and min(a.y + a.width_y, b.y + b.width_y) - max(a.y, b.y) > SLACK):
                    raise ValueError(f"die {b.name}: overlaps die {a.name}; move or shrink one of them")

    def bounds(self) -> tuple[Point, Point]:
        """Bounding box."""
        x, y, z = self.origin
        return self.origin, (x + self.size[0], y + self.size[1], z + self.height)

    @property
    def height(self) -> float:
        """From the substrate's bottom to where the next part rests, m."""
        return (self.substrate_thickness + self.die_thickness + self.tim_thickness + self.lid_thickness
                + self.tim2_thickness)

    def bodies(self, name: str) -> list[Body]:
        """Substrate, dies, interfaces, lid."""
        x, y, z = self.origin
        top = z + self.substrate_thickness
        out = [
            Body(
                f"{name}.substrate",
                self.substrate_material,
                Box(self.origin, (x + self.size[0], y + self.size[1], top)),
            )
        ]
        for die in self.dies:
            low = (x + die.x, y + die.y, top)
            high = (low[0] + die.width_x, low[1] + die.width_y, top + self.die_thickness)
            out.append(Body(die.name, die.material, Box(low, high), 4))
            if self.tim_thickness > 0:
                box = Box((low[0], low[1], high[2]), (high[0], high[1], high[2] + self.tim_thickness))
                out.append(Body(f"{name}.tim", self.tim_material, box))
        at = top + self.die_thickness + self.tim_thickness
        for piece, thickness, material in (("lid", self.lid_thickness, self.lid_material),
                                           ("tim2", self.tim2_thickness, self.tim2_material)):
            if thickness > 0:
                box = Box((x, y, at), (x + self.size[0], y + self.size[1], at + thickness))
                out.append(Body(f"{name}.{piece}", material, box))
                at += thickness
        return out

    def ports(self, name: str) -> list[Port]:
        """None."""
        return []

    def contacts(self, name: str) -> list[ContactLayer]:
        """Interfaces given by resistance."""
        over = f"{name}.lid" if self.lid_thickness > 0 else self.above
        out = []
        if self.tim_resistance > 0 and over:
            out += [ContactLayer(f"{name}.tim.{d.name}", d.name, over, self.tim_resistance) for d in self.dies]
        if self.tim2_resistance > 0 and self.lid_thickness > 0 and self.above:
            out.append(ContactLayer(f"{name}.tim2", f"{name}.lid", self.above, self.tim2_resistance))
        return out
