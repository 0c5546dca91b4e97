"""Base of the case file's models: unknown keys are errors, and descriptions in the JSON schema name the unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler


class Model(BaseModel):
    """Base: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        out = handler(schema)
        inner = handler.resolve_ref_schema(out)
        for value in inner.get("properties", {}).values():
            unit = ", ".join(dict.fromkeys(_units(value)))
            if unit:
                value["description"] = f"{value.get('description', '')} ({unit})"
        return out


def _units(schema: Any) -> Iterator[str]:
    """Units of a quantity, also of those inside a list or a choice, spelled as in a case file."""
    if isinstance(schema, dict):
        if schema.get("x-unit"):
            yield str(schema["x-unit"]).replace("**", "^").replace("*", " ")
        for key in ("anyOf", "prefixItems", "items"):
            yield from _units(schema.get(key))
    if isinstance(schema, list):
        for s in schema:
            yield from _units(s)
