"""Flat pictures: temperature on planes, convergence history, the mesh. Colour maps are perceptually uniform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.read import Results
from coldrack.solver.output.report import ZERO_CELSIUS

NAMES = "xyz"
DOTS = 150


def figure(width: float = 8.0, height: float = 4.5) -> tuple[Any, Any]:
    """A matplotlib figure that needs no screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    fig = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(fig)
    return fig, fig.add_subplot()


def save(fig: Any, path: Path) -> Path:
    """Write a PNG."""
    fig.savefig(path, dpi=DOTS)
    return path


def plane(a: Any, axis: int, index: int) -> Any:
    """Values of a cell array on a plane of cells, shape (second, first remaining axis)."""
    return np.take(a, index, axis=2 - axis)


def draw_plane(ax: Any, faces: Any, values: Any, axis: int, **style: Any) -> Any:
    """Colour the cells of a plane normal to `axis`; coordinates in mm."""
    first, second = (d for d in range(3) if d != axis)
    mesh = ax.pcolormesh(1e3 * faces[first], 1e3 * faces[second], values, **style)
    ax.set_aspect("equal")
    ax.set_xlabel(f"{NAMES[first]} / mm")
    ax.set_ylabel(f"{NAMES[second]} / mm")
    return mesh


def outline(ax: Any, faces: Any, label: Any, axis: int) -> None:
    """Lines where the label of neighbouring cells differs."""
    from matplotlib.collections import LineCollection

    first, second = (1e3 * faces[d] for d in range(3) if d != axis)
    lines = []
    rows, columns = np.nonzero(label[:, 1:] != label[:, :-1])
    lines += [[(first[i + 1], second[j]), (first[i + 1], second[j + 1])] for j, i in zip(rows, columns)]
    rows, columns = np.nonzero(label[1:] != label[:-1])
    lines += [[(first[i], second[j + 1]), (first[i + 1], second[j + 1])] for j, i in zip(rows, columns)]
    ax.add_collection(LineCollection(lines, colors="0.15", linewidths=0.35))


def aspect_size(faces: Any, axis: int) -> tuple[float, float]:
    """Figure size, inches, that suits a plane's proportions."""
    first, second = (np.ptp(faces[d]) for d in range(3) if d != axis)
    return 8.5, float(np.clip(7.0 * second / first + 1.2, 2.6, 8.5))


def temperature_plane(results: Results, axis: int, index: int, title: str, path: Path,
                      limits: tuple[float, float] | None = None) -> Path:
    """Temperature on a plane of cells in degC; void stays white. `limits`: ends of the colour scale, degC."""
    faces = results.faces
    t = plane(results.fields["T"], axis, index) - ZERO_CELSIUS
    material = plane(results.fields["material"], axis, index)
    fig, ax = figure(*aspect_size(faces, axis))
    low, high = limits or (None, None)
    mesh = draw_plane(ax, faces, np.ma.masked_where(material == 0, t), axis, cmap="inferno", vmin=low, vmax=high)
    outline(ax, faces, plane(results.fields["component"], axis, index), axis)
    at = 0.5e3 * (faces[axis][index] + faces[axis][index + 1])
    ax.set_title(f"{results.summary['title']}\n{title}, {NAMES[axis]} = {at:.4g} mm", fontsize=10)
    fig.colorbar(mesh, ax=ax, label="temperature / degC", shrink=0.9)
    return save(fig, path)


def convergence(results: Results, path: Path) -> Path:
    """Residuals (left axis), pressure drop and largest temperature (right axes) over the iterations."""
    h = results.history
    fig, ax = figure(8.0, 4.5)
    lines = []
    for name, style, label in (("momentum", "-", "change of the velocity"), ("mass", "--", "mass imbalance before correction"),
                               ("energy", "s", "energy, after each of its solutions")):
        n, value = _finite(h, name)
        if (value > 0).any():
            lines += ax.semilogy(n[value > 0], value[value > 0], style, color="0.1", lw=1.2, ms=4, label=label)
    ax.set_xlabel("iteration")
    ax.set_ylabel("scaled residual / -")
    n, drop = _finite(h, "pressure_drop")
    if drop.size:
        lines += _right_axis(ax, n, drop, "-", "C1", "pressure drop / Pa", 1.0)
    n, hot = _finite(h, "t_max")
    if hot.size:
        lines += _right_axis(ax, n, hot - ZERO_CELSIUS, "o", "C0", "T_max / degC", 1.12 if drop.size else 1.0)
    if lines:
        fig.legend(handles=lines, loc="outside lower center", fontsize=8, ncols=3)
    ax.set_title(f"{results.summary['title']}: convergence", fontsize=10)
    ax.grid(alpha=0.3)
    return save(fig, path)


def _finite(history: Any, name: str) -> tuple[Any, Any]:
    """Iterations in which a column has a value, and the values."""
    value = np.asarray(history.get(name, []))
    known = np.isfinite(value)
    return np.asarray(history["iteration"])[known] if value.size else value, value[known]


def _right_axis(ax: Any, n: Any, value: Any, style: str, colour: str, label: str, at: float) -> Any:
    """A quantity on an axis of its own to the right, centred on its last value."""
    right = ax.twinx()
    right.spines["right"].set_position(("axes", at))
    lines = right.plot(n, value, style, color=colour, lw=1.5, ms=5, label=label)
    right.set_ylabel(label, color=colour)
    right.tick_params(axis="y", labelcolor=colour)
    half = 0.2 * abs(value[-1]) or 1.0
    right.set_ylim(value[-1] - half, value[-1] + half)
    return lines


def mesh_picture(mesh: Any, title: str, path: Path) -> Path:
    """Materials and grid lines on three planes through the middle of the coolant (or of the domain)."""
    from matplotlib.colors import BoundaryNorm
    from matplotlib.figure import Figure

    wet = np.argwhere(mesh.material == 1)
    middle = np.median(wet, axis=0).astype(int) if wet.size else np.array(mesh.material.shape) // 2
    faces, count = mesh.grid.faces, len(mesh.materials)
    sizes = [np.ptp(f) for f in faces]
    fig = Figure(figsize=(9.0, 10.0), layout="constrained")
    axes = fig.subplots(3, 1, height_ratios=[max(sizes[1], 0.3 * sizes[0]), max(sizes[2], 0.3 * sizes[0])] * 1
                        + [max(sizes[2], 0.3 * sizes[1])])
    from matplotlib import colormaps

    cmap = colormaps["viridis"].resampled(max(count, 2))
    for ax, axis in zip(axes, (2, 1, 0)):
        index = int(middle[2 - axis])
        image = draw_plane(ax, faces, plane(mesh.material, axis, index), axis, cmap=cmap,
                           norm=BoundaryNorm(np.arange(count + 1) - 0.5, cmap.N), edgecolors="0.6", linewidth=0.08)
        at = 0.5e3 * (faces[axis][index] + faces[axis][index + 1])
        ax.set_title(f"{NAMES[axis]} = {at:.4g} mm", fontsize=9)
        ax.set_aspect("auto")
    fig.suptitle(f"{title}: {mesh.grid.cells:,} cells", fontsize=11)
    bar = fig.colorbar(image, ax=list(axes), ticks=range(count), shrink=0.5)
    bar.ax.set_yticklabels(mesh.materials)
    return save(fig, path)
