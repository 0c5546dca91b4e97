"""The keys of racks, rows of racks, raised floors, containments and cooling units, and of servers that stand in racks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic_core import core_schema

from coldrack.solver.case.device_schema import (
    ABOUT_CURVE,
    CoolerModel,
    Face,
    FanCurve,
    HeatExchangerModel,
    Inner,
    Loss,
    Rise,
    Speed,
)
from coldrack.solver.case.model import Model
from coldrack.solver.case.quantities import (
    Coordinate,
    FlowRate,
    Length,
    LengthOrZero,
    Power,
    Quantity,
    Switch,
    Text,
    Vector,
    Whole,
)
from coldrack.solver.case.units import short

MOST_UNITS = 60


class Closure:
    """Annotation of what stands in a plane: `none` (read as 1), `solid` (0) or the share of the area that is open."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(_open_share)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "number", "exclusiveMinimum": 0.0, "maximum": 1.0}, {"enum": ["none", "solid"]}]}


def _open_share(value: Any) -> float:
    """Open share of an area."""
    if value in ("none", "solid") and isinstance(value, str):
        return 1.0 if value == "none" else 0.0
    wanted = "expected none, solid or the open share of its area such as 0.64"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{wanted}, got {'nothing' if value is None else short(value)}")
    if not 0.0 < value <= 1.0:
        hint = "; write solid for a closed one" if value == 0 else f"; {value:g} % is {value / 100:g}" if value > 1.0 else ""
        raise ValueError(f"{wanted}: more than 0 and at most 1, got {short(value)}{hint}")
    return float(value)


Open = Annotated[float, Closure()]
Liquid = Annotated[float, Quantity("", 0.0, False, 1.0)]
Load = Annotated[float, Quantity("", 0.0, True, 3.0)]
Units = Annotated[Whole, Field(ge=1, le=MOST_UNITS)]
PLANE = "none, solid, or the open share of the area"


class ServerTypeModel(Model):
    """A server, switch or other box that stands in racks."""

    units: Units = Field(description="height in rack units, 1 U = 44.45 mm")
    depth: Length = Field(description="of the box; rounded to whole 50 mm so that servers end in the same planes")
    power: Power = Field(description="all heat that it gives off, to the air and to a liquid")
    liquid_share: Liquid = Field(0.0, description="share of the power that a liquid takes away; the rest warms the air")
    flow_rate: FlowRate | None = Field(None, description="of the air, at its inlet temperature; one of flow_rate, "
                                       "temperature_rise and curve is given")
    temperature_rise: Rise | None = Field(None, description="of the air, from which the flow follows")
    curve: FanCurve | None = Field(None, description=f"of one of its fans: {ABOUT_CURVE}")
    speed: Speed = Field(1.0, description="share of the fans' full speed, with curve")
    parallel: Whole = Field(1, ge=1, le=10_000, description="fans side by side, with curve")
    series: Whole = Field(1, ge=1, le=100, description="fans in a row, with curve")
    inner_loss: Inner = Field(0.0, description="pressure that the inside takes from the fans over the flow squared, with curve")
    source: Text = Field("", description="where the values come from, for the record")


class RackServerModel(Model):
    """Servers of one type in a rack; what is not given here is as in the library or in `servers`."""

    u: Annotated[Whole, Field(ge=1, le=MOST_UNITS)] = Field(description="lowest rack unit, counted from 1 at the bottom")
    server: Text = Field(description="a type of `servers` of the case or of the library")
    repeat: Whole = Field(1, ge=1, le=MOST_UNITS, description="number of them, each on top of the one before")
    name: Text | None = Field(None, description="of the server, with a number where there are several; default u and its "
                              "lowest rack unit")
    power: Power | None = Field(None, description="of each, instead of the type's")
    liquid_share: Liquid | None = Field(None, description="instead of the type's")
    flow_rate: FlowRate | None = Field(None, description="of the air, instead of what the type says of its flow")
    temperature_rise: Rise | None = Field(None, description="of the air, instead of what the type says of its flow")
    speed: Speed | None = Field(None, description="share of the fans' full speed, for types with a curve")
    reverse: Switch = Field(False, description="takes in air at the rear and blows it out at the front")


def _some(name: str, about: str, source: type[Model], without: set[str], more: dict[str, Any]) -> type[Model]:
    """A model with fields of its own and those of another, in that order."""
    fields = {k: (f.rebuild_annotation(), f) for k, f in source.model_fields.items() if k not in without}
    return create_model(name, __base__=Model, __doc__=about, **{**more, **fields})  # type: ignore[call-overload, no-any-return]


RearExchangerModel = _some(
    "RearExchangerModel", "A heat exchanger in the rear door, the rack's full width and height.", HeatExchangerModel,
    {"kind", "low", "high", "axis"},
    {"depth": (Length, Field(0.15, description="behind the rack's rear")),
     "loss": (Loss, Field(description="loss coefficient on the velocity through the whole door; 0 for none"))})


class RackBodyModel(Model):
    """A 19-inch rack."""

    front: Literal["x-", "x+", "y-", "y+"] = Field("y-", description="side that the servers' fronts face")
    units: Units = Field(42, description="rack units for servers: 42, 48, 52 are usual")
    width: Length = Field(0.6, description="outer, along the front")
    depth: Length = Field(1.2, description="outer, without a heat exchanger in the rear door")
    height: Length | None = Field(None, description="outer, rounded to whole rack units; default base, units and one for the "
                                  "roof")
    base: Annotated[Whole, Field(ge=0, le=10)] = Field(2, description="rack units between the rack's bottom and the first unit")
    front_space: LengthOrZero = Field(0.1, description="from the front door to the servers' fronts")
    opening: Length = Field(0.45, description="between the posts, the width of all servers (EIA-310-D: 450 mm)")
    front_door: Open = Field(description=PLANE)
    rear_door: Open | None = Field(None, description=f"{PLANE}; not with rear_exchanger")
    blanking: Open = Field(description=f"in front of empty units: {PLANE}")
    side_gaps: Open = Field("solid", validate_default=True,
                            description=f"between the posts and the rack's sides, beside the servers' fronts: {PLANE}")
    servers: Annotated[list[RackServerModel], Field(max_length=MOST_UNITS)] = Field(
        [], description="what stands in the rack")
    load: Load = Field(1.0, description="multiplies the power of all servers; flows that are given stay")
    rear_exchanger: RearExchangerModel | None = Field(  # type: ignore[valid-type]
        None, description="heat exchanger in the rear door")


RackModel = _some("RackModel", "A 19-inch rack with servers, doors and blanking panels.", RackBodyModel, set(), {
    "kind": (Literal["rack"], Field(description="kind of part")),
    "origin": (Vector, Field(description="lowest corner [x, y, z] of the rack"))})
RackChangeModel = create_model(  # type: ignore[call-overload]
    "RackChangeModel", __base__=Model, __doc__="What is different about one rack of a row.",
    **{k: (f.rebuild_annotation() | None, Field(None, description=f.description)) for k, f in RackBodyModel.model_fields.items()
       if k not in ("front", "width", "depth", "opening")})


class RowModel(Model):
    """Racks side by side."""

    kind: Literal["row"] = Field(description="kind of part")
    origin: Vector = Field(description="lowest corner [x, y, z] of the first rack; the others follow along x, or along y where "
                           "the fronts face x- or x+")
    count: Annotated[Whole, Field(ge=1, le=100)] = Field(description="number of racks; they are called 1, 2, ... in that order")
    gap: LengthOrZero = Field(0.0, description="between two racks")
    gaps: Open = Field("solid", validate_default=True, description=f"in the gaps, in the plane of the front doors: {PLANE}")
    rack: RackBodyModel = Field(description="every rack")
    changes: Annotated[dict[str, RackChangeModel], Field(max_length=100)] = Field(  # type: ignore[valid-type]
        {}, description="by a rack's number: keys of the rack that are different there")


class TilesModel(Model):
    """Perforated tiles of one kind, side by side."""

    low: tuple[Coordinate, Coordinate] = Field(description="lowest corner [x, y] of the first")
    count: tuple[Annotated[Whole, Field(ge=1, le=200)], Annotated[Whole, Field(ge=1, le=200)]] = Field(
        (1, 1), description="how many along x and along y")
    size: tuple[Length, Length] = Field((0.6, 0.6), description="of one tile [x, y]")
    open_area: Open = Field(description=PLANE)


class RaisedFloorModel(Model):
    """A floor with perforated tiles over a plenum."""

    kind: Literal["raised_floor"] = Field(description="kind of part")
    height: Coordinate = Field(description="z of the floor; the plenum is what the domain has below it")
    low: tuple[Coordinate, Coordinate] | None = Field(None, description="lowest corner [x, y]; default the domain's")
    high: tuple[Coordinate, Coordinate] | None = Field(None, description="highest corner [x, y]; default the domain's")
    tiles: dict[str, TilesModel] = Field({}, max_length=200, description="perforated tiles, by name")
    leakage: Open = Field("solid", validate_default=True, description=f"of all other tiles, seams and cut-outs: {PLANE}")


class AisleModel(Model):
    """Panels around an aisle."""

    rows: Annotated[list[Text], Field(min_length=1, max_length=2)] = Field(
        description="the row or rack on one side, or those on both sides, which face each other")
    width: Length | None = Field(None, description="of the aisle, where it has a row on one side only")
    height: Length | None = Field(None, description="of the roof over the racks' bottom, rounded to whole rack units; default "
                                  "the racks' height")
    roof: Open = Field("solid", validate_default=True, description=PLANE)
    ends: Open = Field("solid", validate_default=True, description=f"doors at both ends: {PLANE}")
    sides: Open = Field("solid", validate_default=True,
                        description=f"over the racks, and where there is no rack beside the aisle: {PLANE}")


class ColdAisleModel(AisleModel):
    """Containment of the aisle before the fronts of racks."""

    kind: Literal["cold_aisle"] = Field(description="kind of part")


class HotAisleModel(AisleModel):
    """Containment of the aisle behind the rears of racks."""

    kind: Literal["hot_aisle"] = Field(description="kind of part")


CrahModel = _some(
    "CrahModel", "A cooling unit of the room, on the floor.", CoolerModel, {"kind", "low", "high", "inlet", "outlet"},
    {"kind": (Literal["crah"], Field(description="kind of part")),
     "origin": (Vector, Field(description="lowest corner [x, y, z]")),
     "size": (tuple[Length, Length, Length], Field(
         description="width along x, along y, height; the height is rounded to whole rack units")),
     "intake": (Face, Field("z+", description="side where it takes in air")),
     "supply": (Face, Field("z-", description="side where it blows out air: z- into the plenum that it stands over"))})
ROOM_MODELS: dict[str, type[Model]] = {
    "rack": RackModel, "row": RowModel, "raised_floor": RaisedFloorModel, "cold_aisle": ColdAisleModel,
    "hot_aisle": HotAisleModel, "crah": CrahModel}
