"""The balance of a run: mass in and out, heat in by source, out by coolant and boundaries, from the discrete fluxes."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.problem import Problem

HEAT_LIMIT = 1e-6
MASS_LIMIT = 1e-8


def boundary_flows(layout: Layout, patch: Any, face_value: Array) -> Array:
    """Values of a padded low-face array on a patch, positive into the domain, shape (m,)."""
    return face_value[layout.boundary_faces(patch)] * (1.0 if patch.side == 0 else -1.0)


def heat_by_boundary(
    problem: Problem, layout: Layout, rise: Array, g: list[Array], m: list[Array] | None
) -> dict[str, Any]:
    """Per boundary: heat conducted in and heat carried in by the coolant (relative to the reference temperature), W."""
    out: dict[str, Any] = {}
    for bc in problem.boundaries:
        patch = problem.mesh.patches[bc.name]
        face, inside, ghost = (f(patch) for f in (layout.boundary_faces, layout.inside, layout.ghosts))
        conducted = g[patch.axis][face] * (rise[ghost] - rise[inside])
        flux = 0.0 if bc.heat_flux is None else float(bc.heat_flux * layout.areas(patch).sum())
        carried = 0.0
        if m is not None:
            flow = boundary_flows(layout, patch, m[patch.axis])
            carried = float((np.maximum(flow, 0.0) * rise[ghost] + np.minimum(flow, 0.0) * rise[inside]).sum())
        out[bc.name] = {"conducted": float(conducted.sum()), "flux": flux, "carried": carried, "kind": bc.kind}
    return out


def heat_ledger(
    problem: Problem, boundaries: dict[str, Any], radiation: dict[str, dict[str, float]] | None = None,
    devices: tuple[dict[str, float], dict[str, float]] | None = None,
) -> dict[str, Any]:
    """Heat in and out of the domain, W; every boundary counts on the side its sign says, by conduction and by radiation.

    `devices`: heat into the air, and into liquids, by device.
    """
    sources = {s.name: s.power for s in problem.sources}
    extra = 0.0
    if problem.volumetric_heat is not None:
        extra = float((problem.volumetric_heat * problem.mesh.grid.volumes()).sum())
    coolant = -sum(b["carried"] for b in boundaries.values())
    walls = {n: b["conducted"] + b["flux"] for n, b in boundaries.items() if b["conducted"] or b["flux"]}
    shone = radiation["boundaries"] if radiation else {}
    air, liquid = devices or ({}, {})
    entries = [*sources.values(), extra, -coolant, *walls.values(), *shone.values(), *air.values()]
    heat_in = sum(e for e in entries if e > 0)
    heat_out = -sum(e for e in entries if e < 0)
    scale = max(heat_in, heat_out, 1e-300)
    return {
        "sources": sources,
        "volumetric": extra,
        "coolant": coolant,
        "boundaries": walls,
        "heat_in": heat_in,
        "heat_out": heat_out,
        "heat_imbalance": heat_in - heat_out,
        "heat_relative": abs(heat_in - heat_out) / scale if scale > 1e-300 else 0.0,
    } | ({"radiation": shone, "radiation_components": radiation["components"]} if radiation else {}) | (
        {"devices": air, "liquid": liquid} if devices else {})


def store(book: dict[str, Any], stored: float) -> dict[str, Any]:
    """A heat ledger with what is stored per time, W, which counts as out where it is positive."""
    heat_in, heat_out = book["heat_in"] + max(-stored, 0.0), book["heat_out"] + max(stored, 0.0)
    scale = max(heat_in, heat_out)
    return book | {"stored": stored, "heat_in": heat_in, "heat_out": heat_out, "heat_imbalance": heat_in - heat_out,
                   "heat_relative": abs(heat_in - heat_out) / scale if scale else 0.0}


def mass_ledger(problem: Problem, layout: Layout, mass_flux: list[Array], imbalance: float) -> dict[str, Any]:
    """Mass in and out, kg/s, per boundary, and the sum of the cells' imbalances relative to the throughput."""
    flows = {}
    for bc in problem.boundaries:
        patch = problem.mesh.patches[bc.name]
        flow = float(boundary_flows(layout, patch, mass_flux[patch.axis]).sum())
        if flow:
            flows[bc.name] = flow
    mass_in = sum(f for f in flows.values() if f > 0)
    mass_out = -sum(f for f in flows.values() if f < 0)
    scale = max(mass_in, mass_out) or max(float(np.abs(f).max()) for f in mass_flux) or 1.0
    return {
        "mass_flows": flows,
        "mass_in": mass_in,
        "mass_out": mass_out,
        "mass_cells": imbalance / scale,
        "mass_relative": abs(mass_in - mass_out) / scale,
    }


def component_table(
    names: list[str], component: Any, volumes: Array, temperature: Array, powers: dict[str, float], inlet_temperature: float
) -> dict[str, dict[str, float]]:
    """Per component: largest and volume-mean temperature (K), power (W), resistance to the inlet (K/W, NaN without power).

    Parameters
    ----------
    names : list of str
        Components; the cells of the first are 1 in `component`.
    component, volumes, temperature : ndarray, shape (nz, ny, nx)
        Index, m3, K.
    powers : dict
        W by component; none for those not named.
    inlet_temperature : float
        K.
    """
    out = {}
    for index, name in enumerate(names, start=1):
        cells = component == index
        if not cells.any():
            continue
        t, v = temperature[cells], volumes[cells]
        power = powers.get(name, 0.0)
        t_max, t_mean = float(t.max()), float((t * v).sum() / v.sum())
        out[name] = {"t_max": t_max, "t_mean": t_mean, "power": power,
                     "r_th": (t_max - inlet_temperature) / power if power > 0 else float("nan")}
    return out


def component_powers(powers: dict[str, float], component_of: dict[str, str]) -> dict[str, float]:
    """W by component, from W by source."""
    out: dict[str, float] = {}
    for source, power in powers.items():
        out[component_of[source]] = out.get(component_of[source], 0.0) + power
    return out


def pressures(problem: Problem, layout: Layout, pressure: Array) -> dict[str, float]:
    """Area-mean static pressure of each inlet and outlet, extrapolated to its faces where it is not given, Pa."""
    samples = pressure_samples(problem, layout)
    return {name: given + float((weight * pressure[index]).sum()) for name, (index, weight, given) in samples.items()}


def pressure_samples(problem: Problem, layout: Layout) -> dict[str, tuple[tuple[Any, ...], Array, float]]:
    """Cells, weights and constant whose sum is the mean pressure of each inlet and outlet that touches coolant."""
    fluid = layout.pad(problem.mesh.fluid)
    nothing: tuple[Any, ...] = (np.zeros(0, int),) * 3
    out: dict[str, tuple[tuple[Any, ...], Array, float]] = {}
    for bc in problem.boundaries:
        if bc.kind not in ("inlet", "outlet"):
            continue
        patch = problem.mesh.patches[bc.name]
        wet = fluid[layout.inside(patch)]
        if not wet.any():
            continue
        if bc.pressure is not None or (bc.kind == "outlet" and bc.velocity is None and bc.flow_rate is None):
            out[bc.name] = (nothing, np.zeros(0), float(bc.pressure or 0.0))
            continue
        first = tuple(i[wet] for i in layout.inside(patch))
        second = list(first)
        a = 2 - patch.axis
        second[a] = second[a] + (1 if patch.side == 0 else -1)
        h1, h2 = layout.width[patch.axis][first[a]], layout.width[patch.axis][second[a]]
        slope = np.where(fluid[tuple(second)], h1 / (h1 + h2), 0.0)  # of (near - far), to the face
        area = layout.areas(patch)[wet]
        share = area / area.sum()
        index = tuple(np.concatenate([i, j]) for i, j in zip(first, second))
        out[bc.name] = (index, np.concatenate([share * (1.0 + slope), -share * slope]), 0.0)
    return out


def passage_pressures(
    problem: Problem, layout: Layout, pressure: Array, mass_flux: list[Array], low: Any, high: Any
) -> tuple[float, float]:
    """Mean pressure where coolant enters and where it leaves a box, weighted by the mass flow through its faces, Pa."""
    fluid = layout.pad(problem.mesh.fluid)
    span = [[int(np.abs(f - v).argmin()) + 1 for f, v in zip(problem.mesh.grid.faces, corner)] for corner in (low, high)]
    flow_in = flow_out = inward = outward = 0.0
    for axis in range(3):
        for side in (0, 1):
            cut: list[Any] = [slice(span[0][d], span[1][d]) for d in (2, 1, 0)]
            cut[2 - axis] = span[side][axis]
            above = tuple(cut)
            cut[2 - axis] = span[side][axis] - 1
            below = tuple(cut)
            m = np.where(fluid[above] & fluid[below], mass_flux[axis][above], 0.0) * (1.0 if side == 0 else -1.0)
            p = 0.5 * (pressure[above] + pressure[below])
            inward += float(np.maximum(m, 0.0).sum())
            flow_in += float((np.maximum(m, 0.0) * p).sum())
            outward += float(np.maximum(-m, 0.0).sum())
            flow_out += float((np.maximum(-m, 0.0) * p).sum())
    return flow_in / max(inward, 1e-300), flow_out / max(outward, 1e-300)


def pressure_parts(
    problem: Problem, layout: Layout, pressure: Array, mass_flux: list[Array], at: dict[str, float]
) -> dict[str, dict[str, float]]:
    """Pressure drop before, along and behind every passage with fins, Pa."""
    kinds = {bc.name: bc.kind for bc in problem.boundaries}
    inlets = [p for n, p in at.items() if kinds[n] == "inlet"]
    outlets = [p for n, p in at.items() if kinds[n] == "outlet"]
    if not inlets or not outlets:
        return {}
    out = {}
    for name, (low, high) in problem.passages.items():
        enter, leave = passage_pressures(problem, layout, pressure, mass_flux, low, high)
        out[name] = {"inlet": float(np.mean(inlets)) - enter, "channel": enter - leave,
                     "outlet": leave - float(np.mean(outlets))}
    return out
