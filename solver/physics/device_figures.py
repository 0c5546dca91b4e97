"""What devices do, from the fields of a run: flows, pressures, temperatures and heats, by name."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from coldrack.solver.devices import Porous, Screen
from coldrack.solver.physics.devices import Devices
from coldrack.solver.physics.faces import areas, face_index, step
from coldrack.solver.physics.flow_boundary import COOLANT, OPEN
from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.problem import Problem

Figures = dict[str, dict[str, dict[str, float]]]
GROUPS = ("servers", "coolers", "fans", "exchangers", "porous", "screens")


def figures(devices: Devices, flow: Any, energy: Any) -> Figures:
    """Groups of `GROUPS` that the problem has, each by name. SI and kelvin; NaN for what is not solved or not given."""
    out: Figures = {group: {} for group in GROUPS}
    for u, values in zip(devices.units.units, _units(devices, energy)):
        out[f"{u.kind}s"][u.name] = values
    if flow is not None:
        out["fans"] = _fans(devices, flow)
        host = flow.be.to_numpy
        pressure, rho = host(flow.pressure), host(flow.rho)
        velocity = [host(u) for u in flow.velocity]
        for d in devices.problem.devices:
            if isinstance(d, Screen):
                out["screens"][d.name] = _screen(d, devices.layout, velocity[d.plane.axis], rho, devices.problem)
            elif isinstance(d, Porous):
                drop = _pressure_drop(d, devices.layout, flow.boundary.kind, pressure, velocity)
                out["porous"][d.name] = {"pressure_drop": drop}
    if energy is not None:
        for s in devices.skeletons:
            out["porous"].setdefault(s.device.name, {}).update(s.figures(devices.reference))
    if energy is not None and energy.m is not None:
        out["exchangers"] = {e.device.name: e.figures(energy, devices.reference) for e in devices.exchangers}
    return {group: values for group, values in out.items() if values}


def _units(devices: Devices, energy: Any) -> list[dict[str, float]]:
    units = devices.units
    count = len(units.units)
    nothing = np.full(count, np.nan)
    mean, largest, outlet = nothing, nothing, nothing
    if energy is not None and count:
        mean, largest = (a + devices.reference for a in units.inlet_rise(energy.rise))
        outlet = units.rise + devices.reference
    heat = units.mass_flow() * units.heat_capacity * (outlet - mean) + units.defect if count else nothing
    return [{"inlet_mean": float(a), "inlet_max": float(b), "outlet_mean": float(c), "flow_rate": float(q), "heat": float(h)}
            for a, b, c, q, h in zip(mean, largest, outlet, units.flow, heat)]


def _fans(devices: Devices, flow: Any) -> dict[str, dict[str, float]]:
    """Fans in planes, and those of units."""
    fans, units, out = devices.fans, devices.units, {}
    flows = {axis: fans.flows(axis, flow.velocity[axis]) for axis in fans.axes}
    for n, (fan, curve) in enumerate(zip(fans.fans, fans.curves)):
        out[fan.name] = _fan(float(flows[fan.plane.axis][n]), curve, fan.efficiency)
    for unit, own, q in zip(units.units, units.curves, units.flow):
        if own is not None:
            out[unit.name] = _fan(float(q), own, unit.efficiency)
    return out


def _fan(flow: float, curve: Any, efficiency: float | None) -> dict[str, float]:
    pressure = curve(flow)[0]
    return {"flow_rate": flow, "pressure": pressure, "power": flow * pressure / efficiency if efficiency else math.nan}


def outside(devices: Devices, flow: Any) -> list[str]:
    """Fans whose flow is not on their curve, in words."""
    curves = dict(zip((f.name for f in devices.fans.fans), devices.fans.curves))
    curves |= {u.name: c for u, c in zip(devices.units.units, devices.units.curves) if c is not None}
    flows = {name: values["flow_rate"] for name, values in _fans(devices, flow).items()}
    return [f"fan {name}: {reason}" for name, curve in curves.items() if (reason := curve.beyond(flows[name]))]


def _screen(screen: Screen, layout: Layout, velocity: Array, rho: Array, problem: Problem) -> dict[str, float]:
    axis = screen.plane.axis
    face = face_index(layout, axis, screen.plane.faces)
    area, u = areas(layout, axis, face), velocity.reshape(-1)[face]
    wet = layout.pad(problem.mesh.fluid.astype(float)).reshape(-1)
    low = face - step(layout, axis)
    density = rho.reshape(-1)
    mean = (wet[low] * density[low] + wet[face] * density[face]) / (wet[low] + wet[face])
    drop = screen.resistance * u + 0.5 * screen.loss * mean * u * abs(u)
    return {"flow_rate": float((u * area).sum()), "pressure": float((drop * area).sum() / area.sum())}


def _pressure_drop(block: Porous, layout: Layout, kind: Any, pressure: Array, velocity: list[Array]) -> float:
    """Mean pressure where coolant enters a block minus that where it leaves, weighted by flow, Pa.

    That is the pressure of the cell outside; where there is none, as at an inlet of given velocity, that inside goes on.
    """
    inside = layout.pad(block.cells)
    totals = np.zeros((2, 2))
    for axis, u in enumerate(velocity):
        a = 2 - axis
        here, below = np.moveaxis(inside, a, 0)[1:], np.moveaxis(inside, a, 0)[:-1]
        p, v = np.moveaxis(pressure, a, 0), np.moveaxis(u, a, 0)[1:]
        there, width = np.moveaxis((kind == COOLANT) | (kind == OPEN), a, 0), layout.width[axis][:, None, None]
        slope = (p[1:] - p[:-1]) / (width[1:] + width[:-1])  # over twice the distance
        first, last = (np.zeros_like(p) for _ in range(2))
        first[1:-1] = p[1:-1] - width[1:-1] * slope[1:]
        last[1:-1] = p[1:-1] + width[1:-1] * slope[:-1]
        before, behind = np.where(there[:-1], p[:-1], first[1:]), np.where(there[1:], p[1:], last[:-1])
        area = np.ones(layout.shape)
        for d in range(3):
            if d != axis:
                area = area * layout.width[d].reshape([-1 if 2 - d == e else 1 for e in range(3)])
        flow = v * np.moveaxis(area, a, 0)[1:]
        for edge, out, sign in ((here & ~below, before, 1.0), (below & ~here, behind, -1.0)):
            q = sign * flow[edge]
            for row, part in enumerate((np.maximum(q, 0.0), np.maximum(-q, 0.0))):
                totals[row] += part.sum(), (part * out[edge]).sum()
    if not totals[:, 0].all():
        return 0.0
    return float(totals[0, 1] / totals[0, 0] - totals[1, 1] / totals[1, 0])
