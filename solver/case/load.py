"""Case file to problem: read, check against the schema, build the scene and the mesh, check the physics."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from coldrack.solver.case.build import build
from coldrack.solver.case.errors import CaseError, Issue, suggest
from coldrack.solver.case.reader import Document, read
from coldrack.solver.case.schema import PART_MODELS, Case
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
    """Check a document against the schema."""
    try:
        return Case.model_validate(document.data)
    except ValidationError as error:
        issues: dict[Any, Issue] = {}
        for e in error.errors(include_url=False):
            path, issue = _issue(document, e)
            mine = issues.get(path)
            if mine is None or _fits(document, path, e):
                issues[path] = issue
        raise CaseError(document.path, list(issues.values())) from None


def _issue(document: Document, e: Any) -> tuple[tuple[Any, ...], Issue]:
    """Location in the file and message of one of pydantic's errors."""
    path, node = [], document.data
    for part in e["loc"]:  # pydantic's locations also hold the names of union members
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
        else:
            continue
        path.append(part)
    kind, key = e["type"], e["loc"][-1] if e["loc"] else ""
    if kind == "missing":
        model = _models_at(e["loc"][:-1])
        about = next((m.model_fields[key].description for m in model if key in m.model_fields), None)
        text = f"the key {key!r} is missing" + (f" ({about})" if about else "")
        return (*path, key), document.issue(tuple(path), text)
    return tuple(path), document.issue(tuple(path), _message(e, kind, key, node))


def _message(e: Any, kind: str, key: Any, node: Any) -> str:
    if kind == "extra_forbidden":
        known = [name for m in _models_at(e["loc"][:-1]) for name in m.model_fields]
        return f"unknown key {key!r}{suggest(key, known)}"
    if kind == "value_error":
        return str(e["ctx"]["error"])
    if kind == "literal_error":
        known = [str(part).strip("'") for part in e["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        return f"got {node!r}{suggest(node, known)}"
    if kind == "union_tag_invalid":
        return f"unknown kind {e['ctx']['tag']!r}{suggest(e['ctx']['tag'], PART_MODELS)}"
    if kind == "union_tag_not_found":
        return f"the key 'kind' is missing; expected one of: {', '.join(PART_MODELS)}"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"expected a mapping of keys, got {_short(node)}"
    if kind in ("list_type", "tuple_type"):
        return f"expected a list, got {_short(node)}"
    if kind == "too_long" or kind == "too_short":
        return f"{e['msg'][0].lower()}{e['msg'][1:]}"
    return f"{e['msg'][0].lower()}{e['msg'][1:]}, got {_short(node)}"


def _short(node: Any) -> str:
    text = repr(node)
    return text if len(text) <= 60 else text[:57] + "..."


def _fits(document: Document, path: tuple[Any, ...], e: Any) -> bool:
    """Whether an error belongs to the member of a union that the user meant: lists to list members."""
    return isinstance(e["input"], list) == any("tuple" in str(p) or "list" in str(p) for p in e["loc"])


def _models_at(loc: tuple[Any, ...]) -> list[type[BaseModel]]:
    """Models that a location's annotation consists of."""
    annotation: Any = Case
    for part in loc:
        models = _members(annotation)
        field = next((m.model_fields[part] for m in models if part in m.model_fields), None)
        if field is not None:
            annotation = field.annotation
        elif part in PART_MODELS:
            annotation = PART_MODELS[part]
    return _members(annotation)


def _members(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for a in get_args(annotation) for m in _members(a)]
