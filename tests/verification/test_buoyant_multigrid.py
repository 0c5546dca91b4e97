"""Multigrid cycles of buoyant flow: the answer of the segregated iteration, in numbers that do not grow with the grid."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from buoyant_support import OPENINGS, chip_in_air
from support import SIDES, box_mesh, run, settings, symmetric, tanh_faces

from coldrack.solver.physics import flow_multigrid
from coldrack.solver.physics.buoyant import BuoyantFlow
from coldrack.solver.physics.buoyant_multigrid import BuoyantMultigrid
from coldrack.solver.problem import Boundary, ConstantCoolant, Problem

TIGHT: dict[str, Any] = {"residual": 1e-7, "tolerance": 1e-6}


def cavity(faces: np.ndarray, rayleigh: float, depth: np.ndarray | None = None, **options: Any) -> Problem:
    """Air between a hot and a cold side of a square or, with as many cells in depth, a cube."""
    z = np.array([0.0, 0.1]) if depth is None else depth
    mesh = box_mesh(faces, faces, z, sides=list(SIDES))
    air = ConstantCoolant(rho=1.0, mu=0.71, k=1.0, cp=1.0, beta=0.5)
    boundaries = [Boundary("x0", "wall", temperature=1.0), Boundary("x1", "wall", temperature=0.0)]
    boundaries += symmetric("z0", "z1") if depth is None else []
    return Problem("cavity", mesh, air, {}, boundaries=boundaries, reference_temperature=0.0,
                   gravity=(0.0, -2.0 * 0.71 * rayleigh, 0.0), settings=settings(**{**TIGHT, **options}))


SQUARE = np.linspace(0.0, 1.0, 33)
CUBE = np.linspace(0.0, 1.0, 17)


@pytest.mark.parametrize("problem", [cavity(SQUARE, 1e4), cavity(tanh_faces(32, strength=1.8), 1e5), cavity(CUBE, 1e4, CUBE),
                                     *(chip_in_air(kind, **TIGHT) for kind in OPENINGS)],
                         ids=["square", "stretched", "cube", "chip", "chip in a stream", "chimney"])
def test_same_answer_as_segregated(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Velocities, pressures and temperatures are those of segregated iterations, to the tolerance of both."""
    fast = run(problem)
    assert "multigrid cycles" in " ".join(fast.notes) and "then segregated" not in " ".join(fast.notes)
    monkeypatch.setattr(flow_multigrid, "plan", lambda *_: [])
    slow = run(problem)
    assert "multigrid cycles" not in " ".join(slow.notes)
    assert len(fast.history["iteration"]) < 0.6 * len(slow.history["iteration"])
    speed = max(np.abs(getattr(slow, name)).max() for name in ("u", "v", "w"))
    for name in ("u", "v", "w"):
        assert np.abs(getattr(fast, name) - getattr(slow, name)).max() < 1e-5 * speed, name
    fluid = problem.mesh.fluid
    p, q = (s.pressure[fluid] - s.pressure[fluid].mean() for s in (fast, slow))
    assert np.abs(p - q).max() < 1e-5 * np.ptp(q)
    assert np.abs(fast.temperature - slow.temperature).max() < 2e-5 * np.ptp(slow.temperature)


@pytest.mark.parametrize("make", [lambda n: cavity(np.linspace(0.0, 1.0, n + 1), 1e5),
                                  lambda n: chip_in_air("closed", fine=n // 32, **TIGHT)], ids=["cavity", "chip"])
def test_cycles_do_not_grow(make: Any) -> None:
    """Twice as fine a grid needs no more than a quarter more cycles, and two."""
    coarse, fine = (len(run(make(n)).history["momentum"]) for n in (32, 64))
    assert fine <= math.ceil(1.25 * coarse) + 2 <= 25


def test_an_unsolved_coarsest_grid_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the coarsest grid has no steady flow the cycles give up, say so, and spoil nothing."""
    plain = BuoyantFlow.iterate

    def restless(self: BuoyantFlow) -> dict[str, float]:
        row = plain(self)
        return {**row, "momentum": 1.0} if self.cells < 1000 else row

    monkeypatch.setattr(BuoyantFlow, "iterate", restless)
    solution = run(cavity(SQUARE, 1e5))
    assert "then segregated, since they contracted by" in " ".join(solution.notes)


def test_begins_anew_after_divergence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cycle that ends in no number does not end the run; velocities and temperatures begin from rest."""
    monkeypatch.setattr(BuoyantMultigrid, "_take", lambda self, index: math.nan)
    solution = run(cavity(SQUARE, 1e4))
    assert "since they diverged" in " ".join(solution.notes)
