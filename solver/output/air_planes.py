"""Flat pictures of the air: a vertical plane through the hottest server, the racks' front and rear, plan views by height."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.air_layout import Opening, Thing
from coldrack.solver.output.air_metrics import RECOMMENDED, ZERO_CELSIUS
from coldrack.solver.output.air_view import SEPARATORS, TITLES, AirView, beside, colour_map
from coldrack.solver.output.slices import NAMES, plane, save

ROUND = 0.35  # m shown around the racks
PANELS = 12
DOORS = 8
ARROWS = 21  # along the longer side
LABELS = 48  # more names than this on a picture cannot be read
BOX: dict[str, Any] = {"facecolor": "0.88", "edgecolor": "0.35", "linewidth": 0.6}


def panels(count: int, proportion: float, columns: int | None = None) -> tuple[Any, Any]:
    """A figure with `count` axes whose height is `proportion` times their width, on one page."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = columns or min(count, max(1, round((count * 1.5 * proportion) ** 0.5)))
    rows = -(-count // columns)
    width = min(11.0 / columns, 8.5 / (rows * proportion))
    width = min(max(width, 2.2), 7.5)
    fig = Figure(figsize=(columns * width + 1.6, rows * width * proportion + 0.9 + 0.25 * rows), layout="constrained")
    FigureCanvasAgg(fig)
    axes = fig.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes[count:]:
        ax.remove()
    return fig, axes[:count]


def draw(view: AirView, ax: Any, axis: int, index: int) -> Any:
    """Colour a plane of cells; the coordinates are metres."""
    first, second = (d for d in range(3) if d != axis)
    values = plane(view.temperature, axis, index)
    mesh = ax.pcolormesh(view.results.faces[first], view.results.faces[second], np.ma.masked_invalid(values),
                         cmap=colour_map(view.difference), vmin=view.limits[0], vmax=view.limits[1])
    ax.set_facecolor(BOX["facecolor"])
    ax.set_aspect("equal")
    ax.set_xlabel(f"{NAMES[first]} / m", fontsize=8)
    ax.set_ylabel(f"{NAMES[second]} / m", fontsize=8)
    ax.tick_params(labelsize=7)
    return mesh


def isotherms(view: AirView, ax: Any, axis: int, index: int) -> None:
    """Thin lines at the recommended maximum and at the limit."""
    from matplotlib.patheffects import withStroke

    first, second = (d for d in range(3) if d != axis)
    x, y = (0.5 * (f[1:] + f[:-1]) for f in (view.results.faces[first], view.results.faces[second]))
    values = np.ma.masked_invalid(plane(view.temperature, axis, index))
    if view.difference or min(values.shape) < 2 or values.count() == 0:
        return
    for level, style in ((RECOMMENDED[1] - ZERO_CELSIUS, "dashed"), (view.options.limit - ZERO_CELSIUS, "solid")):
        if values.min() < level < values.max():
            lines = ax.contour(x, y, values, levels=[level], colors="white", linewidths=1.1, linestyles=style)
            lines.set(path_effects=[withStroke(linewidth=2.0, foreground="0.15")])


def arrows(view: AirView, ax: Any, axis: int, index: int) -> None:
    """Velocity in the plane, at places spread evenly; the longest arrow has the length of their distance."""
    first, second = (d for d in range(3) if d != axis)
    faces = [view.results.faces[d] for d in (first, second)]
    spacing = max(np.ptp(f) for f in faces) / ARROWS
    places = [np.arange(f[0] + 0.5 * spacing, f[-1], spacing) for f in faces]
    i, j = (np.clip(np.searchsorted(f, p, side="right") - 1, 0, f.size - 2) for f, p in zip(faces, places))
    velocity = plane(view.results.fields["U"], axis, index)[np.ix_(j, i)]
    u, v = velocity[..., first], velocity[..., second]
    wet = (plane(view.results.fields["material"], axis, index)[np.ix_(j, i)] == 1) & (np.hypot(u, v) > 0)
    if view.difference or not wet.any():
        return
    x, y = np.meshgrid(*places)
    top = float(np.percentile(np.hypot(u, v)[wet], 98))
    arrow = ax.quiver(x[wet], y[wet], u[wet], v[wet], angles="xy", scale_units="xy", scale=top / (1.2 * spacing),
                      facecolor="white", edgecolor="0.15", linewidth=0.35, width=0.0022)
    ax.quiverkey(arrow, 0.88, 1.02, top, f"{top:.2g} m/s", labelpos="E", color="0.2", fontproperties={"size": 7})


def finish(view: AirView, fig: Any, axes: Any, mesh: Any, title: str, path: Path) -> Path:
    """Title, one colour bar for all, file."""
    lines = f"; lines at {RECOMMENDED[1] - ZERO_CELSIUS:g} degC (dashed) and {view.options.limit - ZERO_CELSIUS:g} degC"
    fig.suptitle(view.title(title) + (lines if not view.difference else ""), fontsize=10)
    bar = fig.colorbar(mesh, ax=list(axes), label=TITLES[view.difference], shrink=0.85, pad=0.02, aspect=28, extend=view.beyond)
    bar.ax.tick_params(labelsize=8)
    return save(fig, path)


def outline(ax: Any, thing: Thing, axis: int, text: str = "", fill: bool = True, dark: bool = True) -> None:
    """A device's box seen along `axis`, with its name in dark or light letters."""
    from matplotlib.patches import Rectangle

    first, second = (d for d in range(3) if d != axis)
    low, high = thing.low, thing.high
    size = high[first] - low[first], high[second] - low[second]
    style = BOX if fill else {"facecolor": "none", "edgecolor": "white", "linewidth": 0.8}
    ax.add_patch(Rectangle((low[first], low[second]), *size, zorder=3, **style))
    if text:
        ax.text(low[first] + 0.5 * size[0], low[second] + 0.5 * size[1], text, ha="center", va="center", clip_on=True, zorder=4,
                color="0.1" if dark else "white", fontsize=_font(ax, size, text))


def _font(ax: Any, size: tuple[float, float], text: str) -> float:
    """Points at which a text fits into a box of `size` (m), between what can be read and what looks well."""
    span = np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())
    box = ax.get_position()
    inch = ax.figure.get_size_inches()
    scale = min(box.width * inch[0] / span[0], box.height * inch[1] / span[1])
    return float(np.clip(72.0 * scale * min(0.7 * size[1], 1.5 * size[0] / max(len(text), 1)), 3.0, 8.0))


def mid_plane(view: AirView, path: Path) -> Path:
    """The vertical plane along the flow, through the middle of the server with the warmest inlet."""
    axis, at, where = lateral_plane(view)
    index = cell_at(view, axis, at)
    first, second = (d for d in range(3) if d != axis)
    faces = view.results.faces
    fig, axes = panels(1, float(np.ptp(faces[second]) / np.ptp(faces[first])), 1)
    mesh = draw(view, axes[0], axis, index)
    cut = [t for t in view.things if t.kind in ("server", "cooler") and t.low[axis] <= at <= t.high[axis]]
    for thing in cut:
        outline(axes[0], thing, axis, _caption(view, thing, view.inlets) if len(cut) <= LABELS else "")
    arrows(view, axes[0], axis, index)
    isotherms(view, axes[0], axis, index)
    return finish(view, fig, axes, mesh, f"plane {NAMES[axis]} = {at:.3g} m{where}", path)


def lateral_plane(view: AirView) -> tuple[int, float, str]:
    """Normal axis and place of the plane to look at, and what is there; without servers across the fewest cells."""
    if not view.servers:
        low, high = view.focus
        axis = min(range(3), key=lambda d: view.results.faces[d].size)
        return axis, 0.5 * float(low[axis] + high[axis]), ""
    hot = max(view.servers, key=lambda s: view.inlets.get(s.name, -np.inf))
    flow = hot.inlet.axis if hot.inlet else 1
    axis = 1 if flow == 0 else 0
    return axis, hot.centre[axis], f", through {hot.name}" + (" (warmest inlet)" if view.inlets and not view.difference else "")


def cell_at(view: AirView, axis: int, at: float) -> int:
    """Index of the cells that hold a coordinate."""
    faces = view.results.faces[axis]
    return int(np.clip(np.searchsorted(faces, at, side="right") - 1, 0, faces.size - 2))


def _caption(view: AirView, thing: Thing, values: Mapping[str, float]) -> str:
    """A unit's name and temperature."""
    t = values.get(thing.name)
    number = "" if t is None else f"  {t:+.1f} K" if view.difference else f"  {t:.1f} degC"
    return f"{view.label(thing.name) if thing.kind == 'server' else thing.name}{number}"


def doors(view: AirView, path: Path) -> Path | None:
    """The air just before the inlets and just behind the outlets of each row of racks, both as seen from the front."""
    rows = list(_rows(view))[: DOORS // 2]
    if not rows:
        return None
    size = [_window(view, opening.axis, members) for opening, members, _ in rows]
    proportion = max((w[1][1] - w[1][0]) / (w[0][1] - w[0][0]) for w in size)
    fig, axes = panels(2 * len(rows), float(proportion), 1 if proportion < 0.6 else 2 if len(rows) < 3 else 4)
    for n, (_, members, sides) in enumerate(rows):
        for m, (side, values) in enumerate(zip(sides, (view.inlets, view.outlets))):
            ax, index = axes[2 * n + m], beside(view.results, side, m == 0)
            mesh = draw(view, ax, side.axis, index)
            _frame(ax, _window(view, side.axis, members), flip=(side.direction > 0) == (side.axis == 0))
            for thing in members:
                text = _caption(view, thing, values) if len(members) <= LABELS else ""
                outline(ax, thing, side.axis, text, False, _bright(view, side.axis, index, thing))
            if len(members) > LABELS:
                _groups(ax, members, side.axis)
            isotherms(view, ax, side.axis, index)
            at = 0.5 * (view.results.faces[side.axis][index] + view.results.faces[side.axis][index + 1])
            ax.set_title(f"{('before the inlets', 'behind the outlets')[m]}, {NAMES[side.axis]} = {at:.2f} m", fontsize=8)
    return finish(view, fig, axes, mesh, "front and rear of the racks, both seen from the front", path)


def _groups(ax: Any, members: list[Thing], axis: int) -> None:
    """Above each rack what its servers' names begin with, up to the last separator."""
    first = 1 if axis == 0 else 0
    racks: dict[str, list[Thing]] = {}
    for m in members:
        racks.setdefault(m.name[: max(m.name.rfind(c) for c in SEPARATORS) + 1].rstrip(SEPARATORS), []).append(m)
    for name, group in racks.items():
        middle = 0.5 * (min(m.low[first] for m in group) + max(m.high[first] for m in group))
        ax.text(middle, max(m.high[2] for m in group) + 0.04, name, ha="center", va="bottom", fontsize=7, color="0.1",
                bbox={"facecolor": "white", "alpha": 0.7, "pad": 1.0, "linewidth": 0.0})


def _bright(view: AirView, axis: int, index: int, thing: Thing) -> bool:
    """Whether a plane's colour in the middle of a box asks for dark letters."""
    j, i = (cell_at(view, d, thing.centre[d]) for d in (2, 1, 0) if d != axis)
    value = (plane(view.temperature, axis, index)[j, i] - view.limits[0]) / (view.limits[1] - view.limits[0])
    return bool(0.2 < value < 0.8 if view.difference else value > 0.55)


def _rows(view: AirView) -> Iterator[tuple[Opening, list[Thing], tuple[Opening, Opening]]]:
    """Servers whose inlets lie in one plane, the plane with most servers first, with the openings of one of them."""
    groups: dict[tuple[int, int, float], list[Thing]] = {}
    for s in view.servers:
        if s.inlet is not None and s.outlet is not None and s.inlet.axis < 2 and s.outlet.axis < 2:
            groups.setdefault((s.inlet.axis, s.inlet.direction, round(s.inlet.low[s.inlet.axis], 2)), []).append(s)
    for members in sorted(groups.values(), key=len, reverse=True):
        inlet, outlet = members[0].inlet, members[0].outlet
        assert inlet is not None and outlet is not None
        yield inlet, members, (inlet, outlet)


def _window(view: AirView, axis: int, members: list[Thing]) -> list[tuple[float, float]]:
    """What to show around servers seen along an axis: ranges of the two other coordinates."""
    faces = view.results.faces
    return [(float(max(min(m.low[d] for m in members) - ROUND, faces[d][0])),
             float(min(max(m.high[d] for m in members) + ROUND, faces[d][-1]))) for d in range(3) if d != axis]


def _frame(ax: Any, window: list[tuple[float, float]], flip: bool = False) -> None:
    ax.set_xlim(window[0][::-1] if flip else window[0])
    ax.set_ylim(window[1])


def heights(view: AirView) -> list[tuple[float, str]]:
    """Heights of plan views with the servers there: middles of all servers, or evenly chosen ones of them."""
    middles = sorted({round(s.centre[2], 3) for s in view.servers})
    if not middles:
        low, high = view.focus
        middles = [float(low[2] + (high[2] - low[2]) * share) for share in (0.1, 0.3, 0.5, 0.7, 0.9)]
    if len(middles) > PANELS:
        middles = [middles[n] for n in np.linspace(0, len(middles) - 1, PANELS).round().astype(int)]
    out = []
    for z in middles:
        names = [view.label(s.name) for s in view.servers if s.low[2] <= z <= s.high[2]]
        out.append((z, ", ".join(names) if len(names) < 3 else f"{len(names)} servers"))
    return out


def plan_views(view: AirView, path: Path) -> Path:
    """Plan views at the servers' heights, from the top left down to the right, with one colour scale."""
    levels = heights(view)[::-1]
    faces = view.results.faces
    fig, axes = panels(len(levels), float(np.ptp(faces[1]) / np.ptp(faces[0])))
    for ax, (z, names) in zip(axes, levels):
        mesh = plan_view(view, ax, z)
        ax.set_title(f"z = {z:.2f} m" + (f": {names}" if names else ""), fontsize=7)
        ax.label_outer()
    return finish(view, fig, axes, mesh, "plan views at the servers' heights", path)


def plan_view(view: AirView, ax: Any, z: float) -> Any:
    """One plan view with the outlines of the units at its height."""
    index = cell_at(view, 2, z)
    mesh = draw(view, ax, 2, index)
    for thing in view.things:
        if thing.kind in ("server", "cooler") and thing.low[2] <= z <= thing.high[2]:
            outline(ax, thing, 2)
    isotherms(view, ax, 2, index)
    return mesh
