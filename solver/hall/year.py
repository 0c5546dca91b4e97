"""A year of a hall, all hours at once. Every hour is steady: what goes in as electricity leaves as heat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.hall.model import Air, Hall, Liquid
from coldrack.solver.hall.plant import Plant, Served
from coldrack.solver.hall.weather import HOURS, Weather
from coldrack.solver.network.exchangers import counterflow
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]
AIR_DENSITY, AIR_HEAT = 1.2, 1006.0  # kg/m3, J/(kg K): air at 20 degC, 1 atm
SETTLED, MOST = 1e-8, 60  # K
LEAST_HEAT, LEAST_RATE = 1.0, 1e-6  # W, W/K: what the air side is at least, where a hall gives it nothing
USERS = ("chips", "server_fans", "rack_pumps", "cdu_pumps", "facility_pumps", "hall_fans", "chilled_pumps", "cooler_fans",
         "chillers", "losses", "other")
COOLING = ("rack_pumps", "cdu_pumps", "facility_pumps", "hall_fans", "chilled_pumps", "cooler_fans", "chillers")


@dataclass(frozen=True)
class Law:
    """Pressure the facility pumps give: held + (design - held) (flow over design flow)^exponent, Pa."""

    design: float
    exponent: float
    held: float = 0.0

    def __call__(self, share: Array) -> Array:
        """At a share of the design flow."""
        return self.held + (self.design - self.held) * share**self.exponent


@dataclass(frozen=True)
class Sized:
    """A hall with its plants and the law of its facility loop."""

    hall: Hall
    law: Law
    liquid: Plant | None
    air: Plant
    design_air: float  # heat of the air side that its fans are sized for, W


@dataclass(frozen=True)
class Racks:
    """Sums over all racks by hour (W), the hottest chip (K), the least margin (K) and the work done over that asked."""

    chips: Array
    fans: Array
    pumps: Array
    liquid: Array
    air: Array
    hottest: Array
    margin: Array
    work: Array
    pressure: Array


@dataclass(frozen=True)
class Year:
    """By hour or bin: electricity by user (W), heat by level (W), temperatures (K), water (kg/s)."""

    weather: Weather
    users: dict[str, Array]
    racks: Racks
    supply: Array
    rack_supply: Array
    returned: Array
    liquid_heat: Array
    air_heat: Array
    outdoors: Array
    chilled: Array
    water: Array
    chilled_supply: Array

    @property
    def total(self) -> Array:
        """Electricity of the hall, W."""
        return sum((self.users[u] for u in USERS), np.zeros_like(self.supply))

    @property
    def it(self) -> Array:
        """Of the racks without their pumps, W: chips, electronics and server fans."""
        return self.users["chips"] + self.users["server_fans"]

    @property
    def cooling(self) -> Array:
        """Of cooling outside the servers, W."""
        return sum((self.users[u] for u in COOLING), np.zeros_like(self.supply))

    @property
    def imbalance(self) -> float:
        """Largest difference of electricity in and heat out of any hour, over the electricity."""
        return float(np.max(np.abs(self.total - self.outdoors) / self.total))

    def mean(self, values: Array) -> float:
        """Over the year."""
        return self.weather.mean(values)

    def energy(self, values: Array) -> float:
        """J in the year."""
        return self.mean(values) * HOURS * 3600.0


def utilisation(hall: Hall, weather: Weather) -> Array:
    """By hour; bins, which have no time of day, get the mean."""
    if len(weather.hours) % 24 == 0 and weather.month.all():
        return np.resize(hall.utilisation, len(weather.hours))
    return np.full(len(weather.hours), hall.utilisation.mean())


def flow_share(hall: Hall, loop: Liquid, use: Array) -> Array:
    """Coolant over the design's: it follows the load down to the least flow."""
    return np.maximum(use / hall.utilisation.max(), loop.minimum_flow)


def evaluate(hall: Hall, supply: Array, share: Array, use: Array) -> Racks:
    """All racks with coolant of `supply` K at `share` of their design flow."""
    sums = np.zeros((5, *np.shape(supply)))
    hottest, margin, work, pressure = (np.full(np.shape(supply), v) for v in (0.0, np.inf, 0.0, 0.0))
    for g in hall.groups:
        p = g.rack.evaluate(supply, share * g.flow, np.full(np.shape(supply), hall.air.supply), use)
        sums += g.count * np.stack([p.it_power, p.fan_power, p.pump_power, p.heat_liquid, p.heat_air])
        hottest, margin = np.fmax(hottest, p.hottest), np.fmin(margin, p.margin)  # nan: nothing that matters
        work, pressure = work + g.count * g.gpus * p.work, np.maximum(pressure, p.pressure_drop)
    gpus = sum(g.count * g.gpus for g in hall.groups)  # racks of switches do none of the work
    return Racks(sums[0], sums[1], sums[2], sums[3], sums[4], hottest, margin, work / gpus if gpus else work + 1.0, pressure)


def size(hall: Hall, law: Law) -> Sized:
    """Plants for the heat at the wanted supply and the highest utilisation."""
    one, use = np.ones(1), np.array([hall.utilisation.max()])
    supply = np.full(1, hall.liquid.supply if hall.liquid else hall.air.supply)
    wet, liquid = None, np.zeros(1)
    racks = evaluate(hall, supply, one, use)
    if hall.liquid:
        racks, rack_supply, pumps = _behind_cdus(hall, hall.liquid, supply, one, use)
        liquid = racks.liquid + pumps + facility_pumps(hall, law, one)
        wet = _sized(hall.liquid.plant, float(liquid[0]), float(rate(hall, one, supply)[0]), "liquid")
    heat = racks.air + _losses(hall, racks) * hall.electrical.to_air + hall.electrical.other * (racks.chips + racks.fans)
    heat = np.maximum(heat, LEAST_HEAT)
    design = float(heat[0])
    fans = fan_power(hall.air, heat, design)
    water = (heat + fans) / hall.air.water_rise
    pumped = heat + fans + _chilled_pumps(hall.air, water)
    return Sized(hall, law, wet, _sized(hall.air.plant, float(pumped[0]), float(water[0]), "air"), design)


def _sized(plant: Any, heat: float, rate: float, where: str) -> Plant:
    try:
        return plant.sized(heat, rate)
    except ValueError as error:
        raise SystemFailure(f"hall.{where}.plant.cooler: {error}") from None


def rate(hall: Hall, share: Array, t: Array) -> Array:
    """Capacity rate of the facility water, W/K."""
    loop = hall.liquid
    assert loop is not None
    flow = sum(g.count * (loop.cdus.primary_flow if loop.cdus else g.flow) for g in hall.wet)
    return share * flow * loop.coolant.density(t) * loop.coolant.heat_capacity(t)


def facility_flow(hall: Hall) -> float:
    """Of the facility loop at design, m3/s."""
    loop = hall.liquid
    return sum(g.count * (loop.cdus.primary_flow if loop and loop.cdus else g.flow) for g in hall.wet)


def facility_pumps(hall: Hall, law: Law, share: Array) -> Array:
    """Electric power, W."""
    assert hall.liquid is not None
    return hall.liquid.pumps.power(share * facility_flow(hall), law(share))


def fan_power(air: Air, heat: Array, design: float) -> Array:
    """Of the fan walls, W: dp V / efficiency at design, below with the cube of the flow, which carries `heat` over the rise."""
    flow = design / (AIR_DENSITY * AIR_HEAT * air.rise)
    return air.fan_pressure * flow / air.fan_efficiency * (heat / design) ** 3


def _chilled_pumps(air: Air, rate_water: Array) -> Array:
    """Pumps of the chilled water, W; its flow is what the rise asks for."""
    return air.water_pressure * rate_water / (998.0 * 4186.0) / air.pump_efficiency


def _losses(hall: Hall, racks: Racks) -> Array:
    """Of UPS and distribution, W."""
    fed = racks.chips + racks.fans + racks.pumps
    return fed / (hall.electrical.ups * hall.electrical.distribution) - fed


def _behind_cdus(hall: Hall, loop: Liquid, supply: Array, share: Array, use: Array) -> tuple[Racks, Array, Array]:
    """Racks behind row CDUs, their supply K and the CDUs' pumps W; without CDUs the racks take the facility water itself.

    The exchanger warms the racks' coolant by Q (1/(eps C_min) - 1/C_secondary) over the facility's supply.
    """
    if loop.cdus is None:
        return evaluate(hall, supply, share, use), supply, np.zeros_like(supply)
    c, warm = loop.cdus, supply.copy()
    for _ in range(MOST):
        racks = evaluate(hall, warm, share, use)
        flow = share * sum(g.count * g.flow for g in hall.wet)
        pumps = flow * (racks.pressure + c.secondary_pressure * share**2) / c.efficiency
        count = sum(g.count for g in hall.wet) / c.racks
        first = rate(hall, share, supply)
        second = flow * loop.rack_coolant.density(warm) * loop.rack_coolant.heat_capacity(warm)
        small, large = np.minimum(first, second), np.maximum(first, second)
        eps = counterflow(count * c.ua / small, small / large)
        new = supply + (racks.liquid + pumps) * (1.0 / (eps * small) - 1.0 / second)
        change, warm = float(np.max(np.abs(new - warm))), new
        if change < SETTLED:
            return racks, warm, pumps
    raise SystemFailure("the racks' supply behind the CDUs does not settle; a larger `ua`, or more flow")


def solve_year(sized: Sized, weather: Weather) -> Year:
    """Every hour of a year (or bin of hours)."""
    hall, loop = sized.hall, sized.hall.liquid
    use = utilisation(hall, weather)
    wanted = np.full(len(weather.hours), loop.supply if loop else hall.air.supply)
    users = {u: np.zeros(len(weather.hours)) for u in USERS}
    if loop is None:
        racks, served, heat, supply, warm = evaluate(hall, wanted, np.ones_like(use), use), None, 0.0 * use, wanted, wanted
        returned = wanted
    else:
        share = flow_share(hall, loop, use)
        racks, served, heat, supply, warm, users["cdu_pumps"] = _liquid(sized, loop, wanted, share, use, weather)
        users["facility_pumps"] = facility_pumps(hall, sized.law, share)
        returned = supply + heat / rate(hall, share, supply)
    users |= {"chips": racks.chips, "server_fans": racks.fans, "rack_pumps": racks.pumps, "losses": _losses(hall, racks),
              "other": hall.electrical.other * (racks.chips + racks.fans)}
    warm_air = racks.air + users["losses"] * hall.electrical.to_air + users["other"]
    users["hall_fans"] = fan_power(hall.air, warm_air, sized.design_air)
    water = np.maximum((warm_air + users["hall_fans"]) / hall.air.water_rise, LEAST_RATE)
    users["chilled_pumps"] = _chilled_pumps(hall.air, water)
    air_heat = warm_air + users["hall_fans"] + users["chilled_pumps"]
    cold = sized.air.serve(air_heat, water, np.full(len(use), hall.air.water_supply), weather)
    both = [s for s in (served, cold) if s]
    users["cooler_fans"], users["chillers"], outdoors, chilled, water = (
        np.sum([getattr(s, k) for s in both], axis=0) for k in ("fans", "chillers", "outdoors", "chilled", "water"))
    outdoors = outdoors + users["losses"] * (1.0 - hall.electrical.to_air)
    return Year(weather, users, racks, supply, warm, returned, heat, air_heat, outdoors, chilled, water, cold.temperature)


def _liquid(sized: Sized, loop: Liquid, wanted: Array, share: Array, use: Array, weather: Weather
            ) -> tuple[Racks, Served, Array, Array, Array, Array]:
    """Racks and plant until the supply stands still: warmer chips leak more, which warms a supply that no chiller holds."""
    assert sized.liquid is not None
    supply = wanted
    for _ in range(MOST):
        racks, warm, pumps = _behind_cdus(sized.hall, loop, supply, share, use)
        heat = racks.liquid + pumps + facility_pumps(sized.hall, sized.law, share)
        served = sized.liquid.serve(heat, rate(sized.hall, share, supply), wanted, weather)
        change, supply = float(np.max(np.abs(served.temperature - supply))), served.temperature
        if change < SETTLED:
            return racks, served, heat, supply, warm, pumps
    raise SystemFailure("the facility's supply temperature does not settle: its cooler is too small for the heat; a larger "
                        "`margin` or a smaller `approach`")


def changed(hall: Hall, supply: float | None = None, flow: float | None = None) -> Hall:
    """The hall with another supply temperature (of the liquid; without one of the air, whose water follows) or flow scale."""
    if hall.liquid is None:
        air = hall.air
        if supply is not None:
            air = replace(air, supply=supply, water_supply=air.water_supply + supply - air.supply)
        return replace(hall, air=air)
    liquid = hall.liquid if supply is None else replace(hall.liquid, supply=supply)
    groups = hall.groups if flow is None else [replace(g, flow=g.flow * flow) for g in hall.groups]
    if flow is not None and liquid.cdus is not None:  # both sides of them
        c = liquid.cdus
        c = replace(c, primary_flow=c.primary_flow * flow, primary_pressure=c.primary_pressure * flow**2,
                    secondary_pressure=c.secondary_pressure * flow**2)
        liquid = replace(liquid, cdus=c)
    return replace(hall, liquid=liquid, groups=groups)
