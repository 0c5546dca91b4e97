"""Power maps from CSV: tiles of heat flux over a component, spread over its cells so that every watt is kept.

Two layouts: columns ``x, y, q`` with one row per tile centre, in any order; or a grid whose first row holds the x and
whose first column the y of the tile centres. Coordinates count from the component's lower corner. Units go into the
header in brackets, ``x [mm], y [mm], q [W/cm2]`` (of a grid: into its corner, ``[mm] [W/cm2]``); without: m and W/m2.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.mesh import Mesh
from coldrack.solver.case.units import parse

Array = NDArray[np.float64]
LARGEST_FILE = 50_000_000


@dataclass(frozen=True)
class PowerMap:
    """Heat flux `q` (ny, nx), W/m2, of tiles centred at `x` (nx,) and `y` (ny,), m from the component's corner."""

    file: str
    x: Array
    y: Array
    q: Array


def read_power_map(file: Path) -> PowerMap:
    """Read a CSV file; `ValueError` with file and line for anything that is not a full lattice of finite numbers."""
    if file.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{file.name}: more than {LARGEST_FILE / 1e6:.0f} MB")
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = [(n, [c.strip() for c in r]) for n, r in enumerate(csv.reader(stream), 1) if any(c.strip() for c in r)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{file.name}: not a CSV file in UTF-8 ({error})") from None
    if len(rows) < 2:
        raise ValueError(f"{file.name}: expected a header and rows of x, y, q")
    header = [c.split("[")[0].strip().lower() for c in rows[0][1]]
    if header[:2] == ["x", "y"] and len(header) == 3:
        return _columns(file.name, rows)
    return _grid(file.name, rows)


def _number(file: str, line: int, text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{file}:{line}: expected a number for {what}, got {text!r}") from None
    if not np.isfinite(value):
        raise ValueError(f"{file}:{line}: {what} is {text}; every value must be finite")
    if value < 0:
        raise ValueError(f"{file}:{line}: {what} is negative ({text})")
    return value


def _scales(file: str, text: str, units: tuple[str, ...]) -> list[float]:
    """Factors to SI of the bracketed units of a header."""
    found = re.findall(r"\[([^\]]*)\]", text)
    if not found:
        return [1.0] * len(units)
    if len(found) != len(units):
        raise ValueError(f"{file}:1: give a unit in brackets for every column or for none")
    try:
        return [parse(f"1 {u}", unit) for u, unit in zip(found, units)]
    except ValueError as error:
        raise ValueError(f"{file}:1: {error}") from None


def _columns(file: str, rows: list[tuple[int, list[str]]]) -> PowerMap:
    sx, sy, sq = _scales(file, ",".join(rows[0][1]), ("m", "m", "W/m**2"))
    table = {}
    for line, row in rows[1:]:
        if len(row) != 3:
            raise ValueError(f"{file}:{line}: expected 3 values, got {len(row)}")
        x, y, q = (_number(file, line, c, n) for c, n in zip(row, ("x", "y", "q")))
        if (x, y) in table:
            raise ValueError(f"{file}:{line}: the tile at x = {x:g}, y = {y:g} stands there twice")
        table[x, y] = q
    xs, ys = sorted({k[0] for k in table}), sorted({k[1] for k in table})
    if len(table) != len(xs) * len(ys):
        raise ValueError(f"{file}: {len(xs)} x {len(ys)} tiles need {len(xs) * len(ys)} rows, there are {len(table)}")
    q2 = np.array([[table[x, y] for x in xs] for y in ys])
    return PowerMap(file, np.array(xs) * sx, np.array(ys) * sy, q2 * sq)


def _grid(file: str, rows: list[tuple[int, list[str]]]) -> PowerMap:
    sx, sq = _scales(file, rows[0][1][0], ("m", "W/m**2"))
    x = np.array([_number(file, rows[0][0], c, "x") for c in rows[0][1][1:]])
    y, q = [], []
    for line, row in rows[1:]:
        if len(row) != x.size + 1:
            raise ValueError(f"{file}:{line}: expected {x.size + 1} values, got {len(row)}")
        y.append(_number(file, line, row[0], "y"))
        q.append([_number(file, line, c, "q") for c in row[1:]])
    if x.size == 0 or np.any(np.diff(x) <= 0) or np.any(np.diff(y) <= 0):
        raise ValueError(
            f"{file}: expected columns x, y, q, or a grid with rising x in the first row and y in the first column"
        )
    return PowerMap(file, x * sx, np.array(y) * sx, np.array(q) * sq)


def _edges(centres: Array, length: float) -> Array:
    """Tile edges half way between the centres, the outer ones at 0 and `length`."""
    return np.concatenate(([0.0], 0.5 * (centres[1:] + centres[:-1]), [length]))


def _overlap(faces: Array, edges: Array) -> Array:
    """Length shared by every interval of `faces` (rows) with every one of `edges` (columns)."""
    low = np.maximum(faces[:-1, None], edges[None, :-1])
    high = np.minimum(faces[1:, None], edges[None, 1:])
    return np.maximum(high - low, 0.0)


def spread(tiles: PowerMap, mesh: Mesh, component: str) -> Array:
    """Watts per cell, shape (nz, ny, nx): each column of cells takes its share of the tiles above it, evenly by height."""
    cells = mesh.cells_of(component)
    if not cells.any():
        raise ValueError(f"{component} has no cells of its own")
    grid = mesh.grid
    jj, ii = np.flatnonzero(cells.any(axis=(0, 2))), np.flatnonzero(cells.any(axis=(0, 1)))
    x0, x1, y0, y1 = grid.x[ii[0]], grid.x[ii[-1] + 1], grid.y[jj[0]], grid.y[jj[-1] + 1]
    for name, centres, length in (("x", tiles.x, x1 - x0), ("y", tiles.y, y1 - y0)):
        if centres[-1] > length * (1 + 1e-9):
            raise ValueError(
                f"{tiles.file}: {name} reaches {centres[-1]:.4g} m, {component} only {length:.4g} m from its corner; "
                "check the unit in the header"
            )
    wx = _overlap(grid.x - x0, _edges(tiles.x, x1 - x0))
    wy = _overlap(grid.y - y0, _edges(tiles.y, y1 - y0))
    watts = wy @ tiles.q @ wx.T
    dz = grid.widths[2][:, None, None] * cells
    height = dz.sum(axis=0)
    share = np.divide(dz, height, out=np.zeros_like(dz), where=height > 0)
    out: Array = share * watts
    if not out.sum() > 0:
        raise ValueError(f"{tiles.file}: holds no heat")
    return out
