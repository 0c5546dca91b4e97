"""What is put into a domain: bodies with shapes and materials, ports, contact layers. Later bodies overwrite earlier ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float, float]
SLACK = 1e-9  # metres that lengths which should fit exactly may miss by, from round-off


class Shape(Protocol):
    """A closed region of space."""

    def bounds(self) -> tuple[Point, Point]:
        """Lowest and highest corner, in metres."""

    def planes(self) -> tuple[list[float], list[float], list[float]]:
        """Coordinates along x, y, z that the grid must have a face at."""

    def inside(self, x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the cell centres (three 1-D arrays) are inside; result shape (nz, ny, nx)."""


@dataclass(frozen=True)
class Body:
    """A named region of one material.

    Parameters
    ----------
    name : str
        Component name; several bodies may share it (the fins of a plate).
    material : str
        A name of the solids library, ``"fluid"`` for the coolant or ``"void"`` to remove what was there.
    shape : Shape
    min_cells : int
        Fewest cells across each dimension of the shape.
    """

    name: str
    material: str
    shape: Shape
    min_cells: int = 1


@dataclass(frozen=True)
class Port:
    """A rectangle (or disc) on a face of the domain where a boundary condition can be attached by name.

    Parameters
    ----------
    name : str
        For a part's port ``"<part>.inlet"`` and so on.
    axis, side : int
        As in `Patch`.
    low, high : tuple of float
        Corners in the two remaining coordinates, in the order (x, y, z) without the normal one; metres.
        The whole face where both are None.
    disc : bool
        The ellipse inscribed in the rectangle instead of the rectangle.
    at : float, optional
        Where along the axis the opening is, metres. If the domain reaches farther, a duct of coolant with adiabatic walls
        leads from there to the domain's face.
    """

    name: str
    axis: int
    side: int
    low: tuple[float, float] | None = None
    high: tuple[float, float] | None = None
    disc: bool = False
    at: float | None = None


@dataclass(frozen=True)
class ContactLayer:
    """Contact resistance between every pair of touching cells of two components (``*`` = any solid or fluid)."""

    name: str
    first: str
    second: str
    resistance: float  # m2 K/W


@dataclass
class Scene:
    """Everything geometric about a case, in SI units.

    `low`/`high` are the domain corners; None takes the bounding box of the bodies. `background` is what fills the
    cells that no body covers. `cut` names the faces of the domain, (axis, side), that may cut bodies: symmetry planes.
    `marks` are boxes, flat ones too, whose sides the grid must have faces at although nothing is painted there.
    """

    bodies: list[Body] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    contacts: list[ContactLayer] = field(default_factory=list)
    low: Point | None = None
    high: Point | None = None
    background: str = "void"
    cut: frozenset[tuple[int, int]] = frozenset()
    marks: list[tuple[Point, Point]] = field(default_factory=list)


@dataclass(frozen=True)
class MeshSettings:
    """How fine the grid is.

    Parameters
    ----------
    max_cell : float or tuple of float
        Largest cell width, metres (one value or one per axis).
    growth : float
        Largest ratio of neighbouring cell widths.
    min_cells_gap : int
        Fewest cells across a gap between bodies (a coolant channel).
    min_cells_solid : int
        Fewest cells across a body or layer.
    refine : float
        Multiplies every cell count (2 halves every width): for grid studies.
    exact : tuple of int, optional
        Uniform grid with exactly (nx, ny, nz) cells, ignoring all of the above (benchmark cases). Planes of bodies
        must then fall on faces, or it is an error.
    """

    max_cell: float | tuple[float, float, float]
    growth: float = 1.3
    min_cells_gap: int = 4
    min_cells_solid: int = 2
    refine: float = 1.0
    exact: tuple[int, int, int] | None = None
    stretch: tuple[float, float, float] | None = None  # with exact: tanh clustering to both ends, 0 = uniform
