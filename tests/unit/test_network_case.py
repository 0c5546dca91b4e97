"""Network cases: wrong ones name file, line, column, key, reason and what to do; right ones write their files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

import coldrack
from coldrack.solver.case import CaseError
from coldrack.solver.case.systems import systems
from coldrack.solver.cli import main
from coldrack.solver.output.summary_schema import summary_schema
from coldrack.solver.system import SystemFailure

BASE = """\
coldrack: 1
network:
  ambient: 25 degC
  loops:
    tcs: {coolant: PG25}
    fws: {coolant: water}
  nodes:
    a: {loop: tcs, pressure: 2 bar}
    b: {loop: tcs}
    c: {loop: tcs}
    d: {loop: tcs}
    i: {loop: fws, pressure: 3 bar, temperature: 30 degC}
    o: {loop: fws, pressure: 2.7 bar}
  branches:
    pump: {kind: pump, start: a, end: b, curve: [[0 L/min, 2 bar], [10 L/min, 1 bar]], efficiency: 0.4, running: 2}
    valve: {kind: valve, start: b, end: c, kv: 2.5}
    plate: {kind: plate, start: c, end: d, plate: ocp_oam_1kw, heat: 800 W}
    plate_2: {kind: plate, start: c, end: d, plate: ocp_oam_1kw, heat: 800 W, conductance: 2 W/K}
    cooled: {kind: pipe, start: d, end: a, length: 4 m, diameter: 8 mm, roughness: 1.5 um, loss: 20}
    water: {kind: hose, start: i, end: o, length: 3 m, diameter: 10 mm, roughness: 1.5 um}
  exchangers:
    cdu: {first: cooled, second: water, ua: 500 W/K}
"""
# what is replaced, by what (» where the message points to), what it says
WRONG = [
    ("    d: {loop: tcs}\n", "    d: {loop: tcs}\n    »lost: {loop: tcs}\n", ["lost", "no branches lead from here"]),
    ("kv: 2.5", "kv: 2.5, opening: 0", None),
    ("    tcs: {coolant: PG25}\n", "    »tcs: {coolant: PG25}\n", ["no node has a pressure", "expansion vessel"]),
    ("    cooled: {kind: pipe, start: d, end: a", "    »cooled: {kind: pipe, start: d, end: i",
     ["joins loop tcs (node d) and loop fws (node i)", "exchangers"]),
    ("start: b, end: c, kv", "start: b, »end: cc, kv", ["no node called 'cc'", "did you mean"]),
    ("plate: ocp_oam_1kw, heat: 800 W}", "»plate: ocp_oam_2kw, heat: 800 W}", ["no cold plate called", "ocp_oam_1kw"]),
    ("kind: valve", "»kind: valv", ["unknown kind 'valv'", "did you mean 'valve'"]),
    ("kv: 2.5}", "kv: 2.5, »colour: red}", ["unknown key 'colour'"]),
    ("length: 4 m", "»length: 4 kg", ["mass", "expected a length"]),
    ("heat: 800 W}", "»heat: 800 K}", ["expected a power"]),
    ("{loop: tcs, pressure: 2 bar}", "{»loop: tsc, pressure: 2 bar}", ["no loop called 'tsc'", "did you mean 'tcs'"]),
    ("{coolant: PG25}", "{»coolant: PG35}", ["no coolant called 'PG35'", "did you mean"]),
    ("[10 L/min, 1 bar]]", "[10 L/min, 2.5 bar]]", None),
    ("efficiency: 0.4", "»efficiency: [0.4, 0.5, 0.6]", ["2 are needed, got 3"]),
    ("kv: 2.5", "kv: 2.5, »cv: 3", ["one of kv"]),
    ("first: cooled", "»first: coled", ["no branch called 'coled'", "did you mean 'cooled'"]),
    ("second: water", "»second: pump", ["pump is a pump"]),
    ("ua: 500 W/K", "ua: 500 W/K, »effectiveness: 0.8", ["one of ua and effectiveness"]),
    ("temperature: 30 degC}", "»temperature: 130 degC}", ["outside the range of water"]),
    ("  ambient: 25 degC\n", "", None),
    ("pressure: 2.7 bar}", "pressure: 2.7 bar, »flow_rate: 3 L/min}", ["keep one of pressure and flow_rate"]),
    ("  exchangers:", "  tees:\n    »t: {common: cooled, run: water, side: valve}\n  exchangers:", ["do not meet at one node"]),
    ("  exchangers:", "  tees:\n    t: {common: cooled, run: water, »side: valv}\n  exchangers:", ["did you mean 'valve'"]),
    ("    b: {loop: tcs}\n", "    b: {loop: tcs}\n    »b: {loop: tcs}\n", ["stands here twice"]),
    ("plate: ocp_oam_1kw, heat: 800 W}", "»plate: none.yaml, heat: 800 W}", ["no file 'none.yaml'"]),
]
ELSEWHERE = {  # the mistake is one thing, the place another
    "kv: 2.5, opening: 0": ("    pump:", ["runs against a closed valve", "open a valve"]),
    "[10 L/min, 2.5 bar]]": ("curve:", ["must fall"]),
    "": ("conductance: 2", ["needs the temperature around it"]),
}


def refused(path: Path) -> CaseError:
    with pytest.raises(CaseError) as caught:
        coldrack.load(path)
    return caught.value


@pytest.mark.parametrize(("old", "new", "says"), WRONG, ids=[w[1].strip()[:30] or "no ambient" for w in WRONG])
def test_wrong_case(old, new, says, tmp_path):
    assert old in BASE
    text = BASE.replace(old, new, 1)
    if says and "no node has a pressure" in says[0]:
        text = text.replace("a: {loop: tcs, pressure: 2 bar}", "a: {loop: tcs}")
    if says is None:
        key, says = ELSEWHERE[new]
        at = text.index(key) + len(key) - len(key.lstrip())
    else:
        at = text.index("»")
        text = text.replace("»", "")
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    path = tmp_path / "case.yaml"
    path.write_text(text)
    error = refused(path)
    assert re.match(rf"^{re.escape(str(path))}:{line}:{column}: ", str(error)), str(error)
    assert len(error.issues) == 1, str(error)
    for part in says:
        assert part in str(error), str(error)


def test_failures_of_the_solution_name_the_place(tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(BASE.replace("heat: 800 W}", "heat: 8 MW}", 1))
    with pytest.raises(SystemFailure, match=r"case\.yaml:17:5: network\.branches\.plate: the coolant is at .* outside the"):
        coldrack.solve(path)
    path.write_text(BASE.replace("[10 L/min, 1 bar]", "[0.1 L/min, 1.99 bar]"))
    with pytest.raises(SystemFailure, match=r"case\.yaml:15:5: network\.branches\.pump: each pump moves .* beyond its curve"):
        coldrack.solve(path)
    path.write_text(BASE.replace("loss: 20}", "loss: 8000}"))
    with pytest.raises(SystemFailure, match=r"case\.yaml:17:5: network\.branches\.plate: .*outside its characteristic"):
        coldrack.solve(path)


def test_case_fits_its_schema_and_runs_from_the_command_line(tmp_path, capsys):
    jsonschema.validate(YAML(typ="safe").load(BASE), systems()["network"].model.model_json_schema())
    path = tmp_path / "case.yaml"
    path.write_text(BASE)
    assert main(["check", str(path)]) == 0
    assert "2 loops, 6 nodes, 6 branches, 1600 W" in capsys.readouterr().out
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 0
    assert "Heat ledger" in capsys.readouterr().out
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    jsonschema.validate(summary, summary_schema())
    book, net = summary["ledger"], summary["network"]
    assert book["heat_relative"] < 1e-8
    assert book["mass_relative"] < 1e-10
    friction = 0.3e5 * net["branches"]["water"]["flow_rate"]
    assert net["exchangers"]["cdu"]["heat"] == pytest.approx(book["loops"]["fws"] - friction, rel=1e-4)
    assert net["pumps"]["pump"]["electric_power"] == pytest.approx(net["pumps"]["pump"]["hydraulic_power"] / 0.4)
    plate = net["branches"]["plate"]
    assert plate["component_temperature"] > plate["outlet_temperature"] > plate["inlet_temperature"]
    head = (tmp_path / "out" / "branches.csv").read_text().split("\n")[0]
    assert head.startswith("branch,kind,start,end,mass_flow [kg/s]")
    for picture in ("network", "pumps"):
        assert (tmp_path / "out" / "pictures" / f"{picture}.png").stat().st_size > 10_000
