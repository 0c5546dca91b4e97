"""Screens and porous blocks: forces on the faces of the staggered grid against the velocity through them.

Momentum's control volume of a face holds the whole of a screen on it, and half a cell of a porous block on each side, so that
pressure drops are exact where blocks end. -F = (a + b |u|) u per face, with a = A (R + (h mu D)_low / 2 + (h mu D)_high / 2)
and b = A (rho K / 2 + (h rho C)_low / 4 + (h rho C)_high / 4): Darcy-Forchheimer law, e.g. Nield & Bejan, Convection in Porous
Media (2017), eq. 1.12, with the viscous terms of the flow kept (Brinkman).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.devices import Fan, Porous, Screen
from coldrack.solver.physics.faces import areas, face_index, step
from coldrack.solver.physics.fans import Performance
from coldrack.solver.physics.flow_boundary import COOLANT, FlowBoundary
from coldrack.solver.physics.layout import Layout
from coldrack.solver.problem import Problem

FORGET = 0.85  # of the speed that a resistance must expect while the flow starts, kept from one iteration to the next


def driving_pressure(problem: Problem) -> float:
    """Most that fans and given pressures can drive air with, Pa."""
    given = [bc.pressure or 0.0 for bc in problem.boundaries if bc.kind in ("inlet", "outlet")]
    fans = [Performance(d.curve, d.speed, d.parallel, d.series).stall for d in problem.devices if isinstance(d, Fan)]
    return (max(given) - min(given) if given else 0.0) + sum(fans)


class Resistances:
    """All screens and porous blocks of a problem.

    Parameters
    ----------
    problem : Problem
    layout : Layout
    boundary : FlowBoundary
    backend : Backend
    """

    def __init__(self, problem: Problem, layout: Layout, boundary: FlowBoundary, backend: Any) -> None:
        devices, self.be = problem.devices, backend
        self.axes: dict[int, tuple[Any, ...]] = {}
        self.start = driving_pressure(problem)
        for axis in range(3):
            arrays = self._arrays([d for d in devices if isinstance(d, Screen) and d.plane.axis == axis],
                                  [d for d in devices if isinstance(d, Porous)], layout, boundary, axis)
            if arrays is not None:
                self.axes[axis] = tuple(backend.asarray(a) for a in arrays)

    def _arrays(self, screens: list[Screen], blocks: list[Porous], layout: Layout, boundary: FlowBoundary, axis: int) -> Any:
        """Faces, the cells below them, areas, and what multiplies: nothing; mu below, above; rho below, above."""
        plain, screen = np.zeros(layout.shape), np.zeros(layout.shape)
        for s in screens:
            index = face_index(layout, axis, s.plane.faces)
            plain.reshape(-1)[index] += s.resistance
            screen.reshape(-1)[index] += s.loss
        viscous, inertial = np.zeros(layout.shape), np.zeros(layout.shape)  # of half a cell
        width = layout.width[axis].reshape([-1 if d == 2 - axis else 1 for d in range(3)])
        for b in blocks:
            cells = layout.pad(b.cells)
            viscous += cells * 0.5 * width * b.darcy[axis]
            inertial += cells * 0.25 * width * b.forchheimer[axis]
        below = [np.roll(a, 1, 2 - axis) for a in (viscous, inertial)]
        face = np.flatnonzero(boundary.solved[axis] * (plain + screen + viscous + inertial + sum(below)))
        if not face.size:
            return None
        low = face - step(layout, axis)
        area = areas(layout, axis, face)
        wet = [(boundary.kind.reshape(-1)[i] == COOLANT).astype(float) for i in (low, face)]
        share = [w / (wet[0] + wet[1]) for w in wet]  # of the density on the face

        def at(a: Any) -> Any:
            return area * a.reshape(-1)[face]

        return (face, low, area, at(plain), at(below[0]), at(viscous), at(below[1]) + 0.5 * at(screen) * share[0],
                at(inertial) + 0.5 * at(screen) * share[1])

    def force(self, flow: Any, axis: int, b: Any, drag: Any) -> None:
        """Add the forces to `b`, N, and minus their slopes to `drag`, kg/s."""
        if axis not in self.axes:
            return
        face, low, area, plain, mu_low, mu_high, rho_low, rho_high = self.axes[axis]
        mu, rho = getattr(flow, "molecular", flow.mu).reshape(-1), flow.rho.reshape(-1)
        u = flow.velocity[axis].reshape(-1)[face]
        linear = plain + mu_low * mu[low] + mu_high * mu[face]
        square = rho_low * rho[low] + rho_high * rho[face]
        b.reshape(-1)[face] -= (linear + square * abs(u)) * u
        drag.reshape(-1)[face] += linear + 2.0 * self.be.xp.sqrt(square * (square * u * u + self.start * area))

    def renew(self) -> None:
        """After an iteration: expect less of a jump of the velocity.

        At rest a screen has no slope, and the first step under the pressure of a fan would be far too long: so the slope is
        first that at the speed where the screen alone takes all pressure.
        """
        self.start *= FORGET
