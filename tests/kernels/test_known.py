"""Launches, sweeps and reductions seen before, on the host and for CUDA on the stand-in: not checked again, and forgotten."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest
from devices import backend

from coldrack.kernels import known
from coldrack.kernels.backend import Backend, KernelArgumentError

DEVICES = ("host", "stand-in")


def arrays(be: Any) -> tuple[Any, Any]:
    return be.asarray(np.arange(6.0).reshape(1, 2, 3)), be.zeros((1, 2, 3), "f4")


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the kernels whose arguments were checked."""
    names: list[str] = []
    original = Backend._checked

    def counting(self: Backend, name: str, args: Any) -> Any:
        names.append(name)
        return original(self, name, args)

    monkeypatch.setattr(Backend, "_checked", counting)
    return names


@pytest.mark.parametrize("device", DEVICES)
def test_a_launch_is_checked_once_and_takes_other_numbers(device: str, checks: list[str]) -> None:
    be = backend(device)
    x, y = arrays(be)
    for scale in (0.5, 2.0, np.float64(3.0), 4):
        be.launch("scale_to_float", 3, 2, 1, scale, x, y)
        assert np.array_equal(be.to_numpy(y), float(scale) * np.arange(6.0).reshape(1, 2, 3))
    assert checks == ["scale_to_float"]
    be.launch("scale_to_float", 3, 1, 1, 1.0, *arrays_of(be, (1, 1, 3)))
    assert len(checks) == 2


def arrays_of(be: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    return be.zeros(shape), be.zeros(shape, "f4")


@pytest.mark.parametrize("device", DEVICES)
def test_an_array_for_a_number_is_refused_later_too(device: str) -> None:
    be = backend(device)
    x, y = arrays(be)
    be.launch("scale_to_float", 3, 2, 1, 0.5, x, y)
    with pytest.raises(KernelArgumentError, match="argument a: an array"):
        be.launch("scale_to_float", 3, 2, 1, be.zeros((2,)), x, y)


@pytest.mark.parametrize("device", DEVICES)
def test_nothing_keeps_an_array(device: str) -> None:
    """Launches, sweeps and sums are forgotten with their arrays, so that the memory is free again."""
    be = backend(device)
    x, y = arrays(be)
    g = [be.asarray(np.ones((4, 4, 4))) for _ in range(6)]
    alive = [weakref.ref(a) for a in (x, y, *g)]
    for _ in range(3):
        be.launch("scale_to_float", 3, 2, 1, 0.5, x, y)
        be.launch_colours("gauss_seidel", (2, 2, 2), (0, 1), *g)
        assert be.dot(x, y) == 0.5 * 55.0
    del x, y, g
    gc.collect()
    assert [a() for a in alive] == [None] * len(alive)
    memories: list[Any] = [*be._known.values(), be._sums, be._sweeps]
    assert not any(memory.calls for memory in memories)


def test_sweeps_that_come_again_are_one_graph() -> None:
    be = backend("stand-in")
    rng = np.random.default_rng(4)
    g = [be.asarray(rng.uniform(0.1, 1.0, (5, 5, 5))) for _ in range(6)]
    one, two = (be.asarray(be.to_numpy(g[-1])) for _ in range(2))
    sent = []
    for _ in range(3):
        before = be.counters.snapshot()
        be.launch_colours("gauss_seidel", (3, 3, 3), (0, 1, 0), *g[:-1], one)
        after = be.counters.snapshot()
        sent.append([after[name] - before[name] for name in ("launches", "replays")])
        for colour in (0, 1, 0):
            be.launch("gauss_seidel", 3, 3, 3, colour, *g[:-1], two)
    assert sent == [[3, 0], [0, 1], [0, 1]] and np.array_equal(be.to_numpy(one), be.to_numpy(two))


def test_sums_of_any_shape_and_length() -> None:
    """More terms than lanes, parts that do not lie together, other values in the same arrays."""
    be = backend("stand-in")
    for count in (3, 2000, 140_000):
        a = np.random.default_rng(1).normal(size=(1, 2, count))
        x, y = be.asarray(a), be.asarray(a[:, :, ::-1])
        for factor in (1.0, 2.0):
            assert be.dot(x, y) == pytest.approx(factor * float((a * a[:, :, ::-1]).sum()), abs=1e-12 * count)
            assert be.max_abs(y) == abs(a).max() and be.abs_sum(y) == pytest.approx(abs(a).sum())
            x *= 2.0
        part = x[:, :1, ::2]
        assert be.abs_sum(part) == pytest.approx(4.0 * abs(a[:, :1, ::2]).sum())


def test_with_very_many_calls_the_memory_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MANY", 3)
    be = backend("stand-in")
    kept = [arrays(be) for _ in range(5)]
    for x, y in kept * 2:
        be.launch("scale_to_float", 3, 2, 1, 0.5, x, y)
    assert 0 < len(be._known["scale_to_float"].calls) <= 3
