"""Power maps from CSV: tiles of heat flux over a component, as files.

Three layouts. Columns ``x, y, q``: one row per tile centre, in any order. A grid with coordinates: the first row holds the
x and the first column the y of the tile centres. A plain grid: equal tiles over the whole component, x along a row, the
first row at the lowest y, below one line with the unit. Coordinates count from the component's lower corner. Units go into
brackets, ``x [mm], y [mm], q [W/cm^2]`` (of a grid with coordinates: into its corner, ``[mm] [W/cm^2]``; of a plain grid:
into the line above it, ``q [W/cm^2]``); without: m and W/m2. The third column may also be named by its unit, ``W/m2``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.case.units import parse, short

Array = NDArray[np.float64]
Rows = list[tuple[int, list[str]]]
LARGEST_FILE = 20_000_000
MOST_VALUES = 3_100_000  # x, y, q of a million tiles, and some
MOST_ALONG = 1000  # tiles along x or y; the share of every cell in every tile is one dense matrix per axis
UNITS = ("m", "m", "W/m**2")
NAMED = re.compile(r"^([A-Za-z_ ]*?)\s*(?:[\[(](.*)[\])])?$", re.DOTALL)
HEAT_FLUX = ("q", "heat_flux", "heat flux", "power_density", "power density", "flux")
SAME = 1e-6  # of the map's extent; coordinates nearer than this are one


@dataclass(frozen=True)
class PowerMap:
    """Heat flux `q` (ny, nx), W/m2, of tiles centred at `x` (nx,) and `y` (ny,), m from the component's corner.

    A plain grid has no coordinates: `x` and `y` are then fractions of the component's size, and `relative` is True.
    """

    file: str
    x: Array
    y: Array
    q: Array
    relative: bool = False


def read_power_map(file: Path) -> PowerMap:
    """Read a CSV file; `ValueError` with file and line for anything that is not a full lattice of finite numbers."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{file.name}: more than {LARGEST_FILE / 1e6:.0f} MB; use fewer tiles")
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = _rows(file.name, stream)
    except OSError as error:
        raise ValueError(f"{file.name}: cannot read the file: {error.strerror}; check its permissions") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{file.name}: not a CSV file in UTF-8 ({error}); save it as one") from None
    if not rows:
        raise ValueError(f"{file.name}: is empty; write a header `x [mm], y [mm], q [W/cm^2]` and one row per tile")
    _check_commas(file.name, rows)
    if all(_is_number(c) for c in rows[0][1]):
        raise ValueError(f"{file.name}:{rows[0][0]}: the first line must say what follows: `x [mm], y [mm], q [W/cm^2]` for "
                         "one row per tile, `[W/cm^2]` for a plain grid of heat flux")
    if rows[0][1][0] and not any(rows[0][1][1:]):
        return _plain_grid(file.name, rows)
    if rows[0][1][0] == "" or all(_is_number(c) for c in rows[0][1][1:]):
        return _grid(file.name, rows)
    return _columns(file.name, rows)


def _rows(file: str, stream: Iterable[str]) -> Rows:
    """Numbered rows without the blank ones."""
    out, count = [], 0
    for n, row in enumerate(csv.reader(stream), 1):
        count += len(row)
        if count > MOST_VALUES:
            raise ValueError(f"{file}: more than {MOST_VALUES:,} values; use fewer, larger tiles")
        cells = [c.strip() for c in row]
        if any(cells):
            out.append((n, cells))
    return out


def _check_commas(file: str, rows: Rows) -> None:
    line, first = rows[0]
    if len(first) == 1 and (";" in first[0] or "\t" in first[0]):
        raise ValueError(f"{file}:{line}: separate the values by commas (not by semicolons or tabs), with decimal points")
    if len(rows) > 1 and len(rows[1][1]) == 1 and ";" in rows[1][1][0]:
        raise ValueError(f"{file}:{rows[1][0]}: separate the values by commas (not by semicolons), with decimal points")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(file: str, line: int, text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{file}:{line}: expected a number for {what}, got {short(text)}; correct it") from None
    if not np.isfinite(value):
        raise ValueError(f"{file}:{line}: {what} is {short(text)[1:-1]}; every value must be finite, write 0 for no heat")
    if value < 0:
        raise ValueError(f"{file}:{line}: {what} is negative ({short(text)[1:-1]}); heat is positive, and coordinates count "
                         "from the component's lower corner")
    return value


def _scale(file: str, line: int, text: str, unit: str) -> float:
    """Factor to SI of a unit."""
    try:
        return parse(f"1 {text}", unit)
    except ValueError as error:
        raise ValueError(f"{file}:{line}: {error}") from None


def _columns(file: str, rows: Rows) -> PowerMap:
    head, header = rows[0]
    if len(header) != 3:
        raise ValueError(f"{file}:{head}: expected the three columns x, y, q, got {short(', '.join(header))}")
    factors = []
    for n, (text, unit) in enumerate(zip(header, UNITS)):
        match = NAMED.match(text)
        name, own = (match.group(1).strip().lower(), match.group(2)) if match else ("", None)
        if n == 2 and name not in HEAT_FLUX:
            own = text if own is None else own if not name else None
            if own is None:
                raise ValueError(f"{file}:{head}: the third column is {short(text)}; call it q [W/m^2]")
        elif n < 2 and name != "xy"[n]:
            raise ValueError(f"{file}:{head}: column {n + 1} is {short(text)}, expected {'xy'[n]}, such as {'xy'[n]} [mm]; the "
                             "columns are x, y, q")
        factors.append(1.0 if own is None else _scale(file, head, own, unit))
    units = ["[" in t or "(" in t for t in header]
    if units[0] != units[1]:
        raise ValueError(f"{file}:{head}: give a unit in brackets for both x and y or for none")
    values = np.array([_row(file, line, row, ("x", "y", "q")) for line, row in rows[1:]]).reshape(-1, 3)
    return _lattice(file, [line for line, _ in rows[1:]], _scaled(file, values, factors))


def _scaled(file: str, values: Array, factor: float | list[float]) -> Array:
    """Values in SI units."""
    with np.errstate(over="ignore"):
        out: Array = values * factor
    if not np.isfinite(out).all():
        raise ValueError(f"{file}: some values are larger than any number in SI units; check them and the units in the header")
    return out


def _row(file: str, line: int, row: list[str], names: tuple[str, ...]) -> list[float]:
    if len(row) != len(names):
        raise ValueError(f"{file}:{line}: expected {len(names)} values, got {len(row)}; complete the row (numbers with decimal "
                         "points, separated by commas)")
    return [_number(file, line, c, n) for c, n in zip(row, names)]


def _lattice(file: str, lines: list[int], values: Array) -> PowerMap:
    """Rows of x, y, q as a full lattice of tiles."""
    if not len(values):
        raise ValueError(f"{file}: holds no tiles; write one row of x, y, q per tile")
    (x, ix), (y, iy) = (_levels(values[:, n]) for n in (0, 1))
    _check_count(file, x.size, y.size)
    owner = np.full((y.size, x.size), -1)
    for n, (i, j) in enumerate(zip(ix, iy)):
        if owner[j, i] >= 0:
            raise ValueError(f"{file}:{lines[n]}: the tile at x = {x[i]:g} m, y = {y[j]:g} m stands here twice, first in line "
                             f"{lines[owner[j, i]]}; remove one of them")
        owner[j, i] = n
    if (owner < 0).any():
        j, i = np.argwhere(owner < 0)[0]
        raise ValueError(f"{file}: {x.size} x {y.size} tiles need {x.size * y.size} rows, there are {len(values)}: none for "
                         f"x = {x[i]:g} m, y = {y[j]:g} m; the tiles must form a full lattice (q = 0 where there is no heat)")
    return PowerMap(file, x, y, values[owner, 2])


def _check_count(file: str, along_x: int, along_y: int) -> None:
    if max(along_x, along_y) > MOST_ALONG:
        raise ValueError(f"{file}: {along_x:,} x {along_y:,} tiles; at most {MOST_ALONG:,} along x and along y: use fewer, "
                         "larger tiles, whose centres form a regular lattice")


def _levels(values: Array) -> tuple[Array, NDArray[np.int64]]:
    """Different coordinates, rising, and the number of each value's."""
    order = np.argsort(values, kind="stable")
    rise = np.diff(values[order], prepend=values[order][0])
    number = np.cumsum(rise > SAME * max(float(np.ptp(values)), 1e-12))
    index = np.empty(values.size, np.int64)
    index[order] = number
    return values[order][np.searchsorted(number, np.arange(number[-1] + 1))], index


def _grid(file: str, rows: Rows) -> PowerMap:
    """A grid with coordinates in its first row and column."""
    line, first = rows[0]
    units = re.findall(r"[\[(]([^\])]*)[\])]", first[0])
    if len(units) not in (0, 2):
        raise ValueError(f"{file}:{line}: write two units into the corner, such as [mm] [W/cm^2], or none")
    length, flux = (_scale(file, line, u, unit) for u, unit in zip(units, UNITS[1:])) if units else (1.0, 1.0)
    _check_count(file, len(first) - 1, len(rows) - 1)
    x = np.array([_number(file, line, c, "x") for c in first[1:]])
    table = np.array([_row(file, n, row, ("y", *["q"] * x.size)) for n, row in rows[1:]]).reshape(-1, x.size + 1)
    y = table[:, 0]
    if not x.size or not y.size or np.any(np.diff(x) <= 0) or np.any(np.diff(y) <= 0):
        raise ValueError(f"{file}: expected columns x, y, q, or a grid with rising x in the first row and rising y in the "
                         "first column; sort them")
    return PowerMap(file, x * length, y * length, _scaled(file, table[:, 1:], flux))


def _plain_grid(file: str, rows: Rows) -> PowerMap:
    """Numbers only: equal tiles over the component."""
    line, first = rows[0]
    match = NAMED.match(first[0])
    unit = match.group(2) if match and match.group(1).strip().lower() in ("", *HEAT_FLUX) else first[0]
    flux = 1.0 if unit is None else _scale(file, line, unit, UNITS[2])
    if len(rows) < 2:
        raise ValueError(f"{file}: holds no tiles; write rows of heat flux below the first line")
    count = len(rows[1][1])
    _check_count(file, count, len(rows) - 1)
    q = np.array([_row(file, n, row, ("q",) * count) for n, row in rows[1:]])
    x, y = ((np.arange(n) + 0.5) / n for n in q.shape[::-1])
    return PowerMap(file, x, y, _scaled(file, q, flux), relative=True)
