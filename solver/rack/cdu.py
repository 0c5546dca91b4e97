"""Coolant distribution unit: plate heat exchanger (counter flow) and the pumps' operating point."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from coldrack.solver.network.elements import Pump
from coldrack.solver.network.exchangers import effectiveness
from coldrack.solver.rack.parts import Cdu, PumpSet


def conductance(cdu: Cdu, flow: float, water_flow: float) -> float:
    """UA of the exchanger, W/K, at the flows of its two sides (m3/s)."""
    if cdu.reference is None or min(flow, water_flow) <= 0.0:
        return cdu.conductance
    n = cdu.exponent
    return 2.0 * cdu.conductance / ((flow / cdu.reference[0]) ** -n + (water_flow / cdu.reference[1]) ** -n)


def exchange_rate(cdu: Cdu, flow: float, rate: float, water_flow: float, water_rate: float) -> float:
    """Heat per kelvin between the two inlets, effectiveness C_min, W/K; flows m3/s, rates W/K."""
    least, most = min(rate, water_rate), max(rate, water_rate)
    if least <= 0.0:
        return 0.0
    units = conductance(cdu, flow, water_flow) / least
    return float(effectiveness(np.asarray(units), np.asarray(least / most), "counterflow")) * least


def valve(cdu: Cdu, flow: float, rate: float, most_water: float, per_flow: float, wanted: float) -> float:
    """Facility water, m3/s, with which the exchanger has `wanted` W/K between its inlets; at most `most_water`.

    `per_flow` is density times heat capacity of the water, J/(m3 K).
    """
    def left(water: float) -> float:
        return exchange_rate(cdu, flow, rate, water, water * per_flow) - wanted

    if left(most_water) <= 0.0:
        return most_water
    return float(brentq(left, 1e-9 * most_water, most_water, xtol=1e-18, rtol=1e-14)) if wanted > 0.0 else 0.0


class PumpPoint(NamedTuple):
    """Of the running pumps together: flow (m3/s), pressure (Pa), share of full speed, electric power (W)."""

    flow: float
    pressure: float
    speed: float
    power: float


def pump(pumps: PumpSet, speed: float) -> Pump:
    """The running pumps at a speed."""
    return Pump(pumps.flow_rates, pumps.pressures, speed, (pumps.efficiency,), pumps.running)


def head(pumps: PumpSet, flow: float, speed: float) -> float:
    """Pressure rise of the running pumps, Pa, at their common flow, m3/s."""
    return float(pump(pumps, speed).rise(flow / pumps.running)[0]) if pumps.running > 0 else 0.0


def operate(pumps: PumpSet, flow: float, pressure: float) -> PumpPoint | None:
    """The speed that gives a pressure at a flow; None if that is beyond the largest speed."""
    if head(pumps, flow, pumps.most_speed) < pressure:
        return None
    low = 1e-3 * pumps.most_speed
    speed = low if head(pumps, flow, low) >= pressure else float(
        brentq(lambda s: head(pumps, flow, s) - pressure, low, pumps.most_speed, xtol=1e-14, rtol=1e-14))
    return PumpPoint(flow, pressure, speed, flow * pressure / pumps.efficiency)
