"""What every backend has in common: arrays, reductions, and launches whose arguments are checked against the signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from coldrack.kernels.source import POINTERS, Kernel, kernels, shape_function


class BackendError(RuntimeError):
    """A device, compiler or driver that is missing or too old; the message says what to do."""


class KernelArgumentError(TypeError):
    """A launch whose arguments do not fit the kernel's signature."""


class Backend:
    """Arrays and kernels on one device in one precision.

    Parameters
    ----------
    dtype : {"f8", "f4"}
        What `real` is in the kernels.
    """

    name = "base"
    xp: Any = np

    def __init__(self, dtype: str = "f8", description: str = "") -> None:
        self.dtype = np.dtype(dtype)
        self.description = description or self.name
        self._siblings: dict[str, Backend] = {self.dtype.str[1:]: self}
        self._plans: dict[str, tuple[Kernel, tuple[int, ...], Callable[..., Any], tuple[Any, ...]]] = {}
        self._shapes: dict[Any, Any] = {}

    def with_dtype(self, dtype: str) -> Any:
        """The same device with another `real`."""
        if dtype not in self._siblings:
            other = type(self)(dtype, self.description)
            other._siblings = self._siblings
            self._siblings[dtype] = other
        return self._siblings[dtype]

    def zeros(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """New array of zeros."""
        return self.xp.zeros(shape, dtype or self.dtype)

    def empty(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """New array, not initialised."""
        return self.xp.empty(shape, dtype or self.dtype)

    def asarray(self, a: Any, dtype: Any = None) -> Any:
        """Copy a host array to the device; floats become `real` unless `dtype` says otherwise."""
        a = np.asarray(a)
        if dtype is None:
            dtype = self.dtype if a.dtype.kind == "f" else a.dtype
        return self.xp.array(np.ascontiguousarray(a, dtype=dtype))

    def to_numpy(self, a: Any) -> np.ndarray:
        """Device array on the host."""
        return a

    def dot(self, a: Any, b: Any) -> float:
        """Inner product, accumulated in double."""
        return float(np.vdot(a.astype("f8", copy=False), b.astype("f8", copy=False)))

    def abs_sum(self, a: Any) -> float:
        """Sum of absolute values, accumulated in double."""
        return float(abs(a).sum(dtype="f8"))

    def max_abs(self, a: Any) -> float:
        """Largest absolute value."""
        return float(abs(a).max())

    def synchronize(self) -> None:
        """Wait for the device."""

    def memory(self) -> tuple[int, int]:
        """(free, total) bytes of the device."""
        import os

        page = os.sysconf("SC_PAGE_SIZE")
        return os.sysconf("SC_AVPHYS_PAGES") * page, os.sysconf("SC_PHYS_PAGES") * page

    def launch(self, name: str, *args: Any) -> None:
        """Run a kernel over its extents (its first three arguments)."""
        kernel, ints, shapes, types = self._plan(name)
        if len(args) != len(types):
            raise KernelArgumentError(f"kernel {name}: {len(args)} arguments, expected {len(types)}")
        key = (name, *[args[i] for i in ints])
        expected = self._shapes.get(key)
        if expected is None:
            expected = self._shapes[key] = shapes(*key[1:])
        for a, shape, dtype, spec in zip(args, expected, types, kernel.arguments):
            if shape is not None:
                if a.shape != shape or a.dtype != dtype or not a.flags.c_contiguous:
                    raise KernelArgumentError(
                        f"kernel {name}, argument {spec.name}: {a.dtype} {a.shape}"
                        f"{'' if a.flags.c_contiguous else ' not contiguous'}, expected {dtype} {shape}")
        self._run(kernel, args)

    def _plan(self, name: str) -> Any:
        plan = self._plans.get(name)
        if plan is None:
            kernel = kernels()[name]
            ints = tuple(i for i, a in enumerate(kernel.arguments) if a.ctype == "int" and not a.pointer)
            types = tuple(np.dtype(POINTERS[a.ctype] or self.dtype) if a.pointer else None for a in kernel.arguments)
            plan = self._plans[name] = (kernel, ints, shape_function(kernel), types)
        return plan

    def _run(self, kernel: Kernel, args: tuple[Any, ...]) -> None:
        raise NotImplementedError
