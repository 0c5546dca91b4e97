"""Tees of manifolds: losses that depend on how the flow divides or combines.

Node pressures are total pressures, so a header whose flow slows down regains static pressure without a term for it; what a tee
loses is K rho u^2/2, u of the combined flow in the header. 90 degrees, q = side / combined flow, a = side / header area:
dividing   K_side = G (1 + H (q/a)^2), K_run = M q^2;   combining   K_side = C (1 + (q/a)^2 - 2 (1-q)^2), K_run = 1.55 q - q^2,
with G, H, M, C of Crane Co., Flow of Fluids Through Valves, Fittings and Pipe, Technical Paper 410 (2009), eq. 2-35 to 2-38.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.network.laws import Array

Index = NDArray[np.intp]


@dataclass(frozen=True)
class Tees:
    """Branches of all tees, (t,) indices; `sign`: 1 where the branch starts at the tee, -1 where it ends there, (3, t)."""

    common: Index
    run: Index
    side: Index
    sign: Array
    header_area: Array
    side_area: Array

    def drops(self, m: Array, rho: Array) -> Array:
        """Additional pressure drop of the branches along start to end, Pa; none where the flow neither divides nor combines."""
        out = np.zeros_like(m)
        common, run, side = (s * m[k] for s, k in zip(self.sign, (self.common, self.run, self.side), strict=True))  # away
        total = np.abs(common)
        q = np.clip(np.abs(side) / np.maximum(total, 1e-12), 0.0, 1.0)
        area = self.side_area / self.header_area
        dividing, combining = (common < 0) & (run >= 0) & (side >= 0), (common > 0) & (run <= 0) & (side <= 0)
        split, join = crane_dividing(q, area), crane_combining(q, area)
        head = total**2 / (2 * rho[self.common] * self.header_area**2)
        for n, (k, sign) in enumerate(((self.side, self.sign[2]), (self.run, self.sign[1]))):
            # a loss along the flow: away from the tee where it divides, towards it where it combines
            np.add.at(out, k, sign * head * (np.where(dividing, split[n], 0.0) - np.where(combining, join[n], 0.0)))
        return out


def crane_dividing(q: Array, area: Array) -> tuple[Array, Array]:
    """K of side and run where the flow divides, 90 degrees."""
    h = np.where(area <= (2 / 3) ** 2, 1.0, 0.3)
    g = np.where(area <= 2 / 3, 1.0, 1 + 0.3 * q**2)
    m = np.where(area <= 0.4, 0.4, np.where(q <= 0.5, 2.0, 0.3) * (2 * q - 1))
    return g * (1 + h * (q / area) ** 2), m * q**2


def crane_combining(q: Array, area: Array) -> tuple[Array, Array]:
    """K of side and run where the flow combines, 90 degrees; the side's is negative where the header draws."""
    c = np.where(area <= 0.35, 1.0, np.where(q <= 0.4, 0.9 * (1 - q), 0.55))
    return c * (1 + (q / area) ** 2 - 2 * (1 - q) ** 2), 1.55 * q - q**2
