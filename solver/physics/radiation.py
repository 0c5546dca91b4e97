"""Radiation between the surfaces that face a transparent coolant (air), solved together with the energy equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from coldrack.solver.linear.krylov import LinearSolverError, Result
from coldrack.solver.physics.layout import INNER, Array, Layout
from coldrack.solver.physics.radiating_surfaces import ADIABATIC, SOLID, surfaces
from coldrack.solver.physics.radiation_sharing import Sharing
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
        From every patch of surface; powers of 2 are spread best.
    largest_patch : float, optional
        Longest side of a patch, m; None: such that there are at most some 1000.
    """

    emissivity: dict[str, float]
    ambient_temperature: float
    rays: int = 2048
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
        if problem.settings.time is not None:
            raise ValueError("radiation: solved in steady runs only, not in time; remove `radiation` or `time`")
        self.problem, self.layout, self.be = problem, layout, backend.with_dtype("f8")
        self.surfaces = s = surfaces(problem, layout)
        if not s.kind.size:
            raise ValueError("radiation: no surface faces the coolant; leave `radiation` out")
        areas = view_areas(self.be, problem.mesh.grid, s, problem.radiation.rays)
        self.on = np.flatnonzero(s.kind != ADIABATIC)  # patches that take part; the others send back what they get
        self.m = exchange(areas, s.areas, s.emissivity)[np.ix_(self.on, self.on)]
        self.sharing = Sharing(problem, layout, self.be, s, self.on)
        self.kind = s.kind[self.on]
        self.q = np.zeros(self.on.size)  # W, into every patch
        self.theta = np.zeros(self.on.size)  # K
        self.heat = self.be.zeros(layout.shape)  # W, of the last solution, in every cell (padded): W^T q
        self.start, self.coefficients = np.zeros(0), np.zeros((0, 0))  # q0 and C
        self.matrix: Any = None  # C on the device
        self.steps = 0

    def begin(self, g: list[Any], rise: Any) -> Radiation:
        """Fluxes of known temperatures, those of a resumed run; of none, no fluxes."""
        if np.any(self.be.to_numpy(rise)[INNER]):
            self.sharing.take(g)
            self.linearise(rise)
            self.update(rise)
        return self

    # ---------------------------------------------------------------- Newton's method
    def solve(self, energy: Any, solve: Callable[[bool], Result], tight: bool) -> Result:
        """Repeat the linear `solve` of the energy equation with radiation linearised, until it is what it was taken for."""
        self.sharing.take(energy.g)
        goals = (*([LOOSE] if tight else []), TIGHT if tight else LOOSE)
        for goal in goals:
            for _ in range(NEWTON_STEPS):
                energy.krylov.coupling = self._couple
                energy.b -= self.heat
                self.linearise(energy.rise)
                energy.krylov.mg.take(self._sinks())
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
        energy.krylov.mg.take(None)
        return result

    def linearise(self, rise: Any) -> None:
        """q = q0 - C W x about the present temperatures of the patches; `heat` becomes W^T q0."""
        gathered = self.be.to_numpy(self.sharing.gather(rise)) + self.sharing.c
        self.theta = np.maximum(gathered + self.sharing.d * self.q, 1.0)
        slope = 4.0 * SIGMA * self.theta**3
        b = linalg.solve(np.eye(self.q.size) + self.m * (slope * self.sharing.d), self.m)
        self.coefficients = b * slope
        self.start = self.coefficients @ (self.theta - self.sharing.c) - b @ (SIGMA * self.theta**4)
        self.matrix = self.be.asarray(self.coefficients)
        self._put(self.start)

    def update(self, rise: Any) -> float:
        """Fluxes of the solved linear system, as they stand in it; what they are off, over all that is exchanged."""
        gathered = self.be.to_numpy(self.sharing.gather(rise))
        self.q = self.start - self.coefficients @ gathered
        self.theta = gathered + self.sharing.c + self.sharing.d * self.q
        true = -self.m @ (SIGMA * self.theta**4)
        self._put(self.q)
        gross = float(np.diag(self.m) @ (SIGMA * self.theta**4))
        size = max(float(abs(true).sum()), FLOOR * gross, 1e-300)
        return float(abs(true - self.q).sum()) / size

    def _put(self, q: Array) -> None:
        self.heat.fill(0)
        self.heat.reshape(-1)[self.sharing.cells] = self.sharing.spread(self.be.asarray(q))

    def _couple(self, sign: float, x: Any, r: Any) -> None:
        """r -= sign W^T C W x."""
        change, flat = self.sharing.spread(self.matrix @ self.sharing.gather(x)), r.reshape(-1)
        flat[self.sharing.cells] = flat[self.sharing.cells] - sign * change

    def _sinks(self) -> Any:
        """What cells emit themselves per kelvin, W/K, padded: the share of every face in its patch's own coefficient."""
        sinks = self.be.zeros(self.layout.shape)
        sinks.reshape(-1)[self.sharing.cells] = self.sharing.spread(self.be.asarray(np.diag(self.coefficients)))
        return sinks

    # ---------------------------------------------------------------- books
    def ledger(self) -> dict[str, dict[str, float]]:
        """Heat by radiation, W: ``boundaries`` into the domain through walls and openings, ``components`` into each of them."""
        boundaries: dict[str, float] = {}
        components: dict[str, float] = {}
        for number, kind, q, outer in zip(self.on, self.kind, self.q, self.sharing.outer):
            name = self.surfaces.name[number]
            if kind == SOLID:
                components[name] = components.get(name, 0.0) + float(q)
            else:
                boundaries[name] = boundaries.get(name, 0.0) - float(q * outer)
        return {"boundaries": boundaries, "components": components}

    def note(self) -> str:
        """For the log: size and effort."""
        return f"radiation: {self.surfaces.kind.size} patches of surface, {self.steps} Newton steps"
