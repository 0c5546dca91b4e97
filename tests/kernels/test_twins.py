"""Every kernel on every backend, in both precisions and odd shapes, against its numpy twin."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import nvrtc
import pytest
from devices import ALL, COMPILED, backend
from stand_in import StandInBackend

from coldrack.kernels import KernelArgumentError
from coldrack.kernels.backend import PLANES
from coldrack.kernels.check import largest_difference, random_arguments, run_on, run_twin
from coldrack.kernels.cuda import OPTIONS, REALS
from coldrack.kernels.host import library
from coldrack.kernels.source import files, kernels, source

SHAPES = [(1, 1, 1), (2, 2, 2), (13, 7, 10), (1, 9, 4), (9, 1, 1), (5, 2, 1), (33, 4, 2), (40, 29, 31),
          (67, 5, 6), (75, 21, 20)]  # rows that go alone, with a rest; the last and the one before by all threads
DEVICE_SHAPES = [*SHAPES[:5], (13, 7, 11), (131, 3, 2), (3, 300, 2)]  # threads beyond every extent; several blocks
INTERPRETED = [80, 100]
# In units in the last place of an array's largest value. Contraction is off, so most kernels agree bit for bit; where a
# twin adds the same terms in another order (sums over the faces or the cells of a coarse cell) they may part by these.
REORDERED = {"advection": 2.0, "transfer": 8.0}


def allowed(name: str) -> float:
    return REORDERED.get(kernels()[name].file, 0.0)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("device", COMPILED)
@pytest.mark.parametrize("name", kernels())
def test_against_the_twin(name: str, device: str, dtype: str) -> None:
    be, kernel, rng = backend(device, dtype), kernels()[name], np.random.default_rng(7)
    for shape in SHAPES:
        for _ in range(2):
            arguments = random_arguments(kernel, shape, dtype, rng)
            with np.errstate(all="ignore"):
                got = run_on(be, kernel, arguments)
            assert largest_difference(kernel, got, run_twin(kernel, arguments)) <= allowed(name), shape


@pytest.mark.parametrize("shape", [(70, 30, 13), (70, 160, 3), (12, 60, 40)])
@pytest.mark.parametrize("name", ["residual", "residual_advected", "apply", "apply_advected", "apply_stored"])
def test_what_passes_between_planes_does_not_depend_on_the_threads(name: str, shape: tuple[int, int, int]) -> None:
    """Each thread has planes of its own, or rows of them where there are more threads than planes."""
    be, kernel = backend("host", "f8"), kernels()[name]
    arguments = random_arguments(kernel, shape, "f8", np.random.default_rng(5))
    openmp = library(kernel.file, "f8")
    if not openmp.with_openmp():
        pytest.skip("the compiler has no OpenMP: there is one thread")
    before = openmp.omp_get_max_threads()
    try:
        for threads in (1, 2, 5, 16):
            openmp.omp_set_num_threads(threads)
            assert largest_difference(kernel, run_on(be, kernel, arguments), run_twin(kernel, arguments)) == 0.0, threads
    finally:
        openmp.omp_set_num_threads(before)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_more_lines_than_go_together(axis: int, dtype: str) -> None:
    """Rows of lines in several parts, an odd number of them along z."""
    be, kernel = backend("host", dtype), kernels()["gauss_seidel_lines"]
    arguments = random_arguments(kernel, (300, 37, 5), dtype, np.random.default_rng(7))
    arguments[3] = axis
    assert largest_difference(kernel, run_on(be, kernel, arguments), run_twin(kernel, arguments)) <= allowed(kernel.name)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("capability", INTERPRETED)
@pytest.mark.parametrize("name", kernels())
def test_device_code_against_the_twin(name: str, capability: int, dtype: str) -> None:
    """The PTX of every kernel with the cuda backend's own grids, blocks and arguments, in the interpreter.

    That also finds threads which touch what others write, accesses out of bounds and writes to constant arrays.
    """
    be, kernel, rng = StandInBackend(dtype, "ptx", capability), kernels()[name], np.random.default_rng(3)
    for shape in DEVICE_SHAPES:
        arguments = random_arguments(kernel, shape, dtype, rng)
        got = run_on(be, kernel, arguments)
        assert largest_difference(kernel, got, run_twin(kernel, arguments)) <= allowed(name), shape
    assert be.counters.launches == len(DEVICE_SHAPES)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("file", files())
def test_one_interpreted_text_stands_for_ampere_and_hopper(file: str, dtype: str) -> None:
    """NVRTC writes the same PTX for A100 (80) and H100 (90), by a newer compiler another one for B200 (100)."""
    texts = [nvrtc.ptx(source(file), (*OPTIONS, f"-Dreal={REALS[dtype]}"), arch) for arch in (80, 90)]
    ampere, hopper = (re.sub(r"(?m)^(//|\.version|\.target).*$", "", text) for text in texts)
    assert ampere == hopper


@pytest.mark.parametrize("device", ALL)
@pytest.mark.parametrize("name", kernels())
def test_not_a_number_goes_through(name: str, device: str) -> None:
    """Fed with nothing but NaN, a kernel leaves NaN wherever its twin does: no bound turns it into a number."""
    be, kernel = backend(device), kernels()[name]
    arguments = random_arguments(kernel, (4, 5, 3), "f8", np.random.default_rng(1))
    for n, (spec, a) in enumerate(zip(kernel.arguments, arguments)):
        if spec.pointer and spec.const and a.dtype.kind == "f":
            arguments[n] = np.full_like(a, np.nan)
    with np.errstate(all="ignore"):
        got, expected = run_on(be, kernel, arguments), run_twin(kernel, arguments)
    for spec, a, b in zip(kernel.arguments, got, expected):
        if spec.pointer and spec.name not in kernel.scratch:
            assert np.array_equal(a, b, equal_nan=True), spec.name


@pytest.mark.parametrize("name", kernels())
@pytest.mark.parametrize("device", ALL)
def test_wrong_arguments_are_named(name: str, device: str) -> None:
    be, kernel = backend(device), kernels()[name]
    plain = random_arguments(kernel, (6, 5, 4), "f8", np.random.default_rng(2))
    good = [be.asarray(a, a.dtype) if isinstance(a, np.ndarray) else a for a in plain]
    with np.errstate(all="ignore"):
        be.launch(name, *good)

    def refused(index: int, value: Any) -> None:
        wrong = [*good]
        wrong[index] = value
        with pytest.raises(KernelArgumentError, match=rf"kernel {name}, argument {kernel.arguments[index].name}\b"):
            be.launch(name, *wrong)

    for index, spec in enumerate(kernel.arguments):
        if not spec.pointer:
            refused(index, good[index] + 0.5 if spec.ctype == "int" else be.zeros((3,)))
            continue
        shape, dtype = plain[index].shape, plain[index].dtype
        refused(index, be.zeros(tuple(n + 2 for n in shape), dtype))
        refused(index, be.zeros((shape[0], *(n + 1 for n in shape[1:])) if len(shape) > 1 else (shape[0] - 1,), dtype))
        refused(index, be.zeros(shape, "i2"))
        refused(index, be.zeros((*shape[:-1], 2 * shape[-1]), dtype)[..., ::2])
        refused(index, 1.0)
    with pytest.raises(KernelArgumentError, match=rf"kernel {name}: {len(good) - 1} arguments, expected {len(good)} \("):
        be.launch(name, *good[:-1])


@pytest.mark.parametrize("name", ["gauss_seidel", "restrict_sum", "prolong_velocity"])
@pytest.mark.parametrize("device", ALL)
def test_a_plane_more_is_left_alone(name: str, device: str) -> None:
    """Not read, or NaN would spread, and not written."""
    be, kernel = backend(device), kernels()[name]
    plain = random_arguments(kernel, (6, 5, 4), "f8", np.random.default_rng(2))
    longer = [np.concatenate([a, np.full_like(a[:1], np.nan if a.dtype.kind == "f" else 77)]) if grows else a
              for a, grows in ((a, spec.pointer and spec.dimensions[0] in PLANES) for a, spec in zip(plain, kernel.arguments))]
    got, expected = run_on(be, kernel, longer), run_on(be, kernel, plain)
    for a, b, c, spec in zip(got, expected, longer, kernel.arguments):
        if spec.pointer:
            assert np.array_equal(a[: len(b)], b) and np.array_equal(a[len(b) :], c[len(b) :], equal_nan=True), spec.name


@pytest.mark.parametrize("device", ALL)
def test_launches_that_no_kernel_can_take(device: str) -> None:
    be = backend(device)
    with pytest.raises(KernelArgumentError, match=r"no kernel 'residul': there are .*residual"):
        be.launch("residul")
    name = next(iter(kernels()))
    rest = [1 if a.name in kernels()[name].integers else None for a in kernels()[name].arguments[3:]]
    with pytest.raises(KernelArgumentError, match="must have fewer than 2147483648"):
        be.launch(name, 2000, 2000, 2000, *rest)
    with pytest.raises(KernelArgumentError, match="does not fit an int"):
        be.launch(name, 2**40, 1, 1, *rest)


@pytest.mark.parametrize("device", ALL)
def test_nothing_runs_over_empty_extents(device: str) -> None:
    be = backend(device)
    be.launch("partial_sum", 4, 3, 0, 8, be.zeros((8,)), be.zeros((0, 3, 4)))
