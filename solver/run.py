"""Solve a problem: flow, then energy, repeated while properties change; ledger, component temperatures, unit responses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.kernels import get_backend
from coldrack.solver.linear.krylov import LinearSolverError
from coldrack.solver.machine import peak_memory
from coldrack.solver.monitor import Monitor
from coldrack.solver.physics import ledger as books
from coldrack.solver.physics.energy import Energy
from coldrack.solver.physics.flow import Flow
from coldrack.solver.physics.layout import Layout
from coldrack.solver.problem import Problem
from coldrack.solver.properties import Properties
from coldrack.solver.solution import Solution, UnitResponses

PROPERTY_PASSES = 20
FLOW_BURST = 60


class SolverError(RuntimeError):
    """The run cannot go on: a field is not finite, or a linear system failed. Says which field and cell."""


def solve(
    problem: Problem,
    device: str = "auto",
    dtype: str = "f8",
    progress: Callable[[dict[str, Any]], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Solution:
    """Solve a problem for its steady flow and temperature.

    Parameters
    ----------
    problem : Problem
    device : {"auto", "cuda", "cuda:N", "host", "numpy"}
    dtype : {"f8", "f4"}
        Precision of the stored fields' kernels; preconditioners are always single, Krylov vectors always double.
    progress : callable, optional
        Called with a dict once per iteration.
    stop : callable, optional
        Polled once per iteration; True ends the run with what there is, ``converged`` False.

    Returns
    -------
    Solution

    Raises
    ------
    SolverError
        If a field is not finite.
    """
    return _Run(problem, get_backend(device, dtype), dtype, progress, stop).go()


class _Run:
    def __init__(self, problem: Problem, backend: Any, dtype: str, progress: Any, stop: Any) -> None:
        self.started = time.perf_counter()
        self.problem, self.backend, self.dtype = problem, backend, dtype
        self.layout = Layout(problem.mesh.grid)
        self.monitor = Monitor(problem.settings, progress, stop)
        self.flow: Flow | None = None
        self.energy: Energy | None = None
        self.properties = Properties(problem, self.layout)
        self.notes: list[str] = [f"backend: {backend.description}"]

    def go(self) -> Solution:
        solving = time.perf_counter()
        settings = self.problem.settings
        variable = self.problem.properties == "variable" and settings.flow and settings.energy
        try:
            for _ in range(PROPERTY_PASSES if variable else 1):
                if settings.flow and self.problem.mesh.fluid.any():
                    self._solve_flow()
                if settings.energy and not self.monitor.stopped:
                    change = self._solve_energy()
                    if not variable or change < settings.tolerance:
                        break
                if self.monitor.stopped:
                    break
            else:
                if variable:
                    self.monitor.fail(f"properties still changed after {PROPERTY_PASSES} passes")
        except (LinearSolverError, FloatingPointError) as error:
            raise SolverError(f"{error}; {self._where_not_finite()}") from error
        responses = self._unit_responses()
        return self._solution(responses, time.perf_counter() - solving)

    def _solve_flow(self) -> None:
        if self.flow is None:
            self.flow = Flow(self.problem, self.layout, self.backend)
        self.flow.set_properties(self.backend.with_dtype("f8").asarray(self.properties.density),
                                 self.backend.with_dtype("f8").asarray(self.properties.viscosity))
        flow, monitor = self.flow, self.monitor
        monitor.begin("flow")
        scale = self._throughput()
        while not monitor.done():
            row = flow.iterate()
            row["mass"] /= scale
            row["pressure_drop"] = self._pressure_drop()
            if not np.isfinite(row["momentum"]):
                raise FloatingPointError("the velocity is not finite")
            monitor.record(row)
        flow.correct_pressure(0.0, 1e-11 * scale / np.sqrt(flow.cells))
        solver = flow.krylov.mg
        last = flow.last_pressure
        self.notes.append(
            f"flow: segregated SIMPLEC, {monitor.count} iterations; pressure by CG with multigrid, "
            f"{len(solver.levels)} levels, contraction {last.contraction if last else 0:.2f} an iteration"
        )

    def _throughput(self) -> float:
        assert self.flow is not None
        fluxes = [self.backend.to_numpy(m) for m in self.flow.mass_fluxes()]
        total = 0.0
        for bc in self.problem.boundaries:
            patch = self.problem.mesh.patches[bc.name]
            if bc.kind == "inlet":
                total += float(np.abs(books.boundary_flows(self.layout, patch, fluxes[patch.axis])).sum())
        if total == 0.0:
            rho = float(np.max(self.properties.density))
            speeds = [float(abs(u).max()) for u in self.flow.velocity]
            dx, dy, dz = (f[-1] - f[0] for f in self.problem.mesh.grid.faces)
            total = rho * max(*speeds, 1e-12) * (dx * dy * dz) ** (2.0 / 3.0)
        return total

    def _pressure_drop(self) -> float:
        assert self.flow is not None
        if not any(bc.kind == "outlet" for bc in self.problem.boundaries):
            return float(self.flow.pressure.max() - self.flow.pressure.min())
        p = books.pressures(self.problem, self.layout, self.backend.to_numpy(self.flow.pressure))
        return pressure_drop(self.problem, p)

    def _solve_energy(self) -> float:
        be = self.backend.with_dtype("f8")
        if self.energy is None:
            self.energy = Energy(self.problem, self.layout, self.backend)
        energy = self.energy
        before = energy.rise.copy()
        flux = None
        if self.flow is not None:
            flux = self.flow.mass_fluxes()
        elif self.problem.velocity is not None:
            flux = [be.asarray(m) for m in self.properties.prescribed_mass_flux(self.problem.velocity)]
        energy.assemble(self.properties.conductivity, flux, self.properties.face_heat_capacity(be))
        self.monitor.begin("energy")
        result = energy.solve()
        self.notes.append(f"energy: {'BiCGStab' if energy.advected else 'CG'} with multigrid, "
                          f"{len(energy.krylov.mg.levels)} levels, {result.iterations} iterations in the last solve, "
                          f"contraction {result.contraction:.2f}")
        temperature = energy.temperature()
        if not np.all(np.isfinite(temperature)):
            raise FloatingPointError("the temperature is not finite")
        spread = float(temperature.max() - temperature.min())
        self.monitor.record({"energy": result.last / result.first if result.first else 0.0,
                             "t_max": float(temperature.max())})
        if self.problem.properties == "variable":
            self.properties.update(temperature)
        return float(be.max_abs(energy.rise - before)) / max(spread, 1e-30)

    def _unit_responses(self) -> UnitResponses | None:
        p = self.problem
        wanted = p.settings.unit_responses and p.properties == "constant" and p.sources
        if self.energy is None or not wanted or self.monitor.stopped:
            return None
        base = np.array(self.energy.temperature() - p.reference_temperature)
        rise: list[NDArray[np.float32]] = []
        cold = (
            not self.energy.ghost.any() and p.volumetric_heat is None and all(b.heat_flux is None for b in p.boundaries)
        )
        last = len(p.sources) - 1
        for index, source in enumerate(p.sources):
            if cold and index == last and source.power > 0:  # what the others leave of the whole
                rest = base - sum(s.power * r.astype(float) for s, r in zip(p.sources, rise))
                rise.append((rest / source.power).astype(np.float32))
            else:
                rise.append(self.energy.unit_response(source.name))
        background = None if cold else base - sum(s.power * r.astype(float) for s, r in zip(p.sources, rise))
        return UnitResponses([s.name for s in p.sources], rise, background)

    def _where_not_finite(self) -> str:
        fields: list[tuple[str, Any]] = []
        if self.flow is not None:
            fields += zip(("u", "v", "w"), self.flow.velocity)
            fields.append(("pressure", self.flow.pressure))
        if self.energy is not None:
            fields.append(("temperature", self.energy.rise))
        for name, a in fields:
            bad = np.argwhere(~np.isfinite(self.backend.to_numpy(a)))
            if bad.size:
                k, j, i = bad[0] - 1
                return f"first in field {name}, cell (i, j, k) = ({i}, {j}, {k})"
        return "all stored fields are finite"

    def _solution(self, responses: UnitResponses | None, solver_seconds: float) -> Solution:
        p, lay = self.problem, self.layout
        shape = p.mesh.grid.shape
        host = self.backend.to_numpy
        nz, ny, nx = shape
        if self.flow is not None:
            pressure, u, v, w = self.flow.fields()
        else:
            pressure = np.zeros(shape)
            u, v, w = p.velocity or (np.zeros((nz, ny, nx + 1)), np.zeros((nz, ny + 1, nx)), np.zeros((nz + 1, ny, nx)))
        book: dict[str, Any] = {}
        flow_rate = drop = 0.0
        parts: dict[str, dict[str, float]] = {}
        if self.flow is not None:
            fluxes = [host(m) for m in self.flow.mass_fluxes()]
            book |= books.mass_ledger(p, lay, fluxes, self.flow.imbalance())
            at = books.pressures(p, lay, host(self.flow.pressure))
            drop = self._pressure_drop()
            flow_rate = book["mass_in"] / self.properties.inlet_density
            book["pressures"] = at
            parts = books.pressure_parts(p, lay, host(self.flow.pressure), fluxes, at)
        else:
            book |= {"mass_in": 0.0, "mass_out": 0.0, "mass_relative": 0.0, "mass_cells": 0.0, "mass_flows": {}}
        if self.energy is not None:
            e = self.energy
            flows = books.heat_by_boundary(
                p, lay, host(e.rise), [host(a) for a in e.g], [host(a) for a in e.m] if e.m else None
            )
            book |= books.heat_ledger(p, flows)
            temperature = e.temperature()
        else:
            book |= {
                "heat_in": 0.0,
                "heat_out": 0.0,
                "heat_relative": 0.0,
                "heat_imbalance": 0.0,
                "sources": {},
                "boundaries": {},
                "coolant": 0.0,
            }
            temperature = np.full(shape, p.reference_temperature)
        reason = self.monitor.verdict(book)
        return Solution(
            p,
            temperature,
            pressure,
            u,
            v,
            w,
            reason == "",
            reason or "converged",
            self.monitor.total,
            self.monitor.history,
            book,
            books.component_table(p, temperature, self._inlet_temperature()),
            drop,
            parts,
            flow_rate,
            self._inlet_temperature(),
            self.backend.name,
            self.dtype,
            time.perf_counter() - self.started,
            solver_seconds,
            peak_memory(),
            responses,
            self.notes,
        )

    def _inlet_temperature(self) -> float:
        for bc in self.problem.boundaries:
            if bc.kind == "inlet" and bc.temperature is not None and not callable(bc.temperature):
                return float(bc.temperature)
        return self.problem.reference_temperature


def pressure_drop(problem: Problem, at: dict[str, float]) -> float:
    """Mean pressure of the inlets minus that of the outlets, Pa."""
    kinds = {bc.name: bc.kind for bc in problem.boundaries}
    inlets = [p for n, p in at.items() if kinds[n] == "inlet"]
    outlets = [p for n, p in at.items() if kinds[n] == "outlet"]
    return float(np.mean(inlets) - np.mean(outlets)) if inlets and outlets else 0.0
