"""A run in time in VTK's own HDF5 layout: ``series.vtkhdf``, one entry of T, p and U whenever `write_every` has passed.

VTK >= 9.7 (pyvista) and ParaView >= 6.2 show its times. The file grows in place and is closed after every entry, so that a run
that is killed leaves all that was written; what it was just writing may be lost, and the file with it if the machine fails at
that moment. The state to go on from is in ``fields.vtkhdf``, which is replaced as a whole.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from coldrack.solver.clock import Clock
from coldrack.solver.output.atomic import OutputError
from coldrack.solver.problem import Problem

NAME = "series.vtkhdf"
UNITS = {"T": "K", "p": "Pa", "U": "m/s"}


class Series:
    """The file of a run in time.

    Parameters
    ----------
    folder : Path
    problem : Problem
    start : float or None
        Time that the run goes on from: later entries are removed. None begins anew.
    """

    def __init__(self, folder: Path, problem: Problem, start: float | None = None) -> None:
        self.path, self.problem = folder / NAME, problem
        self.remark = ""
        if start is None or not self.path.exists():
            self.path.unlink(missing_ok=True)
            return
        try:
            with h5py.File(self.path, "r+") as file:
                times = file["VTKHDF/Steps/Values"][()]
                _resize(file, int(np.count_nonzero(times <= start * (1.0 + 1e-9))))
        except (OSError, KeyError):
            self.path.replace(self.path.with_suffix(".damaged"))
            self.remark = f"{self.path} was damaged when the run ended; it is kept as {NAME}.damaged, a new one begins"

    def __call__(self, snapshot: Any) -> None:
        """Add a `Snapshot`; one whose time is there already is left out.

        Raises
        ------
        OutputError
            If the disk is full or the folder cannot be written.
        """
        try:
            with h5py.File(self.path, "a") as file:
                if "VTKHDF" not in file:
                    self._begin(file, snapshot.fields)
                steps = file["VTKHDF/Steps"]
                count = int(steps.attrs["NSteps"])
                if count and steps["Values"][-1] >= snapshot.time * (1.0 - 1e-12):
                    return
                _resize(file, count + 1)
                for name, values in snapshot.fields.items():
                    file[f"VTKHDF/CellData/{name}"][count] = values
                    steps[f"CellDataOffsets/{name}"][count] = count
                steps["Values"][count] = snapshot.time
        except OSError as error:
            raise OutputError(f"cannot write {self.path}: {error}. Free some space or choose another --out") from error

    def _begin(self, file: h5py.File, fields: dict[str, NDArray[Any]]) -> None:
        root, grid = file.create_group("VTKHDF"), self.problem.mesh.grid
        root.attrs["Version"], root.attrs["Type"] = np.array([2, 8]), np.bytes_("RectilinearGrid")
        root.attrs["Dimensions"] = np.array([f.size for f in grid.faces], np.int32)
        steps, cells = root.create_group("Steps"), root.create_group("CellData")
        root.create_group("PointData")
        for name, faces in zip("XYZ", grid.faces):
            root.create_dataset(f"{name}Coordinates", data=faces)
            steps.create_dataset(f"{name}CoordinatesOffsets", (0,), "i8", maxshape=(None,))
        steps.attrs["NSteps"] = 0
        steps.create_dataset("Values", (0,), "f8", maxshape=(None,))
        offsets = steps.create_group("CellDataOffsets")
        for name, values in fields.items():
            shape = values.shape
            data = cells.create_dataset(name, (0, *shape), values.dtype, maxshape=(None, *shape), chunks=(1, *shape),
                                        compression="gzip", compression_opts=1, shuffle=True)
            data.attrs["unit"] = UNITS.get(name, "")
            offsets.create_dataset(name, (0,), "i8", maxshape=(None,))
        cells["T"].attrs["Attribute"] = np.bytes_("Scalars")
        record = file.create_group("coldrack")
        record.attrs["title"] = self.problem.title
        record.create_dataset("material", data=self.problem.mesh.material, compression="gzip", compression_opts=1)
        record.create_dataset("component", data=self.problem.mesh.component, compression="gzip", compression_opts=1)


def _resize(file: h5py.File, count: int) -> None:
    """Set the number of entries; coordinates stay those of the first."""
    root = file["VTKHDF"]
    steps = root["Steps"]
    for group in (root["CellData"], steps["CellDataOffsets"]):
        for data in group.values():
            data.resize(count, axis=0)
    for name in ("Values", *(f"{n}CoordinatesOffsets" for n in "XYZ")):
        steps[name].resize(count, axis=0)
    steps.attrs["NSteps"] = count


def read_series(folder: str | Path) -> tuple[NDArray[Any], dict[str, Any]]:
    """Times (s) of a run's series, and a function per field name that reads entry number n."""
    from coldrack.solver.output.read import ResultsError

    path = Path(folder) / NAME
    if not path.is_file():
        raise ResultsError(f"{folder} holds no {NAME}: only runs with solver.time write one")
    try:
        with h5py.File(path, "r") as file:
            times, names = file["VTKHDF/Steps/Values"][()], list(file["VTKHDF/CellData"])
    except (OSError, KeyError) as error:
        raise ResultsError(f"{path} cannot be read: {error}") from None

    def reader(name: str) -> Any:
        def read(number: int) -> NDArray[Any]:
            with h5py.File(path, "r") as file:
                return np.asarray(file[f"VTKHDF/CellData/{name}"][number])
        return read

    return times, {name: reader(name) for name in names}


def write_clock(group: h5py.Group, clock: Clock) -> None:
    """Keep where a run in time stands."""
    group.attrs["time"], group.attrs["steps"], group.attrs["step"] = clock.time, clock.steps, clock.step
    group.attrs["averaged"], group.attrs["heat"] = clock.averaged, json.dumps(clock.heat)
    for name, (first, second) in clock.sums.items():
        for part, data in (("sum", first), ("square", second)):
            group.create_dataset(f"{name}_{part}", data=data, chunks=True, compression="gzip", compression_opts=1, shuffle=True)


def read_clock(group: h5py.Group) -> Clock:
    """What `write_clock` kept."""
    names = [n.removesuffix("_sum") for n in group if n.endswith("_sum")]
    sums = {n: (group[f"{n}_sum"][()], group[f"{n}_square"][()]) for n in names}
    a = group.attrs
    return Clock(float(a["time"]), int(a["steps"]), float(a["step"]), json.loads(a["heat"]), float(a["averaged"]), sums)
