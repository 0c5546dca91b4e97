"""Panels: faces inside the air that nothing passes, neither air nor friction nor heat; and what is nearly one.

A screen with so few holes that it takes `TIGHT` dynamic pressures (a sixth of it open: seams of a raised floor, a drop ceiling,
blanking panels that leak) lets air seep through, but no eddies: to turbulence it is a wall. Were it open, the air that passes
along its two sides would mix through it as if nothing were there, and eddies would grow to the size of the building.
"""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.devices import Panel, Screen
from coldrack.solver.physics.faces import face_index, step
from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.problem import Problem

TIGHT = 100.0  # loss coefficient


def tight(device: Any) -> TypeGuard[Screen]:
    """Whether a device is a screen that eddies do not pass."""
    return isinstance(device, Screen) and device.loss > TIGHT


def closed_faces(problem: Problem, layout: Layout, axis: int) -> NDArray[np.int64]:
    """Flat indices into padded arrays of the faces normal to `axis` that panels close."""
    parts = [face_index(layout, axis, d.plane.faces) for d in problem.devices if isinstance(d, Panel) and d.plane.axis == axis]
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)


def flag_planes(problem: Problem, flags: list[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """`layout.material_planes` with the planes of panels: coarser grids keep them as long as they can."""
    shape = problem.mesh.grid.shape
    for d in problem.devices:
        if isinstance(d, Panel):
            faces = list(shape)
            faces[2 - d.plane.axis] += 1
            at = np.unravel_index(d.plane.faces, faces)[2 - d.plane.axis]
            flags[d.plane.axis][np.unique(at)] = True
            flags[d.plane.axis][[0, -1]] = False
    return flags


class Panels:
    """All panels of a problem on a backend.

    Parameters
    ----------
    problem : Problem
    layout : Layout
    backend : Backend
    """

    def __init__(self, problem: Problem, layout: Layout, backend: Any) -> None:
        closed = [closed_faces(problem, layout, axis) for axis in range(3)]
        self.share: dict[tuple[int, int], tuple[Any, Any]] = {}  # (component, normal): control volumes' faces, open share
        for normal, faces in enumerate(closed):
            for axis in range(3):
                if axis != normal and faces.size:
                    found = _open_share(problem, layout, axis, normal)
                    self.share[axis, normal] = (backend.asarray(found[0]), backend.asarray(found[1]))
        for d in problem.devices if problem.turbulence is not None else ():
            if tight(d):
                axis = d.plane.axis
                closed[axis] = np.concatenate([closed[axis], face_index(layout, axis, d.plane.faces)])
        self.faces = [backend.asarray(f) for f in closed]  # without conduction

    def coefficients(self, flow: Any, axis: int) -> None:
        """Take viscosity away where a panel stands between two velocities along it."""
        for normal in range(3):
            if (axis, normal) in self.share:
                face, share = self.share[axis, normal]
                flow.g[normal].reshape(-1)[face] *= share

    def insulate(self, conductances: list[Any]) -> None:
        """No conduction through panels, nor by eddies through tight screens."""
        for g, faces in zip(conductances, self.faces):
            if faces.size:
                g.reshape(-1)[faces] = 0.0


def _open_share(problem: Problem, layout: Layout, axis: int, normal: int) -> tuple[NDArray[np.int64], Array]:
    """Faces of the control volumes of velocities along `axis` that lie on closed faces, and which share of them is open.

    Such a face spans half of a cell face at index c and half of the one below along `axis`; halves without coolant on either
    side, such as those behind an opening, have no part in it.
    """
    faces, s = closed_faces(problem, layout, normal), step(layout, axis)
    touched = np.unique(np.concatenate([faces, faces + s]))
    closed = np.zeros(int(np.prod(layout.shape)), bool)
    closed[faces] = True
    wet = layout.pad(problem.mesh.fluid).reshape(-1)
    at = np.unravel_index(touched, layout.shape)[2 - axis]
    whole, still = np.zeros(touched.size), np.zeros(touched.size)
    for here, width in ((touched - s, layout.width[axis][at - 1]), (touched, layout.width[axis][at])):
        part = width * (wet[here] | wet[here - step(layout, normal)])
        whole += part
        still += part * ~closed[here]
    return touched, still / np.where(whole > 0, whole, 1.0)
