"""All pictures of a run, from its folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from coldrack.solver.output import slices, spatial
from coldrack.solver.output.atomic import OutputError
from coldrack.solver.output.read import Results, read_results
from coldrack.solver.output.write import make_folder

NAMES = ("convergence", "temperature_mid_plane", "temperature_hottest_plane", "temperature_section", "cut_view", "streamlines")


def remove_pictures(folder: str | Path) -> None:
    """Remove the pictures of an earlier run, which no longer show what the folder holds."""
    for name in NAMES:
        (Path(folder) / "pictures" / f"{name}.png").unlink(missing_ok=True)


def render(folder: str | Path) -> tuple[list[Path], list[str]]:
    """Draw a run's pictures into ``pictures/`` of its folder.

    Returns
    -------
    list of Path, list of str
        The pictures, and remarks on what could not be drawn and why; one that fails does not keep the others from it.
    """
    results = read_results(folder)
    out = make_folder(Path(folder) / "pictures")
    made: list[Path] = []
    remarks: list[str] = []
    for name, draw in _tasks(results).items():
        try:
            path = draw(out / f"{name}.png")
        except OutputError:
            raise
        except Exception as error:
            remarks.append(f"no picture {name}: {type(error).__name__}: {error}".split("\n")[0])
            continue
        if path is None:
            remarks.append(f"no {name}: the coolant does not move in this run")
        else:
            made.append(path)
    lack = spatial.missing_library()
    if lack:
        remarks.append(lack)
    return made, remarks


def _tasks(results: Results) -> dict[str, Callable[[Path], Path | None]]:
    """What to draw, by name."""
    tasks: dict[str, Callable[[Path], Path | None]] = {"convergence": partial(slices.convergence, results)}
    for name, axis, index, title in _planes(results):
        tasks[f"temperature_{name}"] = partial(slices.temperature_plane, results, axis, index, title)
    if not spatial.missing_library():
        tasks["cut_view"] = partial(spatial.cut_view, results)
        tasks["streamlines"] = partial(spatial.streamlines, results)
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
