"""Spaces of coolant that nothing but servers and coolers connects with the rest, and where their pressure is held."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from coldrack.solver.devices import Panel, Unit
from coldrack.solver.physics.faces import cell_index
from coldrack.solver.physics.flow_boundary import is_open
from coldrack.solver.physics.layout import Layout
from coldrack.solver.problem import Problem

Labels = NDArray[np.int32]


def spaces(problem: Problem) -> Labels:
    """Number of the connected space of every coolant cell, from 1 on, parted by panels too; 0 elsewhere."""
    panels = [d.plane for d in problem.devices if isinstance(d, Panel)]
    if not panels:
        return np.asarray(ndimage.label(problem.mesh.fluid)[0], np.int32)
    return np.ascontiguousarray(ndimage.label(_uncut(problem.mesh.fluid, panels))[0][1::2, 1::2, 1::2], np.int32)


def _uncut(fluid: NDArray[np.bool_], panels: list[Any]) -> NDArray[np.bool_]:
    """Coolant cells and the faces between them that no panel closes, True, on a grid twice as fine."""
    out = np.zeros([2 * n + 1 for n in fluid.shape], bool)
    out[1::2, 1::2, 1::2] = fluid
    for axis in range(3):
        a = 2 - axis
        layers = np.moveaxis(fluid, a, 0)
        both = np.zeros((layers.shape[0] + 1, *layers.shape[1:]), bool)
        both[1:-1] = layers[1:] & layers[:-1]
        both = np.ascontiguousarray(np.moveaxis(both, 0, a))
        for plane in panels:
            if plane.axis == axis:
                both.reshape(-1)[plane.faces] = False
        index: list[Any] = [slice(1, None, 2)] * 3
        index[a] = slice(0, None, 2)
        out[tuple(index)] = both
    return out


def opened(problem: Problem, labels: Labels) -> set[int]:
    """Spaces that an opening given by pressure touches."""
    out: set[int] = set()
    for bc in problem.boundaries:
        patch = problem.mesh.patches[bc.name]
        if is_open(bc):
            out |= {int(n) for n in np.unique(np.moveaxis(labels, 2 - patch.axis, 0)[-patch.side][patch.mask])}
    return out - {0}


def pins(problem: Problem, layout: Layout, solved: list[NDArray[np.uint8]]) -> list[NDArray[np.int64]]:
    """Per axis, flat indices of closed faces, one for each space without an opening, where there are several spaces.

    A conductance there, to the pressure 0 behind it, makes the equation of the pressure's correction regular. Nothing flows
    through it, because what enters such a space and what leaves it are equal.
    """
    none = [np.zeros(0, np.int64) for _ in range(3)]
    if not any(isinstance(d, Panel | Unit) for d in problem.devices):
        return none
    labels = spaces(problem)
    closed = set(range(1, int(labels.max()) + 1)) - opened(problem, labels)
    if not closed or int(labels.max()) == 1:
        return none
    out: list[list[int]] = [[], [], []]
    for number in sorted(closed):
        cells = cell_index(layout, np.nonzero(labels == number))
        for axis in range(3):
            walls = cells[solved[axis].reshape(-1)[cells] == 0]
            if walls.size:
                out[axis].append(int(walls[0]))
                break
    return [np.array(faces, np.int64) for faces in out]
