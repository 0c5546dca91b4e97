"""Fields in VTK's own HDF5 layout (RectilinearGrid, VTKHDF 2.8), with the run's record in the group ``/coldrack``.

VTK >= 9.7, ParaView >= 6.2 and pyvista open the file directly; older readers take the XDMF file beside it. Compression
is gzip-1 with shuffle: VTK's reader has no other filter.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from coldrack.solver.output.air_layout import layout
from coldrack.solver.output.atomic import replaced
from coldrack.solver.output.series import write_clock
from coldrack.solver.solution import Solution

FORMAT = 1
BLOCK = 2**20  # bytes by which the file in memory grows
FILTER: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}


def cell_fields(solution: Solution) -> dict[str, NDArray[Any]]:
    """Cell data by name: T (K), p (Pa), U (m/s), material and component indices, and means of a run in time."""
    mesh = solution.problem.mesh
    velocity = np.stack(solution.velocity(), axis=-1).astype(np.float32)
    fields: dict[str, NDArray[Any]] = {
        "T": solution.temperature,
        "p": solution.pressure,
        "U": velocity,
        "material": mesh.material,
        "component": mesh.component,
        **solution.turbulence,
    }
    if solution.clock is not None:
        fields |= solution.clock.statistics(solution.problem.reference_temperature)
    return fields


def write_fields(path: Path, solution: Solution, summary: dict[str, Any]) -> None:
    """Write ``fields.vtkhdf`` so that a reader sees the old file or the whole new one.

    The file is made in memory: HDF5 cannot end cleanly when the disk fills up while it writes.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    with h5py.File(path.name, "w", driver="core", backing_store=False, block_size=BLOCK) as file:
        _write_vtk(file, solution)
        _write_record(file.create_group("coldrack"), solution, summary)
        file.flush()
        image = file.id.get_file_image()
    with replaced(path) as temporary:
        temporary.write_bytes(image)


def _write_vtk(file: h5py.File, solution: Solution) -> None:
    grid = solution.problem.mesh.grid
    root = file.create_group("VTKHDF")
    root.attrs["Version"] = np.array([2, 8])
    root.attrs["Type"] = np.bytes_("RectilinearGrid")
    root.attrs["Dimensions"] = np.array([f.size for f in grid.faces], np.int32)
    for name, faces in zip("XYZ", grid.faces):
        root.create_dataset(f"{name}Coordinates", data=faces)
    cells = root.create_group("CellData")
    root.create_group("PointData")
    for name, values in cell_fields(solution).items():
        cells.create_dataset(name, data=values, chunks=True, **FILTER)
    cells["T"].attrs["Attribute"] = np.bytes_("Scalars")
    cells["T"].attrs["unit"], cells["p"].attrs["unit"], cells["U"].attrs["unit"] = "K", "Pa", "m/s"


def _write_restart(group: h5py.Group, solution: Solution) -> None:
    """What `--resume` needs beside T, p and the history: face velocities and counters."""
    state = solution.restart()
    for name, values in zip("uvw", state.velocity):
        group.create_dataset(name, data=values, chunks=True, **FILTER)
    group.attrs["passes"], group.attrs["step"] = state.passes, state.step
    group.attrs["fingerprint"] = json.dumps(state.fingerprint)
    if state.clock is not None:
        write_clock(group.create_group("clock"), state.clock)


def _write_record(group: h5py.Group, solution: Solution, summary: dict[str, Any]) -> None:
    mesh = solution.problem.mesh
    group.attrs["format"] = FORMAT
    group.attrs["case"] = solution.problem.case_text
    group.attrs["materials"] = json.dumps(mesh.materials)
    group.attrs["components"] = json.dumps(mesh.components)
    group.attrs["summary"] = json.dumps(summary)
    group.attrs["devices"] = json.dumps(layout(solution.problem))
    _write_restart(group.create_group("restart"), solution)
    history = group.create_group("history")
    for name, column in solution.history.items():
        history.create_dataset(name, data=np.asarray(column, float))
    if solution.responses is not None:
        r = solution.responses
        responses = group.create_group("unit_responses")
        responses.attrs["names"] = json.dumps(r.names)
        responses.attrs["inlet_temperature"] = solution.inlet_temperature
        for name, rise in zip(r.names, r.rise):
            responses.create_dataset(name, data=rise, chunks=True, **FILTER)
        base = np.zeros(()) if r.background is None else r.background
        responses.create_dataset("background", data=base)
