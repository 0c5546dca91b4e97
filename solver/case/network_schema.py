"""The keys of a coolant network: loops, nodes, branches by kind, heat exchangers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Union

from pydantic import Field

from coldrack.solver.case.model import Model
from coldrack.solver.case.quantities import (
    Acceleration,
    Checked,
    Conductivity,
    Coordinate,
    Density,
    FlowRate,
    HeatCapacity,
    Length,
    LengthOrZero,
    Quantity,
    Switch,
    Temperature,
    Text,
    Viscosity,
    Whole,
    whole,
)

MOST = 20_000
FlowOrZero = Annotated[float, Quantity("m**3/s", 0.0, False, 1e3)]
MassFlow = Annotated[float, Quantity("kg/s", -1e6, False, 1e6)]
Pressure = Annotated[float, Quantity("Pa", 0.0, False, 1e8)]
Drop = Annotated[float, Quantity("Pa", 0.0, True, 1e8)]
Heat = Annotated[float, Quantity("W", -1e9, False, 1e9)]
Conductance = Annotated[float, Quantity("W/K", 0.0, False, 1e9)]
Positive = Annotated[float, Quantity("W/K", 0.0, True, 1e9)]
Loss = Annotated[float, Quantity("", 0.0, False, 1e9)]
Factor = Annotated[float, Quantity("", 0.0, True, 1e6)]
Share = Annotated[float, Quantity("", 0.0, True, 1.0)]
Opening = Annotated[float, Quantity("", 0.0, False, 1.0)]
Exponent = Annotated[float, Quantity("", 1.0, False, 2.5)]
Similarity = Annotated[float, Quantity("", 0.0, False, 1.0)]
Speed = Annotated[float, Quantity("", 0.0, False, 2.0)]
Rangeability = Annotated[float, Quantity("", 1.0, True, 1e4)]
Hazen = Annotated[float, Quantity("", 10.0, False, 500.0)]
Number = Annotated[float, Quantity("", -1e6, False, 1e6)]
Point = tuple[FlowOrZero, Pressure]
Curve = Annotated[list[Point], Field(min_length=2, max_length=200)]


class LoopModel(Model):
    """A loop and its coolant; loops touch only through heat exchangers."""

    coolant: Text = Field(description="of the library, or the name of one with the four properties typed")
    density: Density | None = Field(None, description="typed coolants only, as the next three")
    viscosity: Viscosity | None = Field(None, description="dynamic")
    heat_capacity: HeatCapacity | None = Field(None, description="isobaric, per mass")
    conductivity: Conductivity | None = Field(None, description="thermal")


class NodeModel(Model):
    """Where branches meet."""

    loop: Text | None = Field(None, description="that it belongs to; may be left out where there is one")
    elevation: Coordinate = Field(0.0, description="height over any level: columns of warm and cold coolant weigh differently")
    pressure: Pressure | None = Field(None, description="static pressure that it is held at: an expansion vessel or reservoir; "
                                      "every loop has one at least, and the only one of a closed loop takes no coolant")
    temperature: Temperature | None = Field(None, description="of all coolant that leaves the node into branches (a "
                                            "reservoir), or of what flow_rate or mass_flow brings")
    flow_rate: FlowRate | None = Field(None, description="that comes in from outside, at the node's temperature")
    mass_flow: MassFlow | None = Field(None, description="instead of flow_rate; negative is taken out")
    position: tuple[Number, Number] | None = Field(None, description="[x, y] in the diagram; without, places are found")


class BranchModel(Model):
    """Base of the parts between two nodes."""

    start: Text = Field(description="node where it starts; flow towards its end counts positive")
    end: Text = Field(description="node where it ends")
    heat: Heat = Field(0.0, description="into the coolant")
    conductance: Conductance = Field(0.0, description="of its surface to the ambient, UA")
    ambient: Temperature | None = Field(None, description="of what is around it; default the network's")


class PipeModel(BranchModel):
    """Pipe: Darcy's friction after Churchill (1977), and minor losses."""

    kind: Literal["pipe"] = Field(description="kind of part")
    length: Length = Field(description="straight length")
    diameter: Length = Field(description="inner")
    roughness: LengthOrZero = Field(description="of sand grains: 1.5 um drawn tube and plastic, 45 um steel, 0 smooth")
    loss: Loss = Field(0.0, description="sum of the loss coefficients of bends, tees, entrance and exit")
    count: Whole = Field(1, ge=1, le=100_000, description="equal ones in parallel")


class HoseModel(PipeModel):
    """Hose: as a pipe."""

    kind: Literal["hose"] = Field(description="kind of part")  # type: ignore[assignment]


class FittingModel(BranchModel):
    """Bend, tee, entrance: loss/2 density u |u|, u in a pipe of that diameter."""

    kind: Literal["fitting"] = Field(description="kind of part")
    diameter: Length = Field(description="of the pipe whose velocity counts")
    loss: Loss = Field(description="loss coefficient K")


class FlowCoefficientModel(BranchModel):
    """Base of parts with a flow coefficient."""

    kv: Factor | None = Field(None, description="flow of water in m3/h at 1 bar; one of kv and cv is given")
    cv: Factor | None = Field(None, description="flow of water in US gallons a minute at 1 psi; kv = 0.865 cv")


class CouplingModel(FlowCoefficientModel):
    """Quick disconnect."""

    kind: Literal["coupling"] = Field(description="kind of part")


class ValveModel(FlowCoefficientModel):
    """Valve; the flow coefficient is that of the open one."""

    kind: Literal["valve"] = Field(description="kind of part")
    opening: Opening = Field(1.0, description="0 closed, 1 open")
    characteristic: Literal["linear", "equal_percentage"] = Field(
        "linear", description="flow coefficient over opening x: linear x, or equal_percentage R^(x - 1)")
    rangeability: Rangeability = Field(50.0, description="R of equal_percentage")


class CheckValveModel(FlowCoefficientModel):
    """Check valve: flow passes from start to end only."""

    kind: Literal["check_valve"] = Field(description="kind of part")
    cracking_pressure: Pressure = Field(0.0, description="that opens it")


class FilterModel(BranchModel):
    """Filter or anything measured: dp = pressure_drop (Q/flow_rate)^exponent (rho/rho_ref)^(1-x) (mu/mu_ref)^x."""

    kind: Literal["filter"] = Field(description="kind of part")
    flow_rate: FlowRate = Field(description="at which the pressure drop was measured")
    pressure_drop: Drop = Field(description="at that flow")
    exponent: Exponent = Field(description="1 laminar (fine mesh), 2 a plain loss, 1.75 smooth turbulent channels")
    density: Density = Field(description="of what it was measured with")
    viscosity: Viscosity | None = Field(None, description="of what it was measured with, for viscosity_exponent")
    viscosity_exponent: Similarity = Field(0.0, description="x; 2 - exponent by similarity, 0 where viscosity does not matter")


class PlateModel(BranchModel):
    """Cold plate by its characteristic; its heat is all that its component gives to the coolant."""

    kind: Literal["plate"] = Field(description="kind of part")
    plate: Text = Field(description="of the library, or a YAML file beside the case that `coldrack characterise` wrote")
    count: Whole = Field(1, ge=1, le=100_000, description="equal ones in parallel, which share heat and flow")


class HazenWilliamsModel(BranchModel):
    """Pipe after Hazen and Williams, for comparison with water supplies: cold water only."""

    kind: Literal["hazen_williams"] = Field(description="kind of part")
    length: Length = Field(description="straight length")
    diameter: Length = Field(description="inner")
    coefficient: Hazen = Field(description="C: 150 plastic, 130 new cast iron")


class PumpModel(BranchModel):
    """Pumps in parallel, each with its check valve."""

    kind: Literal["pump"] = Field(description="kind of part")
    curve: Curve = Field(description="of one at full speed: points [flow, pressure rise] from no flow on; it must fall")
    speed: Speed = Field(1.0, description="share of full speed: flow goes with it, pressure with its square")
    efficiency: Share | Annotated[list[Share], Field(min_length=2, max_length=200)] | None = Field(
        None, description="flow times pressure over electric power: one, or one a point of the curve; the losses warm the "
        "coolant. Without, no electric power is told")
    running: Annotated[Whole, Field(ge=0, le=1000)] = Field(1, description="how many run")
    standby: Annotated[Whole, Field(ge=0, le=1000)] = Field(0, description="how many stand still behind their check valves")


class ExchangerModel(Model):
    """Heat exchanger between two branches, which are its sides; one of ua and effectiveness is given."""

    first: Text = Field(description="branch that is one side, by custom the warmer; its resistance is the branch's")
    second: Text = Field(description="branch that is the other side")
    ua: Positive | None = Field(None, description="conductance of the whole; the effectiveness follows from it")
    effectiveness: Share | None = Field(None, description="heat over the most that the smaller heat capacity rate allows")
    arrangement: Literal["counterflow", "crossflow", "parallel"] = Field(
        "counterflow", description="crossflow: both streams unmixed; of ua")


class TeeModel(Model):
    """Losses of a 90 degree tee after Crane TP-410 (2009): three pipes that meet at a node, whose `loss` is without them."""

    common: Text = Field(description="header's pipe that has the whole flow")
    run: Text = Field(description="header's pipe on the other side, straight on")
    side: Text = Field(description="branch at right angles")


BRANCH_MODELS: dict[str, type[BranchModel]] = {
    "pipe": PipeModel, "hose": HoseModel, "fitting": FittingModel, "coupling": CouplingModel, "valve": ValveModel,
    "check_valve": CheckValveModel, "filter": FilterModel, "plate": PlateModel, "pump": PumpModel,
    "hazen_williams": HazenWilliamsModel,
}
AnyBranch: Any = Annotated[Union[tuple(BRANCH_MODELS.values())], Field(discriminator="kind")]  # noqa: UP007


class NetworkModel(Model):
    """A coolant network."""

    gravity: Acceleration = Field(9.80665, description="along falling elevation")
    dissipation: Switch = Field(True, description="the pumps' work warms the coolant: friction where it is, losses in pumps")
    ambient: Temperature | None = Field(None, description="around branches with a conductance")
    loops: dict[str, LoopModel] = Field(min_length=1, max_length=200, description="loops and their coolants, by name")
    nodes: dict[str, NodeModel] = Field(min_length=1, max_length=MOST, description="where branches meet, by name")
    branches: dict[str, AnyBranch] = Field(min_length=1, max_length=MOST, description="parts between two nodes, by name")
    tees: dict[str, TeeModel] = Field({}, max_length=MOST, description="tees whose losses follow how flow divides, by name")
    exchangers: dict[str, ExchangerModel] = Field({}, max_length=MOST, description="heat exchangers between branches, by name")


class NetworkCase(Model):
    """A case of kind network: pumps, pipes, plates and heat exchangers; steady flow and temperatures."""

    tagged: ClassVar[dict[str, dict[str, Any]]] = {"network": BRANCH_MODELS}
    coldrack: Annotated[Literal[1], Checked(whole)] = Field(description="version of the format")
    title: Text = Field("", description="for reports and pictures; default the file's name")
    network: NetworkModel = Field(description="the coolant network")
