"""A finished sweep as plain data: tables, fits with their errors, warnings, figures for the report."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from coldrack.solver.characteristic.fit import ResistanceFit, describe, fit_resistance
from coldrack.solver.characteristic.measure import LAMINAR, Point
from coldrack.solver.characteristic.pressure import PressureLaw, fit_pressure
from coldrack.solver.characteristic.sweep import tables
from coldrack.solver.problem import ConstantCoolant, Problem

FEWEST = 4  # flows that determine a fit of three unknowns and say how good it is
LOST = 0.01  # share of the heat that may leave by other ways before it is said
DROP_LAW = "dp = sum of coefficient viscosity^(2 - exponent) density^(exponent - 1) flow^exponent"


def summarise_sweep(points: list[Point], problem: Problem) -> dict[str, Any]:
    """Tables of a full grid of converged points, with fits; see `coldrack.solver.output.characteristic_files.artefact`."""
    data = tables(points)
    t = data["temperature"][:, None]
    assert problem.coolant is not None
    rho, mu = problem.coolant.density(t), problem.coolant.viscosity(t)
    law = fit_pressure(data["flow"], data["pressure_drop"], rho, mu)
    fits = {n: fit_resistance(data["flow"], data["temperature"], table) for n, table in data["resistance"].items()}
    c = problem.coolant
    typed = {"density": c.rho, "viscosity": c.mu, "conductivity": c.k, "heat_capacity": c.cp} if isinstance(
        c, ConstantCoolant) else None
    return data | {
        "coolant": c.name, "properties": typed, "heat_capacity": float(np.mean(data["heat_capacity"])),
        "fits": fits, "law": law, "fit": {"resistance": {n: describe(f) for n, f in fits.items()},
                                          "pressure_drop": describe_pressure(law, data, rho, mu)},
    }


def describe_pressure(law: PressureLaw, data: dict[str, Any], rho: Any, mu: Any) -> dict[str, Any]:
    """The pressure law and its error as plain data."""
    error = law(data["flow"], rho, mu)[0] / data["pressure_drop"] - 1
    return {"law": DROP_LAW, "exponents": list(law.exponents), "coefficients": list(law.coefficients),
            "largest_error": float(np.abs(error).max()), "rms_error": float(np.sqrt(np.mean(error**2)))}


def warnings(points: list[Point], problem: Problem) -> list[str]:
    """What a user should know before the characteristic is used."""
    out = []
    reynolds = max(p.reynolds for p in points)
    if problem.turbulence is None and reynolds > LAMINAR:
        slowest = min(p.flow for p in points if p.reynolds > LAMINAR)
        out.append(f"from {slowest * 6e4:.3g} L/min on the Reynolds number exceeds {LAMINAR:g} (it reaches {reynolds:.0f}): "
                   "the flow may be turbulent there, and the case is laminar. Narrow the range, or add `turbulence`")
    share = min(p.to_coolant for p in points)
    if share < 1 - LOST:
        out.append(f"as little as {100 * share:.1f} % of the heat leaves with the coolant; the rest leaves through walls, so "
                   "the resistances depend on their ambient temperatures too")
    if not all(np.isfinite(p.heat_capacity) for p in points):
        out.append("a solid has no density or heat capacity: no thermal mass and no time constant. Add both to `materials`")
    flows = sorted({p.flow for p in points})
    if len(flows) < FEWEST:
        out.append(f"{len(flows)} flows do not determine the fit of the resistance, which takes {FEWEST}; networks use the "
                   "points")
    for t in sorted({p.temperature for p in points}):
        row = sorted((p for p in points if p.temperature == t), key=lambda p: p.flow)
        for a, b in pairwise(row):
            if b.pressure_drop <= a.pressure_drop or any(b.resistance[n] > a.resistance[n] for n in a.resistance):
                out.append(f"from {a.flow * 6e4:.4g} to {b.flow * 6e4:.4g} L/min at {t - 273.15:.4g} degC a resistance rises "
                           "or the pressure drop falls with the flow: refine the mesh, or see whether the flow is steady there")
    if problem.properties == "variable":
        out.append(f"properties follow the temperature, so the resistances hold for about {points[0].power:.4g} W")
    return out


def text(points: list[Point], data: dict[str, Any]) -> str:
    """Report: a line a point, then the fits."""
    fits: dict[str, ResistanceFit] = data["fits"]
    hottest = max(fits, key=lambda n: float(data["resistance"][n].max()))
    capacity = data["heat_capacity"]
    lines = [f"{'flow':>9} {'inlet':>8} {'R ' + hottest:>16} {'pressure drop':>14} {'time const.':>12} {'Reynolds':>9}",
             f"{'L/min':>9} {'degC':>8} {'K/W':>16} {'Pa':>14} {'s':>12}"]
    for p in sorted(points, key=lambda p: (p.temperature, p.flow)):
        lines.append(f"{p.flow * 6e4:9.4g} {p.temperature - 273.15:8.4g} {p.resistance[hottest]:16.5g} {p.pressure_drop:14.5g} "
                     f"{capacity * p.storage:12.4g} {p.reynolds:9.0f}")
    lines += ["", f"Heat capacity {capacity:.5g} J/K with the coolant inside. Fits, errors relative:"]
    for name, f in fits.items():
        slope = f" {f.slope:+.3g} (T - {f.reference - 273.15:.4g} degC)" if f.slope else ""
        lines.append(f"  R {name} = {f.constant:.5g}{slope} + {f.factor:.5g} (q / {f.flow * 6e4:.4g} L/min)^-{f.exponent:.3f} "
                     f"K/W; {_errors(f.largest_error, f.rms_error)}")
    drop = data["fit"]["pressure_drop"]
    powers = " + ".join(f"{c:.4g} mu^{2 - n:g} rho^{n - 1:g} q^{n:g}" for n, c in zip(drop["exponents"], drop["coefficients"]))
    lines.append(f"  dp = {powers} (SI); {_errors(drop['largest_error'], drop['rms_error'])}")
    return "\n".join(lines)


def _errors(largest: float, rms: float) -> str:
    return f"largest error {100 * largest:.2g} %, rms {100 * rms:.2g} %"
