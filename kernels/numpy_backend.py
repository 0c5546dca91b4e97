"""The numpy backend: runs the twins of `kernels/reference`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from coldrack.kernels.backend import Backend
from coldrack.kernels.source import Kernel


class NumpyBackend(Backend):
    """Plain numpy; always there, several times slower than a compiled backend."""

    name = "numpy"

    def _run(self, kernel: Kernel, args: tuple[Any, ...]) -> None:
        module = import_module(f"coldrack.kernels.reference.{kernel.file}")
        getattr(module, kernel.name)(*args)
