"""A coolant network: loops of nodes and branches."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.network.coolant import Coolant
from coldrack.solver.network.elements import Element
from coldrack.solver.system import SystemFailure

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Node:
    """Where branches meet. `pressure` (Pa) holds it; `temperature` (K) is that of what leaves it, or of what `inflow` brings.

    `inflow` : kg/s from outside, negative for what is taken.
    """

    name: str
    loop: str
    elevation: float = 0.0
    pressure: float | None = None
    temperature: float | None = None
    inflow: float = 0.0


@dataclass(frozen=True)
class Branch:
    """A part between two nodes; flow is positive from start to end."""

    name: str
    start: int
    end: int
    element: Element


@dataclass
class Network:
    """Loops, nodes and branches in the order in which they are added; names are unique.

    Parameters
    ----------
    gravity : float
        m/s2, along falling elevation.
    dissipation : bool
        Whether the work of the pumps warms the coolant: friction where it happens, the pumps' losses in the pumps.
    """

    gravity: float = 9.80665
    dissipation: bool = True
    loops: dict[str, Coolant] = field(default_factory=dict)
    nodes: dict[str, int] = field(default_factory=dict)
    branches: dict[str, int] = field(default_factory=dict)
    node_list: list[Node] = field(default_factory=list)
    branch_list: list[Branch] = field(default_factory=list)
    tees: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    _heat: list[float] = field(default_factory=list)
    _conductance: list[float] = field(default_factory=list)
    _ambient: list[float] = field(default_factory=list)
    compiled: Any = None  # arrays made of all this; None when something was added since

    def loop(self, name: str, coolant: Coolant) -> None:
        """Add a loop; loops touch only through heat exchangers."""
        _fresh("loop", name, self.loops)
        self.loops[name] = coolant

    def node(self, name: str, loop: str, *, elevation: float = 0.0, pressure: float | None = None,
             temperature: float | None = None, inflow: float = 0.0) -> int:
        """Add a node; its index."""
        _fresh("node", name, self.nodes)
        _known("loop", loop, self.loops)
        if inflow > 0 and temperature is None:
            raise SystemFailure(f"node {name}: what flows in needs a temperature")
        self.nodes[name] = len(self.node_list)
        self.node_list.append(Node(name, loop, elevation, pressure, temperature, inflow))
        self.compiled = None
        return self.nodes[name]

    def branch(self, name: str, start: str, end: str, element: Element, *, heat: float = 0.0, conductance: float = 0.0,
               ambient: float | None = None) -> int:
        """Add a branch; its index. `heat` (W) goes into the coolant, and `conductance` (W/K) couples it to `ambient` (K)."""
        _fresh("branch", name, self.branches)
        i, j = (self.nodes[_known("node", n, self.nodes)] for n in (start, end))
        if i == j:
            raise SystemFailure(f"branch {name}: it starts and ends at node {start}")
        first, second = self.node_list[i].loop, self.node_list[j].loop
        if first != second:
            raise SystemFailure(f"branch {name}: it joins loop {first} (node {start}) and loop {second} (node {end}); loops "
                                "touch only through heat exchangers")
        if conductance and ambient is None:
            raise SystemFailure(f"branch {name}: a conductance needs the temperature of its ambient")
        self.branches[name] = len(self.branch_list)
        self.branch_list.append(Branch(name, i, j, element))
        self._heat.append(heat)
        self._conductance.append(conductance)
        self._ambient.append(293.15 if ambient is None else ambient)
        self.compiled = None
        return self.branches[name]

    def tee(self, name: str, common: str, run: str, side: str) -> None:
        """Give three pipes that meet at a node the losses of a tee: header before it, header behind it, side branch."""
        _fresh("tee", name, self.tees)
        k = tuple(self.branches[_known("branch", n, self.branches)] for n in (common, run, side))
        parts = [self.branch_list[n] for n in k]
        if len(set(k)) < 3 or not set.intersection(*({b.start, b.end} for b in parts)):
            raise SystemFailure(f"tee {name}: {common}, {run} and {side} do not meet at one node")
        for b in parts:
            if not hasattr(b.element, "diameter"):
                raise SystemFailure(f"tee {name}: {b.name} is no pipe, hose or fitting with a diameter")
        self.tees[name] = (k[0], k[1], k[2])
        self.compiled = None

    def set_heat(self, heat: Any) -> None:
        """Heat into the coolant of every branch, W, in their order; a solution before is a good start for the next."""
        self._heat = self._values(heat)

    def set_ambient(self, ambient: Any) -> None:
        """Temperature of every branch's ambient, K; it counts where there is a conductance."""
        self._ambient = self._values(ambient)

    def set_element(self, name: str, element: Element) -> None:
        """Another part in a branch: a valve's opening, a pump's speed."""
        k = self.branches[_known("branch", name, self.branches)]
        old = self.branch_list[k]
        self.branch_list[k] = Branch(name, old.start, old.end, element)
        self.compiled = None

    def set_node(self, name: str, **values: Any) -> None:
        """Another pressure, temperature or inflow at a node; whether it has a pressure is part of the equations' pattern."""
        n = self.nodes[_known("node", name, self.nodes)]
        old, self.node_list[n] = self.node_list[n], replace(self.node_list[n], **values)
        if self.compiled is not None and (old.pressure is None) == (self.node_list[n].pressure is None):
            self.compiled.set_node(n, self.node_list[n])
        else:
            self.compiled = None

    def _values(self, values: Any) -> list[float]:
        array = np.broadcast_to(np.asarray(values, float), len(self.branch_list))
        return list(array)

    @property
    def heat(self) -> Array:
        """W per branch."""
        return np.array(self._heat)

    @property
    def conductance(self) -> Array:
        """W/K per branch."""
        return np.array(self._conductance)

    @property
    def ambient(self) -> Array:
        """K per branch."""
        return np.array(self._ambient)


def _fresh(what: str, name: str, known: Any) -> None:
    if name in known:
        raise SystemFailure(f"there are two {what}s called {name}; names are unique")


def _known(what: str, name: str, known: Any) -> str:
    if name not in known:
        near = difflib.get_close_matches(name, list(known), 1, 0.5)
        raise SystemFailure(f"no {what} called {name}" + (f"; did you mean {near[0]}?" if near else ""))
    return name
