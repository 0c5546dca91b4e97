"""Radiation of a case: emissivities by name, what openings see, and whether it can be solved."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.meshes.scene import Scene
from coldrack.solver.case.errors import suggest
from coldrack.solver.case.schema import Case
from coldrack.solver.case.units import short
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.radiating_surfaces import surfaces
from coldrack.solver.physics.radiation import RadiationSettings
from coldrack.solver.problem import Problem

DEFAULT = "default"
LIQUID = 100.0  # kg/m3; what is denser lets no heat radiation through
OPENINGS = ("inlet", "outlet")


def settings(case: Case, scene: Scene, found: Any) -> RadiationSettings | None:
    """The settings of a case, None without radiation; notes what is missing or named wrongly."""
    r = case.radiation
    if r is None:
        return None
    values = dict(r.emissivity) if isinstance(r.emissivity, dict) else {DEFAULT: r.emissivity}
    if DEFAULT not in values:
        found.add(("radiation", "emissivity"), "the emissivity of all other surfaces is missing: add `default: 0.9`")
        values[DEFAULT] = 1.0
    known = _names(case, scene)
    for name in values:
        b = case.boundaries.get(name)
        if name != DEFAULT and name not in known:
            found.add(("radiation", "emissivity", name),
                      f"no component, part, boundary or material called {short(name)}{suggest(name, known)}")
        elif b is not None and b.kind in OPENINGS:
            found.add(("radiation", "emissivity", name), f"an {b.kind} is black, it has no emissivity; remove it")
        elif b is not None and b.temperature is None and b.convection is None:
            found.add(("radiation", "emissivity", name), "emissivity has no effect where a boundary has no temperature or "
                      "convection: it sends back all that it gets; remove it")
    openings = [name for name, b in case.boundaries.items() if b.kind in OPENINGS]
    if r.ambient is None and openings:
        found.add(("radiation",), f"what is seen through {', '.join(openings[:3])} has no temperature: add `ambient: 25 degC`")
    return RadiationSettings(values, r.ambient or 293.15, r.rays, r.largest_patch)


def _names(case: Case, scene: Scene) -> list[str]:
    """What may have an emissivity of its own."""
    solid = [b for b in scene.bodies if b.material not in ("fluid", "void")]
    names = [b.name for b in solid] + [n for n in case.parts if any(b.name.startswith(f"{n}.") for b in solid)]
    materials = [b.material for b in solid] + ([scene.background] if scene.background not in ("fluid", "void") else [])
    walls = [n for n, b in case.boundaries.items() if b.kind != "symmetry"]
    return list(dict.fromkeys(names + walls + materials))


def check(case: Case, problem: Problem, found: Any) -> None:
    """Note what keeps radiation from being solved on the meshed case."""
    if problem.radiation is None:
        return
    coolant = problem.coolant
    if not case.solver.energy:
        found.add(("radiation",), "radiation needs the temperature; set solver.energy to true, or remove radiation")
    elif problem.settings.time is not None:
        found.add(("radiation",), "radiation is solved in steady runs only; remove it, or remove solver.time")
    elif coolant is None or not problem.mesh.fluid.any():
        found.add(("radiation",), "radiation goes through a transparent coolant, and the case has none: add air "
                  "(`background: fluid`, `coolant: {name: air}`), or remove radiation")
    elif float(np.asarray(coolant.density(np.array(problem.property_temperature)))) > LIQUID:
        found.add(("radiation",), f"radiation goes through gases only, and {coolant.name} is a liquid; remove it, or make the "
                  "coolant air")
    else:
        _check_size(problem, found)


def _check_size(problem: Problem, found: Any) -> None:
    try:
        there = surfaces(problem, Layout(problem.mesh.grid)).kind.size
    except ValueError as error:
        key = ("largest_patch",) if problem.radiation and problem.radiation.largest_patch is not None else ()
        found.add(("radiation", *key), str(error).removeprefix("radiation: "))
        return
    if not there:
        found.add(("radiation",), "no surface faces the coolant, all faces of the domain are symmetry planes; remove radiation")
