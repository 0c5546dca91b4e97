"""Types of PTX, and the memory of a launch in the interpreter: it looks at every access."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

Lanes = Any
SIZES = {"pred": 1, "b8": 1, "u8": 1, "s8": 1, "b16": 2, "u16": 2, "s16": 2, "b32": 4, "u32": 4, "s32": 4, "f32": 4,
         "b64": 8, "u64": 8, "s64": 8, "f64": 8}
KINDS = {"b": "u", "u": "u", "s": "i", "f": "f"}
SPACE = 40  # every array has its own 2^40 addresses
FREE, MANY = -1, -2


@cache
def dtype(kind: str) -> np.dtype[Any]:
    """numpy type of a PTX type."""
    return np.dtype(bool if kind == "pred" else f"{KINDS[kind[0]]}{SIZES[kind]}")


class Memory:
    """The arrays of a launch at made-up addresses, with the lane that wrote or read each element."""

    def __init__(self, arrays: list[np.ndarray], constant: list[bool]) -> None:
        self.flat = [a.reshape(-1) for a in arrays]
        self.constant = constant
        self.writer = [np.full(a.size, FREE) for a in arrays]
        self.reader = [np.full(a.size, FREE) for a in arrays]
        self.read_only: set[int] = set()

    @staticmethod
    def address(index: int) -> int:
        return (index + 1) << SPACE

    def _groups(self, address: Lanes, lanes: Lanes, kind: str) -> Any:
        which = (address >> np.uint64(SPACE)).astype(int) - 1
        for index in which[:1] if np.all(which == which[0]) else np.unique(which):
            assert 0 <= index < len(self.flat), f"address {address[0]:#x} belongs to no argument"
            here = which == index
            a, offset = self.flat[index], (address[here] & np.uint64((1 << SPACE) - 1)).astype(np.int64)
            assert a.dtype.itemsize == SIZES[kind], f"{kind} access to an array of {a.dtype}"
            assert not np.any(offset % a.dtype.itemsize), "misaligned address"
            element = offset // a.dtype.itemsize
            assert element.max() < a.size, f"argument array {index}: element {element.max()} of {a.size}"
            yield index, here, element, lanes[here]

    def load(self, address: Lanes, lanes: Lanes, kind: str, read_only: bool) -> Lanes:
        out = np.zeros(address.size, dtype(kind))
        for index, here, element, lane in self._groups(address, lanes, kind):
            writer, reader = self.writer[index][element], self.reader[index]
            assert np.all((writer == FREE) | (writer == lane)), f"array {index}: a thread reads what another one writes"
            if read_only:
                self.read_only.add(int(index))
            known = reader[element]
            reader[element] = np.where((known == FREE) | (known == lane), lane, MANY)
            repeated = np.flatnonzero(np.bincount(element, minlength=reader.size) > 1)
            reader[repeated] = MANY
            out[here] = self.flat[index].view(out.dtype)[element]
        return out

    def store(self, address: Lanes, lanes: Lanes, kind: str, value: Lanes) -> None:
        for index, here, element, lane in self._groups(address, lanes, kind):
            assert not self.constant[index], f"array {index} is constant and written"
            assert np.unique(element).size == element.size, f"array {index}: two threads write one element"
            writer, reader = self.writer[index], self.reader[index][element]
            assert np.all((writer[element] == FREE) | (writer[element] == lane)), f"array {index}: written by two threads"
            assert np.all((reader == FREE) | (reader == lane)), f"array {index}: a thread writes what another one read"
            writer[element] = lane
            self.flat[index].view(dtype(kind))[element] = value[here]

    def finish(self) -> None:
        for index in self.read_only:
            assert np.all(self.writer[index] == FREE), f"array {index}: loaded as read-only and written by the same launch"
