"""Radiation between the surfaces that face a transparent coolant (air), solved together with the energy equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from coldrack.solver.linear.krylov import LinearSolverError, Result
from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.physics.radiating_surfaces import ADIABATIC, AMBIENT, FILM, FIXED, SOLID, surfaces
from coldrack.solver.physics.view_factors import exchange, view_areas
from coldrack.solver.problem import Problem

SIGMA = 5.670374419e-8  # W/(m2 K4), exact since 2019: 2 pi^5 k^4 / (15 h^3 c^2) (CODATA 2018)
NEWTON_STEPS = 60
TIGHT, LOOSE = 1e-9, 1e-4  # what the linearised fluxes may be off, over their sum
FLOOR = 1e-11  # of all that is emitted: exchange below it counts as none


@dataclass(frozen=True)
class RadiationSettings:
    """Radiation between the surfaces that face the coolant, which is transparent; surfaces are grey and diffuse.

    Parameters
    ----------
    emissivity : dict of float
        By component, boundary or material (the first that is named counts, in this order); "default" for all others is
        required. More than 0, at most 1.
    ambient_temperature : float
        K, of what is seen through inlets and outlets; these are black.
    rays : int
        From every patch of surface.
    largest_patch : float, optional
        Longest side of a patch, m; None: such that there are at most some 1000.
    """

    emissivity: dict[str, float]
    ambient_temperature: float
    rays: int = 4096
    largest_patch: float | None = None

    def __post_init__(self) -> None:
        if "default" not in self.emissivity:
            raise ValueError("radiation: the default emissivity is missing; add \"default\" to `emissivity`")
        for name, value in self.emissivity.items():
            if not 0.0 < value <= 1.0:
                raise ValueError(f"radiation: the emissivity of {name!r} is {value}, expected more than 0 and at most 1")
        if not self.ambient_temperature > 0.0:
            raise ValueError(f"radiation: the ambient temperature is {self.ambient_temperature} K, expected more than 0")
        if self.rays < 1:
            raise ValueError(f"radiation: {self.rays} rays from a patch, expected at least 1")
        if self.largest_patch is not None and not self.largest_patch > 0.0:
            raise ValueError(f"radiation: the largest patch is {self.largest_patch} m, expected more than 0")


class Radiation:
    """What the surfaces of one problem exchange, and the heat that it brings to the cells.

    Temperatures of patches are theta = W x + c + D q, with the rise x of the cells, the net flux q into each patch (W) and what
    is given (c: walls held fixed, ambient). W shares a face between the cells on its two sides as the resistances of their half
    cells do; by the same shares (W^T q) its flux goes to them. q = -M sigma theta^4 (`view_factors.exchange`) is solved by
    Newton's method together with the energy equation: linearised, q = q0 - C W x, and W^T C W joins the operator.

    Parameters
    ----------
    problem : Problem
        With `radiation`.
    layout : Layout
    backend : Backend
    """

    def __init__(self, problem: Problem, layout: Layout, backend: Any) -> None:
        assert problem.radiation is not None
        self.problem, self.layout, self.be = problem, layout, backend.with_dtype("f8")
        self.surfaces = s = surfaces(problem, layout)
        areas = view_areas(self.be, problem.mesh.grid, s, problem.radiation.rays)
        self.on = np.flatnonzero(s.kind != ADIABATIC)  # patches that take part; the others send back what they get
        self.m = exchange(areas, s.areas, s.emissivity)[np.ix_(self.on, self.on)]
        place = np.full(s.kind.size, -1)
        place[self.on] = np.arange(self.on.size)
        self.patch = place[s.patch]  # of every face
        self.kind = s.kind[self.on]
        self.q = np.zeros(self.on.size)  # W, into every patch
        self.theta = np.zeros(self.on.size)  # K
        self.heat = self.be.zeros(layout.shape)  # W, W^T q
        self.start, self.coefficients = np.zeros(0), np.zeros((0, 0))  # q0 and C
        self.matrix: Any = None  # C on the device
        self.steps = 0

    def attach(self, g: list[Any]) -> Any:
        """Take face conductances (W/K); the heat of the last solution in the cells, W, padded, on the device."""
        s, n = self.surfaces, self.on.size
        mine = np.flatnonzero(self.patch >= 0)
        patch, area = self.patch[mine], s.area[mine]
        share = area / np.bincount(patch, area, n)[patch]
        behind, kind = self._half_resistance(mine), s.kind[s.patch[mine]]
        conductance = np.zeros(mine.size)
        for d in range(3):
            on = s.axis[mine] == d
            conductance[on] = self.be.to_numpy(g[d])[tuple(f[mine][on] for f in s.face)] / area[on]
        solid = (kind == SOLID) | (kind == FILM)
        # of a face, what its temperature owes to the coolant; the rest to the solid, or to what is given behind the wall
        inner = np.where(solid, behind * conductance, 0.0)
        resistance = np.where(solid, behind * (1.0 - inner), 0.0)
        self.outer = np.bincount(patch, share * np.where(kind == SOLID, 0.0, 1.0 - inner), n)
        self.d = np.bincount(patch, share**2 / area * resistance, n)
        reference = self.problem.reference_temperature
        given = reference + np.where(kind == SOLID, 0.0, (1.0 - inner) * (self._given()[mine] - reference))
        self.c = np.bincount(patch, share * given, n)
        self._share(patch, *([q[mine] for q in cells] for cells in (s.coolant, s.behind)), share, inner, kind)
        return self.heat

    def _half_resistance(self, mine: Any) -> Array:
        """Between a face and what is behind it, m2 K/W: of the solid's half cell, or of the film outside."""
        s, p = self.surfaces, self.problem
        material = self.layout.pad(p.mesh.material)[tuple(q[mine] for q in s.behind)]
        table = np.ones((len(p.mesh.materials), 3))
        for index, name in enumerate(p.mesh.materials[2:], start=2):
            table[index] = p.solids[name].conductivity
        axis = s.axis[mine]
        width = np.choose(axis, [self.layout.width[d][s.behind[2 - d][mine]] for d in range(3)])
        out = 0.5 * width / table[material, axis]
        film = {bc.name: bc.heat_transfer_coefficient for bc in p.boundaries}
        for number in np.flatnonzero(s.kind == FILM):
            out[s.patch[mine] == number] = 1.0 / (film[s.name[number]] or 1.0)
        return out

    def _given(self) -> Array:
        """Temperature behind every face of a boundary, K."""
        s = self.surfaces
        out = np.full(s.area.size, self.problem.reference_temperature)
        ambient = self.problem.radiation.ambient_temperature  # type: ignore[union-attr]
        ghost = self.layout.pad(np.zeros(self.problem.mesh.grid.shape))
        for bc in self.problem.boundaries:
            patch = self.problem.mesh.patches[bc.name]
            value: Any = bc.ambient_temperature if bc.heat_transfer_coefficient is not None else bc.temperature
            if value is not None and bc.kind == "wall":
                ghost[self.layout.ghosts(patch)] = value(*self.layout.coordinates(patch)) if callable(value) else value
        wall = np.isin(s.kind[s.patch], (FIXED, FILM))
        out[wall] = ghost[tuple(q[wall] for q in s.behind)]
        out[s.kind[s.patch] == AMBIENT] = ambient
        return out

    def _share(self, patch: Any, coolant: Any, behind: Any, share: Array, inner: Array, kind: Any) -> None:
        """Matrix W, and its transpose for the cells that have a part in it, as rows on the device."""
        solid, wet = kind == SOLID, inner > 0.0
        shape = self.layout.shape
        cell = np.concatenate([np.ravel_multi_index(tuple(behind), shape)[solid], np.ravel_multi_index(tuple(coolant), shape)[wet]])
        row = np.concatenate([patch[solid], patch[wet]])
        value = np.concatenate([(share * (1.0 - inner))[solid], (share * inner)[wet]])
        cells, number = np.unique(cell, return_inverse=True)
        self.cells = self.be.asarray(cells)
        self.gathering = self._rows(row, cell, value, self.on.size, int(np.prod(shape)))
        self.spreading = self._rows(number.reshape(-1), row, value, cells.size, self.on.size)

    def _rows(self, row: Any, column: Any, value: Array, rows: int, columns: int) -> tuple[Any, ...]:
        """Arguments of `sparse_product` for a matrix given by its entries."""
        order = np.argsort(row, kind="stable")
        place = np.arange(row.size) - np.searchsorted(row[order], row[order])
        width = int(place.max(initial=0)) + 1
        index, entries = np.full((width, rows), columns, np.int32), np.zeros((width, rows))
        index[place, row[order]], entries[place, row[order]] = column[order], value[order]
        shape = (width, 1, 1, rows)
        return rows, 1, 1, width, columns, self.be.asarray(index.reshape(shape)), self.be.asarray(entries.reshape(shape))

    def _product(self, matrix: tuple[Any, ...], x: Any) -> Any:
        out = self.be.empty((1, 1, matrix[0]))
        if matrix[0]:
            self.be.launch("sparse_product", *matrix, x.reshape(-1), out)
        return out.reshape(-1)

    # ---------------------------------------------------------------- Newton's method
    def solve(self, energy: Any, solve: Callable[[bool], Result], tight: bool) -> Result:
        """Repeat the linear `solve` of the energy equation with radiation linearised, until it is what it was taken for."""
        goals = (*([LOOSE] if tight else []), TIGHT if tight else LOOSE)
        for goal in goals:
            for _ in range(NEWTON_STEPS):
                energy.krylov.coupling = self._couple
                energy.b -= self.heat
                self.linearise(energy.rise)
                energy.b += self.heat
                result = solve(goal == TIGHT)
                energy.b -= self.heat
                off = self.update(energy.rise)
                energy.b += self.heat
                self.steps += 1
                if off <= goal:
                    break
            else:
                raise LinearSolverError(f"radiation did not settle in {NEWTON_STEPS} steps: off by {off:.1e} of its heat")
        energy.krylov.coupling = None
        return result

    def linearise(self, rise: Any) -> None:
        """q = q0 - C W x about the present temperatures of the patches; `heat` becomes W^T q0."""
        gathered = self.be.to_numpy(self._product(self.gathering, rise)) + self.c
        self.theta = np.maximum(gathered + self.d * self.q, 1.0)
        slope = 4.0 * SIGMA * self.theta**3
        b = linalg.solve(np.eye(self.q.size) + self.m * (slope * self.d), self.m)
        self.coefficients = b * slope
        self.start = self.coefficients @ (self.theta - self.c) - b @ (SIGMA * self.theta**4)
        self.matrix = self.be.asarray(self.coefficients)
        self._put(self.start)

    def update(self, rise: Any) -> float:
        """Fluxes of the solved linear system, as they stand in it; what they are off, over all that is exchanged."""
        gathered = self.be.to_numpy(self._product(self.gathering, rise))
        self.q = self.start - self.coefficients @ gathered
        self.theta = gathered + self.c + self.d * self.q
        true = -self.m @ (SIGMA * self.theta**4)
        self._put(self.q)
        gross = float(np.diag(self.m) @ (SIGMA * self.theta**4))
        size = max(float(abs(true).sum()), FLOOR * gross, 1e-300)
        return float(abs(true - self.q).sum()) / size

    def _put(self, q: Array) -> None:
        self.heat.fill(0)
        self.heat.reshape(-1)[self.cells] = self._product(self.spreading, self.be.asarray(q))

    def _couple(self, sign: float, x: Any, r: Any) -> None:
        """r -= sign W^T C W x."""
        change = self._product(self.spreading, self.matrix @ self._product(self.gathering, x))
        flat = r.reshape(-1)
        flat[self.cells] = flat[self.cells] - sign * change

    # ---------------------------------------------------------------- books
    def ledger(self) -> dict[str, dict[str, float]]:
        """Heat that came by radiation, W: ``boundaries`` into the domain through walls and openings, ``components`` into them."""
        boundaries: dict[str, float] = {}
        components: dict[str, float] = {}
        for number, kind, q, outer in zip(self.on, self.kind, self.q, self.outer):
            name = self.surfaces.name[number]
            if kind == SOLID:
                components[name] = components.get(name, 0.0) + float(q)
            else:
                boundaries[name] = boundaries.get(name, 0.0) - float(q * outer)
        return {"boundaries": boundaries, "components": components}

    def note(self) -> str:
        """For the log: size and effort."""
        return (f"radiation: {self.surfaces.kind.size} patches of surface, {self.problem.radiation.rays} rays "  # type: ignore
                f"from each, {self.steps} Newton steps")
