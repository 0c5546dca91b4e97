"""Unit responses: the temperature rise per watt of each source, from which any powers follow by superposition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.devices import Fan, Panel, Screen
from coldrack.solver.monitor import Monitor
from coldrack.solver.physics.energy import Energy
from coldrack.solver.problem import Problem
from coldrack.solver.solution import UnitResponses


def unit_responses(problem: Problem, energy: Energy | None, monitor: Monitor) -> UnitResponses | None:
    """One solution per source (the last follows from the whole where it can); None where superposition does not hold."""
    p = problem
    wanted = p.settings.unit_responses and p.properties == "constant" and p.sources and not p.buoyant and p.radiation is None
    wanted = wanted and all(isinstance(d, Screen | Panel | Fan) for d in p.devices)  # the others answer to temperatures
    if energy is None or not wanted or monitor.stopped:
        return None
    monitor.begin("unit responses")
    rise: list[NDArray[np.float32]] = []
    cold = not any(np.any(value) for _, value in energy.given)  # nothing but the sources warms anything
    cold = cold and p.volumetric_heat is None and all(b.heat_flux is None for b in p.boundaries)
    last = len(p.sources) - 1
    for index, source in enumerate(p.sources):
        monitor.report({"iteration": monitor.total, "source": source.name})
        if cold and index == last and source.power > 0:  # what the others leave of the whole
            rise.append((_rest(problem, energy, rise) / source.power).astype(np.float32))
        else:
            rise.append(energy.unit_response(source.name))
    background = None if cold else _rest(problem, energy, rise)
    return UnitResponses([s.name for s in p.sources], rise, background)


def _rest(problem: Problem, energy: Energy, rise: list[NDArray[np.float32]]) -> NDArray[np.float64]:
    """What the sources with a known response leave of the rise."""
    rest = energy.temperature()
    rest -= problem.reference_temperature
    for source, unit in zip(problem.sources, rise):
        for here, there in zip(rest, unit):  # plane by plane: no copy of the field
            here -= source.power * there.astype(float)
    return rest
