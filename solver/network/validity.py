"""What a network must have for a solution, and what its solution must keep to."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from coldrack.solver.network.compiled import Compiled, Index
from coldrack.solver.network.heat import Thermal
from coldrack.solver.network.laws import Array
from coldrack.solver.network.network import Network
from coldrack.solver.system import SystemFailure

DEAD = 1e-6  # of a pump's largest flow; less is none


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
            raise SystemFailure(f"loop {stream.name}: {_names(network, lost)} cannot be reached from the other nodes; add the "
                                "branch that is missing, or make it a loop of its own")
        if len(stream.nodes) and not net.fixed[stream.nodes].any():
            raise SystemFailure(f"loop {stream.name}: no node has a pressure; give it to one, such as that of the expansion "
                                "vessel")
    net.checked = True


def check_supplies(network: Network, net: Compiled, m: Array) -> None:
    """Coolant that comes from outside has a temperature."""
    gained = np.bincount(net.end, m, net.nodes) - np.bincount(net.start, m, net.nodes)
    enters = net.fixed & (-gained > 1e-6 * float(np.max(np.abs(m), initial=0.0))) & np.isnan(net.supply)
    if enters.any():
        raise SystemFailure(f"coolant flows in at {_names(network, np.flatnonzero(enters))}: give the node a temperature")


def check_sinks(network: Network, net: Compiled, m: Array) -> None:
    """Every loop gets its temperature from somewhere: a supply, an ambient, or a loop that has one."""
    lossy = network.conductance > 0
    anchored = [bool((~np.isnan(net.supply[s.nodes])).any() or lossy[s.branches].any()) for s in net.streams]
    pairs = [(net.branch_loop[a], net.branch_loop[b]) for _, a, b in net.exchangers if m[a] != 0 and m[b] != 0]
    for _ in net.streams:
        for first, second in pairs:
            anchored[first] = anchored[second] = anchored[first] or anchored[second]
    for stream, known in zip(net.streams, anchored, strict=True):
        if len(stream.branches) and not known:
            raise SystemFailure(f"loop {stream.name}: its heat has nowhere to go and no temperature is given; add an "
                                "exchanger, a temperature at a node, or a conductance to an ambient")


def check_range(network: Network, net: Compiled, thermal: Thermal) -> None:
    """Temperatures lie where the coolant's properties are known."""
    for s in net.streams:
        for values, members, what in ((thermal.outlet, s.branches, "branch"), (thermal.node, s.nodes, "node")):
            beyond = np.maximum(values[members] - s.caloric.high, s.caloric.low - values[members])
            if len(members) and beyond.max() > 1e-6:
                k = int(members[np.argmax(beyond)])
                name = network.branch_list[k].name if what == "branch" else network.node_list[k].name
                span = f"{s.caloric.low - 273.15:.0f} to {s.caloric.high - 273.15:.0f} degC"
                raise SystemFailure(
                    f"{what} {name}: the coolant is at {values[k] - 273.15:.1f} degC, outside the range of "
                    f"{s.caloric.coolant.name}'s property curves, {span}; more flow or less heat is needed there")
