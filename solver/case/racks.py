"""Racks, rows, raised floors, containments and cooling units of a case, as devices of the air that stand behind their keys.

`expand` makes them from the parts and puts them beside the case's own devices, under names such as ``rack.u9``; from there on
they are devices like any other. `Findings` turns problems of a device back to the key of the part that it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from coldrack.meshes.parts.rack import UNIT, Bay, Plane, Rack, whole_units
from coldrack.meshes.parts.rack_planes import closed_once
from coldrack.meshes.scene import SLACK, Point
from coldrack.solver.case import rack_library
from coldrack.solver.case.device_schema import DEVICE_MODELS
from coldrack.solver.case.errors import suggest
from coldrack.solver.case.rack_rooms import aisle, floor, row_gaps
from coldrack.solver.case.rack_schema import ROOM_MODELS, RackBodyModel, ServerTypeModel
from coldrack.solver.case.schema import Case
from coldrack.solver.case.units import short

Keys = tuple[Any, ...]
Types = dict[str, ServerTypeModel]


@dataclass
class Stand:
    """What parts put into the air: planes by the key that they come from, devices by name."""

    planes: list[tuple[Keys, Plane]] = field(default_factory=list)
    devices: dict[str, tuple[Keys, dict[str, Any]]] = field(default_factory=dict)
    racks: dict[str, list[Rack]] = field(default_factory=dict)  # of racks and rows, by the part's name

    def add(self, name: str, path: Keys, kind: str, **keys: Any) -> None:
        """Note a device."""
        self.devices[name] = (path, {"kind": kind, **keys})


def expand(case: Case, found: Any) -> Case:
    """The case with the devices of its parts; raises `CaseError` where a part is wrong in itself."""
    types = {**rack_library.library(), **case.servers}
    rack_library.check(case.servers, found)
    parts = {name: part for name, part in case.parts.items() if part.kind in ROOM_MODELS}
    if not parts:
        found.stop()
        return case
    if case.domain is None or case.background != "fluid":
        what = "background: fluid" if case.domain is not None else "domain: {low: [...], high: [...]}"
        found.add(("parts", next(iter(parts))), f"stands in a room full of air: add `{what}`")
        found.stop()
    stand = Stand()
    for name, part in parts.items():
        _place(name, part, types, case, stand, found)
    _check_overlap(stand, found)
    found.stop()  # containments ask where the racks are
    for name, part in parts.items():
        if part.kind in ("cold_aisle", "hot_aisle"):
            stand.planes += aisle(name, part, stand.racks, found)
    found.stop()
    devices = dict(case.devices)
    for name, (path, keys) in {**_closed(case, stand), **stand.devices}.items():
        if name in case.devices:
            found.add(("devices", name), "a part has this name too; choose another")
            found.stop()
        found.aliases["devices", name] = path
        devices[name] = DEVICE_MODELS[keys["kind"]].model_validate(keys)
    return case.model_copy(update={"devices": devices})


def _place(name: str, part: Any, types: Types, case: Case, stand: Stand, found: Any) -> None:
    path: Keys = ("parts", name)
    if part.kind == "rack":
        _rack((name, ""), (path, path), part.origin, part, types, stand, found)
    elif part.kind == "row":
        _row(name, path, part, types, stand, found)
    elif part.kind == "raised_floor":
        stand.planes += floor(name, part, case.domain, found)
    elif part.kind == "crah":
        keys = {k: getattr(part, k) for k in part.model_fields_set - {"kind", "origin", "size", "intake", "supply"}}
        high = tuple(a + b for a, b in zip(part.origin, (*part.size[:2], whole_units(part.size[2]))))
        stand.add(name, path, "cooler", low=part.origin, high=high, inlet=part.intake, outlet=part.supply, **keys)
        _check_inside(name, path, part.origin, high, case, found)
    for rack in stand.racks.get(name, []):
        _check_inside(name, path, *rack.bounds(), case, found)


def _check_overlap(stand: Stand, found: Any) -> None:
    """Racks and cooling units that stand in one another."""
    boxes = [(name, *rack.bounds()) for name, racks in stand.racks.items() for rack in racks]
    boxes += [(name, m["low"], m["high"]) for name, (_, m) in stand.devices.items() if m["kind"] == "cooler"]
    for n, (name, low, high) in enumerate(boxes):
        for other, l, h in boxes[:n]:
            if all(min(high[d], h[d]) - max(low[d], l[d]) > SLACK for d in range(3)):
                found.add(("parts", name), f"overlaps {other!r}; move one of them")
                return


def _check_inside(name: str, path: Keys, low: Point, high: Point, case: Case, found: Any) -> None:
    d = case.domain
    assert d is not None
    for axis in range(3):
        if low[axis] < d.low[axis] - SLACK or high[axis] > d.high[axis] + SLACK:
            found.add(path, f"stands outside the room: it reaches from {low[axis]:.4g} to {high[axis]:.4g} m along "
                      f"{'xyz'[axis]}, the domain only from {d.low[axis]:.4g} to {d.high[axis]:.4g} m; move it, or enlarge the "
                      "domain")
            return


def _row(name: str, path: Keys, part: Any, types: Types, stand: Stand, found: Any) -> None:
    for number in part.changes:
        if number not in {str(n) for n in range(1, part.count + 1)}:
            found.add((*path, "changes", number), f"no rack {short(number)}; the row has racks 1 to {part.count}")
    step = part.rack.width + part.gap
    across = 1 if part.rack.front[0] == "x" else 0
    for n in range(part.count):
        change = part.changes.get(str(n + 1))
        new = {k: getattr(change, k) for k in change.model_fields_set} if change else {}
        body = part.rack.model_copy(update=new)
        origin = tuple(v + n * step * (d == across) for d, v in enumerate(part.origin))
        keys = (*path, "rack"), (*path, "changes", str(n + 1))
        _rack((name, f"{n + 1}."), (keys["servers" in new], keys[bool(new)]), origin, body, types, stand, found)
    if part.gap > SLACK:
        stand.planes += row_gaps(path, part, stand.racks.get(name, []))


def _rack(names: tuple[str, str], paths: tuple[Keys, Keys], origin: Any, body: Any, types: Types, stand: Stand,
          found: Any) -> None:
    """One rack: planes and devices called ``<part>.<prefix><what>``; `paths` are the keys of its servers and of the rest."""
    (name, prefix), (of_servers, path) = names, paths
    entries = _entries(of_servers, body, types, found)
    _check_doors(path, body, found)
    x = body.rear_exchanger
    bays = tuple(Bay(f"{prefix}{label}", unit, types[entry.server].units, types[entry.server].depth)
                 for label, unit, entry, _ in entries)
    try:
        height = (body.base + body.units + 1) * UNIT if body.height is None else whole_units(body.height)
        rear = 1.0 if body.rear_door is None else body.rear_door
        rack = Rack(origin, body.front, body.units, body.width, body.depth, height, body.front_space, body.base,
                    body.front_door, rear, body.blanking, body.side_gaps, bays, body.opening, x.depth if x else 0.0,
                    x.loss if x else 0.0)
    except ValueError as error:
        what, _, why = str(error).partition(": ")
        guilty = next((e[3] for e, bay in zip(entries, bays) if bay.name == what), None)
        found.add(guilty or (*path, what), str(error) if guilty else why)
        return
    stand.racks.setdefault(name, []).append(rack)
    own = path[:2]
    stand.planes += [(own, Plane(f"{prefix}{p.name}", p.low, p.high, p.share, p.loss)) for p in rack.planes()]
    for (label, low, high), (_, _, entry, where) in zip(rack.boxes(), entries):
        inlet, outlet = (rack.rear, rack.front) if entry.reverse else (rack.front, rack.rear)
        stand.add(f"{name}.{label}", where, "server", low=low, high=high, inlet=inlet, outlet=outlet,
                  **server_keys(types[entry.server], entry, body.load))
    if x:
        low, high = rack.exchanger()
        keys = {k: getattr(x, k) for k in x.model_fields_set - {"depth", "loss"}}
        stand.add(f"{name}.{prefix}rear_exchanger", (*path, "rear_exchanger"), "heat_exchanger", low=low, high=high,
                  axis=rack.front[0], **keys)


def _check_doors(path: Keys, body: Any, found: Any) -> None:
    if body.rear_exchanger is None and body.rear_door is None:
        found.add((*path, "rear_door"), "the key 'rear_door' is missing (none, solid, or the open share of its area): add "
                  "`rear_door: 0.64`, or a rear_exchanger")
    if body.rear_exchanger is not None and body.rear_door is not None:
        found.add((*path, "rear_door"), "a rear_exchanger stands in the rear door's place: keep one of them (its resistance is "
                  "`loss`)")


def _entries(path: Keys, body: RackBodyModel, types: Types, found: Any) -> list[tuple[str, int, Any, Keys]]:
    """Label, rack unit, entry and key of every server of a rack."""
    out: list[tuple[str, int, Any, Keys]] = []
    for n, entry in enumerate(body.servers):
        where = (*path, "servers", n)
        if entry.server not in types:
            found.add((*where, "server"), f"no server called {short(entry.server)} in the library or in `servers`"
                      f"{suggest(entry.server, types)}")
            continue
        _check_entry(where, entry, types[entry.server], found)
        for copy in range(entry.repeat):
            unit = entry.u + copy * types[entry.server].units
            label = f"u{unit}" if entry.name is None else entry.name + (f"{copy + 1}" if entry.repeat > 1 else "")
            if label in (o[0] for o in out):
                found.add((*where, "name" if entry.name else "u"), f"the name {short(label)} is taken in this rack; choose "
                          "another")
            out.append((label, unit, entry, where))
    return out


def _check_entry(path: Keys, entry: Any, kind: ServerTypeModel, found: Any) -> None:
    if entry.flow_rate is not None and entry.temperature_rise is not None:
        found.add((*path, "temperature_rise"), "takes one of flow_rate and temperature_rise: keep one")
    if entry.speed is not None and (kind.curve is None or entry.flow_rate or entry.temperature_rise):
        found.add((*path, "speed"), f"belongs to fans with a curve, which {entry.server} does not have; remove it, or give "
                  "flow_rate")
    if entry.name is not None and not entry.name.replace("_", "").replace("-", "").isalnum():
        found.add((*path, "name"), f"the name {short(entry.name)} must be letters, digits, _ and -; choose another")


def server_keys(kind: ServerTypeModel, entry: Any, load: float) -> dict[str, Any]:
    """Keys of the device that a server is."""
    power = load * (kind.power if entry.power is None else entry.power)
    share = kind.liquid_share if entry.liquid_share is None else entry.liquid_share
    out = {"power": power * (1.0 - share), "liquid_power": power * share}
    own = [k for k in ("flow_rate", "temperature_rise") if getattr(entry, k) is not None]
    if own:
        return {**out, **{k: getattr(entry, k) for k in own}}
    given = {k: getattr(kind, k) for k in rack_library.FLOWS + rack_library.OF_CURVES if k in kind.model_fields_set}
    if entry.speed is not None:
        given["speed"] = entry.speed
    return {**out, **given}


def _closed(case: Case, stand: Stand) -> dict[str, tuple[Keys, dict[str, Any]]]:
    """Screens, and panels where nothing else closes or crosses the plane; none on the domain's surface."""
    d = case.domain
    assert d is not None
    named = [Plane(f"{path[1]}.{p.name}", p.low, p.high, p.share, p.loss) for path, p in stand.planes]
    screens = [p for p in named if p.share > 0.0]
    panels = [p for p in named if p.share == 0.0 and d.low[p.axis] + SLACK < p.low[p.axis] < d.high[p.axis] - SLACK]
    taken = [(m.low, m.high) for m in case.devices.values() if m.kind in ("screen", "panel", "fan")]
    keys: list[tuple[Plane, dict[str, Any]]] = [
        (p, {"kind": "panel"}) for p in closed_once(panels, [*taken, *((p.low, p.high) for p in screens)])]
    keys += [(p, {"kind": "screen", **({"loss": p.loss} if p.loss else {"open_area": p.share})}) for p in screens]
    return {p.name: (("parts", p.name.split(".")[0]), {**k, "low": p.low, "high": p.high}) for p, k in keys}
