"""Types of servers: those of the case, then those of the library (`solver/materials/servers.yaml`)."""

from __future__ import annotations

from functools import cache
from typing import Any

from coldrack.solver.case.rack_schema import ServerTypeModel
from coldrack.solver.case.yaml_nodes import compose, plain
from coldrack.solver.materials.library import FOLDER

FLOWS = ("flow_rate", "temperature_rise", "curve")
OF_CURVES = ("speed", "parallel", "series", "inner_loss")


@cache
def library() -> dict[str, ServerTypeModel]:
    """The types of the library by name."""
    data: dict[str, Any] = plain(compose((FOLDER / "servers.yaml").read_text(encoding="utf-8")), {})
    return {name: ServerTypeModel.model_validate(entry) for name, entry in data.items()}


def check(types: dict[str, ServerTypeModel], found: Any) -> None:
    """Note types of the case whose flow is not given once."""
    for name, t in types.items():
        given = [k for k in FLOWS if getattr(t, k) is not None]
        if len(given) != 1:
            key = ("servers", name, given[1]) if given else ("servers", name)
            found.add(key, f"takes one of {', '.join(FLOWS)}; it has {' and '.join(given) or 'none'}: keep or add one, such as "
                      "`temperature_rise: 12 K`")
        for extra in OF_CURVES:
            if t.curve is None and extra in t.model_fields_set:
                found.add(("servers", name, extra), "belongs to fans with a curve; add `curve`, or remove it")
