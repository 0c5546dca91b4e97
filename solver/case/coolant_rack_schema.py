"""The keys of liquid-cooled racks: trays with chips on plates, manifolds, CDU, door, facility water, air."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from coldrack.solver.case.model import Model
from coldrack.solver.case.plate_library import PlateModel
from coldrack.solver.case.quantities import (
    Checked,
    Coordinate,
    FlowRate,
    Length,
    LengthOrZero,
    Power,
    Quantity,
    Text,
    Whole,
    whole,
)
from coldrack.solver.case.quantities import Temperature as Kelvin

MOST_UNITS = 60
Share = Annotated[float, Quantity("", 0.0, False, 1.0)]
Positive = Annotated[float, Quantity("", 0.0, True, 1e6)]
Resistance = Annotated[float, Quantity("K/W", 0.0, False, 100.0)]
Slope = Annotated[float, Quantity("1/K", 0.0, False, 1.0)]
Exponent = Annotated[float, Quantity("", 1.0, False, 4.0)]
Flatness = Annotated[float, Quantity("", 0.0, False, 2.0)]
Conductance = Annotated[float, Quantity("W/K", 0.0, False, 1e7)]
PerMetre = Annotated[float, Quantity("W/(m*K)", 0.0, False, 1e5)]
Difference = Annotated[float, Quantity("kelvin", 0.0, True, 200.0)]
Margin = Annotated[float, Quantity("kelvin", 0.0, False, 100.0)]
Drop = Annotated[float, Quantity("Pa", 0.0, True, 1e8)]
FlowOrZero = Annotated[float, Quantity("m**3/s", 0.0, False, 1e3)]
Head = Annotated[float, Quantity("Pa", 0.0, False, 1e8)]
Velocity = Annotated[float, Quantity("m/s", 0.0, True, 100.0)]
Loss = Annotated[float, Quantity("", 0.0, False, 1e6)]
Unit = Annotated[Whole, Field(ge=1, le=MOST_UNITS)]
Count = Annotated[Whole, Field(ge=1, le=1000)]
Point = tuple[FlowOrZero, Head]


class LeakageModel(Model):
    """Power that grows with the chip's temperature: share of `power` at `reference`, times 1 + slope (T - reference)."""

    share: Share = Field(description="of `power`, at the reference temperature")
    slope: Slope = Field(description="growth per kelvin, over the leakage at the reference")
    reference: Kelvin = Field(description="temperature at which `power` and `share` hold")


class SinkModel(Model):
    """Heat sink in the tray's air: resistance (flow / flow_rate)^-exponent."""

    resistance: Resistance = Field(description="from the chip to the air before it, at the flow below")
    flow_rate: FlowRate = Field(description="of all air through the tray")
    exponent: Flatness = Field(description="0.5 laminar, 0.8 turbulent")


class ChipModel(Model):
    """Equal chips, each on a plate or on a heat sink; they are called after the group and a number."""

    count: Count = Field(description="how many in a tray")
    power: Power = Field(description="of each at full work and the leakage's reference temperature")
    idle: Power = Field(description="of each without work, at that temperature")
    limit: Kelvin = Field(description="temperature that it holds by a lower clock")
    leakage: LeakageModel = Field(description="share 0 for none")
    clock_exponent: Exponent = Field(description="power without leakage goes with the clock to this power: 1 at one voltage, 3 "
                                                 "where "
                                     "the voltage follows the clock")
    interface: Resistance = Field(description="from where the plate's resistance ends to where the temperature counts")
    air_share: Share = Field(description="of its power, that goes to the air beside the plate: converters, board")
    plate: Text | None = Field(None, description="cold plate: of the library, of `plates`, or a file of coldrack characterise")
    component: Text | None = Field(None, description="of the plate; default its hottest")
    sink: SinkModel | None = Field(None, description="heat sink, instead of a plate")


class AirPartModel(Model):
    """Something that the air cools and whose temperature does not matter here."""

    power: Power = Field(description="at full work")
    idle: Power = Field(description="without work")


class FansModel(Model):
    """Fans of a tray; flow with the speed, power with its cube."""

    count: Count = Field(description="how many")
    power: Power = Field(description="electric, of one at full speed")
    flow_rate: FlowRate = Field(description="of one at full speed, built in")
    least_speed: Share = Field(description="share of full speed, below which they do not go")
    temperature_rise: Difference | None = Field(None, description="of the air, that they hold; one of temperature_rise, "
                                                "outlet_temperature and speed is given")
    outlet_temperature: Kelvin | None = Field(None, description="of the air, that they hold")
    speed: Annotated[float, Quantity("", 0.0, True, 1.0)] | None = Field(None, description="share of full speed")


class HoseModel(Model):
    """A hose or pipe."""

    length: Length = Field(description="along the flow")
    diameter: Length = Field(description="inner")
    roughness: LengthOrZero = Field(description="of the wall")
    loss: Loss = Field(description="sum of the loss coefficients of bends and ends")


class TrayTypeModel(Model):
    """A tray: server, switch, power shelf."""

    units: Unit = Field(description="height in rack units, 1 U = 44.45 mm")
    depth: Length = Field(description="of the box, for the model of the air")
    chips: Annotated[dict[str, ChipModel], Field(max_length=50)] = Field({}, description="groups of chips by name; those whose "
                                                                         "name begins with gpu do the work")
    circuit: Annotated[list[Annotated[list[Text], Field(min_length=1, max_length=100)]], Field(max_length=200)] = Field(
        [], description="parallel paths of the coolant: chips such as gpu1 in its order of flow")
    rows: Annotated[list[list[Text]], Field(max_length=20)] = Field(
        [], description="chips on heat sinks, row after row in the air's order; later rows take in what earlier ones warmed")
    air: Annotated[dict[str, AirPartModel], Field(max_length=50)] = Field({}, description="parts that the air cools")
    fans: FansModel | None = Field(None, description="what moves the air")
    path_hose: HoseModel | None = Field(None, description="of each path inside")
    hose: HoseModel | None = Field(None, description="from each manifold to the tray")
    coupling: Positive | None = Field(None, description="Kv of a quick disconnect (m3/h at 1 bar of water), one in the supply, "
                                                        "one in "
                                      "the return")
    conductance: Conductance = Field(0.0, description="of what the coolant wets inside to the tray's air")
    source: Text = Field("", description="where the values come from, for the record")


class PlacedTrayModel(Model):
    """Trays of one type in the rack."""

    u: Unit = Field(description="lowest rack unit, counted from 1 at the bottom")
    tray: Text = Field(description="a type of `trays` of the case or of the library")
    repeat: Unit = Field(1, description="number of them, each on top of the one before")
    name: Text | None = Field(None, description="with a number where there are several; default u and its lowest unit")


class ManifoldsModel(Model):
    """Supply and return manifold, upright; trays branch off at the middle of their height."""

    diameter: Length = Field(description="inner")
    roughness: LengthOrZero = Field(description="of the wall")
    branch_loss: Loss = Field(description="loss coefficient from one branch to the next, on the manifold's velocity")
    feed: Literal["bottom", "top"] = Field(description="end at which the supply manifold is fed")
    exit: Literal["bottom", "top"] = Field(description="end at which the return manifold is drained; the other end than `feed` "
                                           "makes all ways equally long")
    conductance: PerMetre = Field(description="of each to the air behind the trays, per length")


class PumpsModel(Model):
    """Pumps side by side, each with its check valve; those that run have one speed."""

    installed: Annotated[Whole, Field(ge=1, le=20)] = Field(description="number of pumps")
    standby: Annotated[Whole, Field(ge=0, le=20)] = Field(description="of them that stand still until another fails; 0: all "
                                                                      "run")
    failed: Annotated[Whole, Field(ge=0, le=20)] = Field(0, description="of them that do not run")
    curve: Annotated[list[Point], Field(min_length=2, max_length=100)] = Field(
        description="[[flow, pressure], ...] of one at full speed, the flow rising")
    efficiency: Annotated[float, Quantity("", 0.0, True, 1.0)] = Field(description="flow times pressure over electric power")
    air_share: Share = Field(description="of the electric power, that warms the air")
    flow_rate: FlowRate | None = Field(None, description="that they hold; one of flow_rate, pressure and speed is given")
    pressure: Drop | None = Field(None, description="between the rack's supply and return, that they hold")
    speed: Annotated[float, Quantity("", 0.0, True, 2.0)] | None = Field(None, description="share of full speed")
    most_speed: Annotated[float, Quantity("", 0.0, True, 2.0)] = Field(1.0, description="largest share of full speed")


class ReferenceModel(Model):
    """Flows at which the exchanger's conductance holds."""

    flow_rate: FlowRate = Field(description="of the rack's coolant")
    water_flow_rate: FlowRate = Field(description="of facility water")
    exponent: Flatness = Field(description="of each side's heat transfer coefficient over its flow")


class InnerModel(Model):
    """Pressure drop of exchanger and filter on the rack's side."""

    flow_rate: FlowRate = Field(description="at which")
    pressure_drop: Drop = Field(description="it takes")
    exponent: Annotated[float, Quantity("", 1.0, False, 2.0)] = Field(description="of the flow")


class CduModel(Model):
    """Coolant distribution unit in the rack."""

    u: Unit = Field(description="lowest rack unit")
    units: Unit = Field(description="height in rack units")
    pumps: PumpsModel = Field(description="pumps")
    conductance: Annotated[float, Quantity("W/K", 0.0, True, 1e7)] = Field(description="UA of the plate heat exchanger")
    reference: ReferenceModel | None = Field(None, description="flows of that UA; default it is constant")
    inner: InnerModel = Field(description="resistance of exchanger and filter")
    control_power: Power = Field(description="of its electronics, to the air")
    supply_temperature: Kelvin | None = Field(None, description="of the coolant, that a valve in the facility water holds; "
                                                                "default "
                                              "it is open")
    source: Text = Field("", description="where the values come from, for the record")


class DoorModel(Model):
    """Heat exchanger in the rear door; cross flow."""

    conductance: Conductance | None = Field(None, description="UA; this or effectiveness is given")
    effectiveness: Annotated[float, Quantity("", 0.0, True, 1.0)] | None = Field(None, description="over the smaller capacity "
                                                                                                   "rate")
    flow_rate: FlowRate = Field(description="of facility water")
    loss: Loss = Field(description="loss coefficient on the air's velocity, for the model of the air")
    source: Text = Field("", description="where the values come from, for the record")


class FacilityModel(Model):
    """Water that enters the rack; where it has no CDU, the coolant of its plates."""

    coolant: Text = Field(description="of the library")
    temperature: Kelvin = Field(description="as it enters")
    flow_rate: FlowRate | None = Field(None, description="of all of it; without a CDU one of flow_rate, pressure and "
                                       "return_temperature is given")
    pressure: Drop | None = Field(None, description="between supply and return, that drives the coolant")
    return_temperature: Kelvin | None = Field(None, description="that a valve holds")
    drop: InnerModel | None = Field(None, description="pressure drop of the rack's facility water, door and exchanger together")


class RoomAirModel(Model):
    """Air before the rack."""

    temperature: Kelvin = Field(description="of what the trays take in")
    relative_humidity: Annotated[float, Quantity("", 0.0, True, 1.0)] | None = Field(None, description="for the dew point")
    dew_point: Kelvin | None = Field(None, description="instead of relative_humidity")
    pressure: Drop = Field(101325.0, description="of the air; default that of the standard atmosphere at sea level")
    inlets: dict[str, Kelvin] = Field({}, description="by tray: temperature of the air that it takes in, where it differs")
    from_run: Text | None = Field(None, description="folder, beside the case, of a finished run of the rack's air: inlets by "
                                                    "rack unit")


class LimitsModel(Model):
    """Limits that a report compares with; chips have their own."""

    hose_velocity: Velocity = Field(description="largest, in hoses and plates")
    pipe_velocity: Velocity = Field(description="largest, in manifolds")
    dew_margin: Margin = Field(description="smallest, from the dew point of the air to the coldest wet surface")


class CoolantRackModel(Model):
    """A rack."""

    units: Unit = Field(description="rack units")
    coolant: Text = Field(description="of the plates")
    trays: Annotated[list[PlacedTrayModel], Field(max_length=MOST_UNITS)] = Field(description="what stands in it")
    manifolds: ManifoldsModel | None = Field(None, description="for trays with plates")
    cdu: CduModel | None = Field(None, description="coolant distribution unit; default the coolant comes from outside")
    door: DoorModel | None = Field(None, description="heat exchanger in the rear door")
    facility: FacilityModel | None = Field(None, description="what comes from outside")
    air: RoomAirModel = Field(description="before the rack")
    utilisation: Share = Field(description="work asked for, over full work")
    limits: LimitsModel = Field(description="what should not be exceeded")
    blocked: dict[str, Annotated[float, Quantity("", 0.0, False, 0.99)]] = Field(
        {}, description="plates of whose passages a share is blocked: `u9.gpu3: 0.5`")
    source: Text = Field("", description="where the values come from, for the record")


def loose(model: type[Model], known: dict[type[Model], type[Model]] | None = None) -> type[Model]:
    """The model with every key optional, at all depths: what a case says beside a type of the library."""
    known = {} if known is None else known
    if model not in known:
        fields: dict[str, Any] = {}
        for name, field in model.model_fields.items():
            kind: Any = field.rebuild_annotation()
            inner = field.annotation
            options = [a for a in getattr(inner, "__args__", (inner,)) if isinstance(a, type) and issubclass(a, Model)]
            if len(options) == 1 and name != "trays":
                kind = loose(options[0], known)
            fields[name] = (kind | None, Field(None, description=field.description))
        known[model] = create_model(f"{model.__name__.removesuffix('Model')}ChangeModel", __base__=Model, __doc__=model.__doc__,
                                    **fields)
    return known[model]


TrayChangeModel = create_model(  # type: ignore[call-overload]
    "TrayChangeModel", __base__=Model, __doc__="A type of tray; keys that are not given are those of `base`.",
    base=(Text | None, Field(None, description="type that it changes")),
    **{name: (f.rebuild_annotation() | None, Field(None, description=f.description))
       for name, f in TrayTypeModel.model_fields.items() if name not in ("chips", "air", "fans", "path_hose", "hose")},
    chips=(dict[str, loose(ChipModel)] | None, Field(None, description="groups of chips")),  # type: ignore[misc]
    air=(dict[str, loose(AirPartModel)] | None, Field(None, description="parts that the air cools")),  # type: ignore[misc]
    fans=(loose(FansModel) | None, Field(None, description="what moves the air")),
    path_hose=(loose(HoseModel) | None, Field(None, description="of each path inside")),
    hose=(loose(HoseModel) | None, Field(None, description="from each manifold to the tray")))
RackChangeModel = create_model(  # type: ignore[call-overload]
    "RackChangeModel", __base__=loose(CoolantRackModel), __doc__="A rack; keys that are not given are those of its `type`.",
    type=(Text | None, Field(None, description="a rack of the library; default none, every key is given here")))


class CoolantRackCase(Model):
    """Case of one rack with its coolant and air."""

    coldrack: Annotated[Literal[1], Checked(whole)] = Field(description="version of the format")
    title: Text = Field("", description="for reports and pictures; default the file's name")
    rack: RackChangeModel = Field(description="the rack")  # type: ignore[valid-type]
    trays: Annotated[dict[str, TrayChangeModel], Field(max_length=100)] = Field(  # type: ignore[valid-type]
        {}, description="types of trays of this case, beside the library's")
    plates: Annotated[dict[str, PlateModel], Field(max_length=100)] = Field(
        {}, description="cold plates of this case, beside the library's")


__all__ = ["CoolantRackCase", "CoolantRackModel", "Coordinate", "TrayTypeModel"]
