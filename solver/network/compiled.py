"""A network as arrays: branches by kind, and matrices whose pattern and order of elimination are found once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import solve_banded, solveh_banded
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import SuperLU, splu

from coldrack.solver.network.coolant import Caloric, caloric
from coldrack.solver.network.elements import Element, Pump
from coldrack.solver.network.exchangers import Exchanger, ExchangerSide
from coldrack.solver.network.failure import NetworkFailure
from coldrack.solver.network.laws import Array, Drop
from coldrack.solver.network.network import Network, Node
from coldrack.solver.network.tees import Tees

Index = NDArray[np.intp]
WIDEST = 24  # distance from the diagonal up to which a matrix is solved as a band


class Pattern:
    """A sparse matrix with entries at fixed places, whose order of elimination is found once.

    Networks are often long and narrow, as ladders between manifolds are: in Cuthill and McKee's order (1969) their matrices are
    bands, for which LAPACK is fastest. Others are left to SuperLU in the order that it finds at the start (minimum degree on
    A + A^T); the matrices are diagonally dominant, so that it exchanges no rows.
    """

    def __init__(self, size: int, rows: Index, columns: Index, symmetric: bool = False) -> None:
        self.size, self.symmetric = size, symmetric
        model = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), (size, size)).tocsr()
        model = (model + model.T).tocsr()
        self.place = np.empty(size, np.intp)  # of each unknown in the order of elimination
        self.place[reverse_cuthill_mckee(model, symmetric_mode=True)] = np.arange(size)
        self.band = int(np.max(np.abs(self.place[rows] - self.place[columns]), initial=0))
        if self.band <= WIDEST:
            self.entry = (self.band + self.place[rows] - self.place[columns]) * size + self.place[columns]
            return
        model.data[:] = -1.0
        model.setdiag(size + 1.0)
        self.place = np.asarray(_factors(model.tocsc(), "MMD_AT_PLUS_A").perm_c, np.intp)
        unique, self.entry = np.unique(self.place[columns] * size + self.place[rows], return_inverse=True)
        self.rows = (unique % size).astype(np.int32)
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(unique // size, minlength=size))]).astype(np.int32)

    def solve(self, values: Array, right: Array) -> Array:
        """Solution of the system with these values; those of one place add up."""
        turned = np.empty_like(right)
        turned[self.place] = right
        try:
            return self._solve(values, turned)[self.place]
        except (np.linalg.LinAlgError, RuntimeError):  # exactly singular
            raise NetworkFailure("the equations have no single solution: coolant goes round in a part of the network that no "
                                 "pressure or temperature reaches") from None

    def _solve(self, values: Array, right: Array) -> Array:
        if self.band <= WIDEST:
            diagonals = np.bincount(self.entry, values, (2 * self.band + 1) * self.size).reshape(-1, self.size)
            if self.symmetric:  # and positive: Cholesky
                return np.asarray(solveh_banded(diagonals[: self.band + 1], right, True, True, False, False))
            return np.asarray(solve_banded((self.band, self.band), diagonals, right, True, True, False))
        data = np.bincount(self.entry, values, len(self.rows))
        matrix = sparse.csc_matrix((data, self.rows, self.starts), (self.size, self.size))
        return np.asarray(_factors(matrix, "NATURAL").solve(right))


def _factors(matrix: sparse.csc_matrix, order: str) -> SuperLU:
    return splu(matrix, permc_spec=order, diag_pivot_thresh=0.0, options={"SymmetricMode": True})


@dataclass(frozen=True)
class Group:
    """Branches whose parts are stacked."""

    branches: Index
    element: Element


@dataclass(frozen=True)
class Stream:
    """Loop of one coolant: its branches and nodes."""

    name: str
    caloric: Caloric
    branches: Index
    nodes: Index


class Compiled:
    """Arrays of a network; n nodes, b branches.

    Attributes
    ----------
    start, end : (b,) index
    fixed : (n,) bool
        Nodes whose pressure is given.
    free : (n,) index
        Number of a node among those whose pressure is not given; -1 for the others.
    pressure, inflow, elevation, supply : (n,) float
        Given pressure (Pa), inflow (kg/s), elevation (m) and temperature (K, NaN where there is none).
    """

    def __init__(self, network: Network) -> None:
        nodes, branches = network.node_list, network.branch_list
        self.nodes, self.branches = len(nodes), len(branches)
        self.start = np.array([b.start for b in branches], np.intp)
        self.end = np.array([b.end for b in branches], np.intp)
        self.fixed = np.array([n.pressure is not None for n in nodes], bool)
        self.pressure = np.array([n.pressure or 0.0 for n in nodes], float)
        self.inflow = np.array([n.inflow for n in nodes], float)
        self.elevation = np.array([n.elevation for n in nodes], float)
        self.supply = np.array([np.nan if n.temperature is None else n.temperature for n in nodes], float)
        self.free = np.where(self.fixed, -1, np.cumsum(~self.fixed) - 1)
        loop_of = {name: k for k, name in enumerate(network.loops)}
        self.loop = np.array([loop_of[n.loop] for n in nodes], np.intp)
        self.branch_loop = self.loop[self.start]
        self.streams = [Stream(name, caloric(coolant), np.flatnonzero(self.branch_loop == k), np.flatnonzero(self.loop == k))
                        for k, (name, coolant) in enumerate(network.loops.items())]
        self.exchangers = _sides(network)
        self.tees = _tees(network)
        self.groups = _groups(network)
        self.pumps = [k for k, b in enumerate(branches) if isinstance(b.element, Pump)]
        self.checked = False  # whether its structure was looked at
        self._pressures: Pattern | None = None
        self._temperatures: Pattern | None = None

    def set_node(self, n: int, node: Node) -> None:
        """Its numbers anew; whether it has a pressure must not change."""
        self.pressure[n], self.inflow[n], self.elevation[n] = node.pressure or 0.0, node.inflow, node.elevation
        self.supply[n] = np.nan if node.temperature is None else node.temperature

    @property
    def pressures(self) -> Pattern:
        """Of the equations for the pressures of free nodes; entries as `hydraulics` lists them."""
        if self._pressures is None:
            i, j = self.free[self.start], self.free[self.end]
            both = (i >= 0) & (j >= 0)
            rows = np.concatenate([i[i >= 0], j[j >= 0], i[both], j[both]])
            columns = np.concatenate([i[i >= 0], j[j >= 0], j[both], i[both]])
            self._pressures = Pattern(int((~self.fixed).sum()), rows, columns, symmetric=True)
        return self._pressures

    @property
    def temperatures(self) -> Pattern:
        """Of the equations for the nodes' enthalpies; entries as `heat` lists them."""
        if self._temperatures is None:
            every = np.arange(self.nodes)
            rows, columns = [every, self.end, self.start], [every, self.start, self.end]
            for _, a, b in self.exchangers:
                ends = np.array([self.start[a], self.end[a], self.start[b], self.end[b]])
                rows.append(np.repeat(ends, 4))
                columns.append(np.tile(ends, 4))
            self._temperatures = Pattern(self.nodes, np.concatenate(rows), np.concatenate(columns))
        return self._temperatures

    def drops(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """Pressure drop and its derivative of all branches."""
        dp, slope = np.empty(self.branches), np.empty(self.branches)
        for group in self.groups:
            k = group.branches
            dp[k], slope[k] = group.element.drop(m[k], rho[k], mu[k], t[k])
        return (dp if self.tees is None else dp + self.tees.drops(m, rho)), slope

    def typical(self, rho: Array) -> Array:
        """Usual mass flows."""
        m = np.empty(self.branches)
        for group in self.groups:
            m[group.branches] = group.element.typical(rho[group.branches])
        return m


def compiled(network: Network) -> Compiled:
    """The arrays, made again only where something was added."""
    if network.compiled is None:
        network.compiled = Compiled(network)
    result: Compiled = network.compiled
    return result


def _resistance(element: Element) -> Element:
    return element.element if isinstance(element, ExchangerSide) else element


def _groups(network: Network) -> list[Group]:
    members: dict[object, list[int]] = {}
    for k, branch in enumerate(network.branch_list):
        members.setdefault(_resistance(branch.element).key(), []).append(k)
    groups = []
    for indices in members.values():
        parts = [_resistance(network.branch_list[k].element) for k in indices]
        groups.append(Group(np.array(indices, np.intp), type(parts[0]).stack(parts)))
    return groups


def _tees(network: Network) -> Tees | None:
    """All tees; None without."""
    if not network.tees:
        return None
    members = [[network.branch_list[k] for k in tee] for tee in network.tees.values()]
    nodes = [set.intersection(*({b.start, b.end} for b in three)).pop() for three in members]
    sign = [[1.0 if b.start == n else -1.0 for b in three] for three, n in zip(members, nodes, strict=True)]
    area: list[list[Any]] = [[np.pi / 4 * getattr(b.element, "diameter", 0.0) ** 2 for b in three] for three in members]
    indices = np.array(list(network.tees.values()), np.intp).T
    header, side = np.array([a[0] for a in area]), np.array([a[2] for a in area])
    return Tees(indices[0], indices[1], indices[2], np.array(sign).T, header, side)


def _sides(network: Network) -> list[tuple[Exchanger, int, int]]:
    """Every exchanger with its two branches."""
    sides: dict[int, list[int]] = {}
    kept: dict[int, Exchanger] = {}
    for k, branch in enumerate(network.branch_list):
        if isinstance(branch.element, ExchangerSide):
            exchanger = branch.element.exchanger
            kept[id(exchanger)] = exchanger
            sides.setdefault(id(exchanger), []).append(k)
    for key, found in sides.items():
        if len(found) != 2:
            names = ", ".join(network.branch_list[k].name for k in found)
            raise NetworkFailure(f"exchanger {kept[key].name}: it has two sides, a branch each; found {names}")
    return [(kept[key], found[0], found[1]) for key, found in sides.items()]
