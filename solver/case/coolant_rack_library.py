"""Trays and racks of the library, and how a case changes them: plain data, key by key, before it is checked."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from coldrack.solver.case.yaml_nodes import compose, plain
from coldrack.solver.materials.library import FOLDER

Data = dict[str, Any]


@cache
def _file(name: str) -> Data:
    data: Data = plain(compose((FOLDER / name).read_text(encoding="utf-8")), {})
    return data


def trays() -> Data:
    """Types of trays by name."""
    return deepcopy(_file("trays.yaml"))


def racks() -> Data:
    """Racks by name."""
    return deepcopy(_file("racks.yaml"))


def changed(base: Any, change: Any) -> Any:
    """`base` with the keys of `change`: mappings key by key, everything else as a whole; nothing (null) removes a key."""
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    out = dict(base)
    for key, value in change.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = changed(base.get(key), value)
    return out


EXCLUSIVE = (  # of these one is given: a case that types one does not mean the library's other
    (("cdu", "pumps"), ("flow_rate", "pressure", "speed")),
    (("facility",), ("flow_rate", "pressure", "return_temperature")),
    (("door",), ("conductance", "effectiveness")),
    (("air",), ("relative_humidity", "dew_point")))
FANS = ("temperature_rise", "outlet_temperature", "speed")


def without_rivals(base: Data, change: Data) -> Data:
    """The library's rack without keys that a key of the case stands instead of."""
    base = deepcopy(base)
    for path, keys in EXCLUSIVE:
        inside, typed = _at(base, path), _at(change, path)
        if any(typed.get(k) is not None for k in keys):
            for k in keys:
                inside.pop(k, None)
    return base


def _at(data: Data, path: tuple[str, ...]) -> Data:
    for key in path:
        inner = data.get(key)
        data = inner if isinstance(inner, dict) else {}
    return data


def changed_tray(base: Data, change: Data) -> Data:
    """A tray with the keys of another."""
    base = deepcopy(base)
    fans, typed = base.get("fans"), change.get("fans")
    if isinstance(fans, dict) and isinstance(typed, dict) and any(typed.get(k) is not None for k in FANS):
        for k in FANS:
            fans.pop(k, None)
    for name, chip in (change.get("chips") or {}).items():
        old = base.get("chips", {}).get(name)
        if isinstance(old, dict) and isinstance(chip, dict):
            for one, other in (("plate", "sink"), ("sink", "plate")):
                if chip.get(one) is not None:
                    old.pop(other, None)
    result: Data = changed(base, {k: v for k, v in change.items() if k != "base"})
    return result
