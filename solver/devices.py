"""Things in the air that the grid does not resolve: fans, screens, panels, porous blocks, heat exchangers, servers and coolers.

They are data; `solver/physics/devices.py` has their equations. All SI.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Three = tuple[float, float, float]


@dataclass(frozen=True)
class Plane:
    """Faces of the grid that share a normal axis.

    Parameters
    ----------
    axis : int
        Normal axis, 0 = x, 1 = y, 2 = z.
    faces : ndarray of int64, shape (m,)
        Flat C-order indices into the face array of `axis`: (nz, ny, nx + 1) for x, (nz, ny + 1, nx) for y,
        (nz + 1, ny, nx) for z.
    """

    axis: int
    faces: NDArray[np.int64]


@dataclass(frozen=True)
class Screen:
    """A thin resistance such as a perforated plate, tile, grille or filter: dp = resistance u + loss/2 rho u |u|.

    `u` is the velocity through the whole plane (not through its holes). `loss` has no unit, `resistance` is in Pa s/m.
    """

    name: str
    plane: Plane
    loss: float
    resistance: float = 0.0


@dataclass(frozen=True)
class Panel:
    """A thin adiabatic wall without friction: blanking panel, side panel, containment."""

    name: str
    plane: Plane


@dataclass(frozen=True)
class Curve:
    """Pressure rise of a fan over its volume flow at full speed.

    Parameters
    ----------
    flow : tuple of float
        Increasing, from 0, m3/s.
    pressure : tuple of float
        Not increasing, Pa.

    Raises
    ------
    ValueError
        If it has less than two points, does not begin at no flow, or does not fall.
    """

    flow: tuple[float, ...]
    pressure: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.flow) < 2 or len(self.flow) != len(self.pressure):
            raise ValueError("a fan curve needs at least two points, each a flow and a pressure")
        if self.flow[0] != 0.0:
            raise ValueError(f"a fan curve begins at no flow, this one at {self.flow[0]:g} m3/s; add the shut-off pressure")
        for n, (a, b) in enumerate(zip(self.flow, self.flow[1:]), start=2):
            if not b > a:
                raise ValueError(f"the flows of a fan curve increase, but point {n} has {b:g} m3/s after {a:g} m3/s; sort the "
                                 "points by flow")
        for n, (a, b) in enumerate(zip(self.pressure, self.pressure[1:]), start=2):
            if b > a:
                raise ValueError(f"the pressure of a fan curve falls with the flow, but point {n} has {b:g} Pa after {a:g} Pa; "
                                 "leave out the rising part (there a fan is not stable)")
        if not (self.pressure[0] > 0 and self.pressure[-1] >= 0):
            raise ValueError("a fan curve begins at a pressure above 0 and ends at one not below 0")


@dataclass(frozen=True)
class Fan:
    """A fan, or several alike, in a plane of the air: a pressure jump that follows the flow through the plane.

    Parameters
    ----------
    name : str
    plane : Plane
    direction : int
        1 if it blows along the axis, -1 if against it.
    curve : Curve
        Of one fan at full speed.
    speed : float
        Share of full speed: flow goes with it, pressure with its square (affinity laws).
    parallel, series : int
        Fans side by side, which share the flow, and in a row, whose pressures add up.
    efficiency : float or None
        Share of the electric power that becomes flow times pressure; with it the fan's power is reported.
    """

    name: str
    plane: Plane
    direction: int
    curve: Curve
    speed: float = 1.0
    parallel: int = 1
    series: int = 1
    efficiency: float | None = None


@dataclass(frozen=True)
class Porous:
    """A porous block (Darcy-Forchheimer): -dp/dx = viscosity darcy u + forchheimer/2 density u |u|, u superficial.

    Parameters
    ----------
    name : str
    cells : ndarray of bool, shape (nz, ny, nx)
        Coolant cells that it fills.
    darcy, forchheimer : tuple of float
        Along x, y, z, 1/m2 and 1/m.
    solid_conductivity : float
        Of the skeleton, effective (its share of the volume is in it), W/(m K).
    exchange : float or None
        Volumetric heat transfer coefficient between skeleton and coolant, W/(m3 K); None: one temperature for both.
    porosity : float
        Share of the volume that is coolant: the coolant conducts porosity times its own conductivity.
    power : float
        Heat released in the skeleton, evenly, W.
    """

    name: str
    cells: NDArray[np.bool_]
    darcy: Three
    forchheimer: Three
    solid_conductivity: float = 0.0
    exchange: float | None = None
    porosity: float = 1.0
    power: float = 0.0


@dataclass(frozen=True)
class HeatExchanger:
    """An air-to-liquid exchanger that air flows through along one axis: rear door or coil.

    What every column of its cells takes from the air is effectiveness times min(C_air, C_liquid) times the difference of the
    temperatures that enter it. One of `effectiveness` and `conductance` (UA of the whole, W/K; cross flow, both streams
    unmixed) is given.

    Parameters
    ----------
    name : str
    cells : ndarray of bool, shape (nz, ny, nx)
    axis : int
        That air flows along.
    temperature : float
        Of the liquid that enters, K.
    capacity_rate : float
        Mass flow times heat capacity of the liquid, W/K; infinite where its temperature stays.
    """

    name: str
    cells: NDArray[np.bool_]
    axis: int
    temperature: float
    capacity_rate: float = np.inf
    effectiveness: float | None = None
    conductance: float | None = None


@dataclass(frozen=True)
class Unit:
    """A box that air enters on one side and leaves on another: server, cooling unit. The inside is not solved (void cells).

    Parameters
    ----------
    name : str
    kind : {"server", "cooler"}
    inlet, outlet : Plane
        Faces between air and box through which air leaves the room for the box, and comes back.
    inlet_direction, outlet_direction : int
        Sign of the air's velocity along the plane's axis there.
    flow_rate : float or None
        Volume flow at the inlet's temperature, m3/s. One of `flow_rate`, `temperature_rise` and `curve` is given.
    temperature_rise : float or None
        Flow follows from it: power / (density heat capacity rise), K.
    curve : Curve or None
        Of the box's fans together; they work against `loss` and the pressure difference outlet - inlet of the room.
    speed : float
        Share of the fans' full speed.
    loss : float
        Inner resistance, Pa/(m3/s)^2.
    power : float
        Heat into the air, W; negative cools.
    liquid_power : float
        Heat that a liquid takes away, W: for the ledger, the air does not see it.
    supply_temperature : float or None
        Of the air that leaves a cooler, K, whatever enters; instead of `power`.
    efficiency : float or None
        Of the fans, for their electric power.
    thermal_mass : float
        J/K, for unsteady runs.
    low, high : tuple of float or None
        Corners of the box, m, for pictures.
    """

    name: str
    kind: str
    inlet: Plane
    outlet: Plane
    inlet_direction: int
    outlet_direction: int
    flow_rate: float | None = None
    temperature_rise: float | None = None
    curve: Curve | None = None
    speed: float = 1.0
    loss: float = 0.0
    power: float = 0.0
    liquid_power: float = 0.0
    supply_temperature: float | None = None
    efficiency: float | None = None
    thermal_mass: float = 0.0
    low: Three | None = None
    high: Three | None = None


Device = Screen | Panel | Fan | Porous | HeatExchanger | Unit
