"""What eddies smaller than a cell do: a viscosity from the resolved velocities, per coolant cell.

WALE: Nicoud & Ducros, Flow Turbul. Combust. 62 (1999) 183. Vreman: Phys. Fluids 16 (2004) 3670.
"""

from __future__ import annotations

from typing import Any

from coldrack.solver.physics.layout import Layout

WALE = 0.325  # Cw, of the length: that of decaying turbulence with the cube root of the cell's volume
VREMAN = 0.07  # 2.5 Cs^2, with Smagorinsky's Cs = 0.17


class Eddies:
    """Eddy viscosity of one flow; `mu`, Pa s, padded, is 0 outside the coolant.

    Parameters
    ----------
    model : {"wale", "vreman"}
    layout, backend
    """

    def __init__(self, model: str, layout: Layout, backend: Any) -> None:
        self.model, self.be, self.n = model, backend, layout.n
        self.mu = backend.zeros(layout.shape)
        scale = (WALE**2, 1.0, 1.0)
        self.lengths = [backend.asarray(s * h ** (2.0 / 3.0)) for s, h in zip(scale, layout.width)]

    def update(self, flow: Any) -> None:
        """Take the velocities of a flow, and give it the sum of its coolant's viscosity and that of the eddies."""
        arguments = (flow.kind, flow.rho, *flow.velocity, *flow.width)
        if self.model == "wale":
            self.be.launch("eddy_wale", *self.n, *arguments, *self.lengths, self.mu)
        else:
            self.be.launch("eddy_vreman", *self.n, VREMAN, *arguments, self.mu)
        flow.mu[...] = flow.molecular
        flow.mu += self.mu
