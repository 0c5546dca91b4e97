"""Books of the devices of a run in time: what servers and coolers, heat exchangers and porous blocks give to the air, J."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.devices import Porous
from coldrack.solver.physics.devices import Devices


class DeviceBooks:
    """Heat by device since time 0.

    Parameters
    ----------
    devices : Devices
        Of the problem, attached to the energy equation.
    """

    def __init__(self, devices: Devices) -> None:
        self.devices, self.be = devices, devices.be
        u = devices.units
        self.names = [d.name for d in u.units]
        self.pairs = []  # of inlets and outlets, by axis: faces, signs, cells that hold what is carried, units
        for group, sign, cells, out in ((u.inlet, u.signs[0], u.taken, -1.0), (u.outlet, u.signs[1], u.inside, 1.0)):
            for axis in range(3):
                here = np.flatnonzero(group.axis == axis)
                if here.size:
                    put = self.be.asarray
                    one_hot = np.zeros((len(self.names), here.size))
                    one_hot[group.group[here], np.arange(here.size)] = out
                    self.pairs.append((axis, put(group.face[here]), put(sign[here].astype(float)), put(cells[here]),
                                       put(one_hot)))
        self.units = self.be.zeros((len(self.names),))
        self.exchanged = [self.be.zeros((1,)) for _ in devices.exchangers]
        self.seconds = 0.0
        self.offset: dict[str, float] = {}

    def enter(self, energy: Any, rise: Any, seconds: float) -> None:
        """Add what units carry now for so many seconds: what leaves them less what enters them."""
        flat = rise.reshape(-1)
        for axis, face, sign, cell, one_hot in self.pairs:
            carried = energy.m[axis].reshape(-1)[face] * sign * flat[cell]
            self.units += seconds * (one_hot * carried).sum(1)

    def pass_time(self, seconds: float) -> None:
        """Add what exchangers take now for so many seconds."""
        self.seconds += seconds
        for sums, e in zip(self.exchanged, self.devices.exchangers):
            sums += seconds * e.heat.sum()

    def totals(self) -> dict[str, float]:
        """Heat into the air by device, J; porous blocks have theirs in the sources."""
        host = self.be.to_numpy
        out = dict(zip(self.names, host(self.units).tolist()))
        out |= {e.device.name: -float(host(s)[0]) for e, s in zip(self.devices.exchangers, self.exchanged)}
        return {name: value + self.offset.get(name, 0.0) for name, value in out.items()}

    def ledger(self, seconds: float) -> tuple[dict[str, float], dict[str, float]]:
        """Mean powers into the air, and into liquids, by device, W."""
        air = {name: value / seconds for name, value in self.totals().items()}
        liquid = {u.name: u.liquid_power for u in self.devices.units.units if u.liquid_power}
        liquid |= {e.device.name: -air[e.device.name] for e in self.devices.exchangers}
        return air | {d.name: d.power for d in self.devices.problem.devices if isinstance(d, Porous) and d.power}, liquid
