"""Scalars to watch in a flow: the pressure drop, from a few cells and without moving a field off the device; throughput."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.devices import Fan, Unit
from coldrack.solver.physics import ledger
from coldrack.solver.physics.faces import face_index
from coldrack.solver.physics.layout import Layout
from coldrack.solver.problem import Problem


class PressureProbe:
    """Mean pressure of the inlets minus that of the outlets, Pa; the range of the pressure where one of them is missing."""

    def __init__(self, problem: Problem, layout: Layout, backend: Any) -> None:
        self.be = backend.with_dtype("f8")
        samples = ledger.pressure_samples(problem, layout)
        kinds = {bc.name: bc.kind for bc in problem.boundaries}
        groups = [[s for n, s in samples.items() if kinds[n] == kind] for kind in ("inlet", "outlet")]
        self.open = any(kind == "outlet" for kind in kinds.values())
        index, weight, self.constant = [], [], 0.0
        for sign, group in zip((1.0, -1.0), groups if all(groups) else ()):
            for cells, share, given in group:
                index.append(np.ravel_multi_index(cells, layout.shape))
                weight.append(sign * share / len(group))
                self.constant += sign * given / len(group)
        flat = np.concatenate(index) if index else np.zeros(0, np.int64)
        self.cells = self.be.asarray(flat.astype(np.int64))
        self.weight = self.be.asarray(np.concatenate(weight) if weight else np.zeros(0))
        self.empty = flat.size == 0
        self.inner = bool(problem.devices)

    def __call__(self, pressure: Any) -> float:
        """Value for a padded pressure field on the device."""
        if not self.open:
            return float(pressure.max() - pressure.min())
        if self.empty:
            return self.constant
        return self.constant + float(self.be.dot(pressure.ravel()[self.cells], self.weight))

    def scale(self, pressure: Any) -> float:
        """Range of a pressure that devices make, Pa: the drop from inlets to outlets may be small beside it. Else 0."""
        return float(pressure.max() - pressure.min()) if self.inner else 0.0


def _moved(problem: Problem, layout: Layout, fluxes: list[np.ndarray]) -> float:
    """Mass that units and fans move, kg/s."""
    planes = [d.inlet if isinstance(d, Unit) else d.plane for d in problem.devices if isinstance(d, Unit | Fan)]
    return sum(abs(float(fluxes[p.axis].reshape(-1)[face_index(layout, p.axis, p.faces)].sum())) for p in planes)


def throughput(problem: Problem, layout: Layout, flow: Any, properties: Any) -> float:
    """Mass that flows in or that devices move, kg/s; in closed domains what the fastest coolant carries through them."""
    fluxes = [flow.be.to_numpy(m) for m in flow.mass_fluxes()]
    total = 0.0
    for bc in problem.boundaries:
        patch = problem.mesh.patches[bc.name]
        if bc.kind == "inlet":
            total += float(np.abs(ledger.boundary_flows(layout, patch, fluxes[patch.axis])).sum())
    total += _moved(problem, layout, fluxes)
    if total == 0.0:
        speeds = [float(abs(u).max()) for u in flow.velocity]
        dx, dy, dz = (f[-1] - f[0] for f in problem.mesh.grid.faces)
        total = float(np.max(properties.density)) * max(*speeds, getattr(flow, "rest", 1e-12)) * (dx * dy * dz) ** (2.0 / 3.0)
    return total
