"""JSON schema of ``summary.json`` of cases without a grid, by kind."""

from __future__ import annotations

from typing import Any

from coldrack.solver.output import coolant_rack_summary, hall_summary
from coldrack.solver.output.schema_parts import COUNT, FLAG, NUMBER, POSITIVE, TEXT, Properties, named, object_of

COMMON: Properties = {
    "title": (TEXT, "of the case"), "version": (TEXT, "of coldrack"),
    "converged": (FLAG, "settled, and the ledgers close"), "reason": (TEXT, "converged, or why not"),
    "wall_seconds": (POSITIVE, "of the solution"), "peak_memory_bytes": (COUNT, "of the process"),
    "notes": ({"type": "array", "items": TEXT}, "remarks"),
}
NODE = object_of({
    "loop": (TEXT, "that it belongs to"), "pressure": (NUMBER, "Pa"), "temperature": (NUMBER, "K, after mixing"),
    "elevation": (NUMBER, "m"), "inflow": (NUMBER, "from outside, kg/s")})
BRANCH = object_of({
    "kind": (TEXT, "of part"), "start": (TEXT, "node"), "end": (TEXT, "node"),
    "mass_flow": (NUMBER, "from start to end, kg/s"), "flow_rate": (NUMBER, "at the inlet, m3/s"), "velocity": (NUMBER,
                                                                                                                "of pipes, "
                                                                                                                "m/s"),
    "reynolds": (POSITIVE, "of pipes"), "pressure_drop": (NUMBER, "from start to end without the column's weight, Pa"),
    "inlet_temperature": (NUMBER, "K"), "outlet_temperature": (NUMBER, "K"), "heat": (NUMBER, "into the coolant, W"),
    "component_temperature": (NUMBER, "of plates with heat: inlet temperature + resistance x heat, K"),
}, ("velocity", "reynolds", "component_temperature"))
PUMP = object_of({
    "flow_rate": (POSITIVE, "of each that runs, m3/s"), "rise": (NUMBER, "of pressure, Pa"), "running": (POSITIVE, "how many"),
    "hydraulic_power": (POSITIVE, "of all, W"), "electric_power": (POSITIVE, "of all, W; absent without an efficiency"),
    "efficiency": (POSITIVE, "hydraulic over electric power"),
}, ("electric_power", "efficiency"))
EXCHANGER = object_of({
    "heat": (NUMBER, "from first to second, W"), "effectiveness": (POSITIVE, "heat over the most that is possible"),
    "first": (TEXT, "branch"), "second": (TEXT, "branch"), "first_inlet": (NUMBER, "K"), "first_outlet": (NUMBER, "K"),
    "second_inlet": (NUMBER, "K"), "second_outlet": (NUMBER, "K"),
    "approach": (NUMBER, "outlet of the first over the inlet of the second, K")})
LEDGER = object_of({
    "heat_in": (POSITIVE, "W"), "heat_out": (POSITIVE, "W"), "heat_imbalance": (NUMBER, "W"),
    "heat_relative": (POSITIVE, "of the heat; beyond 1e-8 the run is not converged"),
    "mass_in": (POSITIVE, "kg/s"), "mass_out": (POSITIVE, "kg/s"),
    "mass_relative": (POSITIVE, "largest imbalance of a node over the largest flow; beyond 1e-10 the run is not converged"),
    "sources": (named(NUMBER), "heat by branch, W"), "friction": (POSITIVE, "work that becomes heat in branches, W"),
    "pump_losses": (POSITIVE, "electric minus hydraulic power, W"), "ambient": (NUMBER, "heat from the ambient, W"),
    "loops": (named(NUMBER), "heat that coolant carries out of each loop, W"),
    "exchangers": (named(NUMBER), "heat from the first to the second side, W")})
NUMBERS: dict[str, Any] = {"type": "array", "items": NUMBER}
CURVE = object_of({"flow_rate": (NUMBERS, "m3/s"), "rise": (NUMBERS, "Pa"), "running": (POSITIVE, "how many")})
NETWORK = object_of({
    "nodes": (named(NODE), "by name"), "branches": (named(BRANCH), "by name"), "pumps": (named(PUMP), "by name"),
    "exchangers": (named(EXCHANGER), "by name"), "iterations": ({"type": "integer"}, "of Newton's method"),
    "solve_seconds": (POSITIVE, "of the solution"), "curves": (named(CURVE), "of one pump at its speed, by name"),
    "positions": (named({"type": "array", "items": NUMBER}), "of nodes in the diagram, where the case gives them")})
FIGURES: dict[str, Properties] = {
    "network": {"network": (NETWORK, "flows, pressures and temperatures"), "ledger": (LEDGER, "balance of mass and heat")},
    "rack": coolant_rack_summary.FIGURES, "hall": hall_summary.FIGURES,
}
OPTIONAL_FIGURES = {"hall": hall_summary.OPTIONAL}


def system_schemas() -> list[dict[str, Any]]:
    """Schema of each kind."""
    out = []
    for kind, figures in FIGURES.items():
        schema = object_of({"kind": ({"const": kind}, "of case"), **COMMON, **figures}, OPTIONAL_FIGURES.get(kind, ()))
        schema["title"] = f"{kind} case"
        out.append(schema)
    return out
