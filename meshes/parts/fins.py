"""Straight fins along x between two walls, shared by the finned plates."""

from __future__ import annotations

from coldrack.meshes.scene import Body, Point
from coldrack.meshes.shapes import Box, Repeat


def fin_count(width: float, thickness: float, gap: float) -> int:
    """Fins that stand in `width` with a gap on both sides of each."""
    count = int((width - gap) / (thickness + gap) + 1e-9)
    if count < 1:
        raise ValueError(f"no fin of {thickness:.3g} m with gaps of {gap:.3g} m fits into {width:.3g} m")
    return count


def fin_field_width(count: int, thickness: float, gap: float) -> float:
    """Width of `count` fins with a gap on both sides of each."""
    return count * thickness + (count + 1) * gap


def fin_body(name: str, material: str, corner: Point, length: float, height: float, count: int, thickness: float,
             gap: float) -> Body:
    """The fins, the first one a gap above `corner` along y."""
    x, y, z = corner
    first = Box((x, y + gap, z), (x + length, y + gap + thickness, z + height))
    return Body(name, material, Repeat(first, count, (0.0, thickness + gap, 0.0)))
