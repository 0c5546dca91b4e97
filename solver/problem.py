"""The problem that the physics solves: mesh, materials, sources, boundary conditions and settings, all in SI."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from coldrack.meshes.mesh import Mesh
from coldrack.solver.devices import Device

if TYPE_CHECKING:
    from coldrack.solver.physics.radiation import RadiationSettings

Array = NDArray[np.float64]


class Coolant(Protocol):
    """Property curves of a fluid; every method takes kelvin (scalar or array) and returns SI."""

    name: str
    t_min: float
    t_max: float

    def density(self, t: Array) -> Array:
        """Density, kg/m3."""

    def viscosity(self, t: Array) -> Array:
        """Dynamic viscosity, Pa s."""

    def conductivity(self, t: Array) -> Array:
        """Thermal conductivity, W/(m K)."""

    def heat_capacity(self, t: Array) -> Array:
        """Isobaric heat capacity, J/(kg K)."""

    def expansion(self, t: Array) -> Array:
        """Thermal expansion coefficient -1/rho d rho/dT, 1/K."""


@dataclass(frozen=True)
class ConstantCoolant:
    """A coolant with properties typed into the case."""

    rho: float
    mu: float
    k: float
    cp: float
    name: str = "custom"
    t_min: float = 0.0
    t_max: float = 1e9
    beta: float = 0.0

    def density(self, t: Array) -> Array:
        """Density, kg/m3."""
        return np.full(np.shape(t), self.rho)

    def viscosity(self, t: Array) -> Array:
        """Dynamic viscosity, Pa s."""
        return np.full(np.shape(t), self.mu)

    def conductivity(self, t: Array) -> Array:
        """Thermal conductivity, W/(m K)."""
        return np.full(np.shape(t), self.k)

    def heat_capacity(self, t: Array) -> Array:
        """Isobaric heat capacity, J/(kg K)."""
        return np.full(np.shape(t), self.cp)

    def expansion(self, t: Array) -> Array:
        """Thermal expansion coefficient, 1/K."""
        return np.full(np.shape(t), self.beta)


@dataclass(frozen=True)
class IdealGas(ConstantCoolant):
    """A gas of constant viscosity, conductivity and heat capacity; `rho` is its density at `temperature`, K."""

    temperature: float = 300.0

    def density(self, t: Array) -> Array:
        """Density, kg/m3, at one pressure."""
        return self.rho * self.temperature / np.asarray(t)

    def expansion(self, t: Array) -> Array:
        """Thermal expansion coefficient, 1/K."""
        return 1.0 / np.asarray(t)


@dataclass(frozen=True)
class Solid:
    """A solid material: conductivity along x, y, z in W/(m K), density in kg/m3, heat capacity in J/(kg K)."""

    name: str
    conductivity: tuple[float, float, float]
    density: float = 0.0
    heat_capacity: float = 0.0
    source: str = ""


@dataclass(frozen=True)
class HeatSource:
    """Heat released in a component.

    Parameters
    ----------
    name : str
    component : str
        A name in ``mesh.components``.
    power : float
        Total, W.
    density : ndarray or None
        Relative distribution over all cells, shape (nz, ny, nx), any scale (only its share matters: it is weighted
        with nothing, the cell's power is density / sum(density) x power). None: uniform per volume.
    """

    name: str
    component: str
    power: float
    density: Array | None = None


ScalarFunction = Callable[[Array, Array, Array], Array]
VectorFunction = Callable[[Array, Array, Array], tuple[Array, Array, Array]]
FlowKind = Literal["inlet", "outlet", "wall", "symmetry"]


@dataclass(frozen=True)
class Boundary:
    """What happens on a patch.  Surface not covered by a patch is an adiabatic no-slip wall.

    Parameters
    ----------
    name : str
        The patch's name in ``mesh.patches``.
    kind : {"inlet", "outlet", "wall", "symmetry"}
        Solid cells under an inlet or outlet patch stay walls.
    flow_rate : float, optional
        Volume flow into the domain at an inlet, m3/s at the inlet temperature, spread with uniform velocity.
    velocity : float or tuple, optional
        Normal inflow speed at an inlet (float, m/s), or the (u, v, w) of a moving wall. A function of (x, y, z)
        arrays returning (u, v, w) prescribes the whole vector on an inlet or wall, each component where it lives.
    profile : ndarray, optional
        Normal inflow speed per face of the patch's plane (overrides `velocity`), m/s, shape of the patch mask.
    pressure : float, optional
        Static gauge pressure, Pa, at an outlet (default 0) or an inlet given by pressure.
    temperature : float, optional
        Of what flows in at an inlet (also of back flow at an outlet), or of a wall held fixed; K. May be a
        function of (x, y, z) arrays.
    heat_flux : float, optional
        Into the domain through a wall, W/m2.
    heat_transfer_coefficient, ambient_temperature : float, optional
        Convection at a wall: W/(m2 K) and K.
    turbulence_intensity, turbulence_length : float, optional
        Of what enters with a model of turbulence that has equations of its own: root mean square of one component over the
        speed, and the length scale of the large eddies, m.
    """

    name: str
    kind: FlowKind
    flow_rate: float | None = None
    velocity: float | tuple[float, float, float] | VectorFunction | None = None
    profile: Array | None = None
    pressure: float | None = None
    temperature: float | ScalarFunction | None = None
    heat_flux: float | None = None
    heat_transfer_coefficient: float | None = None
    ambient_temperature: float | None = None
    turbulence_intensity: float | None = None
    turbulence_length: float | None = None


@dataclass(frozen=True)
class Turbulence:
    """The model of turbulence.

    Parameters
    ----------
    model : {"k_epsilon", "k_omega_sst", "lvel"}
    prandtl : float
        Turbulent Prandtl number.
    intensity, length : float, optional
        Of the air that enters where a boundary does not say, and of what units blow out: root mean square of one component
        over the speed, and length scale, m (0.07 of the hydraulic diameter in developed ducts).
    """

    model: Literal["k_epsilon", "k_omega_sst", "lvel"]
    prandtl: float = 0.85
    intensity: float | None = None
    length: float | None = None


@dataclass(frozen=True)
class Transient:
    """Steps in time instead of a steady solution.

    Parameters
    ----------
    end : float
        Time at which the run ends, s; it starts at 0.
    write_every : float
        Time between two entries of the series of fields, s.
    step : float, optional
        Fixed step, s; the Courant number decides without.
    courant : float
        Largest sum over the axes of speed times step over width in any cell, where the step is not given.
    average_from : float, optional
        Time from which means and root mean squares are taken, s.
    model : {"none", "wale", "vreman"}
        Viscosity of the eddies that the grid does not resolve.
    turbulent_prandtl : float
        Of those eddies.
    convection : {"central", "bounded"}
        Of momentum: without numerical dissipation, or as in steady runs. Temperature is always bounded.
    initial_temperature : float, optional
        Of everything at time 0, K; the reference temperature without.
    initial_velocity : tuple of float, or a function
        Of the coolant at time 0, m/s; made divergence free. A function of (x, y, z) arrays returns (u, v, w).
    """

    end: float
    write_every: float
    step: float | None = None
    courant: float = 0.8
    average_from: float | None = None
    model: Literal["none", "wale", "vreman"] = "none"
    turbulent_prandtl: float = 0.85
    convection: Literal["central", "bounded"] = "central"
    initial_temperature: float | None = None
    initial_velocity: tuple[float, float, float] | VectorFunction = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Settings:
    """How far and how the solver goes."""

    convection: Literal["second_order", "upwind"] = "second_order"
    tolerance: float = (
        1e-4  # relative change of the monitored quantities (T_max rise, pressure drop) that counts as settled
    )
    residual: float = 1e-5  # scaled residual of momentum and energy
    max_iterations: int = 2000
    unit_responses: bool = True
    energy: bool = True
    flow: bool = True
    time: Transient | None = None


@dataclass
class Problem:
    """All that `solve` needs.

    Parameters
    ----------
    properties : {"constant", "variable"}
        "constant" evaluates the coolant once at `property_temperature`.
    solids : dict
        Every solid material named in ``mesh.materials`` (all but ``void`` and ``fluid``).
    reference_temperature : float
        Kelvin; temperatures are stored as rise above it. The inlet temperature where there is one.
    momentum_source : tuple of ndarray, optional
        Body force on the u, v and w faces, N/m3 (shapes of the velocity arrays).
    volumetric_heat : ndarray, optional
        Extra heat source per cell, W/m3, beside `sources`; may be negative.
    velocity : tuple of ndarray, optional
        Prescribed (u, v, w) on faces, used when ``settings.flow`` is False.
    gravity : tuple of float
        Acceleration (x, y, z), m/s2. Where it is not zero the coolant's weight follows its temperature (Boussinesq), and
        pressures are what exceeds the hydrostatic pressure of coolant at `reference_temperature`.
    turbulence : Turbulence, optional
        Laminar flow without.
    devices : tuple
        What stands in the air without being resolved, see `solver.devices`.
    passages : dict
        Boxes (low and high corner, m) with fins or pins, by part: there the pressure drop is split.
    """

    title: str
    mesh: Mesh
    coolant: Coolant | None
    solids: dict[str, Solid]
    sources: list[HeatSource] = field(default_factory=list)
    boundaries: list[Boundary] = field(default_factory=list)
    properties: Literal["constant", "variable"] = "constant"
    property_temperature: float = 300.0
    reference_temperature: float = 300.0
    settings: Settings = field(default_factory=Settings)
    case_text: str = ""
    momentum_source: tuple[Array, Array, Array] | None = None
    volumetric_heat: Array | None = None
    velocity: tuple[Array, Array, Array] | None = None
    gravity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turbulence: Turbulence | None = None
    devices: tuple[Device, ...] = ()
    radiation: RadiationSettings | None = None
    passages: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = field(default_factory=dict)

    @property
    def buoyant(self) -> bool:
        """Whether temperatures drive the flow: gravity acts, and both are solved."""
        return any(self.gravity) and self.settings.flow and self.settings.energy and bool(self.mesh.fluid.any())
