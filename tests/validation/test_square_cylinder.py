"""Vortices behind a square cylinder in a channel of eight times its side, Re = 100 with the peak of the parabola.

Breuer, Bernsdorf, Zeiser & Durst, Int. J. Heat Fluid Flow 21 (2000) 186: Strouhal number about 0.139, mean drag coefficient
about 1.37 (tests/reference/square_cylinder.csv). The drag is what the momentum of a box around the cylinder lacks: the corners
of the cylinder are singular.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import check, table
from unsteady_support import cylinder

import coldrack

BOX = ((-1.0, 1.5), (-1.0, 1.0))


class Wake:
    """Takes snapshots; knows the frequency behind the cylinder and the mean force on it over whole periods."""

    def __init__(self, problem: Any, start: float) -> None:
        self.faces = problem.mesh.grid.faces[:2]
        self.centres = [0.5 * (f[1:] + f[:-1]) for f in self.faces]
        self.mu, self.start, self.rows = problem.coolant.mu, start, []
        self.ends = [[int(np.abs(f - e).argmin()) for e in ends] for f, ends in zip(self.faces, BOX)]
        self.probe = tuple(int(np.abs(c - at).argmin()) for c, at in zip(self.centres[::-1], (0.0, 2.5)))

    def __call__(self, snapshot: Any) -> None:
        if snapshot.time < self.start:
            return
        p, velocity = (snapshot.fields[n][0].astype(float) for n in "pU")
        u, v = velocity[..., 0], velocity[..., 1]
        width = [np.diff(f) for f in self.faces]
        (left, right), (low, high) = self.ends
        force = 0.0
        for i, sign in ((left, 1.0), (right, -1.0)):
            stress = self.at(p, 0, i) + self.at(u, 0, i) ** 2 - 2.0 * self.mu * self.slope(u, 0, i)
            force += sign * float((stress * width[1])[low:high].sum())
        for j, sign in ((low, 1.0), (high, -1.0)):
            across = self.slope(u, 1, j) + np.gradient(self.at(v, 1, j), self.centres[0])
            force += sign * float(((self.at(u, 1, j) * self.at(v, 1, j) - self.mu * across) * width[0])[left:right].sum())
        inside = float((u * width[0] * width[1][:, None])[low:high, left:right].sum())
        self.rows.append((snapshot.time, v[self.probe], force, inside))

    def at(self, a: Any, axis: int, face: int) -> Any:
        """Values on a line of faces, from the cells beside it."""
        c = self.centres[axis]
        share = (self.faces[axis][face] - c[face - 1]) / (c[face] - c[face - 1])
        return (1.0 - share) * a.take(face - 1, 1 - axis) + share * a.take(face, 1 - axis)

    def slope(self, a: Any, axis: int, face: int) -> Any:
        c = self.centres[axis]
        return (a.take(face, 1 - axis) - a.take(face - 1, 1 - axis)) / (c[face] - c[face - 1])

    def figures(self) -> tuple[float, float, float]:
        """Strouhal number, mean drag coefficient, amplitude of the velocity across."""
        t, v, force, inside = np.array(self.rows).T
        up = np.flatnonzero((v[:-1] < 0) & (v[1:] >= 0))
        zero = t[up] - v[up] * (t[up + 1] - t[up]) / (v[up + 1] - v[up])
        assert len(zero) > 1, "no vortices"
        whole = (t >= zero[0]) & (t <= zero[-1])
        change = (inside[whole][-1] - inside[whole][0]) / (t[whole][-1] - t[whole][0])
        return 1.0 / float(np.diff(zero).mean()), 2.0 * float(force[whole].mean() - change), float(np.abs(v).max())


def shed(cells: int, ratio: float, end: float, start: float) -> tuple[float, float, float]:
    problem = cylinder(cells, ratio, end=end, write_every=0.25)
    wake = Wake(problem, start)
    solution = coldrack.solve(problem, snapshot=wake)
    assert solution.converged and solution.ledger["mass_relative"] < 1e-8
    return wake.figures()


def test_vortices_on_a_coarse_grid() -> None:
    """Six cells a side, the first periods: the wake swings by itself."""
    strouhal, drag, amplitude = shed(6, 1.2, 35.0, 15.0)
    check("square cylinder Re 100, 6 cells a side: Strouhal number", abs(strouhal / 0.139 - 1.0), 0.08, "Breuer et al. 2000")
    check("square cylinder Re 100, 6 cells a side: drag", abs(drag / 1.37 - 1.0), 0.05, "Breuer et al. 2000")
    assert amplitude > 0.2


@pytest.mark.slow
def test_vortices_on_a_fine_grid() -> None:
    known = table("square_cylinder")[2]
    strouhal, drag, _ = shed(16, 1.08, 90.0, 55.0)
    for name, value, reference in (("Strouhal number", strouhal, known["St"]), ("drag", drag, known["Cd"])):
        check(f"square cylinder Re 100, 16 cells a side: {name}", abs(value / reference - 1.0), 0.03, "Breuer et al. 2000")
