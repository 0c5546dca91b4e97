"""A small valid case, and the tables of wrong ones made from it (tests/unit/bad_cases)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML

TABLES = Path(__file__).resolve().parent / "unit" / "bad_cases"
MARK = "»"  # stands where the message must point to; taken out before the case is written
LONG = {"<5000 nines>": "9" * 5000, "<100 brackets>": "[" * 100, "<2000 letters>": "x" * 2000,
        "<400 letters>": "x" * 400, "<1000 corners>": "[0, 0], " * 998 + "[9 mm, 0], [9 mm, 9 mm]", "<200 letters>": "x" * 200}
BASE = """\
coldrack: 1
title: two dies under a plate
coolant:
  name: PG25
materials:
  paste: {conductivity: 5 W/(m K)}
parts:
  package:
    kind: package_stack
    size: [30 mm, 20 mm]
    substrate_thickness: 1 mm
    die_thickness: 1 mm
    tim_thickness: 0.2 mm
    tim_material: paste
    dies:
      gpu: {x: 4 mm, y: 4 mm, width_x: 8 mm, width_y: 12 mm}
      hbm: {x: 16 mm, y: 4 mm, width_x: 8 mm, width_y: 12 mm}
  plate:
    kind: straight_fin_plate
    on: package
    size: [30 mm, 20 mm]
    base_thickness: 2 mm
    fin_thickness: 1 mm
    fin_gap: 3 mm
    fin_height: 4 mm
    fin_length: 20 mm
    cover_thickness: 1 mm
    wall_thickness: 2 mm
objects:
  clip:
    shape: box
    material: copper
    low: [10 mm, 0 mm, 9.2 mm]
    high: [20 mm, 20 mm, 12 mm]
contacts:
  under_clip: {between: [clip, plate.cover], resistance: 10 mm^2 K/W}
sources:
  gpu: {component: gpu, map: map.csv, power: 100 W}
  hbm: {component: hbm, power: 20 W}
boundaries:
  inlet: {kind: inlet, port: plate.inlet, flow_rate: 1 L/min, temperature: 35 degC}
  outlet: {kind: outlet, port: plate.outlet}
  board: {kind: wall, face: z-, convection: {coefficient: 10 W/(m^2 K), ambient: 45 degC}}
mesh:
  max_cell: 5 mm
  min_cells_gap: 2
  min_cells_solid: 1
  growth: 2.5
"""
POWER_MAP = "x [mm], y [mm], q [W/cm^2]\n2, 3, 50\n6, 3, 100\n2, 9, 100\n6, 9, 150\n"


@dataclass(frozen=True)
class Wrong:
    """A wrong case: its text, the files beside it, where the message must point to and what it must say."""

    name: str
    text: str
    line: int
    column: int
    says: list[str]
    files: dict[str, str] = field(default_factory=dict)
    issues: int = 1

    def write(self, folder: Path) -> Path:
        """The case file, written with its neighbours."""
        for name, text in {"map.csv": POWER_MAP, **self.files}.items():
            (folder / name).write_text(text)
        path = folder / "case.yaml"
        path.write_text(self.text)
        return path


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} is not there once"
    return text.replace(old, new)


def _apart(key: str) -> tuple[str, str]:
    """The indentation and the rest of a line."""
    bare = key.lstrip()
    return key[: len(key) - len(bare)], bare


def wrong_cases() -> list[Wrong]:
    """All tables, in the order of their files."""
    out = []
    for table in sorted(TABLES.glob("*.yaml")):
        for entry in YAML(typ="safe").load(table.read_text(encoding="utf-8")):
            text = entry["by"]
            if "replace" in entry:
                text = _replaced(BASE, entry["replace"], text)
            if "also" in entry:
                text = _replaced(text, *entry["also"])
            if "without" in entry:
                text = _replaced(text, entry["without"], "")
            for short, long in LONG.items():
                text = text.replace(short, long)
            line, column = 1, 1
            if "mark_key" in entry:
                text = text.replace(entry["mark_key"], MARK.join(_apart(entry["mark_key"])), 1)
            if MARK in text:
                before = text[: text.index(MARK)]
                line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            out.append(Wrong(f"{table.stem}: {entry['name']}", text.replace(MARK, ""), line, column, entry["says"],
                             entry.get("files") or {}, entry.get("issues", 1)))
    return out
