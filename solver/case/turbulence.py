"""The turbulence model of a case: what the physics gets, and what its inflows still have to say."""

from __future__ import annotations

from typing import Any

from coldrack.solver.case.schema import Case
from coldrack.solver.devices import Unit
from coldrack.solver.problem import Problem, Turbulence

KEYS = ("intensity", "length")


def model(case: Case) -> Turbulence | None:
    """The model in the form that the physics takes."""
    return Turbulence(**case.turbulence.model_dump()) if case.turbulence is not None else None


def check(case: Case, problem: Problem, found: Any) -> None:
    """Note turbulence where nothing flows, moving walls, and inflows whose turbulence is not known."""
    t = case.turbulence
    if t is None:
        for name, b in case.boundaries.items():
            for key in sorted({f"turbulence_{k}" for k in KEYS} & b.model_fields_set):
                found.add(("boundaries", name, key), "this flow is laminar; add `turbulence: {model: k_epsilon, ...}`, "
                          "or remove this key")
        return
    if not case.solver.flow or not problem.mesh.fluid.any():
        found.add(("turbulence",), "turbulence needs a flow that is solved: there is none here; remove it")
    for name, b in case.boundaries.items():
        if b.kind == "wall" and b.velocity is not None:
            found.add(("boundaries", name, "velocity"), "moving walls are for laminar flow only; remove `velocity` or "
                      "`turbulence`")
    if t.model == "lvel":
        return
    for key in KEYS:
        if getattr(t, key) is not None:
            continue
        lacking = [n for n, b in case.boundaries.items() if b.kind == "inlet" and getattr(b, f"turbulence_{key}") is None]
        units = [d.name for d in problem.devices if isinstance(d, Unit)]
        example = "0.05" if key == "intensity" else "20 mm"
        if lacking or units:
            where = ", ".join([*lacking, *units][:5])
            found.add(("turbulence",), f"{t.model} needs the {key} of what flows in at {where}; add `{key}`, such as "
                      f"{example}" + ("" if units else f", or turbulence_{key} to every inlet"))
