"""Recordings on the host: the launches of a piece of work, noted once and then done by one call."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from coldrack.kernels.host_calls import Call, Series
from coldrack.kernels.recording import Work


class Tape(threading.local):
    """Where the launches of a backend (in all its precisions) go while they are noted; every thread has its own."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.arrays: dict[int, np.ndarray] = {}  # given to launches and cleared
        self.held: list[Call] | None = None
        self.on = self.capturing = False

    @contextmanager
    def holding(self) -> Iterator[list[Call]]:
        """Keep launches back: neither done nor noted."""
        self.held = []
        try:
            yield self.held
        finally:
            self.held = None

    @contextmanager
    def noting(self, capturing: bool) -> Iterator[tuple[list[Call], dict[int, np.ndarray]]]:
        """Note launches, and the arrays that they are given; with `capturing` they are not done."""
        self.calls, self.arrays, self.on, self.capturing = [], {}, True, capturing
        try:
            yield self.calls, self.arrays
        finally:
            self.calls, self.arrays, self.on, self.capturing = [], {}, False, False

    def note(self, *arrays: Any) -> None:
        """Arrays that a launch is given."""
        self.arrays.update((id(a), a) for a in arrays if isinstance(a, np.ndarray))

    def refuse(self, what: str) -> None:
        """Say that something cannot be recorded, if it is being."""
        if self.capturing:
            raise RuntimeError(what)


class HostRecording:
    """Does work by one call, once it has been recorded; the contract is that of `Recording`.

    The first call only does the work, the second one records it. Meanwhile the arrays of the first cannot be written to from
    Python, new ones cannot be launched with, and numbers must be those of the first: what a replay would leave out is told by a
    warning, and the work goes on by single launches.

    Parameters
    ----------
    tape : Tape
        Of the backend.
    replay : callable
        The compiled loop.
    """

    def __init__(self, tape: Tape, replay: Any) -> None:
        self.tape, self.replay = tape, replay
        self.run: Callable[[], None] | None = None
        self.arrays: tuple[Any, ...] = ()
        self.known: dict[int, np.ndarray] = {}
        self.calls: list[Call] = []
        self.warm = self.failed = False

    def __call__(self, work: Work, *arrays: Any) -> None:
        """Do `work`; recorded again if one of `arrays`, which it uses, is another one than in the last call."""
        if self.tape.on:  # part of a larger recording
            return work()
        if len(arrays) != len(self.arrays) or any(a is not b for a, b in zip(arrays, self.arrays)):
            self.arrays, self.run = arrays, None
        if self.run is None and self.warm and not self.failed:
            self._record(work)
        if self.run is not None:
            self.run()
        elif self.warm:
            work()
        else:
            with self.tape.noting(capturing=False) as (self.calls, self.known):
                work()
            self.warm = True

    def _record(self, work: Work) -> None:
        """Note the launches of `work`; nothing runs."""
        known = [*self.known.values(), *[a for a in self.arrays if isinstance(a, np.ndarray)]]
        try:
            with _locked(known) as roots, self.tape.noting(capturing=True) as (calls, self.known):
                work()
            if any(id(_root(a)) not in roots for call in calls for a in call.arrays):
                raise RuntimeError("a new array")
            if [c.signature for c in calls] != [c.signature for c in self.calls]:
                raise RuntimeError("other launches or numbers than in the call before")
        except Exception as error:
            self.failed = True
            warnings.warn(f"launches could not be recorded ({error}): they go one by one, slowly on small grids",
                          RuntimeWarning, stacklevel=4)
            return
        self.calls, self.run = calls, Series(self.replay, calls)


def _root(a: np.ndarray) -> np.ndarray:
    while isinstance(a.base, np.ndarray):
        a = a.base
    return a


@contextmanager
def _locked(arrays: list[np.ndarray]) -> Iterator[set[int]]:
    """Let nobody write to arrays through numpy; gives the identities of those that own the memory."""
    roots = {id(root): root for root in map(_root, arrays)}
    locked = [a for a in (*roots.values(), *arrays) if a.flags.writeable]  # owners first: they must be free before their views
    for a in locked:
        a.flags.writeable = False
    try:
        yield set(roots)
    finally:
        for a in locked:
            a.flags.writeable = True
