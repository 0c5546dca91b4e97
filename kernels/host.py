"""The host backend: the same kernel text through the system's C++ compiler, with OpenMP and SIMD, loaded by ctypes."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from coldrack.kernels.backend import Backend, BackendError
from coldrack.kernels.source import FOLDER, Kernel, kernels, source

FLAGS = ["-O3", "-march=native", "-fopenmp", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fPIC",
         "-shared", "-std=c++17", "-Wdouble-promotion", "-Werror=double-promotion"]
# Waiting threads must sleep: they share the cores with numpy's own threads and with other processes.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
SCALARS = {"int": ctypes.c_int, "float": ctypes.c_float, "double": ctypes.c_double}


@cache
def compiler() -> str:
    """Path of the C++ compiler, or a BackendError."""
    for name in (os.environ.get("CXX"), "c++", "g++", "clang++"):
        path = shutil.which(name) if name else None
        if path:
            return path
    raise BackendError("no C++ compiler found: install g++ (or set CXX), or run with --device numpy")


def cache_folder() -> Path:
    """A folder that only this user can write, for compiled kernels."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "coldrack"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_uid != os.getuid() or not os.access(folder, os.W_OK):
            raise OSError
        return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="coldrack-"))


@cache
def _machine() -> str:
    version = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=False).stdout
    cpu = platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu += "".join(line for line in lines if line.startswith(("model name", "flags")))[:4000]
    except OSError:
        pass
    return version + cpu


@cache
def library(file: str, dtype: str, extra: tuple[str, ...] = ()) -> ctypes.CDLL:
    """Compile (once per source, flags, compiler and CPU) and load the kernels of one file."""
    real = {"f4": "float", "f8": "double"}[dtype]
    return _build(file, source(file), f"-Dreal={real}", f"{file}-{dtype}", extra)


@cache
def reductions() -> ctypes.CDLL:
    """The host-only reductions."""
    lib = _build("reductions", (FOLDER / "reductions.hpp").read_text(), "-Dreal=double", "reductions", ())
    for name in ("dot_f8_f8", "dot_f8_f4", "dot_f4_f8", "dot_f4_f4"):
        getattr(lib, name).argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        getattr(lib, name).restype = ctypes.c_double
    for name in ("abs_sum_f8", "abs_sum_f4"):
        getattr(lib, name).argtypes = [ctypes.c_long, ctypes.c_void_p]
        getattr(lib, name).restype = ctypes.c_double
    return lib


def _build(file: str, text: str, define: str, stem: str, extra: tuple[str, ...]) -> ctypes.CDLL:
    flags = [*FLAGS, *extra, define]
    digest = hashlib.sha256("\0".join([text, *flags, _machine()]).encode()).hexdigest()[:24]
    path = cache_folder() / f"{stem}-{digest}.so"
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            made = Path(scratch) / path.name
            done = subprocess.run([compiler(), *flags, "-x", "c++", "-", "-o", str(made)], input=text,
                                  capture_output=True, text=True, check=False)
            if done.returncode:
                raise BackendError(f"{compiler()} could not build {file}:\n{done.stderr[-2000:]}")
            os.replace(made, path)
    return ctypes.CDLL(str(path))


class HostBackend(Backend):
    """Compiled kernels on the CPU."""

    name = "host"

    def __init__(self, dtype: str = "f8", description: str = "") -> None:
        compiler()
        super().__init__(dtype, description)
        self._functions: dict[str, Any] = {}

    def dot(self, a: Any, b: Any) -> float:
        """Inner product, accumulated in double."""
        function = getattr(reductions(), f"dot_{a.dtype.str[1:]}_{b.dtype.str[1:]}")
        return float(function(a.size, _pointer(a), _pointer(b)))

    def abs_sum(self, a: Any) -> float:
        """Sum of absolute values, accumulated in double."""
        return float(getattr(reductions(), f"abs_sum_{a.dtype.str[1:]}")(a.size, _pointer(a)))

    def _run(self, kernel: Kernel, args: tuple[Any, ...]) -> None:
        function = self._functions.get(kernel.name)
        if function is None:
            function = self._functions[kernel.name] = self._load(kernel)
        function(*[_pointer(a) if spec.pointer else a for a, spec in zip(args, kernel.arguments)])

    def _load(self, kernel: Kernel) -> Any:
        dtype = self.dtype.str[1:]
        function = getattr(library(kernel.file, dtype), kernel.name)
        real = SCALARS["float" if dtype == "f4" else "double"]
        function.argtypes = [ctypes.c_void_p if a.pointer else SCALARS.get(a.ctype, real) for a in kernel.arguments]
        function.restype = None
        return function


def _pointer(a: Any) -> int:
    return int(a.__array_interface__["data"][0])


def available() -> str:
    """Empty if the host backend can run, else why not."""
    try:
        compiler()
    except BackendError as error:
        return str(error)
    return "" if kernels() else "no kernels found"
