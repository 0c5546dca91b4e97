"""Figures of a mesh."""

import numpy as np
import pytest
from support import box_mesh

from coldrack.meshes.build import BYTES_PER_CELL
from coldrack.meshes.report import mesh_report


def test_aspect_ratio_is_that_of_the_worst_cell():
    """The longest and the shortest width of the grid lie along the same axis: no cell has both."""
    mesh = box_mesh(np.array([0.0, 0.1, 10.1]), np.array([0.0, 1.0]), np.array([0.0, 2.0, 3.5]))
    sides = np.stack([np.broadcast_to(w.reshape([-1 if a == d else 1 for a in (2, 1, 0)]), mesh.grid.shape)
                      for d, w in enumerate(mesh.grid.widths)])
    worst = (sides.max(axis=0) / sides.min(axis=0)).max()
    assert mesh_report(mesh)["aspect_ratio"] == pytest.approx(worst) == pytest.approx(20.0)


def test_counts_growth_and_memory():
    material = np.array([0, 1, 2, 1], np.uint8)
    mesh = box_mesh(np.array([0.0, 1.0, 3.0, 4.0, 5.0]), np.array([0.0, 1.0]), np.array([0.0, 1.0]), material, ["copper"],
                    {"slab": material == 2})
    report = mesh_report(mesh)
    assert (report["cells"], report["nx"], report["ny"], report["nz"]) == (4, 4, 1, 1)
    assert (report["void_cells"], report["fluid_cells"], report["solid_cells"]) == (1, 2, 1)
    assert report["component_cells"] == {"slab": 1}
    assert report["growth_ratio"] == pytest.approx({"x": 2.0, "y": 1.0, "z": 1.0})
    assert report["smallest_width"]["x"] == 1.0 and report["largest_width"]["x"] == 2.0
    assert report["memory_bytes"] == 4 * BYTES_PER_CELL
