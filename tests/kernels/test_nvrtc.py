"""Every kernel builds for the GPUs that we name, without a spilled register."""

from __future__ import annotations

import nvrtc
import ptx
import pytest

from coldrack.kernels.cuda import OPTIONS, REALS
from coldrack.kernels.source import files, kernels, source

ARCHITECTURES = ["sm_80", "sm_90", "sm_100"]  # A100, H100/H200, B200
REGISTERS = 128  # of a thread, so that 512 threads fit a multiprocessor


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("file", files())
def test_no_register_spills(file: str, arch: str, dtype: str) -> None:
    report = nvrtc.code(source(file), (*OPTIONS, f"-Dreal={REALS[dtype]}"), arch)
    assert set(report) == {k.name for k in kernels().values() if k.file == file}
    for name, code in report.items():
        assert code.spilled == 0, f"{name} spills on {arch}"
        assert code.registers <= REGISTERS, f"{name} needs {code.registers} registers on {arch}"


def test_a_spill_would_be_seen() -> None:
    """The log's format is NVRTC's own affair: a kernel made to spill must read as one."""
    body = "\n".join(f"double a{n} = x[{n} * 7 + threadIdx.x];" for n in range(80))
    last = " ".join(f"x[{n}] = a{n} * a{(n * 13 + 5) % 80};" for n in range(80))
    text = f'extern "C" __global__ __launch_bounds__(1024, 2) void heavy(double* x) {{ {body} __syncthreads(); {last} }}'
    assert nvrtc.code(text, (), "sm_90")["heavy"].spilled > 0


def test_shared_memory_is_read() -> None:
    body = "__shared__ double s[64]; s[threadIdx.x] = x[threadIdx.x]; __syncthreads(); x[threadIdx.x] = s[63 - threadIdx.x];"
    text = f'extern "C" __global__ void plain(double* x) {{ x[0] = 1.0; }} extern "C" __global__ void g(double* x) {{ {body} }}'
    found = nvrtc.code(text, (), "sm_90")
    assert found["g"].shared == 512 and found["plain"].shared == 0


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_instructions_are_counted(arch: str) -> None:
    """Ten dependent products are ten instructions of the double-precision pipe; a division's slow path is left out."""
    def counted(expression: str) -> nvrtc.Code:
        text = f'extern "C" __global__ void f(double* x) {{ double a = x[0], b = x[1]; x[2] = {expression}; }}'
        return nvrtc.code(text, ("--fmad=false",), arch)["f"]

    plain, product, division = counted("a"), counted("a" + " * b" * 10), counted("a / b")
    assert plain.doubles == 0 and product.doubles == 10
    assert 10 <= product.instructions - plain.instructions <= 12
    assert 5 <= division.doubles <= 12 and division.instructions < plain.instructions + 40


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
