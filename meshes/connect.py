"""Which coolant cells can be reached from a patch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from coldrack.meshes.mesh import Mesh


def coolant_regions(mesh: Mesh) -> tuple[NDArray[np.int32], int]:
    """Number of the connected coolant region of every cell (0: none), and how many there are."""
    labels, count = ndimage.label(mesh.fluid)
    return labels.astype(np.int32), int(count)


def regions_at(mesh: Mesh, patch: str, labels: NDArray[np.int32]) -> set[int]:
    """Regions that have a face on a patch."""
    p = mesh.patches[patch]
    a = 2 - p.axis
    plane = labels.take(0 if p.side == 0 else labels.shape[a] - 1, axis=a)
    return {int(n) for n in np.unique(plane[p.mask])} - {0}
