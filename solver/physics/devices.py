"""All devices of a problem in its equations: forces and closed faces in the flow, outlet temperatures and heats in the energy.

What devices do to the energy follows from its solution (a server's outlet from its inlet), with a lag. Within a buoyant flow
that lag is the iteration's; with a flow that stands still `settle` finds the fixed point, by Anderson's method (see `anderson`)
on the few numbers that matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from coldrack.solver.devices import HeatExchanger, Porous
from coldrack.solver.physics.exchangers import Exchanger
from coldrack.solver.physics.fans import Fans
from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.physics.panels import Panels
from coldrack.solver.physics.resistances import Resistances
from coldrack.solver.physics.skeleton import Skeleton
from coldrack.solver.physics.term import Term
from coldrack.solver.physics.units import Units
from coldrack.solver.problem import Problem

SETTLED = 1e-9  # change of what devices do, over its scale, from one solution of the energy to the next
# Drag that stands for inertia, over density times area times the air's root-mean-square speed: still air of low viscosity
# between jets would answer to pressure without bound. At first the speed is that of servers and fans, which fades.
INERTIA, FADING = 0.7, 0.9
ROUNDS = 60  # solutions of the energy, most
THAWED = 4  # of them with renewed limiters
MEMORY = 15  # steps that the acceleration looks back on


class Devices(Term):
    """The devices of one problem on one backend.

    Parameters
    ----------
    problem : Problem
    layout : Layout
    backend : Backend
        Double precision is taken of it.
    flow : Flow or None
        That they act in; None where only the temperature is solved, with given velocities.
    density : float
        Of the air at the property temperature, kg/m3.
    heat_capacity : float
        J/(kg K).
    """

    def __init__(self, problem: Problem, layout: Layout, backend: Any, flow: Any, density: float, heat_capacity: float) -> None:
        self.problem, self.layout, self.be = problem, layout, backend.with_dtype("f8")
        be, every = self.be, problem.devices
        self.reference = problem.reference_temperature
        self.panels = Panels(problem, layout, be)
        self.units = Units(every, layout, be, density, heat_capacity)
        self.fans = Fans(every, layout, be)
        self.exchangers = [Exchanger(d, layout, be) for d in every if isinstance(d, HeatExchanger)]
        self.skeletons = [Skeleton(d, problem, layout, be) for d in every if isinstance(d, Porous) and d.exchange is not None]
        self.resistances: Resistances | None = None
        self.change = 0.0
        self.speed, self.starting = 0.0, max([*self.units.speeds(), *self.fans.speeds()], default=0.0)
        if flow is not None:
            self.resistances = Resistances(problem, layout, flow.boundary, be)
            self.units.prescribe(flow.velocity)

    # ------------------------------------------------------------------ flow
    def coefficients(self, flow: Any, axis: int) -> None:
        """No viscosity across panels."""
        self.panels.coefficients(flow, axis)

    def force(self, flow: Any, axis: int, b: Any, drag: Any) -> None:
        """Screens, porous blocks and fans; and no force, but the drag of a step in time."""
        if self.resistances is not None:
            self.resistances.force(flow, axis, b, drag)
        self.fans.force(flow, axis, b, drag)
        first, second = (flow.width[d].reshape([-1 if 2 - d == a else 1 for a in range(3)]) for d in range(3) if d != axis)
        drag += flow.rho * (first * second * max(INERTIA * self.speed, self.starting))

    def update(self, flow: Any, energy: Any) -> None:
        """Flows of units from the new pressures; what devices do to the new temperatures."""
        self.change = self.units.renew(flow)
        self.speed = flow.speed() / float(np.sqrt(3 * max(flow.cells, 1)))
        self.starting *= FADING
        if self.resistances is not None:
            self.resistances.renew()
        if energy is not None and self.thermal:
            new = self._wanted(energy)
            self.change = max(self.change, float(np.max(abs(new - self._state()) / self._scales(energy), initial=0.0)))
            self._apply(energy, new)

    # ------------------------------------------------------------------ energy
    @property
    def thermal(self) -> bool:
        """Whether any device acts on the temperature."""
        return bool(self.units.units or self.exchangers or self.skeletons)

    def attach(self, energy: Any) -> None:
        """Join an energy equation that has just been assembled."""
        self.panels.insulate(energy.g)
        if self.units.units:
            energy.carrier.reshape(-1)[self.units.cells["inside"]] = 2
            energy.fixed = self.units.cells["inside"]
        self._heat_blocks(energy)
        for e in self.exchangers:
            heat, e.heat = e.heat, self.be.zeros((e.count,))
            e.take(energy.b, heat)
        for s in self.skeletons:
            kept, s.heat = s.heat, np.zeros(s.count)
            s.take(energy.b, kept)
        if self.thermal and energy.m is not None:
            self._apply(energy, self._wanted(energy))

    def settle(self, energy: Any, solve: Callable[[], Any], tight: bool) -> tuple[Any, float]:
        """Solve the energy and renew what devices do until both stand still.

        Parameters
        ----------
        energy : Energy
        solve : callable
            Solves it with what the devices do now.
        tight : bool
            Until `SETTLED`; else a tenth of the case's tolerance will do.

        Returns
        -------
        result, change
            Of the last solve, and what was still missing, over its scale.
        """
        mixer, goal, change = Mixer(), SETTLED if tight else 0.1 * self.problem.settings.tolerance, np.inf
        for number in range(ROUNDS):
            energy.frozen = number >= THAWED
            if number == THAWED:
                mixer = Mixer()
            result = solve()
            old, new = self._state(), self._wanted(energy)
            if number <= THAWED:  # from then on they must not change: the acceleration compares steps
                scales = self._scales(energy)
            change = float(np.max(abs(new - old) / scales, initial=0.0))
            if change <= goal or (energy.frozen and result.iterations == 0):
                break
            self._apply(energy, mixer(old / scales, new / scales) * scales if number >= THAWED else new)
        energy.frozen = False
        return result, change

    def heats(self, energy: Any) -> tuple[dict[str, float], dict[str, float]]:
        """Heat into the air (W, negative: out of it) and heat into liquids, by device."""
        air: dict[str, float] = {}
        liquid: dict[str, float] = {}
        units = self.units
        carried = units.mass_flow() * units.heat_capacity
        mean = units.inlet_rise(energy.rise)[0] if units.units else np.zeros(0)
        for u, c, leaves, enters, more in zip(units.units, carried, units.rise, mean, units.defect):
            air[u.name] = u.power if u.supply_temperature is None else float(c * (leaves - enters) + more)
            if u.liquid_power:
                liquid[u.name] = u.liquid_power
        for e in self.exchangers:
            liquid[e.device.name] = float(e.heat.sum())
            air[e.device.name] = -liquid[e.device.name]
        air |= {d.name: d.power for d in self.problem.devices if isinstance(d, Porous) and d.power}
        return air, liquid

    def conductivity(self, coolant: Any) -> Any:
        """Conductivity (W/(m K), of all cells or one value) of coolant, and of porous blocks in its place."""
        blocks = [d for d in self.problem.devices if isinstance(d, Porous) and (d.porosity != 1.0 or d.solid_conductivity)]
        if not blocks:
            return coolant
        out = np.array(np.broadcast_to(coolant, self.problem.mesh.grid.shape), float)
        for d in blocks:
            out[d.cells] = d.porosity * out[d.cells] + (d.solid_conductivity if d.exchange is None else 0.0)
        return out

    def _heat_blocks(self, energy: Any) -> None:
        """Sources of porous blocks with one temperature, W."""
        volumes = self.problem.mesh.grid.volumes()
        for d in self.problem.devices:
            if isinstance(d, Porous) and d.power and d.exchange is None:
                share = np.where(d.cells, volumes, 0.0)
                energy.b += self.be.asarray(self.layout.pad(d.power * share / share.sum()))

    def _state(self) -> Array:
        """What devices do to the energy: outlet temperatures over the reference, K; heats of exchangers and skeletons, W."""
        return np.concatenate([self.units.rise, *(self.be.to_numpy(e.heat) for e in self.exchangers),
                               *(s.heat for s in self.skeletons)])

    def _wanted(self, energy: Any) -> Array:
        """What they would do to the present temperatures."""
        units = [self.units.outlet_rise(energy.rise, self.reference)] if self.units.units else []
        return np.concatenate([*units, *(self.be.to_numpy(e.wanted(energy, self.reference)) for e in self.exchangers),
                               *(s.wanted(energy.rise) for s in self.skeletons)])

    def _scales(self, energy: Any) -> Array:
        """What counts as much: the range of the temperatures, and heats that amount to it."""
        spread = max(float(energy.rise.max() - energy.rise.min()), 1e-30)
        heats = []
        for e in self.exchangers:
            rate = float(abs(self.be.to_numpy(e.air(energy)[0])).max(initial=0.0))
            heats.append(np.full(e.count, max(rate * spread, 1e-30)))
        heats += [np.full(s.count, max(float(s.exchange.max()) * spread, 1e-30)) for s in self.skeletons]
        return np.concatenate([np.full(len(self.units.units), spread), *heats])

    def _apply(self, energy: Any, state: Array) -> None:
        count = len(self.units.units)
        if count:
            self.units.blow(energy.rise, state[:count])
        for e in self.exchangers:
            e.take(energy.b, self.be.asarray(np.ascontiguousarray(state[count : count + e.count])))
            count += e.count
        for s in self.skeletons:
            s.take(energy.b, state[count : count + s.count])
            count += s.count


class Mixer:
    """Anderson acceleration of a fixed-point iteration over a short vector, as in `anderson`."""

    def __init__(self) -> None:
        self.steps: list[Array] = []
        self.values: list[Array] = []

    def __call__(self, x: Array, value: Array) -> Array:
        """The next iterate after `x`, whose image is `value`."""
        self.steps, self.values = [*self.steps[-MEMORY:], value - x], [*self.values[-MEMORY:], value]
        if len(self.steps) < 2:
            return value
        steps = np.diff(np.array(self.steps), axis=0).T
        gamma = np.linalg.lstsq(steps, self.steps[-1], rcond=1e-10)[0]
        return value - np.diff(np.array(self.values), axis=0).T @ gamma
