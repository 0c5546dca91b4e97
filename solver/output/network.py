"""Report of a coolant network."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.output.report import ZERO_CELSIUS
from coldrack.solver.system import Table

MOST_ROWS = 60
SHORTENED = 10
MOST_SOURCES = 16


def report(summary: dict[str, Any], tables: dict[str, Table]) -> str:
    """Operating points, exchangers, branches and the ledger as text."""
    net = summary["network"]
    lines = [*_head(summary), *_pumps(net["pumps"]), *_exchangers(net["exchangers"]), *_branches(net["branches"]),
             *ledger(summary["ledger"])]
    return "\n".join(lines) + "\n"


def _head(s: dict[str, Any]) -> list[str]:
    net = s["network"]
    state = "converged" if s["converged"] else f"NOT CONVERGED: {s['reason']}"
    return [s["title"], f"{state}; {len(net['nodes']):,} nodes, {len(net['branches']):,} branches, {net['iterations']} "
            f"iterations, {net['solve_seconds']:.3f} s", *(f"  {n}" for n in s["notes"]), ""]


def _celsius(t: float | None) -> str:
    return f"{t - ZERO_CELSIUS:8.2f}" if t is not None else f"{'':8}"


def _pumps(pumps: dict[str, Any]) -> list[str]:
    if not pumps:
        return []
    out = [f"{'Pumps':<24} running  L/min each      kPa  W hydraulic  W electric  efficiency"]
    for name, p in pumps.items():
        power = f"{p['electric_power']:12.1f}" if p.get("electric_power") is not None else f"{'not known':>12}"
        share = f"{p['efficiency']:12.3f}" if p.get("efficiency") is not None else ""
        out.append(f"  {name:<22} {p['running']:7.0f} {p['flow_rate'] * 6e4:11.3f} {p['rise'] / 1e3:8.2f} "
                   f"{p['hydraulic_power']:12.1f}{power}{share}")
    return [*out, ""]


def _exchangers(exchangers: dict[str, Any]) -> list[str]:
    if not exchangers:
        return []
    out = [f"{'Heat exchangers':<24}      kW  effectiveness  first degC in > out    second degC in > out    approach K"]
    for name, e in exchangers.items():
        first, second = (f"{_celsius(e[f'{s}_inlet'])} > {_celsius(e[f'{s}_outlet'])}" for s in ("first", "second"))
        out.append(f"  {name:<22} {e['heat'] / 1e3:7.3f} {e['effectiveness']:14.4f} {first} {second} {e['approach']:11.2f}")
    return [*out, ""]


def _branches(branches: dict[str, Any]) -> list[str]:
    shown = list(branches)
    note = []
    if len(shown) > MOST_ROWS:
        shown = sorted(shown, key=lambda n: -branches[n]["outlet_temperature"])[:SHORTENED]
        flows = np.array([abs(b["flow_rate"]) for b in branches.values()]) * 6e4
        note = [f"  the {SHORTENED} warmest of {len(branches):,}, whose flows are {flows.min():.4g} to {flows.max():.4g} "
                "L/min; branches.csv has all"]
    chips = any("component_temperature" in branches[n] for n in shown)
    out = [f"{'Branches':<24} kind              L/min    m/s       kPa   degC in  degC out          W"
           + ("  degC chip" if chips else "")]
    for name in shown:
        b = branches[name]
        speed = f"{b['velocity']:6.2f}" if "velocity" in b else f"{'':6}"
        chip = f"  {_celsius(b.get('component_temperature'))}" if chips else ""
        out.append(f"  {name:<22} {b['kind']:<14} {b['flow_rate'] * 6e4:8.3f} {speed} {b['pressure_drop'] / 1e3:9.3f}  "
                   f"{_celsius(b['inlet_temperature'])}  {_celsius(b['outlet_temperature'])} {b['heat']:10.2f}{chip}".rstrip())
    return [*out, *note, ""]


def ledger(book: dict[str, Any]) -> list[str]:
    """Heat and mass ledger of a network."""
    entries = [(f"source {n}", v) for n, v in book["sources"].items()]
    if len(entries) > MOST_SOURCES:
        entries = [(f"{len(entries):,} sources", sum(v for _, v in entries))]
    entries += [("friction", book["friction"]), ("losses of pumps", book["pump_losses"]), ("ambient", book["ambient"])]
    entries += [(f"carried out of {n}", -v) for n, v in book["loops"].items()]
    out = ["Heat ledger, W                 in          out"]
    for name, value in entries:
        if abs(value) > 1e-9 * max(book["heat_in"], 1.0):
            out.append(f"  {name:<22} {value:>12.3f}" if value >= 0 else f"  {name:<22} {'':>12} {-value:>12.3f}")
    out.append(f"  {'sum':<22} {book['heat_in']:>12.3f} {book['heat_out']:>12.3f}")
    return [*out, f"  imbalance {book['heat_relative']:.1e} of the heat; of mass at the nodes {book['mass_relative']:.1e} of "
            "the largest flow"]
