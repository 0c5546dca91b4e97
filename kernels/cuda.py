"""The cuda backend: the kernel text through NVRTC, by CuPy's RawModule. The only file that imports CuPy.

Without a GPU, NVRTC builds and the tests' PTX interpreter stand for it; `scripts/check_gpu.py` checks a real one.
"""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from coldrack.kernels.backend import Backend, BackendError, KernelArgumentError
from coldrack.kernels.known import Known, PerKernel, Remembered
from coldrack.kernels.recording import Recording, Tape
from coldrack.kernels.source import Kernel, source

THREADS = 256  # of a block
GRID_LIMIT = 65535  # blocks along y and z
LANES = 512 * THREADS, 1024  # threads of the two stages of a reduction
AGAIN = {"partial_max_abs": "partial_max_abs"}  # second stages other than partial_sum
# Without fused multiply-add every operation rounds as on the host, so the fields agree bit for bit; the kernels wait for
# memory, not for arithmetic.
OPTIONS = ("--std=c++17", "--fmad=false")
REALS = {"f4": "float", "f8": "double"}


@cache
def driver_version() -> int:
    """CUDA version that the NVIDIA driver supports (12040 is 12.4), 0 without a driver."""
    for name in ("libcuda.so.1", "libcuda.so", "nvcuda.dll"):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        version = ctypes.c_int(0)
        if library.cuDriverGetVersion(ctypes.byref(version)) == 0:
            return int(version.value)
    return 0


def extra() -> str:
    """How to install CuPy for this machine's driver."""
    version = driver_version()
    if version >= 13000:
        return 'pip install "coldrack[cuda13]"'
    if version >= 12000:
        return 'pip install "coldrack[cuda12]"'
    return 'pip install "coldrack[cuda12]" or "coldrack[cuda13]", whichever CUDA version nvidia-smi shows'


def block_and_grid(extents: tuple[int, int, int], kernel: str = "") -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Threads of a block and blocks of a grid that cover `extents` (x, y, z).

    Blocks are flat along x, where neighbours in memory are, and use the other axes where x is short.
    """
    left, block = THREADS, []
    flat = extents[1] * extents[2] == 1
    for n, most in zip(extents, (THREADS if flat else 64, THREADS, 64)):
        size = 1
        while size < n and 2 * size <= min(most, left):
            size *= 2
        block.append(size)
        left //= size
    grid = [-(-n // b) for n, b in zip(extents, block)]
    if max(grid[1:]) > GRID_LIMIT:
        raise KernelArgumentError(f"kernel {kernel}: extents {extents} need a grid of {tuple(grid)} blocks, "
                                  f"the device takes {GRID_LIMIT} along y and z")
    return (block[0], block[1], block[2]), (grid[0], grid[1], grid[2])


class Launch:
    """One launch with its grid and its integers; arrays and real numbers come with every call, for it keeps none.

    Parameters
    ----------
    kernel : Kernel
    function : callable
        CuPy's, called with grid, block and arguments.
    casts : sequence
        As of `_casts`.
    grid, block : tuple of int
    args : tuple
        Those of a call.
    """

    def __init__(self, kernel: Kernel, function: Any, casts: Sequence[Any], grid: tuple[int, ...], block: tuple[int, ...],
                 args: tuple[Any, ...]) -> None:
        self.function, self.grid, self.block = function, grid, block
        self.arguments = [None if cast is None else cast(a) for a, cast in zip(args, casts)]
        self.arrays = [i for i, a in enumerate(kernel.arguments) if a.pointer]
        self.reals = [(i, casts[i]) for i, a in enumerate(kernel.arguments) if not a.pointer and a.ctype != "int"]

    def __call__(self, args: tuple[Any, ...]) -> None:
        """Do it with the arrays and real numbers of `args`."""
        arguments = self.arguments.copy()
        for i in self.arrays:
            arguments[i] = args[i]
        for i, cast in self.reals:
            arguments[i] = cast(args[i])
        self.function(self.grid, self.block, tuple(arguments))


class CudaBackend(Backend):
    """Kernels on one NVIDIA GPU.

    Parameters
    ----------
    dtype : {"f8", "f4"}
    description : str
        Added to the device's name.
    index : int
        Which device, 0 the first that the process sees (CUDA_VISIBLE_DEVICES counts).
    cupy : module, optional
        Stands in for CuPy in tests.

    Raises
    ------
    BackendError
        Where CuPy, the driver or the device is missing or too old; says what to do.
    """

    name = "cuda"

    def __init__(self, dtype: str = "f8", description: str = "", index: int = 0, cupy: Any = None) -> None:
        self.xp = cupy or _import_cupy()
        self.index, self.tape = index, Tape()
        about = _device(self.xp, index)
        super().__init__(dtype, f"{about}{', ' if description else ''}{description}")

    def _become(self, dtype: str) -> None:
        super()._become(dtype)
        self._known = PerKernel(lambda name: Known(*self._plan(name)[:2]))
        self._sums, self._sweeps = Remembered(), Remembered()

    def _upload(self, out: Any, a: np.ndarray) -> None:
        out.set(a)

    def to_numpy(self, a: Any) -> np.ndarray:
        """Device array on the host (a copy)."""
        return self._told(lambda: self.xp.asnumpy(a))

    def synchronize(self) -> None:
        """Wait for the device."""
        self._told(lambda: self.xp.cuda.Device(self.index).synchronize())

    def memory(self) -> tuple[int, int]:
        """(free, total) bytes of the device; what CuPy's pool keeps for new arrays counts as free."""
        free, total = self.xp.cuda.Device(self.index).mem_info
        return int(free + self.xp.get_default_memory_pool().free_bytes()), int(total)

    def held(self) -> int:
        """Bytes that CuPy's pool has taken of the device's memory; it gives nothing back by itself."""
        return int(self.xp.get_default_memory_pool().total_bytes())

    def _told(self, work: Any) -> Any:
        try:
            return work()
        except Exception as error:
            told = self.explain(error)
            if told is None:
                raise
            raise told from error

    def explain(self, error: BaseException, needed: int | None = None) -> BackendError | None:
        """What an error of CuPy or the driver means for the user."""
        cuda = self.xp.cuda
        if isinstance(error, (MemoryError, cuda.memory.OutOfMemoryError)):
            return self._out_of_memory(needed)
        if isinstance(error, (cuda.runtime.CUDARuntimeError, cuda.driver.CUDADriverError)):
            return BackendError(f"the CUDA device {self.index} failed: {error}; check it with nvidia-smi, "
                                "or run with --device host")
        return None

    # ---------------------------------------------------------------- reductions
    def dot(self, a: Any, b: Any) -> float:
        """Inner product, accumulated in double."""
        a, b = (b, a) if a.dtype == np.float32 else (a, b)
        return float(self._reduce("partial_dot", a.astype(np.float64, copy=False), b).sum())

    def abs_sum(self, a: Any) -> float:
        """Sum of absolute values, accumulated in double."""
        return float(self._reduce("partial_abs_sum", a).sum())

    def max_abs(self, a: Any) -> float:
        """Largest absolute value; not a number if any element is not."""
        return float(self._reduce("partial_max_abs", a).max())

    def _reduce(self, name: str, *arrays: Any) -> np.ndarray:
        """A few partial results on the host: one or two launches and one small copy, always in the same order."""
        arrays = tuple(a if a.flags.c_contiguous else a.copy() for a in arrays)
        key = (name, *map(id, arrays))
        passes = self._sums.get(key)
        if passes is None:
            passes = self._passes(name, arrays)
            self._sums.keep(key, passes, arrays)
        inputs = arrays
        for launch, head, sums in passes:
            self._told(partial(launch, (*head, *inputs, sums)))
            inputs = (sums,)
        return self.to_numpy(inputs[0])

    def _passes(self, name: str, arrays: Sequence[Any]) -> list[tuple[Launch, tuple[int, ...], Any]]:
        """Launches of a reduction, each with its leading arguments and its results; they take arrays of any shape."""
        many, few = LANES
        count, real = arrays[0].size, self.with_dtype(arrays[-1].dtype.str[1:])
        inputs = [a.reshape(-1) for a in arrays]
        out: list[tuple[Launch, tuple[int, ...], Any]] = []
        for lanes in (many, few) if count > many else (few,):
            sums, head = self._scratch(lanes), (lanes, 1, 1, count)
            launch = real._laid_out(*real._checked(name, (*head, *inputs, sums.reshape(1, 1, -1))))
            out.append((launch, head, sums))
            name, real, inputs, count = AGAIN.get(name, "partial_sum"), self.with_dtype("f8"), [sums], lanes
        return out

    def _scratch(self, size: int) -> Any:
        """An array for partial results, kept."""
        key = f"scratch {size}"
        if key not in self._functions:
            self._functions[key] = self.empty((size,), np.float64)
        return self._functions[key]

    # ---------------------------------------------------------------- launches
    def recording(self, arithmetic: bool = False) -> Callable[..., None]:
        """A function ``do(work, *arrays)`` that records the launches of `work` once and replays them."""
        return Recording(self.xp, self._told, self.tape)

    def launch(self, name: str, *args: Any) -> None:
        """Run a kernel over its extents; as `Backend.launch`, which checks the arguments when it sees them first."""
        known = self._known[name]
        launch = known.find(args)
        if launch is not None and not (known.reals and any(getattr(args[i], "shape", ()) for i in known.reals)):
            return self._told(partial(launch, args))
        kernel, fitting = self._checked(name, args)
        if min(fitting[:3]) > 0:
            launch = self._laid_out(kernel, fitting)
            self._told(partial(launch, fitting))
            known.keep_launch(args, launch)

    def launch_colours(self, name: str, n: Sequence[int], colours: Sequence[int], *args: Any) -> None:
        """As `Backend.launch_colours`, by one graph where they come again."""
        if self.tape.on:
            return super().launch_colours(name, n, colours, *args)
        key = (name, *n, *colours, *[id(a) if self._owns(a) else a for a in args])
        sweeps = self._sweeps.get(key)
        if sweeps is None:
            sweeps = self.recording()
            self._sweeps.keep(key, sweeps, [a for a in args if self._owns(a)])
        sweeps(partial(super().launch_colours, name, n, colours, *args))

    def _laid_out(self, kernel: Kernel, args: tuple[Any, ...]) -> Launch:
        """A launch with its grid and its numbers."""
        plan = self._functions.get(kernel.name)
        if plan is None:
            plan = self._functions[kernel.name] = (self._load(kernel), _casts(kernel, self.dtype))
        function, casts = plan
        nx, ny, nz = (int(n) for n in args[:3])
        block, grid = block_and_grid(((nx + 1) // 2 if kernel.chequered else nx, ny, nz), kernel.name)
        return Launch(kernel, function, casts, grid, block, args)

    def _load(self, kernel: Kernel) -> Any:
        """The compiled function; a file is compiled at its first kernel and kept in CuPy's cache on disk."""
        key = f"module {kernel.file}"
        module = self._functions.get(key)
        try:
            if module is None:
                options = (*OPTIONS, f"-Dreal={REALS[self.dtype.str[1:]]}")
                module = self.xp.RawModule(code=source(kernel.file), options=options, backend="nvrtc")
                self._functions[key] = module
            return module.get_function(kernel.name)
        except self.xp.cuda.compiler.CompileException as error:
            raise BackendError(f"NVRTC could not build {kernel.file}.cu for {self.description}:\n"
                               f"{str(error)[-2000:]}") from error
        except Exception as error:
            told = self.explain(error)
            if told is None and "nvrtc" in str(error).lower():
                told = BackendError(f"CuPy finds no NVRTC, which builds the kernels ({_first_line(error)}): {extra()}")
            if told is None:
                raise
            raise told from error


def _casts(kernel: Kernel, dtype: np.dtype[Any]) -> list[Any]:
    """Per argument what makes it the C type of the signature (a bare Python float would travel as a double); None: array."""
    types = {"int": np.int32, "float": np.float32, "double": np.float64, "real": dtype.type}
    return [None if a.pointer else types[a.ctype] for a in kernel.arguments]


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _import_cupy() -> Any:
    try:
        return importlib.import_module("cupy")
    except ModuleNotFoundError as error:
        if error.name != "cupy":
            raise BackendError(f"CuPy cannot be loaded ({_first_line(error)}): {extra()}") from error
        raise BackendError(f"CuPy is not installed: {extra()}") from error
    except ImportError as error:
        raise BackendError(f"CuPy cannot be loaded ({_first_line(error)}): {extra()}") from error


def _version(number: int) -> str:
    return f"{number // 1000}.{number % 1000 // 10}"


def _device(cupy: Any, index: int) -> str:
    """Make a device the current one; its name and versions."""
    runtime = cupy.cuda.runtime
    driver, built = int(runtime.driverGetVersion()), int(runtime.runtimeGetVersion())
    if driver == 0:
        raise BackendError("no NVIDIA driver found: install it (nvidia-smi must list the GPU), or run with --device host")
    if driver // 1000 < built // 1000:
        other = f'pip install "coldrack[cuda{driver // 1000}]"' if driver >= 12000 else "--device host"
        raise BackendError(f"the NVIDIA driver supports CUDA {_version(driver)}, CuPy was built for CUDA {_version(built)}: "
                           f"update the driver, or use {other}")
    try:
        count = int(runtime.getDeviceCount())
    except runtime.CUDARuntimeError as error:
        raise BackendError(f"no CUDA device can be used ({_first_line(error)}): check nvidia-smi and "
                           "CUDA_VISIBLE_DEVICES, or run with --device host") from error
    if not 0 <= index < count:
        there = ", ".join(f"cuda:{i} {_name(runtime, i)}" for i in range(count)) or "none; check CUDA_VISIBLE_DEVICES"
        raise BackendError(f"no CUDA device {index}: this process sees {there}")
    try:
        cupy.cuda.Device(index).use()
        major, minor = divmod(int(cupy.cuda.Device(index).compute_capability), 10)
    except runtime.CUDARuntimeError as error:
        raise BackendError(f"the CUDA device {index} cannot be used: {_first_line(error)}; check it with nvidia-smi, "
                           "or run with --device host") from error
    return (f"cuda:{index}, {_name(runtime, index)}, compute capability {major}.{minor}, CUDA {_version(built)}, "
            f"CuPy {cupy.__version__}")


def _name(runtime: Any, index: int) -> str:
    name = runtime.getDeviceProperties(index)["name"]
    return name.decode() if isinstance(name, bytes) else str(name)
