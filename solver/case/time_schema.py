"""The keys of `solver.time`: a run in time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from coldrack.solver.case.model import Model
from coldrack.solver.case.quantities import Quantity, Speed, Temperature

Duration = Annotated[float, Quantity("s", 0.0, True, 1e9)]
Courant = Annotated[float, Quantity("", 0.0, True, 1.7)]
Prandtl = Annotated[float, Quantity("", 0.1, False, 10.0)]


class TimeModel(Model):
    """Steps in time instead of a steady solution: ``series.vtkhdf`` gets the fields, the log the monitors of every step."""

    end: Duration = Field(description="time at which the run ends; it begins at 0")
    write_every: Duration | None = Field(
        None, description="time between two entries of the series of fields; default a twentieth of `end`")
    courant: Courant = Field(
        0.8, description="speed times step over cell width, summed over the axes, that no cell exceeds: sets the steps")
    step: Duration | None = Field(None, description="fixed step instead; needed where no flow is solved")
    average_from: Duration | None = Field(
        None, description="from this time on means and root mean squares of velocity and temperature are taken")
    model: Literal["none", "wale", "vreman"] = Field(
        "none", description="large-eddy simulation: viscosity of the eddies that the grid does not resolve")
    turbulent_prandtl: Prandtl = Field(0.85, description="of those eddies, for the temperature")
    convection: Literal["central", "bounded"] = Field(
        "central", description="of momentum: central conserves kinetic energy, bounded damps what the grid does not resolve; "
        "that of the temperature is `solver.convection`")
    initial_temperature: Temperature | None = Field(
        None, description="of everything at time 0; default that of the first inlet, wall, ambient or cooler")
    initial_velocity: tuple[Speed, Speed, Speed] = Field(
        (0.0, 0.0, 0.0), description="of the coolant at time 0, made free of divergence")
