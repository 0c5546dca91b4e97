"""From a checked hall case to its problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.case.errors import suggest
from coldrack.solver.case.files import inside_folder
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.hall_library import check_figures, named_rack, weather_of
from coldrack.solver.case.hall_schema import (
    AirModel,
    ChillerModel,
    CoolerModel,
    HallCase,
    LiquidModel,
    PipesModel,
    PlantModel,
)
from coldrack.solver.case.reader import Document, read
from coldrack.solver.hall.claims import Study
from coldrack.solver.hall.model import (
    Air,
    Cdus,
    CoolerDesign,
    Economics,
    Electrical,
    Group,
    Hall,
    Liquid,
    Pipes,
    PlantDesign,
)
from coldrack.solver.hall.optimise import Search
from coldrack.solver.hall.plant import Chiller
from coldrack.solver.hall.problem import FIXED, Assumption, HallProblem
from coldrack.solver.hall.pumps import Pumps
from coldrack.solver.materials.library import MaterialError, coolant, coolant_names

KWH = 3.6e6  # J
SILENT = ("coldrack", "title", "sources", "compare")
Keys = tuple[Any, ...]


def build(case: HallCase, document: Document, folder: Path) -> HallProblem:
    """Build the problem of a hall case; raises `CaseError` with all problems."""
    problem = _alone(case, document, folder)
    if case.compare is not None:
        problem.other = _other(case.compare, document, folder, problem)
    return problem


def _alone(case: HallCase, document: Document, folder: Path) -> HallProblem:
    """The problem without the hall that it is compared with."""
    found = Findings(document)
    check_figures(case, found)
    weather = weather_of(case.weather, folder, found)
    groups = _groups(case, found)
    liquid = _liquid(case.hall.liquid, found) if case.hall.liquid else None
    air = _air(case.hall.air, found)
    _check(case, groups, found)
    assumptions = _assumptions(case, document, found)
    found.stop()
    assert weather is not None and air is not None
    e, m = case.hall.electrical, case.economics
    hall = Hall(groups, np.array(case.hall.utilisation), liquid, air,
                Electrical(e.ups_efficiency, e.distribution_efficiency, e.other, e.losses_to_air),
                Economics(m.price_per_kwh / KWH, m.co2, m.water_price_per_m3))
    return HallProblem(title=case.title or Path(document.path).stem, case_text=document.record(), hall=hall, weather=weather,
                       study=_study(case), search=_search(case), assumptions=assumptions)


def _study(case: HallCase) -> Study | None:
    c = case.claim
    return Study(tuple(c.supply_temperatures), tuple(c.climate_shifts), c.fleet.energy, c.fleet.before,
                 c.fleet.after) if c else None


def _search(case: HallCase) -> Search | None:
    o = case.optimise
    return Search(o.supply_temperature, o.flow, o.margin, o.objective) if o else None


def _groups(case: HallCase, found: Findings) -> list[Group]:
    """Racks by figures of the case, or of the library with all their parts."""
    out = []
    for n, r in enumerate(case.hall.racks):
        path: Keys = ("hall", "racks", n)
        rack = named_rack(r.type, case.figures, (*path, "type"), found)
        if rack is None:
            continue
        if not rack.liquid and r.flow_rate is not None:
            found.add((*path, "flow_rate"), f"{r.type} is cooled by air alone; remove the flow")
        if rack.liquid and not (r.flow_rate or rack.design_flow):
            found.add(path, f"the library leaves the flow of {r.type} open; add `flow_rate`, such as 90 L/min")
        flow = (r.flow_rate or rack.design_flow) if rack.liquid else 0.0
        out.append(Group(r.type, rack, r.count, rack.gpus, flow))
    return out


def _check(case: HallCase, groups: list[Group], found: Findings) -> None:
    """What keys ask of one another."""
    wet = any(g.flow > 0.0 for g in groups)
    if wet and case.hall.liquid is None:
        found.add(("hall",), "its racks give heat to a coolant, but there is no facility loop; add `liquid`")
    if groups and not wet and case.hall.liquid is not None:
        found.add(("hall", "liquid"), "no rack gives heat to a coolant; remove the loop, or choose liquid-cooled racks")
    _check_coolant(case, groups, found)
    if case.hall.liquid is not None:
        _check_loop(case, case.hall.liquid, found)
    air = case.hall.air
    leaving, entering = air.water.supply_temperature + air.water.rise, air.supply_temperature + air.rise
    if leaving > entering:
        found.add(("hall", "air", "water", "rise"), f"the water would leave the coils with {leaving - 273.15:.1f} degC, warmer "
                  f"than the air that enters them, {entering - 273.15:.1f} degC; a smaller rise")
    if air.water.supply_temperature >= air.supply_temperature:
        found.add(("hall", "air", "water", "supply_temperature"), "chilled water as warm as the air that it cools; it must be "
                  "colder, "
                  f"by 4 K or more: {air.supply_temperature - 4.0 - 273.15:.1f} degC")
    if case.claim and case.compare is None:
        found.add(("claim",), "says what liquid cooling saves, so it needs `compare`, the case of the air-cooled hall; add it")
    if (case.claim or case.optimise) and case.hall.liquid is None:
        found.add(("claim" if case.claim else "optimise",), "is about the facility loop of a liquid-cooled hall; this one has "
                  "no "
                  "`hall.liquid`: remove the key")
    if case.optimise:
        for key in ("supply_temperature", "flow"):
            low, high = getattr(case.optimise, key)
            if not low < high:
                found.add(("optimise", key), "expected the lower end first, then the higher")
    if case.claim and not case.claim.fleet.before < case.claim.fleet.after:
        found.add(("claim", "fleet", "after"), "must be more than `before`")


def _check_loop(case: HallCase, loop: LiquidModel, found: Findings) -> None:
    """Facility water is a liquid wherever the case has it, and its pipes are pipes."""
    path: Keys = ("hall", "liquid")
    for key in ("main_diameter", "row_diameter"):
        if loop.pipes.roughness > 0.05 * getattr(loop.pipes, key):
            found.add((*path, "pipes", "roughness"), f"{loop.pipes.roughness:g} m is more than 5 % of `{key}`; correct the "
                      "unit")
            break
    if loop.coolant.lower() == "air":
        found.add((*path, "coolant"), "air is no liquid; water, PG25 or EG25")
    elif loop.coolant.lower() in {n.lower() for n in coolant_names()}:
        curve = coolant(loop.coolant)
        found.in_range((*path, "supply_temperature"), loop.supply_temperature, curve)
        for key, temperatures in (("optimise", case.optimise and case.optimise.supply_temperature),
                                  ("claim", case.claim and case.claim.supply_temperatures)):
            name = "supply_temperature" if key == "optimise" else "supply_temperatures"
            for n, t in enumerate(temperatures or ()):
                found.in_range((key, name, n), t, curve)


def _check_coolant(case: HallCase, groups: list[Group], found: Findings) -> None:
    """Racks of the library take the coolant that they are made for."""
    loop = case.hall.liquid
    if loop is None:
        return
    given = (loop.cdus or loop).coolant
    for n, g in enumerate(groups):
        wanted = getattr(g.rack, "outside", "")
        if wanted and wanted.lower() != given.lower():
            unit = "" if loop.cdus else "; behind coolant units (`cdus`) the facility may have another"
            found.add(("hall", "racks", n), f"{g.name} takes {wanted}, the loop at it holds {given}{unit}")


def _other(name: str, document: Document, folder: Path, problem: HallProblem) -> HallProblem:
    """The hall to compare with, from its own file; its own comparison is left out."""
    from coldrack.solver.case.load import validate

    found = Findings(document)
    try:
        file = inside_folder(folder, name)
    except ValueError as error:
        found.add(("compare",), str(error))
        found.stop()
    second = read(Path(document.path).parent / name, {})
    if "hall" not in second.data:
        found.add(("compare",), f"{name} is no case of a hall; name one with the key `hall`")
        found.stop()
    other = _alone(validate(second, HallCase), second, file.parent)
    if other.gpus != problem.gpus:
        found.add(("compare",), f"{name} has {other.gpus} GPUs, this hall {problem.gpus}: a comparison is for the same work; "
                  f"change the "
                  "counts of racks")
    ours, theirs = problem.weather, other.weather
    same = {"weather": all(np.array_equal(getattr(ours, n), getattr(theirs, n)) for n in ("dry_bulb", "dew_point", "hours")),
            "utilisation": np.array_equal(other.hall.utilisation, problem.hall.utilisation)}
    for key in (k for k, equal in same.items() if not equal):
        found.add(("compare",), f"{name} has another {key}, so that what cooling saves could not be told; give both the same")
    found.stop()
    return other


def _liquid(m: LiquidModel, found: Findings) -> Liquid | None:
    fluid = _coolant(m.coolant, ("hall", "liquid", "coolant"), found)
    plant = _plant(m.plant, ("hall", "liquid", "plant"), found)
    p, c = m.pumps, m.cdus
    second = _coolant(c.coolant, ("hall", "liquid", "cdus", "coolant"), found) if c else None
    if fluid is None or plant is None or (c and second is None):
        return None
    cdus = Cdus(c.racks, c.conductance, c.flow_rate, c.pressure_drop, c.rack_side, c.efficiency) if c else None
    return Liquid(fluid, m.supply_temperature, _pipes(m.pipes), Pumps(p.count, p.flow_rate, p.pressure, p.efficiency),
                  m.plant_pressure, plant, second, cdus, p.held_pressure, p.minimum_flow)


def _pipes(m: PipesModel) -> Pipes:
    return Pipes(m.blocks, m.racks_per_row, m.rack_pitch, m.row_pitch, m.feeder_length, m.main_diameter, m.row_diameter,
                 m.roughness,
                 m.reverse_return)


def _coolant(name: str, path: Keys, found: Findings) -> Any:
    try:
        return coolant(name)
    except MaterialError as error:
        found.add(path, str(error))
    return None


def _air(m: AirModel, found: Findings) -> Air | None:
    plant = _plant(m.plant, ("hall", "air", "plant"), found)
    if plant is None:
        return None
    if plant.chiller is None:
        found.add(("hall", "air", "plant"), "the hall's air needs a chiller to hold its temperature; add `chiller`")
    w = m.water
    return Air(m.supply_temperature, m.rise, m.fans.pressure, m.fans.efficiency, w.supply_temperature, w.rise, w.pressure,
               w.efficiency,
               plant)


def _plant(m: PlantModel, path: Keys, found: Findings) -> PlantDesign | None:
    if m.cooler is None and m.chiller is None:
        found.add(path, "a plant needs a cooler, a chiller or both; add one")
        return None
    before = len(found.issues)
    cooler = _cooler(m.cooler, (*path, "cooler"), found) if m.cooler else None
    chiller = _chiller(m.chiller, (*path, "chiller"), found) if m.chiller else None
    return PlantDesign(cooler, chiller, m.free_cooling == "integrated") if len(found.issues) == before else None


def _cooler(m: CoolerModel, path: Keys, found: Findings) -> CoolerDesign | None:
    dry = m.kind == "dry_cooler"
    own, foreign = ("air_rise", "water_to_air") if dry else ("water_to_air", "air_rise")
    if getattr(m, own) is None:
        found.add(path, f"a {m.kind.replace('_', ' ')} needs `{own}`; add it")
    if getattr(m, foreign) is not None:
        found.add((*path, foreign), f"does not belong to a {m.kind.replace('_', ' ')}; remove it")
    if (m.pad > 0.0) != (m.pad_above is not None) or (m.pad and not dry):
        found.add((*path, "pad"), "a wet pad belongs to a dry cooler and has both `pad` and `pad_above`; give both or none")
    above = np.inf if m.pad_above is None else m.pad_above
    return CoolerDesign(m.kind, m.outdoor, m.approach, m.fan_power, m.margin, m.air_rise or 1.0, m.water_to_air or 1.0, m.pad,
                        above,
                        m.cycles)


def _chiller(m: ChillerModel, path: Keys, found: Findings) -> Chiller | None:
    try:
        return Chiller.rated(m.cop, m.rating.supply, m.rating.outdoor, m.evaporator_approach, m.condenser_approach,
                             m.minimum_lift,
                             wet=m.wet, cycles=m.cycles)
    except ValueError as error:
        found.add((*path, "cop"), f"{error}; check the rating")
    return None


def _assumptions(case: HallCase, document: Document, found: Findings) -> list[Assumption]:
    """Every value as typed with its source: the longest key path of `sources` that leads to it."""
    typed = [(path, value) for path, value in _leaves(document.data, ()) if path[0] not in SILENT]
    names = {".".join(map(str, path[:n])) for path, _ in typed for n in range(1, len(path) + 1)}
    for key in case.sources:
        if key not in names:
            found.add(("sources", key), f"no such key in this case{suggest(key, names)}")
    out = []
    for path, value in typed:
        steps = [".".join(map(str, path[:n])) for n in range(len(path), 0, -1)]
        source = next((case.sources[s] for s in steps if s in case.sources), "")
        if not source and path[0] == "figures" and len(path) > 1 and path[1] in case.figures:
            source = case.figures[path[1]].source
        if path[-1] != "source":
            out.append(Assumption(steps[0], str(value), source or "given in the case file"))
    return out + FIXED


def _leaves(data: Any, path: Keys) -> list[tuple[Keys, Any]]:
    if isinstance(data, dict):
        return [leaf for k, v in data.items() for leaf in _leaves(v, (*path, k))]
    if isinstance(data, list) and data and isinstance(data[0], dict):
        return [leaf for n, v in enumerate(data) for leaf in _leaves(v, (*path, n))]
    return [(path, data)]
