"""Fans: a curve of pressure over flow, and planes of the air where it acts on the flow through all of the plane.

Curves are monotone piecewise cubics through their points (PCHIP: Fritsch & Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300).
Speed, fans in parallel and in series follow the affinity laws (e.g. Bleier, Fan Handbook (1998), ch. 5).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from coldrack.solver.devices import Curve, Fan
from coldrack.solver.physics.faces import Groups
from coldrack.solver.physics.layout import Layout

LEAST = 1e-4  # share of the flow at the curve's end that counts as none
STEEP = 2.0  # slope beyond the ends of a curve over that of the line between its ends, at least


class Performance:
    """Pressure of a group of fans as a function of their flow.

    Parameters
    ----------
    curve : Curve
        Of one fan at full speed.
    speed : float
    parallel, series : int
    """

    def __init__(self, curve: Curve, speed: float = 1.0, parallel: int = 1, series: int = 1) -> None:
        self.most = curve.flow[-1] * speed * parallel  # m3/s, largest flow on the curve
        self.least = curve.pressure[-1] * speed**2 * series
        self.stall = curve.pressure[0] * speed**2 * series  # Pa at no flow
        q = np.array(curve.flow) * speed * parallel
        self.inside = PchipInterpolator(q, np.array(curve.pressure) * speed**2 * series)
        self.inner_slope = self.inside.derivative()
        line = self.stall / self.most
        self.ends = [max(-float(self.inner_slope(at)), STEEP * line) for at in (0.0, self.most)]

    def __call__(self, flow: float) -> tuple[float, float]:
        """Pressure rise, Pa, and its slope, Pa/(m3/s), not above 0; beyond the curve's ends a steep straight line."""
        if flow < 0.0:
            return self.stall - self.ends[0] * flow, -self.ends[0]
        if flow > self.most:
            return self.least - self.ends[1] * (flow - self.most), -self.ends[1]
        return float(self.inside(flow)), min(float(self.inner_slope(flow)), 0.0)

    def stiffness(self, flow: float) -> float:
        """Slope that iterations count with, Pa/(m3/s): that of the curve, or of the line to its end where it is still flat."""
        pressure, slope = self(flow)
        return max(-slope, (pressure - self.least) / (self.most - flow) if flow < self.most else 0.0)

    def beyond(self, flow: float) -> str:
        """Why a flow is no operating point of the curve; empty if it is one."""
        if flow <= LEAST * self.most:
            return f"its {self.stall:.4g} Pa do not suffice, {flow:.3g} m3/s flow through it"
        if flow > self.most * (1.0 + 1e-9):
            return f"{flow:.4g} m3/s flow through it, its curve ends at {self.most:.4g} m3/s"
        return ""


class Fans:
    """All fans in planes of the air.

    Parameters
    ----------
    devices : tuple
        Of the problem; others than fans are left alone.
    layout : Layout
    backend : Backend
    """

    def __init__(self, devices: Any, layout: Layout, backend: Any) -> None:
        self.fans = [d for d in devices if isinstance(d, Fan)]
        self.curves = [Performance(f.curve, f.speed, f.parallel, f.series) for f in self.fans]
        self.groups = Groups(layout, [f.plane for f in self.fans])
        direction = np.array([f.direction for f in self.fans] or [1], float)[self.groups.group]
        self.axes: dict[int, tuple[Any, ...]] = {}
        for axis in range(3):
            here = self.groups.axis == axis
            if here.any():
                face, area = self.groups.face[here], (direction * self.groups.area)[here]
                self.axes[axis] = (backend.asarray(face), backend.asarray(area), self.groups.group[here], backend)

    def speeds(self) -> list[float]:
        """Through the planes at the end of the curves, m/s."""
        return [float(c.most / area) for c, area in zip(self.curves, self.groups.whole)]

    def flows(self, axis: int, velocity: Any) -> Any:
        """Volume flow along each fan's direction, m3/s; 0 for fans normal to another axis."""
        face, area, group, backend = self.axes[axis]
        return np.bincount(group, backend.to_numpy(velocity.reshape(-1)[face] * area), len(self.fans))

    def force(self, flow: Any, axis: int, b: Any, drag: Any) -> None:
        """Add pressure times area, N; the slope is that of the plane's whole flow changing alike."""
        if axis not in self.axes:
            return
        face, area, group, backend = self.axes[axis]
        flows = self.flows(axis, flow.velocity[axis])
        found = np.array([(c(q)[0], c.stiffness(q)) for c, q in zip(self.curves, flows)])
        b.reshape(-1)[face] += backend.asarray(found[group, 0]) * area
        drag.reshape(-1)[face] += backend.asarray(found[group, 1] * self.groups.whole[group]) * abs(area)
