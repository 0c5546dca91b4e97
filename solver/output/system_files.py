"""Folder of a network, rack or hall: ``results.h5``, ``summary.json``, ``log.txt``, a CSV file for every table, pictures."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from coldrack.solver.output.atomic import OutputError, replaced, write_text
from coldrack.solver.output.read import ResultsError
from coldrack.solver.output.systems import Tables, outputs
from coldrack.solver.output.write import make_folder
from coldrack.solver.system import Table

NAME = "results.h5"


def write_system(summary: dict[str, Any], tables: Tables, case_text: str, folder: str | Path) -> str:
    """Write all files but the pictures (`summary` is plain data); returns the report."""
    folder = make_folder(folder)
    text = outputs(summary["kind"]).report(summary, tables)
    with replaced(folder / NAME) as temporary, h5py.File(temporary, "w") as file:
        file.attrs["summary"], file.attrs["case"] = json.dumps(summary), case_text
        for name, table in tables.items():
            _write_table(file.create_group(name), table)
    for name, table in tables.items():
        write_text(folder / f"{name}.csv", _csv(table))
    write_text(folder / "summary.json", json.dumps(summary, indent=1) + "\n")
    write_text(folder / "log.txt", text + "\n" + case_text)
    return text


def _write_table(group: h5py.Group, table: Table) -> None:
    for name, column in table.columns.items():
        if isinstance(column, list):
            group.create_dataset(name, data=column, dtype=h5py.string_dtype())
        else:
            group.create_dataset(name, data=column, compression="gzip", compression_opts=1, shuffle=True)
            group[name].attrs["unit"] = table.units[name]


def _csv(table: Table) -> str:
    """One heading line, `name [unit]`, then the rows; SI units."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow([f"{n} [{table.units[n]}]" if table.units.get(n) else n for n in table.columns])
    write.writerows(zip(*(c if isinstance(c, list) else [f"{v:.9g}" for v in c] for c in table.columns.values()), strict=True))
    return out.getvalue()


def holds_system(folder: str | Path) -> bool:
    """Whether a network, rack or hall run wrote the folder."""
    return (Path(folder) / NAME).is_file()


def read_system(folder: str | Path) -> tuple[dict[str, Any], Tables]:
    """Summary and tables of a run; `ResultsError` if they cannot be read."""
    path = Path(folder) / NAME
    try:
        with h5py.File(path, "r") as file:
            return json.loads(file.attrs["summary"]), {name: _read_table(group) for name, group in file.items()}
    except (OSError, KeyError, ValueError) as error:
        raise ResultsError(f"{path} cannot be read: it is damaged or was not written by coldrack ({error})") from None


def _read_table(group: h5py.Group) -> Table:
    columns: dict[str, Any] = {}
    for name, data in group.items():
        columns[name] = [s.decode() for s in data[()]] if data.dtype.kind == "O" else np.asarray(data[()])
    return Table(columns, {n: d.attrs["unit"] for n, d in group.items() if "unit" in d.attrs})


def draw_system(folder: str | Path) -> tuple[list[Path], list[str]]:
    """Draw the pictures into ``pictures/``; the files made, and why others were not."""
    summary, tables = read_system(folder)
    target = make_folder(Path(folder) / "pictures")
    made: list[Path] = []
    remarks: list[str] = []
    for name, draw in outputs(summary["kind"]).pictures.items():
        path = target / name
        path.unlink(missing_ok=True)  # one from before would not show this run
        try:
            draw(summary, tables, path)
        except OutputError:
            raise
        except Exception as error:
            remarks.append(f"no picture {path.stem}: {type(error).__name__}: {error}".split("\n")[0])
            continue
        if path.exists():
            made.append(path)
    return made, remarks
