"""Steps in time on device memory: no array moves in a step, and few numbers are waited for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stand_in import StandInBackend
from support import box_mesh, symmetric

from coldrack.solver.physics.unsteady_step import Stepper
from coldrack.solver.problem import Boundary, ConstantCoolant, HeatSource, Problem, Settings, Solid, Transient
from coldrack.solver.run import solve

READS_PER_STEP = 120  # waits for a number, in three stages that solve for the pressure and for implicit conduction


def channel(**time: Any) -> Problem:
    """A heated channel between two solid walls, with buoyancy."""
    x, y, z = np.linspace(0, 3.0, 13), np.linspace(0, 1.0, 9), np.linspace(0, 1.0, 9)
    material = np.ones((8, 8, 12), np.uint8)
    material[:2] = 2
    mesh = box_mesh(x, y, z, material, ["metal"], {"metal": material == 2}, ["x0", "x1", "y0", "y1", "z1"])
    return Problem("channel", mesh, ConstantCoolant(1.0, 0.01, 0.02, 1.0, beta=0.01),
                   {"metal": Solid("metal", (5.0, 5.0, 5.0), 2.0, 1.0)}, sources=[HeatSource("metal", "metal", 1.0)],
                   boundaries=[Boundary("x0", "inlet", velocity=1.0, temperature=300.0), Boundary("x1", "outlet"),
                               *symmetric("y0", "y1"), Boundary("z1", "wall", temperature=301.0)],
                   gravity=(0.0, 0.0, -9.8), settings=Settings(time=Transient(0.6, 0.6, average_from=0.2, **time)))


@pytest.mark.parametrize("time", [{"model": "wale"}, {"step": 0.12}, {"model": "vreman", "convection": "bounded"}],
                         ids=["WALE", "long steps", "Vreman, bounded"])
def test_steps_move_no_array(time: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    be, reads = StandInBackend(), []
    plain = Stepper.advance

    def guarded(self: Stepper, step: float) -> None:
        before = be.counters.reads
        with be.no_transfers():
            plain(self, step)
        reads.append(be.counters.reads - before)

    monkeypatch.setattr(Stepper, "advance", guarded)
    solution = solve(channel(**time), be)
    assert solution.converged, solution.reason
    print(f"waits for a number in one step: {np.median(reads):.0f}, at most {max(reads)}")
    assert len(reads) >= 4 and np.median(reads) <= READS_PER_STEP
    host = solve(channel(**time), "numpy")
    np.testing.assert_allclose(solution.temperature, host.temperature, atol=1e-5)
    np.testing.assert_allclose(solution.u, host.u, atol=1e-4)
