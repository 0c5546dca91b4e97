"""Where devices are on the grid: faces of planes and of the sides of boxes, cells of blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.mesh import Mesh
from coldrack.meshes.scene import Point
from coldrack.solver.devices import Plane
from coldrack.solver.physics.flow_boundary import is_open
from coldrack.solver.problem import Boundary

Mask = NDArray[np.bool_]
ONE_LAYER = "is only one cell deep along {}; make the cells smaller there (mesh.max_cell) or the box deeper: it takes two"


def normal(low: Point, high: Point) -> int:
    """Axis along which a box is flat; `ValueError` unless that is one."""
    flat = [d for d in range(3) if high[d] == low[d]]
    if any(h < l for l, h in zip(low, high)):
        raise ValueError("every upper corner must not be below the lower one; exchange or correct them")
    if len(flat) != 1:
        what = "is a box with a volume" if not flat else "is a line or a point"
        raise ValueError(f"must be flat: low and high equal along exactly one axis; it {what}")
    return flat[0]


def span(mesh: Mesh, low: Point, high: Point) -> tuple[slice, slice, slice]:
    """Index (z, y, x) of the cells whose centres lie in a box; of the faces at its place along a flat axis.

    Raises
    ------
    ValueError
        If it reaches out of the domain or holds no cell.
    """
    out = []
    for d, (l, h, faces, centres) in enumerate(zip(low, high, mesh.grid.faces, mesh.grid.centres)):
        slack = 1e-6 * (faces[-1] - faces[0])
        if l < faces[0] - slack or h > faces[-1] + slack:
            raise ValueError(f"reaches from {l:.6g} to {h:.6g} m along {'xyz'[d]}, the domain only from {faces[0]:.6g} to "
                             f"{faces[-1]:.6g} m; correct the corners or enlarge the domain")
        if l == h:
            at = int(np.abs(faces - l).argmin())
            out.append(slice(at, at + 1))
            continue
        first, last = (int(n) for n in np.searchsorted(centres, [l, h]))
        if last <= first:
            raise ValueError(f"has no cell along {'xyz'[d]}; make it thicker or the cells smaller")
        out.append(slice(first, last))
    return out[2], out[1], out[0]


def airy(mesh: Mesh, axis: int, boundaries: list[Boundary]) -> Mask:
    """Coolant cells, with a layer before and behind along `axis` that is True behind openings given by pressure."""
    pad = [(0, 0)] * 3
    pad[2 - axis] = (1, 1)
    out = np.pad(mesh.fluid, pad)
    layers = np.moveaxis(out, 2 - axis, 0)
    for bc in boundaries:
        patch = mesh.patches[bc.name]
        if patch.axis == axis and is_open(bc):
            layers[-patch.side] |= patch.mask
    return out


def plane(mesh: Mesh, low: Point, high: Point, boundaries: list[Boundary]) -> Plane:
    """Faces of a flat box with coolant (or an opening given by pressure) on both sides; `ValueError` if there are none."""
    axis = normal(low, high)
    box = span(mesh, low, high)
    both = _between(airy(mesh, axis, boundaries), axis)
    chosen = np.zeros(both.shape, bool)
    chosen[box] = both[box]
    if not chosen.any():
        raise ValueError("does not lie in the air: no face of it has air on both sides; move it (on the domain's surface it "
                         "takes an inlet or outlet given by pressure)")
    return Plane(axis, np.flatnonzero(chosen))


def _between(cells: Mask, axis: int) -> Mask:
    """Faces with True on both sides, from cells with a layer more on both ends."""
    layers = np.moveaxis(cells, 2 - axis, 0)
    return np.moveaxis(layers[1:] & layers[:-1], 0, 2 - axis)


def block(mesh: Mesh, low: Point, high: Point) -> Mask:
    """Coolant cells of a box; `ValueError` if there are none."""
    out = np.zeros(mesh.grid.shape, bool)
    box = span(mesh, low, high)
    out[box] = mesh.fluid[box]
    if not out.any():
        raise ValueError("there is no air or coolant in it; move it, or fill that place with `fluid`")
    return out


def sides(mesh: Mesh, low: Point, high: Point, inlet: str, outlet: str) -> tuple[Plane, Plane]:
    """Faces between a void box and the air on its inlet and outlet sides.

    Raises
    ------
    ValueError
        If the box is covered or too thin, or no air is there.
    """
    box = span(mesh, low, high)
    covered = mesh.material[box] != 0
    if covered.any():
        index = np.unique(mesh.component[box][covered])
        names = [mesh.components[n - 1] for n in index if n > 0] or ["coolant"]
        raise ValueError(f"is covered by {', '.join(names[:4])}; move one of them")
    for side in (inlet, outlet):
        d = "xyz".index(side[0])
        if box[2 - d].stop - box[2 - d].start < 2:
            raise ValueError(ONE_LAYER.format("xyz"[d]))
    leaving = _side(mesh, box, outlet, "outlet", np.zeros(mesh.grid.shape, bool))
    behind = np.zeros(mesh.grid.shape, bool)  # cells that hold what leaves cannot take in as well
    cut: list[Any] = list(box)
    a = 2 - "xyz".index(outlet[0])
    cut[a] = slice(box[a].stop - 1, box[a].stop) if outlet[1] == "+" else slice(box[a].start, box[a].start + 1)
    behind[tuple(cut)] = True
    return _side(mesh, box, inlet, "inlet", behind), leaving


def _side(mesh: Mesh, box: tuple[slice, slice, slice], side: str, what: str, without: Mask) -> Plane:
    axis, high = "xyz".index(side[0]), side[1] == "+"
    a = 2 - axis
    face = box[a].stop if high else box[a].start
    inner, outer = (face - 1, face) if high else (face, face - 1)
    shape = list(mesh.grid.shape)
    if not 0 <= outer < shape[a]:
        raise ValueError(f"its {what} {side} lies on the domain's surface, where there is no air; move it inward or choose "
                         "another side")
    cut: list[Any] = list(box)
    cut[a] = outer
    within = list(box)
    within[a] = inner  # type: ignore[call-overload]
    air = mesh.fluid[tuple(cut)] & ~without[tuple(within)]
    if not air.any():
        raise ValueError(f"its {what} {side} meets no air: something stands against that side; move one of them")
    shape[a] += 1
    faces = np.zeros(shape, bool)
    cut[a] = face
    faces[tuple(cut)] = air
    return Plane(axis, np.flatnonzero(faces))
