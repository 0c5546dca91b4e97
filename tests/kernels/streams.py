"""Streams, recorded graphs and the memory allocator of the stand-in for CuPy, as strict as the real ones at their worst."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

NUMBER = 8192
Node = Callable[[], None]


class TransferForbidden(AssertionError):
    """A copy between host and device where none is allowed."""


class RuntimeFailure(RuntimeError):
    """Stands in for CUDARuntimeError."""


class State:
    """What is counted, and where work for the device goes: it is done at once, or noted in a stream that captures."""

    def __init__(self) -> None:
        self.uploads = self.downloads = self.reads = self.launches = self.replays = 0
        self.forbidden = False
        self.streams: list[Stream] = []
        self.allocator: Callable[[int], Any] = lambda size: None

    def copy(self, kind: str, nbytes: int) -> None:
        self.wait("a copy between host and device")
        if kind == "downloads" and nbytes <= NUMBER:
            self.reads += 1
            return
        if self.forbidden:
            raise TransferForbidden(f"{kind[:-1]} of {nbytes} bytes")
        setattr(self, kind, getattr(self, kind) + 1)

    def read(self) -> None:
        self.wait("reading a number")
        self.reads += 1

    def snapshot(self) -> dict[str, int]:
        return {n: getattr(self, n) for n in ("uploads", "downloads", "reads", "launches", "replays")}

    @property
    def capturing(self) -> Stream | None:
        """The current stream, if it captures."""
        return self.streams[-1] if self.streams and self.streams[-1].nodes is not None else None

    def do(self, work: Callable[..., None], *arguments: Any) -> None:
        """Work of the device on arrays and numbers: done, or noted with the arrays' addresses."""
        stream = self.capturing
        if stream is None:
            work(*arguments)
        else:
            assert stream.nodes is not None
            places = [Address(a) if isinstance(a, np.ndarray) else a for a in arguments]
            stream.nodes.append(lambda: work(*[a.array() if isinstance(a, Address) else a for a in places]))

    def wait(self, what: str) -> None:
        """What needs the device to be done: breaks a capture."""
        if self.capturing is not None:
            self.capturing.broken = True
            raise RuntimeFailure(f"the current stream is capturing, so {what} is not allowed")

    def allocate(self, size: int) -> None:
        self.allocator(size)
        if self.capturing is not None:  # allowed by CuPy, whose pool would hand the memory out again before the replay
            raise AssertionError("an array made while its stream captures")

    @contextmanager
    def using_allocator(self, allocator: Callable[[int], Any]) -> Iterator[None]:
        before, self.allocator = self.allocator, allocator
        try:
            yield
        finally:
            self.allocator = before


class Address:
    """Where an array lies. Like a recorded graph it does not keep the array; unlike one it notices when that is gone."""

    def __init__(self, a: np.ndarray) -> None:
        root = a
        while isinstance(root.base, np.ndarray):
            root = root.base
        self.memory = weakref.ref(root)
        self.layout = a.shape, a.dtype, a.ctypes.data - root.ctypes.data, a.strides

    def array(self) -> np.ndarray:
        memory = self.memory()
        assert memory is not None, "a recorded launch uses an array that is gone"
        shape, dtype, offset, strides = self.layout
        return np.ndarray(shape, dtype, memory, offset, strides)


class Stream:
    """Stands in for a CuPy stream."""

    def __init__(self, state: State, non_blocking: bool = False) -> None:
        self.state, self.non_blocking = state, non_blocking
        self.nodes: list[Node] | None = None
        self.broken = False

    def __enter__(self) -> Stream:
        self.state.streams.append(self)
        return self

    def __exit__(self, *error: Any) -> None:
        assert self.state.streams.pop() is self

    def begin_capture(self) -> None:
        if not self.non_blocking:
            raise RuntimeFailure("cudaErrorStreamCaptureImplicit: a blocking stream would catch the default stream's work")
        self.nodes, self.broken = [], False

    def end_capture(self) -> Graph:
        if self.nodes is None:
            raise RuntimeFailure("cudaErrorIllegalState")
        nodes, self.nodes = self.nodes, None
        if self.broken:
            raise RuntimeFailure("cudaErrorStreamCaptureInvalidated")
        return Graph(self.state, nodes)


class Graph:
    """Stands in for a recorded graph, whose nodes hold addresses and numbers as they were."""

    def __init__(self, state: State, nodes: list[Node]) -> None:
        self.state, self.nodes = state, nodes

    def launch(self) -> None:
        assert self.state.capturing is None
        self.state.replays += 1
        for node in self.nodes:
            node()
