"""Heat exchangers between two loops: effectiveness over the number of transfer units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc

from coldrack.solver.network.elements import Element
from coldrack.solver.network.laws import Array, Drop

ARRANGEMENTS = ("counterflow", "crossflow", "parallel")


def effectiveness(ntu: Array, ratio: Array, arrangement: str) -> Array:
    """Heat over the most that is possible; `ratio` is the smaller heat capacity rate over the larger.

    Kays & London, Compact Heat Exchangers (1984), ch. 2; crossflow with both streams unmixed after J. L. Mason, Heat transfer
    in cross-flow, Proc. 2nd US National Congress of Applied Mechanics (1955) 801-803: the sum over n of P(n+1, NTU)
    P(n+1, ratio NTU) / (ratio NTU), P the incomplete gamma function.
    """
    ntu, ratio = np.asarray(ntu, float), np.clip(ratio, 1e-12, 1.0)
    if arrangement == "parallel":
        return -np.expm1(-ntu * (1 + ratio)) / (1 + ratio)
    if arrangement == "crossflow":
        terms = np.arange(1, int(np.max(ntu) + 12 * np.sqrt(np.max(ntu)) + 20))
        product = gammainc(terms, ntu[..., None]) * gammainc(terms, (ratio * ntu)[..., None])
        return np.asarray(product.sum(-1) / np.maximum(ratio * ntu, 1e-300))
    return counterflow(ntu, ratio)


def counterflow(ntu: Array, ratio: Array) -> Array:
    """(1 - e^-x) / (1 - ratio e^-x), x = NTU (1 - ratio); at ratio 1 its limit NTU / (1 + NTU), which rounding does not touch.

    `ratio` may be above 1: that of any stream's heat capacity rate over the other's.
    """
    x = ntu * (1 - ratio)
    taken = -np.expm1(-np.where(x == 0, 1.0, x))
    return np.where(x == 0, ntu / (1 + ntu), taken / (1 - ratio + ratio * taken))


@dataclass(frozen=True, eq=False)
class Exchanger:
    """Two streams that give heat to each other; one of `ua`, `effectiveness_value` and `table` says how much.

    Parameters
    ----------
    name : str
    ua : float, optional
        Conductance of the whole, W/K.
    effectiveness_value : float, optional
        Heat over the most that the smaller heat capacity rate allows.
    table : callable, optional
        Conductance (W/K) over the mass flows (kg/s) of the first and the second side.
    arrangement : str
        One of `ARRANGEMENTS`.
    """

    name: str
    ua: float | None = None
    effectiveness_value: float | None = None
    table: Callable[[float, float], float] | None = None
    arrangement: str = "counterflow"

    def at(self, first: float, second: float, flows: tuple[float, float]) -> tuple[float, float]:
        """Effectiveness, and heat per kelvin between the inlets (W/K); both sides' heat capacity rates (W/K) and mass flows."""
        small, large = min(first, second), max(first, second)
        if small <= 0.0:
            return 0.0, 0.0
        if self.effectiveness_value is not None:
            value = self.effectiveness_value
        else:
            ua = self.table(*flows) if self.table is not None else self.ua
            value = float(effectiveness(np.asarray((ua or 0.0) / small), np.asarray(small / large), self.arrangement))
        return value, value * small


@dataclass(frozen=True)
class ExchangerSide(Element):
    """One side of an exchanger: `element` is its flow resistance. The two branches that hold one exchanger are its sides."""

    exchanger: Exchanger
    element: Element

    def drop(self, m: Array, rho: Array, mu: Array, t: Array) -> Drop:
        """That of its resistance."""
        return self.element.drop(m, rho, mu, t)
