"""What a run takes of memory, by stage, before it is started.

Bytes are per cell of the padded arrays, counted from what the solvers allocate (docs/theory.md has the table); what the host
needs besides (temporary copies) is in them as measured.
"""

from __future__ import annotations

import numpy as np

from coldrack.solver.physics import flow_boundary, flow_levels
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.radiating_surfaces import surfaces
from coldrack.solver.physics.window import Window
from coldrack.solver.problem import Problem

BASE = 129e6  # the libraries, the compiled kernels, recorded launches
ALWAYS = 13.0  # mesh, temperature
CARRIED = 13.0  # limiter weights and what the coolant carries, where there is flow
FLOW_KEPT = 44.0  # of the box around the coolant: velocity, pressure, density, kinds
FLOW, FLOW_LEVEL = 175.0, 290.0  # of the box in the flow stage, and of the coarser grids of its cycles
CONDUCTION, ENERGY = 105.0, 202.0  # in the energy stage, without and with advection
RESPONSE, RESPONSES = 4.0, 8.0  # of every unit response that is kept, and while they are solved
RADIATION, MATRICES = 10e6, 64.0  # of radiation: whatever it is, and by the square of its patches
BUOYANT = 590.0  # flow, temperature and acceleration at once
TURBULENT = 980.0  # besides, with a model of turbulence: its fields, its longer acceleration
# In time: of the box for the flow, with implicit friction; of the grid for the temperature with implicit conduction; of every
# signal that is averaged.
TIME_FLOW, TIME_ENERGY, TIME_MEAN = 425.0, 215.0, 30.0


def stages(problem: Problem) -> dict[str, float]:
    """Peak of every stage of a run, bytes: ``flow``, ``energy``, ``unit responses``, as far as the case has them.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    dict
        `BASE` is in each of them.
    """
    layout = Layout(problem.mesh.grid)
    cells = float(np.prod(layout.shape))
    flows = problem.settings.flow and bool(problem.mesh.fluid.any())
    if problem.settings.time is not None:
        return {"steps in time": BASE + _in_time(problem, layout, flows)}
    turbulent = TURBULENT if problem.turbulence is not None else 0.0
    if problem.buoyant:
        return {"flow and energy": BASE + cells * (BUOYANT + turbulent)}
    out, kept = {}, BASE + cells * ALWAYS
    if flows:
        wet = Window.around_coolant(problem, layout).problem(problem)
        box = Layout(wet.mesh.grid)
        size = float(np.prod(box.shape))
        kept += cells * CARRIED + size * FLOW_KEPT
        cycles = 0.0 if turbulent or problem.devices else FLOW_LEVEL * _coarser(wet, box)
        out["flow"] = kept + size * (FLOW + turbulent + cycles)
    if problem.settings.energy:
        out["energy"] = kept + cells * (ENERGY if flows or problem.velocity is not None else CONDUCTION)
        if (problem.settings.unit_responses and problem.properties == "constant" and problem.sources
                and problem.radiation is None):
            out["unit responses"] = out["energy"] + cells * (RESPONSES + RESPONSE * len(problem.sources))
    return out


def estimate(problem: Problem) -> int:
    """Peak of a run, bytes."""
    return int(max(stages(problem).values(), default=BASE) + _radiation(problem))


def _radiation(problem: Problem) -> float:
    """Of the matrices between patches of surface, and of rays."""
    if problem.radiation is None:
        return 0.0
    return RADIATION + MATRICES * surfaces(problem, Layout(problem.mesh.grid)).kind.size ** 2


def _in_time(problem: Problem, layout: Layout, flows: bool) -> float:
    """What steps in time take."""
    time = problem.settings.time
    mean = TIME_MEAN if time is not None and time.average_from is not None else 0.0
    out = (TIME_ENERGY + mean) * float(np.prod(layout.shape)) if problem.settings.energy else 0.0
    if flows:
        box = Layout(Window.around_coolant(problem, layout).problem(problem).mesh.grid)
        out += (TIME_FLOW + 3.0 * mean) * float(np.prod(box.shape))
    return out


def _coarser(problem: Problem, layout: Layout) -> float:
    """Cells of the coarser grids of the flow's cycles over those of the finest."""
    kind = flow_boundary.build(problem, layout).kind
    levels = flow_levels.plan(kind, problem.mesh.grid.widths)
    return sum(float(np.prod([s.size + 2 for s in starts])) for starts in levels) / float(np.prod(layout.shape))
