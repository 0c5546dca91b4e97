"""Report of a rack with its coolant and air."""

from __future__ import annotations

from typing import Any

from coldrack.solver.output.report import ZERO_CELSIUS
from coldrack.solver.system import Table

Rows = list[dict[str, Any]]
LEVELS = {
    "chip": ("Chips", (("power", "power"), ("leakage", "of it leakage"), ("to_plates", "into plates"),
                       ("to_air", "into the air"))),
    "plate": ("Plates", (("from_chips", "from chips"), ("to_coolant", "into the coolant"))),
    "tray": ("Trays", (("power", "power, with fans"), ("to_coolant", "out by the coolant"), ("to_air", "out by the air"))),
    "rack": ("Rack's coolant", (("to_plates", "from plates"), ("pumps_to_coolant", "from pumps"),
                                ("losses_to_air", "lost to the air"), ("coolant", "carried to the return"))),
    "cdu": ("CDU", (("from_coolant", "from the coolant"), ("to_facility", "to facility water"), ("power", "electric power"),
                    ("to_air", "of it to the air"))),
    "facility": ("Outside", (("cdu", "from the CDU"), ("door", "from the door"), ("heat", "carried out"))),
    "room_air": ("Room", (("it_power", "chips and electronics"), ("fan_power", "fans"), ("pump_power", "pumps and control"),
                          ("heat_liquid", "to the liquid outside"), ("heat", "to the room's air")))}


def report(summary: dict[str, Any], tables: dict[str, Table]) -> str:
    """Rack, trays, hottest chips, pumps, limits and the ledger by level."""
    s = summary
    lines = [*_head(s), *_rack(s["rack"]), *_trays(s["trays"]), *_hottest(s, tables["chips"]), *_spread(s["maldistribution"]),
             *_pumps(s["pumps"]), *_limits(s["limits"]), *_ledger(s["ledger"])]
    return "\n".join(lines) + "\n"


def _head(s: dict[str, Any]) -> list[str]:
    state = "converged" if s["converged"] else f"NOT CONVERGED: {s['reason']}"
    return [s["title"], f"{state}; {s['rack']['rounds']} rounds, {s['wall_seconds']:.2f} s", *(f"  {n}" for n in s["notes"]),
            ""]


def _degrees(t: float | None) -> str:
    return "-" if t is None or t != t else f"{t - ZERO_CELSIUS:.2f}"


def _rack(r: dict[str, Any]) -> list[str]:
    """Powers, streams, work."""
    lines = [f"Rack {r['type']}".rstrip() + f", {r['utilisation']:.0%} of full work asked for",
             f"  power {r['power'] / 1e3:.3f} kW: chips and electronics {r['it_power'] / 1e3:.3f}, fans "
             f"{r['fan_power'] / 1e3:.3f}, "
             f"pumps and control {r['pump_power'] / 1e3:.3f}",
             f"  heat to liquid {r['heat_liquid'] / 1e3:.3f} kW ({r['liquid_share']:.1%}), to the room "
             f"{r['heat_air'] / 1e3:.3f} kW",
             f"  work of the GPUs done {r['work']:.2%} of what was asked for, hottest chip {_degrees(r['hottest'])} degC"]
    for key, name in (("coolant", "coolant of the plates"), ("outside", "from outside")):
        if key in r:
            c = r[key]
            lines.append(f"  {name}: {c.get('name') or c.get('coolant')}, {c['flow_rate'] * 6e4:.2f} L/min, "
                         f"{_degrees(c['supply_temperature'])} to {_degrees(c['return_temperature'])} degC, "
                         f"{c['pressure_drop'] / 1e3:.2f} kPa")
    door = f", {_degrees(r['air_out'])} behind the door ({r['door_heat'] / 1e3:.3f} kW)" if r["door_heat"] else ""
    lines.append(f"  air: {r['air_flow'] * 3600:.0f} m3/h, {_degrees(r['air_in'])} to {_degrees(r['air_behind_trays'])} degC "
                 f"behind the trays{door}")
    return [*lines, ""]


def _trays(trays: Rows) -> list[str]:
    """One line a tray, from the top down as they stand."""
    heads = ("U", "power W", "liquid W", "air W", "L/min", "in degC", "out degC", "m3/h", "fans %", "hot degC")
    lines = [f"{'Tray':<14}" + "".join(f"{h:>10}" for h in heads)]
    for t in sorted(trays, key=lambda t: -t["unit"]):
        cells = (f"{t['unit']:.0f}", f"{t['power']:.1f}", f"{t['heat_liquid']:.1f}", f"{t['heat_air']:.1f}",
                 f"{t['flow_rate'] * 6e4:.3f}" if t["flow_rate"] else "-", _degrees(t["coolant_in"]),
                 _degrees(t["coolant_out"]), f"{t['air_flow'] * 3600:.1f}", f"{t['fan_speed'] * 100:.1f}",
                 _degrees(t["hottest"]))
        lines.append(f"{t['name']:<14}" + "".join(f"{c:>10}" for c in cells))
    return [*lines, ""]


def _hottest(s: dict[str, Any], chips: Table) -> list[str]:
    """Chips with the least margin."""
    if not s["hottest"]:
        return []
    c: dict[str, Any] = chips.columns
    heads = ("degC", "margin K", "W", "clock %", "L/min", "kPa", "in degC")
    lines = [f"{'Least margin':<18}" + "".join(f"{h:>10}" for h in heads)]
    for name in s["hottest"]:
        n = c["name"].index(name)
        wet = c["flow_rate"][n] == c["flow_rate"][n]
        cells = (_degrees(c["temperature"][n]), f"{c['margin'][n]:.2f}", f"{c['power'][n]:.1f}", f"{c['work'][n] * 100:.1f}",
                 f"{c['flow_rate'][n] * 6e4:.3f}" if wet else "-", f"{c['pressure_drop'][n] / 1e3:.2f}" if wet else "-",
                 _degrees(c["coolant_in"][n] if wet else c["air_in"][n]))
        lines.append(f"{name:<18}" + "".join(f"{v:>10}" for v in cells))
    return [*lines, ""]


def _spread(groups: dict[str, Any]) -> list[str]:
    if not groups:
        return []
    lines = [f"{'Equal chips':<32}{'number':>8}{'flow min/mean':>15}{'max/mean':>10}{'spread K':>10}"]
    for name, g in groups.items():
        low, high = (f"{g[k]:.4f}" if k in g else "-" for k in ("flow_min_over_mean", "flow_max_over_mean"))
        lines.append(f"{name:<32}{g['count']:8d}{low:>15}{high:>10}{g['temperature_spread']:10.3f}")
    return [*lines, ""]


def _pumps(pumps: dict[str, Any]) -> list[str]:
    if not pumps:
        return []
    lines = []
    for name, p in pumps.items():
        x = p["exchanger"]
        lines += [f"Pumps of {name}: {p['running']} of {p['installed']} run at {p['speed']:.1%}, {p['flow_rate'] * 6e4:.2f} "
                  f"L/min, "
                  f"{p['pressure'] / 1e3:.2f} kPa, {p['power']:.1f} W",
                  f"  exchanger: {x['water_flow'] * 6e4:.2f} L/min of facility water, valve "
                  f"{'open' if x['valve_open'] else 'holds'}, "
                  f"{x['conductance_between_inlets']:.1f} W/K between the inlets, coolant leaves with "
                  f"{_degrees(x['supply_temperature'])} degC"]
    return [*lines, ""]


def _limits(rows: Rows) -> list[str]:
    if not rows:
        return []
    lines = [f"{'Limits':<36}{'value':>10}{'limit':>10}  unit  where"]
    for r in rows:
        kelvin = r["unit"] == "K"
        value, limit = (_degrees(v) if kelvin else f"{v:.3f}" for v in (r["value"], r["limit"]))
        lines.append(f"  {r['what']:<34}{value:>10}{limit:>10}  {'degC' if kelvin else r['unit']:<4}  {r['where']}"
                     + ("" if r["kept"] else "  BEYOND"))
    return [*lines, ""]


def _ledger(book: dict[str, Any]) -> list[str]:
    """Level by level, from the die outwards."""
    lines = ["Heat ledger by level, W"]
    for level, (title, entries) in LEVELS.items():
        if level in book:
            parts = ", ".join(f"{label} {book[level][key]:.3f}" for key, label in entries if key in book[level])
            lines.append(f"  {title + ':':<16} {parts}")
    lines.append(f"  imbalance at most {book['heat_relative']:.1e} of the power")
    return [*lines, ""]
