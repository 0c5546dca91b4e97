"""All pictures of a run, from its folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from coldrack.solver.output import slices, spatial
from coldrack.solver.output.air_pictures import FILES, AirPictures, check, movie
from coldrack.solver.output.air_view import LIMIT, AirView, PictureOptions
from coldrack.solver.output.atomic import OutputError
from coldrack.solver.output.monitors import over_time
from coldrack.solver.output.read import Results, ResultsError, read_results
from coldrack.solver.output.write import make_folder

NAMES = ("convergence", "temperature_mid_plane", "temperature_hottest_plane", "temperature_section", "cut_view", "streamlines")


def remove_pictures(folder: str | Path) -> None:
    """Remove the pictures of an earlier run, which no longer show what the folder holds."""
    for name in (*(f"{n}.png" for n in NAMES), *FILES):
        (Path(folder) / "pictures" / name).unlink(missing_ok=True)


def render(folder: str | Path, options: PictureOptions | None = None) -> tuple[list[Path], list[str]]:
    """Draw a run's pictures into ``pictures/`` of its folder.

    Runs with devices in the air get pictures of rooms, others those of cold plates; differences of two runs (``other`` in the
    options) are drawn like rooms, and nothing else with them.

    Returns
    -------
    list of Path, list of str
        The pictures, and remarks on what could not be drawn and why; one that fails does not keep the others from it.

    Raises
    ------
    OutputError
        If the folder cannot be written, or a package is missing that the options need.
    ResultsError
        If the folder is no run's, or the options do not fit the run.
    """
    results, options = read_results(folder), options or PictureOptions()
    view = AirView(results, options)
    if not (results.devices or options.other is not None) and (options.html or options.limit != LIMIT):
        raise ResultsError(f"--html and --limit are for runs with servers or other devices in the air; {folder} has none")
    check(view)
    out = make_folder(Path(folder) / "pictures")
    air = AirPictures(view, not spatial.missing_library())
    made: list[Path] = []
    remarks: list[str] = []
    try:
        for name, draw in _tasks(results, air).items():
            _attempt(name, draw, out, made, remarks, air)
        if options.movie:
            path, remark = movie(view, out)
            made.append(path)
            remarks += [remark] if remark else []
    finally:
        air.close()
    lack = spatial.missing_library()
    if lack:
        remarks.append(lack)
    return made, remarks


def _attempt(name: str, draw: Callable[[Path], Path | None], out: Path, made: list[Path], remarks: list[str],
             air: AirPictures) -> None:
    """Draw one file; note why where it fails or has nothing to show."""
    short = name.removesuffix(".png")
    try:
        path = draw(out / name)
    except OutputError:
        raise
    except Exception as error:
        remarks.append(f"no picture {short}: {type(error).__name__}: {error}".split("\n")[0])
        return
    if path is not None:
        made.append(path)
    else:
        (out / name).unlink(missing_ok=True)  # one from before would not show this run
        why = air.reason(name) if name in FILES else "the coolant does not move in this run"
        remarks.append(f"no {short}: {why}")


def _tasks(results: Results, air: AirPictures) -> dict[str, Callable[[Path], Path | None]]:
    """What to draw, by the file's name."""
    if air.view.difference:
        return air.tasks()
    tasks: dict[str, Callable[[Path], Path | None]] = {"convergence.png": partial(
        over_time if "time" in results.history else slices.convergence, results)}
    if results.devices:
        return tasks | air.tasks()
    for name, axis, index, title in _planes(results):
        tasks[f"temperature_{name}.png"] = partial(slices.temperature_plane, results, axis, index, title,
                                                   limits=air.view.options.limits)
    if air.spatial:
        tasks["cut_view.png"] = partial(spatial.cut_view, results)
        tasks["streamlines.png"] = partial(spatial.streamlines, results)
    return tasks


def _planes(results: Results) -> list[tuple[str, int, int, str]]:
    """Middle of the coolant passage, the hottest plane, and a vertical section through the hottest cell."""
    t, material = results.fields["T"], results.fields["material"]
    solid = np.where(material > 1, t, -np.inf) if (material > 1).any() else t
    k, j, _ = np.unravel_index(int(solid.argmax()), t.shape)
    planes = [("hottest_plane", 2, int(k), "temperature, plane of the hottest component"),
              ("section", 1, int(j), "temperature, section through the hottest point")]
    if (material == 1).any():
        planes.insert(0, ("mid_plane", 2, _passage_plane(results), "temperature, mid plane of the coolant channels"))
    return planes


def _passage_plane(results: Results) -> int:
    """Plane of cells in the middle of the fins, else of the coolant."""
    component = results.fields["component"]
    fins = [n for n, name in enumerate(results.components, 1) if name.endswith((".fins", ".pins"))]
    cells = np.isin(component, fins) if fins else results.fields["material"] == 1
    levels = np.flatnonzero(cells.any(axis=(1, 2)))
    z = 0.5 * (results.faces[2][levels[0]] + results.faces[2][levels[-1] + 1])
    return int(np.searchsorted(results.faces[2], z, side="right")) - 1
