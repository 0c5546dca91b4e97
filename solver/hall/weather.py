"""Weather of a year: EPW, TMY3 and plain CSV files, degree bins. Files are read strictly; every refusal names the line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.hall.psychrometrics import ZERO_CELSIUS, wet_bulb

Array = NDArray[np.float64]
Rows = list[tuple[int, str, tuple[str, ...]]]  # number of the line, month, dry bulb and dew point in degC, pressure
HOURS = 8760
LIMITS = {"dry bulb": (-70.0, 60.0), "dew point": (-80.0, 40.0), "pressure": (45000.0, 110000.0)}  # degC, degC, Pa


class WeatherError(ValueError):
    """A weather file that cannot be used: says line, value and what was expected."""


@dataclass(frozen=True)
class Weather:
    """Outdoor air by hour, or by bin of hours.

    Parameters
    ----------
    name, source : str
        Place and where the figures are from.
    dry_bulb, dew_point : ndarray
        K, shape (n,).
    pressure : ndarray
        Pa, shape (n,).
    hours : ndarray
        How long each lasts, h; together 8760.
    month : ndarray of int
        1 to 12, 0 for bins without one.
    """

    name: str
    source: str
    dry_bulb: Array
    dew_point: Array
    pressure: Array
    hours: Array
    month: NDArray[np.int64]

    @cached_property
    def wet_bulb(self) -> Array:
        """Thermodynamic wet bulb, K, shape (n,)."""
        return wet_bulb(self.dry_bulb, self.dew_point, self.pressure)

    def shifted(self, kelvin: float) -> Weather:
        """The same year warmer by so much: dry bulb and dew point alike, which nearly keeps the relative humidity."""
        if not kelvin:
            return self
        return replace(self, name=f"{self.name}, {kelvin:+g} K", dry_bulb=self.dry_bulb + kelvin,
                       dew_point=self.dew_point + kelvin)

    def mean(self, values: Array) -> float:
        """Mean over the year of values by hour or bin."""
        return float((np.broadcast_to(values, self.hours.shape) * self.hours).sum() / self.hours.sum())

    def binned(self, step: float = 0.5) -> Weather:
        """The year in a few hundred bins of dry and wet bulb, `step` K wide, at the bins' mean values."""
        keys = np.stack([np.round(self.dry_bulb / step), np.round(self.wet_bulb / step)]).astype(np.int64)
        _, place = np.unique(keys, axis=1, return_inverse=True)
        place = place.reshape(-1)
        hours = np.bincount(place, self.hours).astype(float)
        dry, dew, pressure = (np.bincount(place, a * self.hours) / hours
                              for a in (self.dry_bulb, self.dew_point, self.pressure))
        return Weather(self.name, self.source, dry, dew, pressure, hours, np.zeros(hours.size, np.int64))


def read_weather(path: Path) -> Weather:
    """Read an EPW, TMY3 or reduced file, told by its first lines; `WeatherError` with the line for what is wrong."""
    try:
        lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    except OSError as error:
        raise WeatherError(f"{path.name}: cannot be read ({error.strerror}); check its name and permissions") from None
    first = lines[0] if lines else ""
    if first.upper().startswith("LOCATION,"):
        return _epw(path, lines)
    if len(lines) > 1 and lines[1].startswith("Date (MM/DD/YYYY)"):
        return _tmy3(path, lines)
    if first.startswith("#"):
        return _reduced(path, lines)
    raise WeatherError(f"{path.name}:1: is neither EPW (a line `LOCATION,...`), TMY3 (a second line `Date (MM/DD/YYYY),...`) "
                       "nor coldrack's own form (a first line `# source`); check the file")


def _epw(path: Path, lines: list[str]) -> Weather:
    """EnergyPlus weather file: columns of its Auxiliary Programs guide (month 2, dry bulb 7, dew point 8, pressure 10)."""
    place = lines[0].split(",")
    start = next((n for n, text in enumerate(lines) if text.upper().startswith("DATA PERIODS")), None)
    if start is None:
        raise WeatherError(f"{path.name}:{len(lines)}: the line `DATA PERIODS,...` that ends an EPW header is missing")
    rows: Rows = [(n, r[1], (r[6], r[7], r[9])) for n, r in _rows(path, lines, start + 1, 10)]
    source = place[5] if len(place) > 5 else "EPW"
    return _weather(path, ", ".join(p for p in place[1:4] if p and p != "-"), f"EPW file {path.name} ({source})", rows, 1.0)


def _tmy3(path: Path, lines: list[str]) -> Weather:
    """NREL TMY3: columns by the names of its second line (User's Manual for TMY3 Data Sets, NREL/TP-581-43156)."""
    place = next(csv.reader([lines[0]]))
    header = lines[1].split(",")
    wanted = ("Dry-bulb (C)", "Dew-point (C)", "Pressure (mbar)")
    missing = [w for w in wanted if w not in header]
    if missing:
        raise WeatherError(f"{path.name}:2: no column `{missing[0]}`; a TMY3 file has {', '.join(wanted)}")
    at = [header.index(w) for w in wanted]
    rows: Rows = [(n, r[0].split("/")[0], tuple(r[i] for i in at)) for n, r in _rows(path, lines, 2, max(at) + 1)]
    name = ", ".join(p.title() if k == 1 else p for k, p in enumerate(place[:3]) if k)
    return _weather(path, name, f"NREL TMY3 station {place[0]}", rows, 100.0)


def _reduced(path: Path, lines: list[str]) -> Weather:
    """`# name`, `# source`, a heading, then month, dry bulb degC, dew point degC, pressure hPa."""
    comments = [text[1:].strip() for text in lines if text.startswith("#")]
    heading = "month,dry_bulb_degC,dew_point_degC,pressure_hPa"
    if len(comments) < 2 or len(lines) <= len(comments) or lines[len(comments)] != heading:
        raise WeatherError(f"{path.name}:{len(comments) + 1}: expected two comment lines (name, source), then `{heading}`")
    rows: Rows = [(n, r[0], (r[1], r[2], r[3])) for n, r in _rows(path, lines, len(comments) + 1, 4)]
    return _weather(path, comments[0], comments[1], rows, 100.0)


def _rows(path: Path, lines: list[str], start: int, least: int) -> Iterator[tuple[int, list[str]]]:
    """Number of the line and its fields, for all lines from `start`."""
    for n, text in enumerate(lines[start:], start + 1):
        if not text.strip():
            continue
        fields = text.split(",")
        if len(fields) < least:
            raise WeatherError(f"{path.name}:{n}: {len(fields)} fields, expected at least {least}")
        yield n, fields


def _weather(path: Path, name: str, source: str, rows: Rows, pascal: float) -> Weather:
    """Check and put together; `pascal` is the unit of pressure in the file."""
    if len(rows) not in (HOURS, HOURS + 24):
        raise WeatherError(f"{path.name}: {len(rows)} hours, expected {HOURS} (a leap year: {HOURS + 24}); the file "
                           "is cut short or holds other steps than hours")
    values, months = np.empty((len(rows), 3)), np.empty(len(rows), np.int64)
    for k, (n, month, fields) in enumerate(rows):
        try:
            values[k], months[k] = [float(f) for f in fields], int(month)
        except ValueError:
            raise WeatherError(f"{path.name}:{n}: cannot read a number in {', '.join(fields)}") from None
    values[:, 2] *= pascal
    for k, (what, (low, high)) in enumerate(LIMITS.items()):
        wrong = np.flatnonzero(~((values[:, k] >= low) & (values[:, k] <= high)))
        if wrong.size:
            n, value = rows[wrong[0]][0], values[wrong[0], k]
            raise WeatherError(f"{path.name}:{n}: {what} {value:g} is missing or impossible (from {low:g} to {high:g}); fill "
                               "the gap, or take another file")
    if not ((months >= 1) & (months <= 12)).all():
        raise WeatherError(f"{path.name}:{rows[int(np.flatnonzero((months < 1) | (months > 12))[0])][0]}: no such month")
    dew = np.minimum(values[:, 1], values[:, 0])  # rounding puts it a tenth above in fog
    hours = np.full(len(rows), HOURS / len(rows))  # a leap year's hours make one year too
    return Weather(name, source, values[:, 0] + ZERO_CELSIUS, dew + ZERO_CELSIUS, values[:, 2], hours, months)
