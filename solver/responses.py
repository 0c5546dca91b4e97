"""Unit responses: the temperature rise per watt of each source, from which any powers follow by superposition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.monitor import Monitor
from coldrack.solver.physics.energy import Energy
from coldrack.solver.problem import Problem
from coldrack.solver.solution import UnitResponses


def unit_responses(problem: Problem, energy: Energy | None, monitor: Monitor) -> UnitResponses | None:
    """One solution per source (the last follows from the whole where it can); None where superposition does not hold."""
    p = problem
    wanted = p.settings.unit_responses and p.properties == "constant" and p.sources
    if energy is None or not wanted or monitor.stopped:
        return None
    monitor.begin("unit responses")
    base = np.array(energy.temperature() - p.reference_temperature)
    rise: list[NDArray[np.float32]] = []
    cold = not energy.ghost.any() and p.volumetric_heat is None and all(b.heat_flux is None for b in p.boundaries)
    last = len(p.sources) - 1
    for index, source in enumerate(p.sources):
        monitor.report({"iteration": monitor.total, "source": source.name})
        if cold and index == last and source.power > 0:  # what the others leave of the whole
            rest = base - sum(s.power * r.astype(float) for s, r in zip(p.sources, rise))
            rise.append((rest / source.power).astype(np.float32))
        else:
            rise.append(energy.unit_response(source.name))
    background = None if cold else base - sum(s.power * r.astype(float) for s, r in zip(p.sources, rise))
    return UnitResponses([s.name for s in p.sources], rise, background)
