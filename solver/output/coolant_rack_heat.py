"""Picture of a rack's heat: from the die to facility water and room, widths in proportion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.slices import figure, save
from coldrack.solver.system import Table

GAP = 0.12  # between boxes of a column, of the whole height
WIDTH = 0.16  # of a box, in columns
LIQUID, AIR, POWER = "#6baed6", "#fdae6b", "#969696"
BELOW = ("room air", "air in the rack", "fans", "other electronics", "pumps, control")  # the lane of the air, from below


def streams(s: dict[str, Any]) -> tuple[dict[str, tuple[int, str]], list[tuple[str, str, float, str]]]:
    """Boxes (name to column and colour), and streams (from, to, W, colour)."""
    book, rack = s["ledger"], s["rack"]
    chip, room, coolant = book["chip"], book["room_air"], book["rack"]
    parts = room["it_power"] - chip["power"]
    outside = "facility water" if "cdu" in book or rack["door_heat"] else "outside coolant"
    boxes = {"chips": (0, POWER), "other electronics": (0, POWER), "fans": (0, POWER), "pumps, control": (0, POWER),
             "plates": (1, LIQUID), "rack's coolant": (2, LIQUID), "air in the rack": (2, AIR), "door": (3, LIQUID),
             "CDU": (3, LIQUID), outside: (4, LIQUID), "room air": (4, AIR)}
    losses = coolant["losses_to_air"]
    flows = [("chips", "plates", chip["to_plates"], LIQUID), ("chips", "air in the rack", chip["to_air"], AIR),
             ("other electronics", "air in the rack", parts, AIR), ("fans", "air in the rack", room["fan_power"], AIR),
             ("pumps, control", "rack's coolant", coolant["pumps_to_coolant"], LIQUID),
             ("pumps, control", "air in the rack", room["pump_power"] - coolant["pumps_to_coolant"], AIR),
             ("plates", "rack's coolant", chip["to_plates"], LIQUID),
             ("rack's coolant", "air in the rack", losses, AIR), ("air in the rack", "rack's coolant", -losses, LIQUID)]
    if "cdu" in book:
        flows += [("rack's coolant", "CDU", coolant["coolant"], LIQUID), ("CDU", outside, coolant["coolant"], LIQUID)]
    else:
        flows += [("rack's coolant", outside, coolant["coolant"], LIQUID)]
    flows += [("air in the rack", "door", rack["door_heat"], LIQUID), ("door", outside, rack["door_heat"], LIQUID),
              ("air in the rack", "room air", room["heat"], AIR)]
    some = [f for f in flows if f[2] > 1e-6 * rack["power"]]
    used = {n for a, b, *_ in some for n in (a, b)}
    return {n: v for n, v in boxes.items() if n in used}, some


def draw_heat(s: dict[str, Any], tables: dict[str, Table], path: Path) -> None:
    """Boxes in columns, streams between them; height in proportion to the heat."""
    boxes, flows = streams(s)
    power = s["rack"]["power"]
    through = {n: max(sum(f[2] for f in flows if f[end] == n) for end in (0, 1)) / power for n in boxes}
    low = _stack(boxes, through)
    fig, ax = figure(10.0, 5.2)
    leaving, arriving = dict(low), dict(low)
    aside = {}  # what passes between boxes of one column
    for a, b, q, colour in sorted(flows, key=lambda f: (low[f[0]], low[f[1]])):
        if boxes[a][0] == boxes[b][0]:
            aside[a] = f"; {q:.0f} W to the {'air' if colour == AIR else 'coolant'}"
            continue
        _ribbon(ax, (boxes[a][0] + WIDTH, leaving[a]), (boxes[b][0], arriving[b]), q / power, colour)
        leaving[a] += q / power
        arriving[b] += q / power
    for name, (column, colour) in boxes.items():
        ax.bar(column + 0.5 * WIDTH, max(through[name], 2e-3), WIDTH, low[name], color=colour, edgecolor="#404040",
               linewidth=0.6)
        text = f"{name}\n{through[name] * power / 1e3:.2f} kW{aside.get(name, '')}"
        ax.text(column + 0.5 * WIDTH, low[name] + through[name] + 0.006, text, ha="center", va="bottom", fontsize=7.5)
    ax.set_xlim(-0.35, max(c for c, _ in boxes.values()) + 0.5)
    ax.set_ylim(-0.03, max(low[n] + through[n] for n in boxes) + 0.12)
    ax.axis("off")
    ax.set_title(f"{s['title']}: heat, {power / 1e3:.2f} kW", fontsize=10)
    save(fig, path)


def _stack(boxes: dict[str, tuple[int, str]], through: dict[str, float]) -> dict[str, float]:
    """Lower end of every box: the air's lane below, the liquid's above it."""
    low: dict[str, float] = {}
    columns = sorted({c for c, _ in boxes.values()})
    below = BELOW if "plates" in boxes else (*BELOW, "chips")
    tops = []
    for column in columns:
        at = 0.0
        for name in below:
            if name in boxes and boxes[name][0] == column:
                low[name] = at
                at += through[name] + GAP
        tops.append(at)
    for column in columns:
        at = max(tops)
        for name in [n for n in ("door", *boxes) if n in boxes and n not in below and boxes[n][0] == column]:
            if name not in low:
                low[name] = at
                at += through[name] + GAP
    return low


def _ribbon(ax: Any, start: tuple[float, float], end: tuple[float, float], height: float, colour: str) -> None:
    """A band of even height along a smooth step."""
    u = np.linspace(0.0, 1.0, 40)
    y = start[1] + (end[1] - start[1]) * u * u * (3.0 - 2.0 * u)
    ax.fill_between(start[0] + (end[0] - start[0]) * u, y, y + height, color=colour, alpha=0.55, linewidth=0)
