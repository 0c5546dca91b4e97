"""Three-dimensional pictures of the air with pyvista: servers by inlet temperature, the limit's surface, streamlines."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.air_layout import Opening, Thing
from coldrack.solver.output.air_metrics import CLASSES, ZERO_CELSIUS
from coldrack.solver.output.air_view import TITLES, AirView, colour_map
from coldrack.solver.output.vtk import rectilinear

SIZE = (1600, 1100)
SEEDS = 160
LABELS = 48  # more names than this hide the picture: then the hottest ones only
FEW = 10
AROUND = 1.2  # of the focus' diagonal: how far the view reaches beyond the servers
FRAME = (-0.84, 0.62, -0.84, 0.82)  # of the window, from -1 to 1: left, right, bottom, top of the picture proper
PLAIN: dict[str, Any] = {"color": "#cfcfcf", "show_edges": True, "edge_color": "#505050", "ambient": 0.5, "diffuse": 0.55}
BAR: dict[str, Any] = {"vertical": True, "position_x": 0.87, "position_y": 0.2, "width": 0.06, "height": 0.6, "color": "black",
                       "title_font_size": 20, "label_font_size": 20, "fmt": "%.1f", "n_labels": 6}


class Scene:
    """One plotter for all pictures of a run; `close` it."""

    def __init__(self, view: AirView) -> None:
        import pyvista
        from vtkmodules.vtkCommonCore import vtkLogger

        vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)  # it warns of every display that it tries before one works
        self.view = view
        make: Any = pyvista.Plotter
        self.plotter: Any = make(off_screen=True, window_size=list(SIZE))
        self.plotter.set_background("white")
        self.plotter.enable_anti_aliasing("msaa", multi_samples=4)

    def close(self) -> None:
        """Give the window back."""
        self.plotter.close()

    @cached_property
    def points(self) -> Any:
        """Temperature (degC) and velocity of the air at the grid's points, with the share of air around each."""
        view = self.view
        air = view.results.fields["material"] == 1
        share = air.astype(np.float32)
        t = np.where(air, view.temperature, 0.0).astype(np.float32)
        velocity = view.results.fields["U"].astype(np.float32)
        grid = rectilinear(view.results.faces, {"T": t, "share": share, "U": velocity}).cell_data_to_point_data()
        inside = grid["share"] > 0.0
        grid["T"] = np.where(inside, grid["T"] / np.where(inside, grid["share"], 1.0), np.float32(view.limits[0]))
        return grid

    @cached_property
    def lines(self) -> Any:
        """Streamlines from the servers' outlets (downstream); None without flow."""
        import pyvista

        seeds = _seeds(self.view)
        speed = float(np.abs(self.view.results.fields["U"]).max())
        if not seeds.size or speed == 0.0:
            return None
        length = float(np.linalg.norm([np.ptp(f) for f in self.view.results.faces]))
        lines = self.points.streamlines_from_source(
            pyvista.PolyData(seeds), vectors="U", integration_direction="forward", max_length=1.2 * length,
            initial_step_length=0.5, max_steps=2000, terminal_speed=1e-4 * speed)
        return lines if lines.n_points else None

    def servers(self, path: Path) -> Path | None:
        """Boxes coloured by the temperature of the air that they take in, with names."""
        if not self.view.servers:
            return None
        what = "the difference of their mean inlet temperatures" if self.view.difference else "their mean inlet temperature"
        self._begin(f"servers, coloured by {what}", room=False)
        self._boxes(bar="difference / K" if self.view.difference else "inlet temperature / degC")
        self._names()
        return self._save(path, _front(self.view), closer=True)

    def limit(self, path: Path) -> Path | None:
        """The surface in the air that has the limit's temperature, translucent, with the servers; None where none has it."""
        surface = self.surface()
        if surface is None:
            return None
        self._begin(f"air warmer than {self._limit_name()}")
        self._boxes(bar="inlet temperature / degC")
        self.plotter.add_mesh(surface, color="#d95f02", opacity=0.4, smooth_shading=True, show_scalar_bar=False)
        return self._save(path, _front(self.view))

    def streamlines(self, path: Path) -> Path | None:
        """Where the servers' exhaust goes, coloured by temperature."""
        if self.lines is None:
            return None
        self._begin("streamlines from the servers' outlets, coloured by the temperature of the air")
        for s in self.view.servers:
            self.plotter.add_mesh(_box(s), **PLAIN)
        along, across, up = _front(self.view)
        behind = (-along, -across, up)
        self._tubes(bar=True, inside=self._look(behind))
        return self._save(path, behind)

    def browser(self) -> Any:
        """Everything in one scene, for `air_html`; the plotter."""
        self._begin("")
        self._boxes(bar="temperature / degC")
        surface = self.surface()
        if surface is not None:
            self.plotter.add_mesh(surface, color="#d95f02", opacity=0.35, show_scalar_bar=False)
        if self.lines is not None:
            self._tubes(bar=False, sides=6)
        self._look(_front(self.view))
        return self.plotter

    def surface(self) -> Any:
        """The limit's surface without what lies inside boxes; None where the air does not have that temperature."""
        level = self.view.options.limit - ZERO_CELSIUS
        found = self.points.contour([level], scalars="T")
        if found.n_points:
            found = found.clip_scalar(scalars="share", value=0.499, invert=False)  # at a box' surface half of the cells are air
        return found if found.n_points else None

    def _limit_name(self) -> str:
        level = self.view.options.limit
        name = next((f" (ASHRAE {n}, highest allowable)" for n, (_, high) in CLASSES.items() if abs(high - level) < 1e-6), "")
        return f"{level - ZERO_CELSIUS:g} degC{name}"

    def _begin(self, title: str, room: bool = True) -> None:
        """An empty window with the floor, the room's edges, the other devices and a title."""
        import pyvista

        p = self.plotter
        p.suppress_rendering = True  # until the picture is complete: every render costs
        p.clear()
        p.enable_lightkit()
        bounds = [float(v) for f in self.view.results.faces for v in (f[0], f[-1])]
        if room:
            p.add_mesh(pyvista.Box(bounds).extract_feature_edges(30), color="#909090", line_width=1.0, opacity=0.5)
        floor = pyvista.Box([*bounds[:4], bounds[4] - 2e-3, bounds[4] - 1e-3])
        p.add_mesh(floor, color="#d8d8d4", lighting=False, opacity=0.4)  # translucent: else it hides the axes' labels
        for thing in self.view.things:
            if thing.kind != "server":
                p.add_mesh(_box(thing), color="#7fa6c9", opacity=0.9 if thing.kind == "cooler" else 0.25, show_edges=True,
                           edge_color="#4d6b85")
        if title:
            p.add_text(self.view.title(title), font_size=13, color="black", position="upper_left")

    def _boxes(self, bar: str = "") -> None:
        """The servers; grey where there is no temperature."""
        import pyvista

        view = self.view
        known = [s for s in view.servers if s.name in view.inlets]
        for s in view.servers:
            if s.name not in view.inlets:
                self.plotter.add_mesh(_box(s), **PLAIN)
        if not known:
            return
        boxes = pyvista.merge([_box(s) for s in known], merge_points=False)
        boxes.cell_data["T_in"] = np.repeat([view.inlets[s.name] for s in known], 6)
        self.plotter.add_mesh(boxes, scalars="T_in", cmap=colour_map(view.difference), clim=list(view.limits), show_edges=True,
                              edge_color="#303030", ambient=0.5, diffuse=0.55, show_scalar_bar=bool(bar),
                              scalar_bar_args={**BAR, "title": f"{bar}\n"})

    def _tubes(self, bar: bool, sides: int = 10, inside: list[float] | None = None) -> None:
        """Draw the streamlines, no further than the bounds `inside`, which is all that the picture shows."""
        radius = 0.0014 * float(np.linalg.norm([np.ptp(f) for f in self.view.results.faces]))
        tubes = self.lines.tube(radius=radius, n_sides=sides)
        if inside is not None:
            tubes = tubes.clip_box(inside, invert=False)
        self.plotter.add_mesh(tubes, scalars="T", cmap=colour_map(False), clim=list(self.view.limits), ambient=0.5, diffuse=0.6,
                              show_scalar_bar=bar, scalar_bar_args={**BAR, "title": f"{TITLES[False]}\n"})

    def _names(self) -> None:
        """Names on the servers' fronts that face the camera, of all or of the hottest."""
        view = self.view
        camera = _front(view)
        show = [s for s in view.servers if s.inlet is not None and camera[s.inlet.axis] * s.inlet.direction < 0]
        if len(show) > LABELS:
            show = sorted(show, key=lambda s: -abs(view.inlets.get(s.name, 0.0)))[:FEW]
        if not show:
            return
        places = np.array([_label_place(s.inlet, camera) for s in show if s.inlet is not None])
        form = "{:+.1f} K" if view.difference else "{:.1f} degC"
        texts = [f"{view.label(s.name)}  {form.format(view.inlets[s.name])}" if s.name in view.inlets else view.label(s.name)
                 for s in show]
        self.plotter.add_point_labels(places, texts, font_size=17 if len(show) <= 24 else 12, text_color="black", margin=2,
                                      show_points=False, shape_color="white", shape_opacity=0.7, always_visible=True)

    def _look(self, direction: tuple[float, float, float], closer: bool = False) -> list[float]:
        """Turn the camera to the servers and what is around them; returns the bounds of what it shows."""
        low, high = (np.array(c, float) for c in self.view.focus)
        reach = 0.0 if closer else AROUND * float(np.linalg.norm(high - low))
        faces = self.view.results.faces
        low = np.maximum(low - reach, [f[0] for f in faces])
        high = np.minimum(high + reach, [f[-1] for f in faces])
        middle = 0.5 * (low + high)
        bounds = [float(v) for pair in zip(low, high) for v in pair]
        self.plotter.camera_position = [tuple(middle + np.array(direction)), tuple(middle), (0, 0, 1)]
        self.plotter.reset_camera(bounds=bounds)
        self._fill(bounds)
        return bounds

    def _fill(self, bounds: list[float]) -> None:
        """Zoom and shift so that a box just fits beside the colour bar, below the title and within its axes' labels."""
        renderer, camera = self.plotter.renderer, self.plotter.camera
        camera.SetWindowCenter(0.0, 0.0)
        seen = []
        for corner in product(bounds[:2], bounds[2:4], bounds[4:]):
            renderer.SetWorldPoint(*corner, 1.0)
            renderer.WorldToView()
            seen.append(renderer.GetViewPoint()[:2])
        low, high = np.min(seen, axis=0), np.max(seen, axis=0)
        zoom = float(min((FRAME[1] - FRAME[0]) / (high[0] - low[0]), (FRAME[3] - FRAME[2]) / (high[1] - low[1])))
        camera.zoom(zoom)
        x, y = 0.5 * zoom * (low + high)
        camera.SetWindowCenter(x - 0.5 * (FRAME[0] + FRAME[1]), y - 0.5 * (FRAME[2] + FRAME[3]))

    def _save(self, path: Path, direction: Any, closer: bool = False) -> Path:
        """Axes in metres around what is shown, then the file."""
        self.plotter.show_bounds(xtitle="x / m", ytitle="y / m", ztitle="z / m", color="black", font_size=13, location="outer",
                                 use_3d_text=False, n_xlabels=5, n_ylabels=5, n_zlabels=5, fmt="%.2f",
                                 bounds=self._look(direction, closer))
        self.plotter.suppress_rendering = False
        self.plotter.render()
        self.plotter.screenshot(str(path))
        return path


def _box(thing: Thing) -> Any:
    import pyvista

    return pyvista.Box([float(v) for pair in zip(thing.low, thing.high) for v in pair])


def _front(view: AirView) -> tuple[float, float, float]:
    """From the servers to the camera: before the inlets of most, from the side and from above."""
    sides = [(s.inlet.axis, s.inlet.direction) for s in view.servers if s.inlet is not None and s.inlet.axis < 2]
    axis, direction = max(set(sides), key=sides.count) if sides else (1, 1)
    out = [0.0, 0.0, 0.4]
    out[axis], out[1 - axis] = -1.0 * direction, -0.6
    return out[0], out[1], out[2]


def _label_place(front: Opening, camera: Any) -> list[float]:
    """Where a name begins on a front, seen from the camera: near the left, in the middle of the height."""
    left = 1 if front.axis == 0 else 0
    away = (-camera[0], -camera[1])
    share = 0.08 if (away[1] > 0 if left == 0 else away[0] < 0) else 0.92  # what lies to the right: away x up
    place = [0.5 * (a + b) for a, b in zip(front.low, front.high)]
    place[left] = front.low[left] + share * (front.high[left] - front.low[left])
    place[2] = front.low[2] + 0.42 * (front.high[2] - front.low[2])
    return place


def _seeds(view: AirView) -> Any:
    """Places half a cell behind the servers' outlets, spread evenly; shape (n, 3), m."""
    outlets = [s.outlet for s in view.servers if s.outlet is not None]
    each = max(1, SEEDS // max(len(outlets), 1))
    side = max(1, int(np.sqrt(each)))
    places = []
    for o in outlets[:: max(1, len(outlets) // SEEDS)]:
        first, second = (d for d in range(3) if d != o.axis)
        shares = (np.arange(side) + 0.5) / side
        for a in shares:
            for b in shares:
                place = list(o.low)
                place[first] += a * (o.high[first] - o.low[first])
                place[second] += b * (o.high[second] - o.low[second])
                place[o.axis] += o.direction * 0.02
                places.append(place)
    return np.array(places)
