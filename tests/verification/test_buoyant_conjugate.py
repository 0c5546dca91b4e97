"""Buoyant coolant around a heated solid: closed, with forced flow, as a chimney; books, superposition, resuming."""

from __future__ import annotations

import numpy as np
import pytest
from buoyant_support import OPENINGS, POWER, chip_in_air
from support import run


@pytest.mark.parametrize("kind", list(OPENINGS))
def test_books_close(kind: str) -> None:
    solution = run(chip_in_air(kind))
    book = solution.ledger
    assert book["heat_relative"] < 1e-6 and book["mass_relative"] < 1e-8
    assert np.isclose(book["heat_out"], POWER, rtol=1e-6)
    assert solution.responses is None  # the flow depends on the heat: responses do not add up


def test_air_rises_past_the_chip() -> None:
    """Buoyancy helps an upward flow and cools the chip; nothing but the chip drives the chimney, and upward."""
    with_it, without = (run(chip_in_air("forced", g)).components["chip"]["t_max"] for g in (9.81, 0.0))
    assert with_it < without - 1.0
    chimney = run(chip_in_air("chimney"))
    assert chimney.flow_rate > 1e-6 and chimney.ledger["mass_flows"]["z0"] > 0


def test_chimney_is_in_balance() -> None:
    """Weight of the displaced air = change of momentum + wall friction, over the whole channel and the chip's faces.

    Friction is not measured; it is bounded: the buoyant weight exceeds the momentum that the air takes along, and no
    more than the friction of developed flow at the chip's narrowest and all the way up explains the rest.
    """
    solution = run(chip_in_air("chimney"))
    problem, grid = solution.problem, solution.problem.mesh.grid
    air, t = problem.coolant, np.array(300.0)
    assert air is not None
    wet, rho = problem.mesh.fluid, float(air.density(t))
    lift = (rho * 9.81 * float(air.expansion(t)) * (solution.temperature - 300.0) * grid.volumes() * wet).sum()
    area = grid.widths[0][None, :] * 0.005
    gain = rho * ((solution.w[-1] ** 2 * area).sum() - (solution.w[0] ** 2 * area).sum())
    friction = 12.0 * float(air.viscosity(t)) * solution.flow_rate / 0.005 / 0.015**3 * 0.1 * 0.015 * 0.005
    assert 0.0 < gain < lift < gain + 3.0 * friction


def test_resuming_gives_the_same_answer() -> None:
    """A run cut off after some iterations goes on to the answer of the whole run; a finished one is left as it is."""
    whole = run(chip_in_air("closed"))
    part = chip_in_air("closed", max_iterations=3)
    from coldrack.solver.run import solve

    cut = solve(part)
    assert not cut.converged and cut.temperature.max() > 301.0
    again = run(chip_in_air("closed"), resume=cut.restart())
    assert np.isclose(again.temperature.max(), whole.temperature.max(), atol=2e-3 * np.ptp(whole.temperature))
    finished = run(chip_in_air("closed"), resume=whole.restart())
    assert finished.iterations - whole.iterations < 30
