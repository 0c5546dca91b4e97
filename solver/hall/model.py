"""A hall as data: racks, loops, plants, electricity, prices. SI units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.hall.cooler import Cooler, CoolingTower, DryCooler
from coldrack.solver.hall.plant import Chiller, Plant
from coldrack.solver.hall.pumps import Pumps

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Racks of one type: how many, GPUs in each, coolant through each at design (m3/s; 0 if cooled by air alone)."""

    name: str
    rack: Any
    count: int
    gpus: int
    flow: float = 0.0


@dataclass(frozen=True)
class CoolerDesign:
    """A cooler that is sized when the heat is known; `approach` K to the dry (tower: wet) bulb `outdoor` K."""

    kind: Literal["dry_cooler", "cooling_tower"]
    outdoor: float
    approach: float
    fan_share: float  # W per W
    margin: float
    air_rise: float = 8.0
    water_to_air: float = 1.2
    pad: float = 0.0
    pad_above: float = np.inf
    cycles: float = 4.0

    def sized(self, heat: float, rate: float) -> Cooler:
        """For `heat` W with the margin, water of capacity rate W/K."""
        heat, rate = self.margin * heat, self.margin * rate
        if self.kind == "dry_cooler":
            return DryCooler.sized(heat, rate, self.outdoor, self.approach, self.air_rise, self.fan_share, pad=self.pad,
                                   pad_above=self.pad_above, cycles=self.cycles)
        return CoolingTower.sized(heat, rate, self.outdoor, self.approach, self.water_to_air, self.fan_share,
                                  cycles=self.cycles)


@dataclass(frozen=True)
class PlantDesign:
    """Cooler, chiller, and how they work together."""

    cooler: CoolerDesign | None
    chiller: Chiller | None
    integrated: bool = True

    def sized(self, heat: float, rate: float) -> Plant:
        """For the largest heat."""
        return Plant(self.cooler.sized(heat, rate) if self.cooler else None, self.chiller, self.integrated)


@dataclass(frozen=True)
class Pipes:
    """Facility pipes between plant and racks: `blocks` pairs of mains, rows of racks along each."""

    blocks: int
    racks_per_row: int
    rack_pitch: float
    row_pitch: float
    feeder_length: float
    main_diameter: float
    row_diameter: float
    roughness: float
    reverse_return: bool


@dataclass(frozen=True)
class Cdus:
    """Coolant units between facility water and racks: `racks` on each, `ua` W/K of each, the pumps of the racks' side."""

    racks: int
    ua: float
    primary_flow: float  # m3/s a rack
    primary_pressure: float
    secondary_pressure: float
    efficiency: float


@dataclass(frozen=True)
class Liquid:
    """Loop that takes what racks give to the coolant."""

    coolant: Any
    supply: float
    pipes: Pipes
    pumps: Pumps
    plant_pressure: float
    plant: PlantDesign
    rack_coolant: Any = None
    cdus: Cdus | None = None
    held_pressure: float = 0.0  # what the control keeps at any flow, Pa
    minimum_flow: float = 1.0  # share of the design flow at no load


@dataclass(frozen=True)
class Air:
    """Fan walls or CRAHs, the chilled water behind them and its plant. `supply` and `rise` are those of the air."""

    supply: float
    rise: float
    fan_pressure: float
    fan_efficiency: float
    water_supply: float
    water_rise: float
    water_pressure: float
    pump_efficiency: float
    plant: PlantDesign


@dataclass(frozen=True)
class Electrical:
    """Losses between the grid and the racks, and what else a hall takes (lighting, controls) per watt of IT."""

    ups: float
    distribution: float
    other: float
    to_air: float  # share of the losses that the hall's air takes; the rest is ventilated


@dataclass(frozen=True)
class Economics:
    """Per J of electricity and m3 of water."""

    price: float
    co2: float  # kg/J
    water_price: float


@dataclass(frozen=True)
class Hall:
    """All of it; `utilisation` by hour of the day, shape (24,)."""

    groups: list[Group]
    utilisation: Array
    liquid: Liquid | None
    air: Air
    electrical: Electrical
    economics: Economics

    @property
    def racks(self) -> int:
        """All racks."""
        return sum(g.count for g in self.groups)

    @property
    def plates(self) -> int:
        """Cold plates and heat sinks with a chip each."""
        return sum(g.count * g.rack.plates for g in self.groups)

    @property
    def wet(self) -> list[Group]:
        """Groups with coolant."""
        return [g for g in self.groups if g.flow > 0.0]
