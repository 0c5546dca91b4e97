"""What the keys of a rack ask of each other: space, names of chips, one of several controls, plates with coolant."""

from __future__ import annotations

from typing import Any

from coldrack.solver.case.coolant_rack_schema import CoolantRackModel, TrayTypeModel
from coldrack.solver.case.errors import suggest
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.units import short
from coldrack.solver.materials.library import coolant, coolant_names

Types = dict[str, TrayTypeModel]


def check(rack: CoolantRackModel, types: Types, found: Findings) -> None:
    """Note everything that does not fit together."""
    if not rack.trays:
        found.add(("rack", "trays"), "a rack without trays has nothing to cool; add one, such as `{u: 5, tray: network_tray}`")
    _space(rack, types, found)
    for name, tray in types.items():
        _tray(name, tray, found)
    wet = any(types[t.tray].circuit for t in rack.trays)
    _coolant(rack, wet, found)
    if rack.cdu is not None:
        _cdu(rack.cdu, rack, found)
    if rack.door is not None:
        _one(rack.door, ("rack", "door"), ("conductance", "effectiveness"), "effectiveness: 0.7", found)
    if rack.air.relative_humidity is not None and rack.air.dew_point is not None:
        found.add(("rack", "air", "dew_point"), "takes one of relative_humidity and dew_point: keep one")
    if rack.air.from_run is not None and rack.air.inlets:
        found.add(("rack", "air", "inlets"), "takes the inlets either from a run (`from_run`) or from here: keep one")


def _one(model: Any, path: tuple[Any, ...], keys: tuple[str, ...], example: str, found: Findings) -> None:
    given = [k for k in keys if getattr(model, k) is not None]
    if len(given) != 1:
        where = (*path, given[1]) if given else path
        found.add(where, f"takes one of {', '.join(keys)}; it has {' and '.join(given) or 'none'}: keep or add one, such as "
                         f"`{example}`")


def labels(rack: CoolantRackModel, types: Types) -> list[tuple[str, int, int, int]]:
    """Name, lowest unit, height and entry of every tray."""
    out = []
    for n, entry in enumerate(rack.trays):
        units = types[entry.tray].units
        for copy in range(entry.repeat):
            unit = entry.u + copy * units
            name = f"u{unit}" if entry.name is None else entry.name + (f"{copy + 1}" if entry.repeat > 1 else "")
            out.append((name, unit, units, n))
    return out


def _space(rack: CoolantRackModel, types: Types, found: Findings) -> None:
    """Trays above the rack, two in one unit, one name twice."""
    taken: dict[int, str] = {}
    names: set[str] = set()
    boxes = [] if rack.cdu is None else [("cdu", rack.cdu.u, rack.cdu.units, -1)]
    for name, unit, units, n in boxes + labels(rack, types):
        path: tuple[Any, ...] = ("rack", "trays", n) if n >= 0 else ("rack", "cdu", "u")
        if unit + units - 1 > rack.units:
            found.add((*path, "u") if n >= 0 else path, f"{name} reaches from unit {unit} to {unit + units - 1}, but the rack "
                                                        f"has only "
                      f"{rack.units}; move it down, take fewer, or give the rack more `units`")
            return
        clash = next((taken[u] for u in range(unit, unit + units) if u in taken), None)
        if clash is not None:
            found.add((*path, "u") if n >= 0 else path, f"{name} in unit {unit} stands where {clash} is; move one of them")
            return
        taken |= dict.fromkeys(range(unit, unit + units), name)
        if name in names:
            found.add((*path, "name"), f"the name {short(name)} is taken in this rack; choose another")
        names.add(name)


def chip_names(tray: TrayTypeModel) -> dict[str, str]:
    """Group of every chip by its name."""
    return {f"{group}{n + 1}": group for group, chip in tray.chips.items() for n in range(chip.count)}


def _tray(name: str, tray: TrayTypeModel, found: Findings) -> None:
    path = ("trays", name)
    known = chip_names(tray)
    for group, chip in tray.chips.items():
        here = (*path, "chips", group)
        _one(chip, here, ("plate", "sink"), "plate: ocp_oam_1kw", found)
        least = chip.leakage.share * chip.power
        if not least <= chip.idle <= chip.power:
            found.add((*here, "idle"), f"{chip.idle:g} W without work must lie between the leakage, {least:g} W, and the "
                                       f"power, "
                      f"{chip.power:g} W")
        if chip.sink is not None and chip.air_share != 1.0:
            found.add((*here, "air_share"), "a chip on a heat sink gives all its heat to the air: write 1")
    for key, want in (("circuit", "plate"), ("rows", "sink")):
        listed = [(n, c) for n, members in enumerate(getattr(tray, key)) for c in members]
        for n, chip in listed:
            if chip not in known:
                found.add((*path, key, n), f"no chip called {short(chip)} in this tray{suggest(chip, known)}")
            elif getattr(tray.chips[known[chip]], want) is None:
                found.add((*path, key, n), f"{chip} has no {want}; leave it out here")
        twice = [c for k, (_, c) in enumerate(listed) if c in [o for _, o in listed[:k]]]
        if twice:
            found.add((*path, key), f"{twice[0]} stands here twice; each chip has one place")
        placed = {c for _, c in listed}
        missing = [c for c, group in known.items() if getattr(tray.chips[group], want) is not None and c not in placed]
        if missing and (key == "circuit" or listed):
            found.add((*path, key), f"{', '.join(missing[:4])} of `chips` {'is' if len(missing) == 1 else 'are'} missing here: "
                                    f"add "
                      f"`[{missing[0]}]`")
    heated = tray.air or any(c.air_share > 0 for c in tray.chips.values())
    if tray.fans is None and heated:
        found.add((*path, "fans"), "parts in this tray heat the air, and nothing moves it: add `fans`")
    if tray.fans is not None:
        _one(tray.fans, (*path, "fans"), ("temperature_rise", "outlet_temperature", "speed"), "temperature_rise: 12 K", found)
    if tray.circuit and (tray.hose is None or tray.coupling is None):
        found.add(path, f"its coolant needs {'a `hose`' if tray.hose is None else 'a `coupling`, such as `coupling: 2.0`'} to "
                        f"the manifolds")


def _coolant(rack: CoolantRackModel, wet: bool, found: Findings) -> None:
    liquids = {("rack", "coolant"): rack.coolant, ("rack", "facility", "coolant"): rack.facility and rack.facility.coolant}
    for path, name in liquids.items():
        if name and name.lower() not in {n.lower() for n in coolant_names()}:
            found.add(path, f"no coolant called {short(name)}{suggest(name, coolant_names())}")
    if wet and rack.manifolds is None:
        found.add(("rack", "manifolds"), "trays with plates need manifolds; add `manifolds`")
    if (wet or rack.door is not None) and rack.facility is None:
        found.add(("rack", "facility"), "something has to take the heat: add `facility` with coolant, temperature and "
                                        "flow_rate")
        return
    f = rack.facility
    if f is None:
        return
    if f.coolant and f.coolant.lower() in {n.lower() for n in coolant_names()}:
        found.in_range(("rack", "facility", "temperature"), f.temperature, coolant(f.coolant))
    if rack.cdu is None and wet:
        if rack.door is not None:
            found.add(("rack", "door"), "a door takes facility water, which this rack does not get: without a CDU `facility` "
                                        "is the coolant "
                      "of its plates; remove the door, or add a cdu")
        _one(f, ("rack", "facility"), ("flow_rate", "pressure", "return_temperature"), "flow_rate: 80 L/min", found)
        if f.coolant.lower() != rack.coolant.lower():
            found.add(("rack", "facility", "coolant"), f"without a CDU it flows through the plates, whose coolant is "
                                                       f"{rack.coolant}; write "
                      f"{rack.coolant}, or add a cdu")
        if f.return_temperature is not None and f.return_temperature <= f.temperature:
            found.add(("rack", "facility", "return_temperature"), "must be above the temperature with which it enters")
        return
    for key in ("pressure", "return_temperature"):
        if getattr(f, key) is not None:
            found.add(("rack", "facility", key), "belongs to a rack without a CDU; give flow_rate instead")
    if f.flow_rate is None:
        found.add(("rack", "facility", "flow_rate"), "the key 'flow_rate' is missing: add `flow_rate: 80 L/min`")
    elif rack.door is not None and rack.door.flow_rate >= f.flow_rate and rack.cdu is not None:
        found.add(("rack", "door", "flow_rate"), f"takes {rack.door.flow_rate * 6e4:.4g} of {f.flow_rate * 6e4:.4g} L/min of "
                                                 f"`facility` and "
                  "leaves none for the CDU; lower it, or raise that of facility")


def _cdu(cdu: Any, rack: CoolantRackModel, found: Findings) -> None:
    path = ("rack", "cdu", "pumps")
    pumps = cdu.pumps
    _one(pumps, path, ("flow_rate", "pressure", "speed"), "flow_rate: 80 L/min", found)
    if pumps.standby >= pumps.installed:
        found.add((*path, "standby"), f"of {pumps.installed} pumps at most {pumps.installed - 1} can stand by")
    if pumps.failed >= pumps.installed:
        found.add((*path, "failed"), f"all {pumps.installed} pumps have failed, so that no coolant flows; leave one")
    for n, (a, b) in enumerate(zip(pumps.curve, pumps.curve[1:]), 1):
        if not b[0] > a[0] or b[1] > a[1]:
            found.add((*path, "curve", n), "along the curve the flow rises and the pressure does not; sort the points, leave "
                                           "out a rising "
                      "part")
            break
    if rack.facility is not None and cdu.supply_temperature is not None and cdu.supply_temperature <= rack.facility.temperature:
        found.add(("rack", "cdu", "supply_temperature"), "the coolant cannot be colder than the facility water, which enters "
                                                         "at "
                  f"{rack.facility.temperature - 273.15:.4g} degC; raise it")
