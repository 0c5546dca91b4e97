"""Steady state of a network: Newton's method for the flow, the temperatures after every step, until both stand still."""

from __future__ import annotations

import numpy as np

from coldrack.solver.network import heat, hydraulics
from coldrack.solver.network.compiled import Compiled, compiled
from coldrack.solver.network.elements import Pump
from coldrack.solver.network.failure import NetworkFailure
from coldrack.solver.network.heat import SMALLEST, Thermal
from coldrack.solver.network.laws import Array
from coldrack.solver.network.network import Network
from coldrack.solver.network.state import ExchangerState, NetworkState, PumpState
from coldrack.solver.network.validity import (
    check_heated,
    check_range,
    check_run_away,
    check_sinks,
    check_structure,
    check_supplies,
)

MOST = 300  # iterations; ten are usual
FLOW_TOLERANCE = 1e-11  # change of the flows over the largest of the loop
REST = 1e-10  # kg/s; a change that is none, where hardly anything flows
TEMPERATURE_TOLERANCE = 1e-8  # K
ROUGH = 1e-2  # change of the flows at which temperatures are solved
CAREFUL = 20  # iterations with whole changes of the properties; then ends of branches whose flow turns round again mix
RELAXED = 0.3  # share of the change of the properties after that
WEAK = 1e-3  # of the largest flow: less flow than that does not keep the ends of such a branch apart


def solve(network: Network, start: NetworkState | None = None, rough: float = 1.0) -> NetworkState:
    """Steady flow and temperatures.

    Parameters
    ----------
    network : Network
    start : NetworkState, optional
        A solution of the same network with other heat, speeds or temperatures, from which fewer steps are needed.
    rough : float
        Multiplies the tolerances, for a solution that is only a step of an iteration.

    Raises
    ------
    SystemFailure
        If the network has no solution: says which part and what to do.
    """
    net = compiled(network)
    check_structure(network, net)
    run = _Run(network, net, start)
    for iteration in range(1, MOST + 1):
        flow = run.flow_step(iteration)
        if not np.isfinite(flow):
            raise NetworkFailure("the flow has no solution: a resistance or a pump's curve is out of any range")
        if flow > ROUGH and not run.warmed:
            continue
        if run.heat_step(iteration) < rough * TEMPERATURE_TOLERANCE and flow < rough * FLOW_TOLERANCE:
            return _state(network, net, run.m, run.p, run.thermal, iteration)
    check_run_away(network, run.thermal)
    raise NetworkFailure(f"flows and temperatures do not settle in {MOST} iterations; see whether a pump's curve, a check "
                         "valve or a plate's characteristic is far out of its range")


class _Run:
    """A solution on its way.

    Attributes
    ----------
    m, p : array
        Mass flows, kg/s, and pressures, Pa.
    thermal : Thermal
    rho, mu : array
        Density and viscosity of the branches.
    turning : array of bool
        Branches whose flow turned round again when all should have been settled.
    weak : array
        Flow up to which the ends of such branches mix, kg/s.
    """

    def __init__(self, network: Network, net: Compiled, start: NetworkState | None) -> None:
        self.network, self.net, self.warmed = network, net, False
        self.thermal = _first_temperatures(net, network) if start is None else start.thermal
        self.rho, self.mu = _properties(net, self.thermal)
        self.m = net.typical(self.rho) if start is None else start.mass_flow.copy()
        self.p = np.zeros(net.nodes) if start is None else start.pressure.copy()
        self.p[net.fixed] = net.pressure[net.fixed]
        self.turning = self.thermal.mixing > 0
        self.weak = np.zeros(net.branches)
        if start is None and np.ptp(net.elevation) > 0 and network.heat.any():  # warm columns may be all that moves it
            self.thermal = heat.solve(net, self.m, self.thermal, network.heat, network.conductance, network.ambient, self.weak)
            self.rho, self.mu = _properties(net, self.thermal)

    def flow_step(self, iteration: int) -> float:
        """One step of Newton's method; the largest change of a flow over that of its loop, 0 where hardly anything flows."""
        net, scale = self.net, _scale(self.net, self.m)
        self.weak = np.where(self.turning, WEAK * scale, 0.0)
        drop, slope = net.drops(self.m, self.rho, self.mu, _inside(net, self.thermal.inlet))
        slope = slope + _stiffness(net, self.network, self.thermal, self.weak)
        dm, dp = hydraulics.step(net, self.m, self.p, _weight(net, self.network, self.rho), (drop, slope))
        if iteration > CAREFUL:
            self.turning = self.turning | (self.m * (self.m + dm) < 0)
        self.m, self.p = self.m + dm, self.p + dp
        still = np.max(np.abs(dm), initial=0.0) < REST
        return 0.0 if still else float(np.max(np.abs(dm) / _scale(net, self.m), initial=0.0))

    def heat_step(self, iteration: int) -> float:
        """Temperatures of the flow and properties at them; the largest change of a temperature, K."""
        before, self.warmed = self.thermal, True
        after = self.thermal = _temperatures(self.network, self.net, self.m, self.p, before, self.weak)
        share = 1.0 if iteration <= CAREFUL and not self.turning.any() else RELAXED
        rho, mu = _properties(self.net, after)
        self.rho, self.mu = self.rho + share * (rho - self.rho), self.mu + share * (mu - self.mu)
        return float(np.max(np.abs(np.concatenate([after.node - before.node, after.mean - before.mean])), initial=0.0))


def _scale(net: Compiled, m: Array) -> Array:
    """Largest flow of each branch's loop, kg/s."""
    scale = np.full(net.branches, SMALLEST)
    for s in net.streams:
        if len(s.branches):
            scale[s.branches] = max(float(np.max(np.abs(m[s.branches]))), SMALLEST)
    return scale


def _first_temperatures(net: Compiled, network: Network) -> Thermal:
    """The mean of what is given in each loop, else of all."""
    given = ~np.isnan(net.supply)
    overall = float(np.mean(net.supply[given])) if given.any() else float(np.mean(network.ambient)) if net.branches else 293.15
    node = np.empty(net.nodes)
    for s in net.streams:
        own = net.supply[s.nodes][given[s.nodes]]
        node[s.nodes] = np.clip(float(np.mean(own)) if len(own) else overall, s.caloric.low, s.caloric.high)
    branch = node[net.start]
    return Thermal(node, branch, branch, branch, np.zeros(net.branches), [], np.zeros(net.branches))


def _properties(net: Compiled, thermal: Thermal) -> tuple[Array, Array]:
    """Density and viscosity of the branches."""
    rho, mu, mean = np.empty(net.branches), np.empty(net.branches), thermal.mean
    for s in net.streams:
        rho[s.branches], mu[s.branches], _ = s.caloric.properties(mean[s.branches])
    return rho, mu


def _inlet_density(net: Compiled, thermal: Thermal) -> Array:
    rho = np.empty(net.branches)
    for s in net.streams:
        rho[s.branches] = s.caloric.properties(thermal.inlet[s.branches])[0]
    return rho


def _inside(net: Compiled, t: Array) -> Array:
    """Temperatures of branches (K), those outside the range of the coolant's curves put at its end."""
    out = t.copy()
    for s in net.streams:
        out[s.branches] = np.clip(t[s.branches], s.caloric.low, s.caloric.high)
    return out


def _stiffness(net: Compiled, network: Network, thermal: Thermal, weak: Array) -> Array:
    """Derivative by the flow (Pa s/kg) of the weight of columns that change places as a weak flow turns round."""
    if not weak.any():
        return np.zeros(net.branches)
    rho = np.empty(net.nodes)
    for s in net.streams:
        rho[s.nodes] = s.caloric.properties(thermal.node[s.nodes])[0]
    change = network.gravity * (net.elevation[net.end] - net.elevation[net.start]) * (rho[net.start] - rho[net.end])
    return np.where(weak > 0, np.maximum(change, 0.0) / np.where(weak > 0, weak, 1.0), 0.0)


def _weight(net: Compiled, network: Network, rho: Array) -> Array:
    """Pressure that the column in each branch adds from start to end, Pa: warm coolant rises."""
    return rho * network.gravity * (net.elevation[net.start] - net.elevation[net.end])


def _temperatures(network: Network, net: Compiled, m: Array, p: Array, before: Thermal, weak: Array) -> Thermal:
    """Temperatures at a flow; friction and the pumps' losses are heat."""
    check_supplies(network, net, m)
    check_sinks(network, net, m)
    source = network.heat
    if network.dissipation:
        rho, _ = _properties(net, before)
        source = source + friction_heat(net, network, m, p, rho) + _pump_losses(net, m, rho)
    return heat.solve(net, m, before, source, network.conductance, network.ambient, weak)


def friction_heat(net: Compiled, network: Network, m: Array, p: Array, rho: Array) -> Array:
    """Work that friction turns into heat in every branch, W."""
    work = m * (p[net.start] - p[net.end] + _weight(net, network, rho)) / rho
    work[net.pumps] = 0.0  # done by them
    return np.asarray(work)  # negative in the side of a tee whose header draws on it


def _pump_losses(net: Compiled, m: Array, rho: Array) -> Array:
    """Electric minus hydraulic power of pumps whose efficiency is known, W: it all goes into the coolant (wet rotor)."""
    losses = np.zeros(net.branches)
    for group in net.groups:
        pump, k = group.element, group.branches
        if isinstance(pump, Pump) and pump.efficiency:
            running = np.where(np.asarray(pump.speed) > 0, pump.count, 0.0)
            flow = np.maximum(m[k], 0.0) / (rho[k] * np.maximum(running, 1e-9)) * (running > 0)
            hydraulic = np.maximum(pump.rise(flow)[0], 0.0) * flow * running
            losses[k] = hydraulic * (1 / pump.efficiency_at(flow) - 1)
    return losses


def pump_point(network: Network, k: int, m: float, rho: float) -> PumpState:
    """Operating point of the pumps in branch k."""
    pump = network.branch_list[k].element
    assert isinstance(pump, Pump)
    running = float(pump.count) if pump.speed > 0 else 0.0
    flow = max(m, 0.0) / (rho * running) if running else 0.0
    rise = float(pump.rise(flow)[0]) if running else 0.0
    hydraulic = max(rise, 0.0) * flow * running
    efficiency = float(pump.efficiency_at(flow))
    electric = hydraulic / efficiency if efficiency > 0 else float("nan") if running else 0.0
    return PumpState(flow, rise, running, hydraulic, electric, efficiency)


def _state(network: Network, net: Compiled, m: Array, p: Array, thermal: Thermal, iterations: int) -> NetworkState:
    """The solution with its ledger."""
    check_range(network, net, thermal)
    check_heated(network, heat.flow(net, m).size)
    rho, mu = _properties(net, thermal)
    drop = net.drops(m, rho, mu, thermal.inlet)[0]
    gained = np.bincount(net.end, m, net.nodes) - np.bincount(net.start, m, net.nodes)
    external = np.where(net.fixed, -gained, net.inflow)
    mass = float(np.max(np.abs(hydraulics.imbalance(net, m)), initial=0.0) / max(float(np.max(np.abs(m), initial=0.0)), 1e-12))
    exchangers = {e.name: ExchangerState(float(q), float(share), a, b)
                  for (e, a, b), (share, q) in zip(net.exchangers, thermal.exchange, strict=True)}
    pumps = {network.branch_list[k].name: pump_point(network, k, float(m[k]), float(rho[k])) for k in net.pumps}
    return NetworkState(m, p, thermal.node, thermal.inlet, thermal.outlet, drop, thermal.heat, rho, mu,
                        _inlet_density(net, thermal), external, iterations, mass, heat.imbalance(net, m, thermal), thermal,
                        exchangers, pumps)
