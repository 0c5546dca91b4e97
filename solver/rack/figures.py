"""What a rack's solution gives: figures for the summary, tables, remarks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.rack import limits
from coldrack.solver.rack.characteristic import gpu_clock, outside_drop
from coldrack.solver.rack.ledger import LIMIT, cdu_power, ledger, totals, water_return
from coldrack.solver.rack.solve import RackSolver
from coldrack.solver.rack.state import RackState
from coldrack.solver.system import Table

Array = NDArray[np.float64]
HOTTEST = 10
CHIP_UNITS = {"temperature": "K", "limit": "K", "margin": "K", "power": "W", "leakage": "W", "work": "", "flow_rate": "m3/s",
              "pressure_drop": "Pa", "coolant_in": "K", "air_in": "K"}
TRAY_UNITS = {"unit": "", "units": "", "power": "W", "fan_power": "W", "heat_liquid": "W", "heat_air": "W", "flow_rate": "m3/s",
              "coolant_in": "K", "coolant_out": "K", "air_flow": "m3/s", "air_in": "K", "air_out": "K", "fan_speed": "",
              "hottest": "K"}


def figures(solver: RackSolver, state: RackState, kind: str) -> tuple[dict[str, Any], dict[str, Table], list[str]]:
    """Figures, tables and notes."""
    chips, trays = _chips(solver, state), _trays(solver, state)
    rows = [dict(zip(chips.columns, row)) for row in zip(*chips.columns.values())]
    gpus = [{k: v for k, v in r.items() if k not in ("kind", "group")} for r in rows if r["group"].startswith("gpu")]
    book = ledger(solver, state)
    out = {
        "rack": _rack(solver, state, kind), "gpus": gpus,
        "trays": [dict(zip(trays.columns, row)) for row in zip(*trays.columns.values())],
        "pumps": _pumps(solver, state), "maldistribution": _spread(rows),
        "hottest": [r["name"] for r in sorted(rows, key=lambda r: r["margin"])[:HOTTEST]],
        "limits": limits.limits(solver, state), "ledger": book}
    return out, {"chips": chips, "trays": trays}, _notes(solver, state, out)


def _chips(solver: RackSolver, state: RackState) -> Table:
    """One row a chip: first those on plates."""
    wet, dry = [c for _, c in solver.wet], [c for _, c in solver.dry]
    both, none = wet + dry, np.full(len(dry), np.nan)
    n = [*(k for k, _ in solver.wet), *(k for k, _ in solver.dry)]
    drop = state.network.drop[solver.circuit.plates] if solver.circuit is not None else np.zeros(0)
    join = lambda key: np.concatenate([getattr(state.wet, key), getattr(state.dry, key)])
    limit = np.array([c.limit for c in both])
    columns: dict[str, Any] = {
        "name": solver.names[0] + solver.names[1], "kind": [solver.rack.trays[k].kind for k in n],
        "group": [c.group for c in both],
        "temperature": join("temperature"), "limit": limit, "margin": limit - join("temperature"), "power": join("power"),
        "leakage": join("leakage"), "work": join("clock"), "flow_rate": np.concatenate([state.flow, none]),
        "pressure_drop": np.concatenate([np.abs(drop), none]), "coolant_in": np.concatenate([state.coolant_in, none]),
        "air_in": np.concatenate([np.full(len(wet), np.nan), state.air_in])}
    return Table(columns, CHIP_UNITS)


def _trays(solver: RackSolver, state: RackState) -> Table:
    """One row a tray, from below."""
    trays, air = solver.rack.trays, state.air
    zero = np.zeros(len(trays))
    chip_power, aside, hottest = zero.copy(), zero.copy(), np.full(len(trays), np.nan)
    for numbers, chips, part in ((solver.wet_tray, solver.wet, state.wet), (solver.dry_tray, solver.dry, state.dry)):
        np.add.at(chip_power, numbers, part.power)
        np.add.at(aside, numbers, part.power * np.array([c.air_share for _, c in chips]))
        np.fmax.at(hottest, numbers, part.temperature)
    flow, into, out = zero.copy(), np.full(len(trays), np.nan), np.full(len(trays), np.nan)
    if solver.circuit is not None:
        net, feeds = solver.circuit.network, solver.circuit.feeds
        into[solver.circuit.trays] = cold = state.network.inlet_temperature[feeds]
        flow[solver.circuit.trays] = state.network.mass_flow[feeds] / solver.coolant.density(cold)
        out[solver.circuit.trays] = [state.network.temperature[net.nodes[f"{trays[n].name}.out"]] for n in solver.circuit.trays]
    columns: dict[str, Any] = {
        "name": [t.name for t in trays], "kind": [t.kind for t in trays], "unit": np.array([float(t.unit) for t in trays]),
        "units": np.array([float(t.units) for t in trays]), "power": chip_power + air.parts + air.fans.power,
        "fan_power": air.fans.power, "heat_liquid": chip_power - aside - air.losses, "heat_air": air.heat, "flow_rate": flow,
        "coolant_in": into, "coolant_out": out, "air_flow": air.fans.flow, "air_in": air.inlet, "air_out": air.outlet,
        "fan_speed": air.fans.speed, "hottest": hottest}
    return Table(columns, TRAY_UNITS)


def _rack(solver: RackSolver, state: RackState, kind: str) -> dict[str, Any]:
    """Of the whole."""
    rack, air, book = solver.rack, state.air, totals(solver, state)
    flow, back = water_return(solver, state)
    clock = gpu_clock(solver, state)
    temperature = np.concatenate([state.wet.temperature, state.dry.temperature])
    power = book.it_power + book.fan_power + book.pump_power
    mean_in = float((air.fans.mass * air.inlet).sum() / max(air.fans.mass.sum(), 1e-12))
    out: dict[str, Any] = {
        "type": kind, "units": rack.units, "utilisation": state.conditions.utilisation, "power": power, **book._asdict(),
        "liquid_share": book.heat_liquid / power if power > 0 else 0.0, "work": float(clock.mean()) if clock.size else 1.0,
        "hottest": float(temperature.max()) if temperature.size else None, "air_flow": float(air.fans.flow.sum()),
        "air_in": mean_in, "air_behind_trays": air.mixed, "air_out": air.room, "door_heat": air.door,
        "dew_point": limits.dew_point(rack.air), "rounds": state.rounds}
    if rack.cdu is not None:
        out["cdu_place"] = [rack.cdu.unit, rack.cdu.units]
    if rack.supply is not None:
        out["outside"] = {"coolant": rack.supply.coolant, "flow_rate": flow, "supply_temperature": state.conditions.supply,
                          "return_temperature": back, "pressure_drop": outside_drop(solver, state, flow)}
    if solver.circuit is not None and state.drive is not None:
        net = solver.circuit.network
        p, t = state.network.pressure, state.network.temperature
        at = net.nodes
        density = float(solver.coolant.density(np.asarray(t[at["supply"]])))
        out["coolant"] = {"name": rack.coolant, "flow_rate": float(state.network.mass_flow[0]) / density,
                          "supply_temperature": float(t[at["outlet"]]), "return_temperature": float(t[at["inlet"]]),
                          "pressure_drop": float(p[at["outlet"]] - p[at["inlet"]])}
    return out


def _pumps(solver: RackSolver, state: RackState) -> dict[str, Any]:
    """Operating point of the CDU's pumps, with their curve at full speed and what the rack takes, for the picture."""
    cdu, drive = solver.rack.cdu, state.drive
    if cdu is None or drive is None or drive.pump is None:
        return {}
    p, at = cdu.pumps, drive.pump
    return {"cdu": {"installed": p.installed, "failed": p.failed, "running": p.running, "flow_rate": at.flow,
                    "pressure": at.pressure, "speed": at.speed, "power": at.power, "efficiency": p.efficiency,
                    "short": drive.short,
                    "curve": {"flow_rate": list(p.flow_rates), "pressure": list(p.pressures)}, "most_speed": p.most_speed,
                    "exchanger": {"conductance_between_inlets": drive.exchange, "water_flow": drive.water,
                                  "valve_open": drive.open, "supply_temperature": drive.temperature},
                    "power_with_control": cdu_power(solver, state)}}


def _spread(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Flow and temperature among equal chips on plates: over the mean, and from the coldest to the hottest."""
    out: dict[str, Any] = {}
    for name in dict.fromkeys(f"{r['kind']}.{r['group']}" for r in rows):
        some = [r for r in rows if f"{r['kind']}.{r['group']}" == name]
        t = np.array([r["temperature"] for r in some])
        flow = np.array([r["flow_rate"] for r in some])
        out[name] = {"count": len(some), "temperature_spread": float(t.max() - t.min())}
        if np.all(np.isfinite(flow)) and flow.mean() > 0:
            out[name] |= {"flow_max_over_mean": float(flow.max() / flow.mean()),
                          "flow_min_over_mean": float(flow.min() / flow.mean())}
    return out


def _notes(solver: RackSolver, state: RackState, out: dict[str, Any]) -> list[str]:
    """What a reader should not overlook."""
    notes = []
    drive, cdu = state.drive, solver.rack.cdu
    if drive is not None and cdu is not None and drive.short:
        held = f"{cdu.pumps.flow_rate * 6e4:.4g} L/min" if cdu.pumps.flow_rate else f"{(cdu.pumps.pressure or 0) / 1e3:.4g} kPa"
        notes.append(f"the pumps run at their largest speed and do not reach {held}: the coolant flows with "
                     f"{out['rack']['coolant']['flow_rate'] * 6e4:.4g} L/min")
    if drive is not None and cdu is not None and cdu.supply_temperature is not None and drive.open:
        notes.append(f"the facility valve is open and the coolant leaves the exchanger with {drive.temperature - 273.15:.2f} "
                     f"degC "
                     f"instead of {cdu.supply_temperature - 273.15:.2f}")
    clock = np.concatenate([state.wet.clock, state.dry.clock])
    if np.any(clock < 1.0):
        lost = 1.0 - out["rack"]["work"]
        notes.append(f"{int((clock < 1.0).sum())} chips hold their limit by a lower clock; {lost:.2%} of the GPUs' work is "
                     f"lost")
    fans = state.air.fans.speed
    full = [t.name for t, s in zip(solver.rack.trays, fans) if t.fans is not None and t.fans.speed is None and s >= 1.0]
    if full:
        notes.append(f"the fans of {', '.join(full[:4])}{' and others' if len(full) > 4 else ''} run at full speed and do not "
                     f"hold what "
                     "they should")
    notes += [f"{row['what']} ({row['where']}) is beyond its limit" for row in out["limits"]
              if not row["kept"] and row["what"] not in ("chip temperature", "pump speed")]
    if out["ledger"]["heat_relative"] > LIMIT:
        notes.append(f"the ledger closes to {out['ledger']['heat_relative']:.1e} only (limit {LIMIT:.0e})")
    return notes
