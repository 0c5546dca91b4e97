"""Server room, 64 kW in two rows of racks: turbulent buoyant air (k-epsilon) until what the racks draw in has settled.

6.4 m x 3.2 m x 6.4 m; tiles between the rows blow 5.76 m3/s of air at 18 degC, it leaves through the ceiling beside the walls.
Racks are porous blocks (Forchheimer's law) with a body force for their fans and evenly spread heat. Every run goes on for a
fixed number of iterations; its time is that at which the mean temperatures before both rows stay within 0.1 K of where they
end, and the heat that leaves within 0.5 % of 64 kW, for good; a run that does not come to rest (OpenFOAM's on the finer grid)
has settled when it stays within the swing of its last quarter. OpenFOAM has its own wall functions and limiters, and no
production of turbulence by buoyancy, so both end a little apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coldrack.benchmarks.registry import OURS, BenchmarkError, Case, Measurement

SIDE, HEIGHT = 6.4, 3.2  # m
ROWS = ((1.2, 2.2, -1), (4.2, 5.2, 1))  # low and high x of each row, m, and the direction of its air
ROW_TOP, ENDS = 2.0, (1.6, 4.8)  # m, height of the racks; low and high z of rows, tiles and returns
TILES, RETURNS = (2.6, 3.8), ((0.0, 0.8), (5.6, 6.4))  # m, along x
SPEED, SUPPLY, POWER = 1.5, 291.15, 32e3  # m/s and K out of the tiles, W of a row
INTENSITY, LENGTH = 0.05, 0.07  # of the supply's turbulence, length in m
LOSS, FAN = (80.0, 1000.0, 1000.0), 10.0  # 1/m; m/s2
DENSITY, HEAT_CAPACITY, VISCOSITY, PRANDTL, EXPANSION = 1.2, 1005.0, 1.5e-5, 0.71, 3.4e-3  # viscosity kinematic
FLOW = SPEED * (TILES[1] - TILES[0]) * (ENDS[1] - ENDS[0])  # m3/s
RETURN = SUPPLY + len(ROWS) * POWER / (DENSITY * HEAT_CAPACITY * FLOW)  # K, of the air that leaves, from the heat balance
NEAR, HEAT_NEAR = 0.1, 5e-3  # K of where the inlets end, share of the heat
LAST = 0.25  # of a run, over which is averaged where it ends, and how far it swings
WILD = 0.05  # share of the heat; a run that swings further has no figure


@dataclass(frozen=True)
class State:
    """Both rows' mean inlet temperatures and that of the air that leaves, K, and the time when they were so, s."""

    inlets: tuple[float, float]
    leaving: float
    cpu: float
    wall: float


def settling(states: Sequence[State]) -> int:
    """Number of the first state from which on all stay near where they end, or within the swing that they end in.

    Raises
    ------
    BenchmarkError
        If that is only in the part where the end is looked at, or the swing is too wide.
    """
    inlets, leaving = np.array([s.inlets for s in states]), np.array([s.leaving for s in states])
    last = max(1, round(LAST * len(states)))
    off = np.abs(inlets - inlets[-last:].mean(axis=0)).max(axis=1)
    missing = np.abs((leaving - SUPPLY) / (RETURN - SUPPLY) - 1.0)
    outside = np.flatnonzero((off > max(NEAR, off[-last:].max())) | (missing > max(HEAT_NEAR, missing[-last:].max())))
    first = int(outside[-1]) + 1 if outside.size else 0
    if first >= len(states) - last or missing[-last:].max() > WILD:
        raise BenchmarkError(f"not settled after {len(states)} iterations: inlets of the rows still move by up to "
                             f"{off[-last:].max():.2f} K, {100 * missing[-last:].max():.2g} % of the heat is missing")
    return first


def measurement(cells: int, states: Sequence[State], peak: int) -> Measurement:
    """What a run gave; value and reference are the temperatures of the air that leaves over the supply's."""
    first = settling(states)
    at = states[first]
    last = states[-max(1, round(LAST * len(states))):]
    leaving = [s.leaving - SUPPLY for s in last]
    end = [float(np.mean([s.inlets[row] for s in last])) - SUPPLY for row in range(len(ROWS))]
    return Measurement(cells, at.cpu, at.wall, first + 1, peak, at.leaving - SUPPLY, RETURN - SUPPLY, details={
        "inlet_rise_at_the_end": end, "swing_at_the_end": float(np.ptp([s.inlets for s in last], axis=0).max()),
        "iterations_run": len(states), "cpu_seconds_an_iteration": states[-1].cpu / len(states),
        "leaving_at_the_end": [min(leaving), max(leaving)]})


def room(n: int, iterations: int) -> Any:
    """The problem on n x n/2 x n cells; n a multiple of 32."""
    from coldrack.meshes.grid import Grid
    from coldrack.meshes.mesh import Mesh, Patch
    from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Settings, Turbulence

    grid = Grid(*(np.linspace(0.0, length, cells + 1) for length, cells in ((SIDE, n), (HEIGHT, n // 2), (SIDE, n))))
    x, _, z = grid.centres
    along = between(z, *ENDS)[:, None]
    patches = {"tiles": Patch("tiles", 1, 0, along & between(x, *TILES)),
               "return": Patch("return", 1, 1, along & (between(x, *RETURNS[0]) | between(x, *RETURNS[1])))}
    mesh = Mesh(grid, np.ones(grid.shape, np.uint8), ["void", "fluid"], np.zeros(grid.shape, np.uint16), [], patches)
    air: Any = ConstantCoolant(rho=DENSITY, mu=DENSITY * VISCOSITY, k=DENSITY * VISCOSITY * HEAT_CAPACITY / PRANDTL,
                               cp=HEAT_CAPACITY, beta=EXPANSION)
    boundaries = [Boundary("tiles", "inlet", velocity=SPEED, temperature=SUPPLY, turbulence_intensity=INTENSITY,
                           turbulence_length=LENGTH), Boundary("return", "outlet", temperature=RETURN)]
    blocks, force = racks(grid)
    return Problem("server room", mesh, air, {}, boundaries=boundaries, property_temperature=SUPPLY,
                   reference_temperature=SUPPLY, gravity=(0.0, -9.81, 0.0), turbulence=Turbulence("k_epsilon"), devices=blocks,
                   momentum_source=force, settings=Settings(max_iterations=iterations, unit_responses=False))


def heating() -> float:
    """Warming of the air in the racks by their heat, K/s."""
    low, high, _ = ROWS[0]
    return POWER / (DENSITY * HEAT_CAPACITY * (high - low) * ROW_TOP * (ENDS[1] - ENDS[0]))


def between(a: Any, low: float, high: float) -> Any:
    """Where `a` lies between two values."""
    return (a > low) & (a < high)


def racks(grid: Any) -> tuple[Any, Any]:
    """Porous blocks of both rows, and their fans' force on the faces across x, y, z, N/m3."""
    from coldrack.solver.devices import Porous

    x, y, z = grid.centres
    blocks, push = [], np.zeros(grid.shape)
    for number, (low, high, sign) in enumerate(ROWS, 1):
        cells = between(z, *ENDS)[:, None, None] & (y < ROW_TOP)[:, None] & between(x, low, high)
        blocks.append(Porous(f"row {number}", cells, (0.0, 0.0, 0.0), LOSS, power=POWER))
        push += sign * DENSITY * FAN * cells
    nz, ny, nx = grid.shape
    faces = np.zeros((nz, ny, nx + 1))
    faces[:, :, :-1] += 0.5 * push  # a face has half a cell on either side
    faces[:, :, 1:] += 0.5 * push
    return tuple(blocks), (faces, np.zeros((nz, ny + 1, nx)), np.zeros((nz + 1, ny, nx)))


def before_rows(grid: Any) -> list[tuple[Any, Any, int]]:
    """Slices along z and y and index along x of the cells that each row draws air from."""
    x, y, z = grid.centres
    rows = slice(*np.flatnonzero(between(z, *ENDS))[[0, -1]] + [0, 1]), slice(0, int(np.sum(y < ROW_TOP)))
    columns = [int(np.argmax(x > high)) if sign < 0 else int(np.argmax(x > low)) - 1 for low, high, sign in ROWS]
    return [(*rows, column) for column in columns]


def solve_room(solver: str, n: int, iterations: int, peer_iterations: int, peer_relaxation: Sequence[float]) -> Measurement:
    """One run of one solver; the peer's relaxation factors are those of pressure, velocity, temperature and turbulence."""
    if solver == "openfoam":
        from coldrack.benchmarks.peers.openfoam_room import solve

        return solve(n, peer_iterations, peer_relaxation)
    from coldrack.benchmarks.ours import follow

    problem = room(n, iterations)
    grid = problem.mesh.grid
    where, leaves = before_rows(grid), problem.mesh.patches["return"].mask

    def look(rise: Any, v: Any) -> tuple[tuple[float, float], float]:
        first, second = (float(rise[cells].mean()) + SUPPLY for cells in where)
        flow = v[:, -1] * leaves
        return (first, second), float((rise[:, -1] * flow).sum() / flow.sum()) + SUPPLY

    follow(room(32, 2), lambda *_: ())  # builds and loads the kernels
    seen, clock = follow(problem, look)
    return measurement(grid.cells, [State(*s) for s in seen], clock.peak)


QUANTITY = "rise of the air that leaves over the supply's temperature when the rows' inlets have settled, K"
BOTH = (OURS, "openfoam")
RELAXATION = [0.5, 0.7, 0.95, 0.7]  # of four the one with which OpenFOAM settles soonest on the coarser grid
CASES = [
    Case("room-16k", solve_room, BOTH, QUANTITY, {"n": 32, "iterations": 160, "peer_iterations": 800,
                                                 "peer_relaxation": RELAXATION}, quick=True),
    Case("room-131k", solve_room, BOTH, QUANTITY, {"n": 64, "iterations": 160, "peer_iterations": 1300,
                                                  "peer_relaxation": RELAXATION}),
]
