"""The figures of a run as plain data, for ``summary.json``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from coldrack.solver.output.air_metrics import from_summary
from coldrack.solver.solution import Solution


def summarise(solution: Solution) -> dict[str, Any]:
    """All that a batch job wants to read; the schema is in ``docs/summary.schema.json``. SI units, kelvin."""
    from coldrack import __version__

    s = solution
    book = s.ledger
    figures = {
        "title": s.problem.title,
        "version": __version__,
        "converged": s.converged,
        "reason": s.reason,
        "cells": s.problem.mesh.grid.cells,
        "iterations": s.iterations,
        "wall_seconds": s.wall_seconds,
        "solver_seconds": s.solver_seconds,
        "peak_memory_bytes": s.peak_memory_bytes,
        "device": s.device,
        "dtype": s.dtype,
        "pressure_drop": s.pressure_drop,
        "pressure_drop_parts": s.pressure_parts,
        "flow_rate": s.flow_rate,
        "inlet_temperature": s.inlet_temperature,
        "ledger": book,
        "components": s.components,
        **s.devices,
        "reference_temperature": s.problem.reference_temperature,
        "source_components": {source.name: source.component for source in s.problem.sources},
        "powers": {source.name: source.power for source in s.problem.sources},
        "unit_responses": s.responses is not None,
        "notes": s.notes,
        **({"averaged": s.averaged} if s.averaged else {}),
        **({"time": s.clock.time} if s.clock is not None else {}),
    }
    air = from_summary(figures, _heat_per_volume(s))
    return plain(figures | ({"air": air} if air is not None else {}))


def _heat_per_volume(solution: Solution) -> float:
    """Density times heat capacity of the coolant as it enters, J/(m3 K); 0 without coolant."""
    problem = solution.problem
    if problem.coolant is None:
        return 0.0
    t = np.array(problem.property_temperature if problem.properties == "constant" else solution.inlet_temperature)
    return float(problem.coolant.density(t) * problem.coolant.heat_capacity(t))


def plain(value: Any) -> Any:
    """JSON has no NaN: what is undefined becomes null."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
