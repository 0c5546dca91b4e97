"""Picture of a characteristic: resistance and pressure drop over flow for every inlet temperature."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.characteristic.plate import PlateCharacteristic
from coldrack.solver.output.report import ZERO_CELSIUS
from coldrack.solver.output.slices import save

MARKERS = "os^Dv<>p"
TICKS = (1, 1.5, 2, 3, 4, 6)


def picture(plate: PlateCharacteristic, data: dict[str, Any], title: str, path: Path) -> Path:
    """Points, what networks use between them (lines) and the fit (dashed).

    Parameters
    ----------
    data : dict
        ``resistance`` and ``pressure_drop`` of shape (temperatures, flows), and ``fits`` by component.
    """
    from matplotlib import colormaps
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    fig = Figure(figsize=(9.2, 4.4), layout="constrained")
    FigureCanvasAgg(fig)
    left, right = fig.subplots(1, 2)
    flow = np.geomspace(*plate.flow_range, 200)
    unit, scale = ("kPa", 1e-3) if float(data["pressure_drop"].max()) > 2e3 else ("Pa", 1.0)
    component = max(plate.components, key=lambda n: float(plate.points[n].max()))
    fit = data["fits"][component]
    count = plate.temperature.size
    for row, t in enumerate(plate.temperature):
        colour = colormaps["viridis"](0.08 + 0.78 * row / max(count - 1, 1))
        mark = {"ls": "", "marker": MARKERS[row % len(MARKERS)], "color": colour, "ms": 5, "zorder": 3,
                "label": f"{t - ZERO_CELSIUS:.4g} degC"}
        at = np.full(flow.shape, t)
        left.plot(plate.flow * 6e4, plate.points[component][row], **mark)
        left.plot(flow * 6e4, plate.resistance(flow, at, component), color=colour, lw=1.2)
        left.plot(flow * 6e4, fit(flow, t), color="black", lw=0.9, ls=(0, (4, 3)), label="fit" if row + 1 == count else None)
        right.plot(plate.flow * 6e4, scale * data["pressure_drop"][row], **mark)
        right.plot(flow * 6e4, scale * plate.pressure_drop(flow, at)[0], color=colour, lw=1.2)
        law = plate.pressure(flow, plate.coolant.density(at), plate.coolant.viscosity(at))[0]
        right.plot(flow * 6e4, scale * law, color="black", lw=0.9, ls=(0, (4, 3)), label="fit" if row + 1 == count else None)
    left.set_ylabel(f"resistance from {component} to the inlet / (K/W)")
    right.set_ylabel(f"pressure drop / {unit}")
    right.set_yscale("log")
    _ratios(right.yaxis, right.set_ylim, scale * float(data["pressure_drop"].min()), scale * float(data["pressure_drop"].max()))
    for ax in (left, right):
        ax.set_xscale("log")
        _ratios(ax.xaxis, ax.set_xlim, *(6e4 * v for v in plate.flow_range))
        ax.set_xlabel("flow / (L/min)")
        ax.grid(alpha=0.3)
        ax.legend(title="inlet", fontsize=8, title_fontsize=8)
    fig.suptitle(title, fontsize=10)
    return save(fig, path)


def _ratios(axis: Any, limit: Any, low: float, high: float) -> None:
    """Plain numbers on a logarithmic axis; `limit` sets its ends a little beyond `low` and `high`."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    axis.set_ticks([m * 10.0**d for d in decades for m in TICKS if 0.99 * low <= m * 10.0**d <= 1.01 * high])
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.4g}"))
    limit(low / 1.06, high * 1.06)
