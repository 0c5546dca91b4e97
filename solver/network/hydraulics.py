"""Mass flows and pressures: Newton's method on both (the global gradient method).

Branch k from node i to j:  dp_k(m_k) = p_i - p_j + rho_k g (z_i - z_j).  Node n:  flows in - flows out + inflow_n = 0.
E. Todini & S. Pilati, A gradient algorithm for the analysis of pipe networks, in: Computer Applications in Water Supply 1
(1988) 1-20; A. Simpson & S. Elhay, Jacobian matrix for solving water distribution system equations with the Darcy-Weisbach
head-loss model, J. Hydraulic Engineering 137 (2011) 696-700: with the true derivative of the friction law, here Churchill's,
it converges quadratically.
"""

from __future__ import annotations

import numpy as np

from coldrack.solver.network.compiled import Compiled
from coldrack.solver.network.laws import Array, Drop

FLATTEST = 1e-3  # Pa s/kg; a law without slope gets this one, which slows Newton's method but does not stop it


def imbalance(net: Compiled, m: Array) -> Array:
    """What each node gets more than it gives, kg/s; a node of given pressure takes any flow, so zero there."""
    net_in = net.inflow + np.bincount(net.end, m, net.nodes) - np.bincount(net.start, m, net.nodes)
    return np.where(net.fixed, 0.0, net_in)


def step(net: Compiled, m: Array, p: Array, weight: Array, drop: Drop) -> tuple[Array, Array]:
    """One step of Newton's method: changes of flows (kg/s) and pressures (Pa).

    `weight`: rho g (z_i - z_j) of every branch. The flows' equations are diagonal and leave one for the pressures,
    symmetric and positive: sum of (dp_i - dp_j) / slope = residuals.
    """
    i, j = net.start, net.end
    slope = np.maximum(drop[1], FLATTEST)
    residual = drop[0] - (p[i] - p[j]) - weight
    conductance = 1.0 / slope
    correction = conductance * residual  # of the flows, were the pressures right
    change = np.zeros_like(p)
    free = ~net.fixed
    if free.any():
        right = (imbalance(net, m) - np.bincount(j, correction, net.nodes) + np.bincount(i, correction, net.nodes))[free]
        at_i, at_j = free[i], free[j]
        both = at_i & at_j
        values = np.concatenate([conductance[at_i], conductance[at_j], -conductance[both], -conductance[both]])
        change[free] = net.pressures.solve(values, right)
    return conductance * (change[i] - change[j]) - correction, change
