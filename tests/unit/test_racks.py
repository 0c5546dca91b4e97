"""Racks and what stands around them in case files: where everything is, what the physics gets, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import ROOT

import coldrack
from coldrack.meshes.parts.rack import UNIT, Bay, Plane, Rack
from coldrack.meshes.parts.rack_planes import closed_once, left_over
from coldrack.solver.case import CaseError
from coldrack.solver.case.rack_library import library
from coldrack.solver.devices import HeatExchanger, Panel, Screen, Unit
from coldrack.solver.problem import Problem

ROOM = """\
coldrack: 1
coolant: {name: air, temperature: 20 degC}
background: fluid
domain: {low: [0, 0, 0], high: [4.2 m, 6 m, 3 m]}
servers:
  blade: {units: 10, depth: 700 mm, power: 5 kW, liquid_share: 0.6, temperature_rise: 10 K}
  fans: {units: 2, depth: 0.7 m, power: 500 W, curve: [[0, 100 Pa], [0.05 m^3/s, 0]], parallel: 4, inner_loss: 900}
parts:
  one: {kind: rack, origin: [0.6 m, 0.6 m, 0.6 m], front_door: 0.64, rear_door: 0.8, blanking: solid, side_gaps: 0.1,
        servers: [{u: 3, server: blade, repeat: 2, load: 1}, {u: 30, server: switch_1u, name: leaf}]}
boundaries:
  ceiling: {kind: wall, face: z+, temperature: 20 degC}
mesh: {max_cell: 150 mm, min_cells_gap: 1}
""".replace(", load: 1", "")
ONE = ROOM[ROOM.index("  one:") : ROOM.index("boundaries:")]


def load(folder: Path, parts: str = ONE, text: str = ROOM) -> Problem:
    path = folder / "case.yaml"
    path.write_text(text.replace(ONE, parts), encoding="utf-8")
    return coldrack.load(str(path))


def named(problem: Problem) -> dict[str, Any]:
    return {d.name: d for d in problem.devices}


def area(problem: Problem, device: Any) -> float:
    """Of a plane, m2."""
    plane = device.plane if hasattr(device, "plane") else device
    shape = list(problem.mesh.grid.shape)
    shape[2 - plane.axis] += 1
    widths = [problem.mesh.grid.widths[2 - d] for d in range(3)]
    widths[2 - plane.axis] = np.ones(shape[2 - plane.axis])
    every = widths[0][:, None, None] * widths[1][None, :, None] * widths[2][None, None, :]
    return float(every.reshape(-1)[plane.faces].sum())


# ------------------------------------------------------------------ geometry
def rack(front: str = "y-", **more: Any) -> Rack:
    keys: dict[str, Any] = {"units": 42, "width": 0.6, "depth": 1.2, "height": 45 * UNIT, "front_space": 0.1, "base": 2,
                            "front_door": 0.64, "rear_door": 0.64, "blanking": 0.0, "side_gaps": 0.1}
    return Rack((1.0, 2.0, 0.0), front, **{**keys, **more})


def size(plane: Plane) -> float:
    sides = sorted(b - a for a, b in zip(plane.low, plane.high))
    return sides[1] * sides[2]


@pytest.mark.parametrize("front", ["x-", "x+", "y-", "y+"])
def test_servers_stand_at_their_units_behind_the_front(front: str) -> None:
    r = rack(front, bays=(Bay("a", 1, 8, 0.8971), Bay("b", 9, 1, 0.62)))
    deep = "xy".index(front[0])
    (low, high), sign = r.bounds(), 1.0 if front[1] == "-" else -1.0
    assert [h - l for l, h in zip(low, high)] == pytest.approx([1.2, 0.6, 45 * UNIT] if deep == 0 else [0.6, 1.2, 45 * UNIT])
    for (_, a, b), first, units, depth in zip(r.boxes(), (1, 9), (8, 1), (0.9, 0.6)):  # depths in steps of 50 mm
        assert (a[2], b[2]) == pytest.approx(((1 + first) * UNIT, (1 + first + units) * UNIT))  # on a base of 2 U
        assert b[1 - deep] - a[1 - deep] == pytest.approx(0.45) and b[deep] - a[deep] == pytest.approx(depth)
        face, door = (a[deep], low[deep]) if sign > 0 else (b[deep], high[deep])
        assert sign * (face - door) == pytest.approx(0.1)


def test_planes_close_all_that_servers_leave() -> None:
    r = rack(bays=(Bay("a", 1, 8, 0.9), Bay("b", 12, 4, 0.9)))
    assert r.free() == [(9, 12), (16, 43)]
    assert rack().free() == [(1, 43)] and rack(bays=(Bay("a", 1, 42, 0.9),)).free() == []
    fronts = [p for p in r.planes() if p.axis == 1 and p.low[1] == pytest.approx(2.1)]
    assert sum(map(size, fronts)) + 0.45 * 12 * UNIT == pytest.approx(0.6 * 45 * UNIT)
    open_ = rack(front_door=1.0, rear_door=1.0, blanking=1.0, side_gaps=1.0)
    assert {p.name for p in open_.planes()} == {"left", "right", "top", "bottom", "sill", "lintel"}


def test_rectangles_without_others_keep_the_area() -> None:
    generator = np.random.default_rng(3)
    whole = (0.0, 0.0, 1.0), (8.0, 8.0, 1.0)
    for _ in range(50):
        corners = [np.sort(generator.integers(-2, 11, (2, 2)), axis=0) for _ in range(4)]
        holes = [((float(a[0]), float(a[1]), 1.0), (float(b[0]), float(b[1]), 1.0)) for a, b in corners]
        covered = np.zeros((8, 8), bool)
        for a, b in corners:
            covered[max(a[0], 0) : max(b[0], 0), max(a[1], 0) : max(b[1], 0)] = True
        rest = left_over(whole, holes, 2)
        assert sum((b[0] - a[0]) * (b[1] - a[1]) for a, b in rest) == pytest.approx(np.count_nonzero(~covered))
    twice = [Plane(n, *whole, 0.0) for n in "ab"]
    assert [p.name for p in closed_once(twice, [])] == ["a"]


# ------------------------------------------------------------------ from the case to the physics
def test_library_names_its_sources() -> None:
    assert {"hgx_h100_air_8u", "hgx_h100_liquid_4u", "switch_1u", "cdu_4u"} <= set(library())
    assert all(t.source for t in library().values())
    node = library()["hgx_h100_air_8u"]  # NVIDIA DGX H100/H200 User Guide: 8U, 10.2 kW, 1105 CFM
    assert (node.units, node.power) == (8, 10.2e3) and node.flow_rate == pytest.approx(1105 * 0.3048**3 / 60)


def test_a_rack_becomes_devices(tmp_path: Path) -> None:
    problem = load(tmp_path)
    found = named(problem)
    servers = {n: d for n, d in found.items() if isinstance(d, Unit)}
    assert set(servers) == {"one.u3", "one.u13", "one.leaf"}
    for name, units, air, liquid in (("one.u3", 10, 2e3, 3e3), ("one.leaf", 1, 1e3, 0.0)):
        u = servers[name]
        assert (u.power, u.liquid_power) == pytest.approx((air, liquid))
        assert area(problem, u.inlet) == pytest.approx(0.45 * units * UNIT) == pytest.approx(area(problem, u.outlet))
        assert (u.inlet_direction, u.outlet_direction) == (1, 1)
    assert servers["one.u3"].temperature_rise == 10.0
    door = found["one.front_door"]
    assert isinstance(door, Screen) and area(problem, door) == pytest.approx(0.6 * 45 * UNIT)
    assert found["one.rear_door"].loss < door.loss < found["one.left_gap"].loss
    assert isinstance(found["one.bottom"], Panel)  # the rack floats: closed below


def test_a_server_takes_what_the_rack_says(tmp_path: Path) -> None:
    servers = ("[{u: 1, server: blade, power: 2 kW, liquid_share: 0, flow_rate: 0.2 m^3/s}, {u: 11, server: fans, speed: 0.5}, "
               "{u: 13, server: fans, reverse: true, name: back, repeat: 2}]")
    text = ONE[: ONE.index("servers:")] + f"servers: {servers}, load: 0.5}}\n"
    found = named(load(tmp_path, text))
    first, slow, back = found["one.u1"], found["one.u11"], found["one.back2"]
    assert (first.power, first.liquid_power, first.flow_rate, first.temperature_rise) == (1e3, 0.0, 0.2, None)
    assert (slow.speed, slow.loss, slow.power, back.speed) == (0.5, 900.0, 250.0, 1.0)
    assert back.curve is not None and back.curve.flow[-1] == pytest.approx(0.2)
    assert (back.inlet_direction, back.low) == (-1, pytest.approx((0.675, 0.7, 0.6 + 16 * UNIT)))


ROW = """\
  floor: {kind: raised_floor, height: 0.6 m, tiles: {tile: {low: [0.6 m, 1.8 m], count: [3, 2], open_area: 0.25}}}
  left: &row
    kind: row
    origin: [0.6 m, 0.6 m, 0.6 m]
    count: 3
    gap: 0.15 m
    rack: &rack {front: y+, front_door: none, rear_door: none, blanking: solid, servers: [{u: 1, server: blade}]}
    changes: {2: {blanking: none, load: 2}, 3: {front_door: 0.5}}
  right: {<<: *row, origin: [0.6 m, 3 m, 0.6 m], rack: {<<: *rack, front: y-}, changes: {}}
  aisle: {kind: cold_aisle, rows: [left, right], height: 2.2 m, roof: 0.3}
  crah: {kind: crah, origin: [3.3 m, 0.6 m, 0.6 m], size: [0.6 m, 1.2 m, 1.8 m], flow_rate: 2 m^3/s, cooling: 30 kW}
"""


def test_rows_floors_aisles_and_cooling_units(tmp_path: Path) -> None:
    problem = load(tmp_path, ROW)
    found = named(problem)
    assert [d.name for d in problem.devices if isinstance(d, Unit)] == [
        *(f"{row}.{n}.u1" for row in ("left", "right") for n in (1, 2, 3)), "crah"]
    assert found["left.2.u1"].power == 2 * found["left.1.u1"].power and "left.2.blank11" not in found
    assert "left.3.front_door" in found and "left.1.front_door" not in found
    assert found["left.1.u1"].inlet_direction == -1 and found["right.1.u1"].inlet_direction == 1
    assert found["left.2.u1"].low[0] == pytest.approx(0.6 + 0.75 + 0.075)
    assert {"left.gap1", "left.gap2"} <= set(found)

    def total(start: str) -> float:
        return sum(area(problem, d) for n, d in found.items() if n.startswith(start))

    tiles = [d for n, d in found.items() if n.startswith("floor.tile")]
    assert len(tiles) == 6 and all(area(problem, d) == pytest.approx(0.36) for d in tiles)
    assert total("floor.slab") == pytest.approx(4.2 * 6.0 - 6 * 0.36 - 0.6 * 1.2)  # but for what the cooling unit covers
    high = round(2.2 / UNIT) * UNIT
    assert total("aisle.roof") == pytest.approx(2.1 * 1.2) and total("aisle.end1") == pytest.approx(1.2 * high)
    assert total("aisle.side1") == pytest.approx(2.1 * high - 3 * 0.6 * 45 * UNIT - 0.3 * 45 * UNIT)  # gaps are closed already
    crah = found["crah"]
    assert (crah.kind, crah.power, crah.low[2]) == ("cooler", -30e3, 0.6)
    assert (crah.inlet.axis, crah.inlet_direction, crah.outlet_direction) == (2, -1, -1)
    assert area(problem, crah.outlet) == pytest.approx(0.72)


def test_a_heat_exchanger_in_the_rear_door(tmp_path: Path) -> None:
    text = ONE.replace("rear_door: 0.8", "rear_exchanger: {depth: 0.2 m, loss: 8, effectiveness: 0.6, temperature: 15 degC}")
    problem = load(tmp_path, text)
    found = named(problem)
    x = found["one.rear_exchanger"]
    assert isinstance(x, HeatExchanger) and (x.axis, x.effectiveness, x.temperature) == (1, 0.6, 288.15)
    volume = float(problem.mesh.grid.volumes()[x.cells].sum())
    assert volume == pytest.approx(0.6 * 0.2 * 45 * UNIT)
    assert found["one.coil"].loss == 8.0 and "one.rear_door" not in found
    assert area(problem, found["one.left"]) == pytest.approx(1.4 * 45 * UNIT)  # closed to its rear


def test_the_room_of_the_documentation_loads(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "racks.md").read_text(encoding="utf-8")
    text = page.split("<!-- test: room -->\n```yaml\n")[1].split("```")[0]
    units = [d for d in load(tmp_path, text=text).devices if isinstance(d, Unit)]
    assert len(units) == 3 * 9 + 1 and sum(u.power for u in units) == pytest.approx(2.5 * (8 * 900 + 1000))


@pytest.mark.parametrize(("name", "servers"), [("air_rack_h100", 4), ("liquid_rack_64gpu", 12), ("aisle_8_racks", 31)])
def test_cases_have_no_slivers(name: str, servers: int) -> None:
    """Planes of racks, tiles and cooling units coincide, so no cell is thinner than half a rack unit on coarse grids."""
    problem = coldrack.load(str(ROOT / "cases" / f"{name}.yaml"), {"mesh.refine": "0.4"})
    assert min(w.min() for w in problem.mesh.grid.widths) > 0.5 * UNIT
    assert sum(isinstance(d, Unit) and d.kind == "server" for d in problem.devices) == servers


# ------------------------------------------------------------------ what is refused
WRONG: list[tuple[str, str, str, list[str]]] = [
    ("unknown server", "server: blade,", "server: blad,", ["parts.one.servers.0.server", "'blad'", "did you mean 'blade'"]),
    ("same unit twice", "{u: 30,", "{u: 20,", ["parts.one.servers.1", "U 20 is taken by u13"]),
    ("beyond the top", "{u: 30,", "{u: 43,", ["leaf: takes U 43 to 43, the rack has 1 to 42"]),
    ("not a unit", "{u: 30,", "{u: 0,", ["parts.one.servers.1.u", "at least 1"]),
    ("outside the room", "origin: [0.6 m", "origin: [3.7 m", ["parts.one", "outside the room", "3.7 to 4.3 m along x"]),
    ("door too open", "front_door: 0.64", "front_door: 64", ["parts.one.front_door", "64 % is 0.64"]),
    ("door of zero", "front_door: 0.64", "front_door: 0", ["parts.one.front_door", "write solid"]),
    ("door in words", "front_door: 0.64", "front_door: mesh", ["parts.one.front_door", "none, solid or the open share"]),
    ("no rear", "rear_door: 0.8, ", "", ["parts.one.rear_door", "is missing"]),
    ("two rears", "blanking: solid", "blanking: solid, rear_exchanger: {loss: 0, effectiveness: 0.5, temperature: 300 K}",
     ["parts.one.rear_door", "keep one of them"]),
    ("deep server", "depth: 700 mm", "depth: 1.15 m", ["parts.one.servers.0", "no air before the rear"]),
    ("low rack", "front_door: 0.64", "height: 1.8 m, front_door: 0.64", ["parts.one.height", "take 1.956 m"]),
    ("no flow", ", temperature_rise: 10 K", "", ["servers.blade", "flow_rate, temperature_rise, curve"]),
    ("two flows", "{u: 30, server: switch_1u,", "{u: 30, server: switch_1u, flow_rate: 1 m^3/s, temperature_rise: 3 K,",
     ["parts.one.servers.1.temperature_rise", "keep one"]),
    ("speed without fans", "{u: 30, server: switch_1u,", "{u: 30, server: switch_1u, speed: 0.5,",
     ["parts.one.servers.1.speed", "switch_1u does not have"]),
    ("name twice", "name: leaf", "name: u3", ["parts.one.servers.1.name", "'u3' is taken"]),
    ("no room", "domain: {low: [0, 0, 0], high: [4.2 m, 6 m, 3 m]}\n", "", ["parts.one", "add `domain"]),
    ("no air", "background: fluid", "background: void", ["parts.one", "`background: fluid`"]),
    ("closed in", "front_door: 0.64, rear_door: 0.8, blanking: solid, side_gaps: 0.1",
     "front_door: solid, rear_door: none, blanking: solid", ["parts.one.servers", "closed but for servers"]),
    ("unknown key", "front_door: 0.64", "font_door: 0.64", ["parts.one.font_door", "did you mean 'front_door'"]),
]
WRONG_ROW: list[tuple[str, str, str, list[str]]] = [
    ("no such rack", "changes: {2:", "changes: {4:", ["parts.left.changes.4", "racks 1 to 3"]),
    ("tiles beside", "count: [3, 2]", "count: [7, 2]", ["parts.floor.tiles.tile.low", "0.6 to 4.8 m", "lie on the floor"]),
    ("tiles on tiles", "{tile: {", "{grate: {low: [0.9 m, 1.8 m], open_area: 0.5}, tile: {",
     ["parts.floor.tiles.tile.low", "on other"]),
    ("floor too high", "height: 0.6 m,", "height: 3 m,", ["parts.floor.height", "plenum"]),
    ("not face to face", "rack: {<<: *rack, front: y-}", "rack: *rack", ["parts.aisle.rows", "do not face each other"]),
    ("unknown row", "rows: [left, right]", "rows: [left, rigt]", ["parts.aisle.rows.1", "did you mean 'right'"]),
    ("one side", "rows: [left, right]", "rows: [left]", ["parts.aisle", "add `width: 1.2 m`"]),
    ("low roof", "height: 2.2 m, roof", "height: 1.5 m, roof", ["parts.aisle.height", "lower than the racks"]),
    ("in a rack", "origin: [3.3 m, 0.6 m", "origin: [2 m, 0.6 m", ["parts.crah", "overlaps 'left'"]),
    ("two coolings", "cooling: 30 kW", "cooling: 30 kW, supply_temperature: 18 degC", ["parts.crah.cooling", "keep one"]),
]


@pytest.mark.parametrize(("old", "new", "says", "parts"), [
    *(pytest.param(*w[1:], ONE, id=w[0]) for w in WRONG), *(pytest.param(*w[1:], ROW, id=w[0]) for w in WRONG_ROW)])
def test_mistakes_name_key_and_remedy(tmp_path: Path, old: str, new: str, says: list[str], parts: str) -> None:
    text = ROOM.replace(ONE, parts)
    assert text.count(old) >= 1
    with pytest.raises(CaseError) as caught:
        load(tmp_path, text=text.replace(old, new, 1))
    message = str(caught.value)
    assert all(s in message for s in says), message
    lines = {i.line for i in caught.value.issues}
    assert lines.isdisjoint({0}) and all(i.message for i in caught.value.issues)


def test_names_do_not_clash(tmp_path: Path) -> None:
    own = "devices: {crah: {kind: panel, low: [0, 0, 1], high: [1, 1, 1]}}\nboundaries:"
    text = ROOM.replace(ONE, ROW).replace("boundaries:", own)
    with pytest.raises(CaseError, match="a part has this name too"):
        load(tmp_path, text=text)
