"""The monitors of a run in time as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.read import Results
from coldrack.solver.output.report import ZERO_CELSIUS
from coldrack.solver.output.slices import save

START = 0.02  # of the run: what the first moments do may leave the picture


def over_time(results: Results, path: Path) -> Path:
    """Pressure drop, largest temperature, kinetic energy and length of the steps over time, one below the other."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    h = results.history
    time = np.asarray(h["time"])
    rows = [(name, label, scale, offset) for name, label, scale, offset in (
        ("t_max", "T_max / degC", 1.0, ZERO_CELSIUS), ("pressure_drop", "pressure drop / Pa", 1.0, 0.0),
        ("kinetic_energy", "kinetic energy / J", 1.0, 0.0), ("step", "step / ms", 1e3, 0.0)) if name in h]
    fig = Figure(figsize=(8.0, 1.2 + 1.5 * len(rows)), layout="constrained")
    FigureCanvasAgg(fig)
    for ax, (name, label, scale, offset) in zip(np.atleast_1d(fig.subplots(len(rows), sharex=True)), rows):
        value = scale * (np.asarray(h[name]) - offset)
        ax.plot(time, value, lw=1.1, color="C0")
        _limits(ax, value[time > START * time[-1]])
        ax.set_ylabel(label, fontsize=8)
        ax.tick_params(labelsize=8)
        ax.grid(alpha=0.3)
    ax.set_xlabel("time / s")
    fig.suptitle(f"{results.summary['title']}: monitors", fontsize=10)
    return save(fig, path)


def _limits(ax: Any, value: Any) -> None:
    """From the least to the largest of finite values, with a margin."""
    value = value[np.isfinite(value)]
    if value.size:
        low, high = float(value.min()), float(value.max())
        margin = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
        ax.set_ylim(low - margin, high + margin)
