"""All pictures, movies and tables of a run with devices in the air, by name, with the reason where one cannot be."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from coldrack.solver.output import air_planes
from coldrack.solver.output.air_html import need_viewer, write_scene
from coldrack.solver.output.air_metrics import ZERO_CELSIUS
from coldrack.solver.output.air_movie import over_time, sweep
from coldrack.solver.output.air_scene import Scene
from coldrack.solver.output.air_table import air_tables
from coldrack.solver.output.air_view import AirView
from coldrack.solver.output.atomic import write_text
from coldrack.solver.output.series import NAME as SERIES
from coldrack.solver.output.series import read_series
from coldrack.solver.output.slices import plane

PLANES = ("mid_plane", "doors", "heights")
SCENES = ("servers", "limit", "streamlines")
FILES = (*(f"air_{n}.png" for n in (*PLANES, *SCENES)), *(f"difference_{n}.png" for n in (*PLANES, "servers")),
         "movie.mp4", "movie.gif", "difference_movie.mp4", "difference_movie.gif", "scene.html", "air.md")
Draw = Callable[[Path], Path | None]


class AirPictures:
    """Draws with one plotter, which is made when it is first needed; `close` it."""

    def __init__(self, view: AirView, spatial: bool) -> None:
        self.view, self.spatial = view, spatial
        self._scene: Scene | None = None

    def close(self) -> None:
        """Give the window back, if there is one."""
        if self._scene is not None:
            self._scene.close()

    @property
    def scene(self) -> Scene:
        """The plotter of this run."""
        if self._scene is None:
            self._scene = Scene(self.view)
        return self._scene

    def tasks(self) -> dict[str, Draw]:
        """How to draw each file, by its name."""
        kind = "difference" if self.view.difference else "air"
        flat: dict[str, Draw] = dict(zip(PLANES, (partial(f, self.view) for f in (
            air_planes.mid_plane, air_planes.doors, air_planes.plan_views))))
        out = {f"{kind}_{n}.png": draw for n, draw in flat.items()}
        if self.spatial:
            names = ("servers",) if self.view.difference else SCENES
            out |= {f"{kind}_{n}.png": partial(self._draw, n) for n in names}
            if self.view.options.html:
                out["scene.html"] = self._html
        if not self.view.difference and self.view.results.summary.get("air"):
            out["air.md"] = self._table
        return out

    def _draw(self, name: str, path: Path) -> Path | None:
        drawn: Path | None = getattr(self.scene, name)(path)
        return drawn

    def _html(self, path: Path) -> Path:
        limit = self.view.options.limit - ZERO_CELSIUS
        return write_scene(self.scene.browser(), self.view.title(
            f"servers by inlet temperature, streamlines from their outlets, surface of {limit:g} degC"), path)

    def _table(self, path: Path) -> Path:
        summary = self.view.results.summary
        write_text(path, f"# {summary['title']}\n\n" + air_tables(summary["air"], summary["servers"], summary.get("fans"),
                                                               markdown=True, every=True))
        return path

    def reason(self, name: str) -> str:
        """Why a picture has nothing to show."""
        if "limit" in name:
            return f"the air has no {self.view.options.limit - ZERO_CELSIUS:g} degC anywhere"
        if "doors" in name:
            return "no server takes air in and lets it out through vertical sides"
        return "no server moves air in this run" if "streamlines" in name else "no servers in this run"


def check(view: AirView) -> None:
    """Say what the wanted files need before anything is drawn: `OutputError`."""
    if view.options.html:
        need_viewer()


def movie(view: AirView, folder: Path) -> tuple[Path, str]:
    """One plane over time for a run in time, else plan views from the floor up; the file, and a remark on it."""
    stem = folder / ("difference_movie" if view.difference else "movie")
    if view.difference or not (view.results.folder / SERIES).is_file():
        return sweep(view, stem)
    times, read = read_series(view.results.folder)
    return over_time(view, times, lambda name, axis, index: [plane(read[name](n), axis, index) for n in range(times.size)],
                     stem)
