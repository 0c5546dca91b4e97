"""CUDA C++ kernels, their backends (cuda, host, numpy) and one launch interface."""

from __future__ import annotations

import re
from typing import Any

from coldrack.kernels.backend import Backend, BackendError, KernelArgumentError

__all__ = ["Backend", "BackendError", "KernelArgumentError", "get_backend"]


def get_backend(device: str | Backend = "auto", dtype: str = "f8") -> Any:
    """A backend by name.

    Parameters
    ----------
    device : {"auto", "cuda", "cuda:N", "host", "numpy"} or Backend
        `auto` takes cuda, else host, else numpy, and says in `description` which and why. A backend is taken as it is.
    dtype : {"f8", "f4"}
        What `real` is in the kernels.

    Raises
    ------
    BackendError
        If the device asked for cannot be used; says what is missing and what to do.
    """
    from coldrack.kernels.host import HostBackend
    from coldrack.kernels.numpy_backend import NumpyBackend

    if isinstance(device, Backend):
        return device.with_dtype(dtype)
    if device == "numpy":
        return NumpyBackend(dtype, "numpy, as asked")
    if device == "host":
        return HostBackend(dtype, "host, as asked")
    match = re.fullmatch(r"cuda(?::(\d+))?", device)
    if match:
        from coldrack.kernels.cuda import CudaBackend

        return CudaBackend(dtype, "as asked", int(match.group(1) or 0))
    if device != "auto":
        raise BackendError(f"unknown device {device!r}: expected auto, cuda, cuda:N, host or numpy")
    return _best(dtype)


def _best(dtype: str) -> Any:
    from coldrack.kernels.cuda import CudaBackend, driver_version
    from coldrack.kernels.host import HostBackend
    from coldrack.kernels.numpy_backend import NumpyBackend

    why = "no NVIDIA driver"
    if driver_version():
        try:
            return CudaBackend(dtype, "the first that works of cuda, host, numpy")
        except BackendError as error:
            why = f"no cuda: {error}"
    try:
        return HostBackend(dtype, f"host, compiled kernels ({why})")
    except BackendError as error:
        return NumpyBackend(dtype, f"numpy ({why}; no host: {error})")
