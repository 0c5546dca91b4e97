"""Pydantic's errors as issues at lines of the case file, in an engineer's words."""

from __future__ import annotations

import types
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from coldrack.solver.case.device_schema import DEVICE_MODELS
from coldrack.solver.case.errors import Issue, suggest
from coldrack.solver.case.quantities import Quantity
from coldrack.solver.case.reader import Document
from coldrack.solver.case.schema import PART_MODELS, Case
from coldrack.solver.case.units import KINDS, short

Keys = tuple[Any, ...]
KINDS_OF: dict[str, dict[str, Any]] = {"parts": PART_MODELS, "devices": DEVICE_MODELS}  # other roots have `tagged`
WRONG_SHAPE = ("model_type", "dict_type", "model_attributes_type", "list_type", "tuple_type")


def issues(document: Document, error: ValidationError, root: type[BaseModel] = Case) -> list[Issue]:
    """One issue per place; where a value may have several forms, only what is wrong with the form that was typed.

    `root`: model of the whole file; its `tagged`, if it has one, maps a top-level key to the models of its members by their
    `kind`.
    """
    found: dict[Keys, tuple[Issue, bool]] = {}
    for details in error.errors(include_url=False):
        e: dict[str, Any] = {**details, "root": root}
        path, node = _follow(document, e["loc"])
        path, message = _explain(e, path, node)
        fits = isinstance(e["input"], list) == any("tuple" in str(p) or "list" in str(p) for p in e["loc"])
        if path not in found or (fits and not found[path][1]):
            found[path] = (document.issue(path, message), fits)
    return [issue for path, (issue, _) in found.items()
            if not any(len(other) > len(path) and other[: len(path)] == path for other in found)]


def _follow(document: Document, loc: Keys) -> tuple[Keys, Any]:
    """Path and value in the document; pydantic's locations also hold the names of union members."""
    path, node = [], document.data
    told = None  # the mapping whose kind was the part before
    for part in loc:
        if isinstance(node, dict) and node is not told and part == node.get("kind"):
            told = node  # a kind may be called like a key
            continue
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
        else:
            continue
        path.append(part)
    return tuple(path), node


def _explain(e: Any, path: Keys, node: Any) -> tuple[Keys, str]:
    """Place and text of one error."""
    kind, key, root = e["type"], e["loc"][-1] if e["loc"] else "", e["root"]
    if kind == "missing" and isinstance(key, str):
        return (*path, key), _missing(root, e["loc"][:-1], key)
    if kind in ("missing", "too_short", "too_long") and isinstance(node, list):
        return path, _length(e, key, node)
    if kind == "extra_forbidden":
        known = [name for m in _models_at(root, e["loc"][:-1]) for name in m.model_fields]
        if len(e["loc"]) == 1 and "mesh" in known:  # a case with a grid: the keys of the other kinds are near as well
            known += ["network", "rack", "hall"]
        return path, f"unknown key {short(key)}{suggest(key, known)}"
    if kind == "value_error":
        return path, str(e["ctx"]["error"])
    if kind == "literal_error" and path == ("coldrack",):
        return path, f"this version of coldrack reads format 1, got {short(node)}; write `coldrack: 1`, or update coldrack"
    if kind == "literal_error":
        known = [str(part).strip("'") for part in e["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        return path, f"got {short(node)}{suggest(node, known)}"
    kinds = _tagged(root).get(str(e["loc"][0]) if e["loc"] else "", {})
    if kind == "union_tag_invalid":
        return (*path, "kind"), f"unknown kind {short(node.get('kind'))}{suggest(e['ctx']['tag'], kinds)}"
    if kind == "union_tag_not_found":
        return (*path, "kind"), f"the key 'kind' is missing; expected one of: {', '.join(kinds)}"
    if kind in WRONG_SHAPE:
        return path, _wrong_shape(e, kind, node)
    return path, _limit(e, kind, node)


def _limit(e: Any, kind: str, node: Any) -> str:
    context = e.get("ctx") or {}
    for sign, words in (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than")):
        if sign in context:
            return f"must be {words} {context[sign]}, got {short(node)}"
    if kind in ("too_long", "string_too_long"):
        return f"too long: at most {context['max_length']} {'characters' if isinstance(node, str) else 'entries'}; shorten it"
    if kind == "too_short":
        return f"needs at least {context['min_length']} entry; add one or remove the key"
    return f"{e['msg'][0].lower()}{e['msg'][1:]}, got {short(node)}; see the case file reference"


def _missing(root: Any, where: Keys, key: str) -> str:
    field = next((m.model_fields[key] for m in _models_at(root, where) if key in m.model_fields), None)
    unit = next((q.unit for q in (field.metadata if field else []) if isinstance(q, Quantity)), "")
    example = {"coldrack": "1", "shape": "box", "kind": "inlet"}.get(key) or (KINDS[unit].example if unit else "...")
    if field and get_origin(field.annotation) is tuple:
        example = _brackets(len(get_args(field.annotation)))
    about = f" ({field.description})" if field and field.description else ""
    return f"the key {key!r} is missing{about}: add `{key}: {example}`"


def _brackets(count: int) -> str:
    return f"[{', '.join(['...'] * count)}]"


def _length(e: Any, key: Any, node: list[Any]) -> str:
    """A list with too few or too many members; a missing member is reported by its number."""
    context = e.get("ctx") or {}
    if e["type"] != "missing":
        most = context.get("max_length", context.get("min_length"))
        some = f"{most} value{'' if most == 1 else 's'}"
        return f"expected {some}, got {len(node)}; {'remove' if e['type'] == 'too_long' else 'add'} some"
    forms = _leaves(_at(e["root"], e["loc"][:-1]))
    count = max((len(get_args(a)) for a in forms if get_origin(a) is tuple), default=int(key) + 1)
    return f"expected {count} values, got {len(node)}; write them as {_brackets(count)}"


def _wrong_shape(e: Any, kind: str, node: Any) -> str:
    got = "nothing; add entries or remove the key" if node is None else f"{short(node)}"
    if kind in ("list_type", "tuple_type"):
        return f"expected a list in brackets such as [..., ...], got {got}"
    models = _models_at(e["root"], e["loc"])
    keys = f" ({', '.join(models[0].model_fields)})" if len(models) == 1 and not isinstance(e["input"], list) else ""
    return f"expected a mapping of keys{keys}, got {got}"


def _models_at(root: Any, loc: Keys) -> list[type[BaseModel]]:
    """Models that the value at a location may be."""
    return [a for a in _leaves(_at(root, loc)) if isinstance(a, type) and issubclass(a, BaseModel)]


def _at(root: Any, loc: Keys) -> Any:
    """Type of the value at a location."""
    annotation = root
    models = {kind: model for group in _tagged(root).values() for kind, model in group.items()}
    for part in loc:
        annotation = _step(annotation, part, models)
    return annotation


def _tagged(root: Any) -> dict[str, dict[str, Any]]:
    """Models of the members of top-level keys, by their `kind`."""
    return getattr(root, "tagged", KINDS_OF)


def _step(annotation: Any, part: Any, models: dict[str, Any]) -> Any:
    """Type of the member `part`; the same type where `part` only names a member of a union."""
    for leaf in _leaves(annotation):
        if isinstance(leaf, type) and issubclass(leaf, BaseModel):
            if part in models and leaf is models[part]:
                return leaf
            if part in leaf.model_fields:
                return leaf.model_fields[part].annotation
        elif get_origin(leaf) is dict and isinstance(part, str):
            return get_args(leaf)[1]
        elif get_origin(leaf) in (list, tuple) and isinstance(part, int):
            return get_args(leaf)[0]
    return annotation


def _leaves(annotation: Any) -> list[Any]:
    """Members of unions, without annotations."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return [leaf for a in get_args(annotation) for leaf in _leaves(a)]
    if hasattr(annotation, "__metadata__"):
        return _leaves(get_args(annotation)[0])
    return [annotation]
