"""Developing flow between plates at Reynolds number 100: past a block behind the inlet, and between eight parallel fins.

Height and mean velocity are 1. The value is the pressure drop over rho u^2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from coldrack.benchmarks.ours import solve_timed
from coldrack.benchmarks.registry import Measurement

Box = tuple[float, float, float, float]  # x and y from, to, as shares of length and height
BLOCK: tuple[Box, ...] = ((0.25, 0.3125, 0.0, 0.5),)
FINS: tuple[Box, ...] = tuple((0.25, 0.75, k / 8, k / 8 + 1 / 16) for k in range(8))
SHAPES = {"block": BLOCK, "fins": FINS}
VISCOSITY = 0.01
DROP = "pressure drop over rho u^2"


def channel(nx: int, ny: int, aspect: float, boxes: Sequence[Box] = (), nz: int = 1, **options: Any) -> Any:
    """The problem: a channel of height 1 with cells `aspect` times as long as high, and solid boxes; `options` of `Settings`.

    One cell deep it is plane flow, else a duct.
    """
    from coldrack.meshes.grid import Grid
    from coldrack.meshes.mesh import Mesh, Patch
    from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Settings

    material = np.ones((nz, ny, nx), np.uint8)
    for x0, x1, y0, y1 in boxes:
        material[:, round(y0 * ny) : round(y1 * ny), round(x0 * nx) : round(x1 * nx)] = 0
    grid = Grid(np.arange(nx + 1) * aspect / ny, np.linspace(0.0, 1.0, ny + 1), np.linspace(0.0, 1.0, nz + 1))
    patches = {f"x{side}": Patch(f"x{side}", 0, side, np.ones((nz, ny), bool)) for side in (0, 1)}
    patches |= {f"z{side}": Patch(f"z{side}", 2, side, np.ones((ny, nx), bool)) for side in (0, 1)}
    mesh = Mesh(grid, material, ["void", "fluid"], np.zeros(grid.shape, np.uint16), [], patches)
    boundaries = [Boundary("x0", "inlet", velocity=1.0), Boundary("x1", "outlet")]
    boundaries += [Boundary(side, "symmetry") for side in ("z0", "z1")] if nz == 1 else []
    fluid: Any = ConstantCoolant(rho=1.0, mu=VISCOSITY, k=1.0, cp=1.0)
    settings = Settings(**{"residual": 1e-6, "max_iterations": 20000, "unit_responses": False, "energy": False, **options})
    return Problem("channel", mesh, fluid, {}, boundaries=boundaries, settings=settings)


def solve_obstacles(solver: str, shape: str, n: int) -> Measurement:
    """One solution on square cells, `n` of them across and twice as many along."""
    from coldrack import solve

    solve(channel(8, 8, 1.0))  # builds and loads the kernels
    problem = channel(2 * n, n, 1.0, SHAPES[shape])
    solution, clock = solve_timed(problem)
    return Measurement(problem.mesh.grid.cells, clock.cpu, clock.wall, solution.iterations, clock.peak, solution.pressure_drop)
