"""The answer of a run: fields, history, ledger, component temperatures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.clock import Clock
from coldrack.solver.problem import Problem
from coldrack.solver.restart import Restart, fingerprint

Array = NDArray[np.float64]


@dataclass
class UnitResponses:
    """Temperature rise per watt of each source, and the field with all sources off (constant properties only).

    `names[n]` belongs to `rise[n]`, shape (nz, ny, nx), K/W, float32; `background` in K above the reference.
    """

    names: list[str]
    rise: list[NDArray[np.float32]]
    background: Array | None


@dataclass(repr=False)
class Solution:
    """Converged (or saved) state of a problem.

    Velocities live on faces: `u` (nz, ny, nx + 1), `v` (nz, ny + 1, nx), `w` (nz + 1, ny, nx), m/s.
    `temperature` (kelvin) and `pressure` (Pa, gauge) live at cell centres, shape (nz, ny, nx).
    `history` maps column names ("iteration", "mass", "momentum", "energy", "t_max", "pressure_drop", ...) to lists.
    `pressure_parts` splits the pressure drop (Pa) at each passage into "inlet", "channel", "outlet".
    `devices` holds the figures of "servers", "coolers", "fans", "exchangers", "porous" and "screens", each by name.
    `turbulence` has the fields of the turbulence model by name (k in m2/s2, epsilon in m2/s3, omega in 1/s, eddy_viscosity in
    Pa s); `averaged` what a mean over a cycle of the iteration was taken of, empty for a flow that settled.
    `passes` (solutions of the energy equation) and `step` (of the flow solver) are for `restart`.
    `clock` is the time that a run in time has reached, with its means.
    """

    problem: Problem
    temperature: Array
    pressure: Array
    u: Array
    v: Array
    w: Array
    converged: bool
    reason: str
    iterations: int
    history: dict[str, list[float]]
    ledger: dict[str, Any]
    components: dict[str, dict[str, float]]
    pressure_drop: float
    pressure_parts: dict[str, dict[str, float]]
    flow_rate: float
    inlet_temperature: float
    device: str
    dtype: str
    wall_seconds: float
    solver_seconds: float
    peak_memory_bytes: int
    responses: UnitResponses | None = None
    notes: list[str] = field(default_factory=list)
    turbulence: dict[str, Array] = field(default_factory=dict)
    averaged: dict[str, Any] = field(default_factory=dict)
    passes: int = 0
    step: int = 0
    devices: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    clock: Clock | None = None

    def __repr__(self) -> str:
        """State, size, flow and the hottest component."""
        nz, ny, nx = self.temperature.shape
        parts = [f"{self.problem.title!r}", "converged" if self.converged else f"NOT converged ({self.reason})",
                 f"{nx} x {ny} x {nz} cells", f"{self.iterations} iterations"]
        if self.flow_rate:
            parts.append(f"pressure drop {self.pressure_drop:.5g} Pa at {self.flow_rate * 6e4:.4g} L/min")
        if self.components:
            name, hot = max(self.components.items(), key=lambda item: item[1]["t_max"])
            parts.append(f"T_max {hot['t_max']:.2f} K ({hot['t_max'] - 273.15:.2f} degC) in {name}")
        return f"<Solution {', '.join(parts)}>"

    def velocity(self) -> tuple[Array, Array, Array]:
        """Cell-centre velocity components, each shape (nz, ny, nx), m/s."""
        return (
            0.5 * (self.u[:, :, 1:] + self.u[:, :, :-1]),
            0.5 * (self.v[:, 1:] + self.v[:, :-1]),
            0.5 * (self.w[1:] + self.w[:-1]),
        )

    def to_pyvista(self) -> Any:
        """The fields as a `pyvista.RectilinearGrid` with cell data T (K), p (Pa), U (m/s), material, component."""
        from coldrack.solver.output.vtk import to_pyvista

        return to_pyvista(self)

    def restart(self) -> Restart:
        """The state from which `coldrack.solve(problem, resume=...)` goes on."""
        return Restart((self.u, self.v, self.w), self.pressure, self.temperature, self.passes, self.step, self.history,
                       fingerprint(self.problem), self.clock, turbulence=self.turbulence)

    def summary(self) -> dict[str, Any]:
        """The figures of the run as plain data (SI, kelvin), as in ``summary.json``."""
        from coldrack.solver.output.summary import summarise

        return summarise(self)

    def save(self, folder: str | Path) -> None:
        """Write ``fields.vtkhdf``, ``fields.xdmf``, ``summary.json`` and ``log.txt`` into `folder`.

        Raises
        ------
        OutputError
            If that cannot be; what was there before is unchanged.
        """
        from coldrack.solver.output.write import write_solution

        write_solution(self, folder)
