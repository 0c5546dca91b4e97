"""Three-dimensional pictures with pyvista: a cut through the solids, streamlines coloured by temperature."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.read import Results
from coldrack.solver.output.report import ZERO_CELSIUS
from coldrack.solver.output.vtk import rectilinear

SIZE = (1500, 950)
SEEDS = 300
EDGES: dict[str, Any] = {"color": "#666666", "line_width": 1.0}
BAR = {"title": "temperature / degC\n", "vertical": False, "position_x": 0.3, "position_y": 0.02, "width": 0.4, "height": 0.07,
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
    from vtkmodules.vtkCommonCore import vtkLogger

    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)  # it warns of every display that it tries before one works
    plotter: Any = pyvista.Plotter(off_screen=True, window_size=list(SIZE))
    plotter.set_background("white")
    size = " x ".join(f"{1e3 * np.ptp(f):.3g}" for f in results.faces)
    plotter.add_text(f"{results.summary['title']}\n{title}\n{size} mm", font_size=12, color="black", position="upper_left")
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
    """Solids and coolant behind a vertical plane through the hottest point of the solids (of all without solids)."""
    grid = _grid(results)
    t, material = results.fields["T"], results.fields["material"]
    solids = material > 1
    hot = int(np.where(solids if solids.any() else material > 0, t, -np.inf).argmax())
    j = np.unravel_index(hot, t.shape)[1]
    y = 1e3 * 0.5 * (results.faces[1][j] + results.faces[1][j + 1])
    low, high = 1e3 * results.faces[1][0], 1e3 * results.faces[1][-1]
    if y - low > 0.75 * (high - low):  # always keep enough to look at
        y = 0.5 * (low + high)
    there = grid.threshold(0.5, scalars="material")
    behind = there.clip("y", origin=(0, y, 0), invert=False)
    plotter = _plotter(results, f"temperature behind the cut at y = {y:.3g} mm")
    plotter.add_mesh(behind, scalars="T", cmap="inferno", clim=[float(there["T"].min()), float(there["T"].max())],
                     scalar_bar_args=BAR, ambient=0.45, diffuse=0.6)
    for label in ("component", "material"):
        borders = _borders(behind, label)
        if borders.n_points:
            plotter.add_mesh(borders, color="#404040", line_width=1.0)
    return _finish(plotter, path, (-0.35, -1.0, 0.55))


def _borders(cells: Any, label: str) -> Any:
    """Edges of the visible surface of each component or material."""
    import pyvista

    parts = pyvista.MultiBlock()
    for value in np.unique(cells[label]):
        one = cells.threshold([value - 0.25, value + 0.25], scalars=label)
        if one.n_cells:
            parts.append(one.extract_surface(algorithm="dataset_surface").extract_feature_edges(
                40, boundary_edges=False, non_manifold_edges=False))
    return parts.combine() if len(parts) else pyvista.PolyData()


def streamlines(results: Results, path: Path) -> Path | None:
    """Streamlines of the coolant, from places in proportion to its flow, coloured by its temperature; None without flow."""
    speed = np.linalg.norm(results.fields["U"], axis=-1)
    wet = results.fields["material"] == 1
    if not wet.any() or speed.max() == 0:
        return None
    import pyvista

    grid = _grid(results)
    size = float(np.linalg.norm([np.ptp(f) for f in results.faces])) * 1e3
    seeds = pyvista.PolyData(_seeds(results, np.where(wet, speed, 0.0)))
    lines = _points(grid, wet).streamlines_from_source(
        seeds, vectors="U", integration_direction="both", max_length=4 * size, initial_step_length=0.2, max_steps=3000,
        terminal_speed=1e-6 * float(speed.max()))
    if lines.n_points == 0:
        return None
    plotter = _plotter(results, "streamlines of the coolant, coloured by its temperature")
    coolant = results.fields["T"][wet] - ZERO_CELSIUS
    plotter.add_mesh(lines.tube(radius=0.001 * size), scalars="T", cmap="viridis", lighting=False, scalar_bar_args=BAR,
                     clim=[float(coolant.min()), float(coolant.max())])
    hull = grid.threshold(1.5 if (results.fields["material"] > 1).any() else 0.5, scalars="material")
    plotter.add_mesh(hull.extract_surface(algorithm="dataset_surface"), color="#bfbfbf", opacity=0.05)
    plotter.add_mesh(hull.extract_feature_edges(40), color="#8c8c8c", line_width=0.5, opacity=0.25)
    return _finish(plotter, path, (-0.6, -1.0, 1.1))


def _seeds(results: Results, speed: Any) -> Any:
    """Cell centres (mm) drawn with the probability of speed times volume, always the same ones."""
    volume = np.einsum("k,j,i->kji", *(np.diff(f) for f in reversed(results.faces)))
    chance = (speed * volume).ravel()
    count = min(SEEDS, int(np.count_nonzero(chance)))
    pick = np.random.default_rng(0).choice(chance.size, count, replace=False, p=chance / chance.sum())
    k, j, i = np.unravel_index(pick, speed.shape)
    x, y, z = (0.5e3 * (f[1:] + f[:-1]) for f in results.faces)
    return np.column_stack([x[i], y[j], z[k]])


def _points(grid: Any, wet: Any) -> Any:
    """Point data for the streamlines: velocity falls to zero at walls, temperature is the coolant's alone."""
    share = wet.ravel().astype(float)
    grid.cell_data["share"] = share
    grid.cell_data["heat"] = share * grid.cell_data["T"]
    points = grid.cell_data_to_point_data()
    inside = points["share"] > 0  # elsewhere a line that grazes a wall sees the wall
    points["T"] = np.where(inside, points["heat"] / np.where(inside, points["share"], 1.0), points["T"])
    return points
