"""A fixed sequence of launches, recorded once as a CUDA graph and then sent to the device in one go.

On small grids the device is done with a kernel before Python has prepared the next one; a graph has no such gaps.
Used by the cuda backend through the CuPy module that it is given.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Work = Callable[[], None]


class Tape(threading.local):
    """Whether a backend's launches are being recorded; every thread has its own."""

    on = False


class Recording:
    """Does work by one graph launch, once it has been recorded.

    The first call only does the work, so that kernels are compiled and loaded; the second one records it. If that fails (a
    library that cannot be recorded, a new array within the work), a warning says why and the work goes on by single launches.

    Parameters
    ----------
    cupy : module
    sent : callable
        Runs a call to the device and explains its errors.
    tape : Tape
        Of the backend; what is recorded within a larger recording is part of that.
    """

    def __init__(self, cupy: Any, sent: Callable[[Work], None], tape: Tape) -> None:
        self.cupy, self.sent, self.tape = cupy, sent, tape
        self.graph: Any = None
        self.arrays: tuple[Any, ...] = ()
        self.warm = self.failed = False

    def __call__(self, work: Work, *arrays: Any) -> None:
        """Do `work`; recorded again if one of `arrays`, which it uses, is another one than in the last call."""
        if self.tape.on:
            return work()
        if len(arrays) != len(self.arrays) or any(a is not b for a, b in zip(arrays, self.arrays)):
            self.arrays, self.graph = arrays, None
        if self.warm and self.graph is None and not self.failed:
            self._record(work)
        if self.graph is None:
            work()
            self.warm = True
        else:
            self.sent(self.graph.launch)

    def _record(self, work: Work) -> None:
        """Capture the launches of `work` on a stream of their own; nothing runs."""
        cuda = self.cupy.cuda
        stream = cuda.Stream(non_blocking=True)
        self.tape.on = True
        try:
            with stream, cuda.using_allocator(_refuse):
                stream.begin_capture()
                try:
                    work()
                except BaseException:
                    with suppress(Exception):
                        stream.end_capture()  # leaves the capture; fails if the error broke it
                    raise
                self.graph = stream.end_capture()
        except Exception as error:
            self.failed = True
            warnings.warn(f"launches could not be recorded ({error}): they go to the device one by one, slowly on small grids",
                          RuntimeWarning, stacklevel=4)
        finally:
            self.tape.on = False


def _refuse(size: int) -> Any:
    """Stands in for CuPy's allocator: the pool would give a recorded array's memory to somebody else before the replay."""
    raise RuntimeError(f"a new array of {size} bytes")


def at_once(work: Work, *arrays: Any) -> None:
    """What takes the place of a recording where launches cost next to nothing."""
    work()
