"""The energy equation in time: what cells of coolant and solid store, convection explicit, conduction as the step asks.

Stages as in `unsteady`. The books are kept with the weights of the stages: what has been stored since time 0 is what sources
and boundaries have given, to the tolerance of the linear solver and of the divergence of the flow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.linear.stored import StoredKrylov, StoredMultigrid
from coldrack.solver.physics import energy_coefficients as coefficients
from coldrack.solver.physics.devices import Devices
from coldrack.solver.physics.energy import Energy
from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.physics.unsteady import ALPHA, BETA, GAMMA, STAGES, ZETA
from coldrack.solver.physics.unsteady_devices import DeviceBooks
from coldrack.solver.problem import Problem

EXPLICIT = 2.0  # times the largest sum of conductances over the store and the step up to which conduction is explicit
CONDUCTION = 1e-9  # residual of implicit conduction that a stage leaves
MOST = 200  # iterations of it


class UnsteadyEnergy:
    """Temperature and heat balance of one problem on one backend.

    Parameters
    ----------
    problem, layout, backend
    density, heat_capacity, conductivity : float
        Of the coolant, kg/m3, J/(kg K), W/(m K); 0 without one.
    flux : list of device arrays or None
        Mass flux through the low faces (kg/s, padded): room for those of a flow, or given ones.
    devices : Devices, optional
        That act on the temperature.
    """

    def __init__(self, problem: Problem, layout: Layout, backend: Any, density: float, heat_capacity: float,
                 conductivity: float, flux: list[Any] | None, devices: Devices | None = None) -> None:
        self.energy = Energy(problem, layout, backend)
        self.problem, self.layout, self.be, self.n = problem, layout, self.energy.be, layout.n
        be, new = self.be, lambda: self.be.zeros(layout.shape)
        self.energy.assemble(conductivity if devices is None else devices.conductivity(conductivity), flux, heat_capacity)
        self.devices = None
        if devices is not None:
            devices.attach(self.energy)
            self.devices = DeviceBooks(devices)
        store = _store(problem, density * heat_capacity)
        self.store = be.asarray(layout.pad(store))
        self.inverse = be.asarray(layout.pad(np.where(store > 0, 1.0 / np.where(store > 0, store, 1.0), 0.0)))
        self.rate, self.before, self.conducted, self.nothing = new(), new(), new(), new()
        self.sources = float(be.to_numpy(self.energy.b).sum())
        self.fastest = self._fastest()
        self.implicit = False
        self.solver: StoredKrylov | None = None
        self.accounts = [_Account(problem, layout, be, bc.name, self.energy) for bc in problem.boundaries]
        self.accounts = [a for a in self.accounts if a.passes]
        self.seconds = 0.0  # that the books hold
        self.opening = 0.0  # stored heat at time 0, J
        self.width = [be.asarray(h) for h in layout.width]
        self.iterations = 0.0

    @property
    def rise(self) -> Any:
        """Temperature above the reference, K, padded device array."""
        return self.energy.rise

    def start(self, temperature: float | Array) -> None:
        """Set the temperature, K, of all that stores heat, and open the books."""
        new = np.array(self.be.to_numpy(self.rise))
        inner = (slice(1, -2),) * 3
        value = np.broadcast_to(np.asarray(temperature) - self.problem.reference_temperature, new[inner].shape)
        new[inner] = np.where(self.problem.mesh.material > 0, value, 0.0)
        self.rise[...] = self.be.asarray(new)
        self.opening = self.stored()

    def stored(self) -> float:
        """Heat in all cells above the reference temperature, J."""
        return self.be.dot(self.store, self.rise)

    def _fastest(self) -> float:
        """Largest rate at which conduction changes a cell, 1/s: twice the sum of its conductances over its store."""
        inner, host = (slice(1, -1),) * 3, self.be.to_numpy
        total = np.zeros([s - 2 for s in self.store.shape])
        for axis, g in enumerate(self.energy.g):
            high = [slice(1, -1)] * 3
            high[2 - axis] = slice(2, None)
            total += host(g)[inner] + host(g)[tuple(high)]
        return 2.0 * float((total * host(self.inverse)[inner]).max())

    # ---------------------------------------------------------------- the stages
    def rates(self, k: int, step: float, flux_into: Any, mixing: tuple[float, Any] | None = None) -> None:
        """Convection, W, and heat conducted and released, W, of the present temperature; enters them into the books.

        Parameters
        ----------
        k : int
            The stage that follows.
        step : float
            s
        flux_into : callable or None
            Writes the mass flux (kg/s) along an axis into a padded array; None where fluxes are given or nothing flows.
        mixing : tuple, optional
            Heat capacity over the turbulent Prandtl number, J/(kg K), and the eddies' viscosity, Pa s, padded.
        """
        e, be, n = self.energy, self.be, self.n
        self.rate, self.before = self.before, self.rate
        rate = self.rate
        rate.fill(0)
        if e.m is not None:
            if flux_into is not None:
                for axis, m in enumerate(e.m):
                    flux_into(axis, m)
                    m *= e.heat_capacity
            right = self.conducted
            right.fill(0)
            if self.problem.settings.convection == "second_order":
                be.launch("limited_advection", *n, 3, e.carrier, *e.metrics, *e.m, self.rise, right)
            be.launch("residual_advected", *n, self.rise, *[self.nothing] * 3, *e.m, e.active, right, rate)
        if mixing is not None:
            be.launch("eddy_conduction", *n, mixing[0], e.carrier, mixing[1], self.rise, *self.width, rate)
        be.launch("residual", *n, self.rise, *e.g, e.active, e.b, self.conducted)
        explicit = GAMMA[k] + (ZETA[k + 1] if k < 2 else 0.0)
        before = ALPHA[k] + (BETA[k - 1] if k else 0.0) if self.implicit else explicit
        for account in self.accounts:
            account.enter(e, self.rise, explicit * step, before * step)
        if self.devices is not None:
            self.devices.enter(e, self.rise, explicit * step)
        if not self.implicit:
            rate += self.conducted

    def stage(self, k: int, step: float) -> None:
        """Take the temperature through one stage of a step (s)."""
        be, e = self.be, self.energy
        if not self.implicit:
            be.launch("advance", *reversed(self.layout.shape), GAMMA[k] * step, ZETA[k] * step, self.inverse, self.rate,
                      self.before, self.rise)
        else:
            self._implicit_stage(k, step)
        if k == STAGES[-1]:
            self.seconds += step
            if self.devices is not None:
                self.devices.pass_time(step)
            if self.implicit:
                for account in self.accounts:
                    account.enter(e, self.rise, 0.0, BETA[k] * step)

    def prepare(self) -> StoredKrylov:
        """See to it that there is a solver for implicit conduction."""
        if self.solver is None:
            self.solver = StoredKrylov(self.be, StoredMultigrid(self.be, coefficients.axes(self.problem)))
            self.change = self.be.zeros(self.layout.shape)
        return self.solver

    def _implicit_stage(self, k: int, step: float) -> None:
        e = self.energy
        solver = self.prepare()
        right, change = self.conducted, self.change
        right *= GAMMA[k] + ZETA[k]
        right += GAMMA[k] * self.rate + ZETA[k] * self.before
        right *= 1.0 / BETA[k]
        factor = 1.0 / (BETA[k] * step)
        solver.take(tuple(e.g), self.store * factor, factor)
        change.fill(0)
        self.iterations += solver.cg(change, right, CONDUCTION, 0.0, MOST).iterations
        e.rise += change  # ghosts stay: nothing changes there

    # ---------------------------------------------------------------- the books
    def books(self) -> dict[str, Any]:
        """By boundary what came in by conduction and with the coolant, from sources, and what was stored, J since time 0."""
        e = self.problem
        flux = {bc.name: 0.0 if bc.heat_flux is None else
                float(bc.heat_flux * self.layout.areas(e.mesh.patches[bc.name]).sum()) * self.seconds for bc in e.boundaries}
        out = {bc.name: {"conducted": 0.0, "flux": flux[bc.name], "carried": 0.0, "kind": bc.kind} for bc in e.boundaries}
        for account in self.accounts:
            out[account.name]["conducted"], out[account.name]["carried"] = account.totals()
        devices = self.devices.totals() if self.devices is not None else {}
        return {"boundaries": out, "stored": self.stored() - self.opening, "devices": devices}

    def imbalance(self) -> float:
        """What has been stored but not given, over all that was turned over since time 0."""
        book = self.books()
        walls = [b[kind] for b in book["boundaries"].values() for kind in ("conducted", "carried")]
        given = [self.sources * self.seconds, *walls, *book["devices"].values()]
        scale = sum(abs(v) for v in given) + abs(book["stored"])
        return abs(sum(given) - book["stored"]) / scale if scale else 0.0

    def state(self) -> dict[str, Any]:
        """Of the books, to go on from."""
        return {"seconds": self.seconds, "opening": self.opening, "devices": self.books()["devices"],
                "accounts": {a.name: list(a.totals()) for a in self.accounts}}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        self.seconds, self.opening = state["seconds"], state["opening"]
        if self.devices is not None:
            self.devices.offset = dict(state.get("devices", {}))
        for account in self.accounts:
            account.offset = tuple(state["accounts"].get(account.name, (0.0, 0.0)))  # type: ignore[assignment]


def _store(problem: Problem, coolant: float) -> Array:
    """Heat capacity of every cell, J/K, shape (nz, ny, nx)."""
    mesh = problem.mesh
    table = np.zeros(len(mesh.materials))
    if len(table) > 1:
        table[1] = coolant
    for index, name in enumerate(mesh.materials[2:], start=2):
        table[index] = problem.solids[name].density * problem.solids[name].heat_capacity
    return table[mesh.material] * mesh.grid.volumes()


class _Account:
    """Heat through one boundary, summed on the device."""

    def __init__(self, problem: Problem, layout: Layout, backend: Any, name: str, energy: Energy) -> None:
        patch = problem.mesh.patches[name]
        self.name, self.axis, self.be = name, patch.axis, backend
        self.sign = 1.0 if patch.side == 0 else -1.0
        self.face, self.inside, self.ghost = (
            backend.asarray(np.ravel_multi_index(index, layout.shape).astype(np.int64))
            for index in (layout.boundary_faces(patch), layout.inside(patch), layout.ghosts(patch)))
        self.g = energy.g[self.axis].reshape(-1)[self.face]
        kind = next(bc.kind for bc in problem.boundaries if bc.name == name)
        self.flows = energy.m is not None and kind in ("inlet", "outlet")
        self.conducts = bool(self.g.any())
        self.passes = self.flows or self.conducts
        self.sums = backend.zeros((2,))
        self.offset = (0.0, 0.0)

    def enter(self, energy: Energy, rise: Any, carried: float, conducted: float) -> None:
        """Add the present fluxes for so many seconds each."""
        xp, flat = self.be.xp, rise.reshape(-1)
        inside, ghost = flat[self.inside], flat[self.ghost]
        if self.conducts and conducted:
            self.sums[0] += conducted * (self.g * (ghost - inside)).sum()
        if self.flows and carried and energy.m is not None:
            flow = energy.m[self.axis].reshape(-1)[self.face] * self.sign
            self.sums[1] += carried * (xp.maximum(flow, 0.0) * ghost + xp.minimum(flow, 0.0) * inside).sum()

    def totals(self) -> tuple[float, float]:
        """Conducted and carried into the domain, J since time 0."""
        now = self.be.to_numpy(self.sums)
        return float(now[0]) + self.offset[0], float(now[1]) + self.offset[1]
