"""Checked keys of a rack into its parts (`solver/rack/parts.py`), with plates from the library, the case and files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from coldrack.solver.case import plate_library
from coldrack.solver.case.coolant_rack_checks import chip_names, labels
from coldrack.solver.case.coolant_rack_schema import CoolantRackModel, HoseModel, TrayTypeModel
from coldrack.solver.case.errors import suggest
from coldrack.solver.case.files import inside_folder
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.reader import Document
from coldrack.solver.characteristic.plate import PlateCharacteristic
from coldrack.solver.rack import parts
from coldrack.solver.rack.circuit import UNIT
from coldrack.solver.system import SystemFailure


def rack_of(name: str, m: CoolantRackModel, types: dict[str, TrayTypeModel], document: Document, folder: Path,
            found: Findings) -> parts.Rack:
    """The rack; notes plates that there are not, and names that no tray or chip has."""
    plates = {(tray, group): _plate(chip.plate, (tray, group), document, folder, found)
              for tray, t in types.items() for group, chip in t.chips.items() if chip.plate is not None}
    found.stop()
    _same_coolant(m, types, plates, found)
    trays = []
    for label, unit, _, n in labels(m, types):
        kind = m.trays[n].tray
        trays.append(_tray(label, kind, unit, types[kind], {g: p for (t, g), p in plates.items() if t == kind}))
    known = {f"{t.name}.{c.name}" for t in trays for c in t.chips if c.plate is not None}
    for chip in m.blocked:
        if chip not in known:
            found.add(("rack", "blocked", chip), f"no chip on a plate called {chip!r}{suggest(chip, known)}")
    inlets = _inlets(m, trays, folder, found)
    top = m.units * UNIT
    manifolds = None if m.manifolds is None or not any(t.circuit for t in trays) else parts.Manifolds(
        m.manifolds.diameter, m.manifolds.roughness, m.manifolds.branch_loss, 0.0 if m.manifolds.feed == "bottom" else top,
        0.0 if m.manifolds.exit == "bottom" else top, m.manifolds.conductance)
    air = parts.RoomAir(m.air.temperature, m.air.pressure, m.air.relative_humidity, m.air.dew_point, inlets)
    f = m.facility
    supply = None if f is None else parts.Supply(
        f.coolant, f.temperature, f.flow_rate, f.pressure, f.return_temperature,
        None if f.drop is None else (f.drop.flow_rate, f.drop.pressure_drop, f.drop.exponent))
    door = None if m.door is None else parts.Door(m.door.conductance, m.door.effectiveness, m.door.flow_rate, m.door.loss)
    limits = parts.Limits(m.limits.hose_velocity, m.limits.pipe_velocity, m.limits.dew_margin)
    return parts.Rack(name, m.units, m.coolant, tuple(trays), manifolds, _cdu(m.cdu), door, supply, air, m.utilisation, limits,
                      dict(m.blocked))


def _plate(name: str, place: tuple[str, str], document: Document, folder: Path, found: Findings) -> PlateCharacteristic | None:
    """The plate that a chip names."""
    path = ("trays", place[0], "chips", place[1], "plate")
    own = document.data.get("plates") or {}
    try:
        if name in own:
            return plate_library.plate_at(document, ("plates", name))
        return plate_library.find_plate(name, folder)
    except (SystemFailure, ValueError) as error:
        found.add(path, str(error))
    return None


def _same_coolant(m: CoolantRackModel, types: Any, plates: dict[tuple[str, str], Any], found: Findings) -> None:
    for (tray, group), plate in plates.items():
        if plate.coolant.name.lower() != m.coolant.lower():
            found.add(("trays", tray, "chips", group, "plate"), f"the characteristic of {plate.name} is for "
                                                                f"{plate.coolant.name}, the rack's "
                      f"coolant is {m.coolant}; characterise the plate with it, or change `coolant`")
        component = types[tray].chips[group].component
        if component is not None and component not in plate.components:
            found.add(("trays", tray, "chips", group, "component"), f"plate {plate.name} has no component {component!r}"
                      f"{suggest(component, plate.components)}")


def _hose(m: HoseModel | None) -> parts.Hose | None:
    return None if m is None else parts.Hose(m.length, m.diameter, m.roughness, m.loss)


def _tray(name: str, kind: str, unit: int, m: TrayTypeModel, plates: dict[str, Any]) -> parts.Tray:
    chips = tuple(_chip(chip, group, m, plates.get(group)) for chip, group in chip_names(m).items())
    f = m.fans
    fans = None if f is None else parts.Fans(f.count, f.power, f.flow_rate, f.least_speed, f.temperature_rise,
                                             f.outlet_temperature, f.speed)
    return parts.Tray(name, kind, unit, m.units, m.depth, chips, tuple(map(tuple, m.circuit)), tuple(map(tuple, m.rows)),
                      {n: (a.power, a.idle) for n, a in m.air.items()}, fans, _hose(m.path_hose), _hose(m.hose), m.coupling,
                      m.conductance)


def _chip(name: str, group: str, m: TrayTypeModel, plate: Any) -> parts.Chip:
    c = m.chips[group]
    sink = None if c.sink is None else parts.Sink(c.sink.resistance, c.sink.flow_rate, c.sink.exponent)
    return parts.Chip(name, group, c.power, c.idle, c.limit, c.leakage.share, c.leakage.slope, c.leakage.reference,
                      c.clock_exponent, c.interface, c.air_share, plate, c.component or "", sink)


def _cdu(m: Any) -> parts.Cdu | None:
    if m is None:
        return None
    p = m.pumps
    pumps = parts.PumpSet(p.installed, p.failed, p.standby, tuple(a for a, _ in p.curve), tuple(b for _, b in p.curve),
                          p.efficiency, p.air_share, p.flow_rate, p.pressure, p.speed, p.most_speed)
    r = m.reference
    return parts.Cdu(m.u, m.units, pumps, m.conductance, None if r is None else (r.flow_rate, r.water_flow_rate),
                     0.0 if r is None else r.exponent, m.inner.flow_rate, m.inner.pressure_drop, m.inner.exponent,
                     m.control_power, m.supply_temperature)


def _inlets(m: CoolantRackModel, trays: list[parts.Tray], folder: Path, found: Findings) -> dict[str, float]:
    """Temperature of the air that trays take in, from the case or from a finished run of the rack's air."""
    names = [t.name for t in trays]
    for name in m.air.inlets:
        if name not in names:
            found.add(("rack", "air", "inlets", name), f"no tray called {name!r}{suggest(name, names)}")
    if m.air.from_run is None:
        return dict(m.air.inlets)
    path = ("rack", "air", "from_run")
    try:
        file = inside_folder(folder, f"{m.air.from_run}/summary.json")
        servers = json.loads(file.read_text(encoding="utf-8"))["servers"]
        inlets = {key.split(".")[-1]: float(values["inlet_mean"]) for key, values in servers.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        found.add(path, f"holds no finished run of the rack's air ({error}): name the folder of a `coldrack run` of "
                        f"air_case.yaml")
        return {}
    missing = [n for n in names if n not in inlets]
    if missing:
        found.add(path, f"that run has no server called {missing[0]!r}{suggest(missing[0], inlets)}; run the air_case.yaml "
                        f"that this rack "
                  "writes")
    return {n: inlets[n] for n in names if n in inlets}
