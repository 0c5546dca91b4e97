"""A rack's steady state: chips, coolant and air, each solved exactly for what the others give, until nothing changes.

The chips' power warms coolant and air; both set the chips' temperature and with it their leakage and clock; warm coolant loses
heat to the air; the air's heat sets the fans, whose power warms it too; what the coolant brings back sets the temperature
behind the exchanger. Each depends on the others by a few percent only: taking them in turn gains more than a digit a round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.materials.library import MaterialError, coolant
from coldrack.solver.network.solve import solve as solve_network
from coldrack.solver.rack import air as airs
from coldrack.solver.rack import circuit as circuits
from coldrack.solver.rack.air import FanBank, FanState
from coldrack.solver.rack.chips import Chips, ChipState
from coldrack.solver.rack.drive import Drive, Water
from coldrack.solver.rack.parts import Chip, Rack
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]
MOST = 200
TOLERANCE = 1e-11
HALVINGS = 48  # of the range of fan speeds: to rounding
ENOUGH = 1e-9  # where rounding of the network keeps it from getting better


class Conditions(NamedTuple):
    """What may change without another rack: K, m3/s, K, share of full work."""

    supply: float
    flow: float
    air: float
    utilisation: float


@dataclass
class Air:
    """Air of every tray and of the rack: temperatures K, heat W."""

    inlet: Array
    outlet: Array
    fans: FanState
    parts: Array  # heat of parts that the air cools
    chips: Array  # of chips on heat sinks, and of what chips give off beside their plates
    losses: Array  # of wet surfaces in the trays
    capacity: float
    rate: float = 0.0  # W/K of all air
    mixed: float = 0.0  # before the door
    room: float = 0.0  # behind it
    rear: float = 0.0  # heat of manifolds and CDU
    door: float = 0.0  # heat into the door's water

    @property
    def heat(self) -> Array:
        """That each tray gives to its air, fans included."""
        return self.parts + self.chips + self.losses + self.fans.power


@dataclass
class RackState:
    """A solution; arrays by chip are in the order of `RackSolver.wet` (on plates) and `RackSolver.dry` (on heat sinks)."""

    conditions: Conditions
    network: Any
    wet: ChipState
    dry: ChipState
    flow: Array  # through each plate, m3/s
    coolant_in: Array  # K
    air_in: Array  # before each heat sink, K
    air: Air
    drive: Drive | None
    water: Water | None
    rounds: int
    change: float


class RackSolver:
    """Solves one rack under one or many conditions.

    Parameters
    ----------
    rack : Rack
    tolerance : float
        Change of the heats over the power, in a round, that counts as none.
    """

    def __init__(self, rack: Rack, tolerance: float = TOLERANCE) -> None:
        self.rack, self.tolerance = rack, tolerance
        self.coolant = coolant(rack.coolant)
        self.circuit = circuits.build(rack, self.coolant) if rack.manifolds is not None else None
        self.wet: list[tuple[int, Chip]] = self.circuit.chips if self.circuit else []
        self.dry = [(n, c) for n, t in enumerate(rack.trays) for c in t.chips if c.sink is not None]
        self.wet_tray, self.dry_tray = (np.array([n for n, _ in chips], int) for chips in (self.wet, self.dry))
        self.ahead = self._rows()
        self.most_rows = 1 + max((len(t.rows) for t in rack.trays), default=0)
        self.names = [[f"{rack.trays[n].name}.{c.name}" for n, c in chips] for chips in (self.wet, self.dry)]
        groups: dict[int, list[int]] = {}
        for k, (_, chip) in enumerate(self.wet):
            groups.setdefault(hash((id(chip.plate), chip.component)), []).append(k)
        self.plates = [np.array(k) for k in groups.values()]

    def _rows(self) -> NDArray[np.bool_]:
        """[i, j]: whether chip j stands before chip i in the air of one tray."""
        row = np.array([next((r for r, names in enumerate(self.rack.trays[n].rows) if c.name in names), 0)
                        for n, c in self.dry], int)
        return (self.dry_tray[:, None] == self.dry_tray[None, :]) & (row[None, :] < row[:, None])

    def conditions(self) -> Conditions:
        """Those of the rack."""
        s = self.rack.supply
        return Conditions(s.temperature if s else np.nan, (s.flow_rate or np.nan) if s else np.nan, self.rack.air.temperature,
                          self.rack.utilisation)

    def solve(self, at: Conditions | None = None, start: RackState | None = None) -> RackState:
        """The steady state; `SystemFailure` if there is none, or if it lies outside a characteristic."""
        try:
            state = _Run(self, at or self.conditions(), start).solve()
        except MaterialError as error:
            raise SystemFailure(str(error)) from None
        self._check(state)
        return state

    def _check(self, state: RackState) -> None:
        """Answers must lie within the plates' characteristics."""
        for members in self.plates:
            plate = self.wet[members[0]][1].plate
            assert plate is not None
            try:
                plate.check(state.flow[members], state.coolant_in[members])
            except SystemFailure:
                for k in members:  # which one it is
                    try:
                        plate.check(state.flow[k], state.coolant_in[k])
                    except SystemFailure as error:
                        raise SystemFailure(f"{self.names[0][k]}: {error}") from None
                raise

    def resistance(self, flow: Array, temperature: Array) -> Array:
        """From the coolant's inlet to every chip on a plate, over the heat into the plate, K/W."""
        out = np.empty(len(self.wet))
        for members in self.plates:
            chip = self.wet[members[0]][1]
            assert chip.plate is not None
            out[members] = chip.plate.resistance(flow[members], temperature[members], chip.component)
        return out + values([c for _, c in self.wet], "interface")


def values(chips: Sequence[Chip], key: str) -> Array:
    """A number of every chip."""
    return np.array([getattr(c, key) for c in chips], float)


class _Run:
    """One solution on its way."""

    def __init__(self, solver: RackSolver, at: Conditions, start: RackState | None) -> None:
        rack = solver.rack
        self.solver, self.rack, self.at = solver, rack, at
        wet, dry = [c for _, c in solver.wet], [c for _, c in solver.dry]
        self.wet, self.dry = Chips.of(solver.names[0], wet, at.utilisation), Chips.of(solver.names[1], dry, at.utilisation)
        self.aside = values(wet, "air_share")
        sinks = [c.sink for c in dry]
        self.sink, self.sink_flow, self.sink_exponent = (
            np.array([getattr(k, key) for k in sinks], float) for key in ("resistance", "flow_rate", "exponent"))
        self.sink_interface = values(dry, "interface")
        trays = len(rack.trays)
        typed = np.array([rack.air.inlets.get(t.name, rack.air.temperature) for t in rack.trays])
        inlet = typed + (at.air - rack.air.temperature)
        capacity = airs.heat_capacity(float(inlet.mean()) if trays else at.air)
        self.fans = FanBank(rack.trays, inlet, rack.air.pressure, capacity)
        parts = np.array([sum(idle + at.utilisation * (full - idle) for full, idle in t.air.values()) for t in rack.trays])
        zero = np.zeros(trays)
        self.wet_power = self.wet.leakage + self.wet.dynamic
        self.air = Air(inlet, inlet.copy(), self.fans.run(parts), parts, zero, zero.copy(), capacity, mixed=at.air, room=at.air)
        self.drive: Drive | None = None
        self.water = None if rack.supply is None else Water(rack.supply, at.flow, at.supply, rack.door)
        if solver.circuit is not None:
            assert self.water is not None
            paths = sum(sum(c.plate.flow_range) * 0.3 for t in rack.trays for p in t.circuit for c in t.chips
                        if c.name == p[0] and c.plate)
            self.drive = Drive.first(rack, float(self.wet_power.sum()), self.water, paths)
        self.network: Any = None
        if start is not None and start.network is not None and self.drive is not None and start.drive is not None:
            self.network = start.network
            d = start.drive
            if rack.cdu is not None:
                self.drive.temperature = d.temperature + (at.supply - start.conditions.supply if d.open else 0.0)
            if self.drive.flow is not None and self._free_flow() and d.flow is not None:
                self.drive.flow = d.flow
            self.drive.pump, self.drive.short = d.pump, d.short
            self.wet_power = start.wet.power
            self.air.losses, self.air.rear = start.air.losses, start.air.rear
            self.air.mixed = start.air.mixed + at.air - start.conditions.air
            self.air.outlet = start.air.outlet + at.air - start.conditions.air

    def _free_flow(self) -> bool:
        """Whether the flow follows from a pressure or a temperature."""
        return (self.rack.cdu is not None and self.rack.cdu.pumps.flow_rate is None) or (
            self.rack.cdu is None and self.rack.supply is not None and self.rack.supply.flow_rate is None)

    def solve(self) -> RackState:
        """Rounds until nothing changes."""
        before = np.zeros(5)
        change, best = np.inf, np.inf
        flow = coolant_in = r = np.zeros(0)
        wet = ChipState(*(np.zeros(0),) * 4)
        for rounds in range(1, MOST + 1):
            drift = 0.0
            if self.solver.circuit is not None:
                before_exchanger = self.drive.temperature if self.drive is not None else 0.0
                drift = self._coolant()
                flow, coolant_in = self._plates()
                if self.drive is not None:  # the next round's coolant is that much warmer: chips that know it save rounds
                    coolant_in = coolant_in + (self.drive.temperature - before_exchanger)
                r = self.solver.resistance(flow, coolant_in) * (1.0 - self.aside)
                wet = self.wet.settle(coolant_in, r, strict=False)
                self.wet_power = wet.power
            dry, air_in = self._sinks()
            self._air()
            pump = self.drive.pump.power if self.drive is not None and self.drive.pump else 0.0
            lost = self.air.losses.sum() + self.air.rear
            now = np.array([wet.power.sum(), dry.power.sum(), lost, self.air.fans.power.sum(), pump])
            scale = max(float(now.sum()), 1e-9)
            change = max(float(np.max(np.abs(now - before))) / scale, abs(drift) / 100.0)
            before = now
            best = min(best, change)
            if change < self.solver.tolerance or (rounds > 30 and change < ENOUGH):
                break
        else:
            raise SystemFailure(f"coolant, chips and air of the rack do not settle in {MOST} rounds (last change {change:.1e} "
                                f"of the "
                                "power): look for a chip near run-away, or for pumps and a valve that work against each other")
        if wet.power.size:
            self.wet.settle(coolant_in, r)  # refuses what has no steady state; on the way it may have looked so
        self._chips_in(self.air.fans.speed)
        return RackState(self.at, self.network, wet, dry, flow, coolant_in, air_in, self.air, self.drive, self.water, rounds,
                         change)

    def _coolant(self) -> float:
        """Solve the network for the present heats; the change of the supply temperature, K."""
        circuit, drive, water = self.solver.circuit, self.drive, self.water
        assert circuit is not None and drive is not None and water is not None
        net = circuit.network
        density = float(self.solver.coolant.density(np.asarray(drive.temperature)))
        drive.apply(circuit, density)
        heat = np.zeros(len(net.branch_list))
        heat[circuit.plates] = self.wet_power * (1.0 - self.aside)
        heat[0] = drive.heat
        ambient = np.full(heat.size, self.air.mixed)
        for n, branch, _ in circuit.hoses:
            ambient[branch] = 0.5 * (self.air.inlet[n] + self.air.outlet[n])
        net.set_heat(heat)
        net.set_ambient(ambient)
        self.network = solve_network(net, self.network)
        lost = heat - self.network.heat
        trays = np.zeros(len(self.rack.trays))
        np.add.at(trays, [n for n, _, _ in circuit.hoses], lost[[b for _, b, _ in circuit.hoses]])
        self.air.losses = trays
        self.air.rear = float(lost.sum() - trays.sum())
        return drive.follow(circuit, self.network, density, water)

    def _plates(self) -> tuple[Array, Array]:
        """Flow through every plate, m3/s, and temperature before it, K."""
        assert self.solver.circuit is not None
        k = self.solver.circuit.plates
        inlet = self.network.inlet_temperature[k]
        return np.abs(self.network.mass_flow[k]) / self.solver.coolant.density(inlet), inlet

    def _sinks(self) -> tuple[ChipState, Array]:
        """Chips in the air, with their fans: state, and temperature of the air before each, K.

        Fans run as slowly as they can while they hold what they should and no chip of their tray has to lower its clock; where
        they cannot, at full speed. Found by halving the range of speeds, from full speed down: throttled chips give less heat,
        for which slower fans would do, so that there may be a second, slow state that no server's controller would stay in.
        """
        air, s = self.air, self.solver
        aside = self._by_tray(s.wet_tray, self.wet_power * self.aside)
        if not s.dry:
            air.chips = aside
            air.fans = self.fans.run(air.parts + aside + air.losses)
            return ChipState(*(np.zeros(0),) * 4), np.zeros(0)
        low, high = self.fans.bounds()
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            state, _ = self._chips_in(middle, strict=False)
            needed = self.fans.run(air.parts + aside + self._by_tray(s.dry_tray, state.power) + air.losses).speed
            enough = (needed <= middle) & (np.bincount(s.dry_tray[state.clock < 1.0], minlength=low.size) == 0)
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        state, before = self._chips_in(high, strict=False)
        air.chips, air.fans = aside + self._by_tray(s.dry_tray, state.power), self.fans.at(high)
        return state, before

    def _by_tray(self, tray: NDArray[Any], heat: Array) -> Array:
        """Sums of the heats of chips, W."""
        return np.bincount(tray, heat, len(self.rack.trays)).astype(float)

    def _chips_in(self, speed: Array, strict: bool = True) -> tuple[ChipState, Array]:
        """Chips on heat sinks at fan speeds of their trays, row after row, and the air before each, K."""
        s, air = self.solver, self.air
        fans = self.fans.at(speed)
        rate = (fans.mass * air.capacity)[s.dry_tray]
        if np.any(rate <= 0.0):
            raise SystemFailure(f"{s.names[1][int(np.argmin(rate))]}: no air moves past it; let the tray's fans run faster")
        resistance = self.sink * (fans.flow[s.dry_tray] / self.sink_flow) ** -self.sink_exponent + self.sink_interface
        power = np.zeros(len(s.dry))
        for _ in range(s.most_rows):
            before = air.inlet[s.dry_tray] + s.ahead @ power / rate
            state = self.dry.settle(before, resistance, strict)
            power = state.power
        return state, before

    def _air(self) -> None:
        """Temperatures behind the trays and the door."""
        air, rack = self.air, self.rack
        rate = air.fans.mass * air.capacity
        air.rate = float(rate.sum())
        moved = rate > 0.0
        air.outlet = air.inlet + np.where(moved, air.heat / np.where(moved, rate, 1.0), 0.0)
        still = float(air.heat[~moved].sum())
        if air.rate <= 0.0:
            raise SystemFailure("no fan moves air through the rack, and nothing takes the heat that its parts give to the air")
        rear = air.rear + still + self._cdu_air()
        air.mixed = float((rate * air.outlet).sum()) / air.rate + rear / air.rate
        air.door = 0.0
        if rack.door is not None and self.water is not None:
            air.door = airs.door_heat(rack.door, air.rate, air.mixed, self.water.door * self.water.per_flow, self.at.supply)
        air.room = air.mixed - air.door / air.rate

    def _cdu_air(self) -> float:
        """Heat of the CDU to the air, W."""
        c = self.rack.cdu
        if c is None:
            return 0.0
        pump = self.drive.pump.power if self.drive is not None and self.drive.pump else 0.0
        return c.control_power + c.pumps.air_share * pump
