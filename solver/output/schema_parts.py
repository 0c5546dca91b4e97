"""Pieces of which the JSON schemas of summaries are made."""

from __future__ import annotations

from typing import Any

NUMBER: dict[str, Any] = {"type": "number"}
POSITIVE: dict[str, Any] = {"type": "number", "minimum": 0}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
TEXT: dict[str, Any] = {"type": "string"}
FLAG: dict[str, Any] = {"type": "boolean"}
OPTIONAL: dict[str, Any] = {"type": ["number", "null"]}
Properties = dict[str, tuple[dict[str, Any], str]]  # by name: schema, and what it is


def named(values: dict[str, Any], about: str = "") -> dict[str, Any]:
    """A mapping from names of the case to values of one kind."""
    return {"type": "object", "additionalProperties": values} | ({"description": about} if about else {})


def object_of(properties: Properties, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these entries and no others."""
    return {"type": "object", "properties": {n: {**s, "description": about} for n, (s, about) in properties.items()},
            "required": [n for n in properties if n not in optional], "additionalProperties": False}
