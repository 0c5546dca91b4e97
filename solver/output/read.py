"""What a run left in its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from coldrack.solver.output.series import read_clock
from coldrack.solver.restart import Restart

TURBULENCE = ("k", "epsilon", "omega", "eddy_viscosity")


class ResultsError(ValueError):
    """A folder that is no run's, or a question that its results cannot answer; says why and what to do."""


@dataclass
class Results:
    """Contents of ``fields.vtkhdf``; arrays have shape (nz, ny, nx), U one more axis of 3. `devices`: see `air_layout`."""

    folder: Path
    faces: tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
    fields: dict[str, NDArray[Any]]
    materials: list[str]
    components: list[str]
    summary: dict[str, Any]
    history: dict[str, NDArray[Any]]
    devices: list[dict[str, Any]] = field(default_factory=list)


def _open(folder: Path) -> h5py.File:
    path = folder / "fields.vtkhdf"
    if not path.is_file():
        raise ResultsError(f"{folder} holds no fields.vtkhdf: give the folder that `coldrack run` wrote")
    try:
        file = h5py.File(path, "r")
        if "coldrack" not in file:
            raise ResultsError(f"{path} was not written by coldrack")
        return file
    except OSError as error:
        raise ResultsError(f"{path} cannot be read: it is damaged or no HDF5 file ({error})") from None


def read_results(folder: str | Path) -> Results:
    """Read the fields and the record of a run; `ResultsError` if they are not there."""
    folder = Path(folder)
    with _open(folder) as file:
        root, record = file["VTKHDF"], file["coldrack"]
        x, y, z = (root[f"{n}Coordinates"][()] for n in "XYZ")
        return Results(
            folder, (x, y, z), {n: d[()] for n, d in root["CellData"].items()},
            json.loads(record.attrs["materials"]), json.loads(record.attrs["components"]),
            json.loads(record.attrs["summary"]), {n: d[()] for n, d in record["history"].items()},
            json.loads(record.attrs.get("devices", "[]")))


def read_restart(folder: str | Path) -> Restart:
    """The state that a run saved, to go on from; `ResultsError` if there is none."""
    with _open(Path(folder)) as file:
        record, cells = file["coldrack"], file["VTKHDF/CellData"]
        group = record.get("restart")
        if group is None:
            raise ResultsError(f"{folder} holds no restart state; run without --resume")
        u, v, w = (group[n][()] for n in "uvw")
        return Restart((u, v, w), cells["p"][()], cells["T"][()], int(group.attrs["passes"]), int(group.attrs["step"]),
                       {n: d[()].tolist() for n, d in record["history"].items()}, json.loads(group.attrs["fingerprint"]),
                       read_clock(group["clock"]) if "clock" in group else None,
                       {n: cells[n][()] for n in TURBULENCE if n in cells})


def read_summary(folder: str | Path) -> dict[str, Any]:
    """The summary that goes with the fields of a run; `ResultsError` if there is none."""
    with _open(Path(folder)) as file:
        return dict(json.loads(file["coldrack"].attrs["summary"]))


def read_responses(folder: str | Path) -> tuple[dict[str, NDArray[np.float32]], NDArray[Any], float]:
    """Temperature rise per watt of every source, the rise without sources (K), and the inlet temperature (K).

    Raises
    ------
    ResultsError
        If the run stored none: properties followed the temperature, or ``solver.unit_responses`` was false.
    """
    with _open(Path(folder)) as file:
        group = file["coldrack"].get("unit_responses")
        if group is None:
            raise ResultsError(
                f"{folder} holds no unit responses: superposition needs `coolant.properties: constant`, heat sources, "
                "`solver.unit_responses: true` and a run that was not interrupted. Run the case again with the new powers "
                "instead")
        names = json.loads(group.attrs["names"])
        rise = {n: group[n][()] for n in names}
        return rise, group["background"][()], float(group.attrs["inlet_temperature"])
