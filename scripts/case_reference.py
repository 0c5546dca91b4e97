"""Write docs/case_reference.md, every key of a case file, from the schema (run when a key changes)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coldrack.solver.case.power_map import __doc__ as power_maps
from coldrack.solver.case.schema import json_schema
from coldrack.solver.case.systems import systems
from coldrack.solver.materials import coolant, coolant_names, solid, solid_names
from coldrack.solver.materials.fans import fan_about, fan_names

TARGET = Path(__file__).resolve().parents[1] / "docs" / "case_reference.md"
INTRODUCTION = """\
# Case file reference

<!-- written by scripts/case_reference.py; edit the descriptions in solver/case/ instead -->

A case file is YAML 1.2. Quantities are text with a unit, such as `700 W`, `1.5 L/min`, `35 degC`, `10 mm^2 K/W`; any unit of
the right kind is read. A plain number is in the SI unit that the table names, so a plain temperature is kelvin. Lists stand in
brackets: `[30 mm, 20 mm]`. Unknown keys are errors. `coldrack check CASE` reads a case and reports every mistake with its line;
`coldrack schema` prints the JSON schema for editors.
"""
GROUPS = ("coolant", "materials", "parts", "servers", "objects", "contacts", "sources", "boundaries", "devices", "turbulence",
          "radiation", "domain", "mesh", "solver")

EXAMPLES = {"radiation": """\
Walls without `temperature` or `convection`, and void, send back all that they get; what a wall with one of them absorbs leaves
there. Devices do not take part. An air-cooled board whose copper is polished, in a room that is open at both ends:

```yaml
coolant: {name: air}
background: fluid
radiation:
  emissivity: {default: 0.9, copper: 0.05}
  ambient: 25 degC
```"""}


def reference() -> str:
    """The whole page."""
    schema = json_schema()
    models = schema["$defs"]
    out = [INTRODUCTION, "## Top level", "", *_table(schema, models)]
    for group in GROUPS:
        entry = schema["properties"][group]
        out += ["", f"## {group}", "", _sentence(entry["description"])]
        if group in ("parts", "devices"):
            for kind, ref in _named(entry)["discriminator"]["mapping"].items():
                out += ["", f"### kind: {kind}", "", *_section(models[_model(ref)], models)]
            continue
        out += ["", *_section(models[_found(entry)], models)]
        out += ["", EXAMPLES[group]] if group in EXAMPLES else []
    out += ["", "## Power maps", "", *str(power_maps).strip().replace("``", "`").split("\n")[2:], ""]
    for key, system in systems().items():
        out += [*_system(key, system.model.model_json_schema()), ""]
    return "\n".join([*out, *_materials()]) + "\n"


def _system(key: str, schema: dict[str, Any]) -> list[str]:
    """A kind of case without a grid: its own top-level keys, then every mapping below them once."""
    models: dict[str, Any] = schema["$defs"]
    out = [f"## Cases of kind {key}", "", f"{_sentence(schema['description'])} It has the top-level key `{key}` and none of "
           "the keys above but `coldrack` and `title`.", ""]
    own = {**schema, "properties": {n: v for n, v in schema["properties"].items() if n not in ("coldrack", "title")}}
    return [*out, *_table(own, models), *_below(key, own, models, set())]


def _below(path: str, model: dict[str, Any], models: dict[str, Any], seen: set[str]) -> list[str]:
    """Tables of the models inside a model, with the path of the key that holds them."""
    out: list[str] = []
    for name, value in model["properties"].items():
        where = name if path == name else f"{path}.{name}"
        for ref in _all(value):
            if ref in seen:
                continue
            seen.add(ref)
            inner = models[ref]
            kind = inner["properties"].get("kind", {}).get("const")
            title = f"`{where}`, kind: {kind}" if kind else f"`{where}`"
            out += ["", f"### {title}", "", _sentence(inner["description"]), "", *_table(inner, models),
                    *_below(where, inner, models, seen)]
    return out


def _all(value: Any) -> list[str]:
    """Names of all models that a value holds, in order."""
    if isinstance(value, dict):
        if "$ref" in value:
            return [_model(value["$ref"])]
        parts = [v for k, v in value.items() if k != "discriminator"]
    else:
        parts = value if isinstance(value, list) else []
    return list(dict.fromkeys(n for v in parts for n in _all(v)))


def _section(model: dict[str, Any], models: dict[str, Any]) -> list[str]:
    """Description and keys of a model, then those of the models inside it."""
    out = [_sentence(model["description"]), "", *_table(model, models)]
    for name, value in model["properties"].items():
        inner = _found(value)
        if inner:
            out += ["", f"Keys of `{name}`: {models[inner]['description']}", "", *_table(models[inner], models)]
    return out


def _table(model: dict[str, Any], models: dict[str, Any]) -> list[str]:
    required = model.get("required", [])
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for name, value in model["properties"].items():
        default = "required" if name in required else _default(value)
        rows.append(f"| `{name}` | {_type(value, models)} | {default} | {_cell(value['description'])} |")
    return rows


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    if default in (None, {}, ""):
        return "–"
    default = list(default) if isinstance(default, tuple) else default
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _type(value: dict[str, Any], models: dict[str, Any]) -> str:
    """What may stand for a value, in words."""
    if "x-unit" in value:
        unit = value["x-unit"].replace("**", "^").replace("*", " ")
        number = value["anyOf"][0]
        limits = [f"{sign} {number[key]:g}" for key, sign in
                  (("exclusiveMinimum", ">"), ("minimum", "≥"), ("maximum", "≤")) if key in number and abs(number[key]) < 1000]
        return " ".join(["quantity in " + unit if unit else "number", *([f"({', '.join(limits)})"] if limits else [])])
    if "$ref" in value or "oneOf" in value:
        return "keys"
    if "anyOf" in value:
        return ", or ".join(dict.fromkeys(_type(v, models) for v in value["anyOf"] if v.get("type") != "null"))
    if "enum" in value or "const" in value:
        return " \\| ".join(f"`{v}`" for v in value.get("enum", [value.get("const")]))
    kind = value.get("type")
    if kind == "array":
        members = value.get("prefixItems")
        if members:
            return f"list of {len(members)}: {_type(members[0], models)}"
        return f"list of ({_type(value['items'], models)})"
    if kind == "object":
        held = value.get("additionalProperties")
        return f"name: {_type(held, models)}" if isinstance(held, dict) and "x-unit" in held else "name: keys"
    if kind == "integer":
        limits = [f"{sign} {value[key]}" for key, sign in (("minimum", "≥"), ("maximum", "≤")) if key in value]
        return " ".join(["whole number", *([f"({', '.join(limits)})"] if limits else [])])
    return {"boolean": "`true` \\| `false`", "string": "text"}.get(str(kind), str(kind))


def _found(value: Any) -> str:
    """Name of the first model that a value holds; "" for none."""
    if isinstance(value, dict):
        if "$ref" in value:
            return _model(value["$ref"])
        return next((n for v in value.values() if (n := _found(v))), "")
    return next((n for v in value if (n := _found(v))), "") if isinstance(value, list) else ""


def _named(entry: dict[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = entry["additionalProperties"]
    return named


def _model(ref: str) -> str:
    return ref.rsplit("/", 1)[1]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _materials() -> list[str]:
    out = ["## Coolants of the library", "", "| name | what | range | source |", "|---|---|---|---|"]
    for name in coolant_names():
        c = coolant(name)
        out.append(f"| `{name}` | {c.description} | {c.t_min - 273.15:.0f} to {c.t_max - 273.15:.0f} degC | {c.source} |")
    out += ["", "## Solids of the library", "", "| name | conductivity, W/(m K) | source |", "|---|---|---|"]
    for name in solid_names():
        k = solid(name).conductivity
        value = f"{k[0]:g}" if len(set(k)) == 1 else ", ".join(f"{v:g}" for v in k)
        out.append(f"| `{name}` | {value} | {_cell(solid(name).source)} |")
    out += ["", "## Fan curves of the library", "", "| name | what | source |", "|---|---|---|"]
    out += [f"| `{name}` | {fan_about(name)[0]} | {fan_about(name)[1]} |" for name in fan_names()]
    return out


def main() -> None:
    """Write the page."""
    TARGET.write_text(reference(), encoding="utf-8")
    print(f"wrote {TARGET}")


if __name__ == "__main__":
    main()
