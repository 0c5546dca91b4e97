"""Kinds of case that have no grid, told by the top-level key that they have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from coldrack.solver.case import coolant_rack, hall, network
from coldrack.solver.case.coolant_rack_schema import CoolantRackCase
from coldrack.solver.case.errors import CaseError
from coldrack.solver.case.hall_schema import HallCase
from coldrack.solver.case.model import Model
from coldrack.solver.case.network_schema import NetworkCase
from coldrack.solver.case.reader import Document
from coldrack.solver.system import SystemProblem


class System(NamedTuple):
    """Schema of a kind, and what makes its problem of a checked case: build(case, document, folder of the case file)."""

    model: type[Model]
    build: Callable[[Any, Document, Path], SystemProblem]


def systems() -> dict[str, System]:
    """Every kind by its key."""
    return {"network": System(NetworkCase, network.build), "hall": System(HallCase, hall.build),
            "rack": System(CoolantRackCase, coolant_rack.build)}


def system_of(document: Document) -> System | None:
    """Kind of a case file; None for one with a grid. `CaseError` if it has keys of two kinds."""
    known = systems()
    keys = [key for key in known if key in document.data]
    if len(keys) > 1:
        message = f"a case is of one kind, this one has {' and '.join(f'`{k}`' for k in keys)}: put each into a file of its own"
        raise CaseError(document.path, [document.issue((keys[1],), message)])
    return known[keys[0]] if keys else None
