"""Every kernel builds for the GPUs that we name, without a spilled register."""

from __future__ import annotations

import re

import nvrtc
import ptx
import pytest

from coldrack.kernels.cuda import OPTIONS, REALS
from coldrack.kernels.source import files, kernels, source

ARCHITECTURES = ["sm_80", "sm_90", "sm_100"]  # A100, H100/H200, B200
REGISTERS = 128  # of a thread, so that 512 threads fit a multiprocessor
_REPORT = re.compile(r"entry function '(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads"
                     r".*?Used (\d+) registers", re.S)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("file", files())
def test_no_register_spills(file: str, arch: str, dtype: str) -> None:
    report = {m[0]: tuple(int(v) for v in m[1:]) for m in _REPORT.findall(nvrtc.cubin_log(file, dtype, arch))}
    assert set(report) == {k.name for k in kernels().values() if k.file == file}
    for name, (_, stores, loads, registers) in report.items():
        assert (stores, loads) == (0, 0), f"{name} spills on {arch}"
        assert registers <= REGISTERS, f"{name} needs {registers} registers on {arch}"


def test_a_spill_would_be_seen() -> None:
    """The log's format is NVRTC's own affair: a kernel made to spill must read as one."""
    body = "\n".join(f"double a{n} = x[{n} * 7 + threadIdx.x];" for n in range(80))
    last = " ".join(f"x[{n}] = a{n} * a{(n * 13 + 5) % 80};" for n in range(80))
    text = f'extern "C" __global__ __launch_bounds__(1024, 2) void heavy(double* x) {{ {body} __syncthreads(); {last} }}'
    log, _ = nvrtc.build(text, ("-arch=sm_90", "--ptxas-options=-v"))
    (name, _, stores, loads, _), = _REPORT.findall(log)
    assert name == "heavy" and int(stores) > 0 and int(loads) > 0


def test_a_kernel_that_does_not_build_is_reported() -> None:
    with pytest.raises(RuntimeError, match="undefined"):
        nvrtc.build('extern "C" __global__ void f(double* x) { x[0] = nowhere; }', ("-arch=compute_80",))


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("file", files())
def test_parameters_are_those_of_the_signature(file: str, dtype: str) -> None:
    programs = ptx.programs(nvrtc.ptx(source(file), (*OPTIONS, f"-Dreal={REALS[dtype]}")))
    sizes = {"int": 4, "float": 4, "double": 8, "real": 8 if dtype == "f8" else 4}
    for kernel in (k for k in kernels().values() if k.file == file):
        declared = [ptx.SIZES[kind] for kind, _ in programs[kernel.name].parameters]
        assert declared == [8 if a.pointer else sizes[a.ctype] for a in kernel.arguments], kernel.name
