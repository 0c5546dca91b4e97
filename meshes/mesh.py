"""What a mesh is: a grid, a material and a component per cell, named boundary patches, contact resistances."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.grid import Grid

VOID = "void"  # adiabatic nothing: no flow, no heat
FLUID = "fluid"  # the case's coolant


class MeshError(ValueError):
    """A scene that cannot be meshed; the message names the body, port or axis."""


@dataclass(frozen=True)
class Patch:
    """A named part of the domain's surface.

    Parameters
    ----------
    name : str
    axis : int
        Normal axis, 0 = x, 1 = y, 2 = z.
    side : int
        0 for the low face of the axis, 1 for the high face.
    mask : ndarray of bool
        Faces that belong to the patch; shape (nz, ny) for x, (nz, nx) for y, (ny, nx) for z.
    """

    name: str
    axis: int
    side: int
    mask: NDArray[np.bool_]


@dataclass(frozen=True)
class Contact:
    """Thermal contact resistance on grid faces.

    Parameters
    ----------
    axis : int
        Normal axis of the faces.
    faces : ndarray of int64, shape (m,)
        Flat C-order indices into the face array of `axis`: (nz, ny, nx + 1) for x, (nz, ny + 1, nx) for y,
        (nz + 1, ny, nx) for z.
    resistance : float
        Area-specific resistance, m2 K/W.
    """

    name: str
    axis: int
    faces: NDArray[np.int64]
    resistance: float


@dataclass
class Mesh:
    """A grid with what fills it.

    `material[k, j, i]` indexes `materials`; index 0 is always ``void`` and 1 always ``fluid``.
    `component[k, j, i]` is 0 where no named body is and 1 + index into `components` elsewhere.
    """

    grid: Grid
    material: NDArray[np.uint8]
    materials: list[str]
    component: NDArray[np.uint16]
    components: list[str]
    patches: dict[str, Patch] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)

    @property
    def fluid(self) -> NDArray[np.bool_]:
        """Cells filled with coolant, shape (nz, ny, nx)."""
        return self.material == 1

    def cells_of(self, component: str) -> NDArray[np.bool_]:
        """Cells of a named component, shape (nz, ny, nx)."""
        return self.component == 1 + self.components.index(component)
