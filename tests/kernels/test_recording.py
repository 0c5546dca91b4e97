"""Recorded launches: what a replay does, and what must not stand in a recording. On the host, and for CUDA on the stand-in."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import linear_support
import numpy as np
import pytest
from stand_in import StandInBackend

from coldrack.kernels import get_backend
from coldrack.solver.linear.multigrid import Multigrid

INNER = (slice(1, -2),) * 3


def spent(be: StandInBackend, work: Callable[[], Any]) -> dict[str, int]:
    """What `work` sends to the device and copies."""
    before = be.counters.snapshot()
    work()
    return {name: n - before[name] for name, n in be.counters.snapshot().items() if n != before[name]}


def halve(be: StandInBackend, x: Any, y: Any) -> Callable[[], None]:
    """y = x / 2 in single precision, x -= 1, by a launch and a change in place."""
    def work() -> None:
        be.launch("scale_to_float", 4, 1, 1, 0.5, x, y)
        x[...] -= 1.0  # type: ignore[misc]

    return work


def halved() -> tuple[StandInBackend, Any, Any]:
    be = StandInBackend()
    return be, be.asarray(np.arange(4.0).reshape(1, 1, 4)), be.zeros((1, 1, 4), "f4")


def test_numpy_just_calls() -> None:
    do, called = get_backend("numpy").recording(), []
    for _ in range(3):
        do(lambda: called.append(1), "any array")
    assert len(called) == 3


def test_the_second_call_records_and_replays() -> None:
    be, x, y = halved()
    do, work = be.recording(), halve(be, x, y)
    with warnings.catch_warnings(action="error"), be.no_transfers():
        assert [spent(be, lambda: do(work)) for _ in range(4)] == [{"launches": 1}, *[{"replays": 1}] * 3]
    assert np.array_equal(be.to_numpy(y)[0, 0], 0.5 * (np.arange(4.0) - 3))
    assert np.array_equal(be.to_numpy(x)[0, 0], np.arange(4.0) - 4)


def test_other_arrays_are_recorded_again() -> None:
    be, x, y = halved()
    do, other = be.recording(), be.zeros((1, 1, 4), "f4")
    for target in (y, y, other, other, y):
        do(lambda target=target: be.launch("scale_to_float", 4, 1, 1, 0.5, x, target), target)
        assert np.array_equal(be.to_numpy(target)[0, 0], 0.5 * np.arange(4.0))
        target.fill(7.0)
    assert be.counters.launches == 1 and be.counters.replays == 4


BAD = {
    "a new array": (lambda be, x: be.zeros((3,)), "a new array of 24 bytes"),
    "an expression": (lambda be, x: x + 1.0, "a new array of 32 bytes"),
    "a copy": (lambda be, x: x.reshape(1, 4)[:, 1::2].reshape(2, 1).astype("f8"), "a new array of 16 bytes"),
    "another precision": (lambda be, x: x.astype("f4"), "a new array of 16 bytes"),
    "an upload": (lambda be, x: x.set(np.zeros((1, 1, 4))), "copy between host and device is not allowed"),
    "a download": (lambda be, x: be.to_numpy(x), "copy between host and device is not allowed"),
    "a number": (lambda be, x: float(x[0, 0, 0]), "reading a number is not allowed"),
    "a reduction": (lambda be, x: be.dot(x, x), "is not allowed"),
    "a wait": (lambda be, x: be.synchronize(), "waiting is not allowed"),
    "a matrix product": (lambda be, x: x[0] @ x[0, 0], "cuBLAS API during stream capture"),
    "an inverse": (lambda be, x: be.inverse(x[0, :, :1]), "inverse of a matrix is not allowed"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_recorded_is_said_and_done_by_launches(bad: str) -> None:
    be, x, y = halved()
    do, work, (mistake, says) = be.recording(), halve(be, x, y), BAD[bad]
    x += 10.0

    def wrong() -> None:
        mistake(be, x)
        work()

    do(wrong)
    with pytest.warns(RuntimeWarning, match=rf"launches could not be recorded \(.*{says}.*\): .* one by one"):
        do(wrong)
    with warnings.catch_warnings(action="error"):
        do(wrong)
    assert be.counters.replays == 0 and be.counters.capturing is None
    if bad != "an upload":
        assert np.array_equal(be.to_numpy(y)[0, 0], 0.5 * (np.arange(4.0) + 8))


def test_arrays_that_are_gone_are_seen() -> None:
    """A graph does not keep its arrays: their owner must, or name them."""
    be, x, y = halved()
    for named in (False, True):
        do, owner = be.recording(), {"y": y}

        def work(owner: dict[str, Any] = owner) -> None:
            be.launch("scale_to_float", 4, 1, 1, 0.5, x, owner["y"])

        for _ in range(2):
            do(work, *owner.values() if named else ())
        owner["y"] = None
        del y
        y = owner["y"] = be.zeros((1, 1, 4), "f4")
        if named:
            do(work, *owner.values())
            assert np.array_equal(be.to_numpy(y)[0, 0], 0.5 * np.arange(4.0))
        else:
            with pytest.raises(AssertionError, match="array that is gone"):
                do(work)


def test_errors_of_the_work_itself_come_through() -> None:
    be, x, y = halved()
    do = be.recording()
    with pytest.raises(ZeroDivisionError):
        do(lambda: 1 / 0)
    do(halve(be, x, y))
    assert be.counters.launches == 1


# ---------------------------------------------------------------- on the host
def small() -> tuple[Any, Any, Any]:
    be = get_backend("host")
    return be, be.asarray(np.arange(4.0).reshape(1, 1, 4)), be.zeros((1, 1, 4), "f4")


def test_the_host_replays_launches_and_clearing() -> None:
    """Three calls double x three times; the work itself is done in the first call and noted in the second."""
    be, x, y = small()
    do, entered = be.recording(), []

    def work() -> None:
        entered.append(1)
        be.clear(y)
        be.launch("step_solution", 4, 1, 1, 1.0, x, x, half, r)  # half += x
        be.launch("scale_to_float", 4, 1, 1, 0.5, half, y)

    half, r = be.zeros((1, 1, 4)), be.zeros((1, 1, 4))
    with warnings.catch_warnings(action="error"):
        for number in range(1, 6):
            y.fill(np.nan)
            do(work)
            assert np.array_equal(half, number * np.arange(4.0).reshape(1, 1, 4)) and np.array_equal(y, 0.5 * half)
    assert len(entered) == 2 and all(a.flags.writeable for a in (x, y, half, r))


def test_the_host_records_again_for_other_arrays() -> None:
    be, x, y = small()
    do, other = be.recording(), be.zeros((1, 1, 4), "f4")
    with warnings.catch_warnings(action="error"):
        for target in (y, y, other, other, y):
            do(lambda target=target: be.launch("scale_to_float", 4, 1, 1, 0.5, x, target), target)
            assert np.array_equal(target[0, 0], 0.5 * np.arange(4.0))
            target.fill(7.0)


NUMBERS = iter(range(100))
BAD_ON_HOST = {
    "a change in place": (lambda be, x, y: x.__iadd__(1.0), "read-only"),
    "through a view": (lambda be, x, y: x[0].fill(2.0), "read-only"),
    "a new array": (lambda be, x, y: be.zeros((3,)), "a new array"),
    "an expression": (lambda be, x, y: be.launch("scale_to_float", 4, 1, 1, 1.0, x + 1.0, y), "a new array"),
    "a reduction": (lambda be, x, y: be.dot(x, x), "a reduction"),
    "another number": (lambda be, x, y: be.launch("scale_to_float", 4, 1, 1, float(next(NUMBERS)), x, y), "other .* numbers"),
}


@pytest.mark.parametrize("bad", BAD_ON_HOST)
def test_what_a_replay_on_the_host_would_leave_out_is_said_and_done_by_launches(bad: str) -> None:
    (be, x, y), (mistake, says) = small(), BAD_ON_HOST[bad]
    do, expected = be.recording(), x.copy()

    def work(x: Any = x) -> None:
        mistake(be, x, y)
        be.launch("scale_to_float", 4, 1, 1, 0.5, x, y)

    for number in range(3):
        with pytest.warns(RuntimeWarning, match=f"could not be recorded .*{says}") if number == 1 else nullcontext():
            do(work)
        if bad in ("a change in place", "through a view"):
            mistake(be, expected, None)
        assert np.array_equal(x, expected) and np.array_equal(y, 0.5 * expected) and x.flags.writeable


def test_colours_in_one_call_do_what_single_launches_do() -> None:
    """Also with another relaxation, other arrays in the place of old ones, and extents that leave out the last plane."""
    be, rng, n = get_backend("host"), np.random.default_rng(7), (5, 4, 3)
    shape = tuple(s + 2 for s in reversed(n))
    for left_out in (0, 1):
        extents = (*n[:2], n[2] - left_out)
        for shift in (0.0, 0.1, 0.0):
            system = [be.asarray(0.1 * rng.uniform(size=shape)) for _ in range(8)]
            x = be.asarray(rng.normal(size=shape))
            y = x.copy()
            for _ in range(2):
                be.launch_colours("gauss_seidel_advected", extents, (0, 1, 1, 0), shift, *system, x)
                for colour in (0, 1, 1, 0):
                    be.launch("gauss_seidel_advected", *extents, colour, shift, *system, y)
            assert np.array_equal(x, y) and np.ptp(x - y) == 0.0 and not np.array_equal(x[1:-1], 0)
            del system, x, y  # the next ones may lie in the same place


# ---------------------------------------------------------------- the multigrid cycle
@pytest.mark.parametrize(("how", "refine"), [("host", 2), ("ptx", 1)])
@pytest.mark.parametrize("advected", [False, True], ids=["conduction", "advected"])
def test_a_replayed_cycle_gives_the_same_numbers(advected: bool, how: str, refine: int) -> None:
    """Bit for bit what single launches give, also after new coefficients; one replay, no copy, nothing waited for."""
    system, rng = linear_support.fins(refine, advected), np.random.default_rng(4)
    be = StandInBackend(how=how)
    plain, replayed = (Multigrid(be, system.axes, advected) for _ in range(2))
    r = be.asarray(linear_support.pad(rng.normal(size=system.cells)))
    y, z = (be.with_dtype("f4").zeros(r.shape) for _ in range(2))
    sent = []
    for factor in (1.0, 1.5):  # beyond 2 flow and conduction would ask for other coarse grids, and a new recording
        for mg in (plain, replayed):
            mg.update([be.asarray(factor * g) for g in system.g],
                      [be.asarray(m) for m in system.m] if system.m else None)
        plain.recorded = lambda work, *arrays: work()
        for scale in (1.0, 0.3):
            be.launch("scale_to_double", *reversed(r.shape), 1.7, z, r)
            r[INNER] += be.asarray(rng.normal(size=system.cells))
            plain.apply(r, y, scale)
            with be.no_transfers(), warnings.catch_warnings(action="error"):
                sent.append(spent(be, lambda scale=scale: replayed.apply(r, z, scale)))
            assert np.array_equal(be.to_numpy(y), be.to_numpy(z)) and abs(be.to_numpy(z)).max() > 0
    assert len(replayed.levels) > 1 and sent[0]["launches"] > 10 * len(replayed.levels) - 10
    assert sent[1:] == [{"launches": 1, "replays": 1}] * 3


@pytest.mark.parametrize("way", ["conduction", "advected", "strong", "lines"])
def test_a_replayed_cycle_on_the_host_gives_the_same_numbers(way: str) -> None:
    """Bit for bit what single launches give, coarse coefficients too; whatever a replay left out would show."""
    advected = way != "conduction"
    system, rng, be = linear_support.fins(2, advected), np.random.default_rng(4), get_backend("host")
    plain, replayed = (Multigrid(be, system.axes, advected) for _ in range(2))
    r = be.asarray(linear_support.pad(rng.normal(size=system.cells)))
    y, z = (be.with_dtype("f4").zeros(r.shape) for _ in range(2))
    for mg in (plain, replayed) if way == "strong" else ():
        mg.strengthen()
    for factor in (1.0, 1.5, 0.9, 1.2):
        for mg in (plain, replayed):
            if mg is plain:
                mg.coarsening = lambda work, *arrays: work()
            with warnings.catch_warnings(action="error"):
                mg.update([factor * g for g in system.g], [m * 1.0 for m in system.m] if system.m else None)
            if way == "lines" and factor == 1.0:
                mg.use_lines(1)
        plain.recorded = lambda work, *arrays: work()
        for scale in (1.0, 0.3):
            r[INNER] += rng.normal(size=system.cells)
            plain.apply(r, y, scale)
            with warnings.catch_warnings(action="error"):
                replayed.apply(r, z, scale)
            assert np.array_equal(y, z) and abs(z).max() > 0
    assert replayed.recorded.run is not None and replayed.coarsening.run is not None
    assert all(np.array_equal(a.dinv, b.dinv) and np.array_equal(a.solved, b.solved)
               for a, b in zip(plain.levels, replayed.levels))


def test_the_coarsest_system_is_solved() -> None:
    """To the rounding of sums in single precision."""
    system, be = linear_support.fins(1, advected=True), StandInBackend()
    mg = Multigrid(be, system.axes, True)
    mg.update([be.asarray(g) for g in system.g], [be.asarray(m) for m in system.m or []])
    b = np.random.default_rng(5).normal(size=mg.bottom.cells)
    x, last = mg.be.zeros(tuple(n + 3 for n in mg.bottom.cells)), mg.levels[-1]
    mg.bottom.solve(mg.be.asarray(linear_support.pad(b)), x)
    exact = linear_support.matrix(*[[be.to_numpy(a).astype(float) for a in c] for c in (last.g, last.m or [])])
    assert mg.bottom.size > 30 and np.allclose(exact @ be.to_numpy(x)[INNER].ravel(), b.ravel(), atol=1e-4 * abs(b).max())
