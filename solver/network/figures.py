"""Figures of a solved network for the summary, and its tables."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.network.compiled import compiled
from coldrack.solver.network.elements import Element, HazenWilliams, Pipe, Plate
from coldrack.solver.network.exchangers import ExchangerSide
from coldrack.solver.network.laws import Array
from coldrack.solver.network.ledger import ledger
from coldrack.solver.network.network import Network
from coldrack.solver.network.state import NetworkState
from coldrack.solver.system import Table

BRANCH_UNITS = {
    "mass_flow": "kg/s", "flow_rate": "m3/s", "velocity": "m/s", "reynolds": "", "pressure_drop": "Pa",
    "inlet_temperature": "K", "outlet_temperature": "K", "heat": "W", "component_temperature": "K"}
NODE_UNITS = {"pressure": "Pa", "temperature": "K", "elevation": "m", "inflow": "kg/s"}
PUMP_UNITS = {"flow_rate": "m3/s", "rise": "Pa", "running": "", "hydraulic_power": "W", "electric_power": "W", "efficiency": ""}


def figures(network: Network, state: NetworkState, kinds: dict[str, str]) -> dict[str, Any]:
    """`network` (nodes, branches, pumps, exchangers by name) and `ledger`; `kinds` are those of the branches in the case."""
    branches, nodes = branch_table(network, state, kinds), node_table(network, state)
    return {"network": {"nodes": _rows(nodes), "branches": _rows(branches), "pumps": _rows(pump_table(state)),
                        "exchangers": exchangers(network, state), "iterations": state.iterations},
            "ledger": ledger(network, state)}


def tables(network: Network, state: NetworkState, kinds: dict[str, str]) -> dict[str, Table]:
    """A row a branch, node and pump."""
    return {"branches": branch_table(network, state, kinds), "nodes": node_table(network, state), "pumps": pump_table(state)}


def _rows(table: Table) -> dict[str, dict[str, Any]]:
    """A table by its first column; without what is not defined in a row."""
    names, *others = table.columns
    out = {}
    for n, name in enumerate(table.columns[names]):
        row = {c: table.columns[c][n] for c in others}
        row = {c: v if isinstance(v, str) else float(v) for c, v in row.items()}
        out[str(name)] = {c: v for c, v in row.items() if isinstance(v, str) or np.isfinite(v)}
    return out


def branch_table(network: Network, state: NetworkState, kinds: dict[str, str]) -> Table:
    """Flow, pressure drop and temperatures of every branch."""
    flow = state.mass_flow / state.inlet_density
    diameter, count = _sizes(network)
    velocity = flow / (np.pi / 4 * diameter**2 * count)
    nodes = [n.name for n in network.node_list]
    numbers = {
        "mass_flow": state.mass_flow, "flow_rate": flow, "velocity": velocity,
        "reynolds": np.abs(velocity) * diameter * state.inlet_density / state.viscosity,
        "pressure_drop": state.drop, "inlet_temperature": state.inlet_temperature,
        "outlet_temperature": state.outlet_temperature, "heat": state.heat, "component_temperature": component(network, state)}
    text = {"branch": list(network.branches), "kind": [kinds.get(n, "") for n in network.branches],
            "start": [nodes[b.start] for b in network.branch_list], "end": [nodes[b.end] for b in network.branch_list]}
    return Table(text | numbers, BRANCH_UNITS)


def _sizes(network: Network) -> tuple[Array, Array]:
    """Diameter (m; NaN for what is no pipe) and number of parallel ones."""
    diameter, count = np.full(len(network.branch_list), np.nan), np.ones(len(network.branch_list))
    for k, branch in enumerate(network.branch_list):
        element: Element = branch.element
        element = element.element if isinstance(element, ExchangerSide) else element
        if isinstance(element, Pipe | HazenWilliams):
            diameter[k], count[k] = element.diameter, getattr(element, "count", 1)
    return diameter, count


def component(network: Network, state: NetworkState) -> Array:
    """Temperature of the hottest component on every plate, K: inlet + resistance x heat; NaN for what is no plate."""
    out = np.full(len(network.branch_list), np.nan)
    for group in compiled(network).groups:
        element, k = group.element, group.branches
        if isinstance(element, Plate) and hasattr(element.characteristic, "resistance"):
            flow, inlet = state.mass_flow[k] / state.inlet_density[k] / element.count, state.inlet_temperature[k]
            out[k] = inlet + element.characteristic.resistance(flow, inlet) * network.heat[k] / element.count
    return out


def node_table(network: Network, state: NetworkState) -> Table:
    """Pressure and temperature of every node."""
    text = {"node": list(network.nodes), "loop": [n.loop for n in network.node_list]}
    numbers = {"pressure": state.pressure, "temperature": state.temperature,
               "elevation": np.array([n.elevation for n in network.node_list]), "inflow": state.external}
    return Table(text | numbers, NODE_UNITS)


def pump_table(state: NetworkState) -> Table:
    """Operating point of every branch with pumps; flow and rise are those of one running pump."""
    columns = {name: np.array([getattr(p, name) for p in state.pumps.values()], float) for name in PUMP_UNITS}
    return Table({"pump": list(state.pumps), **columns}, PUMP_UNITS)


def exchangers(network: Network, state: NetworkState) -> dict[str, dict[str, Any]]:
    """Heat, effectiveness and the four temperatures; approach: outlet of the first side over the inlet of the second."""
    out = {}
    for name, e in state.exchangers.items():
        first, second = network.branch_list[e.first].name, network.branch_list[e.second].name
        t = {"first_inlet": state.inlet_temperature[e.first], "first_outlet": state.outlet_temperature[e.first],
             "second_inlet": state.inlet_temperature[e.second], "second_outlet": state.outlet_temperature[e.second]}
        out[name] = {"heat": e.heat, "effectiveness": e.effectiveness, "first": first, "second": second,
                     **{k: float(v) for k, v in t.items()}, "approach": float(t["first_outlet"] - t["second_inlet"])}
    return out
