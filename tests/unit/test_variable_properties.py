"""Properties that follow the temperature: heat is conserved, and what leaves is the integral of the heat capacity."""

from __future__ import annotations

import numpy as np
import pytest
from support import ROOT

import coldrack
from coldrack.solver.physics.layout import Layout
from coldrack.solver.properties import Properties

DUCT = ROOT / "solver" / "case" / "templates" / "duct.yaml"
SMALL = {"mesh.cells": "[24, 8, 8]", "mesh.stretch": "[0, 1, 1]", "coolant.name": "PG25", "coolant.properties": "variable"}


@pytest.mark.parametrize("flux", ["2 W/cm^2", "6 W/cm^2"])
def test_the_coolant_carries_the_integral_of_its_heat_capacity(flux: str) -> None:
    problem = coldrack.load(DUCT, SMALL | {"boundaries.heated.heat_flux": flux})
    s = coldrack.solve(problem)
    assert s.converged and s.ledger["heat_relative"] < 1e-9
    grid = problem.mesh.grid
    t = s.temperature[:, :, -1]
    mass = s.u[:, :, -1] * grid.face_areas(0)[:, :, 0] * problem.coolant.density(t)
    span = np.linspace(0.0, 1.0, 201)[:, None, None]
    path = 298.15 + span * (t - 298.15)
    cp = problem.coolant.heat_capacity(path)
    enthalpy = (0.5 * (cp[1:] + cp[:-1])).mean(axis=0) * (t - 298.15)
    heat = float((mass * enthalpy).sum())
    assert heat == pytest.approx(s.ledger["heat_in"], rel=2e-3)
    constant = float((mass * problem.coolant.heat_capacity(298.15) * (t - 298.15)).sum())
    assert abs(constant - s.ledger["heat_in"]) > abs(heat - s.ledger["heat_in"])


def test_the_defect_of_enthalpy_is_what_constant_heat_capacity_misses() -> None:
    problem = coldrack.load(DUCT, SMALL)
    p = Properties(problem, Layout(problem.mesh.grid))
    assert p.enthalpy_defect(np.array(298.15)) == pytest.approx(0.0, abs=1e-9)
    step = 0.5
    for t in (305.0, 330.0):
        slope = float(p.enthalpy_defect(np.array(t + step)) - p.enthalpy_defect(np.array(t - step))) / (2 * step)
        assert slope == pytest.approx(float(problem.coolant.heat_capacity(t)) - p.heat_capacity, rel=1e-3)


def test_a_coolant_beyond_its_range_is_said_and_not_called_converged() -> None:
    s = coldrack.solve(coldrack.load(DUCT, SMALL | {"boundaries.heated.heat_flux": "40 W/cm^2"}))
    assert not s.converged and "outside the range of PG25's property curves" in s.reason
    assert np.all(np.isfinite(s.temperature))
