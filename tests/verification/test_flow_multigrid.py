"""Multigrid cycles of the flow: the answer of the segregated iteration, in numbers that do not grow with the grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from support import SIDES, box_mesh, run, settings, symmetric, tanh_faces, unit_fluid

from coldrack.benchmarks import obstacles
from coldrack.benchmarks.obstacles import BLOCK, FINS, Box
from coldrack.kernels import get_backend
from coldrack.solver.physics import flow_multigrid
from coldrack.solver.physics.flow import Flow
from coldrack.solver.physics.flow_levels import plan
from coldrack.solver.physics.flow_multigrid import FlowMultigrid
from coldrack.solver.physics.layout import Layout
from coldrack.solver.problem import Boundary, Problem


def cavity(cells: int, reynolds: float = 400.0, **options: Any) -> Problem:
    """Lid-driven square, one cell deep, walls resolved by a stretched grid."""
    faces = tanh_faces(cells)
    mesh = box_mesh(faces, faces, np.array([0.0, 0.1]), sides=list(SIDES))
    boundaries = [Boundary("y1", "wall", velocity=(1.0, 0.0, 0.0)), *symmetric("z0", "z1")]
    return Problem("cavity", mesh, unit_fluid(1.0 / reynolds), {}, boundaries=boundaries,
                   settings=settings(energy=False, **{"residual": 1e-8, "tolerance": 1e-7, **options}))


def channel(nx: int, ny: int, aspect: float, boxes: Sequence[Box] = (), nz: int = 1, **options: Any) -> Problem:
    """Developing flow at Reynolds number 100, tightly converged."""
    return obstacles.channel(nx, ny, aspect, boxes, nz, **{"residual": 1e-8, "tolerance": 1e-7, **options})


def flow_of(problem: Problem) -> Flow:
    """The flow at rest."""
    layout = Layout(problem.mesh.grid)
    flow = Flow(problem, layout, get_backend("host"))
    coolant, at = problem.coolant, np.array(300.0)
    assert coolant is not None
    flow.set_properties(np.full(layout.shape, float(coolant.density(at))), np.full(layout.shape, float(coolant.viscosity(at))))
    return flow


def cycles(problem: Problem, goal: float = 1e-6, most: int = 30) -> int:
    """Cycles until the change is below the goal."""
    multigrid = FlowMultigrid(flow_of(problem))
    multigrid.start()
    for count in range(1, most + 1):
        if multigrid.iterate()["momentum"] < goal:
            return count
        assert multigrid.active, f"{problem.title} {problem.mesh.grid.shape}: {multigrid.reason}"
    raise AssertionError(f"{problem.title} {problem.mesh.grid.shape}: {most} cycles do not do")


@pytest.mark.parametrize("problem", [cavity(32), channel(48, 16, 5.0), channel(24, 8, 4.0, nz=8), channel(64, 32, 2.0, BLOCK)],
                         ids=["cavity", "channel", "duct", "block"])
def test_same_answer_as_segregated(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Velocities, pressures and the pressure drop are those of segregated iterations, to the tolerance of both."""
    fast = run(problem)
    assert "multigrid cycles" in " ".join(fast.notes)
    monkeypatch.setattr(flow_multigrid, "plan", lambda *_: [])
    slow = run(problem)
    assert "multigrid cycles" not in " ".join(slow.notes)
    assert len(fast.history["iteration"]) < 0.5 * len(slow.history["iteration"])
    for name in ("u", "v", "w"):
        assert np.abs(getattr(fast, name) - getattr(slow, name)).max() < 3e-6, name
    fluid = problem.mesh.fluid
    p, q = (s.pressure[fluid] - s.pressure[fluid].mean() for s in (fast, slow))
    assert np.abs(p - q).max() < 1e-5 * np.ptp(q)


@pytest.mark.parametrize("make", [lambda n: cavity(4 * n), lambda n: channel(4 * n, 2 * n, 1.0),
                                  lambda n: channel(4 * n, 2 * n, 20.0), lambda n: channel(8 * n, 4 * n, 1.0, BLOCK)],
                         ids=["cavity", "channel", "long cells", "block"])
def test_cycles_do_not_grow(make: Any) -> None:
    """Twice as fine a grid needs no more than a quarter more cycles, and two."""
    coarse, fine = cycles(make(8)), cycles(make(16))
    assert fine <= math.ceil(1.25 * coarse) + 2
    assert fine <= 20


def test_fins_keep_their_gaps() -> None:
    """Every level has the fins and two cells in each gap; cycles converge."""
    problem = channel(128, 64, 1.0, FINS)
    kind = flow_of(problem).boundary.kind
    counts = [w.size for w in problem.mesh.grid.widths]
    for starts in plan(kind, problem.mesh.grid.widths):
        assert all(s[0] == 0 and s[-1] == n for s, n in zip(starts, counts))
        counts = [s.size - 1 for s in starts]
    assert counts[1] >= 8 * (2 + 1)
    assert cycles(problem) <= 15


def test_levels_carry_the_same_flow() -> None:
    """What flows in on the coarsest grid is what flows in on the finest."""
    multigrid = FlowMultigrid(flow_of(channel(32, 16, 2.0, nz=8)))
    inflow = []
    for level in multigrid.levels:
        area = level.layout.width[1][1:-2] * level.layout.width[2][1:-2, None]
        inflow.append(float((level.velocity[0][1:-2, 1:-2, 1] * area).sum()))
    assert len(inflow) >= 3
    np.testing.assert_allclose(inflow, 1.0, rtol=1e-12)


def test_gives_up_where_it_does_not_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cycles that contract too little leave the flow to the segregated iteration, which converges; the log says so."""
    monkeypatch.setattr(FlowMultigrid, "contraction", 1e-3)
    solution = run(channel(48, 16, 5.0, residual=1e-6, tolerance=1e-5))
    assert "then segregated, since they contracted by" in " ".join(solution.notes)


def test_begins_anew_after_divergence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cycle that ends in no number does not end the run."""
    monkeypatch.setattr(FlowMultigrid, "_take", lambda self, index: math.nan)
    solution = run(channel(48, 16, 5.0, residual=1e-6, tolerance=1e-5))
    assert "since they diverged" in " ".join(solution.notes)
