"""What drives a rack's coolant and where its heat goes: pumps, valves, exchanger, between two solutions of the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.materials.library import coolant
from coldrack.solver.network.coolant import caloric
from coldrack.solver.rack import cdu as cdus
from coldrack.solver.rack.cdu import PumpPoint
from coldrack.solver.rack.circuit import LOOP, Circuit
from coldrack.solver.rack.parts import Door, Rack, Supply
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]
STEEP = 0.53  # 1 / 1.89: flow over pressure, the first guess when a pressure is held
FULL = 1e-12  # below which a pressure that is missing is rounding
SMALL = 1e-2  # K, over which a slope is taken
WEAKEST, STRONGEST = -0.3, -50.0  # of the slope: with a weaker one the rounds settle by themselves


class Water:
    """What enters the rack from outside, and what each user of it gets (volume flows at its temperature).

    Parameters
    ----------
    supply : Supply
    flow : float
        All of it, m3/s.
    temperature : float
        K.
    door : Door or None
    """

    def __init__(self, supply: Supply, flow: float, temperature: float, door: Door | None) -> None:
        self.temperature, self.flow = temperature, flow
        self.caloric = caloric(coolant(supply.coolant))
        t = np.asarray(temperature)
        self.density = float(self.caloric.coolant.density(t))
        self.per_flow = self.density * float(self.caloric.coolant.heat_capacity(t))  # J/(m3 K)
        typed = supply.flow_rate or flow
        self.door = 0.0 if door is None or typed <= 0 else door.flow_rate * flow / typed
        self.rest = flow - self.door

    def returned(self, flow: float, heat: float) -> float:
        """Temperature with which a flow (m3/s) leaves after it took up heat (W), K."""
        if flow <= 0.0:
            return self.temperature
        h = float(self.caloric.enthalpy(np.asarray(self.temperature))) + heat / (flow * self.density)
        return float(self.caloric.temperature(np.asarray(h)))


@dataclass
class Drive:
    """State of what drives a rack's coolant: it changes from one solution of the network to the next.

    Attributes
    ----------
    temperature : float
        Of the coolant as it leaves the exchanger, or as it comes from outside, K.
    flow : float or None
        Wanted, m3/s at that temperature; None where the pumps' speed is given.
    pump : PumpPoint or None
    exchange, water : float
        Heat per kelvin of the exchanger, W/K, and facility water through it, m3/s.
    short : bool
        The pumps at their largest speed do not give what they should hold.
    open : bool
        The valve in the facility water is open and the coolant warmer than wanted.
    before : (float, float) or None
        Temperature of the round before, and Newton's step from there, K.
    slope : float
        Of the temperature that a step gives over the one that it starts from; 0 where the heat does not change with it.
    """

    rack: Rack
    temperature: float
    flow: float | None
    pump: PumpPoint | None = None
    exchange: float = 0.0
    water: float = 0.0
    short: bool = False
    open: bool = False
    before: tuple[float, float] | None = None
    slope: float = 0.0

    @classmethod
    def first(cls, rack: Rack, power: float, water: Water, paths: float) -> Drive:
        """A start; `paths`: usual flow of all plates side by side, m3/s."""
        c = rack.cdu
        if c is None:
            supply = rack.supply
            assert supply is not None
            rise = None if supply.return_temperature is None else supply.return_temperature - water.temperature
            guess = paths if rise is None else power / (water.per_flow * rise)
            return cls(rack, water.temperature, guess if supply.flow_rate is None else water.flow)
        start = c.supply_temperature or water.temperature + power / c.conductance
        return cls(rack, start, None if c.pumps.speed is not None else c.pumps.flow_rate or paths)

    @property
    def heat(self) -> float:
        """Of the pumps into the coolant, W."""
        if self.pump is None or self.rack.cdu is None:
            return 0.0
        return self.pump.power * (1.0 - self.rack.cdu.pumps.air_share)

    def apply(self, circuit: Circuit, density: float) -> None:
        """Set the network's ends."""
        c = self.rack.cdu
        by_pump = c is not None and (self.flow is None or self.short)
        if c is not None:
            speed = c.pumps.speed if c.pumps.speed is not None else c.pumps.most_speed
            element = cdus.pump(c.pumps, speed)
            branch = circuit.network.branch_list[circuit.network.branches["cdu.pumps"]]
            if branch.element != element:
                circuit.network.set_element("cdu.pumps", element)
        if by_pump:
            circuit.network.set_node("supply", temperature=self.temperature, pressure=0.0, inflow=0.0)
        else:
            assert self.flow is not None
            circuit.network.set_node("supply", temperature=self.temperature, pressure=None, inflow=self.flow * density)

    def follow(self, circuit: Circuit, state: Any, density: float, water: Water) -> float:
        """New flow, pumps and supply temperature from a solution; how much the temperature changed, K."""
        net = circuit.network
        p = {n: float(state.pressure[net.nodes[n]]) for n in ("supply", "outlet", "inlet", "return")}
        flow = float(state.mass_flow[0]) / density
        if self.rack.cdu is None:
            return self._outside(p, state, water)
        self._pumps(p, flow)
        return self._exchanger(circuit, state, flow, water)

    def _outside(self, p: dict[str, float], state: Any, water: Water) -> float:
        """Flow of a rack without a CDU: fixed, or such that it holds a pressure or the return temperature."""
        supply = self.rack.supply
        assert supply is not None and self.flow is not None
        if supply.flow_rate is not None:
            return 0.0
        if supply.pressure is not None:
            factor = (supply.pressure / max(p["supply"], 1e-9)) ** STEEP
        else:
            assert supply.return_temperature is not None
            h = water.caloric.enthalpy(np.array([water.temperature, supply.return_temperature]))
            factor = float(state.heat.sum()) / float(h[1] - h[0]) / (self.flow * water.density)
        factor = float(np.clip(factor, 0.25, 4.0))
        self.flow *= factor
        return 10.0 * (factor - 1.0)

    def _pumps(self, p: dict[str, float], flow: float) -> None:
        assert self.rack.cdu is not None
        pumps = self.rack.cdu.pumps
        if self.flow is None:
            assert pumps.speed is not None
            lift = p["outlet"] - p["supply"]
            self.pump = PumpPoint(flow, lift, pumps.speed, flow * lift / pumps.efficiency)
            return
        lift = p["outlet"] - p["return"]
        point = cdus.operate(pumps, flow, lift * (1.0 - FULL)) if lift > 0 else PumpPoint(flow, 0.0, 0.0, 0.0)
        wanted = pumps.flow_rate
        if pumps.pressure is not None:
            now = p["outlet"] - p["inlet"]
            wanted = flow * (pumps.pressure / max(now, 1e-9)) ** STEEP
        assert wanted is not None
        if point is None or (self.short and wanted > flow * (1.0 + FULL)):
            self.short, self.flow = True, wanted
            point = PumpPoint(flow, lift, pumps.most_speed, flow * lift / pumps.efficiency)
        else:
            self.short, self.flow = False, wanted
        self.pump = point

    def _damped(self, step: float) -> float:
        """Newton's step, K, shorter where the heat falls with the temperature, as that of chips at their limit does.

        The step takes the heat as given; what it did not foresee shows in how it changed over the last one (Wegstein, Comm. ACM
        1 (1958) no. 6, 9): left to itself it overshoots, and for chips of more W/K than the exchanger it runs off.
        """
        if self.before is not None and abs(self.temperature - self.before[0]) > SMALL:
            slope = max(1.0 + (step - self.before[1]) / (self.temperature - self.before[0]), STRONGEST)
            self.slope = slope if slope < WEAKEST else 0.0
        self.before = self.temperature, step
        return step / (1.0 - self.slope)

    def _exchanger(self, circuit: Circuit, state: Any, flow: float, water: Water) -> float:
        """Newton's step for the temperature behind the exchanger: it has to give off what the rack puts in."""
        c = self.rack.cdu
        assert c is not None
        net = circuit.network
        back = float(state.temperature[net.nodes["return"]])
        rate = float(state.mass_flow[0]) * float(caloric(net.loops[LOOP]).properties(np.asarray(back))[2])
        heat = float(state.heat.sum())
        full = cdus.exchange_rate(c, flow, rate, water.rest, water.rest * water.per_flow)
        if full <= 0.0:
            raise SystemFailure("the heat exchanger of the CDU gets no water or no coolant, and nothing takes the rack's heat; "
                                "see the flow of `facility` and of the pumps")
        free = self.temperature + self._damped(heat / full - (back - water.temperature))
        self.exchange, self.water, self.open = full, water.rest, True
        new = free
        if c.supply_temperature is not None and free < c.supply_temperature:
            new, self.open = c.supply_temperature, False
            if back > water.temperature:
                wanted = heat / (back - water.temperature)
                self.water = cdus.valve(c, flow, rate, water.rest, water.per_flow, wanted)
                self.exchange = min(wanted, full)
        change, self.temperature = new - self.temperature, new
        return change
