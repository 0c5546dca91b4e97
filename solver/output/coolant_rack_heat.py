"""Picture of a rack's heat: from the die to facility water and room, widths in proportion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.slices import figure, save
from coldrack.solver.system import Table

GAP = 0.05  # between boxes of a column, of the whole height
WIDTH = 0.16  # of a box, in columns
LIQUID, AIR, POWER = "#6baed6", "#fdae6b", "#969696"
LEAST = 2e-3  # of the power: thinner streams have no text


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
    through = {n: max(sum(q for a, _, q, _ in flows if a == n), sum(q for _, b, q, _ in flows if b == n)) / power for n in boxes}
    low = _stack(boxes, through)
    fig, ax = figure(10.0, 5.0)
    leaving, arriving = dict(low), dict(low)
    for a, b, q, colour in sorted(flows, key=lambda f: (low[f[0]], low[f[1]])):
        height = q / power
        x0, x1 = boxes[a][0] + WIDTH, boxes[b][0]
        if boxes[a][0] == boxes[b][0]:  # losses: a short way between neighbours of a column
            ax.annotate(f"{q:.0f} W", (x0 + 0.03, max(low[a], low[b]) - 0.5 * GAP), fontsize=7, va="center")
            ax.annotate("", (x0 - 0.5 * WIDTH, low[b] + (through[b] if low[b] < low[a] else 0.0)),
                        (x0 - 0.5 * WIDTH, low[a] + (through[a] if low[a] < low[b] else 0.0)), arrowprops={"arrowstyle": "->"})
            continue
        _ribbon(ax, (x0, leaving[a]), (x1, arriving[b]), height, colour)
        leaving[a] += height
        arriving[b] += height
    for name, (column, colour) in boxes.items():
        ax.bar(column + 0.5 * WIDTH, max(through[name], 2e-3), WIDTH, low[name], color=colour, edgecolor="#404040", linewidth=0.6)
        text = f"{name}\n{through[name] * power / 1e3:.2f} kW"
        ax.text(column + 0.5 * WIDTH, low[name] + through[name] + 0.004, text, ha="center", va="bottom", fontsize=7.5)
    ax.set_xlim(-0.35, max(c for c, _ in boxes.values()) + 0.5)
    ax.set_ylim(-0.03, max(low[n] + through[n] for n in boxes) + 0.1)
    ax.axis("off")
    ax.set_title(f"{s['title']}: heat, {power / 1e3:.2f} kW", fontsize=10)
    save(fig, path)


def _stack(boxes: dict[str, tuple[int, str]], through: dict[str, float]) -> dict[str, float]:
    """Lower end of every box: air at the bottom, the first named at the top."""
    low: dict[str, float] = {}
    for column in {c for c, _ in boxes.values()}:
        at = 0.0
        for name in reversed([n for n, (c, _) in boxes.items() if c == column]):
            low[name] = at
            at += through[name] + GAP * 1.9
    return low


def _ribbon(ax: Any, start: tuple[float, float], end: tuple[float, float], height: float, colour: str) -> None:
    """A band of even height along a smooth step."""
    u = np.linspace(0.0, 1.0, 40)
    y = start[1] + (end[1] - start[1]) * u * u * (3.0 - 2.0 * u)
    ax.fill_between(start[0] + (end[0] - start[0]) * u, y, y + height, color=colour, alpha=0.55, linewidth=0)
