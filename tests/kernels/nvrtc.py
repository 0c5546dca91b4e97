"""NVIDIA's runtime compiler through its wheel: needs neither a driver nor a GPU."""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata

import sass

WHEELS = ("nvidia-cuda-nvrtc", "nvidia-cuda-nvrtc-cu12")
_REPORT = re.compile(r"entry function '(\w+)'.*?(\d+) bytes spill stores, (\d+) bytes spill loads"
                     r".*?Used (\d+) registers(?:[^\n]*?(\d+) bytes smem)?", re.S)


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


def build(text: str, options: tuple[str, ...]) -> tuple[str, str, bytes]:
    """Compile CUDA C++: the log, the PTX and, for a real architecture (sm_...), the machine code."""
    lib, program = library(), ctypes.c_void_p()
    assert lib.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"kernel.cu", 0, None, None) == 0
    try:
        given = (ctypes.c_char_p * len(options))(*[o.encode() for o in options])
        failed = lib.nvrtcCompileProgram(program, len(options), given)
        log = _text(lib.nvrtcGetProgramLogSize, lib.nvrtcGetProgramLog, program)
        if failed:
            raise RuntimeError(f"NVRTC {options}:\n{log}")
        ptx_text = _text(lib.nvrtcGetPTXSize, lib.nvrtcGetPTX, program)
        return log, ptx_text, _bytes(lib.nvrtcGetCUBINSize, lib.nvrtcGetCUBIN, program)
    finally:
        lib.nvrtcDestroyProgram(ctypes.byref(program))


def _bytes(size: object, get: object, program: ctypes.c_void_p) -> bytes:
    count = ctypes.c_size_t()
    assert size(program, ctypes.byref(count)) == 0  # type: ignore[operator]
    buffer = ctypes.create_string_buffer(max(count.value, 1))
    assert get(program, buffer) == 0  # type: ignore[operator]
    return buffer.raw


def _text(size: object, get: object, program: ctypes.c_void_p) -> str:
    return _bytes(size, get, program).split(b"\0")[0].decode()


@dataclass(frozen=True)
class Code:
    """A kernel on a real architecture: what ptxas says of it (bytes, registers of a thread) and its instructions.

    `instructions` and `doubles` (those of the double-precision pipe) are counted in the text, once each, without the
    subroutines for operands that a division's fast path does not take.
    """

    registers: int
    spilled: int
    shared: int
    instructions: int
    doubles: int


@cache
def code(text: str, options: tuple[str, ...], arch: str) -> dict[str, Code]:
    """Every kernel of a text."""
    log, _, cubin = build(text, (*options, f"-arch={arch}", "--ptxas-options=-v"))
    counts = sass.count(cubin)
    return {name: Code(int(registers), int(stores) + int(loads), int(shared or 0), *counts[name])
            for name, stores, loads, registers, shared in _REPORT.findall(log)}


@cache
def ptx(text: str, options: tuple[str, ...], arch: int = 80) -> str:
    """PTX of a text for an architecture, by default the oldest one that we support."""
    return build(text, (*options, f"-arch=compute_{arch}"))[1]
