"""Fan curves of the library, each with its source."""

from __future__ import annotations

import difflib
import json
from functools import cache
from typing import Any

from coldrack.solver.devices import Curve
from coldrack.solver.materials.library import FOLDER, MaterialError


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / "fans.json").read_text(encoding="utf-8"))
    return data


def fan_names() -> list[str]:
    """Names of all fan curves."""
    return sorted(_data())


def fan_about(name: str) -> tuple[str, str]:
    """Description and source of a fan curve."""
    return _data()[name]["description"], _data()[name]["source"]


def fan_curve(name: str) -> Curve:
    """A fan curve by name; `MaterialError` for an unknown one."""
    names = {n.lower(): n for n in fan_names()}
    if name.lower() not in names:
        near = difflib.get_close_matches(name.lower(), list(names), 1, 0.5)
        hint = f"; did you mean {names[near[0]]!r}?" if near else f"; the library has {', '.join(fan_names())}"
        raise MaterialError(f"no fan curve called {name!r}{hint}, or type its points as [[flow, pressure], ...]")
    entry = _data()[names[name.lower()]]
    return Curve(tuple(entry["flow"]), tuple(entry["pressure"]))
