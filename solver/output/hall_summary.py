"""JSON schema of what a hall's ``summary.json`` holds beside what every kind has."""

from __future__ import annotations

from typing import Any

from coldrack.solver.output.schema_parts import COUNT, NUMBER, POSITIVE, TEXT, Properties

OBJECT: dict[str, Any] = {"type": "object"}

HALL: Properties = {
    "plates": (COUNT, "GPUs on plates or heat sinks"), "racks": (COUNT, "of all types"), "gpus": (COUNT, "in all racks"),
    "it_power": (POSITIVE, "chips, electronics and server fans, mean of the year, W"), "it_power_peak": (POSITIVE,
                                                                                                         "largest of an hour, "
                                                                                                         "W"),
    "cooling_power": (POSITIVE, "of cooling outside the servers, mean of the year, W"), "cooling_power_peak": (POSITIVE, "W"),
    "total_power": (POSITIVE, "of the hall, mean of the year, W"), "total_power_peak": (POSITIVE, "W"),
    "pue": (POSITIVE, "total over IT energy (ISO/IEC 30134-2)"), "pue_peak": (POSITIVE, "of the worst hour"),
    "itue": (POSITIVE, "IT energy over that of chips and electronics (Patterson et al. 2013)"), "tue": (POSITIVE,
                                                                                                        "itue times pue"),
    "wue": (POSITIVE, "make-up water over IT energy, m3/MWh, the same as L/kWh (ISO/IEC 30134-9)"),
    "solve_seconds": (POSITIVE, "tables of racks, flow of every rack, the year, every plate in its worst hour"),
    "hottest": (POSITIVE, "chip of the year, K"), "margin": (NUMBER, "least of limit minus temperature, K"),
    "work": (POSITIVE, "done over asked for"), "liquid_share": (POSITIVE, "of the racks' heat to the coolant"),
    "supply_max": (POSITIVE, "warmest facility supply, K"), "free_cooling_hours": (POSITIVE, "hours without a chiller"),
    "energy": (POSITIVE, "of the year, J"), "water": (POSITIVE, "of the year, m3"), "co2": (POSITIVE, "of the year, kg"),
    "cost": (POSITIVE, "of the year, in the case's currency"),
    "flow_mean": (POSITIVE, "coolant of a rack, m3/s; this and the next with a facility loop only"),
    "flow_min_over_mean": (POSITIVE, "least flow of a rack over the mean"), "flow_max_over_mean": (POSITIVE, "largest"),
    "loop_pressure": (POSITIVE, "that the facility pumps give at the design flow, Pa"),
    "pump_speed": (POSITIVE, "of the facility pumps at it, over full speed"), "loop_exponent": (POSITIVE, "of the flow in it"),
                 "main_velocity": (POSITIVE, "largest in mains, m/s"),
    "row_velocity": (POSITIVE, "largest in row pipes, m/s"), "branches": (COUNT, "of the facility's network"),
    "mass_residual": (POSITIVE, "largest imbalance of a node over the largest flow"),
}
LOOP = ("flow_mean", "flow_min_over_mean", "flow_max_over_mean", "loop_pressure", "pump_speed", "loop_exponent",
        "main_velocity",
        "row_velocity",
        "branches", "mass_residual")
FIGURES: Properties = {
    "hall": ({"type": "object", "properties": {n: {**s, "description": d} for n, (s, d) in HALL.items()},
              "required": [n for n in HALL if n not in LOOP], "additionalProperties": False}, "figures of the year"),
    "energy": ({"type": "object", "additionalProperties": NUMBER}, "electricity of the year by user, J"),
    "ledger": ({"type": "object", "properties": {
        "levels": {**OBJECT, "description": "chip, rack, CDU, facility, air, plant, ambient: mean heat in and out, W"},
        "electricity_in": {**POSITIVE, "description": "mean, W"}, "heat_out": {**POSITIVE, "description": "mean, W"},
        "rack_relative": {**POSITIVE, "description": "largest imbalance of the racks in an hour, over the hall's power"},
        "heat_relative": {**POSITIVE, "description": "largest imbalance of an hour, die to weather; beyond 1e-6 no result"}},
        "required": ["levels", "electricity_in", "heat_out", "rack_relative", "heat_relative"], "additionalProperties": False},
        "balance of heat"),
    "hottest": ({"type": "array", "items": OBJECT}, "ten hottest plates: rack (row of racks.csv), plate, flow_rate m3/s, "
                "temperature K"),
    "weather": (OBJECT, "name, source, mean and highest temperatures, K"), "limits": (OBJECT, "set points, K"),
    "assumptions": ({"type": "array", "items": {"type": "object", "properties": {n: TEXT for n in ("key", "value", "source")},
                                                "required": ["key", "value", "source"]}}, "everything the answer rests on"),
    "compare": (OBJECT, "the other hall, savings (J and shares), claim, fleet; with compare"),
    "optimum": (OBJECT, "best supply temperature and flow; with optimise"),
}
OPTIONAL = ("compare", "optimum")
