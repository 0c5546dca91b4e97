"""Balance of mass and heat of a solved network, from what is reported."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.network.compiled import compiled
from coldrack.solver.network.heat import enthalpies, flow, mixed_in
from coldrack.solver.network.network import Network
from coldrack.solver.network.solve import friction_heat
from coldrack.solver.network.state import NetworkState


def ledger(network: Network, state: NetworkState) -> dict[str, Any]:
    """Mass (kg/s) and heat (W) into and out of the network.

    What the branches report as heat is set against what the coolant of each loop carries over its ends: out at the temperatures
    of nodes minus in at given ones, and what nodes of given temperature (ideal coolers) take.
    """
    net = compiled(network)
    now, m = flow(net, state.mass_flow), state.mass_flow
    h = enthalpies(net, state.temperature)
    h_out = np.empty(net.branches)
    for s in net.streams:
        h_out[s.branches] = s.caloric.enthalpy(state.outlet_temperature[s.branches])
    arriving = np.bincount(now.down, now.size * h_out, net.nodes)
    taken = arriving - now.leaving * h + mixed_in(net, state.thermal.mixing, h)  # by every node: zero where it only mixes
    ends = now.given | net.fixed | (net.inflow != 0)
    carried = {s.name: float(taken[s.nodes][ends[s.nodes]].sum()) for s in net.streams}
    friction = friction_heat(net, network, m, state.pressure, state.density).sum() if network.dissipation else 0.0
    losses = sum(p.electric_power - p.hydraulic_power for p in state.pumps.values() if np.isfinite(p.electric_power))
    losses = losses if network.dissipation else 0.0
    sources = {n: float(q) for n, q in zip(network.branches, network.heat, strict=True) if q}
    ambient = float(state.heat.sum()) - sum(sources.values()) - friction - losses
    parts = [*sources.values(), friction, losses, ambient, *(-q for q in carried.values())]
    inward, outward = sum(p for p in parts if p > 0), -sum(p for p in parts if p < 0)
    enters, leaves = np.maximum(state.external, 0.0).sum(), -np.minimum(state.external, 0.0).sum()
    return {
        "heat_in": inward, "heat_out": outward, "heat_imbalance": inward - outward,
        "heat_relative": abs(inward - outward) / max(inward, outward, 1e-9),
        "mass_in": float(enters), "mass_out": float(leaves), "mass_relative": state.mass_residual,
        "sources": sources, "friction": float(friction), "pump_losses": float(losses), "ambient": ambient, "loops": carried,
        "exchangers": {name: e.heat for name, e in state.exchangers.items()},
    }
