"""The flow is solved on the box around the coolant only: the answer must not depend on that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import box_mesh, run, settings, unit_fluid, whole_face

import coldrack
from coldrack.solver.physics.flow import Flow
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.window import Window
from coldrack.solver.problem import Boundary, HeatSource, Problem, Solid
from coldrack.solver.run import SolverError

LOW, HIGH = (3, 2, 0), (7, 8, 16)  # the coolant along z, y, x


def buried_channel(**changes: Any) -> Problem:
    """A channel along x in a block, with a bend inside: solid below, above and beside it, heated from below."""
    nz, ny, nx = 10, 11, 16
    material = np.full((nz, ny, nx), 2, np.uint8)
    material[LOW[0]:HIGH[0], LOW[1]:HIGH[1], :] = 1
    material[LOW[0]:HIGH[0], LOW[1]:LOW[1] + 3, 6:9] = 2
    mesh = box_mesh(np.linspace(0, 2.0, nx + 1), np.linspace(0, 1.0, ny + 1), np.linspace(0, 1.0, nz + 1), material, ["copper"],
                    sides=["z0"])
    for name, side, at in (("inlet", 0, 0), ("outlet", 1, -1)):
        whole_face(mesh, name, 0, side, material[:, :, at] == 1)
    boundaries = [Boundary("inlet", "inlet", velocity=1.0, temperature=300.0), Boundary("outlet", "outlet"),
                  Boundary("z0", "wall", heat_flux=50.0)]
    return Problem("buried channel", mesh, unit_fluid(0.05), {"copper": Solid("copper", (5.0,) * 3)}, boundaries=boundaries,
                   settings=settings(residual=1e-9, tolerance=1e-8, **changes))


def test_box_and_cells_around_it() -> None:
    problem = buried_channel()
    window = Window.around_coolant(problem, Layout(problem.mesh.grid))
    assert (window.low, window.high) == (LOW, HIGH)
    inside = window.problem(problem)
    assert inside.mesh.grid.shape == (4, 6, 16)
    assert inside.mesh.fluid.sum() == problem.mesh.fluid.sum()
    assert [bc.name for bc in inside.boundaries] == ["inlet", "outlet"]  # the heated side is out of reach
    assert inside.mesh.patches["inlet"].mask.all() and inside.mesh.patches["inlet"].mask.shape == (4, 6)
    rng = np.random.default_rng(1)
    fields = tuple(rng.normal(size=s) for s in ((10, 11, 16), (10, 11, 17), (10, 12, 16), (11, 11, 16)))
    for whole, back in zip(fields, window.fill(window.cut(fields))):
        assert np.count_nonzero(back) < back.size
        assert np.array_equal(back[back != 0], whole[back != 0])


def test_answer_is_that_of_the_whole_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flow, temperatures, ledger: equal to the solver's tolerance, whichever cells the flow is swept over."""
    narrow = run(buried_channel())
    with monkeypatch.context() as m:
        m.setattr(Window, "around_coolant", classmethod(lambda cls, p, layout: cls(layout, (0, 0, 0), p.mesh.grid.shape)))
        wide = run(buried_channel())
    for a, b in ((narrow.u, wide.u), (narrow.v, wide.v), (narrow.w, wide.w)):
        assert a.shape == b.shape
        assert abs(a - b).max() < 1e-6
    assert abs(narrow.pressure - wide.pressure).max() < 1e-6 * abs(wide.pressure).max()
    assert abs(narrow.temperature - wide.temperature).max() < 1e-6 * np.ptp(wide.temperature)
    assert narrow.ledger["mass_flows"].keys() == wide.ledger["mass_flows"].keys()
    assert narrow.pressure_drop == pytest.approx(wide.pressure_drop, rel=1e-7)


def test_place_of_a_bad_value_counts_from_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    def bad(self: Flow) -> dict[str, float]:
        self.pressure[1, 2, 3] = np.nan  # padded: the cell (2, 1, 0) of the box
        return {"momentum": np.nan, "mass": 0.0}

    monkeypatch.setattr(Flow, "iterate", bad)
    monkeypatch.setattr("coldrack.solver.run.FlowMultigrid", lambda flow: type("None_", (), {"active": False})())
    with pytest.raises(SolverError, match=rf"field pressure, cell \(i, j, k\) = \(2, {LOW[1] + 1}, {LOW[0]}\)"):
        coldrack.solve(buried_channel())


def test_resumes_inside_the_box() -> None:
    problem = buried_channel()
    whole = run(problem)
    again = coldrack.solve(problem, resume=whole.restart())
    assert again.converged and again.iterations <= whole.iterations + 12
    assert again.pressure_drop == pytest.approx(whole.pressure_drop, rel=1e-6)


def test_heat_sources_stay_where_they_are() -> None:
    """A source beside the coolant's box heats as on the whole grid: the ledger names it and closes."""
    problem = buried_channel()
    problem.mesh.component[0] = 1
    problem.mesh.components.append("chip")
    problem.sources.append(HeatSource("chip", "chip", 5.0))
    solution = run(problem)
    assert solution.ledger["sources"] == {"chip": 5.0}
    assert abs(solution.ledger["heat_relative"]) < 1e-9
    assert solution.components["chip"]["t_max"] > 300.0
