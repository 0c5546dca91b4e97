"""Scene of a case: parts stacked on one another, primitive objects, contacts, domain."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from coldrack.meshes.parts import Die
from coldrack.meshes.scene import Body, ContactLayer, Scene
from coldrack.meshes.shapes import Box, Cylinder, Extrusion, Repeat
from coldrack.meshes.stl import Stl
from coldrack.solver.case import devices
from coldrack.solver.case.errors import suggest
from coldrack.solver.case.files import inside_folder
from coldrack.solver.case.schema import PARTS, Case, ObjectModel
from coldrack.solver.case.units import short

SHAPE_KEYS = {
    "box": ({"low", "high"}, set()),
    "cylinder": ({"axis", "centre", "radius", "low", "high"}, set()),
    "extrusion": ({"axis", "points", "low", "high"}, set()),
    "stl": ({"file"}, {"scale", "offset"}),
}
COMMON_KEYS = {"shape", "material", "repeat", "min_cells"}
NAME = re.compile(r"[\w-]{1,60}")


class SceneBuilder:
    """Builds the scene of one case; problems go to `found`."""

    def __init__(self, case: Case, found: Any, folder: Path) -> None:
        self.case, self.found, self.folder = case, found, folder
        self.parts: dict[str, Any] = {}
        self.scene = Scene(background=case.background)

    def build(self) -> Scene:
        """Place the parts, then the objects (which overwrite), then contacts and domain; raises `CaseError`."""
        self._check_names()
        self.found.stop()
        for name, part in self.case.parts.items():
            if part.kind in PARTS:  # those of a room are among the devices already
                self._place(name, ())
        self._check_overlap()
        for name, part in self.parts.items():
            try:
                self.scene.bodies += part.bodies(name)
                self.scene.ports += part.ports(name)
                self.scene.contacts += part.contacts(name)
            except ValueError as error:  # a size that vanishes beside the coordinates it is added to
                self.found.add(("parts", name), f"{error}; one of the part's sizes is far too small, check its unit")
        devices.place(self.case.devices, self.scene, self.found)
        for name, o in self.case.objects.items():
            self._object(name, o)
        self.found.stop()  # what refers to a missing body is no mistake of its own
        self._contacts()
        if self.case.domain is not None:
            d = self.case.domain
            if any(h <= l for l, h in zip(d.low, d.high)):
                self.found.add(("domain", "high"), "every upper corner must exceed the lower one; exchange or correct them")
            self.scene.low, self.scene.high = d.low, d.high
        elif not self.scene.bodies and not self.found.issues:
            self.found.add((), "the case is empty: add `parts`, `objects`, or a `domain` with a `background`; or a `network`, "
                               "`rack` or `hall`")
        self.found.stop()
        return self.scene

    def _check_names(self) -> None:
        """Names become component names and names in the result files."""
        seen: dict[str, str] = {}
        named: list[tuple[tuple[str, ...], str]] = [(("parts", n), n) for n in self.case.parts]
        named += [(("parts", p, "dies", d), d) for p, part in self.case.parts.items() for d in getattr(part, "dies", {})]
        named += [((group, n), n) for group in ("objects", "devices") for n in getattr(self.case, group)
                  if (group, n) not in self.found.aliases]
        for path, name in named:
            if name in seen:
                self.found.add(path, f"the name {short(name)} is taken by {seen[name]}; parts, objects, devices and dies need "
                               "names of their own")
            seen[name] = ".".join(short(p)[1:-1] for p in path)
        named += [((group, n), n) for group in ("sources", "boundaries", "contacts") for n in getattr(self.case, group)]
        for path, name in named:
            if not NAME.fullmatch(name):
                self.found.add(path, f"the name {short(name)} must be 1 to 60 letters, digits, _ and -; choose another")

    def _place(self, name: str, below: tuple[str, ...]) -> Any:
        """Build a part, and first the one that it stands on."""
        if name in self.parts:
            return self.parts[name]
        model = self.case.parts[name]
        if name in below:
            self.found.add(("parts", name, "on"), f"parts stand on each other in a circle: {' on '.join((*below, name))}")
            self.found.stop()
        origin = model.origin
        if model.on is not None:
            if origin is not None:
                self.found.add(("parts", name, "origin"), "give either `origin` or `on`, not both")
            known = [n for n, p in self.case.parts.items() if p.kind in PARTS]
            if model.on not in known:
                self.found.add(("parts", name, "on"), f"no part called {short(model.on)}{suggest(model.on, known)}")
                self.found.stop()
            lower = self._place(model.on, (*below, name))
            (x0, y0, z0), (x1, y1, _) = lower.bounds()
            origin = (0.5 * (x0 + x1 - model.size[0]), 0.5 * (y0 + y1 - model.size[1]), z0 + lower.height)
        self.parts[name] = self._make(name, model, origin or (0.0, 0.0, 0.0))
        return self.parts[name]

    def _make(self, name: str, model: Any, origin: Any) -> Any:
        values = {k: getattr(model, k) for k in type(model).model_fields if k not in ("kind", "on", "origin")}
        if model.kind == "package_stack":
            above = next((n for n, p in self.case.parts.items() if getattr(p, "on", None) == name), None)
            values["dies"] = tuple(Die(d, **die.model_dump()) for d, die in model.dies.items())
            values["above"] = self._lowest(above) if above else ""
            self._check_interfaces(name, model, above)
        try:
            return PARTS[model.kind](origin=origin, **values)
        except ValueError as error:
            die = next((d for d in getattr(model, "dies", {}) if str(error).startswith(f"die {d}:")), None)
            self.found.add(("parts", name, *(["dies", die] if die else [])), str(error))
            self.found.stop()

    def _lowest(self, name: str) -> str:
        """Component that a part rests on others with."""
        kind = self.case.parts[name].kind
        return f"{name}.substrate" if kind == "package_stack" else f"{name}.base"

    def _check_interfaces(self, name: str, model: Any, above: str | None) -> None:
        wanted = [("tim", "the dies", "the lid" if model.lid_thickness > 0 else above)]
        if model.lid_thickness > 0:
            wanted.append(("tim2", "the lid", above))
        for key, lower, upper in wanted:
            thickness, material = getattr(model, f"{key}_thickness"), getattr(model, f"{key}_material")
            if thickness > 0 and not material:
                self.found.add(("parts", name, f"{key}_thickness"), f"needs {key}_material, such as thermal_grease")
            if thickness > 0 and getattr(model, f"{key}_resistance") > 0:
                self.found.add(("parts", name, f"{key}_resistance"), f"give either {key}_thickness or {key}_resistance")
            if upper and not {f"{key}_thickness", f"{key}_resistance"} & model.model_fields_set:
                self.found.add(("parts", name), f"say how {lower} touch {upper}: {key}_thickness with {key}_material, or "
                               f"{key}_resistance such as 10 mm^2 K/W (0 for perfect contact)")

    def _check_overlap(self) -> None:
        names = list(self.parts)
        for n, a in enumerate(names):
            for b in names[:n]:
                (al, ah), (bl, bh) = self.parts[a].bounds(), self.parts[b].bounds()
                if all(min(ah[d], bh[d]) - max(al[d], bl[d]) > 1e-9 for d in range(3)):
                    self.found.add(("parts", a), f"overlaps the part {b!r}; move one of them, or set `on: {b}`")

    def _object(self, name: str, o: ObjectModel) -> None:
        needed, optional = SHAPE_KEYS[o.shape]
        given = o.model_fields_set - COMMON_KEYS
        for key in sorted(given - needed - optional):
            self.found.add(("objects", name, key), f"not a key of a {o.shape}; it takes {', '.join(sorted(needed | optional))}")
        missing = sorted(k for k in needed if getattr(o, k) is None)
        if missing:
            self.found.add(("objects", name), f"a {o.shape} needs {', '.join(missing)}; add what is missing")
        if missing or given - needed - optional:
            return
        for key in ("low", "high"):
            if key in needed and isinstance(getattr(o, key), tuple) != (o.shape == "box"):
                kind = "a point [x, y, z]" if o.shape == "box" else "one coordinate along the axis"
                self.found.add(("objects", name, key), f"expected {kind}")
                return
        try:
            shape = self._shape(o)
            for r in o.repeat if isinstance(o.repeat, list) else [o.repeat] if o.repeat else []:
                if r.count > 1 and not any(r.pitch):
                    raise ValueError("repeat: all copies would stand in the same place; give a pitch such as [3 mm, 0, 0]")
                shape = Repeat(shape, r.count, r.pitch)
            self.scene.bodies.append(Body(name, o.material, shape, o.min_cells))
        except ValueError as error:
            if o.shape == "stl":
                advice = "" if "; " in str(error) or "repair" in str(error) else "; export the closed surface again as STL"
                self.found.add(("objects", name, "file"), f"{error}{advice}")
            else:
                self.found.add(("objects", name), str(error))

    def _shape(self, o: ObjectModel) -> Any:
        if o.shape == "box":
            return Box(o.low, o.high)  # type: ignore[arg-type]
        if o.shape == "stl":
            return Stl(str(inside_folder(self.folder, str(o.file))), o.scale, o.offset)
        axis = "xyz".index(str(o.axis))
        if o.shape == "cylinder":
            return Cylinder(axis, o.centre, o.radius, o.low, o.high)  # type: ignore[arg-type]
        return Extrusion(axis, tuple(o.points or ()), o.low, o.high)  # type: ignore[arg-type]

    def _contacts(self) -> None:
        names = list(dict.fromkeys(b.name for b in self.scene.bodies if b.material not in ("fluid", "void")))
        for name, c in self.case.contacts.items():
            for n, component in enumerate(c.between):
                if component != "*" and component not in names:
                    hint = suggest(component, names)
                    self.found.add(("contacts", name, "between", n), f"no solid component called {short(component)}{hint}")
            self.scene.contacts.append(ContactLayer(name, *c.between, c.resistance))
