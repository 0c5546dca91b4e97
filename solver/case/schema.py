"""The keys of a case file, as pydantic models. Lengths, powers and so on are quantities with units; plain numbers are SI."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from coldrack.solver.case.device_schema import AnyDevice
from coldrack.solver.case.model import Model
from coldrack.solver.case.part_schema import PART_MODELS, PARTS, AnyPart
from coldrack.solver.case.quantities import (
    Acceleration,
    Checked,
    Conductivity,
    Coordinate,
    Density,
    Expansion,
    Film,
    FlowRate,
    HeatCapacity,
    HeatFlux,
    Length,
    Power,
    Pressure,
    Quantity,
    Resistance,
    Speed,
    Switch,
    Temperature,
    Text,
    Vector,
    Viscosity,
    Whole,
    whole,
)
from coldrack.solver.case.rack_schema import ServerTypeModel
from coldrack.solver.case.time_schema import TimeModel

__all__ = ["PARTS", "PART_MODELS", "Case"]
Face = Literal["x-", "x+", "y-", "y+", "z-", "z+"]
Fraction = Annotated[float, Quantity("", 0.0, True, 0.5)]
Emissivity = Annotated[float, Quantity("", 0.0, True, 1.0)]
Stretch = Annotated[float, Quantity("", 0.0, False, 5.0)]
MOST = 1000  # entries of a group


class CoolantModel(Model):
    """The liquid: a name of the library, or typed properties."""

    name: Text = Field("custom", description="water, PG25, EG25, air; or any other name with the four properties typed")
    properties: Literal["constant", "variable"] = Field(
        "constant", description="constant: taken at one temperature; variable: follow the local temperature"
    )
    temperature: Temperature | None = Field(
        None, description="where constant properties are taken; default the inlet's temperature"
    )
    density: Density | None = Field(None, description="typed property")
    viscosity: Viscosity | None = Field(None, description="typed property, dynamic viscosity")
    conductivity: Conductivity | None = Field(None, description="typed property")
    heat_capacity: HeatCapacity | None = Field(None, description="typed property")
    expansion: Expansion | None = Field(
        None, description="typed property, thermal expansion coefficient -(1/density) d(density)/dT; needed with gravity only"
    )


class MaterialModel(Model):
    """A solid of this case."""

    conductivity: Conductivity | tuple[Conductivity, Conductivity, Conductivity] = Field(
        description="one value, or [kx, ky, kz] along the axes")
    density: Density | None = Field(None, description="what a run in time needs; steady temperatures do not depend on it")
    heat_capacity: HeatCapacity | None = Field(
        None, description="what a run in time needs; steady temperatures do not depend on it")
    source: Text = Field("", description="where the values come from, for the record")


class RepeatModel(Model):
    """Copies of an object."""

    count: Whole = Field(ge=1, le=10000, description="number of copies, the first included")
    pitch: Vector = Field(description="step [x, y, z] from one copy to the next")


class ObjectModel(Model):
    """A primitive shape of one material; later objects overwrite earlier ones, and parts."""

    shape: Literal["box", "cylinder", "extrusion", "stl"] = Field(
        description="box (low, high), cylinder (axis, centre, radius, low, high), extrusion (axis, points, low, high) or "
        "stl (file, scale, offset)"
    )
    material: Text = Field(description="a solid's name; `fluid` is the coolant, `void` cuts a hole")
    low: Vector | Coordinate | None = Field(
        None, description="box: lower corner [x, y, z]; cylinder, extrusion: lower end along the axis"
    )
    high: Vector | Coordinate | None = Field(
        None, description="box: upper corner [x, y, z]; cylinder, extrusion: upper end along the axis"
    )
    axis: Literal["x", "y", "z"] | None = Field(None, description="direction of a cylinder or extrusion")
    centre: tuple[Coordinate, Coordinate] | None = Field(
        None, description="of a cylinder, in the two coordinates other than its axis"
    )
    radius: Length | None = Field(None, description="of a cylinder")
    points: Annotated[list[tuple[Coordinate, Coordinate]], Field(max_length=5000)] | None = Field(
        None, description="corners of the extruded polygon, in the two coordinates other than its axis"
    )
    file: Text | None = Field(None, description="closed surface (STL), beside the case file or below its folder")
    scale: Annotated[float, Quantity("", 0.0, True, 1e6)] = Field(
        1.0, description="metres per unit of the STL file: 0.001 for one in millimetres"
    )
    offset: Vector = Field((0.0, 0.0, 0.0), description="added to the STL's scaled coordinates")
    repeat: RepeatModel | Annotated[list[RepeatModel], Field(max_length=3)] | None = Field(
        None, description="copies; a list nests them (rows of rows)"
    )
    min_cells: Whole = Field(1, ge=1, le=1000, description="fewest cells across each dimension")


class ContactModel(Model):
    """Contact resistance between two touching components."""

    between: tuple[Text, Text] = Field(description="two component names; * is anything")
    resistance: Resistance = Field(description="area-specific thermal resistance")


class SourceModel(Model):
    """Heat released in a component."""

    component: Text = Field(description="a die, an object, or a piece of a part such as package.substrate")
    power: Power | None = Field(None, description="total; with a map: the map is scaled to it")
    map: Text | None = Field(
        None, description="CSV file with the heat flux over the component, beside the case file or below its folder"
    )


class RegionModel(Model):
    """A rectangle on a face of the domain."""

    low: tuple[Coordinate, Coordinate] = Field(description="lower corner, in the face's two coordinates")
    high: tuple[Coordinate, Coordinate] = Field(description="upper corner, in the face's two coordinates")
    shape: Literal["rectangle", "ellipse"] = Field("rectangle", description="ellipse: inscribed in the rectangle")


class ConvectionModel(Model):
    """Convection to an ambient temperature."""

    coefficient: Film = Field(description="heat transfer coefficient")
    ambient: Temperature = Field(description="temperature far away")


class BoundaryModel(Model):
    """A boundary condition on a part's port or on (a region of) a face of the domain."""

    kind: Literal["inlet", "outlet", "wall", "symmetry"] = Field(
        description="inlet (flow_rate, velocity or pressure; temperature), outlet (pressure), wall (temperature, heat_flux or "
        "convection; none: adiabatic) or symmetry"
    )
    port: Text | None = Field(None, description="port of a part, such as plate.inlet")
    face: Face | None = Field(None, description="face of the domain, instead of a port")
    region: RegionModel | None = Field(None, description="part of the face; default all of it")
    flow_rate: FlowRate | None = Field(None, description="inlet: volume flow, at the inlet's temperature")
    velocity: Speed | tuple[Speed, Speed, Speed] | None = Field(
        None, description="inlet: speed into the domain; wall: [u, v, w] of a moving wall"
    )
    pressure: Pressure | None = Field(None, description="gauge pressure of an outlet (default 0), or of an inlet")
    temperature: Temperature | None = Field(
        None, description="inlet: of what enters; outlet: of what flows back in; wall: held fixed"
    )
    heat_flux: HeatFlux | None = Field(None, description="wall: into the domain")
    convection: ConvectionModel | None = Field(None, description="wall: to an ambient temperature")
    turbulence_intensity: Fraction | None = Field(
        None, description="inlet of turbulent flow: root mean square of one component over the speed; default `turbulence`'s")
    turbulence_length: Length | None = Field(
        None, description="inlet of turbulent flow: length scale of the eddies; default as in `turbulence`")


class TurbulenceModel(Model):
    """Turbulent flow."""

    model: Literal["k_epsilon", "k_omega_sst", "lvel"] = Field(
        description="k_epsilon (rooms, racks), k_omega_sst (separation) or lvel (narrow passages between walls; needs no "
        "inflow values)")
    intensity: Fraction | None = Field(
        None, description="of what flows in, where a boundary does not say: root mean square of one component over the speed, "
        "0.05 for ducts, 0.1 behind fans and grilles; needed by k_epsilon and k_omega_sst")
    length: Length | None = Field(
        None, description="of what flows in, where a boundary does not say: length scale of the eddies, 0.07 of the hydraulic "
        "diameter; needed by k_epsilon and k_omega_sst")
    prandtl: Annotated[float, Quantity("", 0.1, False, 10.0)] = Field(0.85, description="turbulent Prandtl number")


class DomainModel(Model):
    """The box that is solved."""

    low: Vector = Field(description="lowest corner [x, y, z]")
    high: Vector = Field(description="highest corner [x, y, z]")


class MeshModel(Model):
    """How fine the grid is."""

    max_cell: Length | tuple[Length, Length, Length] | None = Field(
        None, description="largest cell width, one or [x, y, z]; default 1/40 of the longest side"
    )
    growth: Annotated[float, Quantity("", 1.0, True, 3.0)] = Field(
        1.3, description="largest ratio of neighbouring widths"
    )
    min_cells_gap: Whole = Field(4, ge=1, le=1000, description="fewest cells across a coolant gap")
    min_cells_solid: Whole = Field(2, ge=1, le=1000, description="fewest cells across a body or layer")
    refine: Annotated[float, Quantity("", 1 / 64, False, 64.0)] = Field(1.0, description="multiplies every cell count")
    cells: tuple[Whole, Whole, Whole] | None = Field(
        None, description="exactly this many cells along x, y, z instead of all of the above but refine"
    )
    stretch: tuple[Stretch, Stretch, Stretch] | None = Field(
        None, description="with cells: tanh clustering to both ends, 0 = uniform, 2 = strong"
    )


class SolverModel(Model):
    """How far the solver goes."""

    convection: Literal["second_order", "upwind"] = Field("second_order", description="scheme for momentum and energy")
    tolerance: Fraction = Field(
        1e-4, description="relative change of pressure drop and temperatures that counts as settled"
    )
    residual: Fraction = Field(1e-5, description="scaled change of the velocity per iteration that counts as settled")
    max_iterations: Whole = Field(2000, ge=1, le=1_000_000, description="most iterations of the flow")
    unit_responses: Switch = Field(True, description="store the temperature rise per watt of each source")
    flow: Switch = Field(True, description="solve the flow")
    energy: Switch = Field(True, description="solve the temperature")
    time: TimeModel | None = Field(None, description="steps in time; default none, the steady state is solved")


class RadiationModel(Model):
    """Radiation between the surfaces that face the air; they are grey and diffuse."""

    emissivity: Emissivity | dict[str, Emissivity] = Field(
        description="of all surfaces, or by component, part, boundary or material (the first of these that is named counts) "
        "with `default` for all others"
    )
    ambient: Temperature | None = Field(None, description="of what is seen through inlets and outlets; needed if there are any")
    rays: Whole = Field(2048, ge=16, le=1_000_000, description="rays from every patch of surface; powers of 2 are spread best")
    largest_patch: Length | None = Field(
        None, description="longest side of a patch, over which radiation is uniform; default such that there are some 1000"
    )


class Case(Model):
    """A case file: one arrangement of parts and shapes, what flows and heats, and how it is solved."""

    coldrack: Annotated[Literal[1], Checked(whole)] = Field(description="version of the format")
    title: Text = Field("", description="for reports and pictures; default the file's name")
    coolant: CoolantModel | None = Field(None, description="the liquid, where there is any")
    turbulence: TurbulenceModel | None = Field(None, description="model of turbulence; default none, laminar flow")
    gravity: tuple[Acceleration, Acceleration, Acceleration] | None = Field(
        None, description="[gx, gy, gz]: warm coolant rises (Boussinesq buoyancy); default none, temperatures do not move it"
    )
    materials: dict[str, MaterialModel] = Field({}, max_length=200, description="solids of this case, beside the library's")
    parts: dict[str, AnyPart] = Field({}, max_length=200, description="parametric parts by name")
    servers: dict[str, ServerTypeModel] = Field(
        {}, max_length=200, description="types of servers for racks, beside the library's")
    objects: dict[str, ObjectModel] = Field({}, max_length=MOST, description="primitive shapes by component name")
    contacts: dict[str, ContactModel] = Field({}, max_length=MOST, description="contact resistances by name")
    sources: dict[str, SourceModel] = Field({}, max_length=MOST, description="heat sources by name")
    boundaries: dict[str, BoundaryModel] = Field(
        {}, max_length=MOST, description="boundary conditions by name; the rest of the surface is adiabatic wall"
    )
    devices: dict[str, AnyDevice] = Field(
        {}, max_length=MOST, description="what stands in the air without being resolved: screens, panels, fans, porous blocks, "
        "heat exchangers, servers, coolers; by name")
    radiation: RadiationModel | None = Field(
        None, description="heat radiation between the surfaces that face the air; default none")
    domain: DomainModel | None = Field(None, description="the box that is solved; default the bounding box of everything")
    background: Text = Field("void", description="what fills the domain where nothing is: void, fluid or a solid")
    mesh: MeshModel = Field(default_factory=lambda: MeshModel.model_validate({}), description="how fine the grid is")
    solver: SolverModel = Field(default_factory=lambda: SolverModel.model_validate({}), description="how far the solver goes")


def json_schema() -> dict[str, Any]:
    """JSON schema of a case file, for editors and for the reference in the documentation."""
    return Case.model_json_schema()
