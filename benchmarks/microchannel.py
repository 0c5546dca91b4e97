"""Conjugate heat transfer in half a copper microchannel (200 000 cells), until resistance and pressure drop settle to 0.1 %.

The value is the thermal resistance from the hottest point of the heated face to the inlet; its reference is the limit that
OpenFOAM's two grids extrapolate to at second order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.benchmarks.ours import solve_timed
from coldrack.benchmarks.registry import OURS, Case, Measurement

HALF_CHANNEL, HALF_WALL, BASE, DEPTH, LENGTH = 115.5e-6, 118e-6, 500e-6, 713e-6, 44.8e-3  # m
FLUX, SPEED, T_IN, COPPER = 9e5, 0.34407, 288.15, 400.0  # W/m2, m/s, K, W/(m K)
OPENFOAM = {0.5: {"t_max": 392.850, "pressure_drop": 3710.4}, 1.0: {"t_max": 392.983, "pressure_drop": 3775.2}}  # converged
LIMIT = (4.0 * OPENFOAM[1.0]["t_max"] - OPENFOAM[0.5]["t_max"]) / 3.0
REFERENCE = (LIMIT - T_IN) / FLUX * 1e4  # K cm2/W
SETTLED = 1e-3


def channel(refinement: float) -> Any:
    """Half a channel and half a wall; x across, y from the heated base to the cover, z along the flow."""
    from coldrack.meshes.grid import Grid
    from coldrack.meshes.mesh import Mesh, Patch
    from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Settings, Solid

    nc, nw, nb, nh, nz = (round(n * refinement) for n in (12, 8, 10, 40, 200))
    side = HALF_CHANNEL + HALF_WALL
    x = np.concatenate([np.linspace(0.0, HALF_CHANNEL, nc + 1), np.linspace(HALF_CHANNEL, side, nw + 1)[1:]])
    y = np.concatenate([np.linspace(0.0, BASE, nb + 1), np.linspace(BASE, BASE + DEPTH, nh + 1)[1:]])
    widths = (4.0 ** (1.0 / (nz - 1))) ** np.arange(nz)  # the last four times the first
    z = LENGTH * np.concatenate([[0.0], np.cumsum(widths) / widths.sum()])
    grid = Grid(x, y, z)
    wet = (np.arange(nc + nw) < nc)[None, :] & (np.arange(nb + nh) >= nb)[:, None]
    plane = {0: (nz, nb + nh), 1: (nz, nc + nw)}
    patches = {"inlet": Patch("inlet", 2, 0, wet), "outlet": Patch("outlet", 2, 1, wet),
               "base": Patch("base", 1, 0, np.ones(plane[1], bool))}
    patches |= {name: Patch(name, 0, side, np.ones(plane[0], bool)) for side, name in enumerate(("left", "right"))}
    material = np.ascontiguousarray(np.broadcast_to(np.where(wet, 1, 2).astype(np.uint8), grid.shape))
    mesh = Mesh(grid, material, ["void", "fluid", "copper"], np.zeros(grid.shape, np.uint16), [], patches)
    water: Any = ConstantCoolant(rho=997.0, mu=8.55e-4, k=8.55e-4 * 4179.0 / 5.8287, cp=4179.0)
    boundaries = [Boundary("inlet", "inlet", velocity=SPEED, temperature=T_IN), Boundary("outlet", "outlet"),
                  Boundary("base", "wall", heat_flux=FLUX), Boundary("left", "symmetry"), Boundary("right", "symmetry")]
    settings = Settings(tolerance=SETTLED, residual=1e-4, unit_responses=False)
    return Problem("conjugate microchannel", mesh, water, {"copper": Solid("copper", (COPPER,) * 3)}, boundaries=boundaries,
                   reference_temperature=T_IN, settings=settings)


def solve_channel(solver: str, refinement: float) -> Measurement:
    """One solution by one solver."""
    if solver == "openfoam":
        from coldrack.benchmarks.peers.openfoam_flow import solve_channel as peer

        return peer(refinement, OPENFOAM[refinement], {"inlet_temperature": T_IN, "flux": FLUX, "speed": SPEED,
                                                       "reference": REFERENCE, "iterations": 300})
    from coldrack import solve

    solve(channel(0.125))  # builds and loads the kernels
    problem = channel(refinement)
    solution, clock = solve_timed(problem)
    hottest = float((solution.temperature[:, 0] + FLUX * 0.5 * problem.mesh.grid.widths[1][0] / COPPER).max())
    return Measurement(problem.mesh.grid.cells, clock.cpu, clock.wall, solution.iterations, clock.peak,
                       (hottest - T_IN) / FLUX * 1e4, REFERENCE, details={"pressure_drop": solution.pressure_drop,
                                                                          "heat_relative": solution.ledger["heat_relative"]})


QUANTITY = "resistance of the hottest point of the heated face, K cm2/W"
CASES = [
    Case("channel-400", solve_channel, (OURS,), QUANTITY, {"refinement": 0.125}, quick=True, full=False),
    Case("channel-25k", solve_channel, (OURS, "openfoam"), QUANTITY, {"refinement": 0.5}),
    Case("channel-200k", solve_channel, (OURS, "openfoam"), QUANTITY, {"refinement": 1.0}),
]
