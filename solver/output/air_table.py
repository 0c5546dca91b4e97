"""Tables of the air for people: text for the terminal, markdown for a report. Temperatures in degC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coldrack.solver.output.air_metrics import ENVELOPES, ZERO_CELSIUS, Servers

MISSING = "-"
REMARK = "remark"


def air_tables(air: Mapping[str, Any], servers: Servers, fans: Mapping[str, Mapping[str, float | None]] | None = None,
               markdown: bool = False, every: bool = False) -> str:
    """Envelopes, indices, servers and fans as tables.

    Parameters
    ----------
    air : mapping
        From `air_metrics`.
    servers, fans : mapping
        As in ``summary.json``.
    markdown : bool
        Markdown instead of text.
    every : bool
        All servers instead of the ten hottest.
    """
    names = sorted(servers, key=lambda n: -servers[n]["inlet_mean"]) if every else air["hottest"]
    title = f"Servers, hottest inlet first ({len(names)} of {len(servers)})"
    parts = [_section("ASHRAE TC 9.9 envelopes (2021)", _envelopes(air, len(servers)), markdown),
             _section("Air management", _indices(air), markdown), _section(title, _servers(air, servers, names), markdown)]
    if fans:
        parts.append(_section("Fans", _fans(fans), markdown))
    return "\n\n".join(parts) + "\n"


def _section(title: str, rows: list[list[str]], markdown: bool) -> str:
    """A title and a table; names and remarks are left-aligned, figures right-aligned."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    left = [not n or head == REMARK for n, head in enumerate(rows[0])]
    cells = [[c.ljust(w) if side else c.rjust(w) for c, w, side in zip(row, widths, left)] for row in rows]
    if not markdown:
        return "\n".join([title, *("  " + "  ".join(row).rstrip() for row in cells)])
    rule = ["-" * w if side else "-" * (w - 1) + ":" for w, side in zip(widths, left)]
    return "\n".join([f"### {title}", "", *("| " + " | ".join(row) + " |" for row in [cells[0], rule, *cells[1:]])])


def _celsius(kelvin: float | None, digits: int = 1) -> str:
    return MISSING if kelvin is None else f"{kelvin - ZERO_CELSIUS:.{digits}f}"


def _number(value: float | None, digits: int = 1, sign: str = "") -> str:
    return MISSING if value is None else f"{value:{sign}.{digits}f}"


def _envelopes(air: Mapping[str, Any], count: int) -> list[list[str]]:
    rows = [["envelope", "low/degC", "high/degC", "servers", "margin high/K", "margin low/K", "RCI_HI/%", "RCI_LO/%"]]
    for name, e in air["envelopes"].items():
        rows.append([name, _celsius(e["low"], 0), _celsius(e["high"], 0), f"{e['within']} of {count}",
                     _number(e["margin_high"], 1, "+"), _number(e["margin_low"], 1, "+"), _number(e.get("rci_hi")),
                     _number(e.get("rci_lo"))])
    return rows


def _indices(air: Mapping[str, Any]) -> list[list[str]]:
    rows = [["figure", "value", "unit", REMARK]]
    for key, label, digits in (("shi", "SHI", 3), ("rhi", "RHI", 3), ("rti", "RTI", 1)):
        unit = "%" if key == "rti" else "-"
        rows.append([label, _number(air[key], digits), unit, air["undefined"].get(key) or _verdict(key, air[key])])
    rows += [["supply", _celsius(air["supply_temperature"]), "degC", ""],
             ["return", _celsius(air["return_temperature"]), "degC", ""],
             ["rise in servers", _number(air["server_rise"]), "K", ""],
             ["flow of servers", _number(air["server_flow"], 3), "m3/s", ""],
             ["flow of supply", _number(air["supply_flow"], 3), "m3/s", ""]]
    return rows


def _verdict(key: str, value: float) -> str:
    """What an index says in words."""
    if key == "rti":
        return "net recirculation" if value > 100.5 else "net bypass" if value < 99.5 else "balanced"
    return f"{100 * value:.1f} % of the exhaust's heat {'was in the inlets' if key == 'shi' else 'is from the servers'}"


def _servers(air: Mapping[str, Any], servers: Servers, names: Sequence[str]) -> list[list[str]]:
    header = ["server", "inlet/degC", "max/degC", "outlet/degC", "flow/(L/s)", "heat/W", "class"]
    rows = [[*header, *(f"to {n}/K" for n in ENVELOPES if n != "recommended")]]
    for name in names:
        s, a = servers[name], air["servers"][name]
        rows.append([name, _celsius(s["inlet_mean"]), _celsius(s["inlet_max"]), _celsius(s["outlet_mean"]),
                     _number(1e3 * s["flow_rate"]), _number(s["heat"], 0), a["class"] or "none",
                     *(_number(v, 1, "+") for n, v in a["margins"].items() if n != "recommended")])
    return rows


def _fans(fans: Mapping[str, Mapping[str, float | None]]) -> list[list[str]]:
    rows = [["fan", "flow/(L/s)", "pressure/Pa", "power/W"]]
    for name, f in fans.items():
        flow = f.get("flow_rate")
        rows.append([name, _number(None if flow is None else 1e3 * flow), _number(f.get("pressure"), 2),
                     _number(f.get("power"))])
    return rows
