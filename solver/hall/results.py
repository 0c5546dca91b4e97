"""Figures and tables of a solved hall: what a year takes, where its heat goes, which racks and chips are worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.hall.hydraulics import Flows, Places
from coldrack.solver.hall.model import Hall
from coldrack.solver.hall.year import COOLING, USERS, Year, flow_share, utilisation
from coldrack.solver.system import Table

Array = NDArray[np.float64]
JOULES = 3.6e9  # of a MWh
WORST = 10


@dataclass(frozen=True)
class AllRacks:
    """Every rack in the worst hour, shape (racks,), and the hottest plates of the hall: rack, plate, flow m3/s, K."""

    hour: int
    supply: float
    hottest: Array
    it: Array
    liquid: Array
    air: Array
    returned: Array
    worst: list[tuple[int, str, float, float]]


def all_racks(hall: Hall, year: Year, where: Places, flows: Flows | None) -> AllRacks:
    """Each rack with the flow that the pipes give it, in the hour with the hottest chip; then each of its plates."""
    hour = int(np.argmax(year.racks.hottest))
    supply, use = float(year.rack_supply[hour]), float(utilisation(hall, year.weather)[hour])
    loop, t = hall.liquid, np.array(supply)
    coolant: Any = None if loop is None else loop.rack_coolant if loop.cdus else loop.coolant
    share = 1.0 if loop is None else float(flow_share(hall, loop, np.array(use)))
    count = len(where.group)
    out = {k: np.zeros(count) for k in ("hottest", "it", "liquid", "air", "rise")}
    worst: list[tuple[int, str, float, float]] = []
    for n, g in enumerate(hall.groups):
        here = np.flatnonzero(where.group == n)
        flow = share * _rack_flow(hall, flows, here, g.flow)
        state = (np.full(here.size, supply), flow, np.full(here.size, hall.air.supply), np.full(here.size, use))
        point = g.rack.evaluate(*state)
        out["hottest"][here], out["it"][here] = point.hottest, point.it_power + point.fan_power
        out["liquid"][here], out["air"][here] = point.heat_liquid, point.heat_air
        if g.flow:
            out["rise"][here] = point.heat_liquid / (flow * coolant.density(t) * coolant.heat_capacity(t))
        plate_flow, temperature = g.rack.plates_at(*state)
        top = np.argsort(temperature, axis=None)[::-1][:WORST]
        for rack, plate in zip(*np.unravel_index(top, temperature.shape)):
            worst.append((int(here[rack]), g.rack.plate_name(int(plate)), float(plate_flow[rack, plate]),
                          float(temperature[rack, plate])))
    return AllRacks(hour, supply, out["hottest"], out["it"], out["liquid"], out["air"], supply + out["rise"],
                    sorted(worst, key=lambda w: -w[3])[:WORST])


def _rack_flow(hall: Hall, flows: Flows | None, here: NDArray[np.int64], design: float) -> Array:
    """Coolant of racks at design: what the network gives; behind CDUs what their pumps do."""
    if flows is None or (hall.liquid and hall.liquid.cdus) or design == 0.0:
        return np.full(here.size, design)
    return flows.flow[here]


def figures(hall: Hall, year: Year, racks: AllRacks, flows: Flows | None, seconds: float) -> dict[str, Any]:
    """The `hall`, `energy`, `ledger` and `hottest` entries of the summary."""
    mean = {u: year.mean(year.users[u]) for u in USERS}
    it, total, water = year.mean(year.it), year.mean(year.total), year.energy(year.water) / 1000.0
    useful = mean["chips"]
    energy = year.energy(year.total)
    pue, itue = total / it, it / useful
    entry = {
        "plates": hall.plates, "racks": hall.racks, "gpus": sum(g.count * g.gpus for g in hall.groups),
        "it_power": it, "it_power_peak": float(year.it.max()), "cooling_power": year.mean(year.cooling),
        "cooling_power_peak": float(year.cooling.max()), "total_power": total, "total_power_peak": float(year.total.max()),
        "pue": pue, "pue_peak": float((year.total / year.it).max()), "itue": itue, "tue": itue * pue,
        "wue": water / (year.energy(year.it) / JOULES), "solve_seconds": seconds,
        "hottest": float(np.nanmax(racks.hottest)), "margin": float(year.racks.margin.min()),
        "work": year.mean(year.racks.work),
        "liquid_share": year.mean(year.racks.liquid / (year.racks.liquid + year.racks.air)),
        "supply_max": float(year.supply.max()),
        "free_cooling_hours": float(year.weather.hours[year.chilled <= 1e-9 * year.total].sum()),
        "energy": energy, "water": water, "co2": energy * hall.economics.co2,
        "cost": energy * hall.economics.price + water * hall.economics.water_price,
    }
    if flows is not None:
        entry |= distribution(hall, flows)
    return {"hall": entry, "energy": {u: year.energy(year.users[u]) for u in USERS}, "ledger": ledger(year),
            "hottest": [{"rack": r, "plate": p, "flow_rate": f, "temperature": t} for r, p, f, t in racks.worst]}


def distribution(hall: Hall, flows: Flows) -> dict[str, Any]:
    """How evenly the pipes share the coolant among racks, and what the pumps work against."""
    assert hall.liquid is not None
    speed = hall.liquid.pumps.speed(np.array(flows.flow.sum()), np.array(flows.pressure))
    wet = flows.flow[flows.flow > 0]
    return {"flow_mean": float(wet.mean()), "flow_min_over_mean": float(wet.min() / wet.mean()),
            "flow_max_over_mean": float(wet.max() / wet.mean()), "loop_pressure": flows.pressure,
            "loop_exponent": flows.law.exponent, "main_velocity": flows.main_velocity, "row_velocity": flows.row_velocity,
            "pump_speed": float(speed),
            "branches": flows.branches, "mass_residual": flows.mass_residual}


def ledger(year: Year) -> dict[str, Any]:
    """Mean heat by level, W: what goes in and out of each, and the largest imbalance of any hour."""
    m = {u: year.mean(year.users[u]) for u in USERS}
    liquid, air = year.mean(year.racks.liquid), year.mean(year.racks.air)
    rack_in = m["chips"] + m["server_fans"] + m["rack_pumps"]
    to_air = year.mean(year.air_heat) - air - m["hall_fans"] - m["chilled_pumps"]
    levels = {
        "chip": {"in": m["chips"], "out": m["chips"]},
        "rack": {"in": rack_in, "to_liquid": liquid, "to_air": air},
        "cdu": {"in": liquid + m["cdu_pumps"], "out": year.mean(year.liquid_heat) - m["facility_pumps"]},
        "facility": {"in": liquid + m["cdu_pumps"] + m["facility_pumps"], "out": year.mean(year.liquid_heat)},
        "air": {"from_racks": air, "from_losses_and_other": to_air, "fans": m["hall_fans"], "pumps": m["chilled_pumps"],
                "out": year.mean(year.air_heat)},
        "plant": {"in": year.mean(year.liquid_heat + year.air_heat), "chillers": m["chillers"], "fans": m["cooler_fans"]},
        "ambient": {"out": year.mean(year.outdoors)},
    }
    rack_error = np.abs(year.racks.chips + year.racks.fans + year.racks.pumps - year.racks.liquid - year.racks.air)
    return {"levels": levels, "electricity_in": year.mean(year.total), "heat_out": year.mean(year.outdoors),
            "rack_relative": float((rack_error / year.total).max()), "heat_relative": year.imbalance}


def tables(hall: Hall, year: Year, where: Places, racks: AllRacks, flows: Flows | None) -> dict[str, Table]:
    """Hours (or bins), racks, and months where hours have them."""
    w, names = year.weather, np.array([g.name for g in hall.groups])
    hours: dict[str, Any] = {"hour": np.arange(len(w.hours)) + 1.0, "duration": w.hours * 3600.0,
                             "month": w.month.astype(float), "dry_bulb": w.dry_bulb, "wet_bulb": w.wet_bulb,
                             "supply": year.supply, "rack_supply": year.rack_supply, "return": year.returned,
                             "hottest": year.racks.hottest, "margin": year.racks.margin,
                             "work": year.racks.work, **year.users, "total": year.total, "pue": year.total / year.it,
                             "chilled": year.chilled, "outdoors": year.outdoors, "water": year.water}
    units = {"hour": "", "duration": "s", "month": "", "work": "", "pue": "", "water": "kg/s",
             **{k: "K" for k in ("dry_bulb", "wet_bulb", "supply", "rack_supply", "return", "hottest", "margin")}}
    units |= {k: "W" for k in hours if k not in units}
    out = {"hours": Table(hours, units)}
    zero = np.zeros(len(where.group))
    flow, drop = (flows.flow, flows.drop) if flows else (zero, zero)
    rows: dict[str, Any] = {
         "rack": np.arange(len(zero)) + 0.0, "type": [str(s) for s in names[where.group]], "block": where.block + 0.0,
         "row": where.row + 0.0, "position": where.position + 0.0, "x": where.x, "y": where.y, "flow_rate": flow,
         "pressure_drop": drop, "hottest": racks.hottest, "it_power": racks.it, "heat_liquid": racks.liquid,
         "heat_air": racks.air, "return": racks.returned}
    units = {"x": "m", "y": "m", "flow_rate": "m3/s", "pressure_drop": "Pa", "hottest": "K", "it_power": "W",
             "heat_liquid": "W",
             "heat_air": "W", "return": "K"}
    out["racks"] = Table(rows, {k: units.get(k, "") for k in rows if k != "type"})
    if w.month.all():
        out["months"] = _months(year)
    return out


def _months(year: Year) -> Table:
    """Mean power by month and user, PUE, outdoor temperature, water."""
    w = year.weather
    weight = np.stack([(w.month == m) * w.hours for m in range(1, 13)])
    weight /= weight.sum(axis=1, keepdims=True)
    columns: dict[str, Any] = {"month": np.arange(1.0, 13.0), "dry_bulb": weight @ w.dry_bulb}
    columns |= {u: weight @ v for u, v in year.users.items()}
    columns |= {"total": weight @ year.total, "pue": weight @ year.total / (weight @ year.it), "water": weight @ year.water}
    units = {"month": "", "dry_bulb": "K", "pue": "", "water": "kg/s"}
    return Table(columns, units | {k: "W" for k in columns if k not in units})


def savings(liquid: dict[str, Any], air: dict[str, Any]) -> dict[str, Any]:
    """Electricity of a year that the first hall takes less than the second, J by user, and as shares.

    Cooling counts what moves heat outside the servers; with server fans beside it, as they do the same work. Chips and
    electronics do the same work in both: what differs is leakage and the loss of their supplies.
    """
    both = {u: (liquid["energy"][u], air["energy"][u]) for u in USERS}
    cooling = [sum(e[u] for u in COOLING) for e in (liquid["energy"], air["energy"])]
    fans = both["server_fans"]
    total = (liquid["hall"]["energy"], air["hall"]["energy"])

    def row(pair: Any) -> dict[str, float]:
        share = 1.0 - pair[0] / pair[1] if pair[1] else 0.0
        return {"liquid": pair[0], "air": pair[1], "saved": pair[1] - pair[0], "share": share}

    names = {"cooling": cooling, "server_fans": fans, "cooling_and_server_fans": (cooling[0] + fans[0], cooling[1] + fans[1]),
             "chips": both["chips"], "losses": both["losses"], "total": total}
    useful = liquid["energy"]["chips"]
    return {"users": {u: row(p) for u, p in both.items()}, **{n: row(p) for n, p in names.items()},
            "co2_saved": air["hall"]["co2"] - liquid["hall"]["co2"], "cost_saved": air["hall"]["cost"] - liquid["hall"]["cost"],
            "tue_same_work": {"liquid": total[0] / useful, "air": total[1] / useful}}
