"""Devices of a case: which keys go together, what they ask of the mesh, the data that the physics gets.

Parts that contain devices (racks) hand theirs over as models of `device_schema` with the path of the key to blame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from coldrack.meshes.mesh import FLUID, VOID, Mesh
from coldrack.meshes.scene import SLACK, Body, Scene
from coldrack.meshes.shapes import Box
from coldrack.solver.case import device_geometry as geometry
from coldrack.solver.case.errors import suggest
from coldrack.solver.devices import Curve, Device, Fan, HeatExchanger, Panel, Plane, Porous, Screen, Unit
from coldrack.solver.materials import coolant, coolant_names
from coldrack.solver.materials.fans import fan_curve
from coldrack.solver.problem import Boundary

Models = dict[str, Any]
Path = Callable[[str], tuple[Any, ...]]
FLAT = ("screen", "panel", "fan")
UNITS = ("server", "cooler")


def own(name: str) -> tuple[Any, ...]:
    """Path of a device in the case's group of devices."""
    return ("devices", name)


def place(models: Models, scene: Scene, found: Any, path: Path = own) -> None:
    """Note keys that contradict each other; mark planes and boxes for the grid, and make servers and coolers void."""
    for name, m in models.items():
        try:
            if m.kind in FLAT:
                axis = geometry.normal(m.low, m.high)
                if m.kind == "fan" and m.direction[0] != "xyz"[axis]:
                    found.add((*path(name), "direction"), f"the fan's plane is normal to {'xyz'[axis]}, so it blows "
                              f"{'xyz'[axis]}+ or {'xyz'[axis]}-, not {m.direction}")
            else:
                box = Box(m.low, m.high)
                if m.kind in UNITS:
                    _check_overlap(name, box, scene, found, path)
                    scene.bodies.append(Body(name, VOID, box, 2))
            scene.marks.append((m.low, m.high))
        except ValueError as error:
            found.add((*path(name), "high"), str(error))
        CHECKS.get(m.kind, lambda *_: None)(m, path(name), found)


def _check_overlap(name: str, box: Box, scene: Scene, found: Any, path: Path) -> None:
    """A server would cut a hole into what stands there already."""
    for body in scene.bodies:
        low, high = body.shape.bounds()
        if isinstance(body.shape, Box) and body.material != FLUID and all(
                min(h, bh) - max(l, bl) > SLACK for l, h, bl, bh in zip(box.low, box.high, low, high)):
            found.add(path(name), f"overlaps {body.name!r}; move one of them")
            return


def _one_of(m: Any, path: tuple[Any, ...], keys: tuple[str, ...], found: Any, example: str, least: int = 1) -> None:
    given = [k for k in keys if getattr(m, k) is not None]
    if len(given) > 1:
        found.add((*path, given[1]), f"takes one of {', '.join(keys)}; it has {' and '.join(given)}: keep one")
    elif len(given) < least:
        found.add(path, f"needs one of {', '.join(keys)}; add one, such as `{example}`")


def _check_screen(m: Any, path: tuple[Any, ...], found: Any) -> None:
    if m.loss is not None and m.open_area is not None:
        found.add((*path, "open_area"), "takes one of loss and open_area: keep one")
    if not (m.loss or m.open_area or m.resistance):
        found.add(path, "a screen needs a resistance: add loss (such as 3.5), open_area (such as 0.4) or resistance")


def _check_exchanger(m: Any, path: tuple[Any, ...], found: Any) -> None:
    _one_of(m, path, ("effectiveness", "conductance"), found, "effectiveness: 0.7")
    if (m.liquid is None) != (m.flow_rate is None):
        key = "flow_rate" if m.liquid is None else "liquid"
        other = "liquid: water" if m.liquid is None else "flow_rate: 20 L/min"
        found.add((*path, key), f"liquid and flow_rate go together; add `{other}`, or give capacity_rate")
    if m.liquid is not None and m.capacity_rate is not None:
        found.add((*path, "capacity_rate"), "takes either capacity_rate or liquid with flow_rate: keep one")
    if m.liquid is not None and m.liquid.lower() not in {n.lower() for n in coolant_names()}:
        found.add((*path, "liquid"), f"no coolant called {m.liquid!r}{suggest(m.liquid, coolant_names())}")


def _check_unit(m: Any, path: tuple[Any, ...], found: Any) -> None:
    if m.kind == "server":
        _one_of(m, path, ("flow_rate", "temperature_rise", "curve"), found, "temperature_rise: 12 K")
        if m.temperature_rise is not None and not m.power > 0:
            found.add((*path, "temperature_rise"), "without power no flow follows from it; give power, or flow_rate")
    else:
        _one_of(m, path, ("flow_rate", "curve"), found, "flow_rate: 2 m^3/s")
        _one_of(m, path, ("supply_temperature", "cooling"), found, "supply_temperature: 18 degC")
    if m.inlet == m.outlet:
        found.add((*path, "outlet"), f"inlet and outlet are both {m.inlet}; they take two sides of the box")
    if m.curve is None:
        for key in ("speed", "parallel", "series", "inner_loss", "efficiency"):
            if key in m.model_fields_set:
                found.add((*path, key), "belongs to fans with a curve; add `curve`, or remove it")


CHECKS: dict[str, Callable[..., None]] = {
    "screen": _check_screen, "heat_exchanger": _check_exchanger, "server": _check_unit, "cooler": _check_unit}


def build(models: Models, mesh: Mesh, boundaries: list[Boundary], found: Any, path: Path = own) -> tuple[Device, ...]:
    """The devices on a mesh; notes those that are not where they can be."""
    out: list[Device] = []
    for name, m in models.items():
        try:
            out.append(_build(name, m, mesh, boundaries))
        except ValueError as error:
            if m.kind == "panel" and path(name) in found.aliases:
                continue  # the side of a rack that stands against a wall: no air to part
            key = (*path(name), "curve") if "curve" in str(error).split(";")[0] and getattr(m, "curve", None) else path(name)
            found.add(key, str(error))
    _check_shared(out, mesh, found, path)
    return tuple(out)


def _build(name: str, m: Any, mesh: Mesh, boundaries: list[Boundary]) -> Device:
    if m.kind in FLAT:
        plane = geometry.plane(mesh, m.low, m.high, boundaries)
        if m.kind == "panel":
            return Panel(name, plane)
        if m.kind == "screen":
            return Screen(name, plane, screen_loss(m.open_area) if m.open_area else m.loss or 0.0, m.resistance)
        return Fan(name, plane, 1 if m.direction[1] == "+" else -1, _curve(m), m.speed, m.parallel, m.series, m.efficiency)
    if m.kind in UNITS:
        return _unit(name, m, mesh)
    cells = geometry.block(mesh, m.low, m.high)
    if m.kind == "porous":
        return Porous(name, cells, _three(m.darcy), _three(m.forchheimer), m.solid_conductivity, m.exchange, m.porosity,
                      m.power)
    return HeatExchanger(name, cells, "xyz".index(m.axis), m.temperature, _capacity_rate(m), m.effectiveness, m.conductance)


def screen_loss(open_area: float) -> float:
    """Loss coefficient of a sharp-edged perforated plate on the approach velocity.

    Fried & Idelchik, Flow Resistance: A Design Guide for Engineers (1989); `open_area` is the free share F of the area.
    """
    return float((1.0 + 0.5 * (1.0 - open_area) ** 0.75 + 1.414 * (1.0 - open_area) ** 0.375) / open_area**2)


def _unit(name: str, m: Any, mesh: Mesh) -> Unit:
    inlet, outlet = geometry.sides(mesh, m.low, m.high, m.inlet, m.outlet)
    curve = None
    if m.curve is not None:  # of all its fans together
        one = _curve(m)
        curve = Curve(tuple(q * m.parallel for q in one.flow), tuple(p * m.series for p in one.pressure))
    server = m.kind == "server"
    return Unit(
        name, m.kind, inlet, outlet, 1 if m.inlet[1] == "-" else -1, 1 if m.outlet[1] == "+" else -1, m.flow_rate,
        m.temperature_rise if server else None, curve, m.speed, m.inner_loss, m.power if server else -(m.cooling or 0.0),
        m.liquid_power if server else 0.0, None if server else m.supply_temperature, m.efficiency, low=m.low, high=m.high)


def _curve(m: Any) -> Curve:
    if isinstance(m.curve, str):
        return fan_curve(m.curve)
    return Curve(tuple(q for q, _ in m.curve), tuple(p for _, p in m.curve))


def _three(value: Any) -> Any:
    return value if isinstance(value, tuple) else (value,) * 3


def _capacity_rate(m: Any) -> float:
    if m.capacity_rate is not None:
        return float(m.capacity_rate)
    if m.liquid is None:
        return float("inf")
    liquid, t = coolant(m.liquid), np.asarray(m.temperature)
    return float(m.flow_rate * liquid.density(t) * liquid.heat_capacity(t))


def _check_shared(devices: list[Device], mesh: Mesh, found: Any, path: Path) -> None:
    """A face takes one fan, panel, or unit; a cell one porous block and one heat exchanger."""
    faces: dict[tuple[str, int, int], str] = {}
    cells: dict[type, Any] = {}
    for d in devices:
        planes: list[Plane] = [d.plane] if isinstance(d, Fan | Panel) else []
        taken = {faces[key] for p in planes for f in p.faces if (key := ("face", p.axis, int(f))) in faces}
        for other in sorted(taken):
            found.add(path(d.name), f"shares faces with {other!r}; a face takes one fan or panel: move or shrink one of them")
        faces.update({("face", p.axis, int(f)): d.name for p in planes for f in p.faces})
        if isinstance(d, Porous | HeatExchanger):
            for other, mask in cells.setdefault(type(d), []):
                if (mask & d.cells).any():
                    found.add(path(d.name), f"shares cells with {other!r}; move or shrink one of them")
            cells[type(d)].append((d.name, d.cells))
