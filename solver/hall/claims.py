"""What liquid cooling saves, where, and by which assumptions: the map of savings, a fleet, and trees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coldrack.solver.hall.rack import WithShare
from coldrack.solver.hall.weather import Weather
from coldrack.solver.hall.year import Sized, changed, size, solve_year
from coldrack.solver.system import Table

CLAIM = 0.89  # Supermicro, 2024: "up to 89 %" less electricity of the cooling infrastructure
CLAIMED_TREES = 20e9
TREE = 60.0  # kg of CO2 of an urban tree seedling grown 10 years: EPA, Greenhouse Gas Equivalencies Calculator, 0.060 t
SHARES = (0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
PUES = tuple(np.round(np.arange(1.1, 1.81, 0.05), 2))
BIN = 2.0  # K, of the weather in the map
TWH = 3.6e15  # J


@dataclass(frozen=True)
class Study:
    """What the map goes through: supplies K, shifts of the climate K; a fleet's energy J and its shares of liquid."""

    supplies: tuple[float, ...]
    shifts: tuple[float, ...]
    fleet_energy: float
    fleet_before: float
    fleet_after: float


def cooling_map(sized: Sized, weather: Weather, study: Study) -> Table:
    """Cooling electricity over IT of the liquid hall by climate, supply temperature and liquid share; one row each.

    `needed_pue` is that of an air-cooled hall with equal other losses from which on the claim holds:
    1 + other + cooling / 0.11.
    """
    rows = []
    for shift in study.shifts:
        outside = weather.shifted(shift).binned(BIN)
        for supply in study.supplies:
            for share in SHARES:
                hall = changed(sized.hall, supply=supply)
                hall = replace(hall, groups=[replace(g, rack=WithShare(g.rack, share)) if g.flow else g for g in hall.groups])
                year = solve_year(size(hall, sized.law), outside)
                it = year.mean(year.it)
                other = year.mean(year.users["losses"] + year.users["other"]) / it
                cooling = year.mean(year.cooling) / it
                rows.append((shift, outside.mean(outside.dry_bulb), supply, share, cooling, other,
                             1.0 + other + cooling / (1.0 - CLAIM), float(year.racks.margin.min()),
                             float(year.racks.work.min())))
    columns = np.array(rows).T
    names = ("climate_shift", "mean_dry_bulb", "supply", "liquid_share", "cooling_over_it", "other_over_it", "needed_pue",
             "margin", "work")
    units = ("K", "K", "K", "", "", "", "", "K", "")
    return Table(dict(zip(names, columns, strict=True)), dict(zip(names, units, strict=True)))


def sound(columns: dict[str, Any]) -> Any:
    """Rows of the map in which no chip passes its limit or is throttled, in any hour."""
    return (np.asarray(columns["margin"]) >= -0.01) & (np.asarray(columns["work"]) >= 1.0 - 1e-3)


def saving(cooling: Any, other: Any, pue: Any) -> Any:
    """Share of the cooling electricity saved against an air-cooled hall of that PUE and the same other losses."""
    return 1.0 - cooling / (pue - 1.0 - other)


def fleet(study: Study, savings: dict[str, Any], co2: float) -> dict[str, Any]:
    """What raising the share of liquid cooling saves in a year, with the total saving that the two halls give.

    The fleet takes E with share a of its work on liquid; liquid takes (1 - s) of what air takes for the same work. `co2` kg/J.
    """
    s, a, b = savings["total"]["share"], study.fleet_before, study.fleet_after
    all_air = study.fleet_energy / (1.0 - s * a)
    saved = all_air * s * (b - a)
    return {"energy": study.fleet_energy, "before": a, "after": b, "total_saving_per_work": s, "energy_saved": saved,
            "co2_saved": saved * co2, "trees": saved * co2 / TREE, "tree": TREE, "claimed_trees": CLAIMED_TREES,
            "co2_of_claimed_trees": CLAIMED_TREES * TREE, "energy_of_claimed_trees": CLAIMED_TREES * TREE / co2,
            "claimed_trees_over_ours": CLAIMED_TREES / (saved * co2 / TREE) if saved > 0 else None,
            "fleet_over_needed": study.fleet_energy / (CLAIMED_TREES * TREE / co2)}


def verdict(table: Table, savings: dict[str, Any], air_pue: float) -> dict[str, Any]:
    """Where the claim of 89 % holds: against this air-cooled hall, the average PUE of surveys, and from which PUE on."""
    c = table.columns
    needed = np.asarray(c["needed_pue"])
    safe = sound(c)
    best = int(np.argmin(np.where(safe, needed, np.inf))) if safe.any() else int(np.argmin(needed))
    average = saving(np.asarray(c["cooling_over_it"]), np.asarray(c["other_over_it"]), 1.58)
    return {"claim": CLAIM, "saving": savings["cooling"]["share"],
            "saving_with_server_fans": savings["cooling_and_server_fans"]["share"],
            "holds_here": bool(savings["cooling"]["share"] >= CLAIM), "air_pue": air_pue, "cases": int(needed.size),
            "holds_at_survey_pue": int(((average >= CLAIM) & safe).sum()), "survey_pue": 1.58,
            "lowest_needed_pue": float(needed[best]), "at": {k: float(np.asarray(v)[best]) for k, v in c.items()}}
