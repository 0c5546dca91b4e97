"""A rack's steady state: chips, coolant and air, each solved exactly for what the others give, until nothing changes.

The chips' power warms coolant and air; both set the chips' temperature and with it their leakage and clock; warm coolant loses
heat to the air; the air's heat sets the fans, whose power warms it too; what the coolant brings back sets the temperature
behind the exchanger. Each depends on the others by a few percent only: taking them in turn gains more than a digit a round.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.materials.library import MaterialError, coolant
from coldrack.solver.network.solve import solve as solve_network
from coldrack.solver.rack import air as airs
from coldrack.solver.rack import circuit as circuits
from coldrack.solver.rack.air import FanBank
from coldrack.solver.rack.chips import Chips, ChipState
from coldrack.solver.rack.drive import Drive, Water
from coldrack.solver.rack.parts import Chip, Rack
from coldrack.solver.rack.sinks import Sinks, by_tray
from coldrack.solver.rack.state import Air, Conditions, RackState
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]
MOST = 200
TOLERANCE = 1e-11
FINER = 1e8  # tolerance of the network over its own, at a change of 1: so that it adds a thousandth of the change
ROUGHEST = 1e5
ENOUGH = 1e-9  # where rounding of the network keeps it from getting better


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
        self.names = [[f"{rack.trays[n].name}.{c.name}" for n, c in chips] for chips in (self.wet, self.dry)]
        groups: dict[tuple[int, str], list[int]] = {}
        for k, (_, chip) in enumerate(self.wet):
            groups.setdefault((id(chip.plate), chip.component), []).append(k)
        self.plates = [np.array(k) for k in groups.values()]

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
            raise SystemFailure(f"{error}: what cools the rack does not take its heat; more flow, more or colder water, or a "
                                "larger exchanger is needed") from None
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
        wet = [c for _, c in solver.wet]
        self.wet = Chips.of(solver.names[0], wet, at.utilisation)
        self.aside = values(wet, "air_share")
        trays = len(rack.trays)
        typed = np.array([rack.air.inlets.get(t.name, rack.air.temperature) for t in rack.trays])
        inlet = typed + (at.air - rack.air.temperature)
        capacity = airs.heat_capacity(float(inlet.mean()) if trays else at.air)
        fans = FanBank(rack.trays, inlet, rack.air.pressure, capacity)
        self.sinks = Sinks(rack.trays, solver.dry, solver.names[1], at.utilisation, fans)
        parts = np.array([sum(idle + at.utilisation * (full - idle) for full, idle in t.air.values()) for t in rack.trays])
        zero = np.zeros(trays)
        self.wet_power = self.wet.leakage + self.wet.dynamic
        self.air = Air(inlet, inlet.copy(), fans.run(parts), parts, zero, zero.copy(), capacity, mixed=at.air, room=at.air)
        self.drive: Drive | None = None
        self.water = None if rack.supply is None else Water(rack.supply, at.flow, at.supply, rack.door)
        if solver.circuit is not None:
            assert self.water is not None
            paths = sum(sum(c.plate.flow_range) * 0.3 for t in rack.trays for p in t.circuit for c in t.chips
                        if c.name == p[0] and c.plate)
            self.drive = Drive.first(rack, float(self.wet_power.sum()), self.water, paths)
        self.network: Any = None
        self.rough = ROUGHEST
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
        change = np.inf
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
            aside = by_tray(self.solver.wet_tray, self.wet_power * self.aside, len(self.rack.trays))
            dry, air_in, self.air.fans = self.sinks.settle(self.air.parts + aside + self.air.losses)
            self.air.chips = aside + by_tray(self.solver.dry_tray, dry.power, len(self.rack.trays))
            self._air()
            pump = self.drive.pump.power if self.drive is not None and self.drive.pump else 0.0
            lost = self.air.losses.sum() + self.air.rear
            now = np.array([wet.power.sum(), dry.power.sum(), lost, self.air.fans.power.sum(), pump])
            scale = max(float(now.sum()), 1e-9)
            change = max(float(np.max(np.abs(now - before))) / scale, abs(drift) / 100.0)
            before = now
            self.rough = float(np.clip(FINER * change, 1.0, ROUGHEST))
            if change < self.solver.tolerance or (rounds > 30 and change < ENOUGH):
                break
        else:
            raise SystemFailure(f"coolant, chips and air of the rack do not settle in {MOST} rounds (last change {change:.1e} "
                                "of the power): look for a chip near run-away, or for pumps and a valve that work against each "
                                "other")
        if wet.power.size:
            self.wet.settle(coolant_in, r)  # refuses what has no steady state; on the way it may have looked so
        self.sinks.at(self.air.fans.speed, strict=True)
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
        self.network = solve_network(net, self.network, self.rough)
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

    def _air(self) -> None:
        """Temperatures behind the trays and the door."""
        air, rack = self.air, self.rack
        rate = air.fans.mass * air.capacity
        air.rate = float(rate.sum())
        moved = rate > 0.0
        air.outlet = air.inlet + np.where(moved, air.heat / np.where(moved, rate, 1.0), 0.0)
        still = float(air.heat[~moved].sum())
        rear = air.rear + still + self._cdu_air()
        if air.rate <= 0.0:
            if rear != 0.0:
                raise SystemFailure("no fan moves air through the rack, and nothing takes the heat that its parts give "
                                  "to the air")
            return
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
