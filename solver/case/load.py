"""Case file to problem: read, check against the schema, build the scene and the mesh, check the physics."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from coldrack.solver.case.build import build
from coldrack.solver.case.errors import CaseError
from coldrack.solver.case.model import Model
from coldrack.solver.case.reader import Document, read
from coldrack.solver.case.schema import Case
from coldrack.solver.case.schema_errors import issues
from coldrack.solver.case.systems import system_of

M = TypeVar("M", bound=Model)


def load(path: str | Path, overrides: dict[str, str] | None = None) -> Any:
    """Read a case file into a problem: a meshed one, or that of a coolant network, a rack or a hall.

    Parameters
    ----------
    path : str or Path
    overrides : dict, optional
        ``{"mesh.refine": "0.5"}``: values that replace the file's, as YAML text.

    Returns
    -------
    Problem or SystemProblem

    Raises
    ------
    CaseError
        With every problem found: file, line, column, key, reason, suggestion.
    """
    document = read(path, overrides or {})
    folder = Path(path).resolve().parent
    system = system_of(document)
    if system is not None:
        return system.build(validate(document, system.model), document, folder)
    return build(validate(document, Case), document, folder)


def validate(document: Document, model: type[M]) -> M:
    """Check a document against the schema; raises `CaseError`."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise CaseError(document.path, issues(document, error, model)) from None
