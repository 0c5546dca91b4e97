"""Movies of the air: plan views from the floor to above the racks, or one plane over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.air_layout import Thing
from coldrack.solver.output.air_metrics import ZERO_CELSIUS
from coldrack.solver.output.air_planes import cell_at, draw, lateral_plane, outline, panels
from coldrack.solver.output.air_view import TITLES, AirView
from coldrack.solver.output.movie import figure_frames, write_movie
from coldrack.solver.output.slices import NAMES, plane

FRAMES = 96
ABOVE = 0.4  # m above the racks where the sweep ends


def sweep(view: AirView, stem: Path) -> tuple[Path, str]:
    """Plan views, one for each layer of cells (every n-th of very many), from the floor to above the racks."""
    faces = view.results.faces
    centres = 0.5 * (faces[2][1:] + faces[2][:-1])
    layers = np.flatnonzero(centres < view.focus[1][2] + ABOVE)
    layers = layers[:: -(-layers.size // FRAMES)] if layers.size else np.arange(1)
    fig, axes = panels(1, float(np.ptp(faces[1]) / np.ptp(faces[0])), 1)
    ax = axes[0]
    mesh = draw(view, ax, 2, int(layers[0]))
    fig.colorbar(mesh, ax=ax, label=TITLES[view.difference], shrink=0.85, extend=view.beyond)
    fig.suptitle(view.title("plan views"), fontsize=10)
    boxes: dict[str, Any] = {}
    for thing in view.things:
        if thing.kind in ("server", "cooler"):
            outline(ax, thing, 2)
            boxes[thing.name] = (thing, ax.patches[-1])

    def show(k: int) -> None:
        mesh.set_array(np.ma.masked_invalid(view.temperature[k]))
        ax.set_title(f"z = {centres[k]:.2f} m{_names(view, float(centres[k]))}", fontsize=9)
        for thing, patch in boxes.values():
            patch.set_visible(thing.low[2] <= centres[k] <= thing.high[2])

    return write_movie(figure_frames(fig, [partial(show, int(k)) for k in layers]), stem)


def _names(view: AirView, z: float) -> str:
    names = [view.label(s.name) for s in view.servers if s.low[2] <= z <= s.high[2]]
    return "" if not names else f": {', '.join(names)}" if len(names) < 4 else f": {len(names)} servers"


def over_time(view: AirView, times: Any, read: Callable[[str, int, int], list[Any]], stem: Path) -> tuple[Path, str]:
    """A plane over time with one colour scale: its temperature, or the speed where there is but one temperature.

    Parameters
    ----------
    view : AirView
    times : sequence of float
        s.
    read : callable
        Gives a field ("T" in K, "U" in m/s) on the plane of cells of an axis and an index, one array for each time.
    stem : Path
        Of the file.
    """
    axis, at, where = lateral_plane(view)
    faces = view.results.faces
    index = cell_at(view, axis, at)
    void = plane(view.results.fields["material"], axis, index) == 0
    frames, label = [np.ma.masked_where(void, t - ZERO_CELSIUS) for t in read("T", axis, index)], TITLES[False]
    if max(float(np.ptp(f)) for f in frames) < 1e-9:
        frames, label = [np.ma.masked_where(void, np.linalg.norm(u, axis=-1)) for u in read("U", axis, index)], "speed / (m/s)"
    low, high = view.options.limits or (min(float(f.min()) for f in frames), max(float(f.max()) for f in frames))
    view = replace(view, options=replace(view.options, limits=(low, high if high > low else low + 1.0)))
    first, second = (d for d in range(3) if d != axis)
    fig, axes = panels(1, float(np.ptp(faces[second]) / np.ptp(faces[first])), 1)
    mesh = draw(view, axes[0], axis, index)
    fig.colorbar(mesh, ax=axes[0], label=label, shrink=0.85)
    fig.suptitle(view.title(f"plane {NAMES[axis]} = {at:.3g} m{where}"), fontsize=10)
    _units(view, axes[0], axis, at)

    def show(n: int) -> None:
        mesh.set_array(frames[n])
        axes[0].set_title(f"t = {times[n]:.4g} s", fontsize=9)

    return write_movie(figure_frames(fig, [partial(show, n) for n in range(len(frames))]), stem)


def _units(view: AirView, ax: Any, axis: int, at: float) -> None:
    def crosses(thing: Thing) -> bool:
        return thing.kind in ("server", "cooler") and thing.low[axis] <= at <= thing.high[axis]

    for thing in filter(crosses, view.things):
        outline(ax, thing, axis, view.label(thing.name))
