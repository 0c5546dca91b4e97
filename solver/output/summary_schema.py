"""JSON schema of ``summary.json``; ``docs/summary.schema.json`` is its print."""

from __future__ import annotations

from typing import Any

from coldrack.solver.output.schema_parts import COUNT, FLAG, NUMBER, OPTIONAL, POSITIVE, TEXT, Properties, named, object_of
from coldrack.solver.output.system_schema import system_schemas

COMPONENT = object_of({
    "t_max": (NUMBER, "largest temperature, K"),
    "t_mean": (NUMBER, "volume-mean temperature, K"),
    "power": (NUMBER, "heat released in it, W"),
    "r_th": (OPTIONAL, "(t_max - inlet_temperature) / power, K/W; null without power"),
})
LEDGER = object_of({
    "heat_in": (POSITIVE, "W"),
    "heat_out": (POSITIVE, "W"),
    "heat_imbalance": (NUMBER, "heat_in - heat_out, W"),
    "heat_relative": (POSITIVE, "size of the imbalance over the heat; beyond 1e-6 the run is not converged"),
    "mass_in": (POSITIVE, "kg/s"),
    "mass_out": (POSITIVE, "kg/s"),
    "mass_relative": (POSITIVE, "size of the imbalance over the flow; beyond 1e-8 the run is not converged"),
    "mass_cells": (POSITIVE, "sum of the cells' imbalances over the flow"),
    "mass_flows": (named(NUMBER), "by boundary, into the domain, kg/s"),
    "sources": (named(NUMBER), "heat by source, W"),
    "boundaries": (named(NUMBER), "heat conducted in by boundary, W"),
    "coolant": (NUMBER, "heat carried out by the coolant, W"),
    "devices": (named(NUMBER), "heat into the air by server, cooler, heat exchanger and porous block, W"),
    "liquid": (named(NUMBER), "heat that liquids take away from servers and heat exchangers, W"),
    "radiation": (named(NUMBER), "heat radiated in by boundary, W: from walls, and from the ambient through openings"),
    "radiation_components": (named(NUMBER), "heat that each component (or material) gets by radiation, W"),
    "stored": (NUMBER, "heat stored per time, W; of runs in time, whose ledger holds means since time 0"),
    "volumetric": (NUMBER, "heat from a source per volume (Python only), W"),
    "pressures": (named(NUMBER), "area-mean pressure of inlets and outlets, Pa"),
}, ("volumetric", "stored", "pressures", "radiation", "radiation_components", "devices", "liquid"))
UNIT = object_of({
    "inlet_mean": (OPTIONAL, "flow-weighted mean temperature of the air that enters, K; null without temperatures"),
    "inlet_max": (OPTIONAL, "highest temperature of the air that enters, K"),
    "outlet_mean": (OPTIONAL, "temperature of the air that leaves, K"),
    "flow_rate": (POSITIVE, "at the inlet, m3/s"),
    "heat": (OPTIONAL, "that the air carries out more than in, W; negative: cooling"),
})
FAN = object_of({
    "flow_rate": (NUMBER, "in the direction it blows, m3/s"),
    "pressure": (NUMBER, "rise of the static pressure, Pa"),
    "power": (OPTIONAL, "electric, W; null without an efficiency"),
})
EXCHANGER = object_of({
    "heat": (NUMBER, "taken from the air, W"),
    "air_in": (OPTIONAL, "flow-weighted mean temperature of the air that enters, K; null without flow"),
    "air_out": (OPTIONAL, "flow-weighted mean temperature of the air that leaves, K"),
})
POROUS = object_of({
    "pressure_drop": (NUMBER, "mean where coolant enters minus mean where it leaves, weighted by flow, Pa"),
    "solid_mean": (NUMBER, "mean temperature of a skeleton that has one of its own, K"),
    "solid_max": (NUMBER, "highest temperature of such a skeleton, K"),
}, ("pressure_drop", "solid_mean", "solid_max"))
SCREEN = object_of({
    "flow_rate": (NUMBER, "along the axis, m3/s"),
    "pressure": (NUMBER, "mean drop over the area, Pa"),
})
DEVICES: Properties = {
    "servers": (named(UNIT), "by name"), "coolers": (named(UNIT), "by name"),
    "fans": (named(FAN), "in planes and of servers and coolers, by name"), "exchangers": (named(EXCHANGER), "by name"),
    "porous": (named(POROUS), "by name"), "screens": (named(SCREEN), "by name"),
}
ENVELOPE = object_of({
    "low": (NUMBER, "lowest inlet temperature, K"), "high": (NUMBER, "highest inlet temperature, K"),
    "within": (COUNT, "servers whose mean is above low and whose highest inlet temperature is below high"),
    "margin_high": (OPTIONAL, "high minus the highest inlet temperature of all servers, K"),
    "margin_low": (OPTIONAL, "smallest mean inlet temperature minus low, K"),
    "rci_hi": (OPTIONAL, "rack cooling index, percent; not for the recommended envelope"), "rci_lo": (OPTIONAL, "percent"),
}, ("rci_hi", "rci_lo"))
GRADE = object_of({
    "class": ({"type": ["string", "null"]}, "strictest envelope that holds the inlet; null: none"),
    "margins": (named(NUMBER), "by envelope: its high minus inlet_max, K"),
})
AIR = object_of({
    "servers": (named(GRADE), "by name"), "envelopes": (named(ENVELOPE), "ASHRAE TC 9.9: recommended, A1 to A4"),
    "hottest": ({"type": "array", "items": TEXT}, "servers with the highest mean inlet temperatures, at most ten"),
    "server_flow": (NUMBER, "of all servers, m3/s"), "supply_flow": (NUMBER, "of coolers and openings, m3/s"),
    "server_rise": (OPTIONAL, "mean of the servers, K"),
    "supply_temperature": (OPTIONAL, "K"), "return_temperature": (OPTIONAL, "K"),
    "shi": (OPTIONAL, "supply heat index"), "rhi": (OPTIONAL, "return heat index"),
    "rti": (OPTIONAL, "return temperature index, percent"), "undefined": (named(TEXT), "why an index is null"),
})
SUMMARY: Properties = {
    "title": (TEXT, "of the case"),
    "version": (TEXT, "of coldrack"),
    "converged": (FLAG, "residuals and monitored quantities settled, ledgers closed"),
    "reason": (TEXT, "converged, or why not"),
    "cells": (COUNT, "cells of the grid"),
    "iterations": (COUNT, "of the flow; without flow, solutions of the energy equation"),
    "wall_seconds": (POSITIVE, "of the last part of the run, without reading, meshing and writing"),
    "solver_seconds": (POSITIVE, "of all parts of the run (more than one after --resume)"),
    "peak_memory_bytes": (COUNT, "of the process, on the host"),
    "device": (TEXT, "cuda, host or numpy"),
    "dtype": ({"enum": ["f8", "f4"]}, "precision"),
    "pressure_drop": (NUMBER, "mean of the inlets minus mean of the outlets, Pa"),
    "pressure_drop_parts": (named(named(NUMBER)), "by passage with fins: inlet, channel, outlet, Pa"),
    "flow_rate": (POSITIVE, "into the domain at the inlet temperature, m3/s"),
    "inlet_temperature": (NUMBER, "that r_th refers to, K"),
    "ledger": (LEDGER, "balance of heat and mass"),
    "components": (named(COMPONENT), "by name"),
    **DEVICES,
    "air": (AIR, "servers' air against ASHRAE's classes, and indices of air management; see docs/air_results.md"),
    "reference_temperature": (NUMBER, "K"),
    "source_components": (named(TEXT), "component of each source"),
    "powers": (named(NUMBER), "of each source, W"),
    "unit_responses": (FLAG, "whether `coldrack power` can answer"),
    "notes": ({"type": "array", "items": TEXT}, "which solvers were used and how they contracted"),
    "time": (POSITIVE, "that a run in time has reached, s"),
}


def summary_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12): of a case with a grid, or of a network, rack or hall, which has a `kind`."""
    meshed = {"title": "case with a grid", **object_of(SUMMARY, ("time", "air", *DEVICES))}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "coldrack summary.json",
            "anyOf": [meshed, *system_schemas()]}
