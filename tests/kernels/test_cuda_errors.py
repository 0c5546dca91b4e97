"""What the cuda backend says where something is missing, too old or too small. On the stand-in: no GPU ran these."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from stand_in import CompileFailure, DriverFailure, StandIn, StandInBackend
from streams import RuntimeFailure

import coldrack.kernels.cuda as cuda
from coldrack.kernels import BackendError, KernelArgumentError, get_backend
from coldrack.kernels.cuda import CudaBackend, block_and_grid
from coldrack.kernels.host import HostBackend
from coldrack.kernels.numpy_backend import NumpyBackend


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the driver's CUDA version."""
    return lambda version: monkeypatch.setattr(cuda, "driver_version", lambda: version)


@pytest.mark.parametrize(("version", "says"), [(13000, r'"coldrack\[cuda13\]"$'), (12040, r'"coldrack\[cuda12\]"$'),
                                               (0, r'"coldrack\[cuda12\]" or .*\[cuda13\]", whichever .* nvidia-smi')])
def test_cupy_missing(version: int, says: str, driver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(version)
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(BackendError, match="CuPy.*: pip install " + says):
        get_backend("cuda")


def test_cupy_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> Any:
        raise ImportError("libcublas.so.12: cannot open shared object file\nmore")

    monkeypatch.setattr(cuda.importlib, "import_module", fail)
    with pytest.raises(BackendError, match=r"CuPy cannot be loaded \(libcublas.so.12: cannot open shared object file\): pip"):
        get_backend("cuda")


def installed(monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> None:
    monkeypatch.setitem(sys.modules, "cupy", stand_in)  # type: ignore[arg-type]


@pytest.mark.parametrize(("stand_in", "says"), [
    (StandIn(driver=0), "no NVIDIA driver found: install it .*--device host"),
    (StandIn(driver=12020), r'supports CUDA 12.2, CuPy was built for CUDA 13.0: update .*"coldrack\[cuda12\]"'),
    (StandIn(driver=11080), "supports CUDA 11.8, CuPy was built for CUDA 13.0: update the driver, or use --device host"),
    (StandIn(devices=-1), "no CUDA device can be used .*no CUDA-capable device.* CUDA_VISIBLE_DEVICES"),
    (StandIn(devices=0), "no CUDA device 3: this process sees none; check CUDA_VISIBLE_DEVICES"),
    (StandIn(devices=2), "no CUDA device 3: this process sees cuda:0 Stand-in 0, cuda:1 Stand-in 1"),
])
def test_device_missing_or_too_old(stand_in: StandIn, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, stand_in)
    with pytest.raises(BackendError, match=says):
        get_backend("cuda:3")


def test_device_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = StandIn()
    installed(monkeypatch, stand_in)
    be = get_backend("cuda:1", "f4")
    assert be.description.startswith("cuda:1, Stand-in 1, compute capability 8.0, CUDA 13.0") and stand_in.current == 1
    assert be.dtype == np.float32 and be.with_dtype("f8").index == 1 and be.with_dtype("f8").with_dtype("f4") is be
    for wrong in ("cuda:", "cuda:-1", "cuda0", "gpu", "CUDA"):
        with pytest.raises(BackendError, match=r"unknown device .*: expected auto, cuda, cuda:N, host or numpy"):
            get_backend(wrong)


def test_out_of_memory_says_how_much() -> None:
    be = StandInBackend()
    be.xp.free = 3 << 20
    for make in (be.zeros, be.empty, lambda shape: be.asarray(np.zeros(shape))):
        with pytest.raises(BackendError, match=r"array of 7.6 MiB does not fit, 4.0 MiB of 32.00 GiB are free; "
                                               r"use a coarser grid, or a device with more memory"):
            make((100, 100, 100))
    told = be.with_dtype("f4").explain(MemoryError())
    assert "device with more memory" in str(told) and be.explain(ValueError()) is None


@pytest.mark.parametrize(("failure", "says"), [
    (CompileFailure("momentum.cu(12): error: identifier undefined"), r"NVRTC could not build \w+.cu for cuda:0.*undefined"),
    (RuntimeError("CuPy failed to load libnvrtc.so.13"), r"finds no NVRTC.*libnvrtc.so.13\): pip install"),
    (RuntimeFailure("cudaErrorIllegalAddress"), "device 0 failed: cudaErrorIllegalAddress; check it with nvidia-smi"),
])
def test_kernels_that_do_not_build(failure: Exception, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    be = StandInBackend()

    def fail(**kwargs: Any) -> Any:
        raise failure

    monkeypatch.setattr(be.xp, "RawModule", fail)
    a = be.zeros((2, 2, 2))
    with pytest.raises(BackendError, match=f"(?s){says}"):
        be.dot(a, a)


def test_a_failing_device_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    be = StandInBackend()

    def fail(a: Any) -> Any:
        raise DriverFailure("CUDA_ERROR_ECC_UNCORRECTABLE")

    monkeypatch.setattr(be.xp, "asnumpy", fail)
    with pytest.raises(BackendError, match=r"device 0 failed: CUDA_ERROR_ECC_UNCORRECTABLE; .*--device host"):
        be.to_numpy(be.zeros((2,)))


def test_auto_takes_cuda_then_host_then_numpy(driver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(13000)
    installed(monkeypatch, StandIn())
    assert isinstance(get_backend(), CudaBackend)
    installed(monkeypatch, StandIn(driver=12000))
    be = get_backend()
    assert isinstance(be, HostBackend) and "CuPy was built for CUDA 13.0" in be.description
    driver(0)
    assert "no NVIDIA driver" in get_backend().description

    def fail(*args: Any) -> Any:
        raise BackendError("no C++ compiler found")

    monkeypatch.setattr(HostBackend, "__init__", fail)
    be = get_backend()
    assert isinstance(be, NumpyBackend) and "no host: no C++ compiler found" in be.description


def test_a_backend_is_taken_as_it_is() -> None:
    be = StandInBackend()
    assert get_backend(be) is be and get_backend(be, "f4") is be.with_dtype("f4")
    with pytest.raises(BackendError, match="expected f8 or f4"):
        get_backend("numpy", "f2")


@pytest.mark.parametrize("extents", [(1, 1, 1), (13, 7, 10), (1, 9, 4), (1000, 1, 1), (3, 500, 2), (1, 1, 900), (513, 65, 33)])
def test_blocks_cover_the_extents_and_fit_the_device(extents: tuple[int, int, int]) -> None:
    block, grid = block_and_grid(extents)
    assert np.prod(block) <= 256 and block[2] <= 64 and np.prod(block) >= min(64, np.prod(extents) // 8)
    for n, b, g in zip(extents, block, grid):
        assert g * b >= n and (g - 1) * b < n


def test_extents_beyond_the_grid_are_refused() -> None:
    with pytest.raises(KernelArgumentError, match=r"kernel f: extents .* the device takes 65535 along y and z"):
        block_and_grid((1, 2, 65536 * 64), "f")


def test_scalars_travel_in_the_type_of_the_signature() -> None:
    """Both precisions of one kernel: the stand-in refuses a scalar of another type than the signature's."""
    for dtype in ("f8", "f4"):
        be = StandInBackend(dtype, "ptx")
        shape = (4, 4, 4)
        be.launch("gauss_seidel_advected", 2, 2, 2, np.int64(0), 0.5, *[be.zeros(shape) for _ in range(9)])
