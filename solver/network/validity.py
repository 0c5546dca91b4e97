"""What a network must have for a solution, and what its solution must keep to."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from coldrack.solver.network import heat
from coldrack.solver.network.compiled import Compiled, Group, Index, compiled
from coldrack.solver.network.elements import Plate, Pump
from coldrack.solver.network.failure import NetworkFailure
from coldrack.solver.network.heat import Thermal
from coldrack.solver.network.laws import Array
from coldrack.solver.network.network import Network
from coldrack.solver.network.state import NetworkState
from coldrack.solver.system import SystemFailure

DEAD = 1e-6  # of a pump's largest flow; less is none
ABSURD = 5000.0  # K


def _names(network: Network, nodes: Index) -> str:
    names = [network.node_list[int(n)].name for n in nodes]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def check_structure(network: Network, net: Compiled) -> None:
    """Every loop hangs together and has a pressure somewhere."""
    if net.checked:
        return
    ends = (np.ones(net.branches), (net.start, net.end))
    _, part = connected_components(coo_matrix(ends, (net.nodes, net.nodes)), directed=False)
    for stream in net.streams:
        parts, counts = np.unique(part[stream.nodes], return_counts=True)
        if len(parts) > 1:
            lost = stream.nodes[part[stream.nodes] != parts[np.argmax(counts)]]
            more = f" (with {_names(network, lost[1:])})" if len(lost) > 1 else ""
            raise NetworkFailure(f"no branches lead from here{more} to the other nodes of loop {stream.name}; add the branch "
                                 "that is missing, or make it a loop of its own", "nodes", network.node_list[int(lost[0])].name)
        if len(stream.nodes) and not net.fixed[stream.nodes].any():
            raise NetworkFailure("no node has a pressure, so pressures have no reference; give one to a node, such as that of "
                                 "the expansion vessel", "loops", stream.name)
    net.checked = True


def check_supplies(network: Network, net: Compiled, m: Array) -> None:
    """Coolant that comes from outside has a temperature."""
    gained = np.bincount(net.end, m, net.nodes) - np.bincount(net.start, m, net.nodes)
    enters = net.fixed & (-gained > max(1e-6 * float(np.max(np.abs(m), initial=0.0)), 1e-9)) & np.isnan(net.supply)
    if enters.any():
        name = network.node_list[int(np.argmax(enters))].name
        raise NetworkFailure("coolant flows in here from outside: give the node a temperature", "nodes", name)


def check_sinks(network: Network, net: Compiled, m: Array) -> None:
    """Every loop gets its temperature from somewhere: a supply, an ambient, or a loop that has one."""
    lossy = network.conductance > 0
    anchored = [bool((~np.isnan(net.supply[s.nodes])).any() or lossy[s.branches].any()) for s in net.streams]
    size = heat.flow(net, m).size if net.exchangers else m
    pairs = [(net.branch_loop[a], net.branch_loop[b]) for _, a, b in net.exchangers if size[a] and size[b]]
    for _ in net.streams:
        for first, second in pairs:
            anchored[first] = anchored[second] = anchored[first] or anchored[second]
    for stream, known in zip(net.streams, anchored, strict=True):
        if len(stream.branches) and not known:
            still = [b.name for k in net.pumps if isinstance((b := network.branch_list[k]).element, Pump)
                     and not (b.element.speed > 0 and b.element.count > 0) and k in stream.branches]
            why = f"{', '.join(still)} {'stand' if len(still) > 1 else 'stands'} still, so nothing flows: " if still else ""
            raise NetworkFailure(f"{why}its heat has nowhere to go and no temperature is given; "
                                 f"{'let a pump run, or ' if still else ''}add an exchanger to a loop that has "
                                 "one (both sides flowing), a temperature at a node, or a conductance to an ambient",
                                 "loops", stream.name)


def check_heated(network: Network, size: Array) -> None:
    """Heat needs a flow that carries it away."""
    dry = (size <= 0) & (network.heat != 0)
    if dry.any():
        k = int(np.argmax(dry))
        raise NetworkFailure(f"{network.heat[k]:g} W go into coolant that stands still; open a way for it, or take the heat "
                             "out", "branches", network.branch_list[k].name)


def check_run_away(network: Network, thermal: Thermal) -> None:
    """Coolant that goes round in a part of a loop, or hardly flows, needs something there that takes its heat."""
    n = int(np.argmax(thermal.node))
    if thermal.node[n] > ABSURD:
        raise NetworkFailure("coolant gets warmer without end here: hardly any of it reaches what takes its heat (an "
                             "exchanger, a supply, a conductance); open a way there, or let more flow",
                             "nodes", network.node_list[n].name)


def check_range(network: Network, net: Compiled, thermal: Thermal) -> None:
    """Temperatures lie where the coolant's properties are known."""
    for s in net.streams:
        for values, members, group in ((thermal.outlet, s.branches, "branches"), (thermal.node, s.nodes, "nodes")):
            beyond = np.maximum(values[members] - s.caloric.high, s.caloric.low - values[members])
            if len(members) and beyond.max() > 1e-6:
                k = int(members[np.argmax(beyond)])
                name = network.branch_list[k].name if group == "branches" else network.node_list[k].name
                span = f"{s.caloric.low - 273.15:.0f} to {s.caloric.high - 273.15:.0f} degC"
                raise NetworkFailure(
                    f"the coolant is at {values[k] - 273.15:.1f} degC, outside the range of {s.caloric.coolant.name}'s "
                    f"property curves, {span}; more flow or less heat is needed there", group, name)


def blocked_pump(network: Network) -> str:
    """A running pump that closed valves and still pumps shut off from every way round; "" if there is none."""
    net = compiled(network)
    nodes = [int(n) for n in np.where(net.fixed | (net.inflow != 0), net.nodes, np.arange(net.nodes))]  # outside is one node
    ends = [(nodes[b.start], nodes[b.end]) for b in network.branch_list]
    shut = [bool(getattr(b.element, "opening", 1.0) <= 0) or _still(b.element) for b in network.branch_list]
    for k in net.pumps:
        if not shut[k]:
            kept = [e for n, e in enumerate(ends) if n != k and not shut[n]]
            rows, columns = np.array(kept, int).reshape(-1, 2).T
            graph = coo_matrix((np.ones(len(kept)), (rows, columns)), (net.nodes + 1, net.nodes + 1))
            _, part = connected_components(graph, directed=False)
            if part[ends[k][0]] != part[ends[k][1]]:
                return network.branch_list[k].name
    return ""


def _still(element: object) -> bool:
    return isinstance(element, Pump) and (element.count <= 0 or element.speed <= 0)


def check(network: Network, state: NetworkState) -> None:
    """Raise `SystemFailure` unless pumps deliver on their curves and plates lie in their characteristics' range.

    `solve` does not ask for that: who iterates may pass through other states.
    """
    for name, point in state.pumps.items():
        pump = network.branch_list[network.branches[name]].element
        assert isinstance(pump, Pump)
        if not point.running:
            continue
        most = pump.flow_rates[-1] * pump.speed
        if point.flow_rate < DEAD * most:
            raise NetworkFailure("it runs against a closed path and moves nothing: open a valve, see whether a check valve "
                                 "points the wrong way or another pump holds its own shut, or stop it", "branches", name)
        if point.flow_rate > most * (1 + 1e-6):
            raise NetworkFailure(f"each pump moves {point.flow_rate * 6e4:.4g} L/min, beyond its curve, which ends at "
                                 f"{most * 6e4:.4g} L/min at this speed; add resistance or pumps, or extend the curve",
                                 "branches", name)
    for group in compiled(network).groups:
        if isinstance(group.element, Plate) and hasattr(group.element.characteristic, "check"):
            k = group.branches
            flow, inlet = state.mass_flow[k] / state.inlet_density[k] / group.element.count, state.inlet_temperature[k]
            try:
                group.element.characteristic.check(flow, inlet)
            except SystemFailure:
                _blame(network, group, flow, inlet)


def _blame(network: Network, group: Group, flow: Array, inlet: Array) -> None:
    """Raise for the first plate of a group that is out of its range."""
    for n, k in enumerate(group.branches):
        try:
            group.element.characteristic.check(flow[n], inlet[n])  # type: ignore[attr-defined]
        except SystemFailure as error:
            raise NetworkFailure(str(error), "branches", network.branch_list[int(k)].name) from None
