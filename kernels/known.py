"""Calls seen before, told by the identity of their arrays: what was checked and laid out once is not done again.

Checking a launch and laying out its arguments takes longer than a small kernel.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from coldrack.kernels.source import Kernel

MANY = 2000  # calls remembered of one sort: relaxation factors change from time to time


class Remembered:
    """Calls by a key that tells their arrays by identity, each forgotten with the first of those."""

    def __init__(self) -> None:
        self.calls: dict[Any, tuple[Any, Any]] = {}

    def get(self, key: Any) -> Any:
        """The call, None if it is not known."""
        found = self.calls.get(key)
        return found and found[0]

    def keep(self, key: Any, call: Any, arrays: Sequence[Any]) -> None:
        """Remember a call, which must not keep its arrays, for as long as they live; with very many of them begin anew."""
        calls = self.calls
        if len(calls) >= MANY:
            calls.clear()
        calls[key] = call, [weakref.ref(a, lambda _: calls.pop(key, None)) for a in arrays]


class Known(Remembered):
    """Launches of one kernel; the key is their integers and their arrays, real parameters may change."""

    def __init__(self, kernel: Kernel, ints: tuple[int, ...]) -> None:
        super().__init__()
        self.count = len(kernel.arguments)
        self.arrays = tuple(i for i, a in enumerate(kernel.arguments) if a.pointer)
        self.reals = tuple(i for i in range(self.count) if i not in (*ints, *self.arrays))
        first = self.arrays[:1]  # twice: with a single one itemgetter gives no tuple
        self.ints_of, self.arrays_of = itemgetter(*ints), itemgetter(*first, *self.arrays)

    def _key(self, args: tuple[Any, ...]) -> Any:
        return self.ints_of(args), *map(id, self.arrays_of(args))

    def find(self, args: tuple[Any, ...]) -> Any:
        """What was kept; None where the launch is new."""
        if len(args) != self.count:
            return None
        try:
            return self.get(self._key(args))
        except TypeError:  # no integer at all: the check says which
            return None

    def keep_launch(self, args: tuple[Any, ...], call: Any) -> None:
        """Remember a launch that went well."""
        self.keep(self._key(args), call, [args[i] for i in self.arrays])


class PerKernel(dict[str, Any]):
    """What is made for a kernel when its name is first asked for."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, name: str) -> Any:
        self[name] = made = self.make(name)
        return made
