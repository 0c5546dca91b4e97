"""`coldrack power`: component temperatures for other powers, by superposition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_support import DEVICE, write_small

import coldrack
from coldrack.solver.cli import main
from coldrack.solver.output.power import component_temperatures

TIGHT = {"solver.tolerance": "1e-7", "solver.residual": "1e-8"}
AMBIENT = {"boundaries.board": "{kind: wall, face: z-, convection: {coefficient: 500 W/(m^2 K), ambient: 60 degC}}"}


def saved(folder: Path, changes: dict[str, str]) -> Path:
    coldrack.solve(coldrack.load(write_small(folder), changes), device=DEVICE).save(folder / "out")
    return folder / "out"


@pytest.mark.parametrize("also", [{}, AMBIENT], ids=["coolant only", "with an ambient that heats"])
@pytest.mark.parametrize("powers", [{"left": 3.0, "right": 20.0}, {"left": 0.0}, {"right": 0.0}, {}])
def test_superposition_equals_a_direct_solution(also: dict[str, str], powers: dict[str, float], tmp_path: Path) -> None:
    """Exact where the temperature keeps its shape; else within 0.1 % of the rise: the limiter's weights are the run's own."""
    answer = component_temperatures(saved(tmp_path, TIGHT | also), powers)
    changes = {f"sources.{name}.power": str(value) for name, value in powers.items()}
    direct = coldrack.solve(coldrack.load(tmp_path / "small.yaml", TIGHT | also | changes), device=DEVICE)
    assert set(answer["components"]) == {"left", "right"}
    allowed = 1e-4 if not powers else 1e-3 * (direct.temperature.max() - direct.inlet_temperature)
    for name, part in answer["components"].items():
        for key in ("t_max", "t_mean"):
            assert part[key] == pytest.approx(direct.components[name][key], abs=allowed)
        assert part["power"] == direct.components[name]["power"]


def test_power_at_the_command_line(tmp_path: Path, capsys: Any) -> None:
    out = saved(tmp_path, {})
    assert main(["power", str(out), "--set", "left=1 kW", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["powers"] == {"left": 1000.0, "right": 4.0}
    expected = component_temperatures(out, {"left": 1000.0})
    assert answer == json.loads(json.dumps(expected))
    assert main(["power", str(out), "--set", "left=1 kW"]) == 0
    assert f"{expected['components']['left']['t_max'] - 273.15:.3f}" in capsys.readouterr().out


@pytest.mark.parametrize(("typed", "says"), [("letf=1 W", "left"), ("left=1 mm", "left=1 mm"), ("left", "key=value"),
                                             ("left=warm", "warm")])
def test_wrong_powers_are_refused(typed: str, says: str, tmp_path: Path, capsys: Any) -> None:
    out = saved(tmp_path, {})
    assert main(["power", str(out), "--set", typed]) == 2
    out_text, err = capsys.readouterr()
    assert out_text == "" and says in err and "Traceback" not in err and err.count("\n") == 1


@pytest.mark.parametrize("changes", [{"coolant.properties": "variable"}, {"solver.unit_responses": "false"}])
def test_power_says_why_it_cannot(changes: dict[str, str], tmp_path: Path, capsys: Any) -> None:
    out = saved(tmp_path, changes)
    assert main(["power", str(out), "--set", "left=1 W"]) == 2
    err = capsys.readouterr().err
    assert "constant" in err and "unit_responses" in err and "Run the case again" in err


def test_an_unfinished_run_has_no_responses(tmp_path: Path, capsys: Any) -> None:
    out = saved(tmp_path, {"solver.max_iterations": "6"})
    code = main(["power", str(out)])
    err = capsys.readouterr().err
    assert (code == 0 and "did not converge" in err) or (code == 2 and "unit responses" in err)
