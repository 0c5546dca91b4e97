"""What may be added to the equations of a flow without the flow knowing what it is: wall functions, fans, porous blocks."""

from __future__ import annotations

from typing import Any


class Term:
    """Nothing; terms override what they need. Arrays are padded device arrays.

    `change` is what `update` changed, over its scale: it counts like the change of the velocities.
    """

    change = 0.0

    def coefficients(self, flow: Any, axis: int) -> None:
        """Change the conductances ``flow.g`` and fluxes ``flow.m`` of one component's control volumes."""

    def force(self, flow: Any, axis: int, b: Any, drag: Any) -> None:
        """Add the force at the present velocity to `b`, N, and minus its slope over the velocity (>= 0) to `drag`, kg/s."""

    def update(self, flow: Any, energy: Any) -> None:
        """After an iteration: take the new fields; `energy` is None where the temperature does not go along."""
