"""Mistakes planted in the kernel text and in the launch code: the comparison of the device code with the twins finds each.

What is wrong is either said by the interpreter or the stand-in, or changes the numbers.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from stand_in import Module, StandInBackend

import coldrack.kernels.cuda as cuda
from coldrack.kernels.check import largest_difference, random_arguments, run_on, run_twin
from coldrack.kernels.source import FOLDER, Kernel, kernels, source
from coldrack.kernels.source import PRELUDE as PARTS

ULPS = 8.0
SHAPE = (13, 7, 11)  # no multiple of the block (16, 8, 2) along any axis
PRELUDE = "".join((FOLDER / name).read_text() for name in PARTS)
COMMUTES = {("partial_dot", "a b"), ("gauss_seidel_lines", "factor change")}  # pairs whose order does not matter
STENCILS = [n for n, k in kernels().items() if k.file != "reduction"]


def given(kernel: Kernel, dtype: str, shape: tuple[int, int, int]) -> list[Any]:
    arguments = random_arguments(kernel, shape, dtype, np.random.default_rng(3))
    if kernel.file == "lines":
        arguments[3] = 0  # along z one layer of threads takes all lines, whatever else is launched
    return arguments


def found(kernel: Kernel, dtype: str = "f8", shape: tuple[int, int, int] = SHAPE) -> str:
    """What the comparison says of a kernel; nothing if it finds no mistake."""
    be, arguments = StandInBackend(dtype, "ptx"), given(kernel, dtype, shape)
    try:
        got = run_on(be, kernel, arguments)
    except (AssertionError, NotImplementedError) as error:
        return str(error) or "refused"
    difference = largest_difference(kernel, got, run_twin(kernel, arguments))
    return "" if difference <= ULPS else f"differs by {difference} units in the last place"


def plant(monkeypatch: pytest.MonkeyPatch, pattern: str, replacement: str) -> None:
    """Change the text that the device gets, in every place that matches."""
    def changed(file: str) -> str:
        text, count = re.subn(pattern, replacement, source(file))
        assert count, f"nothing to plant in {file}"
        return text

    monkeypatch.setattr(cuda, "source", changed)


@pytest.mark.parametrize("name", kernels())
def test_nothing_is_found_without_a_mistake(name: str) -> None:
    assert found(kernels()[name]) == ""


# ---------------------------------------------------------------- in the kernel text
@pytest.mark.parametrize("name", kernels())
def test_missing_guard(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads beyond the extents write into ghosts, rows of others or nowhere."""
    plant(monkeypatch, r"if \(i < \(n0\) && j < \(n1\) && k < \(n2\)\)", "if (true)")
    assert found(kernels()[name])


@pytest.mark.parametrize("bound", ["i", "j", "k"])
@pytest.mark.parametrize("name", STENCILS)
def test_guard_off_by_one(name: str, bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One layer too many, still inside the padded arrays: only the numbers tell."""
    plant(monkeypatch, rf"\b{bound} < \((n[012])\)", rf"{bound} <= (\1)")
    assert found(kernels()[name])


@pytest.mark.parametrize("name", kernels())
def test_out_of_bounds_index(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every subscript far beyond the arrays; no thread may get as far as a number."""
    plant(monkeypatch, r"(?<=\w)\[(?=[a-z(])", "[1000000 + ")
    assert re.search(r"element \d+ of \d+", found(kernels()[name]))


@pytest.mark.parametrize("name", STENCILS)
def test_wrong_thread_index(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of a block along another axis."""
    plant(monkeypatch, r"int\(blockDim\.y\)", "int(blockDim.z)")
    assert found(kernels()[name], shape=(3, 300, 2))


# ---------------------------------------------------------------- in the launch code
def blocks(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    plain = cuda.block_and_grid
    monkeypatch.setattr(cuda, "block_and_grid", lambda extents, kernel="": change(*plain(extents, kernel)))


@pytest.mark.parametrize("axis", range(3))
def test_wrong_block_size(axis: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half the threads along one axis, with the grid of whole blocks."""
    blocks(monkeypatch, lambda block, grid: (tuple(max(1, b // (1 + (a == axis))) for a, b in enumerate(block)), grid))
    for kernel in kernels().values():
        assert found(kernel, shape=(4, 4, 16)), kernel.name


def test_wrong_block_size_shows_in_the_numbers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the stand-in's look at the launch: cells that no thread visits."""
    monkeypatch.setattr(Module, "_look", lambda *args: None)
    blocks(monkeypatch, lambda block, grid: (block, (grid[0], grid[1], max(1, grid[2] - 2))))  # the last may be ghosts
    for name in STENCILS:
        assert "differs" in found(kernels()[name], shape=(16, 16, 160)), name


@pytest.mark.parametrize("wrong", [(2048, 1, 1), (1, 1, 128), (0, 1, 1), (16.0, 4, 4)])
def test_block_that_no_device_takes(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks(monkeypatch, lambda block, grid: (wrong, grid))
    assert found(kernels()["apply"])


@pytest.mark.parametrize("name", kernels())
def test_wrong_argument_order(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any two neighbours in a launch change places."""
    kernel, plain = kernels()[name], Module.get_function
    values = given(kernel, "f8", SHAPE)
    for first in range(len(kernel.arguments) - 1):
        if {type(v) for v in values[first:first + 2]} == {int} and values[first] == values[first + 1]:
            continue  # two extents happen to be alike
        def swapping(self: Module, name: str, first: int = first) -> Any:
            function = plain(self, name)
            order = [*range(first), first + 1, first, *range(first + 2, len(kernel.arguments))]
            return lambda grid, block, args: function(grid, block, tuple(args[n] for n in order))

        monkeypatch.setattr(Module, "get_function", swapping)
        pair = f"{kernel.arguments[first].name} {kernel.arguments[first + 1].name}"
        assert found(kernel) or (name, pair) in COMMUTES, pair


def test_another_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda, "REALS", {"f8": "float", "f4": "double"})
    for kernel in kernels().values():
        if any(a.ctype == "real" for a in kernel.arguments):
            assert found(kernel) and found(kernel, "f4"), kernel.name


def test_contraction_left_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fused multiply-add would round otherwise than the host: not an instruction that the interpreter knows."""
    monkeypatch.setattr(cuda, "OPTIONS", ("--std=c++17",))
    assert "PTX instruction fma" in found(kernels()["apply"])
