"""Servers and coolers: boxes whose inlet and outlet faces have prescribed velocities, and whose outlets have temperatures.

Their flow is given, follows from heat and temperature rise, or is where the fans' curve meets the inner loss and the mean
pressure difference of the room between outlet and inlet. What leaves has the flow-weighted mean temperature of what enters plus
power / (mass flow times heat capacity), or the supply temperature. It stands in the void cells behind the outlet faces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import brentq

from coldrack.solver.devices import Unit
from coldrack.solver.physics.faces import Groups
from coldrack.solver.physics.fans import LEAST, Performance
from coldrack.solver.physics.layout import Array, Layout

# Share of the way to the operating point that a unit's flow goes in an iteration: at first, least, most; what it is multiplied
# by when the point lies ahead as before, and when the flow has gone past it. The most it moves is a share of the curve's flow.
SHARE, SHARES, FASTER, SLOWER, STRIDE = 0.1, (0.002, 0.5), 1.1, 0.5, 0.05


class Units:
    """All servers and coolers of a problem.

    Parameters
    ----------
    devices : tuple
        Of the problem; others than units are left alone.
    layout : Layout
    backend : Backend
    density : float
        Of the air that enters until the flow's is known, kg/m3.
    heat_capacity : float
        J/(kg K).
    """

    def __init__(self, devices: Any, layout: Layout, backend: Any, density: float, heat_capacity: float) -> None:
        self.units: list[Unit] = [d for d in devices if isinstance(d, Unit)]
        self.be, self.layout, self.heat_capacity = backend, layout, heat_capacity
        self.inlet, self.outlet = (Groups(layout, [getattr(u, side) for u in self.units]) for side in ("inlet", "outlet"))
        signs = (np.array([getattr(u, f"{side}_direction") for u in self.units], int) for side in ("inlet", "outlet"))
        self.signs = [s[g.group] for s, g in zip(signs, (self.inlet, self.outlet))]
        before, after = (np.where(s > 0, 0, 1) for s in self.signs)
        self.taken = self.inlet.face - np.where(before == 0, self.inlet.step, 0)  # air cells before the inlets
        self.given = self.outlet.face - np.where(after == 1, self.outlet.step, 0)  # and behind the outlets
        self.inside = self.outlet.face - np.where(after == 0, self.outlet.step, 0)  # void cells that hold what leaves
        self.cells = {name: backend.asarray(getattr(self, name)) for name in ("taken", "given", "inside")}
        self.curves = [Performance(u.curve, u.speed) if u.curve else None for u in self.units]
        self.density = [np.full(g.face.size, density) for g in (self.inlet, self.outlet)]  # on the faces
        self.flow = np.array([self._first(u, density) for u in self.units])  # m3/s at the inlet
        self.share = np.full(len(self.units), SHARE)
        self.way = np.zeros(len(self.units))  # to the operating point at the last look, m3/s
        self.rise = np.zeros(len(self.units))  # of what leaves, over the reference, K
        self.defect = np.zeros(len(self.units))  # heat that a variable heat capacity carries out beyond the constant one, W
        places = [[(sign, np.flatnonzero(g.axis == axis)) for sign, g in zip(self.signs, (self.inlet, self.outlet))]
                  for axis in range(3)]
        self.places = [[p for _, p in pair] for pair in places]
        self.faces = [backend.asarray(np.concatenate([g.face[p] for g, p in zip((self.inlet, self.outlet), pair)]))
                      for pair in self.places]

    def _first(self, unit: Unit, density: float) -> float:
        if unit.temperature_rise is not None:
            return unit.power / (density * self.heat_capacity * unit.temperature_rise)
        if unit.curve is not None:
            return 0.5 * unit.curve.flow[-1] * unit.speed
        return float(unit.flow_rate or 0.0)

    # ------------------------------------------------------------------ flow
    def speeds(self) -> list[float]:
        """At the inlets and outlets, m/s."""
        return [float(v) for g in (self.inlet, self.outlet) for v in self.flow / g.whole]

    def prescribe(self, velocity: list[Any]) -> None:
        """Put the velocities of the inlet and outlet faces where they belong; what enters leaves, by mass."""
        if not self.units:
            return
        mass = self.mass_flow()
        out = self.outlet.sum(self.density[1] * self.outlet.area)
        speeds = [s * v[g.group] for s, v, g in zip(self.signs, (self.flow / self.inlet.whole, mass / out),
                                                    (self.inlet, self.outlet))]
        for axis, (faces, pair) in enumerate(zip(self.faces, self.places)):
            if faces.size:
                values = np.concatenate([v[p] for v, p in zip(speeds, pair)])
                velocity[axis].reshape(-1)[faces] = self.be.asarray(values)

    def mass_flow(self) -> Array:
        """Of every unit, kg/s."""
        return self.flow * self.inlet.mean(self.density[0])

    def recover(self, saved: Sequence[Array], velocity: list[Any]) -> None:
        """Take the flows that fans had met from saved velocities on faces, as `Flow.fields` gives them, and prescribe them."""
        host = [self.layout.pad_faces(u, axis).reshape(-1) for axis, u in enumerate(saved)]
        u = np.array([host[a][f] for a, f in zip(self.inlet.axis, self.inlet.face)])
        found = self.inlet.sum(u * self.signs[0] * self.inlet.area)
        self.flow = np.where((found > 0) & [c is not None for c in self.curves], found, self.flow)
        self.prescribe(velocity)

    def renew(self, flow: Any) -> float:
        """New flows from the fields; returns the largest relative change of a flow."""
        if not self.units:
            return 0.0
        before = self.flow.copy()
        if flow.problem.properties == "variable":
            rho = flow.rho.reshape(-1)
            self.density = [self.be.to_numpy(rho[self.cells[n]]) for n in ("taken", "given")]
            for n, u in enumerate(self.units):
                if u.temperature_rise is not None:
                    self.flow[n] = self._first(u, self.inlet.mean(self.density[0])[n])
        if any(self.curves):
            self._meet_room(self.pressures(flow.pressure))
        self.prescribe(flow.velocity)
        return float(np.max(abs(self.flow - before) / np.maximum(abs(before), 1e-30)))

    def pressures(self, pressure: Any) -> Array:
        """Mean pressure of the room before the outlets minus that before the inlets, Pa."""
        p = pressure.reshape(-1)
        taken, given = (self.be.to_numpy(p[self.cells[n]]) for n in ("taken", "given"))
        return self.outlet.mean(given) - self.inlet.mean(taken)

    def _meet_room(self, difference: Array) -> None:
        """Go a share of the way to where fans meet inner loss and the room's present pressure.

        That pressure answers to the flow, late, and more the more the room resists: the share falls as soon as the flow swings.
        """
        for n, (u, curve) in enumerate(zip(self.units, self.curves)):
            if curve is None:
                continue
            way = _operating_point(curve, u.loss, difference[n]) - self.flow[n]
            if way * self.way[n] != 0.0:
                self.share[n] = np.clip(self.share[n] * (FASTER if way * self.way[n] > 0 else SLOWER), *SHARES)
            self.way[n] = way
            self.flow[n] += np.clip(self.share[n] * way, -STRIDE * curve.most, STRIDE * curve.most)

    # ------------------------------------------------------------------ temperature
    def upwind(self) -> list[Array]:
        """Faces along x, y, z of all inlets and outlets, flat indices into padded arrays."""
        return [self.be.to_numpy(f) for f in self.faces]

    def take_defect(self, flux: list[Array]) -> None:
        """Take what the faces carry beyond constant heat capacity, W, low faces along x, y, z."""
        out, into = (np.array([flux[a].reshape(-1)[f] for a, f in zip(g.axis, g.face)]) for g in (self.outlet, self.inlet))
        self.defect = self.outlet.sum(out * self.signs[1]) - self.inlet.sum(into * self.signs[0])

    @property
    def free(self) -> Array:
        """Units whose outlet follows their inlet, bool."""
        return np.array([u.supply_temperature is None for u in self.units], bool)

    def inlet_rise(self, rise: Any) -> tuple[Array, Array]:
        """Flow-weighted mean and largest temperature of what enters every unit, over the reference, K."""
        t = self.be.to_numpy(rise.reshape(-1)[self.cells["taken"]])
        weight = self.density[0] * self.inlet.area  # the velocity is the same on all faces of an inlet
        return self.inlet.sum(weight * t) / self.inlet.sum(weight), self.inlet.largest(t)

    def outlet_rise(self, rise: Any, reference: float) -> Array:
        """What leaves, for a field of temperatures over the reference, K."""
        power = np.array([u.power for u in self.units]) - self.defect
        supply = np.array([u.supply_temperature or 0.0 for u in self.units]) - reference
        capacity = np.maximum(self.mass_flow() * self.heat_capacity, 1e-300)
        return np.where(self.free, self.inlet_rise(rise)[0] + power / capacity, supply)

    def blow(self, rise: Any, values: Array) -> None:
        """Put outlet temperatures into the field."""
        self.rise = values
        rise.reshape(-1)[self.cells["inside"]] = self.be.asarray(values[self.outlet.group])


def _operating_point(curve: Performance, loss: float, difference: float) -> float:
    """Flow where the fans' pressure is what inner loss and the room take."""

    def surplus(q: float) -> float:
        return curve(q)[0] - loss * q * q - difference

    least, most = LEAST * curve.most, 2.0 * curve.most  # backward flow through a box is not solved
    if surplus(least) <= 0.0:
        return least
    if surplus(most) >= 0.0:
        return most
    return float(brentq(surplus, least, most, xtol=1e-14 * most, rtol=1e-13))
