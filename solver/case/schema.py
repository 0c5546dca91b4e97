"""The keys of a case file, as pydantic models. Lengths, powers and so on are quantities with units; plain numbers are SI."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, Union, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic_core import core_schema

from coldrack.meshes import parts as part_library
from coldrack.solver.case.units import quantity


@dataclasses.dataclass(frozen=True)
class Quantity:
    """Annotation of a float: read with `unit`, at least (or, `strict`, more than) `low`."""

    unit: str
    low: float = float("-inf")
    strict: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        read = quantity(self.unit, self.low, self.strict)
        return core_schema.no_info_before_validator_function(read, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, {"type": "string"}], "description": f"quantity in {self.unit}"}


Coordinate = Annotated[float, Quantity("m")]
Length = Annotated[float, Quantity("m", 0.0, True)]
LengthOrZero = Annotated[float, Quantity("m", 0.0)]
Power = Annotated[float, Quantity("W", 0.0)]
Temperature = Annotated[float, Quantity("K", 0.0, True)]
FlowRate = Annotated[float, Quantity("m**3/s", 0.0, True)]
Speed = Annotated[float, Quantity("m/s")]
Pressure = Annotated[float, Quantity("Pa")]
HeatFlux = Annotated[float, Quantity("W/m**2")]
Conductivity = Annotated[float, Quantity("W/(m*K)", 0.0, True)]
Resistance = Annotated[float, Quantity("m**2*K/W", 0.0)]
Film = Annotated[float, Quantity("W/(m**2*K)", 0.0, True)]
Density = Annotated[float, Quantity("kg/m**3", 0.0, True)]
Viscosity = Annotated[float, Quantity("Pa*s", 0.0, True)]
HeatCapacity = Annotated[float, Quantity("J/(kg*K)", 0.0, True)]
Face = Literal["x-", "x+", "y-", "y+", "z-", "z+"]


class Model(BaseModel):
    """Base: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CoolantModel(Model):
    """The liquid: a name of the library, or typed properties."""

    name: str = Field("custom", description="water, PG25, EG25, air, or any name with the four properties typed")
    properties: Literal["constant", "variable"] = Field(
        "constant", description="variable: follow the local temperature"
    )
    temperature: Temperature | None = Field(
        None, description="where constant properties are taken; default the inlet temperature"
    )
    density: Density | None = Field(None, description="typed property, kg/m3")
    viscosity: Viscosity | None = Field(None, description="typed property, Pa s")
    conductivity: Conductivity | None = Field(None, description="typed property, W/(m K)")
    heat_capacity: HeatCapacity | None = Field(None, description="typed property, J/(kg K)")


class MaterialModel(Model):
    """A solid of this case."""

    conductivity: Conductivity | Annotated[tuple[Conductivity, Conductivity, Conductivity], Field()] = Field(
        description="one value, or [kx, ky, kz]")
    density: Density | None = Field(None, description="kg/m3")
    heat_capacity: HeatCapacity | None = Field(None, description="J/(kg K)")
    source: str = Field("", description="where the value comes from")


class RepeatModel(Model):
    """Copies of an object."""

    count: int = Field(ge=1, le=10000, description="number of copies, the first included")
    pitch: tuple[Coordinate, Coordinate, Coordinate] = Field(description="from one copy to the next")


class ObjectModel(Model):
    """A primitive shape of one material; later objects overwrite earlier ones."""

    shape: Literal["box", "cylinder", "extrusion", "stl"] = Field(description="kind of primitive")
    material: str = Field(description="a solid's name, fluid or void")
    low: tuple[Coordinate, Coordinate, Coordinate] | Coordinate | None = Field(
        None, description="lower corner; or lower end along the axis"
    )
    high: tuple[Coordinate, Coordinate, Coordinate] | Coordinate | None = Field(
        None, description="upper corner; or upper end along the axis"
    )
    axis: Literal["x", "y", "z"] | None = Field(None, description="of a cylinder or extrusion")
    centre: tuple[Coordinate, Coordinate] | None = Field(
        None, description="of a cylinder, in the two other coordinates"
    )
    radius: Length | None = Field(None, description="of a cylinder")
    points: list[tuple[Coordinate, Coordinate]] | None = Field(None, description="corners of the extruded polygon")
    file: str | None = Field(None, description="STL file, relative to the case file")
    scale: float = Field(1.0, gt=0, description="metres per unit of the STL file")
    offset: tuple[Coordinate, Coordinate, Coordinate] = Field(
        (0.0, 0.0, 0.0), description="added to the STL's coordinates"
    )
    repeat: RepeatModel | list[RepeatModel] | None = Field(None, description="copies; a list nests them")
    min_cells: int = Field(1, ge=1, le=1000, description="fewest cells across each dimension")


class ContactModel(Model):
    """Contact resistance between two touching components."""

    between: tuple[str, str] = Field(description="two component names; * is anything")
    resistance: Resistance = Field(description="area-specific, m2 K/W")


class SourceModel(Model):
    """Heat released in a component."""

    component: str = Field(description="which component")
    power: Power | None = Field(None, description="total; with a map: the map is scaled to it")
    map: str | None = Field(None, description="CSV file with columns x, y, q (W/m2), relative to the case file")


class RegionModel(Model):
    """A rectangle on a face, in the two coordinates of that face."""

    low: tuple[Coordinate, Coordinate] = Field(description="lower corner")
    high: tuple[Coordinate, Coordinate] = Field(description="upper corner")
    shape: Literal["rectangle", "ellipse"] = Field("rectangle", description="ellipse: inscribed in the rectangle")


class ConvectionModel(Model):
    """Convection to an ambient temperature."""

    coefficient: Film = Field(description="W/(m2 K)")
    ambient: Temperature = Field(description="temperature far away")


class BoundaryModel(Model):
    """A boundary condition on a part's port or on (a region of) a face of the domain."""

    kind: Literal["inlet", "outlet", "wall", "symmetry"] = Field(description="what it is")
    port: str | None = Field(None, description="port of a part, such as plate.inlet")
    face: Face | None = Field(None, description="face of the domain")
    region: RegionModel | None = Field(None, description="part of the face; default all of it")
    flow_rate: FlowRate | None = Field(None, description="volume flow into the domain at the inlet temperature")
    velocity: Speed | tuple[Speed, Speed, Speed] | None = Field(
        None, description="inlet: normal speed; wall: [u, v, w] of a moving wall"
    )
    pressure: Pressure | None = Field(None, description="gauge pressure of an outlet (default 0) or of an inlet")
    temperature: Temperature | None = Field(None, description="of the coolant entering, or of the wall")
    heat_flux: HeatFlux | None = Field(None, description="into the domain through a wall")
    convection: ConvectionModel | None = Field(None, description="convection at a wall")


class DomainModel(Model):
    """The box that is solved; default the bounding box of everything in it."""

    low: tuple[Coordinate, Coordinate, Coordinate]
    high: tuple[Coordinate, Coordinate, Coordinate]


class MeshModel(Model):
    """How fine the grid is."""

    max_cell: Length | tuple[Length, Length, Length] | None = Field(
        None, description="largest cell width; default 1/40 of the longest side"
    )
    growth: float = Field(1.3, gt=1.0, le=3.0, description="largest ratio of neighbouring widths")
    min_cells_gap: int = Field(4, ge=1, le=1000, description="fewest cells across a coolant gap")
    min_cells_solid: int = Field(2, ge=1, le=1000, description="fewest cells across a body or layer")
    refine: float = Field(1.0, gt=0.0, le=64.0, description="multiplies every cell count")
    cells: tuple[int, int, int] | None = Field(None, description="exactly this many cells along x, y, z instead")
    stretch: tuple[float, float, float] | None = Field(
        None, description="with cells: tanh clustering to both ends, 0 = uniform"
    )


class SolverModel(Model):
    """How far the solver goes."""

    convection: Literal["second_order", "upwind"] = Field("second_order", description="scheme for momentum and energy")
    tolerance: float = Field(
        1e-4, gt=0, lt=1, description="relative change of pressure drop and temperatures that counts as settled"
    )
    residual: float = Field(1e-5, gt=0, lt=1, description="scaled change of the velocity per iteration")
    max_iterations: int = Field(2000, ge=1, le=1_000_000, description="of the flow")
    unit_responses: bool = Field(True, description="store the temperature rise per watt of each source")
    flow: bool = Field(True, description="solve the flow")
    energy: bool = Field(True, description="solve the temperature")


class DieModel(Model):
    """A die on a substrate."""

    x: LengthOrZero = Field(description="lower corner from the substrate's")
    y: LengthOrZero = Field(description="lower corner from the substrate's")
    width_x: Length = Field(description="along x")
    width_y: Length = Field(description="along y")
    material: str = Field("silicon", description="solid")


SPECIAL = {"tim_resistance": Resistance, "tim2_resistance": Resistance, "dies": dict[str, DieModel]}
MAY_BE_ZERO = {"tim_thickness", "tim2_thickness", "lid_thickness", "port_size"}


def _part_model(kind: str, part: Any) -> type[Model]:
    """Model of a parametric part from its dataclass: every float is a length."""
    hints = get_type_hints(part)
    fields: dict[str, Any] = {
        "kind": (Literal[kind], ...),  # type: ignore[valid-type]
        "on": (str | None, Field(None, description="another part: this one is centred on its top")),
    }
    for f in dataclasses.fields(part):
        if f.name == "above":
            continue
        length: Any = LengthOrZero if f.name in MAY_BE_ZERO else Length
        kinds: dict[Any, Any] = {
            float: length,
            tuple[float, float]: tuple[length, length],
            tuple[float, float, float]: tuple[length, length, length],
        }
        annotation = SPECIAL.get(f.name) or kinds.get(hints[f.name], hints[f.name])
        default: Any = ... if f.default is dataclasses.MISSING else f.default
        if f.name == "origin":
            annotation, default = tuple[Coordinate, Coordinate, Coordinate] | None, None
        fields[f.name] = (annotation, Field(default, description=f.name.replace("_", " ")))
    return create_model(f"{part.__name__}Model", __base__=Model, __doc__=(part.__doc__ or "").split("\n")[0], **fields)


PARTS = {
    "package_stack": part_library.PackageStack,
    "straight_fin_plate": part_library.StraightFinPlate,
    "split_flow_plate": part_library.SplitFlowPlate,
    "serpentine_plate": part_library.SerpentinePlate,
    "pin_fin_plate": part_library.PinFinPlate,
}
PART_MODELS = {kind: _part_model(kind, part) for kind, part in PARTS.items()}
AnyPart: Any = Annotated[Union[tuple(PART_MODELS.values())], Field(discriminator="kind")]  # noqa: UP007


class Case(Model):
    """A case file."""

    coldrack: Literal[1] = Field(description="version of the format")
    title: str = Field("", description="for reports and pictures")
    coolant: CoolantModel | None = Field(None, description="the liquid")
    materials: dict[str, MaterialModel] = Field({}, description="solids of this case, beside the library's")
    parts: dict[str, AnyPart] = Field({}, description="parametric parts by name")  # type: ignore[valid-type]
    objects: dict[str, ObjectModel] = Field({}, description="primitive shapes by component name")
    contacts: dict[str, ContactModel] = Field({}, description="contact resistances by name")
    sources: dict[str, SourceModel] = Field({}, description="heat sources by name")
    boundaries: dict[str, BoundaryModel] = Field(
        {}, description="boundary conditions by name; the rest is adiabatic wall"
    )
    domain: DomainModel | None = Field(None, description="the box that is solved")
    background: str = Field("void", description="what fills the domain where nothing is: void, fluid or a solid")
    mesh: MeshModel = Field(MeshModel(), description="how fine the grid is")  # type: ignore[call-arg]
    solver: SolverModel = Field(SolverModel(), description="how far the solver goes")  # type: ignore[call-arg]
