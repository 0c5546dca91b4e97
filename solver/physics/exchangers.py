"""Air-to-liquid heat exchangers, column by column of cells along the air's axis.

A column takes effectiveness min(C_air, C_liquid) (T_air - T_liquid). Its share of the liquid is that of its area. T_air is that
of the cell before the column on the side where air enters, so that heat follows from what lies upstream and may lag behind by
an iteration. Cross flow, both streams unmixed: Incropera et al., Fundamentals of Heat and Mass Transfer, 6th ed. (2007), eq.
11.32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.devices import HeatExchanger
from coldrack.solver.physics.faces import areas, cell_index, step
from coldrack.solver.physics.layout import Array, Layout


def cross_flow(units: Any, ratio: Any, xp: Any = np) -> Any:
    """Effectiveness at `units` = UA / C_min transfer units and `ratio` = C_min / C_max, both streams unmixed."""
    ratio = xp.asarray(ratio, float)
    some = xp.maximum(ratio, 1e-12)
    units = xp.maximum(units, 1e-300)
    mixed = 1.0 - xp.exp(units**0.22 / some * xp.expm1(-some * units**0.78))
    return xp.where(ratio > 1e-9, mixed, -xp.expm1(-units))


class Exchanger:
    """One heat exchanger's columns.

    Parameters
    ----------
    device : HeatExchanger
    layout : Layout
    backend : Backend
    """

    def __init__(self, device: HeatExchanger, layout: Layout, backend: Any) -> None:
        self.device, self.be = device, backend
        a = 2 - device.axis
        index = np.argwhere(np.moveaxis(device.cells, a, 2))  # sorted by column, then along the axis
        new = np.ones(len(index), bool)
        new[1:] = (np.diff(index[:, :2], axis=0) != 0).any(axis=1) | (np.diff(index[:, 2]) != 1)
        self.column = np.cumsum(new) - 1
        back = np.insert(index[:, :2], a, index[:, 2], axis=1)
        cells = cell_index(layout, back.T)
        s = step(layout, device.axis)
        last = np.append(new[1:], True)
        area = areas(layout, device.axis, cells[new])
        depth = layout.width[device.axis][index[:, 2] + 1]
        share = depth / np.bincount(self.column, depth)[self.column]
        put = backend.asarray
        self.cells, self.low, self.high = put(cells), put(cells[new]), put(cells[last] + s)
        self.below, self.above, self.ends = put(cells[new] - s), put(cells[last] + s), (put(cells[new]), put(cells[last]))
        self.area, self.share, self.of = put(area / area.sum()), put(share), put(self.column)
        self.count = area.size
        self.heat = backend.zeros((self.count,))  # of every column, W, as it is in the energy equation

    def air(self, energy: Any) -> tuple[Any, Any]:
        """Heat capacity rate (W/K) and temperature over the reference (K) of the air that enters every column."""
        xp, rise = self.be.xp, energy.rise.reshape(-1)
        if energy.m is None:  # nothing flows
            return self.be.zeros((self.count,)), rise[self.below]
        m = energy.m[self.device.axis].reshape(-1)
        low, high = m[self.low], m[self.high]
        forward = low + high > 0
        rate = xp.where(forward, xp.maximum(low, 0.0), xp.maximum(-high, 0.0))
        return rate, xp.where(forward, rise[self.below], rise[self.above])

    def wanted(self, energy: Any, reference: float) -> Any:
        """Heat that every column takes from the air in the present field, W."""
        xp, d = self.be.xp, self.device
        rate, rise = self.air(energy)
        liquid = d.capacity_rate * self.area
        least = xp.minimum(rate, liquid)
        if d.effectiveness is not None:
            effectiveness = d.effectiveness
        else:
            units = (d.conductance or 0.0) * self.area / xp.maximum(least, 1e-300)
            effectiveness = cross_flow(units, xp.where(least > 0, least / xp.maximum(rate, liquid), 0.0), xp)
        return effectiveness * least * (rise + (reference - d.temperature))

    def take(self, b: Any, heat: Any) -> None:
        """Change the sources of the energy equation (W) to new heats of the columns."""
        b.reshape(-1)[self.cells] -= (heat - self.heat)[self.of] * self.share
        self.heat = heat

    def figures(self, energy: Any, reference: float) -> dict[str, float]:
        """Heat (W) and mean temperatures of the air before and behind (K), weighted by what flows."""
        host = self.be.to_numpy
        rate, rise = (host(a) for a in self.air(energy))
        m, field = energy.m[self.device.axis].reshape(-1), energy.rise.reshape(-1)
        low, high, first, last = (host(a) for a in (m[self.low], m[self.high], *(field[e] for e in self.ends)))
        forward = low + high > 0
        out = np.where(forward, np.maximum(high, 0.0), np.maximum(-low, 0.0))
        return {"heat": float(self.heat.sum()), "air_in": _mean(rise, rate) + reference,
                "air_out": _mean(np.where(forward, last, first), out) + reference}


def _mean(values: Array, weights: Array) -> float:
    return float((values * weights).sum() / weights.sum()) if weights.sum() > 0 else float("nan")
