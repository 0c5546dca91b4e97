"""NVIDIA's runtime compiler through its wheel: needs neither a driver nor a GPU."""

from __future__ import annotations

import ctypes
import re
from functools import cache
from importlib import metadata

from coldrack.kernels.cuda import OPTIONS, REALS
from coldrack.kernels.source import source

WHEELS = ("nvidia-cuda-nvrtc", "nvidia-cuda-nvrtc-cu12")


@cache
def library() -> ctypes.CDLL:
    for wheel in WHEELS:
        try:
            files = metadata.files(wheel) or []
        except metadata.PackageNotFoundError:
            continue
        for file in files:
            if re.fullmatch(r"libnvrtc\.so\.\d+", file.name):
                return ctypes.CDLL(str(file.locate()))
    raise RuntimeError(f"no NVRTC: none of {WHEELS} is installed; it is in the test extra")


def build(text: str, options: tuple[str, ...]) -> tuple[str, str]:
    """Compile CUDA C++; the log and the PTX (empty where the architecture is a real one)."""
    lib, program = library(), ctypes.c_void_p()
    assert lib.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"kernel.cu", 0, None, None) == 0
    try:
        given = (ctypes.c_char_p * len(options))(*[o.encode() for o in options])
        failed = lib.nvrtcCompileProgram(program, len(options), given)
        log = _text(lib.nvrtcGetProgramLogSize, lib.nvrtcGetProgramLog, program)
        if failed:
            raise RuntimeError(f"NVRTC {options}:\n{log}")
        return log, _text(lib.nvrtcGetPTXSize, lib.nvrtcGetPTX, program)
    finally:
        lib.nvrtcDestroyProgram(ctypes.byref(program))


def _text(size: object, get: object, program: ctypes.c_void_p) -> str:
    count = ctypes.c_size_t()
    assert size(program, ctypes.byref(count)) == 0  # type: ignore[operator]
    buffer = ctypes.create_string_buffer(max(count.value, 1))
    assert get(program, buffer) == 0  # type: ignore[operator]
    return buffer.value.decode()


@cache
def cubin_log(file: str, dtype: str, arch: str) -> str:
    """What ptxas says of the kernels of a file on a real architecture."""
    return build(source(file), (*OPTIONS, f"-Dreal={REALS[dtype]}", f"-arch={arch}", "--ptxas-options=-v"))[0]


@cache
def ptx(text: str, options: tuple[str, ...], arch: int = 80) -> str:
    """PTX of a text for an architecture, by default the oldest one that we support."""
    return build(text, (*options, f"-arch=compute_{arch}"))[1]
