"""The keys of devices in the air: screens, panels, fans, porous blocks, heat exchangers, servers and coolers."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

from pydantic import Field

from coldrack.solver.case.model import Model
from coldrack.solver.case.quantities import FlowRate, Power, Quantity, Temperature, Text, Vector, Whole

Face = Literal["x-", "x+", "y-", "y+", "z-", "z+"]
FlowRateOrZero = Annotated[float, Quantity("m**3/s", 0.0, False, 1e3)]
FanPressure = Annotated[float, Quantity("Pa", 0.0, False, 1e6)]
Rise = Annotated[float, Quantity("kelvin", 0.0, True, 500.0)]
Share = Annotated[float, Quantity("", 0.0, True, 1.0)]
Speed = Annotated[float, Quantity("", 0.0, True, 2.0)]
Loss = Annotated[float, Quantity("", 0.0, False, 1e9)]
Resistance = Annotated[float, Quantity("Pa*s/m", 0.0, False, 1e9)]
Inner = Annotated[float, Quantity("Pa*s**2/m**6", 0.0, False, 1e15)]
Darcy = Annotated[float, Quantity("1/m**2", 0.0, False, 1e18)]
Forchheimer = Annotated[float, Quantity("1/m", 0.0, False, 1e12)]
Exchange = Annotated[float, Quantity("W/(m**3*K)", 0.0, True, 1e12)]
Conductance = Annotated[float, Quantity("W/K", 0.0, True, 1e9)]
Conductivity = Annotated[float, Quantity("W/(m*K)", 0.0, False, 1e7)]
FanCurve = Text | Annotated[list[tuple[FlowRateOrZero, FanPressure]], Field(min_length=2, max_length=200)]
ABOUT_CURVE = "points [flow, pressure rise] at full speed, from no flow on, or a curve of the library"
FLAT = "equal to the other corner's along one axis: a plane"


class PlaneModel(Model):
    """A rectangle in the air, between two layers of cells."""

    low: Vector = Field(description=f"lowest corner [x, y, z], {FLAT}")
    high: Vector = Field(description=f"highest corner [x, y, z], {FLAT}")


class ScreenModel(PlaneModel):
    """A thin resistance: perforated plate or tile, grille, filter. dp = resistance u + loss/2 density u |u|."""

    kind: Literal["screen"] = Field(description="kind of device")
    loss: Loss | None = Field(None, description="loss coefficient on the velocity through the whole plane")
    open_area: Share | None = Field(None, description="share of a perforated plate's area that is open, instead of loss: "
                                    "(1 + 0.5 (1 - F)^0.75 + 1.414 (1 - F)^0.375) / F^2 after Fried & Idelchik")
    resistance: Resistance = Field(0.0, description="part of the pressure drop that is proportional to the velocity")


class PanelModel(PlaneModel):
    """A thin adiabatic wall without friction: blanking panel, side panel, containment."""

    kind: Literal["panel"] = Field(description="kind of device")


class FanModel(PlaneModel):
    """Fans in a plane of the air: a pressure rise that follows the flow through all of the plane."""

    kind: Literal["fan"] = Field(description="kind of device")
    direction: Face = Field(description="where it blows")
    curve: FanCurve = Field(description=f"of one fan: {ABOUT_CURVE}")
    speed: Speed = Field(1.0, description="share of full speed: flow goes with it, pressure with its square")
    parallel: Whole = Field(1, ge=1, le=10_000, description="fans side by side, which share the flow")
    series: Whole = Field(1, ge=1, le=100, description="fans in a row, whose pressures add up")
    efficiency: Share | None = Field(None, description="flow times pressure over electric power, to report that power")


class BlockModel(Model):
    """A box of cells."""

    low: Vector = Field(description="lowest corner [x, y, z]")
    high: Vector = Field(description="highest corner [x, y, z]")


class PorousModel(BlockModel):
    """A porous block in the air or coolant: -dp/dx = viscosity darcy u + forchheimer/2 density u |u|, u superficial."""

    kind: Literal["porous"] = Field(description="kind of device")
    darcy: Darcy | tuple[Darcy, Darcy, Darcy] = Field(description="viscous coefficient (1 over permeability), one or [x, y, z]")
    forchheimer: Forchheimer | tuple[Forchheimer, Forchheimer, Forchheimer] = Field(
        description="inertial coefficient, one or [x, y, z]")
    porosity: Share = Field(1.0, description="share of the volume that is air or coolant; it conducts porosity times its own "
                            "conductivity")
    solid_conductivity: Conductivity = Field(0.0, description="of the skeleton, effective: its share of the volume is in it")
    exchange: Exchange | None = Field(None, description="heat transfer coefficient per volume between the skeleton, which then "
                                      "has a temperature of its own, and the air; default one temperature for both")
    power: Power = Field(0.0, description="heat released in the skeleton")


class HeatExchangerModel(BlockModel):
    """An air-to-liquid heat exchanger: rear door, coil. It has no flow resistance; add a screen or a porous block for that."""

    kind: Literal["heat_exchanger"] = Field(description="kind of device")
    axis: Literal["x", "y", "z"] = Field(description="axis along which air flows through it, either way")
    temperature: Temperature = Field(description="of the liquid that enters")
    effectiveness: Share | None = Field(None, description="heat over the most that the smaller heat capacity rate allows")
    conductance: Conductance | None = Field(None, description="UA of the whole, instead of effectiveness: cross flow, both "
                                            "streams unmixed")
    liquid: Text | None = Field(None, description="coolant of the library, with flow_rate")
    flow_rate: FlowRate | None = Field(None, description="of the liquid")
    capacity_rate: Conductance | None = Field(None, description="mass flow times heat capacity of the liquid, instead of "
                                              "liquid and flow_rate; without either the liquid keeps its temperature")


class UnitModel(BlockModel):
    """A box that takes in air on one side and gives it back on another; its inside is not solved."""

    inlet: Face = Field(description="side of the box where air enters it")
    outlet: Face = Field(description="side of the box where air leaves it")
    flow_rate: FlowRate | None = Field(None, description="of the air at its inlet temperature")
    curve: FanCurve | None = Field(None, description="of one of its fans, instead of a flow: they work against inner_loss and "
                                   f"the pressure difference between outlet and inlet; {ABOUT_CURVE}")
    speed: Speed = Field(1.0, description="share of the fans' full speed")
    parallel: Whole = Field(1, ge=1, le=10_000, description="fans side by side")
    series: Whole = Field(1, ge=1, le=100, description="fans in a row")
    inner_loss: Inner = Field(0.0, description="pressure that the inside takes from the fans, over the flow squared")
    efficiency: Share | None = Field(None, description="of the fans, flow times pressure over electric power, to report it")


class ServerModel(UnitModel):
    """A server, switch or any box that heats air."""

    kind: Literal["server"] = Field(description="kind of device")
    power: Power = Field(description="heat into the air, that of the fans included")
    temperature_rise: Rise | None = Field(None, description="of the air, instead of flow_rate: the flow follows from the power")
    liquid_power: Power = Field(0.0, description="heat that a liquid takes away: for the books, the air does not see it")


class CoolerModel(UnitModel):
    """A cooling unit: CRAC, CRAH, in-row or fan coil."""

    kind: Literal["cooler"] = Field(description="kind of device")
    supply_temperature: Temperature | None = Field(None, description="of the air that leaves it, whatever enters")
    cooling: Power | None = Field(None, description="heat taken from the air, instead of supply_temperature")


DEVICE_MODELS: dict[str, type[Model]] = {
    "screen": ScreenModel, "panel": PanelModel, "fan": FanModel, "porous": PorousModel,
    "heat_exchanger": HeatExchangerModel, "server": ServerModel, "cooler": CoolerModel,
}
AnyDevice: Any = Annotated[Union[tuple(DEVICE_MODELS.values())], Field(discriminator="kind")]  # noqa: UP007
