"""Heat of a rack by level: chip, plate, tray, rack, CDU, facility, room air; each level by numbers of its own.

What a level gets is the power of what is below it; what it gives is taken from flows and temperatures (mass flow times
enthalpy, effectiveness times the difference of the inlets), so that the imbalances would show a heat lost or counted twice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from coldrack.solver.network.coolant import caloric
from coldrack.solver.rack.circuit import LOOP
from coldrack.solver.rack.solve import RackSolver
from coldrack.solver.rack.state import RackState

LIMIT = 1e-8  # of the power, of every level's imbalance


class Totals(NamedTuple):
    """Of the rack, W: first law it + fans + pumps = liquid + air."""

    it_power: float
    fan_power: float
    pump_power: float
    heat_liquid: float
    heat_air: float


def totals(solver: RackSolver, state: RackState) -> Totals:
    """Powers, and heats that leave with water and air."""
    air = state.air
    it = float(state.wet.power.sum() + state.dry.power.sum() + air.parts.sum())
    liquid = air.door + (0.0 if state.network is None else float(state.network.heat.sum()))
    return Totals(it, float(air.fans.power.sum()), cdu_power(solver, state), liquid, _room(state))


def cdu_power(solver: RackSolver, state: RackState) -> float:
    """Electric power of the CDU, W: pumps and control."""
    cdu = solver.rack.cdu
    if cdu is None:
        return 0.0
    return cdu.control_power + (state.drive.pump.power if state.drive is not None and state.drive.pump else 0.0)


def _room(state: RackState) -> float:
    """Heat that the air carries out, W."""
    rate = state.air.fans.mass * state.air.capacity
    return float(state.air.rate * state.air.room - (rate * state.air.inlet).sum())


def ledger(solver: RackSolver, state: RackState) -> dict[str, Any]:
    """The levels, W, and the imbalance of each over the rack's power."""
    air, all_power = state.air, totals(solver, state)
    power = max(all_power.it_power + all_power.fan_power + all_power.pump_power, 1e-9)
    aside = np.array([c.air_share for _, c in solver.wet])
    to_plates = float((state.wet.power * (1.0 - aside)).sum())
    book: dict[str, Any] = {"chip": {
        "power": float(state.wet.power.sum() + state.dry.power.sum()),
        "leakage": float(state.wet.leakage.sum() + state.dry.leakage.sum()),
        "to_plates": to_plates, "to_air": float(air.chips.sum())}}
    relative = {"chip": book["chip"]["power"] - to_plates - book["chip"]["to_air"]}
    coolant = _coolant(solver, state)
    book["plate"] = {"from_chips": to_plates, "to_coolant": coolant["plates"]}
    relative["plate"] = to_plates - coolant["plates"]
    tray_air = float((air.fans.mass * air.capacity * (air.outlet - air.inlet)).sum())
    book["tray"] = {"power": book["chip"]["power"] + float(air.parts.sum()) + all_power.fan_power,
                    "to_coolant": to_plates - float(air.losses.sum()), "to_air": tray_air}
    relative["tray"] = book["tray"]["power"] - book["tray"]["to_coolant"] - tray_air
    losses = float(air.losses.sum()) + air.rear
    book["rack"] = {"to_plates": to_plates, "pumps_to_coolant": coolant["pumps"], "losses_to_air": losses,
                    "coolant": coolant["carried"]}
    relative["rack"] = to_plates + coolant["pumps"] - losses - coolant["carried"]
    if solver.rack.cdu is not None:
        book["cdu"] = {"from_coolant": coolant["carried"], "to_facility": coolant["exchanged"], "power": all_power.pump_power,
                       "to_air": all_power.pump_power - coolant["pumps"]}
        relative["cdu"] = coolant["carried"] - coolant["exchanged"]
    book["facility"] = _facility(solver, state, coolant)
    relative["facility"] = book["facility"]["heat"] - all_power.heat_liquid
    book["room_air"] = {"heat": all_power.heat_air, "it_power": all_power.it_power, "fan_power": all_power.fan_power,
                        "pump_power": all_power.pump_power, "heat_liquid": all_power.heat_liquid}
    relative["total"] = sum(all_power[:3]) - all_power.heat_liquid - all_power.heat_air
    book["imbalances"] = {name: abs(value) / power for name, value in relative.items()}
    book["heat_relative"] = max(book["imbalances"].values())
    return book


def _coolant(solver: RackSolver, state: RackState) -> dict[str, float]:
    """Heat of plates and pumps into the coolant, what it carries from supply to return, and what the exchanger takes."""
    if solver.circuit is None or state.drive is None or state.water is None:
        return dict.fromkeys(("plates", "pumps", "carried", "exchanged"), 0.0)
    net, found = solver.circuit.network, state.network
    t = np.array([found.temperature[net.nodes[n]] for n in ("supply", "return")])
    h = caloric(net.loops[LOOP]).enthalpy(t)
    return {"plates": float(found.heat[solver.circuit.plates].sum()), "pumps": float(found.heat[0]) if solver.rack.cdu else 0.0,
            "carried": float(found.mass_flow[0]) * float(h[1] - h[0]),
            "exchanged": state.drive.exchange * (float(t[1]) - state.water.temperature)}


def _facility(solver: RackSolver, state: RackState, coolant: dict[str, float]) -> dict[str, float]:
    """What comes from outside: its heat by its flows and the temperatures with which they go back."""
    water = state.water
    if water is None:
        return {"heat": 0.0}
    if solver.rack.cdu is None and state.network is not None:
        return {"heat": coolant["carried"]}
    through = state.drive.water if state.drive is not None else 0.0
    out = {"cdu": through, "door": water.door}
    back = {"cdu": water.returned(through, coolant["exchanged"]), "door": water.returned(water.door, state.air.door)}
    h0 = float(water.caloric.enthalpy(np.asarray(water.temperature)))
    heat = {k: out[k] * water.density * (float(water.caloric.enthalpy(np.asarray(back[k]))) - h0) for k in out}
    return {**heat, "heat": sum(heat.values())}


def water_return(solver: RackSolver, state: RackState) -> tuple[float, float]:
    """Flow (m3/s, at the supply temperature) and mixed return temperature (K) of what comes from outside."""
    water = state.water
    if water is None:
        return 0.0, float("nan")
    if solver.rack.cdu is None and state.network is not None:
        assert solver.circuit is not None
        net = solver.circuit.network
        return float(state.network.mass_flow[0]) / water.density, float(state.network.temperature[net.nodes["return"]])
    flow = water.door + (state.drive.water if state.drive is not None else 0.0)
    return flow, water.returned(flow, totals(solver, state).heat_liquid)
