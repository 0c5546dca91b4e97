"""Backward-facing step of Driver & Seegmiller at Re_H 36000: reattachment, friction and profiles, SST and k-epsilon."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import box_mesh, check, join_faces, record, run, settings, symmetric, table, unit_fluid, whole_face

from coldrack.solver.problem import Boundary, Problem, Turbulence

SOURCE = "Driver & Seegmiller, AIAA J. 23 (1985) 163; NASA Turbulence Modeling Resource"
NU = 1.0 / 36000.0  # step and reference speed are 1
# Above the step at x = -4: height, and root mean square of one component over the speed, (2k/3)^0.5/u with w'^2 as the mean of
# u'^2 and v'^2 (measured from 0.1 up), and length 0.41 y up to 0.09 of the boundary layer's 1.5.
BANDS = ((0.0, 0.05, 0.11, 0.01), (0.05, 0.15, 0.095, 0.04), (0.15, 0.5, 0.073, 0.1), (0.5, 1.0, 0.053, 0.13),
         (1.0, 1.6, 0.028, 0.13), (1.6, 6.9, 0.018, 0.13), (6.9, 8.0, 0.04, 0.1))


def growing(first: float, ratio: float, length: float) -> np.ndarray:
    """Faces from 0 to `length` whose widths grow from about `first`."""
    count = int(np.ceil(np.log(1.0 + length * (ratio - 1.0) / first) / np.log(ratio)))
    widths = ratio ** np.arange(count)
    return np.concatenate([[0.0], np.cumsum(widths)]) / widths.sum() * length


def inflow(y: np.ndarray) -> np.ndarray:
    """Mean over every cell of the measured profile at x = -4, drawn to zero at both walls by a power law."""
    data = table("backstep_driver_seegmiller_profiles")
    data = data[data["x_over_H"] == -4.0]
    height, speed = data["y_over_H"] - 1.0, data["u"]
    low, high = np.array([0.0, 0.02, 0.05]), np.array([7.5, 7.9, 8.0])
    height = np.concatenate([low, height, high])
    speed = np.concatenate([[0.0, 0.45, 0.60], speed, [0.89, 0.65, 0.0]])
    fine = np.linspace(0.0, 8.0, 80001)
    u = np.interp(fine, height, speed)
    total = np.concatenate([[0.0], np.cumsum(0.5 * (u[1:] + u[:-1]) * np.diff(fine))])
    return np.where(y[1:] > 1.0 + 1e-9, np.diff(np.interp(np.maximum(y, 1.0) - 1.0, fine, total)) / np.diff(y), 0.0)[None, :]


def step(model: str, first: float, along: float) -> Problem:
    """From x = -4 to 36; first cells at the step's walls of size `first`, and `along` beside the step along the flow."""
    below = growing(first, 1.12, 0.5)
    lower = np.concatenate([below, 1.0 - below[-2::-1]])
    y = join_faces(lower, 1.0 + growing(first, 1.12, 4.0), 9.0 - growing(0.1, 1.2, 4.0)[::-1])
    upstream = -growing(along, 1.15, 4.0)[::-1]
    x = join_faces(upstream, growing(along, 1.06, 36.0))
    material = np.ones((1, y.size - 1, x.size - 1), np.uint8)
    material[:, : lower.size - 1, : upstream.size - 1] = 0
    mesh = box_mesh(x, y, np.array([0.0, 1.0]), material, sides=["x1", "z0", "z1"])
    height, profile, boundaries = mesh.grid.centres[1] - 1.0, inflow(y), []
    for n, (low, high, intensity, length) in enumerate(BANDS):
        whole_face(mesh, f"in{n}", 0, 0, ((height > low) & (height <= high))[None, :])
        boundaries.append(Boundary(f"in{n}", "inlet", profile=profile, turbulence_intensity=intensity,
                                   turbulence_length=length))
    return Problem("backward-facing step", mesh, unit_fluid(NU), {}, turbulence=Turbulence(model),  # type: ignore[arg-type]
                   boundaries=[*boundaries, Boundary("x1", "outlet"), *symmetric("z0", "z1")],
                   settings=settings(energy=False, residual=1e-5, tolerance=1e-4))


def reattachment(solution: Any) -> float:
    """Where the velocity beside the wall turns positive for good."""
    x, u = solution.problem.mesh.grid.x, solution.u[0, 0]
    i = int(np.flatnonzero((u[:-1] < 0) & (u[1:] >= 0) & (x[1:] > 1.5))[-1])
    return float(x[i] - u[i] * (x[i + 1] - x[i]) / (u[i + 1] - u[i]))


def at(solution: Any, x: float) -> np.ndarray:
    """u over the height at x."""
    grid = solution.problem.mesh.grid
    return np.array([np.interp(x, grid.x, line) for line in solution.u[0]])


def report(name: str, solution: Any) -> None:
    """Record the differences of velocity profiles, and of the friction where the flow has attached again."""
    grid, data = solution.problem.mesh.grid, table("backstep_driver_seegmiller_profiles")
    for x in (1.0, 4.0, 6.0, 10.0):
        rows = data[data["x_over_H"] == x]
        off = np.interp(rows["y_over_H"], grid.centres[1], at(solution, x)) - rows["u"]
        record(f"{name}, u at x = {x:g}, rms", float(np.sqrt(np.mean(off**2))), None, SOURCE)
    friction = table("backstep_driver_seegmiller_cf")
    far = friction[friction["x_over_H"] > 16.0]
    y, u = grid.centres[1][0], np.interp(far["x_over_H"], grid.x, solution.u[0, 0])
    star = np.sqrt(u * NU / y)  # to begin with
    for _ in range(30):
        plus = np.maximum(star * y / NU, 0.1)
        star = u / (np.log(1 + 0.41 * plus) / 0.41 + 7.3746 * (1 - np.exp(-plus / 11) - plus / 11 * np.exp(-0.33 * plus)))
    record(f"{name}, friction beyond x = 16, mean error", float(np.mean(2.0 * star**2 / far["Cf"] - 1.0)), None, SOURCE)


def check_step(model: str, first: float, along: float) -> None:
    solution = run(step(model, first, along))
    name = f"turbulent step, {model}, {solution.problem.mesh.grid.x.size - 1} x {solution.problem.mesh.grid.y.size - 1} cells"
    check(f"{name}, reattachment", abs(reattachment(solution) / 6.26 - 1.0), 0.10, SOURCE)
    report(name, solution)


@pytest.mark.parametrize("model", ["k_omega_sst", "k_epsilon"])
def test_step(model: str) -> None:
    """68 x 54 cells: reattachment within 10 % of 6.26."""
    check_step(model, 0.04, 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("first", [0.02, 0.01])
def test_step_fine(first: float) -> None:
    """SST with cells of 0.02 and 0.01 at the walls: within 10 % (CFL3D's SST has 6.54, measured 6.26 +- 0.10)."""
    check_step("k_omega_sst", first, 3.0 * first)
