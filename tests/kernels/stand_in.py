"""A stand-in for CuPy that behaves like device memory, so that the cuda backend and the solver on it run without a GPU.

Its arrays refuse to meet numpy arrays, new ones are full of NaN, and it counts copies (uploads, downloads) and waits (a
number read from the device; a download of at most `NUMBER` bytes is one). What a stream captures runs when its graph is
launched; what may not be captured is an error, and so are new arrays meanwhile. Kernels run through the PTX interpreter
("ptx": the text that the GPU gets, slow) or the host library ("host"); both look at every launch argument's type.
"""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import nvrtc
import ptx
from streams import RuntimeFailure, State, Stream

from coldrack.kernels.cuda import CudaBackend
from coldrack.kernels.host import library
from coldrack.kernels.source import POINTERS, kernels


class DriverFailure(RuntimeError):
    """Stands in for CUDADriverError."""


class OutOfMemory(MemoryError):
    """Stands in for OutOfMemoryError."""


class CompileFailure(Exception):
    """Stands in for CompileException."""


class DeviceArray:
    """An array that only its own kind and plain numbers may touch."""

    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, a: np.ndarray, counters: State) -> None:
        self.a, self.counters = a, counters

    def _wrap(self, a: Any) -> DeviceArray:
        a = np.asarray(a)
        if not np.may_share_memory(a, self.a):
            self.counters.allocate(a.nbytes)
        return DeviceArray(a, self.counters)

    def _set(self, key: Any, value: Any) -> None:
        self.counters.do(lambda a, value: a.__setitem__(key, value), self.a, value)

    def _plain(self, other: Any) -> Any:
        if isinstance(other, DeviceArray):
            return other.a
        if isinstance(other, (int, float, np.generic)):
            return other
        raise TypeError(f"unsupported type {type(other)}: device arrays do not mix with it")

    def _key(self, key: Any) -> Any:
        if isinstance(key, tuple):
            return tuple(self._key(k) for k in key)
        if isinstance(key, DeviceArray):
            if key.a.dtype == bool:
                self.counters.read()  # its size must be known on the host
            return key.a
        if isinstance(key, (np.ndarray, list)):
            raise TypeError("a host array as an index would be copied to the device")
        return key

    def __getitem__(self, key: Any) -> DeviceArray:
        key = self._key(key)
        part = self.a[key]
        if not isinstance(part, np.ndarray):  # one element: a view of it, as in CuPy, where numpy makes a number
            part = self.a[(*key, ...) if isinstance(key, tuple) else (key, ...)]
        return self._wrap(part)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._set(self._key(key), self._plain(value))

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("implicit conversion of a device array to numpy")

    def __iter__(self) -> Any:
        raise TypeError("iterating over a device array reads it number by number")

    def _number(self) -> Any:
        self.counters.read()
        return self.a.item()

    def __float__(self) -> float:
        return float(self._number())

    def __int__(self) -> int:
        return int(self._number())

    def __bool__(self) -> bool:
        return bool(self._number())

    item = _number
    T = property(lambda self: self._wrap(self.a.T))
    shape = property(lambda self: self.a.shape)
    dtype = property(lambda self: self.a.dtype)
    size = property(lambda self: self.a.size)
    ndim = property(lambda self: self.a.ndim)
    nbytes = property(lambda self: self.a.nbytes)
    flags = property(lambda self: SimpleNamespace(c_contiguous=self.a.flags.c_contiguous))

    def __len__(self) -> int:
        return len(self.a)

    def set(self, host: np.ndarray) -> None:
        assert isinstance(host, np.ndarray) and host.dtype == self.dtype and host.shape == self.shape
        self.counters.copy("uploads", self.a.nbytes)
        self.a[...] = host

    def get(self) -> np.ndarray:
        self.counters.copy("downloads", self.a.nbytes)
        return self.a.copy()

    def fill(self, value: Any) -> None:
        self._set(..., self._plain(value))

    def astype(self, dtype: Any, copy: bool = True) -> DeviceArray:
        return self._wrap(self.a.astype(dtype, copy=copy))


def _binary(name: str) -> Any:
    function = getattr(operator, name)

    def method(self: DeviceArray, other: Any) -> DeviceArray:
        if name == "matmul" and self.counters.capturing is not None:
            raise NotImplementedError("calling cuBLAS API during stream capture is currently unsupported")  # as CuPy says
        return self._wrap(function(self.a, self._plain(other)))

    def reflected(self: DeviceArray, other: Any) -> DeviceArray:
        return self._wrap(function(self._plain(other), self.a))

    def inplace(self: DeviceArray, other: Any) -> DeviceArray:
        self.counters.do(lambda a, b: a.__setitem__(..., function(a, b)), self.a, self._plain(other))
        return self

    return method, reflected, inplace


for _name in ("add", "sub", "mul", "truediv", "matmul", "and_", "or_", "eq", "ne", "lt", "le", "gt", "ge"):
    _method, _reflected, _inplace = _binary(_name)
    _bare = _name.strip("_")
    setattr(DeviceArray, f"__{_bare}__", _method)
    if _name not in ("eq", "ne", "lt", "le", "gt", "ge"):
        setattr(DeviceArray, f"__r{_bare}__", _reflected)
        setattr(DeviceArray, f"__i{_bare}__", _inplace)
for _name in ("neg", "abs", "invert"):
    setattr(DeviceArray, f"__{_name}__", lambda self, n=_name: self._wrap(getattr(operator, n)(self.a)))
for _name in ("sum", "max", "min", "mean", "any", "all", "reshape", "ravel", "view", "copy"):
    setattr(DeviceArray, _name, lambda self, *a, m=_name, **k: self._wrap(getattr(self.a, m)(*a, **k)))


class Module:
    """Stands in for RawModule."""

    def __init__(self, cupy: StandIn, code: str, options: tuple[str, ...], backend: str) -> None:
        assert backend == "nvrtc" and "#include" not in code
        self.cupy, self.code, self.options = cupy, code, options

    def get_function(self, name: str) -> Any:
        if self.cupy.how == "ptx":
            text = nvrtc.ptx(self.code, self.options, self.cupy.capability)
            assert name in ptx.programs(text), f"no kernel {name} in the module"
            return lambda grid, block, args: self._interpret(text, name, grid, block, args)
        return lambda grid, block, args: self._compiled(name, grid, block, args)

    def _interpret(self, text: str, name: str, grid: Any, block: Any, args: Any) -> None:
        self._look(name, grid, block, args)
        constant = [spec.const for spec in kernels()[name].arguments]
        plain = [a.a if isinstance(a, DeviceArray) else a for a in args]
        self.cupy.counters.do(lambda *args: ptx.launch(text, name, grid, block, [*args], constant), *plain)

    def _compiled(self, name: str, grid: Any, block: Any, args: Any) -> None:
        self._look(name, grid, block, args)
        kernel = kernels()[name]
        function = getattr(library(kernel.file, "f4" if "-Dreal=float" in self.options else "f8"), name)
        types = {"int32": ctypes.c_int, "float32": ctypes.c_float, "float64": ctypes.c_double}
        function.argtypes = [ctypes.c_void_p if isinstance(a, DeviceArray) else types[a.dtype.name] for a in args]
        function.restype = None
        plain = [a.a if isinstance(a, DeviceArray) else a for a in args]
        self.cupy.counters.do(lambda *args: function(*[a.ctypes.data if a.ndim else a.item() for a in args]), *plain)

    def _look(self, name: str, grid: Any, block: Any, args: Any) -> None:
        """Types as the signature says, a legal grid that covers the extents, and no array written and also read under const."""
        self.cupy.counters.launches += self.cupy.counters.capturing is None
        kernel = kernels()[name]
        real = np.dtype("f4" if "-Dreal=float" in self.options else "f8")
        scalars = {"int": np.dtype("i4"), "float": np.dtype("f4"), "double": np.dtype("f8"), "real": real}
        assert len(args) == len(kernel.arguments), name
        for spec, a in zip(kernel.arguments, args):
            if spec.pointer:
                assert isinstance(a, DeviceArray) and a.a.flags.c_contiguous, (name, spec.name)
                assert a.dtype == (POINTERS[spec.ctype] or real), (name, spec.name, a.dtype)
            else:
                assert isinstance(a, np.generic) and a.dtype == scalars[spec.ctype], (name, spec.name, type(a))
        assert all(type(n) is int and n > 0 for n in (*grid, *block)) and np.prod(block) <= 1024 and block[2] <= 64
        assert grid[1] <= 65535 and grid[2] <= 65535
        covered = [g * b for g, b in zip(grid, block)]
        assert covered[0] * (2 if kernel.chequered else 1) >= args[0] and covered[1] >= args[1] and covered[2] >= args[2]
        written = [a.a for s, a in zip(kernel.arguments, args) if s.pointer and not s.const]
        for n, w in enumerate(written):
            others = [a.a for s, a in zip(kernel.arguments, args) if s.pointer and s.const] + written[:n]
            assert not any(np.shares_memory(w, o) for o in others), f"{name}: an array is passed twice, once to be written"


class StandIn:
    """The part of CuPy that the cuda backend uses."""

    __version__ = "0 (stand-in)"
    ndarray = DeviceArray

    def __init__(self, how: str = "host", devices: int = 2, driver: int = 13000, built: int = 13000, free: int = 1 << 34,
                 capability: int = 80) -> None:
        self.how, self.counters, self.free, self.capability = how, State(), free, capability
        self.linalg = SimpleNamespace(inv=self._inverse)
        self.current: int | None = None
        self.cuda = SimpleNamespace(
            runtime=SimpleNamespace(driverGetVersion=lambda: driver, runtimeGetVersion=lambda: built,
                                    getDeviceCount=lambda: self._count(devices), CUDARuntimeError=RuntimeFailure,
                                    getDeviceProperties=lambda i: {"name": f"Stand-in {i}".encode()}),
            driver=SimpleNamespace(CUDADriverError=DriverFailure),
            memory=SimpleNamespace(OutOfMemoryError=OutOfMemory),
            compiler=SimpleNamespace(CompileException=CompileFailure),
            Stream=partial(Stream, self.counters), using_allocator=self.counters.using_allocator,
            Device=lambda i: SimpleNamespace(use=lambda: setattr(self, "current", i), compute_capability=str(self.capability),
                                             mem_info=(self.free, 1 << 35),
                                             synchronize=lambda: self.counters.wait("waiting")))

    @staticmethod
    def _count(devices: int) -> int:
        if devices < 0:
            raise RuntimeFailure("cudaErrorNoDevice: no CUDA-capable device is detected")
        return devices

    def RawModule(self, code: str, options: tuple[str, ...], backend: str) -> Module:
        return Module(self, code, options, backend)

    def get_default_memory_pool(self) -> Any:
        return SimpleNamespace(free_bytes=lambda: 1 << 20, total_bytes=lambda: 3 << 20)

    def zeros(self, shape: Any, dtype: Any) -> DeviceArray:
        return self._new(np.zeros(shape, dtype))

    def empty(self, shape: Any, dtype: Any) -> DeviceArray:
        return self._new(np.full(shape, np.nan if np.dtype(dtype).kind == "f" else 0, dtype))

    def _new(self, a: np.ndarray) -> DeviceArray:
        if a.nbytes > self.free:
            raise OutOfMemory(f"Out of memory allocating {a.nbytes} bytes")
        self.counters.allocate(a.nbytes)
        return DeviceArray(a, self.counters)

    def _inverse(self, a: DeviceArray) -> DeviceArray:
        self.counters.wait("the inverse of a matrix")
        return DeviceArray(np.linalg.inv(a.a), self.counters)

    def maximum(self, a: DeviceArray, b: Any) -> DeviceArray:
        return a._wrap(np.maximum(a.a, a._plain(b)))

    def minimum(self, a: DeviceArray, b: Any) -> DeviceArray:
        return a._wrap(np.minimum(a.a, a._plain(b)))

    def not_equal(self, a: DeviceArray, b: Any, out: DeviceArray) -> None:
        self.counters.do(lambda out, a: np.not_equal(a, b, out=out), out.a, a.a)

    def asnumpy(self, a: DeviceArray) -> np.ndarray:
        return a.get()


class StandInBackend(CudaBackend):
    """The cuda backend on the stand-in."""

    def __init__(self, dtype: str = "f8", how: str = "host", capability: int = 80) -> None:
        super().__init__(dtype, "stand-in", 0, StandIn(how, capability=capability))

    @property
    def counters(self) -> State:
        return self.xp.counters

    @contextmanager
    def no_transfers(self) -> Iterator[None]:
        """Raise TransferForbidden at any copy of an array inside."""
        before, self.counters.forbidden = self.counters.forbidden, True
        try:
            yield
        finally:
            self.counters.forbidden = before
