"""Whether a case can be run in time: its steps, what stores heat, and what only steady runs know."""

from __future__ import annotations

from typing import Any

from coldrack.solver.case.schema import Case
from coldrack.solver.problem import Problem, Transient

TIME = ("solver", "time")


def transient(case: Case) -> Transient | None:
    """The steps of a case in the form that the physics takes; None for a steady run."""
    time = case.solver.time
    if time is None:
        return None
    values = time.model_dump()
    return Transient(**values | {"write_every": time.write_every or time.end / 20.0})


def check(case: Case, problem: Problem, found: Any) -> None:
    """Note what keeps a case from being run in time."""
    time = problem.settings.time
    if time is None:
        return
    _check_steps(time, bool(problem.settings.flow and problem.mesh.fluid.any()), found)
    if problem.properties == "variable":
        found.add(("coolant", "properties"), "a run in time takes constant properties; set `properties: constant`, or remove "
                  "solver.time")
    for what, key in (("turbulence", "the model of turbulence is for steady runs; take solver.time.model: wale, or remove one"),
                      ("radiation", "radiation is solved in steady runs only; remove it, or solver.time")):
        if getattr(problem, what, None):
            found.add((what,), key)
    if problem.settings.energy:
        _check_stores(case, problem, found)


def _check_steps(time: Transient, flow: bool, found: Any) -> None:
    if time.step is None and not flow:
        found.add(TIME, "no flow is solved that could tell the length of the steps; add `step`, such as 0.1 s")
    if time.write_every > time.end:
        found.add((*TIME, "write_every"), f"is longer than the run ({time.end:g} s); shorten it")
    if time.step is not None and time.step > time.write_every:
        found.add((*TIME, "step"), f"is longer than write_every ({time.write_every:g} s); shorten it")
    if time.average_from is not None and time.average_from >= time.end:
        found.add((*TIME, "average_from"), f"is not before the end of the run ({time.end:g} s)")


def _check_stores(case: Case, problem: Problem, found: Any) -> None:
    """Solids need density and heat capacity, which steady runs do without."""
    for name, solid in problem.solids.items():
        lacking = [n for n in ("density", "heat_capacity") if not getattr(solid, n) > 0]
        if lacking and (problem.mesh.material == problem.mesh.materials.index(name)).any():
            found.add(("materials", name) if name in case.materials else TIME,
                      f"{name} stores heat in a run in time: give its {' and '.join(lacking)}")
