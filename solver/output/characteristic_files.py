"""Folder of a characteristic: raw points (``points.h5``), the artefact for networks (YAML), the points as CSV."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from coldrack.solver.characteristic.measure import Point
from coldrack.solver.output.atomic import replaced, write_text
from coldrack.solver.output.read import ResultsError

POINTS = "points.h5"
NUMBERS = [f.name for f in fields(Point) if f.type in ("float", "int", "bool")]
UNITS = {"flow": "m3/s", "temperature": "K", "pressure_drop": "Pa", "heat_capacity": "J/K", "storage": "K/W", "power": "W",
         "seconds": "s"}
ZERO_CELSIUS = 273.15
DIGITS = 7


@dataclass(frozen=True)
class Kept:
    """Points that a sweep kept, and of what (`identity`, plain data)."""

    points: list[Point]
    identity: dict[str, str]


def write_points(folder: Path, points: list[Point], identity: dict[str, str], case_text: str, version: str) -> None:
    """Write all points so far; the file from before stays whole until then."""
    with replaced(folder / POINTS) as temporary, h5py.File(temporary, "w") as file:
        file.attrs["identity"], file.attrs["case"], file.attrs["version"] = json.dumps(identity), case_text, version
        for name in NUMBERS:
            file[name] = np.array([getattr(p, name) for p in points])
            file[name].attrs["unit"] = UNITS.get(name, "")
        for name in dict.fromkeys(n for p in points for n in p.resistance):
            file[f"resistance/{name}"] = np.array([p.resistance.get(name, np.nan) for p in points])
            file[f"resistance/{name}"].attrs["unit"] = "K/W"
        for name in ("reason", "notes"):
            texts = [json.dumps(getattr(p, name)) for p in points]
            file.create_dataset(name, data=texts, dtype=h5py.string_dtype())


def read_points(folder: Path) -> Kept:
    """The points in a folder; `ResultsError` if they cannot be read."""
    path = folder / POINTS
    try:
        with h5py.File(path, "r") as file:
            numbers = {n: file[n][()].tolist() for n in NUMBERS}
            texts = {n: [json.loads(t) for t in file[n][()]] for n in ("reason", "notes")}
            rise = {n: d[()].tolist() for n, d in file["resistance"].items()}
            rows = [Point(resistance={n: v[k] for n, v in rise.items()}, **{n: v[k] for n, v in (numbers | texts).items()})
                    for k in range(len(numbers["flow"]))]
            return Kept(rows, json.loads(file.attrs["identity"]))
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise ResultsError(f"{path} cannot be read: it is damaged or was not written by coldrack ({error})") from None


def digest(text: str) -> str:
    """Of a case's text, for the record."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _number(value: float) -> str:
    """A float that YAML 1.2 reads as a number."""
    text = f"{value:.{DIGITS}g}"
    return text if value == value else ".nan"


def _list(values: Any, unit: str = "") -> str:
    return "[" + ", ".join(_number(v) + (f" {unit}" if unit else "") for v in values) + "]"


def _rows(table: Any, indent: str) -> str:
    return "".join(f"\n{indent}- {_list(row)}" for row in table)


def _plain(value: Any) -> str:
    """Plain data as one line of YAML, which JSON is."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(k))}: {_plain(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return _number(value) if isinstance(value, float) else json.dumps(value)


def artefact(data: dict[str, Any]) -> str:
    """The YAML text of a characteristic.

    `data`: name, file, coolant (name), properties (typed ones, or None), source, flow, temperature, resistance, pressure_drop,
    heat_capacity (J/K or nan), storage, fit, provenance.
    """
    lines = [f"# Characteristic of a cold plate. In a network: `plate: {data['file']}`, this file beside the case.",
             "plate: 1", f"name: {json.dumps(data['name'])}", f"coolant: {json.dumps(data['coolant'])}"]
    if data["properties"]:
        lines.append(f"properties: {_plain(data['properties'])}  # kg/m3, Pa s, W/(m K), J/(kg K)")
    lines += [f"source: {json.dumps(data['source'], ensure_ascii=False)}",
              f"flow_rate: {_list(6e4 * data['flow'], 'L/min')}  # at the inlet's temperature",
              f"temperature: {_list(data['temperature'] - ZERO_CELSIUS, 'degC')}  # of the coolant at the inlet",
              "resistance:  # K/W: (highest temperature - inlet) / power of the plate; a row a temperature"]
    lines += [f"  {json.dumps(n)}:{_rows(table, '  ')}" for n, table in data["resistance"].items()]
    lines.append(f"pressure_drop:  # Pa; a row a temperature{_rows(data['pressure_drop'], '')}")
    if np.isfinite(data["heat_capacity"]):
        lines += [f"heat_capacity: {_number(data['heat_capacity'])} J/K  # of solids and the coolant inside",
                  "storage:  # K/W: rise of the mean temperature, weighted by heat capacity, per watt; times heat_capacity: s"
                  + _rows(data["storage"], "")]
    lines += ["fit:  # laws through the points, SI, errors relative; networks use the points"]
    lines += [f"  {key}:" + "".join(f"\n    {json.dumps(n)}: {_plain(v)}" for n, v in group.items())
              for key, group in data["fit"].items()]
    lines += ["provenance:", *(f"  {key}: {_plain(value)}" for key, value in data["provenance"].items())]
    return "\n".join(lines) + "\n"


def write_artefact(path: Path, data: dict[str, Any]) -> None:
    """Write the artefact whole or not at all."""
    write_text(path, artefact(data))


def points_csv(points: list[Point]) -> str:
    """A row a point: SI units, in the heading."""
    names = list(points[0].resistance)
    heading = ["flow [m3/s]", "temperature [K]", *(f"resistance {n} [K/W]" for n in names), "pressure_drop [Pa]",
               "time_constant [s]", "reynolds", "power [W]", "to_coolant", "heat_error", "mass_error"]
    rows = [[p.flow, p.temperature, *(p.resistance[n] for n in names), p.pressure_drop, p.heat_capacity * p.storage, p.reynolds,
             p.power, p.to_coolant, p.heat_error, p.mass_error] for p in points]
    return "\n".join([",".join(heading), *(",".join(f"{v:.9g}" for v in row) for row in rows)]) + "\n"
