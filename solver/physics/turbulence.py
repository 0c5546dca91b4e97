"""Turbulence of steady mean flow: eddy viscosity by k-epsilon, SST or LVEL, friction and heat transfer at walls.

A `Term` of the flow. Once an iteration the model's equations take one relaxed step with the new velocities (upwind convection,
red-black sweeps that keep every value positive), then the flow's viscosity becomes that of the air plus that of the eddies.
Walls act by wall functions that hold for any size of the cell beside them (`kernels/wall_functions.cu`), in the momentum
equations as drag, in the energy equation as conductances.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.linear.multigrid import red_black_transport
from coldrack.solver.physics.layout import INNER, Array, Layout
from coldrack.solver.physics.term import Term
from coldrack.solver.physics.turbulent_inflow import Inflow
from coldrack.solver.physics.walls import panel_walls, wall_distance, walls
from coldrack.solver.problem import Problem

C_MU = 0.09
SWEEPS = 6
INERTIA, FADING = 0.7, 0.9  # of the mean speed; of the inlets' speed, from one iteration to the next
HELD = 20  # iterations in which a new flow takes shape before the eddies follow: the shear of its beginning means nothing
MOST = 1e5  # eddy viscosity over the air's, at most
LEAST = 1e-10  # of the second quantity and of k, over their first guess


class Eddies(Term):
    """The eddy viscosity of one flow.

    Parameters
    ----------
    problem : Problem
        With `turbulence`.
    layout : Layout
    flow : Flow
        Its boundary conditions and backend are used.
    """

    second = ""  # beside k
    smooth = False  # whether steps may be extrapolated: SST's switches and LVEL's feedback make that fail

    def __init__(self, problem: Problem, layout: Layout, flow: Any) -> None:
        assert problem.turbulence is not None
        self.problem, self.layout, self.be, self.n = problem, layout, flow.be, layout.n
        self.prandtl = problem.turbulence.prandtl
        self.wall_law = wall_law(_prandtl(problem))
        bits = walls(problem, layout, flow.boundary)
        panel_walls(problem, layout, bits)
        be = self.be
        self.walls = be.asarray(bits)
        self.distance, self.gap = (be.asarray(a) for a in wall_distance(problem, layout, be, bits))
        self.mut, self.ustar, self.s2, self.q = (be.zeros(layout.shape) for _ in range(4))
        self.count = 0
        self.change = np.inf  # of the eddy viscosity in the last iteration, relative

    def coefficients(self, flow: Any, axis: int) -> None:
        """Geometric means of the viscosity between cells."""
        for second in (0, 1):
            self.be.launch("lateral_viscosity", *self.n, axis, second, flow.kind, self.walls, flow.mu, *flow.width,
                           flow.g[(axis + 1 + second) % 3])

    def force(self, flow: Any, axis: int, b: Any, drag: Any) -> None:
        """Friction of the walls."""
        self.be.launch("wall_friction", *self.n, axis, self.walls, flow.solved[axis], flow.rho, flow.molecular, self.ustar,
                       *flow.width, flow.velocity[axis], b, drag)

    def update(self, flow: Any, energy: Any) -> None:
        """One step of the model, then the new viscosity."""
        self.count += 1
        if self.count <= HELD:
            self.change = 1.0
            return
        before = self.mut.copy()
        self._strain(flow)
        self._buoyancy(flow, energy)
        self._step(flow)
        self._beside_walls(flow)
        self._thicken(flow)
        if energy is not None:
            self.conduct(flow, energy)
        before -= self.mut
        size = self.be.dot(self.mut, self.mut)
        self.change = float(np.sqrt(self.be.dot(before, before) / size)) if size > 0 else 0.0

    def _thicken(self, flow: Any) -> None:
        """Give the flow the viscosity of the air plus that of the eddies."""
        flow.mu[...] = flow.molecular
        flow.mu += self.mut

    def _beside_walls(self, flow: Any) -> None:
        """Velocity scale beside walls from the law of the wall."""
        self.be.launch("friction_velocity", *self.n, self.walls, flow.rho, flow.molecular, *flow.velocity, *flow.width,
                       self.ustar)

    def _strain(self, flow: Any) -> None:
        be = self.be
        be.launch("strain_rate", *self.n, flow.kind, *flow.velocity, *flow.width, self.s2)
        be.launch("wall_strain", *self.n, self.walls, flow.rho, flow.molecular, self.mut, self.ustar, *flow.velocity,
                  *flow.width, self.s2)

    def _buoyancy(self, flow: Any, energy: Any) -> None:
        """Buoyant production over the eddy viscosity."""
        expansion = getattr(flow, "expansion", 0.0)
        if energy is None or not expansion:
            return
        weight = [expansion * g / self.prandtl for g in self.problem.gravity]
        self.be.launch("buoyant_production", *self.n, *weight, flow.kind, *flow.width, energy.rise, self.q)

    def _step(self, flow: Any) -> None:
        """The model's own equations, then `mut` and `ustar`."""
        raise NotImplementedError

    def solved(self) -> list[Any]:
        """Fields of transport equations."""
        return []

    def floor(self, flow: Any) -> None:
        """Make what has been extrapolated positive, and the viscosity fit."""

    def conduct(self, flow: Any, energy: Any) -> None:
        """Give the energy equation the conductances of turbulent air."""
        cp, be = energy.heat_capacity, self.be
        if energy.laminar is None:
            energy.laminar = [g.copy() for g in energy.g]
        for axis, (g0, g) in enumerate(zip(energy.laminar, energy.g)):
            be.launch("turbulent_conductance", *self.n, axis, *self.wall_law, cp, self.prandtl, self.walls, flow.kind,
                      flow.rho, flow.molecular, self.mut, self.ustar, *flow.width, g0, g)

    def fields(self) -> dict[str, Array]:
        """What a run saves, (nz, ny, nx)."""
        return {name: np.array(self.be.to_numpy(a)[INNER]) for name, a in self._arrays().items()}

    def restore(self, flow: Any, saved: dict[str, Array]) -> None:
        """Take over saved fields."""
        for name, a in self._arrays().items():
            if name in saved:
                host = np.array(self.be.to_numpy(a))
                host[INNER] = saved[name]
                a[...] = self.be.asarray(host)
        self.count = HELD
        self.floor(flow)
        self._thicken(flow)

    def _arrays(self) -> dict[str, Any]:
        return {"eddy_viscosity": self.mut}

    def limited(self, flow: Any) -> dict[str, int]:
        """How many cells every limiter holds."""
        held = self.mut >= MOST * flow.molecular * (1 - 1e-12)
        return {"eddy viscosity at its limit": int(self.be.to_numpy(held)[INNER].sum())}


class Lvel(Eddies):
    """LVEL (Agonafer, Gan-Li & Spalding 1996): eddy viscosity from wall distance and speed, by the law of the wall.

    Air at rest has no eddies in this model, and would answer to pressure without bound: a drag without force, that of a step in
    time, holds it back (as `devices` does).
    """

    def __init__(self, problem: Problem, layout: Layout, flow: Any) -> None:
        super().__init__(problem, layout, flow)
        self.starting = max(float(abs(u).max()) for u in flow.velocity)  # speed at the inlets, which fades

    def force(self, flow: Any, axis: int, b: Any, drag: Any) -> None:
        """Friction of the walls, and inertia."""
        super().force(flow, axis, b, drag)
        speed = max(INERTIA * flow.speed() / float(np.sqrt(3 * max(flow.cells, 1))), self.starting)
        first, second = (flow.width[d].reshape([-1 if 2 - d == a else 1 for a in range(3)]) for d in range(3) if d != axis)
        drag += flow.rho * (first * second * speed)

    def _step(self, flow: Any) -> None:
        self.starting *= FADING
        before = self.mut.copy()
        self.be.launch("lvel_viscosity", *self.n, flow.kind, flow.rho, flow.molecular, self.distance, self.gap, *flow.velocity,
                       self.mut)
        self.mut += before
        self.mut *= 0.5


class TwoEquations(Eddies):
    """k and a second quantity, each with a transport equation."""

    def __init__(self, problem: Problem, layout: Layout, flow: Any) -> None:
        super().__init__(problem, layout, flow)
        self.inflow = Inflow(problem, layout, flow)
        new = self.be.zeros
        self.k, self.other = new(layout.shape), new(layout.shape)
        self.gamma = [new(layout.shape) for _ in range(2)]
        self.b = [new(layout.shape) for _ in range(2)]
        self.sink = [new(layout.shape) for _ in range(2)]
        k, length = self.inflow.guess(flow)
        self.least = (LEAST * k, LEAST * self._second(k, length))
        self.k.fill(k)
        self.other.fill(self._second(k, length))
        self._viscosity(flow)
        flow.mu += self.mut

    def _second(self, k: Any, length: float) -> Any:
        """The second quantity from k and the length scale."""
        raise NotImplementedError

    def _sources(self, flow: Any) -> None:
        """Fill `gamma`, `b` and `sink` of both equations."""
        raise NotImplementedError

    def _viscosity(self, flow: Any) -> None:
        """`mut` and `ustar` from both quantities."""
        raise NotImplementedError

    def _step(self, flow: Any) -> None:
        self.inflow.apply(flow, self.k, self.other, self._second)
        self._sources(flow)
        for axis in range(3):
            flow.flux_into(axis, flow.m[axis])
            self.be.launch("close_backflow", *self.n, axis, self.inflow.kind, flow.m[axis])
        for x, gamma, b, sink, least in zip((self.k, self.other), self.gamma, self.b, self.sink, self.least):
            self._transport(flow, x, gamma, b, sink)
            self.be.xp.maximum(x, least, out=x)
        self._viscosity(flow)

    def _transport(self, flow: Any, x: Any, gamma: Any, b: Any, sink: Any) -> None:
        """One relaxed step of a transport equation, in work arrays of the flow."""
        be = self.be
        for axis in range(3):
            self._conductance(flow, axis, x, gamma)
        be.launch("transport_diagonal", *self.n, flow._step_of()[0], flow.kind, *flow.g, *flow.m, sink, x, b, flow.dinv)
        red_black_transport(be, self.n, SWEEPS, *flow.g, *flow.m, flow.dinv, b, x)

    def _conductance(self, flow: Any, axis: int, x: Any, gamma: Any) -> None:
        """Diffusive conductances of a transport equation, into a work array of the flow."""
        self.be.launch("scalar_conductance", *self.n, axis, flow.kind, self.walls, gamma, *flow.width, flow.g[axis])

    def solved(self) -> list[Any]:
        """Fields of transport equations."""
        return [self.k, self.other]

    def floor(self, flow: Any) -> None:
        """Make what has been extrapolated positive, and the viscosity fit."""
        for x, least in zip((self.k, self.other), self.least):
            self.be.xp.maximum(x, least, out=x)
        self._viscosity(flow)
        self._beside_walls(flow)
        self._thicken(flow)

    def _arrays(self) -> dict[str, Any]:
        return {"k": self.k, self.second: self.other, **super()._arrays()}

    def limited(self, flow: Any) -> dict[str, int]:
        """How many cells every limiter holds."""
        held = super().limited(flow)
        air = self.be.to_numpy(flow.kind)[INNER] == 1
        for name, a, least in zip(("k", self.second), (self.k, self.other), self.least):
            held[f"{name} at its floor"] = int((self.be.to_numpy(a)[INNER][air] <= least).sum())
        return held


class KEpsilon(TwoEquations):
    """Standard k-epsilon (Launder & Spalding 1974), with the one-equation layer of Chen & Patel (1988) at walls."""

    second = "epsilon"
    smooth = True

    def _second(self, k: Any, length: float) -> Any:
        return C_MU**0.75 * k**1.5 / length

    def _sources(self, flow: Any) -> None:
        self.be.launch("k_epsilon_sources", *self.n, flow.kind, flow.rho, flow.molecular, self.mut, self.distance, self.s2,
                       self.q, self.k, self.other, *flow.width, self.gamma[0], self.b[0], self.sink[0], self.gamma[1],
                       self.b[1], self.sink[1])

    def _viscosity(self, flow: Any) -> None:
        self.be.launch("k_epsilon_viscosity", *self.n, MOST, flow.kind, flow.rho, flow.molecular, self.distance, self.k,
                       self.other, self.mut, self.ustar)


class KOmegaSST(TwoEquations):
    """k-omega SST (Menter, Kuntz & Langtry 2003)."""

    second = "omega"

    def _second(self, k: Any, length: float) -> Any:
        return k**0.5 / (C_MU**0.25 * length)

    def _conductance(self, flow: Any, axis: int, x: Any, gamma: Any) -> None:
        """Diffusive conductances; those of omega follow its fall from walls."""
        if x is self.k:
            super()._conductance(flow, axis, x, gamma)
        else:
            self.be.launch("omega_conductance", *self.n, axis, flow.kind, self.walls, gamma, x, *flow.width, flow.g[axis])

    def _sources(self, flow: Any) -> None:
        self.be.launch("k_omega_sources", *self.n, flow.kind, self.walls, flow.rho, flow.molecular, self.mut, self.ustar,
                       self.distance, self.s2, self.q, self.k, self.other, *flow.width, self.gamma[0], self.b[0],
                       self.sink[0], self.gamma[1], self.b[1], self.sink[1])

    def _viscosity(self, flow: Any) -> None:
        self.be.launch("k_omega_viscosity", *self.n, MOST, flow.kind, flow.rho, flow.molecular, self.distance, self.s2, self.k,
                       self.other, self.mut, self.ustar)


MODELS: dict[str, type[Eddies]] = {"k_epsilon": KEpsilon, "k_omega_sst": KOmegaSST, "lvel": Lvel}


def _prandtl(problem: Problem) -> float:
    """Prandtl number of the air at the property temperature."""
    c, t = problem.coolant, np.asarray(problem.property_temperature)
    assert c is not None
    return float(c.viscosity(t)) * float(c.heat_capacity(t)) / float(c.conductivity(t))


def wall_law(prandtl: float) -> tuple[float, float]:
    """Prandtl number and beta of Kader's (1981) temperature profile."""
    return prandtl, (3.85 * prandtl ** (1 / 3) - 1.3) ** 2 + 2.12 * float(np.log(prandtl))
