"""Single precision changes how momentum is swept, not the answer."""

from __future__ import annotations

import numpy as np
from support import SIDES, box_mesh, run, settings, unit_fluid

from coldrack.solver.problem import Boundary, Problem


def test_single_precision_gives_the_same_answer() -> None:
    """A heated channel behind a block: velocities and temperatures of f4 and f8 agree far below the solver's tolerance."""
    x, y, z = np.linspace(0, 2, 25), np.linspace(0, 1, 13), np.linspace(0, 0.5, 7)
    material = np.ones((6, 12, 24), np.uint8)
    material[:, :4, 6:9] = 0
    mesh = box_mesh(x, y, z, material, sides=list(SIDES))
    boundaries = [Boundary("x0", "inlet", velocity=1.0, temperature=300.0), Boundary("x1", "outlet"),
                  Boundary("y1", "wall", heat_flux=1.0)]
    problem = Problem("channel with a block", mesh, unit_fluid(0.02), {}, boundaries=boundaries, reference_temperature=300.0,
                      settings=settings(residual=1e-8, tolerance=1e-7))
    double, single = (run(problem, dtype=dtype) for dtype in ("f8", "f4"))
    assert single.dtype == "f4"
    for name in ("u", "v", "w"):
        assert np.abs(getattr(single, name) - getattr(double, name)).max() < 1e-6
    assert np.abs(single.temperature - double.temperature).max() < 1e-5 * np.ptp(double.temperature)
    assert single.ledger["mass_relative"] < 1e-8 and single.ledger["heat_relative"] < 1e-6
