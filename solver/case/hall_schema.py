"""The keys of a hall: racks, facility loop, air, plants, electricity, weather, prices, comparison, best settings."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from coldrack.solver.case.model import Model
from coldrack.solver.case.quantities import (
    Checked,
    FlowRate,
    Length,
    LengthOrZero,
    Power,
    Quantity,
    Switch,
    Temperature,
    Text,
    whole,
)

Share = Annotated[float, Quantity("", 0.0, False, 1.0)]
Load = Annotated[float, Quantity("", 0.0, True, 1.0)]
Efficiency = Annotated[float, Quantity("", 0.0, True, 1.0)]
Positive = Annotated[float, Quantity("", 0.0, True, 1e6)]
Difference = Annotated[float, Quantity("kelvin", 0.0, True, 200.0)]
Shift = Annotated[float, Quantity("kelvin", -60.0, False, 60.0)]
Margin = Annotated[float, Quantity("kelvin", 0.01, False, 100.0)]  # chips without any are throttled ones
Drop = Annotated[float, Quantity("Pa", 0.0, True, 1e7)]
DropOrZero = Annotated[float, Quantity("Pa", 0.0, False, 1e7)]
Resistance = Annotated[float, Quantity("K/W", 0.0, True, 100.0)]
Slope = Annotated[float, Quantity("1/K", 0.0, False, 1.0)]
Exponent = Annotated[float, Quantity("", 0.0, False, 3.0)]
Conductance = Annotated[float, Quantity("W/K", 0.0, True, 1e9)]
Cycles = Annotated[float, Quantity("", 1.0, True, 100.0)]
Time = Annotated[float, Quantity("s", 0.0, True, 3.2e7)]
Energy = Annotated[float, Quantity("J", 0.0, True, 1e20)]
Intensity = Annotated[float, Quantity("kg/J", 0.0, False, 2e-6)]
Price = Annotated[float, Quantity("", 0.0, False, 1e6)]
Pressure = Annotated[float, Quantity("Pa", 4.5e4, False, 1.1e5)]
Count = Annotated[int, Checked(whole), Field(ge=1, le=100_000)]
Few = Annotated[int, Checked(whole), Field(ge=1, le=1000)]


class Loads:
    """Annotation of the utilisation: a share, or 24 of them, one an hour of the day."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(_loads)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        number = {"type": "number", "exclusiveMinimum": 0.0, "maximum": 1.0}
        return {"anyOf": [number, {"type": "array", "items": number, "minItems": 24, "maxItems": 24}]}


def _loads(value: Any) -> tuple[float, ...]:
    """24 shares."""
    values = value if isinstance(value, list) else [value] * 24
    wanted = "expected a share such as 0.9, or a list of 24 of them, one an hour of the day"
    if len(values) != 24:
        raise ValueError(f"{wanted}; got {len(values)}")
    for v in values:
        if isinstance(v, bool) or not isinstance(v, int | float) or not 0.0 < v <= 1.0:
            raise ValueError(f"{wanted}: more than 0 and at most 1, got {v!r:.40}")
    return tuple(float(v) for v in values)


class FiguresModel(Model):
    """A rack of equal chips by its figures, where its parts are not known or do not matter."""

    gpus: Few = Field(description="GPUs in a rack")
    plates: Few | None = Field(None, description="chips with a plate or heat sink each; default one a GPU")
    chip_power: Power = Field(description="of each at `reference`, fully used")
    reference: Temperature = Field(description="chip temperature of that power")
    leakage: Slope = Field(description="relative growth of a chip's power per kelvin")
    resistance: Resistance = Field(description="chip to the coolant at its plate at `flow_rate`, or to the air at the rack's "
                                   "inlet")
    limit: Temperature = Field(description="of the chips")
    other_power: Power = Field(description="of all else in a rack but fans and pumps, fully used")
    fan_power: Power = Field(description="of all server fans in a rack, at any load")
    pump_power: Power = Field(0.0, description="of an own coolant unit")
    chip_liquid: Share = Field(0.0, description="share of the chips' heat that the coolant takes; 0 for an air-cooled rack")
    other_liquid: Share = Field(0.0, description="share of other_power that it takes")
    flow_rate: FlowRate | None = Field(None, description="of facility coolant through a rack; liquid-cooled ones only, as the "
                                       "next four")
    pressure_drop: Drop | None = Field(None, description="at flow_rate")
    exponent: Exponent = Field(1.75, description="of the flow in the pressure drop")
    resistance_exponent: Exponent = Field(0.3, description="falling power of the flow in the resistance")
    approach: Annotated[float, Quantity("kelvin", 0.0, False, 60.0)] = Field(
        0.0, description="of an own coolant unit: coolant at the plates above facility supply")
    source: Text = Field(description="where the values come from, for the record")


class RackGroupModel(Model):
    """Racks of one type."""

    type: Text = Field(description="of `figures` of this case, or of the library of racks")
    count: Count = Field(description="how many")
    flow_rate: FlowRate | None = Field(None, description="facility coolant through each; default that of its figures; none for "
                                       "air-cooled racks")


class PipesModel(Model):
    """Facility pipes: pairs of mains (supply and return) out of the plant, rows of racks along them."""

    blocks: Few = Field(description="pairs of mains, in parallel")
    racks_per_row: Few = Field(description="racks in a row, fed from its head")
    rack_pitch: Length = Field(description="along a row")
    row_pitch: Length = Field(description="between rows, along a main")
    feeder_length: Length = Field(description="plant to the first row, one way")
    main_diameter: Length = Field(description="inner")
    row_diameter: Length = Field(description="inner")
    roughness: LengthOrZero = Field(description="of the walls")
    reverse_return: Switch = Field(False, description="returns collect from the far end: all ways equally long")


class PumpsModel(Model):
    """Running pumps in parallel at one speed, affinity laws."""

    count: Few = Field(description="that run")
    flow_rate: FlowRate = Field(description="of each at its best point, full speed")
    pressure: Drop = Field(description="of each at its best point, full speed")
    efficiency: Efficiency = Field(description="of pump, motor and drive at the best point")
    held_pressure: DropOrZero = Field(0.0, description="differential pressure that the control keeps at any flow")
    minimum_flow: Load = Field(1.0, description="share of the design flow that runs at no load; 1: always the design flow")


class CoolerModel(Model):
    """Dry cooler or cooling tower outdoors, sized for the largest heat of its loop."""

    kind: Literal["dry_cooler", "cooling_tower"] = Field(description="kind")
    outdoor: Temperature = Field(description="design dry bulb, for a tower wet bulb")
    approach: Difference = Field(description="of the leaving water to it, at the largest heat")
    fan_power: Load = Field(description="of all fans at full speed, over the largest heat")
    margin: Annotated[float, Quantity("", 1.0, False, 10.0)] = Field(1.0, description="size over what the largest heat needs")
    air_rise: Difference | None = Field(None, description="of the air through a dry cooler, at the largest heat")
    water_to_air: Positive | None = Field(None, description="kg of water to a kg of air in a tower, at full speed")
    pad: Share = Field(0.0, description="effectiveness of a wet pad before a dry cooler; 0: none")
    pad_above: Temperature | None = Field(None, description="dry bulb above which the pad is wet")
    cycles: Cycles = Field(4.0, description="of concentration, of what evaporates")


class RatingModel(Model):
    """Conditions of the rated COP."""

    supply: Temperature = Field(description="leaving water")
    outdoor: Temperature = Field(description="air at the condenser; for a wet one the wet bulb")


class ChillerModel(Model):
    """COP a fixed share of Carnot's, taken from one rating point."""

    cop: Positive = Field(description="rated, condenser fans (for a wet condenser: tower) included")
    rating: RatingModel = Field(description="where it holds")
    evaporator_approach: Difference = Field(description="leaving water above evaporating refrigerant")
    condenser_approach: Difference = Field(description="condensing refrigerant above outdoor air")
    minimum_lift: Difference = Field(description="least difference of the refrigerant's temperatures")
    wet: Switch = Field(False, description="condenser through a cooling tower")
    cycles: Cycles = Field(4.0, description="of concentration, of what a wet condenser evaporates")


class PlantModel(Model):
    """What cools the water of a loop; with both, the cooler comes first."""

    cooler: CoolerModel | None = Field(None, description="outdoors")
    chiller: ChillerModel | None = Field(None, description="holds the supply; without one it gets as warm as it must")
    free_cooling: Literal["integrated", "switch_over"] = Field(
        "integrated", description="the cooler helps the chiller whenever it can, or takes over only when it can do all")


class CdusModel(Model):
    """Coolant units in the rows, between facility water and racks that have none of their own."""

    racks: Few = Field(description="on one unit")
    conductance: Conductance = Field(description="UA of one, at the design flows")
    coolant: Text = Field(description="on the racks' side")
    flow_rate: FlowRate = Field(description="facility water, a rack")
    pressure_drop: Drop = Field(description="of the facility water in a unit")
    rack_side: Drop = Field(description="pressure drop of unit and hoses on the racks' side, besides that of the racks")
    efficiency: Efficiency = Field(description="of the units' pumps, motors and drives")


class LiquidModel(Model):
    """Facility loop of what racks give to their coolant."""

    coolant: Text = Field(description="of the facility loop; of the library")
    supply_temperature: Temperature = Field(description="of the facility loop")
    pipes: PipesModel = Field(description="pipes")
    pumps: PumpsModel = Field(description="pumps")
    plant_pressure: Drop = Field(description="pressure drop of cooler, chiller and filters, at the design flow")
    plant: PlantModel = Field(description="what cools it")
    cdus: CdusModel | None = Field(None, description="row units, where racks have none")


class FansModel(Model):
    """Fan walls or CRAHs: full flow at the largest heat, power with the cube of the flow."""

    pressure: Drop = Field(description="of coil, filters and hall, at the largest heat")
    efficiency: Efficiency = Field(description="of fan, motor and drive")


class ChilledWaterModel(Model):
    """Water between fan walls and their plant; its flow follows the heat."""

    supply_temperature: Temperature = Field(description="into the coils")
    rise: Difference = Field(description="through the coils")
    pressure: Drop = Field(description="that the pumps give")
    efficiency: Efficiency = Field(description="of pumps, motors and drives")


class AirModel(Model):
    """Air of the hall: takes what racks do not give to a coolant."""

    supply_temperature: Temperature = Field(description="at the racks")
    rise: Difference = Field(description="from fan walls and back to them")
    fans: FansModel = Field(description="fans")
    water: ChilledWaterModel = Field(description="chilled water")
    plant: PlantModel = Field(description="what cools it")


class ElectricalModel(Model):
    """Between the grid and the racks."""

    ups_efficiency: Efficiency = Field(description="of the UPS")
    distribution_efficiency: Efficiency = Field(description="of transformers and wires")
    other: Share = Field(description="lighting, controls, offices, over the racks' power; the hall's air takes it")
    losses_to_air: Share = Field(description="share of the losses that the hall's air takes; the rest is ventilated")


class HallModel(Model):
    """A hall."""

    racks: Annotated[list[RackGroupModel], Field(min_length=1, max_length=20)] = Field(description="racks by type")
    utilisation: Annotated[tuple[float, ...], Loads()] = Field(description="share of full power, or 24 of them by hour of the "
                                                               "day")
    liquid: LiquidModel | None = Field(None, description="facility loop; none for an air-cooled hall")
    air: AirModel = Field(description="air side")
    electrical: ElectricalModel = Field(description="losses and other users")


class WeatherModel(Model):
    """Weather of a year: one of climate, file and bins."""

    climate: Text | None = Field(None, description="of the library, such as greensboro_nc")
    file: Text | None = Field(None, description="EPW or TMY3 beside the case file")
    bins: Annotated[list[tuple[Temperature, Time]], Field(min_length=1, max_length=500)] | None = Field(
        None, description="[[dry bulb, time], ...]; the times together are a year")
    relative_humidity: Load | None = Field(None, description="of all bins")
    pressure: Pressure | None = Field(None, description="of the air in all bins")
    shift: Shift = Field(0.0, description="added to dry bulb and dew point of every hour")


class EconomicsModel(Model):
    """Prices in one currency, and the grid's CO2."""

    price_per_kwh: Price = Field(description="of electricity")
    co2: Intensity = Field(description="of electricity, such as 0.4 kg/kWh")
    water_price_per_m3: Price = Field(0.0, description="of make-up water")


class FleetModel(Model):
    """All data centres that raise their share of liquid cooling."""

    energy: Energy = Field(description="electricity of a year")
    before: Share = Field(description="share of the work on liquid cooling")
    after: Share = Field(description="the same afterwards")


class ClaimModel(Model):
    """Map of the savings: supply temperatures and shifts of the climate."""

    supply_temperatures: Annotated[list[Temperature], Field(min_length=1, max_length=6)] = Field(description="of the facility "
                                                                                                 "loop")
    climate_shifts: Annotated[list[Shift], Field(min_length=1, max_length=6)] = Field(description="added to the weather")
    fleet: FleetModel = Field(description="of which liquid cooling takes a larger share")


class OptimiseModel(Model):
    """Search for the supply temperature and flow with the least electricity."""

    supply_temperature: tuple[Temperature, Temperature] = Field(description="range of the facility supply")
    flow: tuple[Positive, Positive] = Field(description="range of the flow over the case's")
    margin: Margin = Field(description="of every chip to its limit, in every hour")
    objective: Literal["cooling", "cooling_and_server_fans", "total"] = Field(
        description="what is least: pumps, fans and chillers outside servers, with the servers' fans, or all electricity")


class HallCase(Model):
    """A hall case."""

    coldrack: Literal[1] = Field(description="format of the case file")
    title: Text = Field("", description="default: name of the file")
    hall: HallModel = Field(description="the hall")
    figures: Annotated[dict[str, FiguresModel], Field(max_length=20)] = Field({}, description="racks by figures")
    weather: WeatherModel = Field(description="of a year")
    economics: EconomicsModel = Field(description="prices and CO2")
    compare: Text | None = Field(None, description="case file beside this one: the air-cooled hall for the same work")
    claim: ClaimModel | None = Field(None, description="map of the savings and a fleet; with compare")
    optimise: OptimiseModel | None = Field(None, description="search for the best settings; with hall.liquid")
    sources: Annotated[dict[str, Text], Field(max_length=300)] = Field(
        {}, description="origin of values, by key path such as hall.air.plant.chiller.cop; the longest that fits counts")
    tagged: ClassVar[dict[str, dict[str, Any]]] = {}
