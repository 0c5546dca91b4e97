"""What a mesh is like: counts, widths, aspect and growth ratios, memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.meshes.build import BYTES_PER_CELL
from coldrack.meshes.mesh import Mesh


def mesh_report(mesh: Mesh) -> dict[str, Any]:
    """Figures of a mesh for the user to judge before anything is solved."""
    grid = mesh.grid
    nz, ny, nx = grid.shape
    widths = dict(zip("xyz", grid.widths))
    growth = {a: float(max((np.maximum(w[1:] / w[:-1], w[:-1] / w[1:])).max(), 1.0)) if w.size > 1 else 1.0
              for a, w in widths.items()}
    largest, smallest = max(w.max() for w in widths.values()), min(w.min() for w in widths.values())
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
        "aspect_ratio": float(largest / smallest),
        "growth_ratio": growth,
        "memory_bytes": grid.cells * BYTES_PER_CELL,
        "component_cells": counts,
    }
