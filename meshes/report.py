"""What a mesh is like: counts, widths, aspect and growth ratios, memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.meshes.build import BYTES_PER_CELL
from coldrack.meshes.mesh import Mesh


def mesh_report(mesh: Mesh) -> dict[str, Any]:
    """Figures of a mesh for the user to judge before anything is solved.

    Parameters
    ----------
    mesh : Mesh

    Returns
    -------
    dict
        ``cells`` and their split by ``fluid_cells``, ``solid_cells``, ``void_cells`` and ``component_cells``; ``nx``, ``ny``,
        ``nz``; ``smallest_width`` and ``largest_width`` by axis, metres; ``aspect_ratio``, the longest over the shortest
        side of a cell, largest over all cells; ``growth_ratio`` by axis, the largest ratio of neighbouring widths;
        ``memory_bytes``, an estimate of what a run takes.
    """
    grid = mesh.grid
    nz, ny, nx = grid.shape
    widths = dict(zip("xyz", grid.widths))
    growth = {a: float(np.exp(np.abs(np.diff(np.log(w))).max(initial=0.0))) for a, w in widths.items()}
    aspect = max(widths[a].max() / widths[b].min() for a in "xyz" for b in "xyz" if a != b)  # every such cell exists
    counts = {name: int(np.count_nonzero(mesh.cells_of(name))) for name in mesh.components}
    return {
        "cells": grid.cells,
        "nx": nx,
        "ny": ny,
        "nz": nz,
        "fluid_cells": int(np.count_nonzero(mesh.material == 1)),
        "solid_cells": int(np.count_nonzero(mesh.material > 1)),
        "void_cells": int(np.count_nonzero(mesh.material == 0)),
        "smallest_width": {a: float(w.min()) for a, w in widths.items()},
        "largest_width": {a: float(w.max()) for a, w in widths.items()},
        "aspect_ratio": float(max(aspect, 1.0)),
        "growth_ratio": growth,
        "memory_bytes": grid.cells * BYTES_PER_CELL,
        "component_cells": counts,
    }
