"""Sweeps of large grids on the host, a few planes at a time: bit for bit what whole sweeps give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import coldrack.kernels.host as host
import coldrack.kernels.host_calls as host_calls
from coldrack.kernels import get_backend
from coldrack.kernels.check import random_arguments
from coldrack.kernels.source import kernels

SWEEPS = [name for name, k in kernels().items() if k.chequered]
SHAPE = (9, 7, 23)


def planes(many: float, name: str) -> int:
    """Bytes of so many planes of all of a kernel's arrays, in double precision."""
    arrays = sum(len(a.dimensions) == 3 for a in kernels()[name].arguments)
    return int(many * arrays * (SHAPE[0] + 2) * (SHAPE[1] + 2) * 8)


@pytest.mark.parametrize("taller", [0, 1])
@pytest.mark.parametrize("colours", [(0, 1), (1, 0, 1, 0, 1, 0), (0, 0, 1)])
@pytest.mark.parametrize("name", SWEEPS)
def test_the_same_bits(name: str, colours: tuple[int, ...], taller: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where arrays have a plane more than the extents ask for, and in a recording."""
    be = host.HostBackend()
    plain = random_arguments(kernels()[name], (*SHAPE[:2], SHAPE[2] + taller), "f8", np.random.default_rng(4))[4:]
    waves: list[Any] = []
    monkeypatch.setattr(host, "Wave", lambda *a: waves.append(a) or host_calls.Wave(*a))
    got = []
    for room in (0, planes(len(colours) + 2 + 4, name), planes(len(colours) + 2 + 9, name)):
        monkeypatch.setattr(host, "room", lambda room=room: room)
        there = [be.asarray(a, a.dtype) if isinstance(a, np.ndarray) else a for a in plain]
        be.launch_colours(name, SHAPE, colours, *there)
        recorded, do = [be.asarray(a, a.dtype) if isinstance(a, np.ndarray) else a for a in plain], be.recording()
        for _ in range(3):  # by launches, recorded, replayed
            recorded[-1][...] = plain[-1]
            do(lambda recorded=recorded: be.launch_colours(name, SHAPE, colours, *recorded), recorded[-1])
        assert do.run is not None and np.array_equal(recorded[-1], there[-1])
        got.append(there[-1])
    assert {a[3] for a in waves} == {4, 9}, "planes at a time"
    assert np.array_equal(got[0], got[1]) and np.array_equal(got[0], got[2]) and not np.array_equal(got[0], plain[-1])


def test_sweeps_that_fit_the_cache_are_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "gauss_seidel"
    be: Any = get_backend("host")
    monkeypatch.setattr(host, "Wave", lambda *a: pytest.fail("cut"))
    plain = random_arguments(kernels()[name], SHAPE, "f8", np.random.default_rng(4))[4:]
    there = [be.asarray(a, a.dtype) for a in plain]
    be.launch_colours(name, SHAPE, (0, 1), *there)
    monkeypatch.setattr(host, "room", lambda: planes(6, name))  # nor those of which too few planes would fit
    be.launch_colours(name, SHAPE, (0, 1, 0, 1), *there)


def test_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "size").write_text("32768K\n")
    for path, size in ((tmp_path / "size", 12 * 2**20), (tmp_path / "none", 3 * 2**20)):
        monkeypatch.setattr(host, "LAST_CACHE", str(path))
        assert host.room.__wrapped__() == size
