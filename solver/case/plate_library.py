"""Characteristics of cold plates from YAML: the library (`materials/plates.yaml`) and files of `coldrack characterise`."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from coldrack.solver.case.errors import CaseError, suggest
from coldrack.solver.case.files import inside_folder
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.model import Model
from coldrack.solver.case.quantities import (
    Conductivity,
    Density,
    FlowRate,
    HeatCapacity,
    Quantity,
    Temperature,
    Text,
    Viscosity,
)
from coldrack.solver.case.reader import Document, read
from coldrack.solver.characteristic.plate import PlateCharacteristic
from coldrack.solver.characteristic.pressure import SMALLEST, PressureLaw, fit_pressure, power_law
from coldrack.solver.materials.library import FOLDER, MaterialError, coolant, coolant_names
from coldrack.solver.problem import ConstantCoolant
from coldrack.solver.system import SystemFailure

FILE = FOLDER / "plates.yaml"
Positive = Annotated[float, Quantity("", 0.0, True, 1e9)]
Drop = Annotated[float, Quantity("Pa", 0.0, True, 1e9)]
HeatCapacityOfPlate = Annotated[float, Quantity("J/K", 0.0, True, 1e9)]
Exponent = Annotated[float, Quantity("", 1.0, False, 2.0)]
Rows = Annotated[list[list[Positive]], Field(min_length=1)]


class PowerLawModel(Model):
    """Pressure drop through one point with an exponent; other temperatures by Reynolds similarity."""

    pressure_drop: Drop = Field(description="at the flow below")
    flow_rate: FlowRate = Field(description="of that pressure drop")
    exponent: Exponent = Field(description="of the flow: 1 laminar, 1.75 to 2 turbulent")
    temperature: Temperature = Field(description="of the coolant of that pressure drop")
    coolant: Text | None = Field(None, description="of that pressure drop, from the library; default: the plate's")


class PropertiesModel(Model):
    """A coolant that is not in the library."""

    density: Density = Field(description="constant")
    viscosity: Viscosity = Field(description="constant, dynamic viscosity")
    conductivity: Conductivity = Field(description="constant")
    heat_capacity: HeatCapacity = Field(description="constant")


class PlateModel(Model):
    """Characteristic of a cold plate."""

    plate: int = Field(1, ge=1, le=1, description="version of the format")
    name: Text = Field("", description="default: that of the file")
    coolant: Text = Field(description="coolant of the library, or the name of one with typed `properties`")
    properties: PropertiesModel | None = Field(None, description="of a coolant that is not in the library")
    source: Text = Field(description="where the numbers come from")
    flow_rate: Annotated[list[FlowRate], Field(min_length=2)] = Field(description="of the points, rising; at the inlet")
    temperature: Annotated[list[Temperature], Field(min_length=1)] = Field(description="of the coolant at the inlet, rising")
    temperature_range: tuple[Temperature, Temperature] | None = Field(
        None, description="in which it may be used; default: from the first temperature to the last")
    resistance: Annotated[dict[str, Rows], Field(min_length=1)] = Field(
        description="K/W: (highest temperature of the component - inlet) / power of the plate; a row a temperature")
    pressure_drop: Rows | None = Field(None, description="Pa; a row a temperature")
    pressure_law: PowerLawModel | None = Field(None, description="instead of `pressure_drop`")
    heat_capacity: HeatCapacityOfPlate | None = Field(None, description="of solids and the coolant inside")
    storage: Rows | None = Field(None, description="K/W: rise of the mean temperature weighted by heat capacity, per watt")
    fit: dict[str, Any] = Field({}, description="laws through the points, for people and other programs; not read")
    provenance: dict[str, Any] = Field({}, description="version, date, cells, ...")


@cache
def _library() -> Document:
    return read(FILE, {})


def plate_names() -> list[str]:
    """Names of the library's plates."""
    return list(_library().data)


def plate(name: str) -> PlateCharacteristic:
    """A plate of the library by name (any case); `SystemFailure` with a suggestion if there is none."""
    for key in plate_names():
        if key.lower() == name.lower():
            return _of_library(key)
    hint = suggest(name, plate_names())
    raise SystemFailure(f"no cold plate called {name!r}{hint}{'' if hint.endswith('?') else '.'} A file that `coldrack "
                        "characterise` wrote is named with its ending, such as plate.yaml")


def find_plate(reference: str, folder: Path) -> PlateCharacteristic:
    """A plate as cases name it: a file beside the case (`my_plate.yaml`), or one of the library.

    Raises
    ------
    SystemFailure
        If there is none of that name, `ValueError` if the file does not lie in the case's folder.
    CaseError
        For mistakes in the file.
    """
    if reference.endswith((".yaml", ".yml")):
        return read_plate(inside_folder(folder, reference))
    return plate(reference)


@cache
def _of_library(name: str) -> PlateCharacteristic:
    return _build(_library(), (name,))


def read_plate(path: str | Path) -> PlateCharacteristic:
    """The characteristic in a YAML file; `CaseError` with line and key for every mistake."""
    return _build(read(path, {}), ())


def plate_at(document: Document, at: tuple[str, ...]) -> PlateCharacteristic:
    """The plate at a key of a document; `CaseError` with line and key for every mistake."""
    return _build(document, at)


def _build(document: Document, at: tuple[str, ...]) -> PlateCharacteristic:
    """The plate at a key of a document."""
    from pydantic import ValidationError

    from coldrack.solver.case.schema_errors import issues

    data = document.data
    for key in at:
        data = data[key]
    try:
        model = PlateModel.model_validate(data)
    except ValidationError as error:
        raise CaseError(document.path, issues(document, error, PlateModel)) from None
    found = Findings(document)
    _check(model, found, at)
    found.stop()
    liquid = _coolant(model)
    flow, temperature = np.array(model.flow_rate), np.array(model.temperature)
    limits = model.temperature_range or (float(temperature[0]), float(temperature[-1]))
    name = model.name or (at[-1] if at else Path(document.path).stem)
    return PlateCharacteristic(
        name, liquid, model.source, flow, temperature, {n: np.array(r) for n, r in model.resistance.items()},
        _pressure(model, liquid, flow, temperature), limits,
        float("nan") if model.heat_capacity is None else model.heat_capacity,
        None if model.storage is None or model.heat_capacity is None else np.array(model.storage),
        None if model.pressure_drop is None else np.array(model.pressure_drop), model.provenance)


def _coolant(model: PlateModel) -> Any:
    p = model.properties
    return coolant(model.coolant) if p is None else ConstantCoolant(
        p.density, p.viscosity, p.conductivity, p.heat_capacity, model.coolant)


def _pressure(model: PlateModel, liquid: Any, flow: Any, temperature: Any) -> PressureLaw:
    if model.pressure_law is not None:
        law = model.pressure_law
        t = np.asarray(law.temperature)
        liquid = liquid if law.coolant is None else coolant(law.coolant)
        return power_law(law.flow_rate, law.pressure_drop, law.exponent, float(liquid.density(t)), float(liquid.viscosity(t)),
                         SMALLEST * float(flow[0]))
    t = temperature[:, None]
    return fit_pressure(flow, np.array(model.pressure_drop), liquid.density(t), liquid.viscosity(t))


def _check(model: PlateModel, found: Findings, at: tuple[str, ...]) -> None:
    """Note what does not fit together."""
    for key in ("flow_rate", "temperature"):
        values = getattr(model, key)
        if any(b <= a for a, b in pairwise(values)):
            found.add((*at, key), "the values must rise from first to last; sort them")
    shape = (len(model.temperature), len(model.flow_rate))
    rows: dict[tuple[str, ...], list[list[float]]] = {("resistance", n): r for n, r in model.resistance.items()}
    rows |= {(k,): getattr(model, k) for k in ("pressure_drop", "storage") if getattr(model, k) is not None}
    for place, table in rows.items():
        if len(table) != shape[0] or any(len(r) != shape[1] for r in table):
            found.add((*at, *place), f"expected {shape[0]} rows (temperatures) of {shape[1]} values (flows), such as "
                      "[[0.04, 0.03], [0.038, 0.029]]")
    if (model.pressure_drop is None) == (model.pressure_law is None):
        found.add(at, "give either `pressure_drop` (points) or `pressure_law` (one point and an exponent)")
    limits = model.temperature_range
    if limits is not None and not limits[0] < limits[1]:
        found.add((*at, "temperature_range"), "the first temperature must be below the second; exchange them")
    law = model.pressure_law
    if law is not None and law.coolant is not None and law.coolant.lower() not in [n.lower() for n in coolant_names()]:
        found.add((*at, "pressure_law", "coolant"), f"no coolant called {law.coolant!r}{suggest(law.coolant, coolant_names())}")
    known = model.coolant.lower() in [n.lower() for n in coolant_names()]
    if known and model.properties is not None:
        found.add((*at, "properties"), f"{model.coolant} is in the library: leave these out, or choose another name")
    if not known and model.properties is None:
        found.add((*at, "coolant"), f"no coolant called {model.coolant!r}{suggest(model.coolant, coolant_names())}")
        return
    liquid = _coolant(model)
    for key in ("temperature", "temperature_range"):
        try:
            liquid.density(np.array(getattr(model, key) or model.temperature))
        except MaterialError as error:
            found.add((*at, key), str(error))
