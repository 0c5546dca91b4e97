"""Which coolant cells can be reached from a patch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from coldrack.meshes.mesh import Mesh


def coolant_regions(mesh: Mesh) -> tuple[NDArray[np.int32], int]:
    """Number of the connected coolant region of every cell (0: none), and how many there are."""
    labels = np.empty(mesh.fluid.shape, np.int32)
    count = ndimage.label(mesh.fluid, output=labels)
    return labels, int(count)


def regions_at(mesh: Mesh, patch: str, labels: NDArray[np.int32]) -> set[int]:
    """Regions that have a face on a patch."""
    p = mesh.patches[patch]
    a = 2 - p.axis
    plane = np.moveaxis(labels, a, 0)[-p.side]
    return {int(n) for n in np.unique(plane[p.mask])} - {0}
