"""Base of the case file's models: unknown keys are errors, and descriptions in the JSON schema name the unit."""

from __future__ import annotations

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
            unit = _unit(value)
            if unit:
                value["description"] = f"{value.get('description', '')} ({unit})"
        return out


def _unit(schema: Any) -> str:
    """Unit of a quantity, also inside a list or a choice, spelled as in a case file."""
    if isinstance(schema, dict):
        if schema.get("x-unit"):
            return str(schema["x-unit"]).replace("**", "^").replace("*", " ")
        for key in ("anyOf", "prefixItems", "items"):
            if unit := _unit(schema.get(key)):
                return unit
    if isinstance(schema, list):
        return next((unit for s in schema if (unit := _unit(s))), "")
    return ""
