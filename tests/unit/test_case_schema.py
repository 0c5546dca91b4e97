"""The JSON schema of case files: valid, accepting and refusing what the loader does, every key described with its unit."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from case_support import BASE
from ruamel.yaml import YAML
from support import script

from coldrack.solver.case.part_schema import PART_MODELS
from coldrack.solver.case.schema import Case, json_schema
from coldrack.solver.case.systems import systems

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json_schema()
BASE_DATA = YAML(typ="safe").load(BASE)
KEYS = [(name, key, value) for name, model in {"Case": SCHEMA, **SCHEMA["$defs"]}.items()
        for key, value in model["properties"].items()]


def units(schema: Any) -> Iterator[str]:
    """Units of the quantities in a key's schema, without those of the models that it refers to."""
    if isinstance(schema, dict):
        if schema.get("x-unit"):
            yield schema["x-unit"].replace("**", "^").replace("*", " ")
        for value in schema.values():
            yield from units(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from units(value)


def test_schema_is_one_and_comes_from_the_model() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert Case.model_json_schema() == SCHEMA
    assert {f"{m.__name__}" for m in PART_MODELS.values()} <= set(SCHEMA["$defs"])


@pytest.mark.parametrize(("model", "key", "value"), KEYS, ids=[f"{m}.{k}" for m, k, _ in KEYS])
def test_every_key_is_described_with_its_unit(model: str, key: str, value: Any) -> None:
    about = value.get("description", "")
    assert len(about) >= 8, f"{model}.{key} is not described"
    assert about.lower() != key.replace("_", " "), f"{model}.{key} only repeats its name"
    named = ", ".join(dict.fromkeys(units(value)))
    assert not named or about.endswith(f"({named})"), f"{model}.{key} does not name {named}"


@pytest.mark.parametrize("path", sorted((ROOT / "cases").glob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_cases_pass(path: Path) -> None:
    data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    kind = next((k for k in systems() if k in data), None)
    jsonschema.validate(data, SCHEMA if kind is None else systems()[kind].model.model_json_schema())


def test_base_case_passes() -> None:
    jsonschema.validate(BASE_DATA, SCHEMA)


@pytest.mark.parametrize(("path", "value"), [
    (("coldrack",), 2), (("parts", "plate", "kind"), "plat"), (("parts", "plate", "fin_gp"), "3 mm"),
    (("parts", "plate", "fin_gap"), -1), (("parts", "plate", "fin_gap"), [1]),
    (("objects", "clip", "low"), ["1 mm", "2 mm"]),
    (("mesh", "min_cells_gap"), 0), (("mesh", "growth"), 1), (("boundaries", "inlet", "kind"), "inlets"),
    (("sources", "gpu"), {}),
])
def test_wrong_values_fail(path: tuple[str, ...], value: Any) -> None:
    data = copy.deepcopy(BASE_DATA)
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)


def test_reference_page_is_up_to_date() -> None:
    case_reference = script("case_reference")
    page = case_reference.TARGET.read_text(encoding="utf-8")
    assert page == case_reference.reference(), "run: python scripts/case_reference.py"
    for _, key, _ in KEYS:
        assert f"| `{key}` |" in page
