"""Anderson acceleration on linear fixed points, where its answer is known."""

from __future__ import annotations

import numpy as np

from coldrack.kernels import get_backend
from coldrack.solver.physics.anderson import WINDOW, Anderson


def iterate(matrix: np.ndarray, goal: np.ndarray, steps: int, accelerate: bool) -> float:
    """Distance from the fixed point of x -> goal + matrix (x - goal), in two fields."""
    be, accelerator, n = get_backend("numpy"), Anderson(), goal.size // 2
    x = [np.zeros(n), np.zeros(n)]
    for _ in range(steps):
        accelerator.begin(x)
        new = goal + matrix @ (np.concatenate(x) - goal)
        x[0][...], x[1][...] = new[:n], new[n:]
        if accelerate:
            accelerator.end(be, x, [1.0, 2.0])
    return float(np.linalg.norm(np.concatenate(x) - goal))


def test_few_modes_are_removed_at_once() -> None:
    """With no more modes than the window, growing and oscillating ones among them, the fixed point is found (to single)."""
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(20, 20)))[0]
    values = np.zeros(20)
    values[: WINDOW - 1] = [0.99, 0.9, -0.95, 1.5, 0.5][: WINDOW - 1]
    matrix, goal = basis @ np.diag(values) @ basis.T, rng.normal(size=20)
    assert iterate(matrix, goal, WINDOW + 4, True) < 1e-4 * np.linalg.norm(goal)
    assert iterate(matrix, goal, WINDOW + 4, False) > 1e-2 * np.linalg.norm(goal)


def test_rotations_of_many_modes_converge_faster() -> None:
    angles = np.linspace(0.1, 1.0, 10)
    matrix = np.zeros((20, 20))
    for n, a in enumerate(angles):
        matrix[2 * n : 2 * n + 2, 2 * n : 2 * n + 2] = 0.97 * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    goal = np.ones(20)
    assert iterate(matrix, goal, 60, True) < 0.3 * iterate(matrix, goal, 60, False)


def test_reset_forgets() -> None:
    be, accelerator = get_backend("numpy"), Anderson()
    x = [np.ones(4)]
    for value in (2.0, 2.5):
        accelerator.begin(x)
        x[0][...] = value
        accelerator.end(be, x, [1.0])
    accelerator.reset()
    accelerator.begin(x)
    x[0][...] = 7.0
    accelerator.end(be, x, [1.0])
    assert np.all(x[0] == 7.0) and not accelerator.steps


def test_swings_that_do_not_die_out_hold_slow_modes_back() -> None:
    """Why turbulent flow ends with plain steps: beside noise the change falls, but slow modes lag by half the window.

    The least squares of 13 changes of independent noise is about their mean, a root 13 smaller; the mean of 13 iterates is
    six behind, so that each iteration of the slow mode is worth a seventh.
    """
    be, rng, count = get_backend("numpy"), np.random.default_rng(1), 300
    noise = 0.1 * rng.normal(size=(count, 200))
    reached, changes = {}, {}
    for accelerate in (False, True):
        accelerator, x = Anderson(12), [np.zeros(200), np.zeros(1)]
        for n in range(count):
            accelerator.begin(x)
            before = x[0].copy()
            x[0][...] = noise[n]
            x[1] += 0.01 * (1.0 - x[1])
            if accelerate:
                accelerator.end(be, x, [1.0, 1.0])
            change = np.linalg.norm(x[0] - before)
        reached[accelerate], changes[accelerate] = float(x[1][0]), change
    pace = np.log(1.0 - reached[True]) / np.log(1.0 - reached[False])
    assert reached[False] > 0.9 and 0.5 / 7 < pace < 2.0 / 7
    assert changes[True] < 0.5 * changes[False]
