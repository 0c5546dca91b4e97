"""Turbulent flow whose iteration does not settle: the mean over its cycle is the answer, and the run says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support import box_mesh, settings, symmetric, whole_face

from coldrack import solve
from coldrack.kernels import get_backend
from coldrack.solver.mean import LEAST, LONGER, WINDOWS, Mean
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
    assert value["half_range"] > 1e-3 * abs(value["mean"]) and abs(value["drift"]) < 0.5 * value["half_range"]
    assert any("means over" in note and "+-" in note for note in solution.notes)
    assert solution.ledger["mass_relative"] < 1e-8 and solution.ledger["heat_relative"] < 1e-8
    assert solution.temperature == pytest.approx(300.0, abs=1e-6)
    assert solution.summary()["averaged"]["values"] == told["values"]


def averaged(period: float, drop: Any) -> tuple[Mean, list[Any]]:
    """A mean over four fields that are 0 to 3 plus what is left of `drop` of every iteration beyond 5, until it is complete."""
    be = get_backend("numpy", "f8")
    fields = [be.zeros((2, 2, 2)) for _ in range(4)]
    flow: Any = SimpleNamespace(velocity=fields[:3], pressure=fields[3], eddies=None, be=be)
    mean, n = Mean(flow, None, period, 5.0, 1e-3), 0
    while not mean.complete:
        for k, field in enumerate(fields):
            field[...] = k + drop(n) - 5.0
        mean.add({"momentum": 1.0, "mass": 0.0, "pressure_drop": drop(n)})
        n += 1
        assert n < 10_000
    mean.take()
    return mean, [float(field[0, 0, 0]) - k for k, field in enumerate(fields)]


@pytest.mark.parametrize("period", [0.0, 7.3, 90.0])
def test_mean_over_whole_periods(period: float) -> None:
    """A sine about a constant averages to the constant over at least four periods, up to a share of one iteration."""
    mean, off = averaged(period, lambda n: 5.0 + (np.sin(2 * np.pi * n / period) if period else 0.0))
    assert mean.begun == 1 and mean.count >= max(LEAST, 4 * period)
    assert off == pytest.approx([0.0] * 4, abs=0.02)
    middle, half, drift = mean.swings()["pressure_drop"]
    assert middle == pytest.approx(5.0, abs=0.02) and half == pytest.approx(1.0 if period else 0.0, abs=0.1)
    assert abs(drift) < 0.1 and not mean.failure()


def test_a_mean_waits_until_the_answers_stop_to_drift() -> None:
    """A way of 90 iterations to where a flow swings is no part of the mean over its swing."""
    mean, off = averaged(20.0, lambda n: 5.0 - 2.0 * max(0.0, 1.0 - n / 90) + 0.1 * np.sin(0.1 * np.pi * n))
    assert mean.begun == 2 and mean.count >= LONGER * LEAST
    assert off == pytest.approx([0.0] * 4, abs=0.01) and mean.swings()["pressure_drop"][1] == pytest.approx(0.1, rel=0.02)


@pytest.mark.parametrize(("pace", "fails"), [(1e-3, True), (5e-5, False)])
def test_what_drifts_for_ever_is_told(pace: float, fails: bool) -> None:
    """A drift beyond one percent in half a mean is no answer, a smaller one is told."""
    mean, _ = averaged(0.0, lambda n: 5.0 * (1.0 + pace * n))
    assert mean.begun == WINDOWS and mean.drifts and mean.count == 225
    assert mean.swings()["pressure_drop"][2] == pytest.approx(5.0 * pace * mean.count / 2)
    assert ("still drifts" in mean.failure()) == fails
