"""Random arguments for any kernel, made from its signature and its header, and its comparison with the numpy twin.

The header's `inputs:` line constrains what is not free, separated by commas: ``NAME in LOW..HIGH`` (whole numbers or
expressions in the int parameters; for floats the ends of an interval), and ``NAME pairs N``: the map of a coarsening, each
coarse cell one or two of the N fine ones. Floats are free: of either sign, one in seven of them zero, so that every branch
is taken.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.kernels.source import POINTERS, Argument, Kernel, shape_function

ZEROS = 1.0 / 7.0
COARSE = ("mx", "my", "mz")
Array = NDArray[Any]


def constraints(kernel: Kernel) -> dict[str, tuple[str, ...]]:
    """What the header says of parameters: (low, high), or (fine extent,) of a coarsening map."""
    out: dict[str, tuple[str, ...]] = {}
    names = {a.name for a in kernel.arguments}
    for part in filter(None, (p.strip() for p in kernel.header.get("inputs", "").split(","))):
        match = re.fullmatch(r"(\w+) in (\S+)\.\.(\S+)", part) or re.fullmatch(r"(\w+) pairs (\w+)", part)
        if not match or match.group(1) not in names:
            raise ValueError(f"kernel {kernel.name}: cannot read {part!r} of its inputs line")
        out[match.group(1)] = match.groups()[1:]
    return out


def random_arguments(kernel: Kernel, extents: tuple[int, int, int], dtype: str, rng: np.random.Generator,
                     regular: bool = False) -> list[Any]:
    """Arguments of a launch over `extents` (x, y, z), arrays on the host; `regular`: coarse grids have every second cell."""
    rules = constraints(kernel)
    known: dict[str, int] = dict(zip(kernel.integers, extents))
    maps: dict[str, Array] = {}
    for name, rule in rules.items():
        if len(rule) == 1:
            argument = next(a for a in kernel.arguments if a.name == name)
            coarse = eval(argument.dimensions[0], {"__builtins__": {}}, known) - 3  # cells without ghosts; -1 if none
            sizes = rng.integers(1, 3, max(coarse, 0))
            start = np.cumsum([0, *(np.full_like(sizes, 2) if regular else sizes)])
            maps[name] = np.array([0, *(start + 1), start[-1] + 2], np.int32)
            known[rule[0]] = int(start[-1]) + 1
    for name in kernel.integers:
        if regular and name in COARSE and "n" + name[1] in known:
            known.setdefault(name, (known["n" + name[1]] + 1) // 2)
        if name not in known:
            low, high = _ends(rules[name], known) if name in rules else (1, max(extents))
            known[name] = int(rng.integers(int(low), int(high) + 1))
    shapes = shape_function(kernel)(*[known[name] for name in kernel.integers])
    out: list[Any] = []
    for argument, shape in zip(kernel.arguments, shapes):
        if argument.name in maps:
            out.append(maps[argument.name])
        elif argument.name in known:
            out.append(known[argument.name])
        elif regular and shape and argument.name.startswith(("near", "parent", "far")):
            out.append(_beside(argument.name, shape[0], known["m" + argument.name[-1]]))
        else:
            ends = _ends(rules[argument.name], known) if argument.name in rules else None
            out.append(_random(argument, shape, ends, dtype, rng))
    return out


def _beside(name: str, size: int, coarse: int) -> Array:
    """Of every fine cell on an axis its parent, or the parent's neighbour on its side."""
    fine = np.arange(size)
    parent = (fine + 1) // 2
    return np.clip(parent + 1 - 2 * (fine % 2) if name.startswith("far") else parent, 0, coarse + 1).astype(np.int32)


def _ends(rule: tuple[str, ...], known: dict[str, int]) -> tuple[float, float]:
    low, high = (float(eval(text, {"__builtins__": {}}, known)) for text in rule)  # the package's own kernel source
    return low, high


def _random(argument: Argument, shape: Any, ends: tuple[float, float] | None, dtype: str, rng: np.random.Generator) -> Any:
    if not argument.pointer:
        return float(rng.uniform(*(ends or (0.3, 0.9))))
    kind = np.dtype(POINTERS[argument.ctype] or dtype)
    if kind.kind in "iu":
        if ends is None:
            raise ValueError(f"argument {argument.name}: whole numbers need a range in the inputs line")
        return rng.integers(int(ends[0]), int(ends[1]) + 1, shape).astype(kind)
    low, high = ends or (-1.0, 1.0)
    values = rng.uniform(low, high, shape)
    if low <= 0.0 <= high:
        values[rng.random(shape) < ZEROS] = 0.0
    return values.astype(kind)


def run_twin(kernel: Kernel, arguments: list[Any]) -> list[Any]:
    """Arguments after the numpy twin ran on copies of them."""
    copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    with np.errstate(all="ignore"):
        getattr(import_module(f"coldrack.kernels.reference.{kernel.file}"), kernel.name)(*copies)
    return copies


def run_on(backend: Any, kernel: Kernel, arguments: list[Any]) -> list[Any]:
    """Arguments after the kernel ran on copies of them on a backend, back on the host."""
    there = [backend.asarray(a, a.dtype) if isinstance(a, np.ndarray) else a for a in arguments]
    backend.launch(kernel.name, *there)
    return [a if not hasattr(a, "dtype") else np.array(backend.to_numpy(a)) for a in there]


def largest_difference(kernel: Kernel, got: list[Any], expected: list[Any]) -> float:
    """Largest difference of any argument but scratch, in units in the last place of that array's largest value.

    Infinite where one of them is not finite and the other has no such value in that place.
    """
    worst = 0.0
    for spec, a, b in zip(kernel.arguments, got, expected):
        if not spec.pointer or spec.name in kernel.scratch or np.array_equal(a, b, equal_nan=True):
            continue
        if a.dtype.kind != "f" or not np.array_equal(np.isfinite(a), np.isfinite(b)):
            return float("inf")
        fine = np.isfinite(b)
        unit = float(np.spacing(abs(b[fine]).max()))
        worst = max(worst, float(abs(a[fine].astype(float) - b[fine]).max()) / unit)
    return worst
