"""The ledger of a run as text."""

from __future__ import annotations

from typing import Any

from coldrack.solver.output.air_table import air_tables
from coldrack.solver.physics.ledger import HEAT_LIMIT, MASS_LIMIT

ZERO_CELSIUS = 273.15


def report(summary: dict[str, Any]) -> str:
    """Heat, mass and pressure balance and the component table of a summary."""
    lines = [*_run(summary), *_heat(summary["ledger"]), *_flow(summary), *device_lines(summary), *_air(summary),
             *_components(summary)]
    return "\n".join(lines) + "\n"


def _run(s: dict[str, Any]) -> list[str]:
    state = "converged" if s["converged"] else f"NOT CONVERGED: {s['reason']}"
    return [s["title"], f"{state}; {s['cells']:,} cells, {s['iterations']} iterations, {s['wall_seconds']:.1f} s on "
            f"{s['device']} ({s['dtype']}), peak memory {s['peak_memory_bytes'] / 1e6:.0f} MB",
            *(f"  {n}" for n in s["notes"]), ""]


def _heat(book: dict[str, Any]) -> list[str]:
    if book["heat_in"] == 0 and book["heat_out"] == 0:
        return []
    lines = ["Heat ledger, W                 in          out"]
    entries = [(f"source {n}", v) for n, v in book["sources"].items()]
    if book.get("volumetric"):
        entries.append(("volumetric", book["volumetric"]))
    entries += [("carried by the coolant", -book["coolant"])] if book["coolant"] else []
    least = 1e-6 * max(book["heat_in"], book["heat_out"])  # an inlet also conducts a trace of heat
    entries += [(f"boundary {n}", v) for n, v in book["boundaries"].items() if abs(v) > least]
    entries += [(f"device {n}", v) for n, v in book.get("devices", {}).items()]
    entries += [(f"radiation {n}", v) for n, v in book.get("radiation", {}).items() if abs(v) > least]
    entries += [("stored, mean over time", -book["stored"])] if "stored" in book else []
    for name, value in entries:
        lines.append(f"  {name:<22} {value:>12.4f}" if value >= 0 else f"  {name:<22} {'':>12} {-value:>12.4f}")
    lines.append(f"  {'sum':<22} {book['heat_in']:>12.4f} {book['heat_out']:>12.4f}")
    lines.append(f"  imbalance {book['heat_relative']:.1e} of the heat (limit {HEAT_LIMIT:.0e})")
    lines += [f"  into liquid, {n}: {v:.4f} W" for n, v in book.get("liquid", {}).items()]
    return [*lines, ""]


def _flow(s: dict[str, Any]) -> list[str]:
    book = s["ledger"]
    if not book["mass_flows"]:
        return []
    lines = ["Mass ledger, kg/s              in          out"]
    for name, value in book["mass_flows"].items():
        lines.append(f"  {name:<22} {value:>12.6f}" if value >= 0 else f"  {name:<22} {'':>12} {-value:>12.6f}")
    lines.append(f"  imbalance {book['mass_relative']:.1e} of the flow (limit {MASS_LIMIT:.0e})")
    if s["flow_rate"]:
        lines += ["", f"Flow {s['flow_rate'] * 6e4:.4g} L/min, pressure drop {s['pressure_drop']:.5g} Pa"]
    for part, split in (s["pressure_drop_parts"] or {}).items():
        lines.append(f"  {part}: " + ", ".join(f"{n} {v:.4g} Pa" for n, v in split.items()))
    return [*lines, ""]


# Tables of devices: group of the summary, title, and columns (key, heading, unit, factor, offset, decimals).
UNIT_COLUMNS = (("inlet_mean", "inlet", "degC", 1.0, -ZERO_CELSIUS, 2), ("inlet_max", "highest", "degC", 1.0, -ZERO_CELSIUS, 2),
                ("outlet_mean", "outlet", "degC", 1.0, -ZERO_CELSIUS, 2), ("flow_rate", "flow", "m3/h", 3600.0, 0.0, 2),
                ("heat", "heat", "W", 1.0, 0.0, 2))
FLOW_COLUMNS = (("flow_rate", "flow", "m3/h", 3600.0, 0.0, 2), ("pressure", "pressure", "Pa", 1.0, 0.0, 3))
TABLES: tuple[tuple[str, str, tuple[tuple[str, str, str, float, float, int], ...]], ...] = (
    ("servers", "Server", UNIT_COLUMNS),
    ("coolers", "Cooler", UNIT_COLUMNS),
    ("exchangers", "Heat exchanger", (
        ("air_in", "air in", "degC", 1.0, -ZERO_CELSIUS, 2), ("air_out", "air out", "degC", 1.0, -ZERO_CELSIUS, 2),
        ("heat", "heat", "W", 1.0, 0.0, 2))),
    ("fans", "Fan", (*FLOW_COLUMNS, ("power", "power", "W", 1.0, 0.0, 2))),
    ("screens", "Screen", FLOW_COLUMNS),
    ("porous", "Porous block", (
        ("pressure_drop", "drop", "Pa", 1.0, 0.0, 3), ("solid_mean", "skeleton", "degC", 1.0, -ZERO_CELSIUS, 2),
        ("solid_max", "hottest", "degC", 1.0, -ZERO_CELSIUS, 2))),
)


def device_lines(summary: dict[str, Any]) -> list[str]:
    """Tables of servers, coolers, heat exchangers, fans, screens and porous blocks, as far as there are any."""
    lines: list[str] = []
    for group, title, columns in TABLES:
        if not summary.get(group):
            continue
        lines += [f"{first:<20} " + " ".join(f"{c[row]:>10}" for c in columns) for row, first in ((1, title), (2, ""))]
        for name, values in summary[group].items():
            cells = ("-" if (v := values.get(key)) is None else f"{v * factor + offset:.{decimals}f}"
                     for key, _, _, factor, offset, decimals in columns)
            lines.append(f"{name:<20} " + " ".join(f"{cell:>10}" for cell in cells))
        lines.append("")
    return lines


def _air(s: dict[str, Any]) -> list[str]:
    """Classes, margins and indices of the servers' air."""
    return [air_tables(s["air"], s["servers"])] if s.get("air") else []


def _components(s: dict[str, Any]) -> list[str]:
    return component_lines(s["components"])


def component_lines(components: dict[str, Any]) -> list[str]:
    """Table of component temperatures."""
    if not components:
        return []
    lines = [f"{'Component':<20} {'T_max':>9} {'T_mean':>9} {'power':>9} {'R_th':>10}",
             f"{'':<20} {'degC':>9} {'degC':>9} {'W':>9} {'K/W':>10}"]
    for name, c in components.items():
        r = f"{c['r_th']:>10.5f}" if c["r_th"] is not None else f"{'-':>10}"
        power = f"{c['power']:>9.2f}" if c["power"] else f"{'-':>9}"
        lines.append(f"{name:<20} {c['t_max'] - ZERO_CELSIUS:>9.3f} {c['t_mean'] - ZERO_CELSIUS:>9.3f} {power} {r}")
    return lines
