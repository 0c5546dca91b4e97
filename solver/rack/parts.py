"""Parts of a rack as plain data, SI: what a case or the library says, checked. The equations are in the modules beside."""

from __future__ import annotations

from dataclasses import dataclass, field

from coldrack.solver.characteristic.plate import PlateCharacteristic


@dataclass(frozen=True)
class Sink:
    """Heat sink in the air: R = resistance (flow of the tray's air / flow_rate)^-exponent, from chip to the air before it.

    Parameters
    ----------
    resistance, flow_rate, exponent : float
        K/W at m3/s.
    """

    resistance: float
    flow_rate: float
    exponent: float


@dataclass(frozen=True)
class Chip:
    """Something whose temperature matters, on a cold plate or on a heat sink.

    Parameters
    ----------
    name, group : str
        ``gpu3`` of the group ``gpu``.
    power, idle : float
        At full work and at none, both at `leakage_reference`, W.
    limit : float
        Temperature that it holds by a lower clock, K.
    leakage_share : float
        Of `power`, at `leakage_reference` (K).
    leakage_slope : float
        Growth of the leakage per kelvin, over that at the reference, 1/K.
    clock_exponent : float
        Power without leakage follows the clock to this power.
    interface : float
        Resistance from where the plate's or sink's ends to where the temperature counts, K/W.
    air_share : float
        Of its power, that goes to the air beside the plate.
    plate : PlateCharacteristic or None
    component : str
        Of the plate; empty: the hottest.
    sink : Sink or None
    """

    name: str
    group: str
    power: float
    idle: float
    limit: float
    leakage_share: float
    leakage_slope: float
    leakage_reference: float
    clock_exponent: float
    interface: float
    air_share: float
    plate: PlateCharacteristic | None = None
    component: str = ""
    sink: Sink | None = None


@dataclass(frozen=True)
class Hose:
    """Hose or pipe: m, and the sum of its loss coefficients."""

    length: float
    diameter: float
    roughness: float
    loss: float


@dataclass(frozen=True)
class Fans:
    """Fans of a tray, all at one speed (affinity laws: flow with the speed, power with its cube).

    Parameters
    ----------
    count : int
    power, flow_rate : float
        Electric power and flow of one at full speed, W and m3/s.
    least_speed : float
        Share of full speed, below which they do not go.
    temperature_rise, outlet_temperature, speed : float or None
        What they hold, K; one is given.
    """

    count: int
    power: float
    flow_rate: float
    least_speed: float
    temperature_rise: float | None = None
    outlet_temperature: float | None = None
    speed: float | None = None


@dataclass(frozen=True)
class Tray:
    """A box in the rack.

    Parameters
    ----------
    name, kind : str
        ``u9``, and its type.
    unit, units : int
        Lowest rack unit, from 1, and height.
    depth : float
        m.
    chips : tuple of Chip
    circuit : tuple of tuple of str
        Parallel paths of the coolant: names of chips in its order of flow.
    rows : tuple of tuple of str
        Chips on heat sinks, row after row in the air's order: a later row takes in the air that earlier ones have warmed.
    air : dict
        Name to (power at full work, at none), W: parts that the air cools.
    fans : Fans or None
        None: no air goes through (and nothing in it heats air).
    path_hose, inlet_hose : Hose or None
        Of each path inside the tray; of the tray to each manifold.
    coupling : float or None
        Kv of a quick disconnect, m3/h; one in the supply, one in the return.
    conductance : float
        Of everything that the coolant wets inside the tray to its air, W/K.
    """

    name: str
    kind: str
    unit: int
    units: int
    depth: float
    chips: tuple[Chip, ...]
    circuit: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    air: dict[str, tuple[float, float]]
    fans: Fans | None
    path_hose: Hose | None
    inlet_hose: Hose | None
    coupling: float | None
    conductance: float


@dataclass(frozen=True)
class Manifolds:
    """A supply and a return manifold along the rack's height; trays branch off at the middle of their height.

    Parameters
    ----------
    diameter, roughness : float
        m.
    branch_loss : float
        Loss coefficient of a segment from one branch to the next, on its own velocity.
    feed, exit : float
        Height of their connections, m.
    conductance : float
        To the air behind the trays, per metre of each, W/(m K).
    """

    diameter: float
    roughness: float
    branch_loss: float
    feed: float
    exit: float
    conductance: float


@dataclass(frozen=True)
class PumpSet:
    """Pumps side by side, each with its check valve, all running ones at one speed.

    Parameters
    ----------
    installed, failed, standby : int
    flow_rates, pressures : tuple of float
        Curve of one at full speed, m3/s and Pa.
    efficiency : float
        Flow times pressure over electric power.
    air_share : float
        Of the electric power, that warms the air and not the coolant.
    flow_rate, pressure, speed : float or None
        What they hold: flow of the rack, pressure difference between its two connections, or a speed.
    most_speed : float
    """

    installed: int
    failed: int
    standby: int
    flow_rates: tuple[float, ...]
    pressures: tuple[float, ...]
    efficiency: float
    air_share: float
    flow_rate: float | None
    pressure: float | None
    speed: float | None
    most_speed: float

    @property
    def running(self) -> int:
        """Pumps that run: a standby one starts for each that failed."""
        return min(self.installed - self.failed, self.installed - self.standby)


@dataclass(frozen=True)
class Cdu:
    """Coolant distribution unit: pumps, filter, plate heat exchanger to facility water.

    Parameters
    ----------
    unit, units : int
    pumps : PumpSet
    conductance : float
        UA of the exchanger at its reference flows, W/K.
    reference, exponent : tuple of float and float, or None
        Flows of the two sides, m3/s, for 1/UA = (r1^-n + r2^-n) / (2 UA_ref), r = flow over that; None: constant UA.
    inner_flow, inner_drop, inner_exponent : float
        Pressure drop of exchanger and filter on the rack's side, Pa at m3/s.
    control_power : float
        Of its electronics, to the air, W.
    supply_temperature : float or None
        That a valve in the facility water holds, K; None: the valve is open.
    """

    unit: int
    units: int
    pumps: PumpSet
    conductance: float
    reference: tuple[float, float] | None
    exponent: float
    inner_flow: float
    inner_drop: float
    inner_exponent: float
    control_power: float
    supply_temperature: float | None


@dataclass(frozen=True)
class Door:
    """Heat exchanger in the rear door, cross flow; facility water.

    Parameters
    ----------
    conductance, effectiveness : float or None
        W/K; one of them is given.
    flow_rate : float
        Of its water, m3/s.
    loss : float
        Loss coefficient of the air, for the model of the air.
    """

    conductance: float | None
    effectiveness: float | None
    flow_rate: float
    loss: float


@dataclass(frozen=True)
class Supply:
    """What enters the rack from outside: facility water of a rack with a CDU or a door, or its coolant where it has no CDU.

    Parameters
    ----------
    coolant : str
    temperature : float
        K.
    flow_rate : float or None
        Of all of it, m3/s: with a CDU, what is left by the door can flow through its exchanger.
    pressure : float or None
        Difference between supply and return that drives it, without a CDU, Pa.
    return_temperature : float or None
        That a valve holds, without a CDU, K.
    drop : tuple of float or None
        (flow rate, pressure drop, exponent) of the rack's facility water, m3/s and Pa.
    """

    coolant: str
    temperature: float
    flow_rate: float | None
    pressure: float | None = None
    return_temperature: float | None = None
    drop: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class RoomAir:
    """Air before the rack.

    Parameters
    ----------
    temperature : float
        Where `inlets` says nothing else, K.
    pressure : float
        Pa.
    relative_humidity : float or None
        At `temperature`.
    dew_point : float or None
        K; one of the two is given, or none.
    inlets : dict
        Tray to the temperature of the air that it takes in, K.
    """

    temperature: float
    pressure: float
    relative_humidity: float | None = None
    dew_point: float | None = None
    inlets: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """What should not be exceeded: m/s in hoses and in manifolds, K between the coldest wet surface and the dew point."""

    hose_velocity: float
    pipe_velocity: float
    dew_margin: float


@dataclass(frozen=True)
class Rack:
    """A rack; `coolant` is that of its plates."""

    name: str
    units: int
    coolant: str
    trays: tuple[Tray, ...]
    manifolds: Manifolds | None
    cdu: Cdu | None
    door: Door | None
    supply: Supply | None
    air: RoomAir
    utilisation: float
    limits: Limits
    blocked: dict[str, float] = field(default_factory=dict)  # share of a plate's passages, by chip, such as u9.gpu3
