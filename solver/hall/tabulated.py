"""Racks of the library in a hall: solved on a grid of what the hall may give them, then read from splines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.hall.claims import Study
from coldrack.solver.hall.model import CoolerDesign, Hall
from coldrack.solver.hall.optimise import Search
from coldrack.solver.hall.rack import Point
from coldrack.solver.hall.weather import Weather
from coldrack.solver.rack.characteristic import RackCharacteristic, characterise
from coldrack.solver.rack.parts import Rack
from coldrack.solver.system import Say, SystemFailure

Array = NDArray[np.float64]
ROOM = 2.0  # K, that tables go beyond what is foreseen
SPARE = 0.12  # of the flow, for uneven pipes
SUPPLIES, FLOWS, LOADS = 8, 5, 3


@dataclass(frozen=True, eq=False)
class LibraryRack:
    """A rack with its parts; `table` is made when the hall's conditions are known."""

    rack: Rack
    source: str
    table: RackCharacteristic | None = None

    @property
    def name(self) -> str:
        """Of the library."""
        return self.rack.name

    @property
    def gpus(self) -> int:
        """In the rack."""
        return sum(c.group.startswith("gpu") for tray in self.rack.trays for c in tray.chips)

    @property
    def plates(self) -> int:
        """GPUs on plates, or on heat sinks."""
        return self.gpus

    @property
    def liquid(self) -> bool:
        """Whether coolant enters it from outside."""
        return self.rack.supply is not None

    @property
    def design_flow(self) -> float:
        """Of what enters it, m3/s; 0 if the library leaves that open."""
        return (self.rack.supply.flow_rate or 0.0) if self.rack.supply else 0.0

    @property
    def outside(self) -> str:
        """What enters it: facility water of a rack with its own coolant unit, else the coolant of its plates."""
        return self.rack.supply.coolant if self.rack.supply else ""

    def evaluate(self, supply: Array, flow: Array, air: Array, utilisation: Array) -> Point:
        """State by the splines; temperature and margin of a rack without chips that matter are nan."""
        p = self._table().evaluate(supply, flow, air, utilisation)
        return Point(p.it_power, p.fan_power, p.pump_power, p.heat_liquid, p.heat_air, p.pressure_drop, p.hottest, p.margin,
                     p.work)

    def plates_at(self, supply: Array, flow: Array, air: Array, utilisation: Array) -> tuple[Array, Array]:
        """Flow and temperature of every GPU; for heat sinks those of the rack's hottest chip alone."""
        if self._table().gpus:
            return self._table().plates_at(supply, flow, air, utilisation)
        if not self._table().hot:
            return np.zeros((np.size(supply), 0)), np.zeros((np.size(supply), 0))
        hottest = self.evaluate(supply, flow, air, utilisation).hottest.reshape(-1, 1)
        return np.zeros_like(hottest), hottest

    def plate_name(self, number: int) -> str:
        """Tray and GPU; of air-cooled racks the hottest chip."""
        return self._table().gpus[number] if self._table().gpus else "hottest chip"

    def solved(self, supply: float, flow: float, air: float, utilisation: float) -> float:
        """Least margin of a chip, K, by solving the rack itself there instead of reading the tables."""
        table = characterise(self.rack, supply=[supply], flow=[flow], air=[air], utilisation=[utilisation])
        return float(table.evaluate(np.array(supply), np.array(flow), np.array(air), np.array(utilisation)).margin)

    def _table(self) -> RackCharacteristic:
        if self.table is None:
            raise SystemFailure(f"rack {self.name} has no tables yet: it is characterised when its hall is solved")
        return self.table


@dataclass(frozen=True)
class Ranges:
    """What racks may see: coolant K, flow over the design's."""

    supply: tuple[float, float]
    flow: tuple[float, float]


def ranges(hall: Hall, weather: Weather, search: Search | None, study: Study | None) -> Ranges:
    """From the set points, how warm the water can get where no chiller holds it, and what the search and the map go through."""
    loop = hall.liquid
    if loop is None:
        return Ranges((hall.air.supply, hall.air.supply), (1.0, 1.0))
    shifts: tuple[float, ...] = (0.0,)
    low, high = [loop.supply], [loop.supply]
    flow = [loop.minimum_flow * (1.0 - SPARE), 1.0 + SPARE]
    if study:
        shifts, low, high = (*shifts, *study.shifts), [*low, *study.supplies], [*high, *study.supplies]
    if search:
        low, high = [*low, search.supply[0]], [*high, search.supply[1]]
        flow += [loop.minimum_flow * search.flow[0], search.flow[1]]
    if loop.plant.chiller is None and loop.plant.cooler is not None:
        high += [_warmest(loop.plant.cooler, weather) + max(shifts)]
    warmer = 12.0 if loop.cdus else 0.0  # K, that a coolant unit may stand off
    return Ranges((min(low) - ROOM, max(high) + ROOM + warmer), (min(flow), max(flow)))


def _warmest(cooler: CoolerDesign, weather: Weather) -> float:
    """Supply in the worst hour, K: the approach over the air at the tubes, with a fifth more."""
    if cooler.kind == "cooling_tower":
        return float(weather.wet_bulb.max()) + 1.5 * cooler.approach
    wet = cooler.pad * (weather.dry_bulb - weather.wet_bulb) * (weather.dry_bulb > cooler.pad_above)
    return float((weather.dry_bulb - wet).max()) + 1.2 * cooler.approach


def tabulated(hall: Hall, weather: Weather, search: Search | None, study: Study | None, say: Say) -> Hall:
    """The hall with tables for its library racks."""
    r, use = ranges(hall, weather, search, study), hall.utilisation
    loads = np.unique(use) if len(np.unique(use)) <= LOADS else np.linspace(use.min(), use.max(), LOADS)
    if use.min() != use.max():
        loads = np.unique([*loads, use.mean()])
    groups = []
    for g in hall.groups:
        if isinstance(g.rack, LibraryRack) and g.rack.table is None:
            say(f"rack {g.name}: solving it for the hall's conditions")
            over: dict[str, Any] = {"air": [hall.air.supply], "utilisation": loads}
            if g.rack.liquid:
                over |= {"supply": np.linspace(*r.supply, SUPPLIES), "flow": g.flow * np.geomspace(*r.flow, FLOWS)}
            try:
                g = replace(g, rack=replace(g.rack, table=characterise(g.rack.rack, say, **over)))
            except SystemFailure as error:
                low, high = (v - 273.15 for v in r.supply)
                raise SystemFailure(f"this hall, its search and its map may give coolant of {low:.1f} to {high:.1f} degC, "
                                    f"which a rack "
                                    f"cannot take: a narrower range, a larger cooler, or a chiller ({error})") from None
        groups.append(g)
    return replace(hall, groups=groups)
