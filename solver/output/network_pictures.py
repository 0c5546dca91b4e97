"""Pictures of a coolant network: diagram with flows and temperatures, pumps on their curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.network_layout import Array, places
from coldrack.solver.output.report import ZERO_CELSIUS
from coldrack.solver.output.slices import figure, save
from coldrack.solver.system import Table

LABELLED = 40  # branches up to which each has its name and figures
PIECES = 24  # of a branch's line, for its colours
THIN, THICK = 1.2, 7.0  # points
COLOURS = "inferno"
MARKS = {"pump": ("o", 15), "valve": ("X", 11), "check_valve": (">", 10), "plate": ("s", 11), "filter": ("D", 9),
         "coupling": ("P", 9), "fitting": ("d", 8)}


def diagram(summary: dict[str, Any], tables: dict[str, Table], path: Path) -> None:
    """The network: colour is the coolant's temperature, width its flow, the arrow its direction."""
    net = summary["network"]
    names, branches = list(net["nodes"]), list(net["branches"].values())
    index = {n: k for k, n in enumerate(names)}
    ends = np.array([(index[b["start"]], index[b["end"]]) for b in branches])
    sides = [(index[net["branches"][e[s]]["start"]]) for e in net["exchangers"].values() for s in ("first", "second")]
    linked = np.concatenate([ends, np.array(sides, int).reshape(-1, 2)])
    xy = places(len(names), linked, {index[n]: tuple(p) for n, p in net["positions"].items()})
    wide, high = np.ptp(xy, axis=0) + 1e-9
    fig, ax = figure(13.0, float(np.clip(11.0 * high / wide + 1.2, 4.5, 10.0)))
    paths = _paths(xy, ends)
    _lines(fig, ax, branches, paths)
    labelled = len(branches) <= LABELLED
    sides_of = {e[s] for e in net["exchangers"].values() for s in ("first", "second")}
    _nodes(ax, net, xy, labelled)
    for name, branch, line in zip(net["branches"], branches, paths, strict=True):
        _part(ax, name, branch, line, labelled or branch["kind"] == "pump", name in sides_of)
    _exchangers(ax, net, dict(zip(net["branches"], paths, strict=True)))
    ax.set_title(summary["title"])
    ax.set_aspect("equal", adjustable="datalim")
    ax.margins(0.05, 0.08)
    ax.axis("off")
    _key(ax, branches, net["exchangers"])
    save(fig, path)


def _paths(xy: Array, ends: Any) -> list[Array]:
    """Line of every branch, shape (PIECES + 1, 2); parallel ones bow apart."""
    seen: dict[tuple[int, int], int] = {}
    counts: dict[tuple[int, int], int] = {}
    for i, j in ends:
        counts[min(i, j), max(i, j)] = counts.get((min(i, j), max(i, j)), 0) + 1
    out = []
    s = np.linspace(0.0, 1.0, PIECES + 1)[:, None]
    for i, j in ends:
        pair = (min(i, j), max(i, j))
        n = seen[pair] = seen.get(pair, -1) + 1
        a, b = xy[i], xy[j]
        across = np.array([-(b - a)[1], (b - a)[0]]) * (1.0 if i < j else -1.0)
        bow = (n - 0.5 * (counts[pair] - 1)) * 0.6
        middle = 0.5 * (a + b) + bow * across
        out.append((1 - s) ** 2 * a + 2 * s * (1 - s) * middle + s**2 * b)
    return out


def _lines(fig: Any, ax: Any, branches: list[dict[str, Any]], paths: list[Array]) -> None:
    """Lines whose colour goes from inlet to outlet temperature."""
    from matplotlib.collections import LineCollection

    largest = max(abs(b["mass_flow"]) for b in branches)
    segments, colours, widths = [], [], []
    for b, line in zip(branches, paths, strict=True):
        t = np.linspace(b["inlet_temperature"], b["outlet_temperature"], PIECES)
        share = np.sqrt(abs(b["mass_flow"]) / largest) if largest > 0 else 0.0
        segments += [line[n:n + 3] for n in range(PIECES)]  # overlapping, so that no gaps show
        colours += list((t if b["mass_flow"] >= 0 else t[::-1]) - ZERO_CELSIUS)
        widths += [THIN + (THICK - THIN) * share] * PIECES
    lines = LineCollection(segments, array=np.array(colours), cmap=COLOURS, linewidths=widths, capstyle="butt",
                           joinstyle="round", zorder=1)
    low, high = min(colours), max(colours)
    room = max(high - low, 1.0)
    lines.set_clim(low, low + 1.12 * room)  # the brightest end of the map is hard to see on white
    ax.add_collection(lines)
    fig.colorbar(lines, ax=ax, label="coolant / degC", shrink=0.7, pad=0.01)


def _nodes(ax: Any, net: dict[str, Any], xy: Array, labelled: bool) -> None:
    held = np.array([abs(n["inflow"]) > 1e-9 for n in net["nodes"].values()])
    ax.scatter(*xy.T, s=14 if labelled else 3, color="0.25", zorder=2)
    ax.scatter(*xy[held].T, s=60, facecolors="white", edgecolors="0.1", linewidths=1.4, zorder=2.5)
    if labelled:
        for name, place in zip(net["nodes"], xy, strict=True):
            ax.annotate(name, place, xytext=(5, -4), textcoords="offset points", fontsize=7, color="0.35",
                        zorder=4, va="top", path_effects=_halo())


def _part(ax: Any, name: str, branch: dict[str, Any], line: Array, labelled: bool, side: bool) -> None:
    """Mark, arrow and figures of a branch."""
    middle, along = line[PIECES // 2], line[PIECES // 2 + 1] - line[PIECES // 2 - 1]
    forward = branch["mass_flow"] >= 0
    mark, size = MARKS.get(branch["kind"], ("", 0)) if not side else ("", 0)
    if mark and labelled:
        ax.plot(*middle, marker=mark, markersize=size, color="white", markeredgecolor="0.1", markeredgewidth=1.2, zorder=3)
    if not labelled:
        return
    spot = line[(3 * PIECES) // 4] if forward else line[PIECES // 4]
    direction = along if forward else -along
    length = max(float(np.linalg.norm(direction)), 1e-12)
    ax.annotate("", spot + 1e-3 * direction / length, spot, zorder=2.2,
                arrowprops={"arrowstyle": "-|>,head_width=0.32,head_length=0.5", "color": "0.1", "lw": 0.6})
    upright = abs(along[1]) > abs(along[0])
    text = f"{name}\n{abs(branch['flow_rate']) * 6e4:.3g} L/min"
    if abs(branch["outlet_temperature"] - branch["inlet_temperature"]) > 0.05:
        text += f"\n{branch['outlet_temperature'] - ZERO_CELSIUS:.1f} degC out"
    if "component_temperature" in branch:
        text += f"\nchip {branch['component_temperature'] - ZERO_CELSIUS:.1f} degC"
    ax.annotate(text, middle, xytext=(10, 0) if upright else (0, 9), textcoords="offset points", fontsize=8, zorder=5,
                ha="left" if upright else "center", va="center" if upright else "bottom", linespacing=1.1, path_effects=_halo())


def _halo() -> list[Any]:
    """White around letters, so that lines below do not spoil them."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.5, foreground="white")]


def _exchangers(ax: Any, net: dict[str, Any], paths: dict[str, Array]) -> None:
    """Both sides of every heat exchanger, joined."""
    for name, e in net["exchangers"].items():
        a, b = (paths[e[side]][PIECES // 2] for side in ("first", "second"))
        ax.plot(*np.array([a, b]).T, color="0.2", lw=1.2, ls=(0, (3, 2)), zorder=2)
        ax.plot(*np.array([a, b]).T, ls="", marker="s", markersize=9, color="white", markeredgecolor="0.1", zorder=3)
        text = f"{name}\n{e['heat'] / 1e3:.3g} kW, approach {e['approach']:.1f} K"
        ax.annotate(text, 0.5 * (a + b), xytext=(8, 0), textcoords="offset points", fontsize=8, va="center", zorder=5,
                    bbox={"boxstyle": "round,pad=0.2", "fc": "white", "ec": "0.4", "lw": 0.6})


def _key(ax: Any, branches: list[dict[str, Any]], exchangers: dict[str, Any]) -> None:
    """What the marks and the widths mean."""
    from matplotlib.lines import Line2D

    kinds = [k for k in MARKS if any(b["kind"] == k for b in branches) and (k == "pump" or len(branches) <= LABELLED)]
    entries = [Line2D([], [], ls="", marker=MARKS[k][0], markersize=7, color="white", markeredgecolor="0.1",
                      label=k.replace("_", " ")) for k in kinds]
    if exchangers:
        entries.append(Line2D([], [], ls=(0, (3, 2)), color="0.2", marker="s", markersize=6, markerfacecolor="white",
                              markeredgecolor="0.1", label="heat exchanger"))
    largest = max(abs(b["flow_rate"]) for b in branches) * 6e4
    for share in (1.0, 0.25):
        entries.append(Line2D([], [], color="0.5", lw=THIN + (THICK - THIN) * share**0.5, label=f"{share * largest:.3g} L/min"))
    ax.legend(handles=entries, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=len(entries), fontsize=8, frameon=False)


def pump_curves(summary: dict[str, Any], tables: dict[str, Table], path: Path) -> None:
    """Curves of the pumps at their speeds, all running ones together, with the operating point."""
    net = summary["network"]
    curves = {n: c for n, c in net["curves"].items() if c["running"] > 0 and c["flow_rate"][-1] > 0}
    if not curves:
        return
    from scipy.interpolate import PchipInterpolator

    fig, ax = figure(8.0, 5.0)
    for n, (name, c) in enumerate(list(curves.items())[:10]):
        point, colour = net["pumps"][name], f"C{n}"
        q = np.linspace(0.0, c["flow_rate"][-1], 100)
        rise = PchipInterpolator(c["flow_rate"], c["rise"])(q) / 1e3
        running = int(c["running"])
        ax.plot(6e4 * q * running, rise, color=colour, label=f"{name}: {running} running" if running > 1 else name)
        if running > 1:
            ax.plot(6e4 * q, rise, color=colour, lw=0.9, ls="--", label="one of them")
        at = point["flow_rate"] * running, point["rise"]
        ax.plot(6e4 * at[0], at[1] / 1e3, "o", color=colour, markersize=9, markeredgecolor="black", zorder=3)
        power = f"\n{point['electric_power']:.3g} W electric" if point.get("electric_power") is not None else ""
        ax.annotate(f"{6e4 * at[0]:.4g} L/min, {at[1] / 1e3:.4g} kPa{power}", (6e4 * at[0], at[1] / 1e3), xytext=(8, 8),
                    textcoords="offset points", fontsize=9)
        if len(curves) == 1:
            load = np.linspace(0.0, 1.25 * at[0], 60)
            ax.plot(6e4 * load, at[1] / 1e3 * (load / max(at[0], 1e-12)) ** 2, color="0.6", lw=0.9, ls=":",
                    label="load if quadratic")
    ax.set_xlim(left=0.0)
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("flow / L/min")
    ax.set_ylabel("pressure rise / kPa")
    ax.set_title(summary["title"])
    ax.grid(alpha=0.3)
    ax.legend(fontsize=9)
    save(fig, path)
