"""Solve a case on three grids and write docs/grid_study.md: observed order, Richardson value and grid convergence index.

    python scripts/grid_study.py [CASE] [--refine 1,1.5,2] [--component gpu] [--device auto] [--set key=value] [--out PAGE]

Procedure: Roache, J. Fluids Eng. 116 (1994) 405; Celik et al., J. Fluids Eng. 130 (2008) 078001.
"""

from __future__ import annotations

import argparse
import math
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAFETY = 1.25  # of the index, for three grids
MOST_ORDER = 20.0


@dataclass(frozen=True)
class Convergence:
    """What three grids say about a quantity; `order`, `limit` and `index` are None where they say nothing."""

    order: float | None
    limit: float | None
    index: float | None
    remark: str


def observed_order(values: list[float], sizes: list[float]) -> float | None:
    """Order p of f = f0 + C h^p through three grids, coarse to fine; None where no p > 0 fits.

    Raises
    ------
    ValueError
        If the sizes do not decrease.
    """
    (f3, f2, f1), (h3, h2, h1) = values, sizes
    if not h3 > h2 > h1 > 0:
        raise ValueError(f"cell sizes must decrease: {sizes}")
    if f1 == f2 or (f3 - f2) / (f2 - f1) <= 0.0:
        return None
    wanted = (f3 - f2) / (f2 - f1)

    def ratio(p: float) -> float:
        return float((h3**p - h2**p) / (h2**p - h1**p))

    low, high = 1e-6, MOST_ORDER  # the ratio grows with p
    if not ratio(low) < wanted < ratio(high):
        return None
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if ratio(middle) < wanted else (low, middle)
    return 0.5 * (low + high)


def converge(values: list[float], sizes: list[float], scale: float = 0.0) -> Convergence:
    """Observed order, Richardson value and index of the finest grid (relative to `scale`, default the finest value)."""
    order = observed_order(values, sizes)
    if order is None:
        (f3, f2, f1) = values
        how = "oscillates" if (f3 - f2) * (f2 - f1) < 0 else "does not settle into an order"
        return Convergence(None, None, None, how)
    growth = (sizes[1] / sizes[2]) ** order - 1.0
    step = (values[2] - values[1]) / growth
    index = SAFETY * abs(step) / abs(scale or values[2])
    return Convergence(order, values[2] + step, index, "")


def quantities(solution: Any, component: str) -> dict[str, tuple[float, float, str]]:
    """Value, scale of the index and format of what is studied."""
    if solution.devices:
        return air_quantities(solution)
    part, inlet = solution.components[component], solution.inlet_temperature
    out = {f"T_max of {component}, degC": (part["t_max"] - 273.15, part["t_max"] - inlet, ".3f")}
    if part["power"] > 0:
        out[f"R_th of {component}, K/W"] = (part["r_th"], part["r_th"], ".6f")
    hottest = float(solution.temperature.max())
    out["T_max of all, degC"] = (hottest - 273.15, hottest - inlet, ".3f")
    if solution.pressure_drop:  # none where nothing flows
        out["pressure drop, Pa"] = (solution.pressure_drop, solution.pressure_drop, ".2f")
    return out


def air_quantities(solution: Any) -> dict[str, tuple[float, float, str]]:
    """The same of servers and exchangers; temperatures count against the warmest air's rise over what enters."""
    servers, out = solution.devices.get("servers", {}), {}
    rise = float(solution.temperature.max()) - solution.inlet_temperature
    if servers:
        warmest = max(servers.values(), key=lambda s: s["inlet_mean"])
        mean = sum(s["inlet_mean"] for s in servers.values()) / len(servers)
        out["inlet of the warmest server, mean, degC"] = (warmest["inlet_mean"] - 273.15, rise, ".3f")
        out["inlet of the warmest server, highest, degC"] = (warmest["inlet_max"] - 273.15, rise, ".3f")
        out["inlets of all servers, mean, degC"] = (mean - 273.15, rise, ".3f")
    for name, e in solution.devices.get("exchangers", {}).items():
        out[f"heat of {name}, W"] = (e["heat"], e["heat"], ".1f")
        out[f"air out of {name}, degC"] = (e["air_out"] - 273.15, rise, ".3f")
    for name, s in solution.devices.get("screens", {}).items():
        out[f"pressure drop of {name}, Pa"] = (s["pressure"], s["pressure"], ".3f")
    return out


def study(case: Path, refinements: list[float], overrides: dict[str, str], component: str, device: str) -> list[dict[str, Any]]:
    """One row per grid, coarse to fine."""
    from coldrack import load, solve

    rows = []
    for refine in sorted(refinements):
        problem = load(case, {**overrides, "mesh.refine": str(refine), "solver.unit_responses": "false"})
        name = component or max(((s.power, s.component) for s in problem.sources), default=(0.0, ""))[1]
        solution = solve(problem, device=device)
        if not solution.converged:
            raise SystemExit(f"refine {refine:g}: {solution.reason}")
        cells = problem.mesh.grid.cells
        rows.append({"refine": refine, "cells": cells, "shape": problem.mesh.grid.shape, "size": cells ** (-1.0 / 3.0),
                     "seconds": solution.wall_seconds, "iterations": solution.iterations, "title": problem.title,
                     "values": quantities(solution, name)})
        figures = ", ".join(f"{n} {v:{f}}" for n, (v, _, f) in rows[-1]["values"].items())
        print(f"refine {refine:g}: {cells:,} cells, {solution.wall_seconds:.0f} s; {figures}", flush=True)
    return rows


def page(rows: list[dict[str, Any]], command: str, version: str) -> str:
    """The page as Markdown."""
    heads = [f"{r['cells']:,} cells" for r in rows]
    lines = ["# Grid study", "", f"{rows[0]['title']}, coldrack {version}. Written by", "", "```", command, "```", "",
             "| grid | refine | nz x ny x nx | iterations | seconds |", "|---|---:|---:|---:|---:|"]
    lines += [f"| {head} | {r['refine']:g} | {' x '.join(map(str, r['shape']))} | {r['iterations']} | {r['seconds']:.0f} |"
              for head, r in zip(heads, rows)]
    lines += ["", f"| | {' | '.join(heads)} | order | Richardson value | GCI of the finest |", "|---|" + "---:|" * 6]
    for name, (_, scale, form) in rows[-1]["values"].items():
        values = [r["values"][name][0] for r in rows]
        got = converge(values, [r["size"] for r in rows], scale)
        tail = ([f"{got.order:.2f}", f"{got.limit:{form}}", f"{100 * got.index:.2f} %"]
                if got.order is not None and got.index is not None else [got.remark, "-", "-"])
        spread = f" ({100 * abs(values[2] - values[1]) / abs(scale):.2f} % between the two finest)"
        lines.append(f"| {name}{spread} | " + " | ".join([*(f"{v:{form}}" for v in values), *tail]) + " |")
    return "\n".join([*lines, "", NOTE, ""])


NOTE = """The cell size is cells^(-1/3); the order is that of f = f0 + C h^p through three grids, the Richardson value is f0.
The grid convergence index (GCI) is 1.25 |f0 - f| on the finest grid: of the rise above the inlet for temperatures, else of
the value. An order above 2 or an oscillation says that the grids are not yet in the asymptotic range: then trust the
difference between the two finest grids rather than the index. Grids refined by less than 1 are laid out anew, those
by more than 1 are refinements of the same map.
(Roache, J. Fluids Eng. 116 (1994) 405; Celik et al., J. Fluids Eng. 130 (2008) 078001.)"""


def main(arguments: list[str] | None = None) -> int:
    """Run the study."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("case", nargs="?", type=Path, default=ROOT / "cases" / "h100_cold_plate.yaml")
    parser.add_argument("--refine", default="1,1.5,2", help="three values of mesh.refine; from 1 up the grids nest")
    parser.add_argument("--component", default="", help="default: that of the largest source")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "grid_study.md")
    given = parser.parse_args(arguments)
    try:
        refinements = [float(r) for r in given.refine.split(",")]
        overrides = dict(item.split("=", 1) for item in given.set)
    except ValueError:
        parser.error("--refine takes numbers such as 1,1.5,2 and --set takes KEY=VALUE")
    if len(set(refinements)) != 3 or not all(math.isfinite(r) and r > 0 for r in refinements):
        parser.error("--refine takes three different numbers above 0")
    from coldrack import __version__

    rows = study(given.case, refinements, overrides, given.component, given.device)
    shown = shlex.join(["python", "scripts/grid_study.py", *(sys.argv[1:] if arguments is None else arguments)])
    given.out.write_text(page(rows, shown, __version__), encoding="utf-8")
    print(f"wrote {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
