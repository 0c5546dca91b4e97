"""Turbulent flow whose iteration does not settle: the mean over its cycle is the answer, and the run says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support import box_mesh, settings, symmetric, whole_face

from coldrack import solve
from coldrack.kernels import get_backend
from coldrack.solver.mean import LEAST, Mean
from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Turbulence

AIR = ConstantCoolant(1.2, 1.8e-5, 0.026, 1005.0)


def room() -> Problem:
    """A jet along the ceiling of a room, in a model that gives its edge hardly any viscosity: it flaps."""
    mesh = box_mesh(np.linspace(0.0, 9.0, 25), np.linspace(0.0, 3.0, 31), np.array([0.0, 1.0]), sides=["z0", "z1"])
    height = mesh.grid.centres[1][None, :]
    whole_face(mesh, "in", 0, 0, height > 2.8)
    whole_face(mesh, "out", 0, 1, height < 0.5)
    return Problem("flapping jet", mesh, AIR, {},
                   boundaries=[Boundary("in", "inlet", velocity=0.455, temperature=300.0), Boundary("out", "outlet"),
                               *symmetric("z0", "z1")],
                   turbulence=Turbulence("lvel"), reference_temperature=300.0, settings=settings(energy=True))


def test_a_flow_that_flaps_is_averaged() -> None:
    """The books of the mean flow close, its iterations' swing is told."""
    solution = solve(room())
    assert solution.converged, solution.reason
    told = solution.averaged
    assert told["iterations"] >= LEAST and told["period"] > 4
    value = told["values"]["pressure_drop"]
    assert value["half_range"] > 1e-3 * abs(value["mean"])
    assert any("means over" in note and "+-" in note for note in solution.notes)
    assert solution.ledger["mass_relative"] < 1e-8 and solution.ledger["heat_relative"] < 1e-8
    assert solution.temperature == pytest.approx(300.0, abs=1e-6)
    assert solution.summary()["averaged"]["values"] == told["values"]


@pytest.mark.parametrize("period", [0.0, 7.3, 90.0])
def test_mean_over_whole_periods(period: float) -> None:
    """A sine about a constant averages to the constant over at least five periods, up to a share of one iteration."""
    be = get_backend("numpy", "f8")
    fields = [be.zeros((2, 2, 2)) for _ in range(4)]
    flow: Any = SimpleNamespace(velocity=fields[:3], pressure=fields[3], eddies=None, be=be)
    mean, n = Mean(flow, None, period), 0
    while not mean.complete:
        swing = np.sin(2 * np.pi * n / period) if period else 0.0
        for k, field in enumerate(fields):
            field[...] = k + swing
        mean.add({"momentum": 1.0, "mass": 0.0, "pressure_drop": 5.0 + 2.0 * swing})
        n += 1
    mean.take()
    assert n >= max(LEAST, 5 * period)
    for k, field in enumerate(fields):
        assert field == pytest.approx(k, abs=0.02)
    middle, half = mean.swings()["pressure_drop"]
    assert middle == pytest.approx(5.0, abs=0.04) and half == pytest.approx(2.0 if period else 0.0, abs=0.2)
