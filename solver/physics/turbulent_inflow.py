"""What turbulence the air brings in: at inlets, and where units blow out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from coldrack.solver.devices import Unit
from coldrack.solver.physics.flow_boundary import OPEN, is_open
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.walls import padded_faces
from coldrack.solver.problem import Problem


class Inflow:
    """Faces that air enters through, and intensity and length scale of its turbulence.

    k = 3/2 (intensity speed)^2 of the present speed through each face; the second quantity follows from k and the length.
    What flows back through outlets has the values of the cells that it enters.
    """

    def __init__(self, problem: Problem, layout: Layout, flow: Any) -> None:
        self.problem, self.be = problem, flow.be
        self.groups: list[tuple[int, Any, Any, float, float]] = []  # axis, faces, places beyond, intensity, length
        kind = np.array(flow.boundary.kind)
        for bc in problem.boundaries:
            patch = problem.mesh.patches[bc.name]
            if bc.kind == "inlet":
                ghosts = layout.ghosts(patch)
                self._add(patch.axis, layout.boundary_faces(patch), ghosts, *self._scales(bc.turbulence_intensity,
                                                                                       bc.turbulence_length, bc.name), layout)
                if is_open(bc):
                    kind[ghosts] = np.where(kind[ghosts] == OPEN, 1, kind[ghosts])  # what enters here brings its own
        for device in problem.devices:
            if isinstance(device, Unit):
                plane = device.outlet
                face = padded_faces(layout, plane.axis, plane.faces)
                beyond = list(face)
                if device.outlet_direction > 0:
                    beyond[2 - plane.axis] = beyond[2 - plane.axis] - 1
                self._add(plane.axis, face, tuple(beyond), *self._scales(None, None, device.name), layout)
        self.kind = self.be.asarray(kind)

    def _scales(self, intensity: float | None, length: float | None, name: str) -> tuple[float, float]:
        """Intensity and length of a boundary, or the problem's."""
        t = self.problem.turbulence
        assert t is not None
        intensity, length = intensity or t.intensity, length or t.length
        if not intensity or not length:
            raise ValueError(f"{name}: the turbulence model needs the intensity and the length scale of what flows in")
        return intensity, length

    def _add(self, axis: int, face: Any, beyond: Any, intensity: float, length: float, layout: Layout) -> None:
        flat = [self.be.asarray(np.ravel_multi_index(i, layout.shape).astype(np.int64)) for i in (face, beyond)]
        self.groups.append((axis, *flat, intensity, length))  # type: ignore[arg-type]

    def apply(self, flow: Any, k: Any, other: Any, second: Callable[[Any, float], Any]) -> None:
        """Set both quantities beyond every face that air enters through."""
        for axis, face, beyond, intensity, length in self.groups:
            speed = flow.velocity[axis].reshape(-1)[face]
            here = self.be.xp.maximum(1.5 * (intensity * speed) ** 2, 1e-12)
            k.reshape(-1)[beyond] = here
            other.reshape(-1)[beyond] = second(here, length)

    def guess(self, flow: Any) -> tuple[float, float]:
        """k and length scale to begin with: those of the fastest inflow, or of what falls freely through the domain."""
        best, t = (0.0, 0.0), self.problem.turbulence
        assert t is not None
        for axis, face, _, intensity, length in self.groups:
            speed = float(abs(flow.velocity[axis].reshape(-1)[face]).max())
            best = max(best, (1.5 * (intensity * speed) ** 2, length))
        if best[0] > 0.0:
            return best
        height = max(float(f[-1] - f[0]) for f in self.problem.mesh.grid.faces)
        size = float(np.max(np.abs(self.problem.gravity))) * getattr(flow, "expansion", 0.0) * 10.0 * height
        return max(1.5 * (0.05 * 0.05 * size), 1e-6), t.length or 0.07 * height
