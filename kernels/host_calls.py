"""Calls of compiled kernels on the host, with packed arguments: remembered, and many of them run by one call.

A call through ctypes takes some microseconds, as long as a kernel over a small grid; a loop in C takes none. Beside every
kernel stands a function NAME_packed that takes an array of pointers: to the arrays, and to where the numbers are kept.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from coldrack.kernels.known import Known
from coldrack.kernels.source import kernels

LEAST = 4  # planes: fewer are not worth their calls
MOST = 32  # arguments of a kernel
REPLAY = f"#define MOST {MOST}" + """
extern "C" void replay(long count, void (*const* kernel)(void* const*), void* const* const* arguments)
{
    for (long i = 0; i < count; ++i) kernel[i](arguments[i]);
}
struct Wave {
    void (*kernel)(void* const*);
    void* const* arguments;
    const long* plane; /* bytes of a plane of each array, 0 of a number */
    const int* colour;
    int count, nz, colours, slab;
};
extern "C" void wave_packed(void* const* a)
{
    const Wave* const w = (const Wave*)a[0];
    void* moved[MOST];
    for (int top = w->slab; top - w->slab - w->colours < w->nz; top += w->slab)
        for (int s = 0; s < w->colours; ++s) {
            const int low = top - w->slab - s > 0 ? top - w->slab - s : 0, high = top - s < w->nz ? top - s : w->nz;
            int planes = high - low, colour = (w->colour[s] + low) & 1;
            if (planes <= 0) continue;
            for (int i = 0; i < w->count; ++i) moved[i] = (char*)w->arguments[i] + low * w->plane[i];
            moved[2] = &planes;
            moved[3] = &colour;
            w->kernel(moved);
        }
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
        self.kept: Any = (self.packed, self.boxes)  # what a call needs besides the arrays

    @property
    def signature(self) -> Any:
        """What it is but for the arrays."""
        return address(self.function), *[box.value for box in self.boxes]


class _Wave(ctypes.Structure):
    _fields_ = [*[(name, ctypes.c_void_p) for name in ("kernel", "arguments", "plane", "colour")],
                *[(name, ctypes.c_int) for name in ("count", "nz", "colours", "slab")]]


class Wave(Call):
    """Sweeps of a chequerboard one after the other, a few planes at a time.

    Each sweep stays a plane behind the one before: its planes are still in the cache, and have what they would have had after
    the whole of the sweep before, so that the result is that of whole sweeps, bit for bit.

    Parameters
    ----------
    function : ctypes function
        The compiled loop.
    call : Call
        One sweep; its first four arguments are the extents and the colour.
    colours : sequence of int
    slab : int
        Planes that a sweep goes on at a time.
    """

    def __init__(self, function: Any, call: Call, colours: Sequence[int], slab: int) -> None:
        nx, ny, nz = (box.value for box in call.boxes[:3])
        planes = {pointer(a): a.strides[0] for a in call.arrays if a.shape == (nz + 2, ny + 2, nx + 2)}
        strides = (ctypes.c_long * len(call.packed))(*[planes.get(place or 0, 0) for place in call.packed])
        order = (ctypes.c_int * len(colours))(*colours)
        wave = _Wave(address(call.function), ctypes.addressof(call.packed), ctypes.addressof(strides), ctypes.addressof(order),
                     len(call.packed), nz, len(colours), slab)
        self.function, self.arrays, self.boxes = function, call.arrays, []
        self.packed = (ctypes.c_void_p * 1)(ctypes.addressof(wave))
        self.run = partial(function, self.packed)
        self.kept = (self.packed, wave, strides, order, call.kept)
        self.sweep = call.signature, *colours

    @property
    def signature(self) -> Any:
        """What it is but for the arrays."""
        return address(self.function), *self.sweep


def slab(call: Call, colours: int, room: int) -> int:
    """Planes that a sweep may go on at a time so that what all of them touch stays in `room` bytes; 0: sweep the whole grid."""
    nz = call.boxes[2].value
    plane = sum(a.strides[0] for a in call.arrays if a.ndim == 3)
    planes = room // plane - colours - 2
    return planes if colours > 1 and LEAST <= planes < nz else 0


def address(function: Any) -> int | None:
    """Address of a compiled function."""
    return ctypes.cast(function, ctypes.c_void_p).value


class Series:
    """Launches done by one call; does not keep their arrays."""

    def __init__(self, replay: Any, calls: Sequence[Call]) -> None:
        many = ctypes.c_void_p * len(calls)
        functions, packed = many(*[address(c.function) for c in calls]), many(*[ctypes.addressof(c.packed) for c in calls])
        self.kept = [c.kept for c in calls]
        self.run = partial(replay, len(calls), functions, packed)

    def __call__(self) -> None:
        """Do them."""
        self.run()


def packed(function: Any, kinds: Sequence[Any], args: tuple[Any, ...]) -> Call:
    """A launch; `kinds` are the ctypes types of the arguments, None for arrays."""
    return Call(function, [a if kind is None else kind(a) for a, kind in zip(args, kinds)])


class KnownOnHost(Known):
    """Launches of one kernel with the addresses of their arrays: asking numpy for those takes longer than a small kernel."""

    def find(self, args: tuple[Any, ...]) -> Any:
        """What to call; None where the launch is new."""
        found = super().find(args)
        if found is None:
            return None
        run, boxes, _ = found
        try:
            for i, box in boxes:
                box.value = args[i]
        except TypeError:  # no number: the check says which
            return None
        return run

    def keep_packed(self, function: Any, args: tuple[Any, ...]) -> None:
        """Remember a launch that went well."""
        if function is None or any(isinstance(args[i], np.ndarray) for i in self.reals):
            return
        call = packed(function[0], function[1], args)
        boxes = dict(zip((i for i, kind in enumerate(function[1]) if kind is not None), call.boxes))
        self.keep_launch(args, (call.run, [(i, boxes[i]) for i in self.reals], call.boxes))
