"""Temperatures: heat is carried along the flow, so every node has the mixture of what arrives there.

Node n, with the branches k that arrive there, each from its upstream node u:
(sum |m_k| + inflow) h_n = sum (|m_k| h_u + heat_k) + inflow h_outside, in enthalpies h(T) of the coolant.
Branch with heat q and conductance UA to an ambient T_a, N = UA / (|m| cp), exact along it:
heat_k = q (1 - exp(-N))/N + |m| cp (1 - exp(-N)) (T_a - T_u). Exchanger: heat = effectiveness C_min (T_u,first - T_u,second).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.network.compiled import Compiled, Index
from coldrack.solver.network.laws import Array

NDArrayBool = NDArray[np.bool_]

STAGNANT = 1e-10  # of a loop's largest flow; less is no flow
SMALLEST = 1e-9  # kg/s; less is no flow in any loop
LEAST = 4.0  # J/kg: where less heat than that of the largest flow is put in, the residual is over this, about 1 mK
ANCHOR = 1e-15  # of the largest flow: keeps the temperature of coolant that only goes round
HOLD = 1e-6  # weight of the temperature before, where nothing flows and nothing else gives one


@dataclass
class Thermal:
    """Temperatures (K), heat into the coolant (W), and of every exchanger its effectiveness and heat from first to second.

    `mean`: of every branch, where its properties are taken. `mixing`: flow that the ends of a branch exchange, kg/s; zero but
    where `solve` had to smooth a flow that turns round and round.
    """

    node: Array
    inlet: Array
    outlet: Array
    mean: Array
    heat: Array
    exchange: list[tuple[float, float]]
    mixing: Array


@dataclass
class Flow:
    """Mass flows without sign (zero where it is none), the nodes that they come from and go to, and sums at the nodes."""

    size: Array
    up: Index
    down: Index
    arriving: Array
    leaving: Array
    given: NDArrayBool


def flow(net: Compiled, m: Array) -> Flow:
    """The directions of a flow."""
    size = np.abs(m)
    for stream in net.streams:
        k = stream.branches
        if len(k):
            size[k] = np.where(size[k] > max(STAGNANT * size[k].max(), SMALLEST), size[k], 0.0)
    forward = m >= 0
    up, down = np.where(forward, net.start, net.end), np.where(forward, net.end, net.start)
    arriving, leaving = (np.asarray(np.bincount(ends, size, net.nodes), float) for ends in (down, up))
    known = ~np.isnan(net.supply) & (net.inflow <= 0)
    return Flow(size, up, down, arriving, leaving, known & ((leaving > 0) | ~net.fixed | (arriving <= 0)))


def solve(net: Compiled, m: Array, before: Thermal, source: Array, conductance: Array, ambient: Array, weak: Array) -> Thermal:
    """Temperatures of a flow; heat capacities and effectivenesses are taken at the temperatures before.

    `weak`: flow (kg/s) of every branch up to which its two ends mix; 0 for not at all.
    """
    now = flow(net, m)
    share = np.where(weak > 0, np.exp(-np.square(m / np.where(weak > 0, weak, 1.0))), 0.0)
    mixing = weak * share
    cp, cp_branch, h0 = _capacities(net, before)
    capacity = now.size * cp_branch
    fixed, per_kelvin = branch_heat(capacity, source, conductance, ambient)
    # T = base + h / cp near the temperatures before; so heat_k = fixed - per_kelvin (base + h_u / cp)
    base = before.node - h0 / cp
    exchange = [e.at(capacity[a], capacity[b], (now.size[a], now.size[b])) for e, a, b in net.exchangers]
    kappa = np.array([k for _, k in exchange])
    h = _enthalpies(net, now, (cp, base, h0), (fixed, per_kelvin), kappa, mixing)
    t_up = (base + h / cp)[now.up]
    heat = fixed - per_kelvin * t_up
    for n, (_, a, b) in enumerate(net.exchangers):
        given = kappa[n] * (t_up[a] - t_up[b])
        heat[a], heat[b] = heat[a] - given, heat[b] + given
        exchange[n] = (exchange[n][0], given)
    safe = np.where(now.size > 0, now.size, 1.0)
    h_out = np.where(now.size > 0, h[now.up] + heat / safe, 0.5 * (h[net.start] + h[net.end]))
    h_in = np.where(now.size > 0, h[now.up], h_out)
    node, inlet, outlet = np.empty(net.nodes), np.empty(net.branches), np.empty(net.branches)
    for s in net.streams:
        node[s.nodes] = s.caloric.temperature(h[s.nodes])
        inlet[s.branches] = s.caloric.temperature(h_in[s.branches])
        outlet[s.branches] = s.caloric.temperature(h_out[s.branches])
    mean = 0.5 * (inlet + outlet)
    mean += share * (0.5 * (node[net.start] + node[net.end]) - mean)
    return Thermal(node, inlet, outlet, mean, heat, exchange, mixing)


def branch_heat(capacity: Array, source: Array, conductance: Array, ambient: Array) -> tuple[Array, Array]:
    """Heat into the coolant of a branch as a - b T_in: a (W), b (W/K). Capacity |m| cp, W/K; nothing where nothing flows."""
    moving = capacity > 0
    units = np.where(moving, conductance / np.where(moving, capacity, 1.0), 0.0)
    taken = -np.expm1(-units)  # 1 - exp(-N)
    share = np.where(units > 1e-8, taken / np.where(units > 1e-8, units, 1.0), 1.0 - 0.5 * units)
    b = capacity * taken
    return np.where(moving, source * share + b * ambient, 0.0), b


def enthalpies(net: Compiled, t: Array) -> Array:
    """J/kg of the nodes at temperatures (K)."""
    h = np.empty(net.nodes)
    for s in net.streams:
        h[s.nodes] = s.caloric.enthalpy(t[s.nodes])
    return h


def _capacities(net: Compiled, before: Thermal) -> tuple[Array, Array, Array]:
    """Heat capacities at nodes and in branches, J/(kg K), and the nodes' enthalpies, J/kg."""
    cp, h, cp_branch, mean = np.empty(net.nodes), np.empty(net.nodes), np.empty(net.branches), before.mean
    for s in net.streams:
        cp[s.nodes] = s.caloric.properties(before.node[s.nodes])[2]
        h[s.nodes] = s.caloric.enthalpy(before.node[s.nodes])
        cp_branch[s.branches] = s.caloric.properties(mean[s.branches])[2]
    return cp, cp_branch, h


Arrays = tuple[Array, ...]


def _enthalpies(net: Compiled, now: Flow, local: Arrays, branch: Arrays, kappa: Array, mixing: Array) -> Array:
    """Solve for the enthalpies of the nodes."""
    (cp, base, h0), (fixed, per_kelvin), n = local, branch, net.nodes
    outside = np.maximum(net.inflow, 0.0)
    supplied = _supplied(net)
    stirred = np.bincount(net.end, mixing, n) + np.bincount(net.start, mixing, n)
    still = (now.arriving + outside + stirred <= 0) & ~now.given
    solved = ~(still | now.given)
    diagonal = np.where(solved, now.arriving + outside + stirred, HOLD)
    right = np.bincount(now.down, fixed - per_kelvin * base[now.up], n) + outside * supplied
    carried = np.where(solved[now.down], per_kelvin / cp[now.up] - now.size, 0.0)  # at (down, up)
    # where nothing arrives: the mean of the neighbours
    idle_end, idle_start = still[net.end] * 1.0, still[net.start] * 1.0
    diagonal += np.bincount(net.end, idle_end, n) + np.bincount(net.start, idle_start, n)
    forward = now.up == net.start
    at_end, at_start = np.where(forward, carried, 0.0) - idle_end, np.where(forward, 0.0, carried) - idle_start
    if mixing.any():
        at_end, at_start = at_end - mixing * solved[net.end], at_start - mixing * solved[net.start]
    blocks, added = _exchange(net, now, cp, base, kappa, solved)
    anchor = ANCHOR * float(np.max(now.size, initial=0.0))
    diagonal = diagonal + np.where(solved, anchor, 0.0)
    right = np.where(now.given, HOLD * supplied, np.where(still, HOLD * h0, right + added + anchor * h0))
    return net.temperatures.solve(np.concatenate([diagonal, at_end, at_start, blocks]), right)


def _exchange(net: Compiled, now: Flow, cp: Array, base: Array, kappa: Array, solved: NDArrayBool) -> tuple[Array, Array]:
    """Entries of the exchangers, 4 x 4 each over [start, end] of both branches, and their part of the right side."""
    blocks, added = np.zeros((len(net.exchangers), 4, 4)), np.zeros(net.nodes)
    for n, (_, a, b) in enumerate(net.exchangers):
        at = {k: (0, 1) if now.up[k] == net.start[k] else (1, 0) for k in (a, b)}
        up, down = (at[a][0], 2 + at[b][0]), (at[a][1], 2 + at[b][1])
        for side, k in enumerate((a, b)):
            if solved[now.down[k]]:
                sign = 1.0 if side == 0 else -1.0  # the first side gives
                blocks[n, down[side], up[0]] += sign * kappa[n] / cp[now.up[a]]
                blocks[n, down[side], up[1]] -= sign * kappa[n] / cp[now.up[b]]
                added[now.down[k]] -= sign * kappa[n] * (base[now.up[a]] - base[now.up[b]])
    return blocks.ravel(), added


def imbalance(net: Compiled, m: Array, thermal: Thermal) -> float:
    """Heat that nodes and branches do not account for, over all heat that is given or taken.

    Sums what the coolant carries from branch to branch, with enthalpies of the temperatures that are reported.
    """
    now = flow(net, m)
    h_node, h_out, h_in = np.empty(net.nodes), np.empty(net.branches), np.empty(net.branches)
    for s in net.streams:
        h_node[s.nodes] = s.caloric.enthalpy(thermal.node[s.nodes])
        h_out[s.branches] = s.caloric.enthalpy(thermal.outlet[s.branches])
        h_in[s.branches] = s.caloric.enthalpy(thermal.inlet[s.branches])
    branches = now.size * (h_out - h_in) - thermal.heat
    outside = np.where(net.fixed | now.given, 0.0, net.inflow)
    supplied = np.where(outside > 0, _supplied(net), h_node)
    mixed = np.bincount(now.down, now.size * h_out, net.nodes) + outside * supplied - now.leaving * h_node
    mixed += mixed_in(net, thermal.mixing, h_node)
    mixed = np.where(now.given | net.fixed, 0.0, mixed)
    total = float(np.sum(np.abs(thermal.heat)))
    lost = float(np.sum(np.abs(branches)) + np.sum(np.abs(mixed)))
    return lost / max(total, LEAST * float(np.max(now.size, initial=0.0)), 1e-9)


def mixed_in(net: Compiled, mixing: Array, h: Array) -> Array:
    """Heat that each node gets by mixing, W."""
    given = mixing * (h[net.start] - h[net.end])
    return np.asarray(np.bincount(net.end, given, net.nodes) - np.bincount(net.start, given, net.nodes))


def _supplied(net: Compiled) -> Array:
    """Enthalpy of what flows in at each node, J/kg; zero where no temperature is given."""
    out = np.zeros(net.nodes)
    for s in net.streams:
        t = net.supply[s.nodes]
        out[s.nodes] = np.where(np.isnan(t), 0.0, s.caloric.enthalpy(np.where(np.isnan(t), 273.15, t)))
    return out
