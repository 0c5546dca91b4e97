"""`coldrack characterise`: files, resuming, interruption, refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_support import DEVICE, write_small

from coldrack.solver import run as solver_run
from coldrack.solver.case.plate_library import find_plate
from coldrack.solver.cli import codes, main
from coldrack.solver.cli.signals import StopRequest
from coldrack.solver.output.characteristic_files import read_points

FLOWS = "0.05,0.1,0.2"


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return write_small(tmp_path).name


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Problems in the order in which they were solved."""
    log: list[Any] = []
    real = solver_run.solve

    def counted(problem: Any, *arguments: Any, **options: Any) -> Any:
        log.append(problem)
        return real(problem, *arguments, **options)

    monkeypatch.setattr(solver_run, "solve", counted)
    return log


def sweep(case: str, *options: str, flows: str = FLOWS) -> int:
    return main(["characterise", case, "--flow", flows, "L/min", "--inlet", "25", "degC", "--device", DEVICE, "--no-pictures",
                 *options])


def test_characterise_writes_what_a_network_reads(case: str, capsys: Any) -> None:
    assert main(["characterise", case, "--flow", "0.05..0.1 L/min", "--inlet", "25..35 degC", "--points", "2x2", "--device",
                 DEVICE, "--export", "csv,energyplus,modelica"]) == codes.OK
    out, err = capsys.readouterr()
    folder = Path("small_characteristic")
    assert {p.name for p in folder.iterdir()} == {"points.h5", "small.plate.yaml", "small.csv", "small.idf", "small.mo",
                                                  "characteristic.png"}
    assert (folder / "characteristic.png").read_bytes()[:4] == b"\x89PNG"
    assert "R left = " in out and "dp = " in out and "time const." in out and "small.plate.yaml" in out
    assert re.search(r"1/4 0.05 L/min at 25 degC: left [\d.]+ K/W, .* to go", err) and "4/4 " in err
    plate = find_plate("small.plate.yaml", folder.resolve())
    assert plate.components == ("left", "right") and plate.coolant.name == "water"
    assert plate.provenance["cells"] == 432 and plate.provenance["largest_heat_error"] < 1e-6
    # 12 x 6 x 2 mm of copper and as much silicon (8940 kg/m3 x 385 J/kgK, 2330 x 712: solids.json), water above
    by_hand = 12e-3 * 6e-3 * 2e-3 * (8940 * 385 + 2330 * 712) + 24e-3 * 6e-3 * 4e-3 * 4.167e6
    assert plate.heat_capacity == pytest.approx(by_hand, rel=0.01)
    rows = np.genfromtxt(folder / "small.csv", delimiter=",", skip_header=1)
    for row in rows:
        assert float(plate.resistance(row[0], row[1], "left")) == pytest.approx(row[2], rel=1e-5)
        assert float(plate.pressure_drop(row[0], row[1])[0]) == pytest.approx(row[4], rel=1e-5)


def test_resumed_sweep_equals_the_whole(case: str, solved: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """A sweep ended in its third point goes on with that one, and gives what an uninterrupted one gives."""
    assert sweep(case, "--out", "whole", "--quiet") == codes.OK
    count = len(solved)
    with monkeypatch.context() as patch:  # as Ctrl-C does
        patch.setattr(StopRequest, "__call__", lambda self: len(solved) == count + 3)
        assert sweep(case, "--out", "parts", "--quiet") == codes.INTERRUPTED
    assert "interrupted after 2 of 3 points; they are kept, go on with --resume" in capsys.readouterr().err
    assert len(read_points(Path("parts")).points) == 2 and not Path("parts/small.plate.yaml").exists()
    assert sweep(case, "--out", "parts", "--resume", "--json") == codes.OK
    assert len(solved) == count + 4
    answer = json.loads(capsys.readouterr().out)
    assert answer["name"] == "small" and answer["fit"]["resistance"]["left"]["largest_error"] < 0.01
    whole, parts = (find_plate("small.plate.yaml", Path(d).resolve()) for d in ("whole", "parts"))
    for name in whole.components:
        np.testing.assert_allclose(parts.points[name], whole.points[name], rtol=1e-4)
    np.testing.assert_allclose(parts.drop, whole.drop, rtol=1e-4)  # type: ignore[arg-type]
    assert sweep(case, "--out", "parts", "--resume", "--quiet") == codes.OK and len(solved) == count + 4  # nothing left


def test_resume_refuses_another_case(case: str, capsys: Any) -> None:
    assert sweep(case, "--quiet", flows="0.05,0.1") == codes.OK
    for change, what in (("sources.left.power=9 W", "the heat sources"), ("solver.convection=upwind", "solver.convection")):
        assert sweep(case, "--resume", "--set", change, flows="0.05,0.1") == codes.WRONG_INPUT
        assert f"cannot resume: {what} of the case differ" in capsys.readouterr().err
    Path("small_characteristic/points.h5").write_bytes(b"no HDF5")
    assert sweep(case, "--resume") == codes.WRONG_INPUT
    assert "points.h5 cannot be read" in capsys.readouterr().err


def test_points_that_do_not_converge_give_no_characteristic(case: str, solved: list[Any], capsys: Any) -> None:
    assert sweep(case, "--set", "solver.max_iterations=4", flows="0.05,0.1") == codes.NOT_CONVERGED
    err = capsys.readouterr().err
    assert "2 of 2 points did not converge" in err and "0.05 L/min at 25 degC" in err and "NOT CONVERGED" in err
    assert not Path("small_characteristic/small.plate.yaml").exists()
    assert sweep(case, "--resume", "--quiet", flows="0.05,0.1") == codes.OK and len(solved) == 4  # both are solved again


@pytest.mark.parametrize(("option", "says"), [
    (("--boundary", "outlet"), "no inlet of that name; the case has inlet"),
    (("--export", "modelika"), "no such format; did you mean 'modelica'"),
    (("--inlet", "25 kPa"), "expected a temperature such as"),
    (("--inlet", "250 degC"), "outside the range of its property curves"),
    (("--set", "boundaries.second={kind: inlet, face: y-, velocity: 1 mm/s, temperature: 20 degC}"),
     "the case has 2 inlets: name the one to sweep with --boundary: inlet, second"),
    (("--set", "solver.energy=false"), "switches flow or energy off"),
    (("--set", "sources={left: {component: left, power: 0 W}}"), "nothing heats the plate"),
])
def test_refusals(option: tuple[str, str], says: str, case: str, capsys: Any) -> None:
    assert main(["characterise", case, "--flow", "0.05,0.1 L/min", "--inlet", "25 degC", *option]) == codes.WRONG_INPUT
    assert re.search(says, " ".join(capsys.readouterr().err.split()))
    assert not Path("small_characteristic").exists()
