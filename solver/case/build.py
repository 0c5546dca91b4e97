"""From a checked case to a problem: scene, mesh, sources, boundaries, coolant, solids."""

from __future__ import annotations

from pathlib import Path

from coldrack.meshes.mesh import Mesh
from coldrack.meshes.scene import Scene
from coldrack.solver.case import boundaries, devices, meshing, physics, racks, radiation, substances, time_physics, turbulence
from coldrack.solver.case.errors import suggest
from coldrack.solver.case.files import inside_folder
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.power_map import read_power_map
from coldrack.solver.case.reader import Document
from coldrack.solver.case.scene import SceneBuilder
from coldrack.solver.case.schema import Case
from coldrack.solver.case.spread import spread
from coldrack.solver.case.units import short
from coldrack.solver.problem import HeatSource, Problem, Settings


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
    case = racks.expand(case, found)
    scene = SceneBuilder(case, found, folder).build()
    boundaries.check(case, scene, found)
    meshing.check_shapes(scene, found)
    solids = substances.solids(case, scene, found)
    liquid = substances.liquid(case, scene, found)
    _check_sources(case, scene, found)
    radiating = radiation.settings(case, scene, found)
    found.stop()
    scene.ports = boundaries.ports(case, scene)
    mesh = meshing.mesh(case, scene, found)
    conditions = boundaries.conditions(case)
    problem = Problem(
        title=case.title or Path(document.path).stem,
        mesh=mesh,
        coolant=liquid,
        solids=solids,
        sources=_sources(case, mesh, found, folder),
        boundaries=conditions,
        properties=case.coolant.properties if case.coolant else "constant",
        property_temperature=substances.property_temperature(case),
        reference_temperature=boundaries.reference_temperature(case),
        settings=Settings(**case.solver.model_dump(exclude={"time"}), time=time_physics.transient(case)),
        case_text=document.record(),
        gravity=case.gravity or (0.0, 0.0, 0.0),
        turbulence=turbulence.model(case),
        radiation=radiating,
        devices=devices.build(case.devices, mesh, conditions, found),
        passages={b.name.split(".")[0]: b.shape.bounds() for b in scene.bodies if b.name.endswith((".fins", ".pins"))},
    )
    physics.check(case, problem, found)
    turbulence.check(case, problem, found)
    time_physics.check(case, problem, found)
    radiation.check(case, problem, found)
    found.stop()
    return problem


def _check_sources(case: Case, scene: Scene, found: Findings) -> None:
    names = list(dict.fromkeys(b.name for b in scene.bodies if b.material not in substances.RESERVED))
    for name, source in case.sources.items():
        path = ("sources", name)
        if source.component not in names:
            hint = suggest(source.component, names)
            found.add((*path, "component"), f"no solid component called {short(source.component)}{hint}")
        if source.power is None and source.map is None:
            found.add(path, "a source needs `power` (such as 700 W) or `map` (a CSV file)")


def _sources(case: Case, mesh: Mesh, found: Findings, folder: Path) -> list[HeatSource]:
    out = []
    for name, source in case.sources.items():
        path = ("sources", name)
        if source.component not in mesh.components:
            found.add((*path, "component"), f"{source.component} lies beyond a symmetry plane, so it is not solved: remove the "
                      "source, or move the plane")
            continue
        if not mesh.cells_of(source.component).any():
            found.add((*path, "component"), f"{source.component} has no cells: what is written after it covers all of it; "
                      "change the order or the sizes")
            continue
        density, power = None, source.power
        if source.map is not None:
            try:
                tiles = read_power_map(inside_folder(folder, source.map))
                density = spread(tiles, mesh, source.component)
                power = float(density.sum()) if power is None else power
            except ValueError as error:
                found.add((*path, "map"), str(error))
                continue
        out.append(HeatSource(name, source.component, float(power or 0.0), density))
    found.stop()
    return out
