"""JSON schema of what ``summary.json`` of a rack has beside what every case without a grid has."""

from __future__ import annotations

from typing import Any

from coldrack.solver.output.schema_parts import COUNT, FLAG, NUMBER, OPTIONAL, POSITIVE, TEXT, Properties, named, object_of


def _rows(properties: Properties) -> dict[str, Any]:
    return {"type": "array", "items": object_of(properties)}


def _watts(**entries: str) -> dict[str, Any]:
    return object_of({n: (NUMBER, f"{about}, W") for n, about in entries.items()})


NUMBERS: dict[str, Any] = {"type": "array", "items": NUMBER}
STREAM: Properties = {
    "flow_rate": (POSITIVE, "m3/s at the supply temperature"), "supply_temperature": (NUMBER, "K"),
    "return_temperature": (NUMBER, "K"), "pressure_drop": (NUMBER, "Pa; 0 where the case does not say")}
TOTALS: Properties = {
    "it_power": (POSITIVE, "chips and electronics without fans, W"), "fan_power": (POSITIVE, "W"),
    "pump_power": (POSITIVE, "pumps and control of the CDU, W"), "heat_liquid": (NUMBER, "to the liquid outside, W"),
    "heat_air": (NUMBER, "to the room's air, W")}
RACK = object_of({
    "type": (TEXT, "of the library; empty for the case's own"), "units": (COUNT, "rack units"),
    "utilisation": (POSITIVE, "work asked for, over full work"), "power": (POSITIVE, "all electric, W"), **TOTALS,
    "liquid_share": (NUMBER, "heat to the liquid over power"), "work": (POSITIVE, "of the GPUs, done over asked for"),
    "hottest": (OPTIONAL, "chip, K"), "air_flow": (POSITIVE, "through all trays, m3/s"), "air_in": (NUMBER, "mean, K"),
    "air_behind_trays": (NUMBER, "mean, K"), "air_out": (NUMBER, "behind the door, K"), "door_heat": (NUMBER, "W"),
    "dew_point": (OPTIONAL, "of the room's air, K"), "rounds": (COUNT, "of the solution"),
    "cdu_place": ({"type": "array", "items": COUNT}, "lowest rack unit and height"),
    "outside": (object_of({"coolant": (TEXT, "of the library"), **STREAM}), "what enters the rack"),
    "coolant": (object_of({"name": (TEXT, "of the library"), **STREAM}), "of the plates")}, ("cdu_place", "outside", "coolant"))
GPU: Properties = {
    "name": (TEXT, "tray and chip"), "temperature": (NUMBER, "K"), "limit": (NUMBER, "K"),
    "margin": (NUMBER, "limit - temperature, K"),
    "power": (POSITIVE, "W"), "leakage": (NUMBER, "of the power, W"), "work": (POSITIVE, "done over asked for: its clock"),
    "flow_rate": (OPTIONAL, "through its plate, m3/s"), "pressure_drop": (OPTIONAL, "of its plate, Pa"),
    "coolant_in": (OPTIONAL, "before its plate, K"), "air_in": (OPTIONAL, "before its heat sink, K")}
TRAY: Properties = {
    "name": (TEXT, "in the rack"), "kind": (TEXT, "type"), "unit": (POSITIVE, "lowest rack unit"),
    "units": (POSITIVE, "height"),
    "power": (POSITIVE, "with fans, W"), "fan_power": (POSITIVE, "W"), "heat_liquid": (NUMBER, "W"), "heat_air": (NUMBER, "W"),
    "flow_rate": (NUMBER, "of coolant, m3/s"), "coolant_in": (OPTIONAL, "K"), "coolant_out": (OPTIONAL, "K"),
    "air_flow": (POSITIVE, "m3/s"), "air_in": (NUMBER, "K"), "air_out": (NUMBER, "K"),
    "fan_speed": (POSITIVE, "over full speed"), "hottest": (OPTIONAL, "chip, K")}
PUMPS = object_of({
    "installed": (COUNT, "number"), "failed": (COUNT, "of them"), "running": (COUNT, "of them"),
    "flow_rate": (POSITIVE, "of all, m3/s"),
    "pressure": (NUMBER, "rise, Pa"), "speed": (POSITIVE, "over full speed"), "power": (NUMBER, "electric, of all, W"),
    "efficiency": (POSITIVE, "flow times pressure over electric power"), "short": (FLAG, "at the largest speed and not enough"),
    "curve": (object_of({"flow_rate": (NUMBERS, "m3/s"), "pressure": (NUMBERS, "Pa")}), "of one at full speed"),
    "most_speed": (POSITIVE, "over full speed"), "power_with_control": (POSITIVE, "W"),
    "exchanger": (object_of({"conductance_between_inlets": (NUMBER, "effectiveness times smaller capacity rate, W/K"),
                           "water_flow": (POSITIVE, "m3/s"), "valve_open": (FLAG, "nothing holds the temperature"),
                           "supply_temperature": (NUMBER, "of the coolant behind it, K")}), "to facility water")})
SPREAD = object_of({
    "count": (COUNT, "equal chips"), "temperature_spread": (POSITIVE, "from the coldest to the hottest, K"),
    "flow_max_over_mean": (POSITIVE, "of plates"), "flow_min_over_mean": (POSITIVE, "of plates")},
    ("flow_max_over_mean", "flow_min_over_mean"))
LEDGER = object_of({
    "chip": (_watts(power="of all chips", leakage="of it", to_plates="into plates", to_air="into the air"), "level"),
    "plate": (_watts(from_chips="from chips", to_coolant="into the coolant"), "level"),
    "tray": (_watts(power="with fans", to_coolant="carried out by the coolant", to_air="carried out by the air"), "level"),
    "rack": (_watts(to_plates="from plates", pumps_to_coolant="from pumps", losses_to_air="lost", coolant="carried to the "
                                                                                                          "return"),
             "level"),
    "cdu": (_watts(from_coolant="taken", to_facility="given", power="electric", to_air="of it to the air"), "level"),
    "facility": (named(NUMBER), "what the liquid outside takes, W"),
    "room_air": (object_of({"heat": (NUMBER, "W"), **{n: v for n, v in TOTALS.items() if n != "heat_air"}}), "level"),
    "imbalances": (named(POSITIVE), "of each level over the power"),
    "heat_relative": (POSITIVE, "the largest of them; beyond 1e-6 the run is not converged")}, ("cdu",))
FIGURES: Properties = {
    "rack": (RACK, "the whole"), "gpus": (_rows(GPU), "a row each"), "trays": (_rows(TRAY), "a row each"),
    "pumps": (named(PUMPS), "of the CDU"),
    "maldistribution": (named(SPREAD), "by type of tray and group of chips"),
    "hottest": ({"type": "array", "items": TEXT}, "ten chips with the least margin"),
    "limits": (_rows({"what": (TEXT, "is limited"), "where": (TEXT, "it is nearest"), "value": (NUMBER, "there"),
                      "limit": (NUMBER, "of it"),
                      "unit": (TEXT, "of both"), "kept": (FLAG, "not exceeded")}), "of chips, velocities, dew point, pumps"),
    "ledger": (LEDGER, "heat by level")}
