"""Results for people: a table on the terminal and a plot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

COLUMNS = ("case", "solver", "cells", "cpu s", "wall s", "iterations", "peak MB", "value", "error", "ratio")


def count(iterations: float | None) -> str:
    """Iterations as text; solvers with two halves may end after a half."""
    return "-" if iterations is None else f"{iterations:g}"


def cells_of(row: dict[str, Any]) -> list[str]:
    """A row as text, in the order of `COLUMNS`."""
    error = "-" if row["error"] is None else f"{row['error']:.1e}"
    ratio = "-" if row["ratio"] is None else f"{row['ratio']:.3g}"
    return [row["case"], row["solver"], f"{row['cells']:,}", f"{row['cpu_seconds']:.3g}", f"{row['wall_seconds']:.3g}",
            count(row["iterations"]), f"{row['peak_memory_bytes'] / 1e6:.0f}", f"{row['value']:.7g}", error, ratio]


def aligned(lines: list[list[str]]) -> str:
    """Columns under each other; the first two to the left, numbers to the right."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))).rstrip()
                     for line in lines)


def table(document: dict[str, Any]) -> str:
    """Everything of a document as text."""
    parts = []
    if document["rows"]:
        parts.append(aligned([list(COLUMNS), *(cells_of(row) for row in document["rows"])]))
        parts.append("cpu s: user and system time of all threads, median; ratio: cpu seconds over coldrack's; "
                     "error: relative, against the reference")
    parts += [f"{g['family']}, {g['solver']}: cpu seconds grow as cells^{g['exponent']:.2f}; iterations "
              + ", ".join(map(count, g["iterations"])) for g in document["growth"]]
    parts += [f"{f['case']}, {f['solver']}: no figure: {f['reason']}" for f in document["failures"]]
    parts += [f"{m['peer']}: {m['why']}, so nothing is compared with it; {m['install']}" for m in document["missing"]]
    return "\n".join(parts)


def plot(document: dict[str, Any], path: Path) -> bool:
    """Cpu seconds of each case by solver, and growth with the cells; False where there is nothing to draw."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    compared = _compared(document["rows"])
    wanted = [w for w in (compared, document["growth"]) if w]
    if not wanted:
        return False
    height = max(4.0, 0.6 * len(compared) + 1.5)
    figure = Figure(figsize=(7.0 * len(wanted), height), layout="constrained")
    axes = list(figure.subplots(1, len(wanted), squeeze=False)[0])
    if compared:
        _bars(axes.pop(0), compared)
    if document["growth"]:
        _lines(axes.pop(0), document["growth"])
    figure.savefig(path, dpi=120)
    return True


def _compared(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Cpu seconds by case and solver, of cases that several have solved."""
    cases: dict[str, dict[str, float]] = {}
    for row in rows:
        cases.setdefault(row["case"], {})[row["solver"]] = row["cpu_seconds"]
    return {case: by for case, by in cases.items() if len(by) > 1}


def _bars(axis: Any, compared: dict[str, dict[str, float]]) -> None:
    thick = 0.8 / max(len(by) for by in compared.values())
    for solver in dict.fromkeys(s for by in compared.values() for s in by):
        there = [(i + (list(by).index(solver) - 0.5 * (len(by) - 1)) * thick, by[solver])
                 for i, by in enumerate(compared.values()) if solver in by]
        bars = axis.barh([y for y, _ in there], [t for _, t in there], thick, label=solver)
        axis.bar_label(bars, fmt="%.3g", padding=2, fontsize=7)
    axis.set(yticks=range(len(compared)), yticklabels=list(compared), xscale="log", xlabel="cpu seconds (all threads)")
    axis.margins(x=0.15)
    axis.invert_yaxis()
    axis.legend()


def _lines(axis: Any, growth: list[dict[str, Any]]) -> None:
    for number, g in enumerate(growth):
        axis.loglog(g["cells"], g["cpu_seconds"], "os^vD*"[number % 6] + ("-" if g["solver"] == "coldrack" else "--"),
                    label=f"{g['family']}, {g['solver']}: {g['exponent']:.2f}")
    axis.set(xlabel="cells", ylabel="cpu seconds (all threads)")
    axis.grid(True, alpha=0.3)
    axis.legend(fontsize=7, title="exponent of the cells", title_fontsize=7)
