"""Networks that several tests solve."""

from __future__ import annotations

from typing import Any

from coldrack.solver.network import ConstantCoolant, HazenWilliams, Network, NetworkState, Pipe, PowerLaw, Pump

WATER = ConstantCoolant("water", 998.2, 1e-3, 4182.0, 0.6)
MEMBERS: Any = ("mass_flow", "pressure", "temperature", "drop", "heat", "inlet_temperature", "outlet_temperature")


def of(network: Network, state: NetworkState, name: str, what: str = "mass_flow") -> float:
    """A value of a branch or node by name."""
    index = network.branches[name] if name in network.branches else network.nodes[name]
    return float(getattr(state, what)[index])


def open_loop(pressure: float = 1e5, temperature: float = 300.0, coolant: Any = WATER, **options: Any) -> Network:
    """A network with a supply `in` and a return `out`."""
    network = Network(**options)
    network.loop("loop", coolant)
    network.node("in", "loop", pressure=2e5 + pressure, temperature=temperature)
    network.node("out", "loop", pressure=2e5)
    return network


def quadratic(pressure: float = 1e5, mass_flow: float = 1.0, exponent: float = 2.0) -> PowerLaw:
    """dp = pressure (m / mass_flow)^exponent in `WATER`."""
    return PowerLaw(mass_flow / WATER.rho, pressure, exponent, WATER.rho)


__all__ = ["MEMBERS", "WATER", "HazenWilliams", "Pipe", "Pump", "of", "open_loop", "quadratic"]
