"""Types of the case file's values: quantities with units, strict numbers, switches and names."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from coldrack.solver.case.units import quantity, short

FARTHEST = 1000.0  # m; the largest hall is shorter, a forgotten unit is longer


@dataclasses.dataclass(frozen=True)
class Quantity:
    """Annotation of a float: read with `unit`, at least (or, `strict`, more than) `low`, at most `high`."""

    unit: str
    low: float = float("-inf")
    strict: bool = False
    high: float = float("inf")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        read = quantity(self.unit, self.low, self.strict, self.high)
        return core_schema.no_info_before_validator_function(read, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        number: dict[str, Any] = {"type": "number"}
        if self.low > float("-inf"):
            number["exclusiveMinimum" if self.strict else "minimum"] = self.low
        if self.high < float("inf"):
            number["maximum"] = self.high
        return {"anyOf": [number, {"type": "string"}], "x-unit": self.unit}


@dataclasses.dataclass(frozen=True)
class Checked:
    """Annotation of a plain value: `check` gets it before pydantic, which would take "yes" for true and true for 1."""

    check: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self.check, handler(source))


def whole(value: Any) -> Any:
    """The value, if it is a whole number; `ValueError` otherwise, for true and false too."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"expected a whole number such as 4, got {_typed(value)}")
    return value


def _switch(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, got {_typed(value)}")
    return value


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        hint = "; put it in quotes" if isinstance(value, int | float) else ""
        raise ValueError(f"expected text, got {_typed(value)}{hint}")
    if any("\ud800" <= c <= "\udfff" for c in value):  # YAML lets half a character through; no file holds it
        raise ValueError(f"{_typed(value)} holds half a character (\\ud800 to \\udfff), which no file can hold; remove it")
    return value


def _typed(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return "a list" if isinstance(value, list) else "a mapping of keys" if isinstance(value, dict) else short(value)


Whole = Annotated[int, Checked(whole)]
Switch = Annotated[bool, Checked(_switch)]
Text = Annotated[str, Checked(_text), Field(max_length=500)]
Coordinate = Annotated[float, Quantity("m", -FARTHEST, False, FARTHEST)]
Length = Annotated[float, Quantity("m", 0.0, True, FARTHEST)]
LengthOrZero = Annotated[float, Quantity("m", 0.0, False, FARTHEST)]
Power = Annotated[float, Quantity("W", 0.0, False, 1e9)]
Temperature = Annotated[float, Quantity("K", 0.0, True, 5000.0)]
FlowRate = Annotated[float, Quantity("m**3/s", 0.0, True, 1e3)]
Speed = Annotated[float, Quantity("m/s", -300.0, False, 300.0)]
Pressure = Annotated[float, Quantity("Pa", -1e9, False, 1e9)]
HeatFlux = Annotated[float, Quantity("W/m**2", -1e10, False, 1e10)]
Conductivity = Annotated[float, Quantity("W/(m*K)", 0.0, True, 1e7)]
Resistance = Annotated[float, Quantity("m**2*K/W", 0.0, False, 1e6)]
Film = Annotated[float, Quantity("W/(m**2*K)", 0.0, True, 1e9)]
Density = Annotated[float, Quantity("kg/m**3", 0.0, True, 1e5)]
Viscosity = Annotated[float, Quantity("Pa*s", 0.0, True, 1e4)]
Expansion = Annotated[float, Quantity("1/K", -1.0, False, 1.0)]
Acceleration = Annotated[float, Quantity("m/s**2", -1000.0, False, 1000.0)]
HeatCapacity = Annotated[float, Quantity("J/(kg*K)", 0.0, True, 1e6)]
Vector = tuple[Coordinate, Coordinate, Coordinate]
