"""What the solver gives."""

from __future__ import annotations

from dataclasses import dataclass

from coldrack.solver.network.heat import Thermal
from coldrack.solver.network.laws import Array


@dataclass(frozen=True)
class PumpState:
    """Operating point of a branch's pumps.

    Attributes
    ----------
    flow_rate : float
        Of one running pump, m3/s.
    rise : float
        Pa.
    running : float
        Number of pumps that run.
    hydraulic_power, electric_power, efficiency : float
        Of all together, W; electric power and efficiency are NaN where the efficiency is not known.
    """

    flow_rate: float
    rise: float
    running: float
    hydraulic_power: float
    electric_power: float
    efficiency: float


@dataclass(frozen=True)
class ExchangerState:
    """What an exchanger does: heat from its first side to its second, W, effectiveness, and the approach of the inlets, K."""

    heat: float
    effectiveness: float
    first: int
    second: int


@dataclass(frozen=True)
class NetworkState:
    """Solution of a network; n nodes, b branches in order of creation.

    Attributes
    ----------
    mass_flow : (b,)
        kg/s, positive from start to end.
    pressure, temperature : (n,)
        Pa; K after mixing.
    inlet_temperature, outlet_temperature : (b,)
        K, along the flow.
    drop : (b,)
        Pa along start to end, by friction or (negative) by a pump; without the weight of the column.
    heat : (b,)
        Into the coolant, W: `set_heat`, from the ambient, from exchangers, and the work of pumps.
    density, viscosity, inlet_density : (b,)
        kg/m3, Pa s, at the mean of inlet and outlet temperature, and kg/m3 at the inlet.
    external : (n,)
        Mass flow from outside into each node, kg/s.
    mass_residual, heat_residual : float
        Largest imbalance of a node over the largest flow; imbalance of the heat over all that is carried in.
    """

    mass_flow: Array
    pressure: Array
    temperature: Array
    inlet_temperature: Array
    outlet_temperature: Array
    drop: Array
    heat: Array
    density: Array
    viscosity: Array
    inlet_density: Array
    external: Array
    iterations: int
    mass_residual: float
    heat_residual: float
    thermal: Thermal
    exchangers: dict[str, ExchangerState]
    pumps: dict[str, PumpState]
