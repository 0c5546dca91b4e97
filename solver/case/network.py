"""From a checked network case to its problem."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from coldrack.solver.case.errors import suggest
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.network_parts import element
from coldrack.solver.case.network_schema import LoopModel, NetworkCase, NodeModel
from coldrack.solver.case.reader import Document
from coldrack.solver.case.units import short
from coldrack.solver.materials import coolant, coolant_names
from coldrack.solver.network import ConstantCoolant, Coolant, Element, Exchanger, ExchangerSide, Network
from coldrack.solver.network.compiled import compiled
from coldrack.solver.network.failure import NetworkFailure
from coldrack.solver.network.problem import NetworkProblem
from coldrack.solver.network.validity import blocked_pump, check_structure
from coldrack.solver.system import SystemFailure

TYPED = ("density", "viscosity", "heat_capacity", "conductivity")
Names = dict[str, str]


def build(case: NetworkCase, document: Document, folder: Path) -> NetworkProblem:
    """The problem of a case; raises `CaseError` with all mistakes of a stage."""
    found, model = Findings(document), case.network
    network = Network(gravity=model.gravity, dissipation=model.dissipation)
    for name, loop in model.loops.items():
        made = _coolant(name, loop, found)
        if made is not None:
            network.loop(name, made)
    loops = _nodes(case, network, found)
    elements = {name: element(name, branch, folder, found) for name, branch in model.branches.items()}
    _exchangers(case, elements, loops, found)
    _ends(case, loops, found)
    found.stop()
    for name, branch in model.branches.items():
        part = elements[name]
        assert part is not None
        _plate_coolant(name, part, network.loops[loops[branch.start]], found)
        ambient = branch.ambient if branch.ambient is not None else model.ambient
        network.branch(name, branch.start, branch.end, part, heat=branch.heat, conductance=branch.conductance, ambient=ambient)
    _tees(case, network, found)
    _whole(network, found)
    found.stop()
    return NetworkProblem(
        title=case.title or Path(document.path).stem, case_text=document.record(), network=network,
        kinds={name: branch.kind for name, branch in model.branches.items()},
        positions={name: node.position for name, node in model.nodes.items() if node.position is not None},
        place=_place(document))


def _place(document: Document) -> Callable[[str, str], str]:
    def place(group: str, name: str) -> str:
        if not group:
            return f"{document.path}: "
        line, column = document.place(("network", group, name))
        return f"{document.path}:{line}:{column}: network.{group}.{name}: "

    return place


def _coolant(name: str, loop: LoopModel, found: Findings) -> Coolant | None:
    path, given = ("network", "loops", name), [n for n in TYPED if getattr(loop, n) is not None]
    known = loop.coolant.lower() in {n.lower() for n in coolant_names()}
    if not given:
        if known:
            return coolant(loop.coolant)
        found.add((*path, "coolant"), f"no coolant called {short(loop.coolant)}{suggest(loop.coolant, coolant_names())}; or "
                  "type density, viscosity, heat_capacity and conductivity")
    elif known:
        found.add((*path, given[0]), f"{loop.coolant} is in the library: leave out typed properties or choose another name")
    elif len(given) < len(TYPED):
        found.add((*path, given[0]), f"a typed coolant needs all four properties; add {', '.join(set(TYPED) - set(given))}")
    else:
        return ConstantCoolant(loop.coolant, *(float(getattr(loop, n)) for n in TYPED))
    return None


def _nodes(case: NetworkCase, network: Network, found: Findings) -> Names:
    """Add the nodes; the loop of each that has one."""
    loops, only = {}, next(iter(case.network.loops)) if len(case.network.loops) == 1 else None
    for name, node in case.network.nodes.items():
        path, loop = ("network", "nodes", name), node.loop or only
        if loop is None:
            found.add(path, f"to which loop does it belong? Add `loop:`, one of {', '.join(case.network.loops)}")
        elif loop not in case.network.loops:
            found.add((*path, "loop"), f"no loop called {short(loop)}{suggest(loop, case.network.loops)}")
        elif loop in network.loops:
            loops[name] = loop
            inflow = _inflow(name, node, network.loops[loop], found)
            if inflow is not None:
                network.node(name, loop, elevation=node.elevation, pressure=node.pressure, temperature=node.temperature,
                             inflow=inflow)
    return loops


def _inflow(name: str, node: NodeModel, liquid: Coolant, found: Findings) -> float | None:
    """Mass flow from outside, kg/s; None if it is wrong."""
    path = ("network", "nodes", name)
    low, high = getattr(liquid, "t_min", 0.0), getattr(liquid, "t_max", float("inf"))
    given = [key for key in ("flow_rate", "mass_flow") if getattr(node, key) is not None]
    if node.temperature is not None and not low <= node.temperature <= high:
        found.add((*path, "temperature"), f"{node.temperature - 273.15:.1f} degC is outside the range of {liquid.name}'s "
                  f"property curves, {low - 273.15:.0f} to {high - 273.15:.0f} degC; correct the temperature or its unit")
    elif len(given) == 2:
        found.add((*path, "mass_flow"), "takes one of flow_rate and mass_flow: keep one")
    elif given and node.pressure is not None:
        found.add((*path, given[0]), "a node with a pressure takes what flow comes: keep one of pressure and " + given[0])
    elif node.temperature is None and (node.flow_rate or (node.mass_flow or 0.0) > 0):
        found.add((*path, given[0]), "what flows in needs a temperature: add `temperature: 30 degC`")
    elif node.flow_rate:
        return node.flow_rate * float(liquid.density(node.temperature))  # type: ignore[arg-type]
    else:
        return node.mass_flow or 0.0
    return None


def _ends(case: NetworkCase, loops: Names, found: Findings) -> None:
    """Branches join two nodes of one loop."""
    nodes = case.network.nodes
    for name, branch in case.network.branches.items():
        path = ("network", "branches", name)
        for key in ("start", "end"):
            if getattr(branch, key) not in nodes:
                found.add((*path, key), f"no node called {short(getattr(branch, key))}{suggest(getattr(branch, key), nodes)}")
        first, second = loops.get(branch.start), loops.get(branch.end)
        if branch.start == branch.end:
            found.add((*path, "end"), f"it starts and ends at {branch.start}; name two nodes")
        elif first and second and first != second:
            found.add(path, f"it joins loop {first} (node {branch.start}) and loop {second} (node {branch.end}): two coolants "
                      "in one loop; loops touch only through `exchangers`")
        if branch.conductance and branch.ambient is None and case.network.ambient is None:
            found.add((*path, "conductance"), "needs the temperature around it: add `ambient:` here or to the network")


def _exchangers(case: NetworkCase, elements: dict[str, Element | None], loops: Names, found: Findings) -> None:
    """Make the branches of exchangers their sides."""
    taken: Names = {}
    branches = case.network.branches
    for name, m in case.network.exchangers.items():
        path = ("network", "exchangers", name)
        if (m.ua is None) == (m.effectiveness is None):
            found.add(path if m.ua is None else (*path, "effectiveness"), "takes one of ua and effectiveness; give one, such "
                      "as `ua: 20 kW/K`")
        exchanger = Exchanger(name, m.ua, m.effectiveness, None, m.arrangement)
        if m.first == m.second:
            found.add((*path, "second"), f"both sides are {m.first}; name two branches")
            continue
        for key in ("first", "second"):
            side = getattr(m, key)
            if side not in branches:
                found.add((*path, key), f"no branch called {short(side)}{suggest(side, branches)}")
            elif branches[side].kind in ("pump", "plate"):
                found.add((*path, key), f"{side} is a {branches[side].kind}; a side is a pipe, filter, fitting or valve")
            elif side in taken:
                found.add((*path, key), f"{side} is a side of {taken[side]} already; put another branch after it")
            else:
                taken[side] = name
                part = elements[side]
                elements[side] = ExchangerSide(exchanger, part) if part is not None else None


def _plate_coolant(name: str, part: Any, liquid: Coolant, found: Findings) -> None:
    """A characteristic holds for the coolant that it was measured with."""
    measured = getattr(getattr(part, "characteristic", None), "coolant", None)
    if measured is not None and measured.name.lower() != liquid.name.lower():
        found.add(("network", "branches", name, "plate"), f"its characteristic is for {measured.name}, the loop has "
                  f"{liquid.name}; characterise the plate with that coolant (coldrack characterise)")


def _tees(case: NetworkCase, network: Network, found: Findings) -> None:
    for name, m in case.network.tees.items():
        path = ("network", "tees", name)
        unknown = [key for key in ("common", "run", "side") if getattr(m, key) not in network.branches]
        for key in unknown:
            found.add((*path, key), f"no branch called {short(getattr(m, key))}{suggest(getattr(m, key), network.branches)}")
        if not unknown:
            try:
                network.tee(name, m.common, m.run, m.side)
            except SystemFailure as error:
                found.add(path, str(error).split(": ", 1)[1] + "; name three pipes that do")


def _whole(network: Network, found: Findings) -> None:
    """Connected, with a reference pressure, and no pump against a closed valve."""
    try:
        check_structure(network, compiled(network))
    except NetworkFailure as error:
        found.add(("network", error.group, error.name), error.message)
        return
    name = blocked_pump(network)
    if name:
        found.add(("network", "branches", name), "this pump runs against a closed valve (or one that stands still): nothing "
                  "leads from its end back to its start; open a valve, or set `running: 0`")


