"""Coolant networks: pipes, pumps, plates and heat exchangers; steady flow and temperatures."""

from coldrack.solver.network.coolant import ConstantCoolant, Coolant
from coldrack.solver.network.elements import (
    CheckValve,
    Coupling,
    Element,
    Filter,
    Fitting,
    HazenWilliams,
    Pipe,
    Plate,
    PowerLaw,
    Pump,
    Valve,
)
from coldrack.solver.network.exchangers import Exchanger, ExchangerSide
from coldrack.solver.network.network import Network
from coldrack.solver.network.solve import solve
from coldrack.solver.network.state import ExchangerState, NetworkState, PumpState

__all__ = ["CheckValve", "ConstantCoolant", "Coolant", "Coupling", "Element", "Exchanger", "ExchangerSide", "ExchangerState",
           "Filter", "Fitting", "HazenWilliams", "Network", "NetworkState", "Pipe", "Plate", "PowerLaw", "Pump", "PumpState",
           "Valve", "solve"]
