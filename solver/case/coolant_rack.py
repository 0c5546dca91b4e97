"""A case with a `rack` into its problem: types of the library with the case's changes, all mistakes at their lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coldrack.solver.case import coolant_rack_checks as checks
from coldrack.solver.case import coolant_rack_library as library
from coldrack.solver.case import plate_library
from coldrack.solver.case.coolant_rack_parts import rack_of
from coldrack.solver.case.coolant_rack_schema import CoolantRackModel, TrayTypeModel
from coldrack.solver.case.errors import CaseError, suggest
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.model import Model
from coldrack.solver.case.reader import Document
from coldrack.solver.case.schema_errors import issues
from coldrack.solver.case.units import short
from coldrack.solver.rack.parts import Rack
from coldrack.solver.rack.problem import RackProblem


class _Whole(Model):
    """A rack and its types of trays, with every key that they need."""

    rack: CoolantRackModel
    trays: dict[str, TrayTypeModel]


def build(case: Any, document: Document, folder: Path) -> RackProblem:
    """The problem of a case that fits the schema."""
    title = case.title or Path(document.path).stem
    rack, kind = build_rack(document, folder)
    return RackProblem(title=title, case_text=document.record(), rack=rack, kind_of_rack=kind)


def library_rack(name: str) -> Rack:
    """A rack of the library as it stands there; `CaseError` with a suggestion if there is none."""
    return build_rack(Document("library", f"coldrack: 1\nrack: {{type: {name}}}\n"), Path("."))[0]


def build_rack(document: Document, folder: Path) -> tuple[Rack, str]:
    """The rack of a document, and the type that it comes from."""
    found = Findings(document)
    typed = document.data["rack"]
    kind = typed.get("type") or ""
    racks = library.racks()
    if kind and kind not in racks:
        found.add(("rack", "type"), f"no rack called {short(kind)} in the library{suggest(kind, racks)}")
        found.stop()
    own = {k: v for k, v in typed.items() if k != "type"}
    data = library.changed(library.without_rivals(racks[kind], own), own) if kind else own
    whole = _validated(document, {"rack": data, "trays": _trays(document, found, data)})
    checks.check(whole.rack, whole.trays, found)
    for name in document.data.get("plates") or {}:  # those that no chip has as well: the mistake is there
        plate_library.plate_at(document, ("plates", name))
    found.stop()
    rack = rack_of(kind or "rack", whole.rack, whole.trays, document, folder, found)
    found.stop()
    return rack, kind


def _trays(document: Document, found: Findings, rack: dict[str, Any]) -> dict[str, Any]:
    """Data of the types of trays that the rack has."""
    known = library.trays()
    own = document.data.get("trays") or {}
    for name, change in own.items():
        base = change.get("base")
        if base is None:
            known[name] = library.changed_tray(known[name] if name in known else {}, change)
        elif base not in known:
            found.add(("trays", name, "base"), f"no tray called {short(base)} in the library, nor before it in `trays`"
                      f"{suggest(base, known)}")
        else:
            known[name] = library.changed_tray(known[base], change)
    wanted = {}
    for n, entry in enumerate(rack.get("trays") or []):
        tray = entry["tray"] if isinstance(entry, dict) and "tray" in entry else None
        if tray in known:
            wanted[tray] = known[tray]
        elif tray is not None:
            found.add(("rack", "trays", n, "tray"), f"no tray called {short(tray)} in the library or in "
                                                    f"`trays`{suggest(tray, known)}")
    found.stop()
    return wanted


def _validated(document: Document, data: dict[str, Any]) -> _Whole:
    """The data of library and case together against the full schema; places are those of the case's keys."""
    merged = Document.__new__(Document)
    merged.__dict__.update(document.__dict__)
    merged.data = data
    try:
        return _Whole.model_validate(data)
    except ValidationError as error:
        raise CaseError(document.path, issues(merged, error, _Whole)) from None


