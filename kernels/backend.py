"""What every backend has in common: arrays, reductions, and launches whose arguments are checked against the signature."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from operator import index
from typing import Any

import numpy as np

from coldrack.kernels.recording import at_once
from coldrack.kernels.source import POINTERS, Kernel, kernels, shape_function

INDEX_LIMIT = 2**31  # kernels index with int
PLANES = ("nz+2", "mz+2")  # dimensions that count the planes along the slowest axis, ghosts included

NUMBERS = (int, float)


class BackendError(RuntimeError):
    """A device, compiler, driver or memory that is missing or too small or too old; the message says what to do."""


class KernelArgumentError(TypeError):
    """A launch whose arguments do not fit the kernel's signature."""


class Backend:
    """Arrays and kernels on one device in one precision.

    Parameters
    ----------
    dtype : {"f8", "f4"}
        What `real` is in the kernels.
    description : str
        The device and why it was taken, for the log.

    Attributes
    ----------
    xp : module
        The array library of the device: numpy, or CuPy. Arrays of different libraries must not meet in an expression.
    """

    name = "base"
    xp: Any = np

    def __init__(self, dtype: str = "f8", description: str = "") -> None:
        self.description = description or self.name
        self._siblings: dict[str, Any] = {}
        self._become(dtype)

    def _become(self, dtype: str) -> None:
        """Take a precision, with nothing kept from another one."""
        self.dtype = np.dtype(dtype)
        if self.dtype.str[1:] not in ("f4", "f8"):
            raise BackendError(f"unknown precision {dtype!r}: expected f8 or f4")
        self._siblings[self.dtype.str[1:]] = self
        self._plans: dict[str, tuple[Kernel, tuple[int, ...], Callable[..., Any], tuple[Any, ...], tuple[bool, ...]]] = {}
        self._shapes: dict[Any, Any] = {}
        self._functions: dict[str, Any] = {}

    def with_dtype(self, dtype: str) -> Any:
        """The same device with another `real`."""
        if dtype not in self._siblings:
            copy.copy(self)._become(dtype)
        return self._siblings[dtype]

    # ---------------------------------------------------------------- arrays
    def zeros(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """New array of zeros."""
        return self._allocate(self.xp.zeros, shape, dtype or self.dtype)

    def empty(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """New array, not initialised."""
        return self._allocate(self.xp.empty, shape, dtype or self.dtype)

    def asarray(self, a: Any, dtype: Any = None) -> Any:
        """Copy a host array to the device; floats become `real` unless `dtype` says otherwise."""
        a = np.asarray(a)
        if dtype is None:
            dtype = self.dtype if a.dtype.kind == "f" else a.dtype
        out = self.empty(a.shape, dtype)
        self._upload(out, np.ascontiguousarray(a, dtype=dtype).reshape(a.shape))
        return out

    def _upload(self, out: Any, a: np.ndarray) -> None:
        out[...] = a

    def _allocate(self, make: Callable[..., Any], shape: tuple[int, ...], dtype: Any) -> Any:
        try:
            return make(shape, dtype)
        except Exception as error:
            needed = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
            told = self.explain(error, needed)
            if told is None:
                raise
            raise told from error

    def to_numpy(self, a: Any) -> np.ndarray:
        """Device array on the host."""
        return a

    def memory(self) -> tuple[int, int]:
        """(free, total) bytes of the device."""
        page = os.sysconf("SC_PAGE_SIZE")
        return os.sysconf("SC_AVPHYS_PAGES") * page, os.sysconf("SC_PHYS_PAGES") * page

    def held(self) -> int:
        """Bytes of a device's own memory that arrays took at most; 0 where they are in the host's."""
        return 0

    def synchronize(self) -> None:
        """Wait for the device."""

    def explain(self, error: BaseException, needed: int | None = None) -> BackendError | None:
        """What an error of the array library or the driver means for the user; None if it is none of theirs.

        Parameters
        ----------
        error : BaseException
        needed : int, optional
            Bytes asked for when the error came, where known.
        """
        if isinstance(error, MemoryError):
            return self._out_of_memory(needed)
        return None

    def _out_of_memory(self, needed: int | None) -> BackendError:
        free, total = self.memory()
        wanted = f"an array of {_size(needed)} does not fit" if needed else "the arrays do not fit"
        return BackendError(f"out of memory on {self.name}: {wanted}, {_size(free)} of {_size(total)} are free; "
                            "use a coarser grid, or a device with more memory")

    def clear(self, a: Any) -> None:
        """Fill an array with zeros; unlike the array's own ways of changing it may stand in a recording everywhere."""
        a.fill(0)

    def inverse(self, a: Any) -> Any:
        """Inverse of a small square matrix, on the device."""
        return self.xp.linalg.inv(a)

    def recording(self, arithmetic: bool = False) -> Callable[..., None]:
        """A function ``do(work, *arrays)`` that does `work` over and over: by recorded launches, in numpy by calling it.

        `work` takes nothing and must be the same in every call: launches and `clear` with the same arrays and numbers, no new
        array, nothing read back. Name the `arrays` that may be others from call to call. Keep one such function per piece of
        work, for as long as its arrays live. With `arithmetic` the work changes arrays in place by expressions as well, which
        only a GPU records: elsewhere it is called.
        """
        return at_once

    # ---------------------------------------------------------------- reductions: one number each, one wait for the device
    def dot(self, a: Any, b: Any) -> float:
        """Inner product, accumulated in double."""
        return float(np.vdot(a.astype("f8", copy=False), b.astype("f8", copy=False)))

    def abs_sum(self, a: Any) -> float:
        """Sum of absolute values, accumulated in double."""
        return float(abs(a).sum(dtype="f8"))

    def max_abs(self, a: Any) -> float:
        """Largest absolute value; not a number if any element is not."""
        return float(abs(a).max())

    # ---------------------------------------------------------------- launches
    def launch(self, name: str, *args: Any) -> None:
        """Run a kernel over its extents (its first three arguments).

        Arrays that end in the planes of the slowest axis may have one more than the extents ask for: what has nothing to do in
        the high ghosts leaves them out, in two dimensions half of the work.

        Raises
        ------
        KernelArgumentError
            If the number, type, shape, contiguity or device of the arguments is not what the signature says.
        """
        kernel, fitting = self._checked(name, args)
        if min(fitting[:3]) > 0:
            self._run(kernel, fitting)

    def _checked(self, name: str, args: tuple[Any, ...]) -> tuple[Kernel, tuple[Any, ...]]:
        """The kernel, and arguments that fit its signature: surplus planes of arrays left out."""
        kernel, ints, shapes, types, planes = self._plan(name)
        if len(args) != len(types):
            raise KernelArgumentError(f"kernel {name}: {len(args)} arguments, expected {len(types)} "
                                      f"({', '.join(a.name for a in kernel.arguments)})")
        try:
            key: tuple[Any, ...] = (name, *[index(args[i]) for i in ints])
        except TypeError:
            wrong = next(kernel.arguments[i].name for i in ints if not hasattr(args[i], "__index__"))
            raise KernelArgumentError(f"kernel {name}, argument {wrong}: not an integer") from None
        expected = self._shapes.get(key)
        if expected is None:
            expected = self._shapes[key] = self._expected(kernel, shapes, key[1:])
        fitting = list(args)
        for i, (a, shape, dtype, spec) in enumerate(zip(args, expected, types, kernel.arguments)):
            if shape is None:
                if type(a) not in NUMBERS and getattr(a, "shape", ()) != ():
                    raise KernelArgumentError(f"kernel {name}, argument {spec.name}: an array, expected a number")
            elif not self._fits(a, shape, dtype):
                if not planes[i] or not self._fits(a, (shape[0] + 1, *shape[1:]), dtype):
                    raise KernelArgumentError(self._mismatch(name, spec.name, a, shape, dtype))
                fitting[i] = a[: shape[0]]
        return kernel, tuple(fitting)

    def launch_colours(self, name: str, n: Sequence[int], colours: Sequence[int], *args: Any) -> None:
        """Run a kernel over the extents `n` for one colour after the other; `args` are those behind the colour."""
        for colour in colours:
            self.launch(name, *n, colour, *args)

    def _fits(self, a: Any, shape: tuple[int, ...], dtype: Any) -> bool:
        """Whether an argument is a contiguous array of this backend of that shape and type."""
        return bool(self._owns(a) and a.shape == shape and a.dtype == dtype and a.flags.c_contiguous)

    def _owns(self, a: Any) -> bool:
        return isinstance(a, self.xp.ndarray)

    def _mismatch(self, name: str, argument: str, a: Any, shape: tuple[int, ...], dtype: Any) -> str:
        where = f"kernel {name}, argument {argument}: "
        if not self._owns(a):
            return f"{where}{type(a).__module__}.{type(a).__name__}, expected an array of the {self.name} backend"
        return (f"{where}{a.dtype} {a.shape}{'' if a.flags.c_contiguous else ' not contiguous'}, "
                f"expected {dtype} {shape}")

    @staticmethod
    def _expected(kernel: Kernel, shapes: Callable[..., Any], values: tuple[Any, ...]) -> Any:
        """Shapes for the values of the int parameters, after a look at those."""
        for name, value in zip(kernel.integers, values):
            if not -INDEX_LIMIT <= value < INDEX_LIMIT:
                raise KernelArgumentError(f"kernel {kernel.name}, argument {name}: {value} does not fit an int")
        expected = shapes(*values)
        for spec, shape in zip(kernel.arguments, expected):
            size = 1
            for n in shape or ():
                size *= int(n)
            if size >= INDEX_LIMIT or (shape and min(shape) < 0):
                raise KernelArgumentError(f"kernel {kernel.name}, argument {spec.name}: {shape} has {size} elements, "
                                          f"a kernel's array must have fewer than {INDEX_LIMIT}")
        return expected

    def _plan(self, name: str) -> Any:
        plan = self._plans.get(name)
        if plan is None:
            try:
                kernel = kernels()[name]
            except KeyError:
                raise KernelArgumentError(f"no kernel {name!r}: there are {', '.join(sorted(kernels()))}") from None
            ints = tuple(i for i, a in enumerate(kernel.arguments) if a.ctype == "int" and not a.pointer)
            types = tuple(np.dtype(POINTERS[a.ctype] or self.dtype) if a.pointer else None for a in kernel.arguments)
            planes = tuple(bool(a.dimensions) and a.dimensions[0] in PLANES for a in kernel.arguments)
            plan = self._plans[name] = (kernel, ints, shape_function(kernel), types, planes)
        return plan

    def _run(self, kernel: Kernel, args: tuple[Any, ...]) -> None:
        raise NotImplementedError


def _size(count: int | None) -> str:
    value = float(count or 0)
    for unit in ("B", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.2f} GiB"
