"""Case file to problem: read, check against the schema, build the scene and the mesh, check the physics."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from coldrack.solver.case.build import build
from coldrack.solver.case.errors import CaseError
from coldrack.solver.case.reader import Document, read
from coldrack.solver.case.schema import Case
from coldrack.solver.case.schema_errors import issues
from coldrack.solver.problem import Problem


def load(path: str | Path, overrides: dict[str, str] | None = None) -> Problem:
    """Read a case file into a meshed problem.

    Parameters
    ----------
    path : str or Path
    overrides : dict, optional
        ``{"mesh.refine": "0.5"}``: values that replace the file's, as YAML text.

    Returns
    -------
    Problem

    Raises
    ------
    CaseError
        With every problem found: file, line, column, key, reason, suggestion.
    """
    document = read(path, overrides or {})
    return build(validate(document), document, Path(path).resolve().parent)


def validate(document: Document) -> Case:
    """Check a document against the schema; raises `CaseError`."""
    try:
        return Case.model_validate(document.data)
    except ValidationError as error:
        raise CaseError(document.path, issues(document, error)) from None
