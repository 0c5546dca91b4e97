"""Three-dimensional pictures with pyvista: a cut through the solids, streamlines coloured by temperature."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.read import Results
from coldrack.solver.output.vtk import rectilinear

ZERO_CELSIUS = 273.15
SIZE = (1500, 950)
BAR = {"title": "temperature / degC", "vertical": False, "position_x": 0.3, "position_y": 0.03, "width": 0.4, "height": 0.06,
       "color": "black", "title_font_size": 22, "label_font_size": 20, "fmt": "%.1f"}
PROBE = "import pyvista as p; q=p.Plotter(off_screen=True,window_size=(32,32)); q.add_mesh(p.Sphere()); q.screenshot(None)"


@cache
def missing_library() -> str:
    """What 3-D pictures lack on this machine, or nothing: VTK dies without a GL library, so another process tries."""
    try:
        done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired):
        done = None
    if done is not None and done.returncode == 0:
        return ""
    return "no GL library for 3-D pictures: install libegl1 or libosmesa6 (Debian), mesa-libEGL or mesa-libOSMesa (Fedora)"


def _grid(results: Results) -> Any:
    fields = {n: results.fields[n] for n in ("U", "material", "component")}
    fields["T"] = results.fields["T"] - ZERO_CELSIUS
    return rectilinear([1e3 * f for f in results.faces], fields)


def _plotter(results: Results, title: str) -> Any:
    import pyvista

    plotter: Any = pyvista.Plotter(off_screen=True, window_size=list(SIZE))
    plotter.set_background("white")
    plotter.add_text(f"{results.summary['title']}\n{title}", font_size=12, color="black", position="upper_left")
    return plotter


def _finish(plotter: Any, path: Path, camera: tuple[float, float, float]) -> Path:
    plotter.camera_position = [camera, (0, 0, 0), (0, 0, 1)]
    plotter.reset_camera()
    plotter.camera.zoom(1.15)
    plotter.add_axes(color="black")
    plotter.screenshot(str(path))
    plotter.close()
    return path


def cut_view(results: Results, path: Path) -> Path:
    """Solids and coolant cut open along a vertical plane through the middle of the hottest component."""
    grid = _grid(results)
    hot = int(results.fields["T"].argmax())
    j = np.unravel_index(hot, results.fields["T"].shape)[1]
    there = grid.threshold(0.5, scalars="material")
    solid = grid.threshold(1.5, scalars="material")
    y = 1e3 * 0.5 * (results.faces[1][j] + results.faces[1][j + 1])
    plotter = _plotter(results, f"temperature, cut at y = {y:.3g} mm (edges: mm)")
    limits = [float(there["T"].min()), float(there["T"].max())]
    plotter.add_mesh(there.clip("y", origin=(0, y, 0), invert=False), scalars="T", cmap="inferno", clim=limits,
                     scalar_bar_args=BAR)
    plotter.add_mesh(solid.extract_feature_edges(40), color="#666666", line_width=0.6)
    plotter.show_bounds(color="black", font_size=9, xtitle="x", ytitle="y", ztitle="z", location="outer")
    return _finish(plotter, path, (-0.5, -1.0, 0.7))


def streamlines(results: Results, path: Path) -> Path | None:
    """Streamlines from the coolant's inlets, coloured by temperature; None without flow."""
    import pyvista

    grid = _grid(results)
    speed = np.linalg.norm(results.fields["U"], axis=-1)
    wet = results.fields["material"] == 1
    if not wet.any() or speed.max() == 0:
        return None
    points = grid.cell_data_to_point_data()
    centres = [0.5e3 * (f[1:] + f[:-1]) for f in results.faces]
    k, j, i = np.nonzero(wet & (speed > 0.3 * speed[wet].mean()))
    pick = np.random.default_rng(0).choice(k.size, min(300, k.size), replace=False)
    seeds = pyvista.PolyData(np.column_stack([centres[0][i[pick]], centres[1][j[pick]], centres[2][k[pick]]]))
    size = float(np.linalg.norm([np.ptp(f) for f in results.faces])) * 1e3
    lines = points.streamlines_from_source(seeds, vectors="U", integration_direction="both", max_length=4 * size,
                                           initial_step_length=0.2, max_steps=3000, terminal_speed=1e-6 * float(speed.max()))
    if lines.n_points == 0:
        return None
    plotter = _plotter(results, "streamlines of the coolant")
    plotter.add_mesh(lines.tube(radius=0.0012 * size), scalars="T", cmap="viridis", scalar_bar_args=BAR)
    solid = grid.threshold(1.5, scalars="material")
    plotter.add_mesh(solid.extract_surface(algorithm="dataset_surface"), color="#bfbfbf", opacity=0.06)
    plotter.add_mesh(solid.extract_feature_edges(40), color="#8c8c8c", line_width=0.5, opacity=0.4)
    return _finish(plotter, path, (-0.6, -1.0, 1.1))
