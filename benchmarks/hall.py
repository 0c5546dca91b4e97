"""A hall over a year: tables of a rack of 64 H100, the flow of every rack, 8760 hours, every plate in the worst hour.

The largest has 5469 racks with 350 016 plates. The value is the hottest chip's temperature, which hardly changes with the size;
`hall.solve_seconds` of a run is the time taken here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.benchmarks.clock import Clock
from coldrack.benchmarks.registry import OURS, BenchmarkError, Case, Measurement

RACKS_PER_BLOCK = 98  # rows of eight along a pair of mains
FLOW = 2e-3  # m3/s a rack


def hall(racks: int) -> Any:
    """Halls of `cases/hall_350k_liquid.yaml`, of any size, without the racks of switches."""
    from coldrack.solver.case.coolant_rack import library_rack
    from coldrack.solver.hall.model import Air, CoolerDesign, Economics, Electrical, Group, Hall, Liquid, Pipes, PlantDesign
    from coldrack.solver.hall.plant import Chiller
    from coldrack.solver.hall.pumps import Pumps
    from coldrack.solver.hall.tabulated import LibraryRack
    from coldrack.solver.materials.library import coolant

    blocks = -(-racks // RACKS_PER_BLOCK)
    pads = CoolerDesign("dry_cooler", 301.15, 4.0, 0.015, 1.0, 6.0, pad=0.8, pad_above=297.15)
    liquid = Liquid(coolant("water"), 305.15, Pipes(blocks, 8, 0.75, 3.6, 60.0, 0.4, 0.125, 4.5e-5, True),
                    Pumps(blocks, 0.2, 250e3, 0.75), 60e3, PlantDesign(pads, None))
    chiller = Chiller.rated(2.96, 279.85, 308.15, 2.0, 12.0, 15.0)
    air = Air(297.15, 12.0, 300.0, 0.6, 291.15, 6.0, 250e3, 0.7,
              PlantDesign(CoolerDesign("dry_cooler", 283.15, 8.0, 0.015, 1.0, 8.0), chiller))
    group = Group("h100_64gpu", LibraryRack(library_rack("h100_64gpu"), "library"), racks, 64, FLOW)
    return Hall([group], np.full(24, 0.9), liquid, air, Electrical(0.96, 0.98, 0.01, 0.5), Economics(0.0, 0.0, 0.0))


def solve_year(solver: str, racks: int) -> Measurement:
    """One hall, with the tables of its racks."""
    from coldrack.solver.hall.problem import HallProblem, solve_hall
    from coldrack.solver.hall.weather import read_weather
    from coldrack.solver.materials.library import FOLDER

    weather = read_weather(FOLDER / "climates" / "greensboro_nc.csv").shifted(3.0)
    problem = HallProblem(title="hall", case_text="", hall=hall(racks), weather=weather, study=None, search=None,
                          assumptions=[])
    with Clock() as clock:
        core = solve_hall(problem, None, None, lambda _: None)
    figures, ledger = core.figures["hall"], core.figures["ledger"]
    if ledger["heat_relative"] > 1e-6:
        raise BenchmarkError(f"heat out of balance by {ledger['heat_relative']:.1e}")
    details = {"pue": figures["pue"], "branches": figures["branches"], "heat_relative": ledger["heat_relative"]}
    return Measurement(figures["plates"], clock.cpu, clock.wall, None, clock.peak, figures["hottest"] - 273.15, details=details)


QUANTITY = "hottest chip in the worst hour of the year, degC"
CASES = [
    Case("hall-16", solve_year, (OURS,), QUANTITY, {"racks": 16}, quick=True, full=False),
    Case("hall-1564", solve_year, (OURS,), QUANTITY, {"racks": 1564}, family="hall"),
    Case("hall-5469", solve_year, (OURS,), QUANTITY, {"racks": 5469}, family="hall"),
]
