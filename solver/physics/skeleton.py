"""Porous blocks whose skeleton has a temperature of its own (local thermal non-equilibrium).

Skeleton: div(k_s grad T_s) + q + h (T_f - T_s) = 0, coolant: as everywhere, with the source h (T_s - T_f); h per volume, k_s
effective (e.g. Kaviany, Principles of Heat Transfer in Porous Media (1995), eqs. 7.26, 7.27 without dispersion). The skeleton
conducts into solids that touch the block and to walls with a temperature or convection; half cells are in series there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import cg, splu

from coldrack.solver.devices import Porous
from coldrack.solver.physics.faces import areas, cell_index, step
from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.problem import Problem

DIRECT = 20_000  # cells up to which the skeleton's equation is factorised
RELATIVE = 1e-13  # else: residual of its solution


class Skeleton:
    """The skeleton of one block; temperatures are over the problem's reference.

    Parameters
    ----------
    device : Porous
        With `exchange`.
    problem : Problem
    layout : Layout
    backend : Backend
    """

    def __init__(self, device: Porous, problem: Problem, layout: Layout, backend: Any) -> None:
        self.device, self.be, self.layout = device, backend, layout
        cells = cell_index(layout, np.nonzero(device.cells))
        volume = problem.mesh.grid.volumes()[device.cells]
        self.number = np.full(int(np.prod(layout.shape)), -1)
        self.number[cells] = np.arange(cells.size)
        self.share = volume / volume.sum()
        self.exchange = (device.exchange or 0.0) * volume  # W/K
        self.source = device.power * self.share
        self.diagonal = self.exchange.copy()
        self.pairs: list[tuple[Any, Any, Any]] = []
        self.contact: tuple[Array, NDArray[np.int64], NDArray[np.int64]] = (np.zeros(0), np.zeros(0, int), np.zeros(0, int))
        self.walls: list[tuple[str, NDArray[np.int64], Array, Array]] = []  # boundary, cells here, W/K, rise behind
        if device.solid_conductivity > 0:
            self._couple(problem, cells)
        self._factorise()
        self.touched = self.contact[2]
        self.cells = backend.asarray(np.concatenate([cells, self.touched]))
        self.count = int(self.cells.size)
        self.heat = np.zeros(self.count)  # into the coolant of every cell, and into the solid at every contact, W
        self.rise = np.zeros(cells.size)

    def _couple(self, problem: Problem, cells: NDArray[np.int64]) -> None:
        """Conductances between the skeleton's cells, to solids beside them, and to walls."""
        k = self.device.solid_conductivity
        material = self.layout.pad(problem.mesh.material).reshape(-1)
        contacts = []
        for axis in range(3):
            s, a = step(self.layout, axis), 2 - axis
            width = self.layout.width[axis][np.unravel_index(cells, self.layout.shape)[a]]
            for sign in (1, -1):
                other = cells + sign * s
                area = areas(self.layout, axis, cells)
                beside = self.layout.width[axis][np.unravel_index(other, self.layout.shape)[a]]
                mine = self.number[other]
                inner = (mine >= 0) & (sign > 0)
                g = area * k / (0.5 * (width + beside))
                self.pairs.append((np.flatnonzero(inner), mine[inner], g[inner]))
                solid = np.flatnonzero(material[other] > 1)
                table = np.array([problem.solids[n].conductivity[axis] for n in problem.mesh.materials[2:]])
                if solid.size:
                    g = area[solid] / (0.5 * width[solid] / k + 0.5 * beside[solid] / table[material[other[solid]] - 2])
                    contacts.append((g, solid, other[solid]))
        if contacts:
            self.contact = tuple(np.concatenate(part) for part in zip(*contacts))  # type: ignore[assignment]
            np.add.at(self.diagonal, self.contact[1], self.contact[0])
        self._couple_walls(problem, k)

    def _couple_walls(self, problem: Problem, k: float) -> None:
        for bc in problem.boundaries:
            if bc.kind != "wall" or (bc.temperature is None and bc.heat_transfer_coefficient is None):
                continue
            patch = problem.mesh.patches[bc.name]
            inside = self.layout.inside(patch)
            here = self.number[np.ravel_multi_index(inside, self.layout.shape)]
            on = here >= 0
            resistance = 0.5 * self.layout.width[patch.axis][inside[2 - patch.axis]] / k
            value: Any = bc.temperature(*self.layout.coordinates(patch)) if callable(bc.temperature) else bc.temperature
            if bc.heat_transfer_coefficient is not None:
                resistance, value = resistance + 1.0 / bc.heat_transfer_coefficient, bc.ambient_temperature
            g = (self.layout.areas(patch) / resistance)[on]
            rise = np.broadcast_to(np.asarray(value, float) - problem.reference_temperature, on.shape)[on]
            np.add.at(self.diagonal, here[on], g)
            self.walls.append((bc.name, here[on], g, rise))

    def _factorise(self) -> None:
        low, high, g = (np.concatenate([p[n] for p in self.pairs] or [np.zeros(0, int)]) for n in range(3))
        diagonal = self.diagonal + np.bincount(low, g, self.diagonal.size) + np.bincount(high, g, self.diagonal.size)
        count = np.arange(diagonal.size)
        self.matrix = sparse.csc_matrix((np.concatenate([diagonal, -g, -g]), (np.concatenate([count, low, high]),
                                                                                np.concatenate([count, high, low]))))
        self.factors = splu(self.matrix) if diagonal.size <= DIRECT else None
        self.inverse = 1.0 / diagonal

    def _solve(self, right: Array) -> Array:
        if self.factors is not None:
            return np.asarray(self.factors.solve(right))
        scaled = sparse.linalg.LinearOperator(self.matrix.shape, lambda x: self.inverse * x)
        return np.asarray(cg(self.matrix, right, self.rise, rtol=RELATIVE, maxiter=5000, M=scaled)[0])

    def wanted(self, rise: Any) -> Array:
        """Heats into coolant and solids (W) that the present temperatures of both call for; renews the skeleton's."""
        around = self.be.to_numpy(rise.reshape(-1)[self.cells])
        coolant, solid = around[: self.rise.size], around[self.rise.size :]
        right = self.exchange * coolant + self.source
        g, here, _ = self.contact
        np.add.at(right, here, g * solid)
        for _, cells, conductance, value in self.walls:
            np.add.at(right, cells, conductance * value)
        self.rise = self._solve(right)
        return np.concatenate([self.exchange * (self.rise - coolant), g * (self.rise[here] - solid)])

    def take(self, b: Any, heat: Array) -> None:
        """Change the sources of the energy equation (W) to new heats."""
        host = np.zeros(int(np.prod(self.layout.shape)))
        np.add.at(host, self.be.to_numpy(self.cells), heat - self.heat)
        b += self.be.asarray(host.reshape(self.layout.shape))
        self.heat = heat

    def conducted(self) -> dict[str, float]:
        """Heat that comes in through the skeleton's contact with walls, W, by boundary."""
        out: dict[str, float] = {}
        for name, cells, g, value in self.walls:
            out[name] = out.get(name, 0.0) + float((g * (value - self.rise[cells])).sum())
        return out

    def figures(self, reference: float) -> dict[str, float]:
        """Mean over the volume and largest temperature of the skeleton, K."""
        return {"solid_mean": float(self.share @ self.rise) + reference, "solid_max": float(self.rise.max()) + reference}
