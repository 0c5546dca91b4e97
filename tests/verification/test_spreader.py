"""Spreading resistance of a plate under a heat source that covers a part of it."""

from __future__ import annotations

import numpy as np
import pytest
from support import box_mesh, check, conduction, geometric_faces, join_faces, run, table, whole_face

from coldrack.solver.problem import Boundary, Solid

CASES = table("spreader_exact")


def clustered(length: float, low: float, high: float, cells: int) -> np.ndarray:
    """Faces on [0, length], finest where the source's edges `low` and `high` cut the flux off."""
    middle = 0.5 * (low + high)
    parts = []
    if low > 0:
        parts.append(low - geometric_faces(cells, 0.0, low, 8.0)[::-1])
        parts.append(geometric_faces(cells, low, middle, 8.0))
    else:
        parts.append(np.linspace(0.0, middle, cells + 1))
    parts.append(high + middle - geometric_faces(cells, middle, high, 8.0)[::-1])
    parts.append(geometric_faces(2 * cells if low == 0 else cells, high, length, 8.0))
    return join_faces(*parts)


@pytest.mark.parametrize("row", range(len(CASES)))
def test_spreading_resistance(row: int) -> None:
    """Mean source temperature over the sink against the exact double cosine series.

    Reference: spreader_exact.csv, 3-D conduction in a plate with a film below and a uniform flux on a rectangle above
    (own series, checked against its full-cover limit and finite differences). Tolerance 0.2 %: discretisation error of
    16 cells on each side of the source's edges, where the flux jumps.
    """
    case = CASES[row]
    x = clustered(case["a"], case["x0"], case["x1"], 16)
    y = clustered(case["b"], case["y0"], case["y1"], 16)
    z = case["t"] - geometric_faces(16, 0.0, case["t"], 6.0)[::-1]
    mesh = box_mesh(x, y, z, 2, ["plate"], sides=["z0"])
    xc, yc, _ = mesh.grid.centres
    inside_x, inside_y = (xc > case["x0"]) & (xc < case["x1"]), (yc > case["y0"]) & (yc < case["y1"])
    source = whole_face(mesh, "source", 2, 1, inside_y[:, None] & inside_x[None, :])
    flux = case["power_W"] / ((case["x1"] - case["x0"]) * (case["y1"] - case["y0"]))
    film = {"heat_transfer_coefficient": float(case["h"]), "ambient_temperature": 300.0}
    boundaries = [Boundary("z0", "wall", **film), Boundary("source", "wall", heat_flux=flux)]
    plate = Solid("plate", (case["k"],) * 3)
    problem = conduction(f"spreader {row}", mesh, [plate], boundaries, reference_temperature=300.0)
    dx, dy, dz = mesh.grid.widths
    surface = run(problem).temperature[-1] + flux * 0.5 * dz[-1] / case["k"]
    area = (dy[:, None] * dx[None, :])[source.mask]
    rise = float((surface[source.mask] * area).sum() / area.sum()) - 300.0
    check(f"spreading resistance, case {row + 1}", abs(rise / case["T_mean_source"] - 1), 2e-3, "exact cosine series")
