"""The coolant network of a rack: manifolds along its height, hoses and quick disconnects to the trays, plates in their order.

It is cut open where coolant enters the rack: node `supply` has a temperature and is driven by a flow, a pressure or the pumps;
node `return` has pressure zero. What the coolant warms up between the two is what the exchanger of the CDU has to take.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.network.elements import Coupling, Element, Pipe, Plate, PowerLaw
from coldrack.solver.network.network import Network
from coldrack.solver.rack import cdu as cdus
from coldrack.solver.rack.parts import Chip, Hose, Manifolds, Rack, Tray

Array = NDArray[np.float64]
LOOP = "rack"
UNIT = 0.04445  # m, one rack unit (EIA-310-D)
SHORTEST = 1e-3  # m, of a segment of a manifold


@dataclass(frozen=True)
class Blocked:
    """A plate of whose passages a share is blocked: the rest has the flow of a whole plate with 1 / (1 - share) of it.

    Its resistance is taken at its own flow, as if the base spread the heat to the open passages without loss: a lower bound.
    """

    plate: Any
    share: float

    @property
    def flow_range(self) -> tuple[float, float]:
        """m3/s."""
        low, high = self.plate.flow_range
        return low, high

    def pressure_drop(self, flow: Array, temperature: Array) -> tuple[Array, Array]:
        """Pa, and its derivative by the flow, Pa s/m3."""
        rest = 1.0 - self.share
        drop, slope = self.plate.pressure_drop(np.asarray(flow) / rest, temperature)
        return drop, slope / rest


@dataclass
class Circuit:
    """A rack's network and where its parts stand in it (indices of branches)."""

    network: Network
    plates: list[int] = field(default_factory=list)  # of every chip on a plate
    chips: list[tuple[int, Chip]] = field(default_factory=list)  # tray number and chip, in the order of `plates`
    hoses: list[tuple[int, int, float]] = field(default_factory=list)  # tray number, branch, diameter
    pipes: list[tuple[int, float]] = field(default_factory=list)  # branch of a manifold, diameter
    trays: list[int] = field(default_factory=list)  # numbers of the trays with coolant
    feeds: list[int] = field(default_factory=list)  # branch in which a tray's whole flow passes, in the order of `trays`


def build(rack: Rack, coolant: Any) -> Circuit:
    """The circuit of a rack with manifolds; nothing drives it yet."""
    net = Network(dissipation=False)
    net.loop(LOOP, coolant)
    circuit = Circuit(net)
    assert rack.manifolds is not None
    wet = [(n, t) for n, t in enumerate(rack.trays) if t.circuit]
    low = rack.manifolds.feed
    net.node("supply", LOOP, elevation=low)
    net.node("outlet", LOOP, elevation=low)
    net.node("inlet", LOOP, elevation=rack.manifolds.exit)
    net.node("return", LOOP, elevation=low, pressure=0.0)
    if rack.cdu is not None:
        c = rack.cdu
        net.branch("cdu.pumps", "supply", "outlet", cdus.pump(c.pumps, c.pumps.most_speed))
        at = np.asarray(coolant.density(np.asarray(300.0)))
        net.branch("cdu.exchanger", "inlet", "return", PowerLaw(c.inner_flow, c.inner_drop, c.inner_exponent, float(at)))
    else:
        m = rack.manifolds
        for name, start, end in (("feed", "supply", "outlet"), ("exit", "inlet", "return")):
            net.branch(f"manifold.{name}", start, end, Pipe(SHORTEST, m.diameter, m.roughness))
    for side, end, height in (("supply", "outlet", rack.manifolds.feed), ("return", "inlet", rack.manifolds.exit)):
        _manifold(circuit, side, end, height, rack.manifolds, [t for _, t in wet])
    for n, tray in wet:
        _tray(circuit, n, tray, rack.blocked)
    return circuit


def height(tray: Tray) -> float:
    """Middle of a tray over the bottom of unit 1, m."""
    return (tray.unit - 1 + 0.5 * tray.units) * UNIT


def _manifold(circuit: Circuit, side: str, end: str, connection: float, m: Manifolds, trays: list[Tray]) -> None:
    """Segments from the connection to each tray's branch, upwards and downwards."""
    net, places = circuit.network, sorted((height(t), t.name) for t in trays)
    for h, name in places:
        net.node(f"{side}.{name}", LOOP, elevation=h)
    for way in ([p for p in places if p[0] >= connection], [p for p in reversed(places) if p[0] < connection]):
        last, at = end, connection
        for h, name in way:
            length = max(abs(h - at), SHORTEST)
            pipe = Pipe(length, m.diameter, m.roughness, m.branch_loss)
            nodes = (last, f"{side}.{name}") if side == "supply" else (f"{side}.{name}", last)
            branch = net.branch(f"manifold.{side}.{name}", *nodes, pipe, conductance=m.conductance * length, ambient=300.0)
            circuit.pipes.append((branch, m.diameter))
            last, at = f"{side}.{name}", h


def _tray(circuit: Circuit, n: int, tray: Tray, blocked: dict[str, float]) -> None:
    """Hoses, couplings and the parallel paths of one tray."""
    net, at = circuit.network, height(tray)
    chips = {c.name: c for c in tray.chips}
    net.node(f"{tray.name}.in", LOOP, elevation=at)
    net.node(f"{tray.name}.out", LOOP, elevation=at)
    circuit.trays.append(n)
    ends = (("supply", f"supply.{tray.name}", f"{tray.name}.in"), ("return", f"{tray.name}.out", f"return.{tray.name}"))
    for side, start, end in ends:
        parts: list[tuple[str, Element]] = []
        if tray.inlet_hose is not None:
            parts.append((f"{tray.name}.{side}_hose", _pipe(tray.inlet_hose)))
        if tray.coupling is not None:
            parts.append((f"{tray.name}.{side}_coupling", Coupling(tray.coupling)))
        made = _chain(net, start, end, parts if side == "supply" else parts[::-1], at, 0.5 * tray.conductance)
        if tray.inlet_hose is not None:
            circuit.hoses.append((n, net.branches[f"{tray.name}.{side}_hose"], tray.inlet_hose.diameter))
        if side == "supply":
            circuit.feeds.append(made[0])
    for number, path in enumerate(tray.circuit, 1):
        parts = []
        if tray.path_hose is not None:
            parts.append((f"{tray.name}.hose{number}", _pipe(tray.path_hose)))
        for chip in path:
            name = f"{tray.name}.{chip}"
            plate: Any = chips[chip].plate
            share = blocked.get(name, 0.0)
            parts.append((name, Plate(Blocked(plate, share) if share else plate)))
        made = _chain(net, f"{tray.name}.in", f"{tray.name}.out", parts, at, 0.0)
        skip = 0 if tray.path_hose is None else 1
        if tray.path_hose is not None:
            circuit.hoses.append((n, made[0], tray.path_hose.diameter))
        circuit.plates += made[skip:]
        circuit.chips += [(n, chips[c]) for c in path]


def _pipe(hose: Hose) -> Pipe:
    return Pipe(hose.length, hose.diameter, hose.roughness, hose.loss)


def _chain(net: Network, start: str, end: str, parts: list[tuple[str, Element]], at: float, conductance: float) -> list[int]:
    """Parts in a row between two nodes; the conductance to the air is that of the hose among them."""
    made, last = [], start
    for k, (name, element) in enumerate(parts):
        nxt = end if k == len(parts) - 1 else f"{name}.end"
        if nxt != end:
            net.node(nxt, LOOP, elevation=at)
        held = {"conductance": conductance, "ambient": 300.0} if conductance and name.endswith("_hose") else {}
        made.append(net.branch(name, last, nxt, element, **held))  # type: ignore[arg-type]
        last = nxt
    return made
