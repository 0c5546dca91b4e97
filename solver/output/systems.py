"""Reports and pictures of networks, racks and halls, by kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from coldrack.solver.output import (
    coolant_rack,
    coolant_rack_heat,
    coolant_rack_pictures,
    hall_pictures,
    hall_report,
    network,
    network_pictures,
)
from coldrack.solver.system import Table

Tables = dict[str, Table]


class Outputs(NamedTuple):
    """Report (text) from the summary, and pictures: name of the file to what draws it there."""

    report: Callable[[dict[str, Any], Tables], str]
    pictures: dict[str, Callable[[dict[str, Any], Tables, Path], None]]


KINDS: dict[str, Outputs] = {
    "hall": Outputs(hall_report.hall_report, {
        "hall_map.png": hall_pictures.draw_map, "year.png": hall_pictures.draw_year, "savings.png": hall_pictures.draw_savings,
        "claim.png": hall_pictures.draw_claim, "trade_off.png": hall_pictures.draw_trade_off}),
    "rack": Outputs(coolant_rack.report, {
        "rack.png": coolant_rack_pictures.draw_front, "flows.png": coolant_rack_pictures.draw_flows,
        "pumps.png": coolant_rack_pictures.draw_pumps, "heat.png": coolant_rack_heat.draw_heat}),
    "network": Outputs(network.report, {"network.png": network_pictures.diagram, "pumps.png": network_pictures.pump_curves}),
}


def outputs(kind: str) -> Outputs:
    """Those of a kind of case."""
    return KINDS[kind]
