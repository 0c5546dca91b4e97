"""The solver on device memory: no array moves in its loops, none mixes with numpy, and few numbers are waited for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stand_in import DeviceArray, StandIn, StandInBackend
from streams import TransferForbidden
from support import box_mesh, conduction, run, settings, symmetric, unit_fluid

from coldrack.kernels import BackendError
from coldrack.kernels.cuda import CudaBackend
from coldrack.solver.linear.krylov import Krylov
from coldrack.solver.linear.multigrid import Multigrid
from coldrack.solver.physics.buoyant import BuoyantFlow
from coldrack.solver.physics.flow import Flow
from coldrack.solver.probe import PressureProbe
from coldrack.solver.problem import Boundary, ConstantCoolant, HeatSource, Problem, Solid
from coldrack.solver.run import solve

READS_PER_FLOW_ITERATION = 40  # waits for a number; each costs some 10 microseconds on a GPU, an iteration milliseconds


def channel(closed: bool = False) -> Problem:
    """A heated channel between two solid walls (or a lid-driven box), a few hundred cells."""
    x, y, z = np.linspace(0, 3.0, 13), np.linspace(0, 1.0, 9), np.linspace(0, 1.0, 9)
    material = np.ones((8, 8, 12), np.uint8)
    sides = ["x0", "x1", "y0", "y1", "z0", "z1"]
    if closed:
        mesh = box_mesh(x, y, z, material, sides=sides)
        boundaries = [Boundary("z1", "wall", velocity=(1.0, 0.0, 0.0)), *symmetric("y0", "y1")]
        return Problem("box", mesh, unit_fluid(0.05), {}, boundaries=boundaries, settings=settings(energy=False, **LOOSE))
    material[:2] = 2
    mesh = box_mesh(x, y, z, material, ["metal"], {"metal": material == 2}, sides)
    boundaries = [Boundary("x0", "inlet", velocity=1.0, temperature=300.0), Boundary("x1", "outlet"), *symmetric("y0", "y1")]
    return Problem("channel", mesh, unit_fluid(0.05), {"metal": Solid("metal", (5.0, 5.0, 5.0))},
                   sources=[HeatSource("metal", "metal", 1.0)], boundaries=boundaries,
                   settings=settings(**{**LOOSE, "unit_responses": True}))


def heated_box() -> Problem:
    """Air between a hot and a cold side, Rayleigh number 1e5."""
    f = np.linspace(0.0, 1.0, 13)
    mesh = box_mesh(f, f, np.array([0.0, 0.1]), sides=["x0", "x1", "z0", "z1"])
    boundaries = [Boundary("x0", "wall", temperature=1.0), Boundary("x1", "wall", temperature=0.0), *symmetric("z0", "z1")]
    return Problem("heated box", mesh, ConstantCoolant(1.0, 0.71, 1.0, 1.0, beta=1.0), {}, boundaries=boundaries,
                   reference_temperature=0.0, gravity=(0.0, -7.1e4, 0.0), settings=settings(**LOOSE))


LOOSE = {"tolerance": 1e-3, "residual": 1e-4, "max_iterations": 200}


def guard(monkeypatch: pytest.MonkeyPatch, be: StandInBackend, owner: Any, name: str, entered: dict[str, list[int]]) -> None:
    """Forbid copies inside a method, and note the numbers waited for in each call."""
    plain = getattr(owner, name)

    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = be.counters.reads
        with be.no_transfers():
            result = plain(self, *args, **kwargs)
        entered.setdefault(f"{owner.__name__}.{name}", []).append(be.counters.reads - before)
        return result

    monkeypatch.setattr(owner, name, guarded)


@pytest.mark.parametrize("closed", [False, True], ids=["channel", "closed box"])
def test_flow_iterations_move_no_array(closed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    be, entered = StandInBackend(), {}
    guard(monkeypatch, be, Flow, "iterate", entered)
    guard(monkeypatch, be, PressureProbe, "__call__", entered)
    solution = solve(channel(closed), be)
    assert solution.converged, solution.reason
    reads = entered["Flow.iterate"]
    assert len(reads) >= 10 and set(entered["PressureProbe.__call__"]) <= {0, 1}
    print(f"waits for a number in one flow iteration: {np.median(reads):.0f}, at most {max(reads)}")
    assert np.median(reads) <= READS_PER_FLOW_ITERATION


def test_buoyant_iterations_move_no_array(monkeypatch: pytest.MonkeyPatch) -> None:
    be, entered = StandInBackend(), {}
    guard(monkeypatch, be, BuoyantFlow, "iterate", entered)
    there, here = solve(heated_box(), be), solve(heated_box(), "host")
    assert there.converged, there.reason
    reads = entered["BuoyantFlow.iterate"]
    print(f"waits for a number in one buoyant iteration: {np.median(reads):.0f}, at most {max(reads)}")
    assert np.median(reads) <= 2 * READS_PER_FLOW_ITERATION  # pressure, temperature and acceleration
    assert np.allclose(there.temperature, here.temperature, atol=1e-3)


def test_linear_solvers_move_no_array(monkeypatch: pytest.MonkeyPatch) -> None:
    be, entered = StandInBackend(), {}
    for owner, name in ((Krylov, "cg"), (Krylov, "bicgstab"), (Multigrid, "apply"), (Multigrid, "update")):
        guard(monkeypatch, be, owner, name, entered)
    assert solve(channel(), be).converged
    assert set(entered) == {"Krylov.cg", "Krylov.bicgstab", "Multigrid.apply", "Multigrid.update"}
    assert set(entered["Multigrid.apply"]) == {0}
    assert set(entered["Multigrid.update"]) == {0, 12}, "of an advected operator the sums that choose its grids and lines"


def test_running_out_of_device_memory_is_said() -> None:
    be = StandInBackend()
    be.xp.free = 20_000
    with pytest.raises(BackendError, match=r"out of memory on cuda: an array of .* does not fit, .* of 32.00 GiB are free"):
        solve(channel(), be)


def test_same_answer_as_host() -> None:
    """The stand-in runs the host's kernels: only the order of reductions differs."""
    there, here = solve(channel(), StandInBackend()), solve(channel(), "host")
    assert there.device == "cuda"
    assert np.allclose(there.temperature, here.temperature, rtol=1e-6)
    assert np.isclose(there.pressure_drop, here.pressure_drop, rtol=1e-3)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_solve_through_the_device_code(dtype: str) -> None:
    """Conduction with the PTX that a GPU would get, through the launch code that a GPU would get."""
    mesh = box_mesh(np.linspace(0, 1, 6), np.linspace(0, 1, 6), np.linspace(0, 1, 7), 2, ["metal"], sides=["z0", "z1"])
    walls = [Boundary("z0", "wall", temperature=1.0), Boundary("z1", "wall", temperature=0.0)]
    problem = conduction("slab", mesh, [Solid("metal", (1.0, 1.0, 1.0))], walls)
    be = StandInBackend(how="ptx")
    solution = run(problem, device=be, dtype=dtype)
    assert be.counters.launches > 50
    assert np.allclose(solution.temperature, 1.0 - mesh.grid.centres[2][:, None, None], atol=1e-10)


def test_reductions_through_the_device_code() -> None:
    be, rng = StandInBackend(how="ptx"), np.random.default_rng(0)
    for count in (1, 1000, 2500):
        a, b = rng.normal(size=count), rng.normal(size=count).astype(np.float32)
        there, single = be.asarray(a), be.with_dtype("f4").asarray(b)
        assert np.isclose(be.dot(there, there), a @ a, rtol=1e-14)
        assert np.isclose(be.dot(there, single), a @ b.astype(float), rtol=1e-12)
        assert np.isclose(be.dot(single, there), a @ b.astype(float), rtol=1e-12)
        assert np.isclose(be.abs_sum(there), abs(a).sum(), rtol=1e-14)
        assert be.max_abs(there) == abs(a).max()
        assert be.max_abs(single) == abs(b).max()
    a[7] = np.nan
    assert np.isnan(be.max_abs(be.asarray(a))) and np.isnan(be.dot(be.asarray(a), be.asarray(a)))


def test_reductions_of_large_arrays_take_two_stages() -> None:
    be = StandInBackend()
    a = np.random.default_rng(0).normal(size=300_000)
    there, before = be.asarray(a), be.counters.snapshot()
    assert np.isclose(be.dot(there, there), a @ a, rtol=1e-13)
    assert np.isclose(be.abs_sum(there), abs(a).sum(), rtol=1e-13)
    assert be.max_abs(there) == abs(a).max()
    after = be.counters.snapshot()
    assert after["downloads"] == before["downloads"] and after["reads"] - before["reads"] == 3
    assert after["launches"] - before["launches"] == 6


def test_the_stand_in_is_strict() -> None:
    be = StandInBackend()
    a, host = be.zeros((2, 3, 4)), np.zeros((2, 3, 4))
    for wrong in (lambda: a + host, lambda: host + a, lambda: np.sqrt(a), lambda: np.asarray(a), lambda: a.__iadd__(host),
                  lambda: a.__setitem__(Ellipsis, host), lambda: a[np.zeros(2, int)], lambda: list(a)):
        with pytest.raises(TypeError):
            wrong()
    large = be.zeros((2000,))
    with be.no_transfers():
        large += 1.0
        assert float(large.sum()) == 2000.0
        with pytest.raises(TransferForbidden):
            be.to_numpy(large)
        with pytest.raises(TransferForbidden):
            be.asarray(host)
    assert be.counters.reads == 1 and np.isnan(be.to_numpy(be.empty((2,)))).all()
    assert isinstance(a, DeviceArray) and isinstance(be, CudaBackend) and isinstance(be.xp, StandIn)
