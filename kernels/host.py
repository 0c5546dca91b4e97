"""The host backend: the same kernel text through the system's C++ compiler, with OpenMP and SIMD, loaded by ctypes."""

from __future__ import annotations

import atexit
import ctypes
import hashlib
import itertools
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.kernels.backend import Backend, BackendError
from coldrack.kernels.host_calls import REPLAY, Call, KnownOnHost, Series, Wave, packed, pointer, slab, trampolines
from coldrack.kernels.host_recording import HostRecording, Tape
from coldrack.kernels.known import PerKernel, Remembered
from coldrack.kernels.recording import at_once
from coldrack.kernels.source import FOLDER, Kernel, source

FLAGS = ["-O3", "-march=native", "-fopenmp", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fPIC",
         "-shared", "-std=c++11", "-Wdouble-promotion", "-Werror=double-promotion"]
if platform.machine() in ("x86_64", "AMD64"):
    FLAGS.append("-mprefer-vector-width=512")  # as wide as the processor has them; compilers stop at half of that by themselves
# What a compiler may lack (clang without libomp, a target without -march=native): left out, in this order, if a build fails.
DISPENSABLE: tuple[tuple[str, ...], ...] = ((), ("-fopenmp",), ("-march=native",), ("-fopenmp", "-march=native"))
PAGE, LARGE_PAGE, LINE = 4096, 2**21, 64  # bytes
STAGGER = 633 * LINE  # ten pages less seven lines: arrays made one after the other share neither pages' numbers nor lines
_PLACES = itertools.count()
LAST_CACHE = "/sys/devices/system/cpu/cpu0/cache/index3/size"
REALS = {"f4": "float", "f8": "double"}
SCALARS = {"int": ctypes.c_int, "float": ctypes.c_float, "double": ctypes.c_double}
NO_COMPILER = "install g++ (or set CXX to a C++ compiler), or run with --device numpy"
# Every library says whether its loops run on all cores.
TAIL = """
#ifdef _OPENMP
extern "C" int with_openmp() { return 1; }
#else
extern "C" int with_openmp() { return 0; }
#endif
"""
# Waiting threads must sleep: they share the cores with numpy's own threads and with other processes.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


@cache
def compiler() -> tuple[str, ...]:
    """The C++ compiler's command: CXX if it is set (with its options), else the first of c++, g++, clang++.

    Raises
    ------
    BackendError
        If there is none.
    """
    wanted = shlex.split(os.environ.get("CXX", ""))
    for command in ([wanted] if wanted else [["c++"], ["g++"], ["clang++"]]):
        path = shutil.which(command[0])
        if path:
            return (path, *command[1:])
    if wanted:
        raise BackendError(f"CXX names {wanted[0]!r}, which is no command: {NO_COMPILER}")
    raise BackendError(f"no C++ compiler found: {NO_COMPILER}")


@cache
def cache_folder() -> Path:
    """A folder that only this user can write, for compiled kernels; gone at exit where no lasting one can be had."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "coldrack"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = folder.stat()
        if about.st_uid == os.getuid() and not about.st_mode & 0o022:
            tempfile.TemporaryFile(dir=folder).close()  # a full or read-only disk shows here
            return folder
    except (OSError, RuntimeError):  # RuntimeError: no home folder
        pass
    try:
        scratch = Path(tempfile.mkdtemp(prefix="coldrack-"))
    except OSError as error:
        raise BackendError(f"no folder for compiled kernels can be written ({error}): set XDG_CACHE_HOME to one, "
                           "or run with --device numpy") from error
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    return scratch


@cache
def room() -> int:
    """Bytes of the last cache that the sweeps of a large grid may fill: three eighths of it, of 8 MB where nothing says."""
    try:
        size = int(Path(LAST_CACHE).read_text().strip().removesuffix("K")) * 1024
    except (OSError, ValueError):
        size = 8 * 2**20
    return 3 * size // 8


@cache
def _machine() -> str:
    version = _run([*compiler(), "--version"]).stdout
    cpu = platform.machine() + platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu += "\n".join(sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))}))
    except OSError:
        pass
    return "\0".join([*compiler(), version, cpu])


def _run(command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, input=text, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise BackendError(f"the C++ compiler {command[0]} cannot be started ({error}): {NO_COMPILER}") from error


@cache
def library(file: str, dtype: str, extra: tuple[str, ...] = ()) -> ctypes.CDLL:
    """Compile (once per source, flags, compiler and CPU) and load the kernels of one file."""
    return _build(f"{file}.cu", source(file) + trampolines(file), f"-Dreal={REALS[dtype]}", f"{file}-{dtype}", extra)


@cache
def reductions() -> ctypes.CDLL:
    """The host-only reductions, and what runs a sequence of launches."""
    lib = _build("reductions.hpp", (FOLDER / "reductions.hpp").read_text() + REPLAY, "-Dreal=double", "reductions", ())
    for name in ("dot_f8_f8", "dot_f8_f4", "dot_f4_f8", "dot_f4_f4"):
        getattr(lib, name).argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        getattr(lib, name).restype = ctypes.c_double
    for name in ("abs_sum_f8", "abs_sum_f4"):
        getattr(lib, name).argtypes = [ctypes.c_long, ctypes.c_void_p]
        getattr(lib, name).restype = ctypes.c_double
    for function in (lib.clear_packed, lib.wave_packed):
        function.argtypes, function.restype = [ctypes.c_void_p], None
    lib.replay.argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    lib.replay.restype = None
    return lib


def _build(file: str, text: str, define: str, stem: str, extra: tuple[str, ...]) -> ctypes.CDLL:
    flags = [*FLAGS, *extra, define]
    digest = hashlib.sha256("\0".join([text, TAIL, *flags, _machine()]).encode()).hexdigest()[:24]
    path = cache_folder() / f"{stem}-{digest}.so"
    for attempt in (1, 2):
        try:
            if not path.exists():
                _compile(file, text + TAIL, flags, path)
            return ctypes.CDLL(str(path))
        except OSError as error:
            if attempt == 2:
                raise BackendError(f"the compiled kernels cannot be written to or loaded from {path.parent} ({error}): set "
                                   "XDG_CACHE_HOME to a folder that may hold programs, or run with --device numpy") from error
            path.unlink(missing_ok=True)  # cut short by a full disk or a crash: once more
    raise AssertionError


def _compile(file: str, text: str, flags: list[str], path: Path) -> None:
    """Build a library beside `path`, then rename: two processes may do this at once, neither sees half a file."""
    first = ""
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        made = Path(scratch) / path.name
        for dropped in DISPENSABLE:
            kept = [f for f in flags if f not in dropped]
            done = _run([*compiler(), *kept, "-x", "c++", "-", "-o", str(made)], text)
            if done.returncode == 0 and made.exists():
                os.replace(made, path)
                return
            first = first or (done.stderr or done.stdout or f"exit code {done.returncode}, no message")
    lines = [line for line in first.splitlines() if "error" in line.lower()] or first.splitlines()
    raise BackendError(f"{' '.join(compiler())} could not build {file}: {NO_COMPILER}. It said:\n" + "\n".join(lines[:20]))


class HostBackend(Backend):
    """Compiled kernels on the CPU.

    Raises
    ------
    BackendError
        If there is no compiler or it cannot build; says what to do.
    """

    name = "host"

    def __init__(self, dtype: str = "f8", description: str = "") -> None:
        if not reductions().with_openmp():
            description += f"; one core only, {compiler()[0]} has no OpenMP"
        self._tape = Tape()  # the siblings' too
        super().__init__(dtype, description)

    def dot(self, a: Any, b: Any) -> float:
        """Inner product, accumulated in double."""
        return self._sum("dot", a, b)

    def abs_sum(self, a: Any) -> float:
        """Sum of absolute values, accumulated in double."""
        return self._sum("abs_sum", a)

    def _sum(self, name: str, *arrays: Any) -> float:
        """A reduction; its call is remembered as those of kernels are."""
        self._tape.refuse("a reduction")
        key = (name, *map(id, arrays))
        call = self._sums.get(key)
        if call is None:
            function = getattr(reductions(), "_".join([name, *[a.dtype.str[1:] for a in arrays]]))
            call = partial(function, arrays[0].size, *map(pointer, arrays))
            self._sums.keep(key, call, arrays)
        return float(call())

    def clear(self, a: Any) -> None:
        """Fill an array with zeros."""
        if not self._tape.capturing:
            a.fill(0)
        if self._tape.on:
            self._tape.note(a)
            self._tape.calls.append(Call(reductions().clear_packed, [a, ctypes.c_ulong(a.nbytes)]))

    def recording(self, arithmetic: bool = False) -> Callable[..., None]:
        """A function ``do(work, *arrays)`` that records the launches of `work` once and replays them."""
        return at_once if arithmetic else HostRecording(self._tape, reductions().replay)

    def _allocate(self, make: Callable[..., Any], shape: tuple[int, ...], dtype: Any) -> Any:
        self._tape.refuse("a new array")
        return super()._allocate(lambda shape, dtype: _staggered(make, shape, dtype), shape, dtype)

    def _become(self, dtype: str) -> None:
        super()._become(dtype)
        self._known = PerKernel(lambda name: KnownOnHost(*self._plan(name)[:2]))
        self._sums, self._sweeps = Remembered(), Remembered()

    def launch(self, name: str, *args: Any) -> None:
        """Run a kernel over its extents; as `Backend.launch`, which checks the arguments when it sees them first."""
        if self._tape.on:
            self._tape.note(*args)
            return super().launch(name, *args)
        known = self._known[name]
        call = known.find(args)
        if call is not None:
            return call()
        super().launch(name, *args)
        known.keep_packed(self._functions.get(name), args)

    def launch_colours(self, name: str, n: Sequence[int], colours: Sequence[int], *args: Any) -> None:
        """As `Backend.launch_colours`, all in one call where they come again; large grids a few planes at a time."""
        if self._tape.on:
            self._tape.note(*args)
            for one in self._swept(name, n, colours, args):
                self._do(one)
            return
        key = (name, *n, *colours, *[id(a) if isinstance(a, np.ndarray) else a for a in args])
        call = self._sweeps.get(key)
        if call is None:
            call = Series(reductions().replay, self._swept(name, n, colours, args))
            self._sweeps.keep(key, call, [a for a in args if isinstance(a, np.ndarray)])
        call()

    def _swept(self, name: str, n: Sequence[int], colours: Sequence[int], args: Sequence[Any]) -> list[Call]:
        """The calls of `launch_colours`."""
        calls: list[Call] = []
        for colour in colours:
            with self._tape.holding() as held:
                super().launch(name, *n, colour, *args)
            calls += held
            planes = slab(held[0], len(colours), room()) if held else 0
            if planes:
                return [Wave(reductions().wave_packed, held[0], colours, planes)]
        return calls

    def _do(self, call: Call) -> None:
        """Run a call, or note it."""
        if self._tape.on:
            self._tape.calls.append(call)
        if not self._tape.capturing:
            call.run()

    def _run(self, kernel: Kernel, args: tuple[Any, ...]) -> None:
        function = self._functions.get(kernel.name)
        if function is None:
            function = self._functions[kernel.name] = self._load(kernel)
        call = packed(function[0], function[1], args)
        if self._tape.held is not None:
            self._tape.held.append(call)
        else:
            self._do(call)

    def _load(self, kernel: Kernel) -> Any:
        """The packed function, and the ctypes types of its arguments, None for arrays."""
        function = library(kernel.file, self.dtype.str[1:])[f"{kernel.name}_packed"]
        real = SCALARS[REALS[self.dtype.str[1:]]]
        function.argtypes, function.restype = [ctypes.c_void_p], None
        return function, [None if a.pointer else SCALARS.get(a.ctype, real) for a in kernel.arguments]


def _staggered(make: Callable[..., Any], shape: tuple[int, ...], dtype: Any) -> Any:
    """New array, `make` gives its bytes; large ones begin at other places than those made before.

    The operating system puts all of them at the same place of a page, of two megabytes where it can, and what a kernel reads of
    a dozen arrays at one index would fall into the same few sets of the caches and the same banks of memory: with 13 arrays
    of the same place a residual takes twice the time, with other lines of the same page an eighth more than with other pages.
    """
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    if size < 16 * PAGE:
        return make(shape, dtype)
    span = min(LARGE_PAGE, max(PAGE, 2 ** (size // 32).bit_length() // 2))  # a 32nd of an array, or a page
    raw = make(size + span, np.uint8)
    start = (next(_PLACES) * STAGGER - pointer(raw)) % span
    return raw[start : start + size].view(dtype).reshape(shape)
