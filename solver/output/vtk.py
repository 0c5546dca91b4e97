"""Fields as a pyvista grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from coldrack.solver.output.vtkhdf import cell_fields
from coldrack.solver.solution import Solution


def rectilinear(faces: Sequence[Any], fields: dict[str, Any]) -> Any:
    """A `pyvista.RectilinearGrid` from face coordinates and cell arrays of shape (nz, ny, nx[, 3])."""
    import pyvista

    grid = pyvista.RectilinearGrid(*(np.asarray(f, float) for f in faces))
    for name, values in fields.items():
        grid.cell_data[name] = values.reshape(-1, 3) if values.ndim == 4 else values.ravel()
    grid.set_active_scalars("T")
    return grid


def to_pyvista(solution: Solution) -> Any:
    """The fields of a solution: T (K), p (Pa), U (m/s), material, component."""
    return rectilinear(solution.problem.mesh.grid.faces, cell_fields(solution))
