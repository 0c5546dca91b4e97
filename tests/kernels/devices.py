"""The devices that the kernel tests run on: a GPU too where there is a driver, or where REQUIRE_CUDA=1 asks for it."""

from __future__ import annotations

import os
from typing import Any

import pytest
from stand_in import StandInBackend

from coldrack.kernels import get_backend
from coldrack.kernels.cuda import driver_version

GPU = os.environ.get("REQUIRE_CUDA") == "1" or driver_version() > 0
COMPILED = ["host", "numpy", *([pytest.param("cuda", marks=pytest.mark.gpu)] if GPU else [])]
ALL = [*COMPILED, "stand-in"]


def backend(name: str, dtype: str = "f8") -> Any:
    """A backend by name; "stand-in" is the cuda backend's code on the stand-in for CuPy."""
    return StandInBackend(dtype) if name == "stand-in" else get_backend(name, dtype)
