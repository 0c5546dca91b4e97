"""From the solvers' state to a `Solution`: fields on the host, ledger, component temperatures."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from coldrack.solver.machine import peak_memory
from coldrack.solver.physics import device_figures
from coldrack.solver.physics import ledger as books
from coldrack.solver.problem import Problem
from coldrack.solver.solution import Solution, UnitResponses

NO_HEAT: dict[str, Any] = {"heat_in": 0.0, "heat_out": 0.0, "heat_relative": 0.0, "heat_imbalance": 0.0, "sources": {},
                           "boundaries": {}, "coolant": 0.0}
NO_MASS: dict[str, Any] = {"mass_in": 0.0, "mass_out": 0.0, "mass_relative": 0.0, "mass_cells": 0.0, "mass_flows": {}}


def collect(run: Any, responses: UnitResponses | None = None, reason: str = "") -> Solution:
    """The solution that a run holds now; `reason` says why it is none yet, else the monitor judges."""
    p, monitor = run.problem, run.monitor
    flow = _flow_figures(run)
    solved = run.energy is not None and run.passes > 0
    temperature = run.energy.temperature() if solved else np.full(p.mesh.grid.shape, p.reference_temperature)
    book = flow["book"] | (_heat(run) if solved and run.energy.g else NO_HEAT)
    if hasattr(run, "heat_ledger"):  # of a run in time
        book |= run.heat_ledger()
    reason = reason or monitor.verdict(book)
    inlet = inlet_temperature(p)
    table = _components(p, temperature, inlet) if solved else {}
    devices = _devices(run, run.energy if solved else None)
    turbulence, averaged = _turbulence(run), _averaged(run)  # before the notes are taken
    if held := run.backend.held():
        run.notes["backend"] = f"backend: {run.backend.description}; {held / 1e6:.0f} MB of its memory taken"
    pressure, u, v, w = fields(run)  # last: the figures' copies are gone by now
    return Solution(
        problem=p, temperature=temperature, pressure=pressure, u=u, v=v, w=w,
        converged=not reason, reason=reason or "converged", iterations=monitor.flow_total or monitor.total,
        history={n: list(c) for n, c in monitor.history.items()}, ledger=book,
        components=table, devices=devices, pressure_drop=flow["drop"], pressure_parts=flow["parts"],
        flow_rate=flow["rate"], inlet_temperature=inlet, device=run.backend.name, dtype=run.dtype,
        wall_seconds=time.perf_counter() - run.started, solver_seconds=time.perf_counter() - monitor.started,
        peak_memory_bytes=peak_memory(), responses=responses, notes=list(run.notes.values()), passes=run.passes,
        step=run.flow.step if run.flow is not None else 0, turbulence=turbulence,
        averaged=averaged)


def _turbulence(run: Any) -> dict[str, Any]:
    """Fields of the turbulence model; notes its limiters."""
    eddies = getattr(run.flow, "eddies", None)
    if eddies is None:
        return {}
    held = [f"{name} in {count} cells" for name, count in eddies.limited(run.flow).items() if count]
    run.notes["turbulence"] = f"turbulence: {run.problem.turbulence.model}; {'; '.join(held) or 'no limiter active'}"
    return eddies.fields()


def _averaged(run: Any) -> dict[str, Any]:
    """Mean, half range and drift over a cycle of the iteration, and how long it was; empty if the flow settled."""
    mean = getattr(run, "mean", None)
    if mean is None:
        return {}
    values = {name: {"mean": m, "half_range": h, "drift": d} for name, (m, h, d) in mean.swings().items()}
    return {"iterations": mean.count, "period": mean.period, "values": values}


def _devices(run: Any, energy: Any) -> dict[str, dict[str, dict[str, float]]]:
    """Figures of the devices; notes fans that are not on their curve."""
    if getattr(run, "devices", None) is None:
        return {}
    if run.flow is not None and (beyond := device_figures.outside(run.devices, run.flow)):
        run.notes["fans"] = "; ".join(beyond)
    return device_figures.figures(run.devices, run.flow, energy)


def fields(run: Any) -> tuple[Any, Any, Any, Any]:
    """(p, u, v, w) on the host: solved, prescribed, or zero."""
    if run.flow is not None:
        return run.window.fill(run.flow.fields())
    nz, ny, nx = run.problem.mesh.grid.shape
    still = (np.zeros((nz, ny, nx + 1)), np.zeros((nz, ny + 1, nx)), np.zeros((nz + 1, ny, nx)))
    u, v, w = run.problem.velocity or still
    return np.zeros((nz, ny, nx)), u, v, w


def _flow_figures(run: Any) -> dict[str, Any]:
    if run.flow is None:
        return {"book": NO_MASS, "drop": 0.0, "rate": 0.0, "parts": {}}
    p, lay, host = run.problem, run.layout, run.backend.to_numpy
    fill, be = run.window.fill_padded, run.flow.be
    fluxes = [host(fill(m, be)) for m in run.flow.mass_fluxes()]
    pressure = host(fill(run.flow.pressure, be))
    at = books.pressures(p, lay, pressure)
    book = books.mass_ledger(p, lay, fluxes, run.flow.imbalance()) | {"pressures": at}
    return {"book": book, "drop": run.probe(run.flow.pressure), "rate": book["mass_in"] / run.properties.inlet_density,
            "parts": books.pressure_parts(p, lay, pressure, fluxes, at)}


def _components(p: Problem, temperature: Any, inlet: float) -> dict[str, dict[str, float]]:
    mesh = p.mesh
    powers = books.component_powers({s.name: s.power for s in p.sources}, {s.name: s.component for s in p.sources})
    return books.component_table(mesh.components, mesh.component, mesh.grid.volumes(), temperature, powers, inlet)


def _heat(run: Any) -> dict[str, Any]:
    e, host = run.energy, run.backend.to_numpy
    flows = books.heat_by_boundary(run.problem, run.layout, host(e.rise), [host(a) for a in e.g],
                                   [host(a) for a in e.m] if e.m else None)
    for bc in run.problem.boundaries if run.defect else ():
        patch = run.problem.mesh.patches[bc.name]
        flows[bc.name]["carried"] += float(books.boundary_flows(run.layout, patch, run.defect[patch.axis]).sum())
    for skeleton in run.devices.skeletons if getattr(run, "devices", None) is not None else ():
        for name, heat in skeleton.conducted().items():
            flows[name]["conducted"] += heat
    devices = run.devices.heats(e) if getattr(run, "devices", None) is not None else None
    return books.heat_ledger(run.problem, flows, e.radiation.ledger() if e.radiation else None, devices)


def inlet_temperature(problem: Problem) -> float:
    """Temperature that resistances refer to: of the first inlet that has one, else the reference, K."""
    for bc in problem.boundaries:
        if bc.kind == "inlet" and bc.temperature is not None and not callable(bc.temperature):
            return float(bc.temperature)
    return problem.reference_temperature
