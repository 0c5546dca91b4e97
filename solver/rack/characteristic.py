"""A rack reduced to tables over what a hall gives it: supply temperature, flow, air temperature and work asked for.

The stream is what enters the rack from outside: facility water of a rack with a CDU (whose valve is open), else the coolant of
its plates. Tables are interpolated by cubic splines, one axis after the other (tensor product, de Boor, A Practical Guide to
Splines, 2001, ch. XVII), the flow by its logarithm. Splines are linear in the tables, and the heat to the air is what the
others leave: so the first law holds exactly between the points too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline

from coldrack.solver.materials.library import coolant
from coldrack.solver.network.coolant import caloric
from coldrack.solver.rack.ledger import totals, water_return
from coldrack.solver.rack.parts import Rack
from coldrack.solver.rack.solve import RackSolver
from coldrack.solver.rack.state import Conditions, RackState
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]
AXES = ("supply", "flow", "air", "utilisation")
LOGARITHMIC = ("pressure_drop",)  # interpolated by their logarithm
LINEAR = ("work",)  # 1 up to a kink, beside which a spline would swing
ROUNDING = 1e-9
TOLERANCE = 1e-7  # of the solutions: far finer than the splines between them
SHOWN: dict[str, Callable[[float], str]] = {
    "supply": lambda v: f"{v - 273.15:.4g} degC", "flow": lambda v: f"{v * 6e4:.4g} L/min",
    "air": lambda v: f"{v - 273.15:.4g} degC", "utilisation": lambda v: f"{v:.3g}"}


class RackPoint(NamedTuple):
    """A rack at conditions, arrays of their shape: Pa, W, W, W, W, W, K, K, share, m3/s, m3/s, K.

    `it_power` is that of chips and electronics without fans; `pump_power` that of the CDU in the rack; `hottest` the largest
    temperature of a chip; `margin` the least of limit minus temperature; `work` that of the GPUs, done over asked for.
    it_power + fan_power + pump_power = heat_liquid + heat_air.
    """

    pressure_drop: Array
    it_power: Array
    fan_power: Array
    pump_power: Array
    heat_liquid: Array
    heat_air: Array
    hottest: Array
    margin: Array
    work: Array
    plate_flow_min: Array
    plate_flow_max: Array
    return_temperature: Array


TABLES = tuple(n for n in RackPoint._fields if n not in ("heat_air", "return_temperature", "hottest", "margin"))


@dataclass(frozen=True, eq=False)
class RackCharacteristic:
    """Tables of one rack.

    Parameters
    ----------
    name, coolant : str
        The rack; the stream from outside, empty for a rack without any.
    supply, flow, air, utilisation : ndarray
        Axes, rising: K, m3/s, K, share. One value stands for an axis on which nothing depends or that was not asked for.
    tables : dict of ndarray, shape (supply, flow, air, utilisation)
        By the names of `RackPoint`.
    hot : dict of ndarray
        Highest temperature of every group of equal chips, K: each is smooth where their highest is not.
    limits : dict of float
        Of the groups, K.
    gpus : list of str
        Names of the plates of `plate_flow` and `plate_temperature` (same shape and one axis more; m3/s, chip K).
    """

    name: str
    coolant: str
    supply: Array
    flow: Array
    air: Array
    utilisation: Array
    tables: dict[str, Array]
    hot: dict[str, Array]
    limits: dict[str, float]
    gpus: list[str]
    plate_flow: Array
    plate_temperature: Array

    @property
    def liquid(self) -> bool:
        """Whether a stream from outside takes heat."""
        return bool(self.coolant)

    def evaluate(self, supply: Any, flow: Any, air: Any, utilisation: Any) -> RackPoint:
        """The rack at conditions that broadcast: K, m3/s, K, share; `SystemFailure` outside the tables."""
        at, shape = self._places(supply, flow, air, utilisation)
        weights, straight = self._weights(at), self._weights(at, 1)
        got = {n: self._spline(straight if n in LINEAR else weights, self.tables[n], n in LOGARITHMIC).reshape(shape)
               for n in TABLES}
        hot = {name: self._spline(weights, table, False).reshape(shape) for name, table in self.hot.items()}
        none = np.full(shape, np.nan)
        got["hottest"] = np.max(list(hot.values()), axis=0) if hot else none
        got["margin"] = np.min([self.limits[n] - t for n, t in hot.items()], axis=0) if hot else none
        got["heat_air"] = got["it_power"] + got["fan_power"] + got["pump_power"] - got["heat_liquid"]
        got["return_temperature"] = np.broadcast_to(np.asarray(supply, float), shape).copy()
        if self.liquid:
            liquid = caloric(coolant(self.coolant))
            mass = (at[1] * liquid.coolant.density(at[0])).reshape(shape)
            h = liquid.enthalpy(at[0]).reshape(shape) + got["heat_liquid"] / np.maximum(mass, 1e-12)
            got["return_temperature"] = liquid.temperature(h)
        return RackPoint(**got)

    def plates_at(self, supply: Any, flow: Any, air: Any, utilisation: Any) -> tuple[Array, Array]:
        """Flow (m3/s) through the plate and temperature (K) of every GPU, shape (conditions, gpus)."""
        at, shape = self._places(supply, flow, air, utilisation)
        weights = self._weights(at)
        found = [self._spline(weights, table, False).reshape(*shape, -1) for table in (self.plate_flow, self.plate_temperature)]
        return found[0], found[1]

    def _places(self, *values: Any) -> tuple[list[Array], tuple[int, ...]]:
        """Conditions as flat arrays, and their common shape."""
        arrays = np.broadcast_arrays(*(np.asarray(v, float) for v in values))
        for name, value in zip(AXES, arrays):
            axis = getattr(self, name)
            if axis.size == 1:
                continue
            slack = ROUNDING * (axis[-1] - axis[0])
            if not (np.all(value >= axis[0] - slack) and np.all(value <= axis[-1] + slack)):
                bad = float(value.ravel()[np.argmax(np.maximum(axis[0] - value, value - axis[-1]))])
                show = SHOWN[name]
                raise SystemFailure(f"rack {self.name}: {name} {show(bad)} is outside its characteristic, which goes from "
                                    f"{show(axis[0])} to {show(axis[-1])}; characterise it over a wider range")
        return [a.ravel() for a in arrays], arrays[0].shape

    def _weights(self, at: list[Array], degree: int = 3) -> list[Array]:
        """Of every condition (rows) over the points of each axis."""
        return [_cardinal(np.log(getattr(self, n)), np.log(v), degree) if n == "flow" and getattr(self, n).size > 1
                else _cardinal(getattr(self, n), v, degree) for n, v in zip(AXES, at)]

    def _spline(self, weights: list[Array], table: Array, logarithm: bool) -> Array:
        """Tensor product: one axis after the other."""
        value = np.log(np.maximum(table, 1e-30)) if logarithm else table
        value = np.tensordot(weights[0], value, (1, 0))  # (n, flow, air, utilisation, ...)
        for w in weights[1:]:
            value = np.einsum("nk,nk...->n...", w, value)
        return np.exp(value) if logarithm else value


def _cardinal(axis: Array, at: Array, degree: int) -> Array:
    """Weights of an axis' points for a spline of that degree (lower with too few points) at places."""
    if axis.size == 1:
        return np.ones((at.size, 1))
    spline = make_interp_spline(axis, np.eye(axis.size), k=min(degree, axis.size - 1))
    return np.asarray(spline(np.clip(at, axis[0], axis[-1])))


def axes(rack: Rack) -> dict[str, Array]:
    """Usual axes of a rack: around what it has, 4 x 4 x 3 x 3 points."""
    supply = rack.supply
    t = 298.15 if supply is None else supply.temperature
    flow = None if supply is None else supply.flow_rate
    return {"supply": np.linspace(t - 7.5, t + 15.0, 4) if supply else np.array([t]),
            "flow": np.geomspace(0.6, 1.5, 4) * flow if flow else np.array([1.0]),
            "air": np.linspace(rack.air.temperature - 5.0, rack.air.temperature + 10.0, 3),
            "utilisation": np.array([0.0, 0.5, 1.0])}


def characterise(problem: Any, say: Callable[[str], None] | None = None, **over: Sequence[float]) -> RackCharacteristic:
    """Solve a rack on a grid of conditions.

    Parameters
    ----------
    problem : RackProblem or Rack
    say : callable, optional
        Takes lines of progress.
    **over
        Axes instead of the usual ones: ``supply``, ``flow``, ``air``, ``utilisation``; K, m3/s, K, share.

    Raises
    ------
    SystemFailure
        Where a point has no solution: says at which conditions.
    """
    rack: Rack = getattr(problem, "rack", problem)
    grid = {n: np.asarray(over.get(n, v), float) for n, v in axes(rack).items()}
    solver = RackSolver(_open(rack, float(grid["flow"].mean())), TOLERANCE)
    shape = tuple(grid[n].size for n in AXES)
    gpus = [k for k, (_, c) in enumerate(solver.wet) if c.group.startswith("gpu")]
    tables = {name: np.empty(shape) for name in TABLES}
    flows, temperatures = np.empty((*shape, len(gpus))), np.empty((*shape, len(gpus)))
    groups = _groups(solver)
    hot = {name: np.empty(shape) for name in groups}
    state: RackState | None = None
    for done, place in enumerate(_snake(shape)):
        at = Conditions(*(float(grid[n][k]) for n, k in zip(AXES, place)))
        try:
            state = solver.solve(at, state)
        except SystemFailure as error:
            where = ", ".join(f"{n} {SHOWN[n](v)}" for n, v in zip(AXES, at))
            raise SystemFailure(f"rack {rack.name} at {where}: {error}") from None
        for name, value in point(solver, state).items():
            tables[name][place] = value
        every = np.concatenate([state.wet.temperature, state.dry.temperature])
        for name, (members, _) in groups.items():
            hot[name][place] = every[members].max()
        flows[place], temperatures[place] = state.flow[gpus], state.wet.temperature[gpus]
        if say is not None and done % 50 == 49:
            say(f"rack {rack.name}: {done + 1} of {int(np.prod(shape))} conditions")
    return RackCharacteristic(rack.name, rack.supply.coolant if rack.supply else "", grid["supply"], grid["flow"], grid["air"],
                              grid["utilisation"], tables, hot,
                              {n: limit for n, (_, limit) in groups.items()}, [solver.names[0][k] for k in gpus], flows,
                              temperatures)


def _groups(solver: RackSolver) -> dict[str, tuple[list[int], float]]:
    """Equal chips of equal trays: their numbers (first those on plates), and their limit, K."""
    out: dict[str, tuple[list[int], float]] = {}
    for k, (n, chip) in enumerate((*solver.wet, *solver.dry)):
        out.setdefault(f"{solver.rack.trays[n].kind}.{chip.group}", ([], chip.limit))[0].append(k)
    return out


def _open(rack: Rack, flow: float) -> Rack:
    """The rack with its valves open, so that flow and supply temperature are what the hall gives."""
    cdu = rack.cdu if rack.cdu is None else replace(rack.cdu, supply_temperature=None)
    supply = rack.supply
    if supply is not None and supply.flow_rate is None:
        supply = replace(supply, flow_rate=flow, pressure=None, return_temperature=None)
    return replace(rack, cdu=cdu, supply=supply)


def _snake(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Places of a grid, each a neighbour of the one before, so that it is a good start."""
    out: list[tuple[int, ...]] = [()]
    for size in shape:
        out = [(*p, k) for n, p in enumerate(out) for k in (range(size) if n % 2 == 0 else reversed(range(size)))]
    return out


def point(solver: RackSolver, state: RackState) -> dict[str, float]:
    """What the tables hold of one solution."""
    book = totals(solver, state)
    clock = gpu_clock(solver, state)
    flow, _ = water_return(solver, state)
    return {"pressure_drop": outside_drop(solver, state, flow), "it_power": book.it_power, "fan_power": book.fan_power,
            "pump_power": book.pump_power, "heat_liquid": book.heat_liquid, "work": float(clock.mean()) if clock.size else 1.0,
            "plate_flow_min": float(state.flow.min()) if state.flow.size else 0.0,
            "plate_flow_max": float(state.flow.max()) if state.flow.size else 0.0}


def gpu_clock(solver: RackSolver, state: RackState) -> Array:
    """Clock of every GPU, over what was asked for."""
    clocks = np.concatenate([state.wet.clock, state.dry.clock])
    return clocks[[c.group.startswith("gpu") for _, c in (*solver.wet, *solver.dry)]]


def outside_drop(solver: RackSolver, state: RackState, flow: float) -> float:
    """Pressure that the stream from outside needs, Pa; 0 where the rack does not say."""
    supply = solver.rack.supply
    if solver.rack.cdu is None and state.network is not None:
        assert solver.circuit is not None
        return float(state.network.pressure[solver.circuit.network.nodes["supply"]])
    if supply is None or supply.drop is None:
        return 0.0
    return supply.drop[1] * (flow / supply.drop[0]) ** supply.drop[2]
