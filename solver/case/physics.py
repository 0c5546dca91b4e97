"""Whether a meshed case has a solution: flow that is driven and can leave, heat that has somewhere to go."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

from coldrack.meshes.connect import coolant_regions, regions_at
from coldrack.meshes.mesh import Mesh
from coldrack.solver.case import device_physics
from coldrack.solver.case.schema import Case
from coldrack.solver.problem import Boundary, ConstantCoolant, Problem

MOST_REGIONS = 5  # named in messages


def check(case: Case, problem: Problem, found: Any) -> None:
    """Note what keeps a problem from having one steady solution."""
    _check_overlap(problem, found)
    _check_gravity(case, problem, found)
    if case.solver.flow and problem.mesh.fluid.any():
        _check_flow(problem, found)
        device_physics.check_closed(problem, found)
    device_physics.check_flow(problem, found)
    if case.solver.energy and problem.settings.time is None:  # in time heat may stay where it is
        _check_heat(case, problem, found)


def _check_overlap(problem: Problem, found: Any) -> None:
    taken: dict[tuple[int, int], dict[str, Any]] = {}
    for b in problem.boundaries:
        patch = problem.mesh.patches[b.name]
        others = taken.setdefault((patch.axis, patch.side), {})
        for other, mask in others.items():
            both = int(np.count_nonzero(mask & patch.mask))
            if both:
                found.add(
                    ("boundaries", b.name), f"shares {both} faces with the boundary {other!r}; a face takes one condition: "
                    "shrink or remove one of them"
                )
        others[b.name] = patch.mask


def _check_gravity(case: Case, problem: Problem, found: Any) -> None:
    """Gravity needs coolant whose flow and temperature are solved, and which expands."""
    if not any(problem.gravity):
        return
    if problem.coolant is None or not problem.mesh.fluid.any():
        found.add(("gravity",), "gravity acts on coolant only, and the case has none; remove it")
    elif not problem.buoyant:
        off = "flow" if not case.solver.flow else "energy"
        found.add(("gravity",), f"buoyancy needs flow and temperature; set solver.{off} to true, or remove gravity")
    elif isinstance(problem.coolant, ConstantCoolant) and problem.coolant.beta == 0:
        found.add(("gravity",), "with gravity a custom coolant needs its thermal expansion coefficient; add "
                  "`coolant.expansion` (air: 0.0034 1/K), or remove gravity")


def _drives(b: Boundary) -> bool:
    return b.kind == "inlet" or (b.kind == "wall" and b.velocity is not None) or bool(b.pressure)


def _check_flow(problem: Problem, found: Any) -> None:
    mesh = problem.mesh
    labels, count = coolant_regions(mesh)
    inlets, outlets = ([b for b in problem.boundaries if b.kind == k] for k in ("inlet", "outlet"))
    first = problem.settings.time.initial_velocity if problem.settings.time is not None else (0.0, 0.0, 0.0)
    moves = callable(first) or any(first)
    driven = problem.buoyant or moves or any(_drives(b) for b in problem.boundaries) or device_physics.drive(problem)
    if not driven:
        what = "there is an outlet but no inlet" if outlets else "nothing drives the coolant"
        found.add(("boundaries",), f"{what}: add a boundary of kind inlet with flow_rate, velocity or pressure, "
                  "a fan or server in `devices`, or set solver.flow to false")
        return
    at = {b.name: regions_at(mesh, b.name, labels) for b in (*inlets, *outlets)}
    for b in (*inlets, *outlets):
        if not at[b.name]:
            found.add(
                ("boundaries", b.name), f"this {b.kind} covers no coolant; move it to where coolant meets the domain's surface"
            )
    open_regions = {r for b in outlets for r in at[b.name]}
    pressures = {r: {i.pressure for i in inlets if r in at[i.name] and i.pressure is not None} for r in range(1, count + 1)}
    for b in inlets:
        for r in at[b.name] - open_regions:
            if len(pressures[r]) < 2 and not device_physics.leaves(problem, labels, r):
                found.add(
                    ("boundaries", b.name),
                    "coolant that enters here cannot leave: no outlet is connected with this inlet; "
                    "add an outlet or check the passage between them (`coldrack mesh` draws it)",
                )
    if inlets or outlets:
        reached = {r for regions in at.values() for r in regions} | device_physics.reached(problem, labels)
        for r in sorted(set(range(1, count + 1)) - reached)[:MOST_REGIONS]:
            found.add(("mesh",), f"{_place(mesh, labels == r)} is coolant without an inlet or outlet; "
                      "connect it, or fill it with void or a solid")


def _place(mesh: Mesh, cells: Any) -> str:
    k, j, i = (int(v) for v in np.argwhere(cells)[0])
    x, y, z = (c[n] * 1e3 for c, n in zip(mesh.grid.centres, (i, j, k)))
    return f"a region of {int(np.count_nonzero(cells)):,} cells at ({x:.4g}, {y:.4g}, {z:.4g}) mm"


def _is_sink(b: Boundary, flow: bool) -> bool:
    if b.kind == "inlet":
        return flow
    return b.temperature is not None or b.heat_transfer_coefficient is not None


def _check_heat(case: Case, problem: Problem, found: Any) -> None:
    mesh = problem.mesh
    labels, count = device_physics.joined(problem, ndimage.label(mesh.material != 0)[0])
    flow = case.solver.flow
    cooled = device_physics.cooled(problem, labels)
    for b in problem.boundaries:
        if _is_sink(b, flow):
            cooled |= regions_at(mesh, b.name, labels)
    for r in sorted(set(range(1, count + 1)) - cooled)[:MOST_REGIONS]:
        cells = labels == r
        names = [mesh.components[c - 1] for c in np.unique(mesh.component[cells]) if c > 0]
        heated = [s.name for s in problem.sources if s.component in names and s.power > 0]
        who = ", ".join(names[:4]) + (" and more" if len(names) > 4 else "") if names else _place(mesh, cells)
        key = ("sources", heated[0]) if heated else ("boundaries",) if case.boundaries else ()
        what = f"the heat of {', '.join(heated)} has nowhere to go" if heated else "the temperature is undetermined"
        found.add(key, f"{who}: {what}; connect it with an inlet, a wall with `temperature`, or `convection`"
                  f"{device_physics.advice(problem)}")
