"""Calls of compiled kernels on the host, with packed arguments: remembered, and many of them run by one call.

A call through ctypes takes some microseconds, as long as a kernel over a small grid; a loop in C takes none. Beside every
kernel stands a function NAME_packed that takes an array of pointers: to the arrays, and to where the numbers are kept.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from coldrack.kernels.source import Kernel, kernels

MANY = 2000  # calls remembered of one sort: relaxation factors change from time to time
REPLAY = """
extern "C" void replay(long count, void (*const* kernel)(void* const*), void* const* const* arguments)
{
    for (long i = 0; i < count; ++i) kernel[i](arguments[i]);
}
extern "C" void clear_packed(void* const* a) { __builtin_memset(a[0], 0, *(const unsigned long*)a[1]); }
"""


def trampolines(file: str) -> str:
    """Text of the NAME_packed functions of one file's kernels."""
    out = []
    for kernel in kernels().values():
        if kernel.file == file:
            cast = ", ".join(f"({a.ctype}*)a[{i}]" if a.pointer else f"*(const {a.ctype}*)a[{i}]"
                             for i, a in enumerate(kernel.arguments))
            out.append(f'extern "C" void {kernel.name}_packed(void* const* a) {{ {kernel.name}({cast}); }}\n')
    return "".join(out)


def pointer(a: Any) -> int:
    """Address of an array."""
    return int(a.__array_interface__["data"][0])


class Call:
    """One launch.

    Parameters
    ----------
    function : ctypes function
        A packed one.
    arguments : sequence
        Arrays, and numbers as ctypes objects (`boxes`), whose values may be changed.
    """

    def __init__(self, function: Any, arguments: Sequence[Any]) -> None:
        self.function = function
        self.arrays = [a for a in arguments if isinstance(a, np.ndarray)]
        self.boxes = [a for a in arguments if not isinstance(a, np.ndarray)]
        places = [pointer(a) if isinstance(a, np.ndarray) else ctypes.addressof(a) for a in arguments]
        self.packed = (ctypes.c_void_p * len(places))(*places)
        self.run = partial(function, self.packed)

    @property
    def signature(self) -> Any:
        """What it is but for the arrays."""
        return address(self.function), *[box.value for box in self.boxes]


def address(function: Any) -> int | None:
    """Address of a compiled function."""
    return ctypes.cast(function, ctypes.c_void_p).value


class Series:
    """Launches done by one call; does not keep their arrays."""

    def __init__(self, replay: Any, calls: Sequence[Call]) -> None:
        many = ctypes.c_void_p * len(calls)
        functions, packed = many(*[address(c.function) for c in calls]), many(*[ctypes.addressof(c.packed) for c in calls])
        self.kept = [(c.packed, c.boxes) for c in calls]
        self.run = partial(replay, len(calls), functions, packed)

    def __call__(self) -> None:
        """Do them."""
        self.run()


def packed(function: Any, kinds: Sequence[Any], args: tuple[Any, ...]) -> Call:
    """A launch; `kinds` are the ctypes types of the arguments, None for arrays."""
    return Call(function, [a if kind is None else kind(a) for a, kind in zip(args, kinds)])


class Remembered:
    """Calls by the identity of their arrays, each forgotten with the first of those."""

    def __init__(self) -> None:
        self.calls: dict[Any, tuple[Any, Any]] = {}

    def get(self, key: Any) -> Any:
        """The call, None if it is not known."""
        found = self.calls.get(key)
        return found and found[0]

    def keep(self, key: Any, call: Any, arrays: Sequence[Any]) -> None:
        """Remember a call for as long as its arrays live; with very many of them begin anew."""
        calls = self.calls
        if len(calls) >= MANY:
            calls.clear()
        calls[key] = call, [weakref.ref(a, lambda _: calls.pop(key, None)) for a in arrays]


class Known:
    """Launches of one kernel seen before, with the addresses of their arrays.

    Checking the arguments and asking numpy for addresses takes longer than a small kernel. The arrays are told by identity,
    and a launch is forgotten with the first of its arrays; real parameters may change.
    """

    def __init__(self, kernel: Kernel, ints: tuple[int, ...]) -> None:
        self.count = len(kernel.arguments)
        self.arrays = tuple(i for i, a in enumerate(kernel.arguments) if a.pointer)
        self.reals = tuple(i for i in range(self.count) if i not in (*ints, *self.arrays))
        first = self.arrays[:1]  # twice: with a single one itemgetter gives no tuple
        self.ints_of, self.arrays_of = itemgetter(*ints), itemgetter(*first, *self.arrays)
        self.calls: dict[Any, tuple[Any, list[Any], Any]] = {}

    def _key(self, args: tuple[Any, ...]) -> Any:
        return self.ints_of(args), *map(id, self.arrays_of(args))

    def find(self, args: tuple[Any, ...]) -> Any:
        """What to call; None where the launch is new."""
        if len(args) != self.count:
            return None
        try:
            found = self.calls.get(self._key(args))
            if found is None:
                return None
            run, boxes, _ = found
            for i, box in boxes:
                box.value = args[i]
        except TypeError:  # no integer at all, or no number: the check says which
            return None
        return run

    def keep(self, function: Any, args: tuple[Any, ...]) -> None:
        """Remember a launch that went well."""
        if function is None or any(isinstance(args[i], np.ndarray) for i in self.reals):
            return
        key, calls, call = self._key(args), self.calls, packed(function[0], function[1], args)
        boxes = dict(zip((i for i, kind in enumerate(function[1]) if kind is not None), call.boxes))
        forget = [weakref.ref(args[i], lambda _: calls.pop(key, None)) for i in self.arrays]
        calls[key] = call.run, [(i, boxes[i]) for i in self.reals], (forget, call.boxes)
