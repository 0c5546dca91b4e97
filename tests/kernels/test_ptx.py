"""The interpreter finds what it is there to find."""

from __future__ import annotations

import numpy as np
import nvrtc
import ptx
import pytest

HEAD = 'extern "C" __global__ void f(const double* __restrict__ a, double* __restrict__ b, int n) { int i = threadIdx.x; '


def run(body: str, n: int = 8, threads: int = 8) -> np.ndarray:
    text = nvrtc.ptx(HEAD + body + " }", ("--fmad=false",))
    a, b = np.arange(8.0), np.zeros(8)
    ptx.launch(text, "f", (1, 1, 1), (threads, 1, 1), [a, b, np.int32(n)], [True, False])
    return b


def test_branches_loops_and_arithmetic() -> None:
    body = "double s = 0; for (int q = 0; q < i; ++q) { if (q % 3 == 1) continue; s += a[q] / 3.0; } b[i] = i & 1 ? -s : s;"
    expected = [(-1.0) ** i * sum(q / 3.0 for q in range(i) if q % 3 != 1) for i in range(8)]
    assert np.allclose(run(body), expected, rtol=1e-15)


def test_indexed_local_arrays() -> None:
    assert np.array_equal(run("double q[3] = {a[0], a[1], a[2]}; b[i] = q[(i + n) % 3];"), [(i + 8) % 3 for i in range(8)])


@pytest.mark.parametrize(("body", "says"), [
    ("b[i + 1] = 1.0;", "element 8 of 8"),
    ("b[i / 2] = a[i];", "two threads write"),
    ("b[i] = 1.0; b[(i + 1) % 8] = 2.0;", "written by two threads"),
    ("b[i] = a[i]; b[i] = b[(i + 1) % 8];", "another"),
    ("const_cast<double*>(a)[i] = 1.0;", "constant"),
    ("b[i] = ((const double*)((const char*)a + 4))[0];", "misaligned"),
    ("b[i] = ((const float*)a)[0];", "access to an array"),
    ("double q[3] = {a[0], a[1], a[2]}; b[i] = q[i + n];", "outside the thread's own array"),
])
def test_mistakes_are_seen(body: str, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        run(body)


def test_arguments_of_a_wrong_type_are_seen() -> None:
    text = nvrtc.ptx(HEAD + "if (i < n) b[i] = a[i]; }", ("--fmad=false",))
    for wrong in (np.int64(8), np.float32(8)):
        with pytest.raises(AssertionError, match="passed for"):
            ptx.launch(text, "f", (1, 1, 1), (8, 1, 1), [np.zeros(8), np.zeros(8), wrong], [True, False])


@pytest.mark.parametrize(("body", "instruction"), [
    ("b[i] = __dsqrt_rz(a[i]);", "sqrt.rz.f64"),
    ("b[i] = __fma_rn(a[i], a[i], 1.0);", "fma.rn.f64"),
    ("b[i] = double(__fdividef(float(a[i]), 3.0f));", "div.approx.f32"),
    ("b[i] = double(__saturatef(float(a[i])));", "cvt.sat.f32"),
    ("atomicAdd(&b[0], a[i]);", "atom.global"),
    ("__syncthreads(); b[i] = a[i];", "bar.sync"),
    ("if (n < 0) b[i] = __dadd_rd(a[i], 1.0);", "add.rm.f64"),
])
def test_unknown_instructions_are_errors(body: str, instruction: str) -> None:
    """Also those that no thread gets to, and known ones that round, flush or saturate otherwise than numpy."""
    with pytest.raises(NotImplementedError, match=rf"PTX instruction .*{instruction}"):
        run(body)
