"""Pictures of a rack: its front by temperature, flow through every plate, pumps on their curve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from coldrack.solver.output.report import ZERO_CELSIUS
from coldrack.solver.output.slices import figure, save
from coldrack.solver.system import Table

Tables = dict[str, Table]
COLOURS = "YlOrRd"  # light where it is cold: names stay legible, prints need no black
WIDE = 10.0  # of the rack's front, in rack units
EMPTY, EDGE = "#f2f2f2", "#404040"
GROUPS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#17becf")


def draw_front(s: dict[str, Any], tables: Tables, path: Path) -> None:
    """Trays by rack unit with their chips, coloured by temperature; trays themselves by the air that leaves them."""
    rack, trays = s["rack"], s["trays"]
    chips = _chips(tables["chips"])
    temperatures = [c["temperature"] for c in chips] + [t["air_out"] for t in trays]
    if rack.get("cdu_place"):
        temperatures += [rack["coolant"]["supply_temperature"], rack["coolant"]["return_temperature"]]
    low, high = min(temperatures) - ZERO_CELSIUS, max(temperatures) - ZERO_CELSIUS
    fig, ax = figure(7.2, 0.19 * rack["units"] + 1.6)
    import matplotlib

    scale = matplotlib.colors.Normalize(low, max(high, low + 1.0))
    colours = matplotlib.colormaps[COLOURS]
    paint = lambda kelvin: colours(scale(kelvin - ZERO_CELSIUS))
    ax.add_patch(_box(0.0, 0.0, WIDE, rack["units"], EMPTY, 1.5))
    for tray in trays:
        _tray(ax, tray, [c for c in chips if c["tray"] == tray["name"]], paint)
    _cdu(ax, s, paint)
    units = [1, *range(5, rack["units"] + 1, 5)]
    ax.set_yticks([u - 0.5 for u in units], [str(u) for u in units])
    ax.set_ylabel("rack unit")
    ax.set_xticks([])
    ax.set_xlim(-0.1, WIDE + 0.1)
    ax.set_ylim(-0.2, rack["units"] + 0.2)
    ax.set_title(s["title"], fontsize=10)
    for side in ("top", "right", "bottom", "left"):
        ax.spines[side].set_visible(False)
    bar = matplotlib.cm.ScalarMappable(scale, COLOURS)
    fig.colorbar(bar, ax=ax, label="chips, and the air behind a tray / degC", pad=0.02, shrink=0.8)
    save(fig, path)


def _chips(table: Table) -> list[dict[str, Any]]:
    """Rows of chips with their tray and name apart."""
    columns: dict[str, Any] = table.columns
    rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
    for row in rows:
        row["tray"], row["chip"] = row["name"].rsplit(".", 1)
    return rows


def _box(x: float, y: float, width: float, height: float, colour: Any, line: float = 0.6) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, facecolor=colour, edgecolor=EDGE, linewidth=line)


def _ink(colour: Any) -> str:
    """Black on light colours, white on dark ones."""
    return "black" if 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] > 0.55 else "white"


def _tray(ax: Any, tray: dict[str, Any], chips: list[dict[str, Any]], paint: Any) -> None:
    """A tray: its name at the left, GPUs as large squares, other chips as small ones."""
    low, high = tray["unit"] - 1.0, tray["units"]
    colour = paint(tray["air_out"])
    ax.add_patch(_box(0.0, low + 0.04, WIDE, high - 0.08, colour))
    size = 6.5 if high >= 2 else 5.0
    air = f"air {tray['air_out'] - ZERO_CELSIUS:.1f}"
    name = f"{tray['name']}\n{air}" if high >= 2 else f"{tray['name']}, {air}"
    ax.text(0.12, low + 0.48 * high, name, va="center", ha="left", fontsize=size, color=_ink(colour), clip_on=True)
    large = [c for c in chips if c["group"].startswith("gpu")]
    small = [c for c in chips if not c["group"].startswith("gpu")]
    if high >= 3 and large and small:
        _row(ax, large, (2.2, low + 0.34 * high, WIDE - 0.2, low + 0.93 * high), paint)
        _row(ax, small, (2.2, low + 0.08 * high, WIDE - 0.2, low + 0.28 * high), paint)
    else:
        _row(ax, large + small, (2.2, low + 0.12 * high, WIDE - 0.2, low + 0.88 * high), paint)


def _row(ax: Any, chips: list[dict[str, Any]], box: tuple[float, float, float, float], paint: Any) -> None:
    """Chips side by side in a box; where there is room, with their temperature."""
    if not chips:
        return
    left, low, right, high = box
    pitch = (right - left) / len(chips)
    for n, chip in enumerate(chips):
        colour = paint(chip["temperature"])
        ax.add_patch(_box(left + (n + 0.04) * pitch, low, 0.92 * pitch, high - low, colour, 0.5))
        value = f"{chip['temperature'] - ZERO_CELSIUS:.1f}" + ("*" if chip["work"] < 1.0 else "")
        text = f"{chip['chip']}\n{value}" if high - low > 1.2 else f"{chip['chip']} {value}"
        ax.text(left + (n + 0.5) * pitch, 0.5 * (low + high) - 0.03, text, ha="center", va="center", fontsize=5.2,
                color=_ink(colour))


def _cdu(ax: Any, s: dict[str, Any], paint: Any) -> None:
    """The CDU with supply and return, where the rack has one."""
    place = s["rack"].get("cdu_place")
    if not place or "coolant" not in s["rack"]:
        return
    low, high, c = place[0] - 1.0, place[1], s["rack"]["coolant"]
    ax.add_patch(_box(0.0, low + 0.04, WIDE, high - 0.08, "white"))
    pump = s["pumps"]["cdu"]
    text = (f"CDU: {pump['running']} of {pump['installed']} pumps, {c['flow_rate'] * 6e4:.0f} L/min, "
            f"{c['pressure_drop'] / 1e3:.0f} kPa")
    ax.text(0.12, low + 0.72 * high, text, va="center", fontsize=6.5)
    for n, (name, t) in enumerate((("supply", c["supply_temperature"]), ("return", c["return_temperature"]))):
        colour = paint(max(t, 0.0))
        ax.add_patch(_box(0.2 + 4.9 * n, low + 0.12 * high, 4.6, 0.36 * high, colour, 0.5))
        ax.text(2.5 + 4.9 * n, low + 0.3 * high, f"{name} {t - ZERO_CELSIUS:.1f} degC", ha="center", va="center", fontsize=6.5,
                color=_ink(colour))


def draw_flows(s: dict[str, Any], tables: Tables, path: Path) -> None:
    """Flow through every plate by tray, and how equal chips differ."""
    chips = [c for c in _chips(tables["chips"]) if np.isfinite(c["flow_rate"])]
    if not chips:
        return
    groups = list(dict.fromkeys(c["group"] for c in chips))
    fig, ax = figure(9.0, 4.2)
    trays = list(dict.fromkeys(c["tray"] for c in chips))
    start, ticks = 0.0, []
    for tray in trays:
        some = [c for c in chips if c["tray"] == tray]
        x = start + np.arange(len(some))
        colours = [GROUPS[groups.index(c["group"]) % len(GROUPS)] for c in some]
        ax.bar(x, [c["flow_rate"] * 6e4 for c in some], 0.85, color=colours)
        ticks.append((float(x.mean()), tray))
        start = float(x[-1]) + 2.5
    ax.set_xticks([t for t, _ in ticks], [n for _, n in ticks], rotation=90 if len(trays) > 12 else 0, fontsize=7)
    for n, group in enumerate(groups):
        mean = float(np.mean([c["flow_rate"] for c in chips if c["group"] == group])) * 6e4
        ax.axhline(mean, color=GROUPS[n % len(GROUPS)], linewidth=0.8, linestyle="--")
        ax.bar([0.0], [0.0], color=GROUPS[n % len(GROUPS)], label=f"{group}, mean {mean:.3f} L/min")
    ax.legend(fontsize=8, ncol=len(groups), loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
    ax.set_ylabel("flow through a plate / L/min")
    ax.set_xlabel("tray")
    ax.margins(x=0.01)
    save(fig, path)


def draw_pumps(s: dict[str, Any], tables: Tables, path: Path) -> None:
    """Running pumps at their speed and at full speed, what the rack takes, and where they meet."""
    if not s["pumps"]:
        return
    p = s["pumps"]["cdu"]
    points = [np.array(p["curve"][k]) for k in ("flow_rate", "pressure")]
    flow = np.linspace(points[0][0], points[0][-1], 80)
    pressure = PchipInterpolator(*points)(flow)
    fig, ax = figure(6.8, 4.2)
    n, most = p["running"], p["most_speed"]
    lines = [(n, most, "--", "#1f77b4"), (n, p["speed"], "-", "#1f77b4")]
    if n > 1:
        lines.append((n - 1, most, ":", "#d62728"))
    for count, speed, style, colour in lines:
        ax.plot(flow * count * speed * 6e4, pressure * speed**2 / 1e3, style, color=colour, label=f"{count} running at "
                                                                                                  f"{speed:.1%}")
    q = np.linspace(0.0, min(1.6 * p["flow_rate"], n * most * points[0][-1]), 60)
    ax.plot(q * 6e4, p["pressure"] * (q / p["flow_rate"]) ** 1.85 / 1e3, color="#7f7f7f", label="rack, as flow^1.85")
    ax.plot(p["flow_rate"] * 6e4, p["pressure"] / 1e3, "o", color="black", zorder=5)
    ax.annotate(f"{p['flow_rate'] * 6e4:.1f} L/min, {p['pressure'] / 1e3:.1f} kPa, {p['power']:.0f} W",
                (p["flow_rate"] * 6e4, p["pressure"] / 1e3), (14, 10), textcoords="offset points", va="bottom", fontsize=8,
                bbox={"facecolor": "white", "edgecolor": "#b0b0b0", "boxstyle": "round,pad=0.3"})
    ax.set_xlabel("flow / L/min")
    ax.set_ylabel("pressure / kPa")
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.legend(fontsize=8)
    ax.set_title(f"{s['title']}: pumps of the CDU", fontsize=10)
    save(fig, path)
