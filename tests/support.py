"""Hand-made meshes, reference tables and the record of measured errors that the proof tests share."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.grid import Grid
from coldrack.meshes.mesh import Contact, Mesh, Patch
from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Settings, Solid

Array = NDArray[np.float64]
ROOT = Path(__file__).resolve().parents[1]
REFERENCE = Path(__file__).resolve().parent / "reference"
RESULTS = Path(os.environ.get("COLDRACK_PROOF", ROOT / ".pytest_cache" / "proof"))
SIDES = {"x0": (0, 0), "x1": (0, 1), "y0": (1, 0), "y1": (1, 1), "z0": (2, 0), "z1": (2, 1)}


# ---------------------------------------------------------------- modules of no package
def load_file(path: Path, name: str = "") -> ModuleType:
    """A Python file as a module, called as the file unless `name` says otherwise; its dataclasses find it by that name."""
    name = name or path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def script(name: str) -> ModuleType:
    """A script of this project."""
    return load_file(ROOT / "scripts" / f"{name}.py")


# ---------------------------------------------------------------- references
analytic = load_file(REFERENCE / "analytic.py", "coldrack_reference_analytic")


def table(name: str) -> NDArray[Any]:
    """A reference table as a structured array; a comment line, a header row, then numbers (empty = nan)."""
    path = REFERENCE / f"{name}.csv"
    return np.genfromtxt(path, delimiter=",", skip_header=1, names=True, dtype=None, encoding="utf-8")


# ---------------------------------------------------------------- meshes
def tanh_faces(cells: int, start: float = 0.0, end: float = 1.0, strength: float = 1.8) -> Array:
    """Faces clustered towards both ends, smooth in the index so that second order survives."""
    s = np.linspace(-1.0, 1.0, cells + 1)
    return start + (end - start) * 0.5 * (1.0 + np.tanh(strength * s) / np.tanh(strength))


def geometric_faces(cells: int, start: float, end: float, ratio: float) -> Array:
    """Faces whose last cell is `ratio` times the first one, in geometric progression."""
    growth = ratio ** (1.0 / max(cells - 1, 1))
    widths = growth ** np.arange(cells)
    return start + (end - start) * np.concatenate([[0.0], np.cumsum(widths) / widths.sum()])


def join_faces(*parts: Array) -> Array:
    """Concatenate face arrays that share their end points."""
    return np.concatenate([parts[0], *[part[1:] for part in parts[1:]]])


def face_shape(mesh: Mesh, axis: int) -> tuple[int, int]:
    """Shape of the boundary plane normal to `axis`."""
    nz, ny, nx = mesh.grid.shape
    return ((nz, ny), (nz, nx), (ny, nx))[axis]


def whole_face(mesh: Mesh, name: str, axis: int, side: int, mask: NDArray[np.bool_] | None = None) -> Patch:
    """Add the patch `name` that covers one side of the domain (or the `mask` of it) and return it."""
    mask = np.ones(face_shape(mesh, axis), bool) if mask is None else np.broadcast_to(mask, face_shape(mesh, axis))
    patch = Patch(name, axis, side, np.ascontiguousarray(mask))
    mesh.patches[name] = patch
    return patch


def box_mesh(
    x: Array,
    y: Array,
    z: Array,
    material: Any = 1,
    solids: Sequence[str] = (),
    components: dict[str, NDArray[np.bool_]] | None = None,
    sides: Sequence[str] = (),
) -> Mesh:
    """A mesh on the given faces.

    Parameters
    ----------
    material : int or array
        0 void, 1 fluid, 2 and up `solids` in their order; broadcast to (nz, ny, nx).
    components : dict
        Named bodies as masks broadcast to (nz, ny, nx).
    sides : sequence of str
        Names from ``SIDES`` ("x0" ... "z1") that become patches covering the whole side.
    """
    grid = Grid(x, y, z)
    filled = np.ascontiguousarray(np.broadcast_to(np.asarray(material, np.uint8), grid.shape))
    component = np.zeros(grid.shape, np.uint16)
    names = list(components or {})
    for index, name in enumerate(names):
        component[np.broadcast_to((components or {})[name], grid.shape)] = index + 1
    mesh = Mesh(grid, filled, ["void", "fluid", *solids], component, names)
    for side in sides:
        whole_face(mesh, side, *SIDES[side])
    return mesh


def add_contact(mesh: Mesh, name: str, axis: int, index: int, resistance: float) -> None:
    """Put a contact resistance on the whole grid plane number `index` of `axis`."""
    nz, ny, nx = mesh.grid.shape
    shape = ((nz, ny, nx + 1), (nz, ny + 1, nx), (nz + 1, ny, nx))[axis]
    flat = np.arange(int(np.prod(shape))).reshape(shape)
    faces = np.take(flat, index, axis=2 - axis).ravel().astype(np.int64)
    mesh.contacts.append(Contact(name, axis, faces, resistance))


def cell_points(grid: Grid) -> tuple[Array, Array, Array]:
    """Cell-centre coordinates, three arrays of shape (nz, ny, nx)."""
    return _points(grid, -1)


def face_points(grid: Grid, axis: int) -> tuple[Array, Array, Array]:
    """Face-centre coordinates of the faces normal to `axis`, three arrays of the velocity array's shape."""
    return _points(grid, axis)


def _points(grid: Grid, axis: int) -> tuple[Array, Array, Array]:
    along = [grid.faces[a] if a == axis else grid.centres[a] for a in range(3)]
    z, y, x = np.meshgrid(along[2], along[1], along[0], indexing="ij")
    return x, y, z


# ---------------------------------------------------------------- problems
TIGHT = {"tolerance": 1e-9, "residual": 1e-10, "max_iterations": 4000, "unit_responses": False}


def settings(**changes: Any) -> Settings:
    """Settings tight enough that the discretisation error is what a test sees."""
    return Settings(**{**TIGHT, **changes})


def symmetric(*names: str) -> list[Boundary]:
    """Symmetry planes on the named patches."""
    return [Boundary(name, "symmetry") for name in names]


def conduction(title: str, mesh: Mesh, solids: Sequence[Solid], boundaries: Sequence[Boundary], **more: Any) -> Problem:
    """A problem of pure conduction in `solids` (given in the order of the mesh's materials)."""
    options = {"reference_temperature": 0.0, "settings": settings(flow=False, residual=1e-13), **more}
    return Problem(title, mesh, None, {s.name: s for s in solids}, boundaries=list(boundaries), **options)


def unit_fluid(nu: float, prandtl: float = 1.0, rho: float = 1.0) -> ConstantCoolant:
    """A fluid of kinematic viscosity `nu`, heat capacity 1 and the given Prandtl number."""
    return ConstantCoolant(rho=rho, mu=rho * nu, k=rho * nu / prandtl, cp=1.0)


def run(problem: Problem, **options: Any) -> Any:
    """Solve on the device that COLDRACK_TEST_DEVICE names (default auto); refuse an answer that did not converge."""
    from coldrack.solver.run import solve

    options.setdefault("device", os.environ.get("COLDRACK_TEST_DEVICE", "auto"))
    solution = solve(problem, **options)
    assert solution.converged, f"{problem.title}: {solution.reason}"
    return solution


# ---------------------------------------------------------------- errors
def l2_error(value: Array, exact: Array, weight: Array | None = None) -> float:
    """Root of the (volume-weighted) mean square of the difference."""
    difference = (np.asarray(value) - exact) ** 2
    weight = np.ones_like(difference) if weight is None else np.broadcast_to(weight, difference.shape)
    return float(np.sqrt((difference * weight).sum() / weight.sum()))


def observed_order(errors: Sequence[float], sizes: Sequence[float]) -> float:
    """Slope of log(error) over log(size) between the two finest grids."""
    (big, coarse), (small, fine) = sorted(zip(sizes, errors), reverse=True)[-2:]
    return float(np.log(coarse / fine) / np.log(big / small))


def record(name: str, measured: float, tolerance: float | None, source: str, sense: str = "at most") -> None:
    """Keep a measured value beside its tolerance (None: for information) for the validation page, a file per name."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + ".json")
    test = os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0]
    entry = {"name": name, "measured": float(measured), "tolerance": tolerance, "sense": sense, "source": source}
    entry["test"] = test
    path.write_text(json.dumps(entry, indent=1) + "\n")


def check(name: str, measured: float, tolerance: float, source: str) -> None:
    """Record an error and fail where it exceeds its tolerance."""
    record(name, measured, tolerance, source)
    assert measured <= tolerance, f"{name}: {measured:.3g} exceeds {tolerance:g} ({source})"


def check_order(name: str, errors: Sequence[float], sizes: Sequence[float], least: float, source: str) -> None:
    """Record an observed order of accuracy and fail where it is below `least`."""
    order = observed_order(errors, sizes)
    record(name, order, least, source, "at least")
    assert order >= least, f"{name}: order {order:.2f} below {least} (errors {[f'{e:.3e}' for e in errors]})"

