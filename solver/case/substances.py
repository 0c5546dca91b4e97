"""Solids and coolant of a case: its own, else the library's."""

from __future__ import annotations

from typing import Any

from coldrack.meshes.scene import Scene
from coldrack.solver.case import boundaries
from coldrack.solver.case.errors import suggest
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.reader import Document
from coldrack.solver.case.schema import Case, CoolantModel
from coldrack.solver.case.units import short
from coldrack.solver.materials import CoolantCurve, MaterialError, coolant, coolant_names, solid, solid_names
from coldrack.solver.problem import ConstantCoolant, Solid

RESERVED = ("fluid", "void")
TYPED = ("density", "viscosity", "conductivity", "heat_capacity")
ZERO_CELSIUS = 273.15


def solids(case: Case, scene: Scene, found: Findings) -> dict[str, Solid]:
    """Every solid that the scene names."""
    own = {}
    for name, m in case.materials.items():
        if name in RESERVED:
            found.add(("materials", name), f"{name!r} is reserved; choose another name")
        k = m.conductivity
        kx, ky, kz = k if isinstance(k, tuple) else (k, k, k)
        own[name] = Solid(name, (kx, ky, kz), m.density or 0.0, m.heat_capacity or 0.0, m.source)
    used = {b.material: b.name for b in scene.bodies}
    used.setdefault(scene.background, "")
    out = {}
    for name, where in used.items():
        if name in RESERVED:
            continue
        if name in own:
            out[name] = own[name]
            continue
        try:
            out[name] = solid(name)
        except MaterialError:
            known = [*own, *solid_names(), *RESERVED]
            found.add(_where(found.document, where, name), f"no material called {short(name)}{suggest(name, known)}")
    return out


def _where(document: Document, component: str, material: str) -> tuple[Any, ...]:
    """Path of the key in an object, part or die that holds `material`; that of the part where it is the default."""
    if not component:
        return ("background",)
    for group in ("objects", "parts"):
        for name, entry in (document.data.get(group) or {}).items():
            die = (entry.get("dies") or {}).get(component)
            if die is not None:
                return (group, name, "dies", component, *(["material"] if "material" in die else []))
            if component == name or component.startswith(f"{name}."):
                return (group, name, *[key for key, value in entry.items() if value == material][:1])
    return ()


def liquid(case: Case, scene: Scene, found: Findings) -> Any:
    """The coolant: typed, or from the library; None where there is none."""
    c = case.coolant
    if c is None:
        if scene.background == "fluid" or any(b.material == "fluid" for b in scene.bodies):
            found.add((), f"the case has coolant in it: add `coolant: {{name: ...}}`, one of {', '.join(coolant_names())}")
        return None
    library = {n.lower() for n in coolant_names()}
    given = [n for n in (*TYPED, "expansion") if getattr(c, n) is not None]
    if given:
        return _typed(c, given, c.name.lower() in library, found)
    if c.name.lower() not in library:
        hint = "; or type density, viscosity, conductivity and heat_capacity"
        found.add(("coolant", "name") if "name" in c.model_fields_set else ("coolant",),
                  f"no coolant called {short(c.name)}{suggest(c.name, coolant_names())}{hint}")
        return None
    curve = coolant(c.name)
    _check_range(case, curve, found)
    return curve


def _typed(c: CoolantModel, given: list[str], in_library: bool, found: Findings) -> ConstantCoolant | None:
    if in_library:
        found.add(("coolant", given[0]), f"{c.name} is in the library: leave out typed properties or choose another name")
        return None
    missing = [n for n in TYPED if n not in given]
    if missing:
        found.add(("coolant", given[0]), f"a custom coolant needs all four properties; add {', '.join(missing)}")
        return None
    if c.properties == "variable":
        found.add(("coolant", "properties"), "typed properties are constant; write constant, or name a coolant of the library")
    rho, mu, k, cp = (float(getattr(c, n)) for n in TYPED)
    return ConstantCoolant(rho, mu, k, cp, c.name, beta=float(c.expansion or 0.0))


def _check_range(case: Case, curve: CoolantCurve, found: Findings) -> None:
    """The temperatures that the coolant is known to have lie in the range of its curves."""
    at: list[tuple[tuple[Any, ...], float]] = [
        (("boundaries", n, "temperature"), b.temperature) for n, b in case.boundaries.items()
        if b.temperature is not None and b.kind in ("inlet", "outlet")]
    if case.coolant is not None and case.coolant.temperature is not None:
        at.append((("coolant", "temperature"), case.coolant.temperature))
    elif not at:  # then the properties are taken at a wall's or an ambient temperature
        at.append((("coolant",), property_temperature(case)))
    for path, t in at:
        if not curve.t_min <= t <= curve.t_max:
            advice = "give coolant.temperature" if path == ("coolant",) else "correct the temperature or its unit"
            found.add(path, f"{t - ZERO_CELSIUS:.1f} degC is outside the range of {curve.name}'s property curves, "
                      f"{curve.t_min - ZERO_CELSIUS:.0f} to {curve.t_max - ZERO_CELSIUS:.0f} degC; {advice}")


def property_temperature(case: Case) -> float:
    """Where constant properties are taken, K."""
    if case.coolant is not None and case.coolant.temperature is not None:
        return case.coolant.temperature
    return boundaries.reference_temperature(case)
