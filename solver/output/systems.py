"""Reports and pictures of networks, racks and halls, by kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from coldrack.solver.output import network, network_pictures
from coldrack.solver.system import Table

Tables = dict[str, Table]


class Outputs(NamedTuple):
    """Report (text) from the summary, and pictures: name of the file to what draws it there."""

    report: Callable[[dict[str, Any], Tables], str]
    pictures: dict[str, Callable[[dict[str, Any], Tables, Path], None]]


KINDS: dict[str, Outputs] = {
    "network": Outputs(network.report, {"network.png": network_pictures.diagram, "pumps.png": network_pictures.pump_curves}),
}


def outputs(kind: str) -> Outputs:
    """Those of a kind of case."""
    return KINDS[kind]
