"""Radiation with arrays of a device."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stand_in import StandInBackend
from support import box_mesh, run, settings

from coldrack.solver.linear.krylov import Krylov
from coldrack.solver.physics.radiation import RadiationSettings
from coldrack.solver.problem import Boundary, ConstantCoolant, HeatSource, Problem, Solid


def test_same_answer_and_no_transfers(monkeypatch: pytest.MonkeyPatch) -> None:
    """On arrays of a device, moving none in the linear solver."""
    f, material = np.linspace(0.0, 1.0, 7), np.ones((6, 6, 6), int)
    material[2:4, 2:4, 2:4] = 2
    sides = ["x0", "x1", "y0", "y1", "z0", "z1"]
    mesh = box_mesh(f, f, f, material, ["metal"], {"body": material == 2}, sides)
    problem = Problem("body in a room", mesh, ConstantCoolant(1.0, 1.0, 1e-3, 1.0), {"metal": Solid("metal", (100.0,) * 3)},
                      sources=[HeatSource("heat", "body", 100.0)], reference_temperature=300.0,
                      boundaries=[Boundary(n, "wall", temperature=300.0) for n in sides],
                      radiation=RadiationSettings({"default": 0.8}, 300.0, rays=64), settings=settings(flow=False))
    be, plain, calls = StandInBackend(), Krylov.bicgstab, []

    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(self.coupling)
        with be.no_transfers():
            return plain(self, *args, **kwargs)

    monkeypatch.setattr(Krylov, "bicgstab", guarded)
    there = run(problem, device=be)
    monkeypatch.undo()
    assert calls and all(calls)
    assert np.allclose(there.temperature, run(problem).temperature, atol=1e-6)
