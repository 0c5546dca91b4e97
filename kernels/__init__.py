"""CUDA C++ kernels, their backends (cuda, host, numpy) and one launch interface."""

from __future__ import annotations

from typing import Any

from coldrack.kernels.backend import Backend, BackendError, KernelArgumentError

__all__ = ["Backend", "BackendError", "KernelArgumentError", "get_backend"]


def get_backend(device: str = "auto", dtype: str = "f8") -> Any:
    """A backend by name; `auto` takes cuda, else host, else numpy and says in `description` which and why."""
    from coldrack.kernels.host import HostBackend, available
    from coldrack.kernels.numpy_backend import NumpyBackend

    if device == "numpy":
        return NumpyBackend(dtype, "numpy, as asked")
    if device == "host":
        return HostBackend(dtype, "host, as asked")
    if device != "auto":
        raise BackendError(f"unknown device {device!r}: expected auto, cuda, cuda:N, host or numpy")
    why = available()
    if not why:
        return HostBackend(dtype, "host (compiled kernels; no CUDA device)")
    return NumpyBackend(dtype, f"numpy ({why})")
