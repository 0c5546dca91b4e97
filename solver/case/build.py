"""From a checked case to a problem: scene, mesh, sources, boundaries, coolant, solids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coldrack.meshes.build import BYTES_PER_CELL, MeshError, build_mesh, domain
from coldrack.meshes.mesh import Mesh
from coldrack.meshes.scene import MeshSettings, Scene
from coldrack.solver.case import boundaries, physics
from coldrack.solver.case.errors import CaseError, Issue, suggest
from coldrack.solver.case.files import inside_folder
from coldrack.solver.case.power_map import read_power_map, spread
from coldrack.solver.case.reader import Document
from coldrack.solver.case.scene import SceneBuilder
from coldrack.solver.case.schema import Case
from coldrack.solver.machine import available_memory
from coldrack.solver.materials import MaterialError, coolant, coolant_names, solid, solid_names
from coldrack.solver.problem import ConstantCoolant, HeatSource, Problem, Settings, Solid

DEFAULT_DIVISIONS = 40
MOST_CELLS_AN_AXIS = 20_000
MEMORY_SHARE = 0.8


class Findings:
    """Problems found so far, with their places; `stop` raises if there are any."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.issues: list[Issue] = []

    def add(self, path: tuple[Any, ...], message: str) -> None:
        """Note a problem at a key."""
        self.issues.append(self.document.issue(path, message))

    def stop(self) -> None:
        """Raise `CaseError` if there are problems."""
        if self.issues:
            raise CaseError(self.document.path, self.issues)


def build(case: Case, document: Document, folder: Path) -> Problem:
    """Build the problem of a case; raises `CaseError` with all problems of a stage at once.

    Parameters
    ----------
    case : Case
    document : Document
        For the places of the keys.
    folder : Path
        That of the case file: other files must lie in it.
    """
    found = Findings(document)
    scene = SceneBuilder(case, found, folder).build()
    boundaries.check(case, scene, found)
    solids = _solids(case, scene, found)
    liquid = _coolant(case, scene, found)
    _check_sources(case, scene, found)
    found.stop()
    scene.ports = boundaries.ports(case, scene)
    mesh = _mesh(case, scene, found)
    problem = Problem(
        title=case.title or Path(document.path).stem,
        mesh=mesh,
        coolant=liquid,
        solids=solids,
        sources=_sources(case, mesh, found, folder),
        boundaries=boundaries.conditions(case),
        properties=case.coolant.properties if case.coolant else "constant",
        property_temperature=_property_temperature(case),
        reference_temperature=boundaries.reference_temperature(case),
        settings=Settings(**case.solver.model_dump()),
        case_text=document.record(),
        passages={b.name.split(".")[0]: b.shape.bounds() for b in scene.bodies if b.name.endswith((".fins", ".pins"))},
    )
    physics.check(case, problem, found)
    found.stop()
    return problem


def _solids(case: Case, scene: Scene, found: Findings) -> dict[str, Solid]:
    """Every solid that the scene names."""
    own = {}
    for name, m in case.materials.items():
        if name in ("fluid", "void"):
            found.add(("materials", name), f"{name!r} is reserved; choose another name")
        k = m.conductivity
        kx, ky, kz = k if isinstance(k, tuple) else (k, k, k)
        own[name] = Solid(name, (kx, ky, kz), m.density or 0.0, m.heat_capacity or 0.0, m.source)
    used = {b.material: b.name for b in scene.bodies} | {scene.background: "background"}
    out = {}
    for name, where in used.items():
        if name in ("fluid", "void"):
            continue
        if name in own:
            out[name] = own[name]
            continue
        try:
            out[name] = solid(name)
        except MaterialError:
            known = [*own, *solid_names(), "fluid", "void"]
            found.add(_where(found.document, where, name), f"no material called {name!r}{suggest(name, known)}")
    return out


def _where(document: Document, component: str, value: str) -> tuple[Any, ...]:
    """Path of the key in a part or object that holds `value`."""
    for group in ("objects", "parts"):
        node = document.data.get(group) or {}
        for name in (component, component.split(".")[0]):
            for key, v in (node.get(name) or {}).items():
                if v == value:
                    return (group, name, key)
        for name, part in node.items():
            for die, d in (part.get("dies") or {}).items():
                if die == component:
                    return (group, name, "dies", die, *(("material",) if "material" in d else ()))
    return (component.split(".")[0],)


def _coolant(case: Case, scene: Scene, found: Findings) -> Any:
    wet = scene.background == "fluid" or any(b.material == "fluid" for b in scene.bodies)
    c = case.coolant
    if c is None:
        if wet:
            found.add(
                (), f"the case has coolant in it, so `coolant:` with a name is needed, such as: {', '.join(coolant_names())}"
            )
        return None
    typed = {n: getattr(c, n) for n in ("density", "viscosity", "conductivity", "heat_capacity")}
    given = [n for n, v in typed.items() if v is not None]
    library = {n.lower() for n in coolant_names()}
    if given and (len(given) < 4 or c.name.lower() in library):
        missing = ", ".join(n for n in typed if n not in given)
        found.add(("coolant", given[0]), f"{c.name} is in the library: leave out typed properties or choose another name"
                  if c.name.lower() in library else f"a custom coolant needs all four properties; missing: {missing}")
        return None
    if given:
        if c.properties == "variable":
            found.add(("coolant", "properties"), "typed properties are constant; variable needs a coolant of the library")
        rho, mu, k, cp = (float(v or 0.0) for v in typed.values())
        return ConstantCoolant(rho, mu, k, cp, c.name)
    if c.name.lower() not in library:
        hint = "; or type density, viscosity, conductivity and heat_capacity"
        found.add(("coolant", "name") if "name" in c.model_fields_set else ("coolant",),
                  f"no coolant called {c.name!r}{suggest(c.name, coolant_names())}{hint}")
        return None
    liquid = coolant(c.name)
    _check_range(case, liquid, found)
    return liquid


def _check_range(case: Case, liquid: Any, found: Findings) -> None:
    at: list[tuple[tuple[Any, ...], float]] = [
        (("boundaries", n, "temperature"), b.temperature) for n, b in case.boundaries.items()
        if b.temperature is not None and b.kind == "inlet"]
    if case.coolant is not None and case.coolant.temperature is not None:
        at.append((("coolant", "temperature"), case.coolant.temperature))
    for path, t in at:
        if not liquid.t_min <= t <= liquid.t_max:
            found.add(path, f"{t - 273.15:.1f} degC is outside the range of {liquid.name}'s property curves, "
                      f"{liquid.t_min - 273.15:.0f} to {liquid.t_max - 273.15:.0f} degC; correct the temperature or its unit")


def _property_temperature(case: Case) -> float:
    if case.coolant is not None and case.coolant.temperature is not None:
        return case.coolant.temperature
    return boundaries.reference_temperature(case)


def _check_sources(case: Case, scene: Scene, found: Findings) -> None:
    names = list(dict.fromkeys(b.name for b in scene.bodies if b.material not in ("fluid", "void")))
    for name, source in case.sources.items():
        if source.component not in names:
            found.add(
                ("sources", name, "component"), f"no component called {source.component!r}{suggest(source.component, names)}"
            )
        if source.power is None and source.map is None:
            found.add(("sources", name), "a source needs `power` (such as 700 W) or `map` (a CSV file)")


def _sources(case: Case, mesh: Mesh, found: Findings, folder: Path) -> list[HeatSource]:
    out = []
    for name, source in case.sources.items():
        density, power = None, source.power
        if source.map is not None:
            path = ("sources", name, "map")
            try:
                tiles = read_power_map(inside_folder(folder, source.map))
                density = spread(tiles, mesh, source.component)
                power = float(density.sum()) if power is None else power
            except ValueError as error:
                found.add(path, str(error))
                continue
        out.append(HeatSource(name, source.component, float(power or 0.0), density))
    found.stop()
    return out


def _mesh(case: Case, scene: Scene, found: Findings) -> Mesh:
    try:
        low, high = domain(scene)
    except MeshError as error:
        found.add(("domain",), str(error))
        found.stop()
    longest = max(h - l for l, h in zip(low, high))
    m = case.mesh
    largest = m.max_cell if m.max_cell is not None else longest / DEFAULT_DIVISIONS
    widths = largest if isinstance(largest, tuple) else (largest,) * 3
    for d, (l, h, w) in enumerate(zip(low, high, widths)):
        count = m.cells[d] if m.cells else (h - l) / w
        if count * m.refine > MOST_CELLS_AN_AXIS:
            found.add(("mesh", "cells" if m.cells else "max_cell"),
                      f"gives {count * m.refine:,.0f} cells along {'xyz'[d]}; at most {MOST_CELLS_AN_AXIS:,} make sense")
    if m.cells and min(m.cells) < 1:
        found.add(("mesh", "cells"), "every count must be at least 1")
    found.stop()
    settings = MeshSettings(largest, m.growth, m.min_cells_gap, m.min_cells_solid, m.refine, m.cells, m.stretch)
    most = int(MEMORY_SHARE * available_memory() / BYTES_PER_CELL)
    try:
        return build_mesh(scene, settings, most)
    except MeshError as error:
        found.add(_culprit(case, str(error)), str(error))
        found.stop()
        raise


def _culprit(case: Case, message: str) -> tuple[Any, ...]:
    """Key that a mesh error is about, from the name that it starts with."""
    name = message.split(":")[0].removeprefix("port ").removeprefix("contact ")
    for group in ("objects", "contacts", "boundaries", "parts"):
        names = getattr(case, group)
        for n in (name, name.split(".")[0]):
            if n in names:
                return (group, n)
    for n, part in case.parts.items():
        if name in getattr(part, "dies", {}):
            return ("parts", n, "dies", name)
    return ("mesh",)
