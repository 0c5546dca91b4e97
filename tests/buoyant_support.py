"""A case of buoyant coolant around a heated solid that several proofs share."""

from __future__ import annotations

from typing import Any

import numpy as np
from support import SIDES, box_mesh, settings, symmetric

from coldrack.solver.materials import coolant
from coldrack.solver.problem import Boundary, HeatSource, Problem, Solid

POWER = 0.02
OPENINGS = {
    "closed": [Boundary("x1", "wall", temperature=300.0)],
    "forced": [Boundary("z0", "inlet", velocity=0.02, temperature=300.0), Boundary("z1", "outlet")],
    "chimney": [Boundary("z0", "inlet", pressure=0.0, temperature=300.0), Boundary("z1", "outlet", temperature=300.0)],
}


def chip_in_air(kind: str, gravity: float = 9.81, fine: int = 1, **changes: Any) -> Problem:
    """A copper chip on the wall of a vertical channel, 20 mm x 100 mm, 5 mm deep; 24 x 40 cells or `fine` times as many."""
    material = np.ones((40 * fine, 1, 24 * fine), np.uint8)
    material[10 * fine : 20 * fine, :, : 6 * fine] = 2
    x, z = np.linspace(0.0, 0.02, 24 * fine + 1), np.linspace(0.0, 0.1, 40 * fine + 1)
    mesh = box_mesh(x, np.array([0.0, 0.005]), z, material, ["copper"], {"chip": material == 2}, list(SIDES))
    given = {"residual": 1e-5, "tolerance": 1e-4, "unit_responses": True, **changes}
    return Problem(f"chip in air, {kind}", mesh, coolant("air"), {"copper": Solid("copper", (390.0, 390.0, 390.0))},
                   sources=[HeatSource("chip", "chip", POWER)], boundaries=[*OPENINGS[kind], *symmetric("y0", "y1")],
                   gravity=(0.0, 0.0, -gravity), reference_temperature=300.0, property_temperature=300.0,
                   settings=settings(**given))
