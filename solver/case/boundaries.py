"""Boundary conditions of a case: which keys each kind takes, where it sits, what the physics gets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coldrack.meshes.scene import Port, Scene
from coldrack.solver.case.errors import suggest
from coldrack.solver.case.schema import BoundaryModel, Case
from coldrack.solver.case.units import short
from coldrack.solver.problem import Boundary

TAKES = {
    "inlet": {"flow_rate", "velocity", "pressure", "temperature", "turbulence_intensity", "turbulence_length"},
    "outlet": {"pressure", "temperature"},
    "wall": {"velocity", "temperature", "heat_flux", "convection"},
    "symmetry": set(),
}
PLACE = {"kind", "port", "face", "region"}
DEFAULT_TEMPERATURE = 293.15


def check(case: Case, scene: Scene, found: Any) -> None:
    """Note every boundary whose keys contradict each other, and every port without one."""
    known = [p.name for p in scene.ports]
    for name, b in case.boundaries.items():
        path = ("boundaries", name)
        _check_place(path, b, known, found)
        for key in sorted(b.model_fields_set - PLACE - TAKES[b.kind]):
            takes = ", ".join(sorted(TAKES[b.kind])) or "no values"
            found.add((*path, key), f"not a key of kind {b.kind}, which takes {takes}; remove it or change `kind`")
        if b.kind == "inlet":
            _check_inlet(case, path, b, found)
        elif b.kind == "wall":
            given = [k for k in ("temperature", "heat_flux", "convection") if getattr(b, k) is not None]
            if len(given) > 1:
                found.add(
                    (*path, given[1]), f"a wall takes one of temperature, heat_flux, convection; it has {' and '.join(given)}; "
                    "keep one"
                )
            _check_moving(path, b, scene, found)
        elif b.kind == "symmetry":
            if b.face is None or b.region is not None:
                found.add(path, "a symmetry plane is a whole face of the domain: give `face` only")
            elif b.face is not None:
                scene.cut = scene.cut | {_face(b.face)}
    _check_ports(case, known, found)


def _check_moving(path: tuple[str, ...], b: BoundaryModel, scene: Scene, found: Any) -> None:
    """A wall may slide along itself only."""
    if b.velocity is None:
        return
    if not isinstance(b.velocity, tuple):
        found.add((*path, "velocity"), "a moving wall needs three components, such as [0.1 m/s, 0, 0]")
        return
    axis = "xyz".index(b.face[0]) if b.face else next((p.axis for p in scene.ports if p.name == b.port), None)
    if axis is not None and b.velocity[axis] != 0:
        found.add((*path, "velocity"), f"a wall moves along itself only: the component along {'xyz'[axis]} must be 0; "
                  "use an inlet or outlet for flow through it")


def _check_place(path: tuple[str, ...], b: BoundaryModel, known: list[str], found: Any) -> None:
    if (b.port is None) == (b.face is None):
        found.add(path, "give either `port` (of a part, such as plate.inlet) or `face` (x-, x+, y-, y+, z-, z+)")
    if b.port is not None and b.port not in known:
        hint = suggest(b.port, known) if known else "; the case has no part with ports: use `face`"
        found.add((*path, "port"), f"no port called {short(b.port)}{hint}")
    if b.region is not None and b.face is None:
        found.add((*path, "region"), "a region needs a face; add `face`, or remove the region")
    if b.region is not None and any(h <= l for l, h in zip(b.region.low, b.region.high)):
        found.add((*path, "region"), "every upper corner must exceed the lower one; exchange or correct them")


def _check_inlet(case: Case, path: tuple[str, ...], b: BoundaryModel, found: Any) -> None:
    given = [k for k in ("flow_rate", "velocity", "pressure") if getattr(b, k) is not None]
    if len(given) != 1:
        has = f"it has {' and '.join(given)}" if given else "it has none"
        found.add(path if not given else (*path, given[1]), f"an inlet takes one of flow_rate, velocity, pressure; {has}: "
                  "keep or add one")
    if isinstance(b.velocity, tuple) or (b.velocity is not None and b.velocity <= 0):
        found.add((*path, "velocity"), "an inlet takes one speed into the domain, more than 0, such as 0.5 m/s")
    if b.temperature is None and case.solver.energy:
        found.add(path, "an inlet needs the temperature of what flows in, such as `temperature: 35 degC`")


def _check_ports(case: Case, known: list[str], found: Any) -> None:
    used: dict[str, str] = {}
    for name, b in case.boundaries.items():
        if b.port in used:
            found.add(("boundaries", name, "port"), f"{b.port} already has the boundary {used[str(b.port)]!r}; keep one")
        if b.port is not None:
            used[b.port] = name
    for port in known:
        if port not in used:
            found.add(("parts", port.split(".")[0]), f"the port {port} has no boundary: add one with `port: {port}` "
                      "(kind: inlet or outlet; wall closes it)")


def _face(face: str) -> tuple[int, int]:
    return "xyz".index(face[0]), int(face[1] == "+")


def ports(case: Case, scene: Scene) -> list[Port]:
    """One port per boundary, under the boundary's name."""
    of_parts = {p.name: p for p in scene.ports}
    out = []
    for name, b in case.boundaries.items():
        if b.port is not None:
            out.append(replace(of_parts[b.port], name=name))
        elif b.region is not None:
            out.append(Port(name, *_face(str(b.face)), b.region.low, b.region.high, b.region.shape == "ellipse"))
        else:
            out.append(Port(name, *_face(str(b.face))))
    return out


def conditions(case: Case) -> list[Boundary]:
    """The conditions in the form that the physics takes."""
    out = []
    for name, b in case.boundaries.items():
        c = b.convection
        out.append(Boundary(
            name, b.kind, b.flow_rate, b.velocity, None, b.pressure, b.temperature, b.heat_flux,
            c.coefficient if c else None, c.ambient if c else None, b.turbulence_intensity, b.turbulence_length))
    return out


def reference_temperature(case: Case) -> float:
    """Temperature of the first inlet, else of the first wall held fixed, ambient, cooler's supply or exchanger's liquid, K."""
    for kind in ("inlet", "wall"):
        for b in case.boundaries.values():
            if b.kind == kind and b.temperature is not None:
                return b.temperature
    known = [b.convection.ambient for b in case.boundaries.values() if b.convection is not None]
    for key in ("supply_temperature", "temperature"):
        known += [t for d in case.devices.values() if (t := getattr(d, key, None)) is not None]
    return known[0] if known else DEFAULT_TEMPERATURE
