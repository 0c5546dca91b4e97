"""The benchmarks' machinery on made-up runs, and real tiny runs from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import scipy.sparse.linalg as linalg
from linear_support import matrix
from support import ROOT, script

from coldrack.benchmarks import linear, models, ours, peers, registry, report, room, runner, systems
from coldrack.benchmarks.__main__ import main
from coldrack.benchmarks.document import document, schema
from coldrack.benchmarks.peers import openfoam, openfoam_flow, openfoam_linear, openfoam_room
from coldrack.benchmarks.registry import Case, Measurement
from coldrack.benchmarks.runner import Plan
from coldrack.solver.cli import main as coldrack


def measured(cpu: float, **more: Any) -> dict[str, Any]:
    """A measurement as a worker hands it over."""
    plain = {"cells": 8, "cpu_seconds": cpu, "wall_seconds": 2 * cpu, "iterations": 3, "peak_memory_bytes": 10, "value": 2.0,
             "reference": 1.6, "part": "", "details": {}}
    return plain | more


def case(*solvers: str, **more: Any) -> Case:
    return Case("made-up", lambda solver: [], solvers or ("coldrack", "pyamg", "scipy"), "value", **more)


# ---------------------------------------------------------------- runs
def test_solvers_alternate_and_medians_and_ratios_follow() -> None:
    asked: list[str] = []
    seconds = {"coldrack": iter([1.0, 5.0, 2.0]), "pyamg": iter([30.0, 8.0, 9.0])}

    def run(benchmark: str, one: Case, solver: str) -> Any:
        asked.append(solver)
        return [measured(next(seconds[solver]))]

    rows, failures = runner.run_case(Plan(("pyamg",), 3), "linear", case(), run, lambda text: None)
    assert asked == ["coldrack", "pyamg"] * 3 and not failures
    mine, theirs = rows
    assert (mine["cpu_seconds"], mine["wall_seconds"], mine["ratio"], mine["repeats"]) == (2.0, 4.0, 1.0, 3)
    assert theirs["cpu_seconds"] == 9.0 and theirs["ratio"] == 4.5 and theirs["all_cpu_seconds"] == [30.0, 8.0, 9.0]
    assert mine["error"] == pytest.approx(0.25)


def test_a_solver_that_fails_is_named_once_and_the_others_go_on() -> None:
    asked: list[str] = []

    def run(benchmark: str, one: Case, solver: str) -> Any:
        asked.append(solver)
        return {"error": "not converged"} if solver == "scipy" else [measured(1.0, reference=None)]

    rows, failures = runner.run_case(Plan(("scipy", "pyamg"), 2), "linear", case(), run, lambda text: None)
    assert asked == ["coldrack", "pyamg", "scipy", "coldrack", "pyamg"]
    assert failures == [{"benchmark": "linear", "case": "made-up", "solver": "scipy", "reason": "not converged"}]
    assert [r["solver"] for r in rows] == ["coldrack", "pyamg"] and all(r["error"] is None for r in rows)


def test_no_ratio_without_our_time() -> None:
    rows = [{"case": "a", "solver": "coldrack", "cpu_seconds": 2.0}, {"case": "a", "solver": "pyamg", "cpu_seconds": 0.0},
            {"case": "b", "solver": "pyamg", "cpu_seconds": 3.0}]
    assert [r["ratio"] for r in runner.with_ratios(rows)] == [1.0, None, None]


def test_parts_of_a_run_become_rows_of_their_own() -> None:
    rows, _ = runner.run_case(Plan((), 1), "kernels", case("coldrack"),
                              lambda *_: [measured(1.0, part="a"), measured(3.0, part="b")], lambda text: None)
    assert [(r["case"], r["cpu_seconds"], r["ratio"]) for r in rows] == [("made-up a", 1.0, 1.0), ("made-up b", 3.0, 1.0)]


def test_growth_finds_the_exponent_of_a_power_law() -> None:
    rows = [{"family": "f", "solver": "coldrack", "cells": n, "cpu_seconds": 3e-6 * n**1.07, "iterations": 9}
            for n in (4096, 32768, 262144)]
    (found,) = runner.growth([*rows, {**rows[0], "family": "two sizes"}, {**rows[1], "family": "two sizes"}])
    assert found["exponent"] == pytest.approx(1.07, abs=1e-12) and found["iterations"] == [9, 9, 9]


def test_a_process_that_says_nothing_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.sys, "executable", "/bin/false")
    assert "ended with code 1" in runner.run_worker("linear", case(), "coldrack")["error"]


def test_a_run_that_takes_too_long_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LONGEST", 0.0)
    assert "not finished" in runner.run_worker("linear", registry.find("linear", "poisson-16"), "coldrack")["error"]


# ---------------------------------------------------------------- peers, registry
def test_missing_peers_are_named_with_how_to_install_them() -> None:
    present, missing = peers.split(["openfoam", "pyamg", "warp"], lambda name: name == "pyamg")
    assert present == ["pyamg"] and [m["peer"] for m in missing] == ["openfoam", "warp"]
    assert "openfoam" in missing[0]["install"] and missing[1]["install"] == "bash scripts/install_peers.sh warp"
    text = report.table({"rows": [], "growth": [], "failures": [], "missing": missing})
    assert all(m["install"] in text and m["why"] in text for m in missing)


def test_the_install_script_knows_every_peer(tmp_path: Path) -> None:
    script = (ROOT / "scripts" / "install_peers.sh").read_text()
    assert [p for p in peers.PEERS if p not in script] == []
    command = ["bash", str(ROOT / "scripts" / "install_peers.sh"), "nonsense"]
    environment = {"VENV": sys.prefix, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "nonsense" in done.stderr and "warp" in done.stderr


def test_cases_are_well_formed() -> None:
    every = [(name, c) for name in registry.NAMES for c in registry.cases(name)]
    assert len({c.name for _, c in every}) == len(every)
    for name, c in every:
        assert c.solvers[0].startswith(registry.OURS) and (c.quick or c.full) and c.quantity
        assert all(s.startswith(registry.OURS) or s in peers.PEERS for s in c.solvers)
        assert registry.find(name, c.name) == c and json.loads(json.dumps(c.parameters)) == c.parameters
    for name in registry.NAMES:
        assert registry.module(name).__doc__.splitlines()[0].endswith(".")


# ---------------------------------------------------------------- linear systems
@pytest.mark.parametrize("make", [lambda: models.poisson(8), lambda: models.conduction(8), lambda: models.blocked_fins(8),
                                  lambda: models.through_flow(8, 30.0), lambda: models.recirculation(8, 30.0)])
def test_matrix_is_the_operator_and_ours_solves_it(make: Any) -> None:
    """Against the matrix that the linear solver's tests assemble face by face, and a direct solve of it."""
    system = make()
    assert abs(system.matrix() - matrix(system.g, system.m)).max() < 1e-13 * abs(system.matrix()).max()
    exact = linalg.spsolve(system.matrix().tocsc(), system.b[-1].ravel()).reshape(system.shape)
    assert system.relative_residual(exact) < 1e-10
    counts, x, _ = ours.solve_system(system, 1e-8)
    assert system.relative_residual(x) < 1.01e-8 and len(counts) == len(system.b) and min(counts) > 0
    assert np.abs(x - exact).max() < 1e-5 * np.abs(exact).max()


def test_poisson_keeps_the_heat_and_flows_close() -> None:
    system = models.poisson(8)
    assert system.value(ours.solve_system(system, 1e-12)[1]) == pytest.approx(1.0, abs=1e-10)
    for flow in (models.recirculation(8, 100.0), models.through_flow(8, 100.0)):
        assert flow.m is not None
        net = sum(m - np.roll(m, -1, 2 - axis) for axis, m in enumerate(flow.m))[systems.INNER]
        assert np.abs(net).max() < 1e-12 * max(np.abs(m).max() for m in flow.m)
    eddy = models.recirculation(16, 30.0)
    assert max(np.abs(m).max() for m in eddy.m or []) * 16 == pytest.approx(30.0)  # over g = 1/16: the cell Péclet number


def test_scipy_solves_to_the_same_residual() -> None:
    from coldrack.benchmarks.peers.python_linear import scipy

    for system in (models.poisson(8), models.through_flow(8, 30.0)):
        counts, x, _, details = scipy(system, linear.GOAL)
        assert system.relative_residual(x) < 1.01e-8 and counts and len(counts) == len(system.b)
        assert "Jacobi" in details["method"]


def test_a_wrong_solution_is_no_figure() -> None:
    with pytest.raises(registry.BenchmarkError, match="wrong solution"):
        linear._measured(models.conduction(8), [1], np.zeros((8, 8, 8)), None, {})


# ---------------------------------------------------------------- OpenFOAM's output
def test_solves_are_read_from_a_log() -> None:
    text = ("Time = 1", "DICPCG:  Solving for T, Initial residual = 0, Final residual = 0, No Iterations 0", "Time = 2",
            "DICPCG:  Solving for T, Initial residual = 1, Final residual = 1e-9, No Iterations 17")
    log = openfoam.Log([openfoam.Line(t, cpu, 10 * cpu) for t, cpu in zip(text, (0.0, 0.5, 1.0, 4.0))])
    assert openfoam_linear.steps(log, "T") == ([0, 17], [0.5, 3.0], [5.0, 30.0])


def test_settling_waits_for_both_figures_to_stay() -> None:
    line = openfoam.Line("", 0.0, 0.0)
    rows = [(1, 390.0, 100.0, line), (2, 400.0, 90.0, line), (3, 400.0, 100.05, line), (4, 400.5, 100.0, line),
            (5, 400.05, 100.0, line), (6, 400.0, 100.0, line)]
    settled = {"t_max": 400.0, "pressure_drop": 100.0}
    assert openfoam_flow.settling(rows, settled, 300.0) == 4
    with pytest.raises(registry.BenchmarkError, match="not settled"):
        openfoam_flow.settling(rows[:4], settled, 300.0)


def test_a_room_has_settled_when_inlets_and_heat_stay() -> None:
    """The inlets from the 4th state on (the 2nd only passes by), the heat from the 5th."""
    rise = room.RETURN - room.SUPPLY
    assert rise == pytest.approx(64e3 / (1.2 * 1005.0 * 5.76))
    given = [(5.0, 0.5), (2.05, 1.0), (3.0, 0.98), (2.05, 0.993), *[(2.0, 0.996)] * 16]
    states = [room.State((293.15, room.SUPPLY + inlet), room.SUPPLY + share * rise, n, 2 * n)
              for n, (inlet, share) in enumerate(given)]
    made = room.measurement(8, states, 0)
    assert (made.iterations, made.cpu_seconds, made.wall_seconds) == (5, 4, 8) and made.value == pytest.approx(0.996 * rise)
    assert made.details["inlet_rise_at_the_end"] == pytest.approx([2.0, 2.0])
    swinging = [*states, *(room.State(states[-1].inlets, room.SUPPLY + share * rise, 30.0, 60.0) for share in [0.98, 1.01] * 5)]
    assert room.settling(swinging) == 3  # beyond the swing of its last quarter only at first
    with pytest.raises(registry.BenchmarkError, match=r"not settled after 4 iterations.*0\.7 % of the heat"):
        room.measurement(8, states[:4], 0)


def test_a_room_is_followed_and_its_racks_take_their_power() -> None:
    """Cells before the rows, the fans' whole force, heat; a short run is no figure."""
    problem = room.room(32, 3)
    where, x = room.before_rows(problem.mesh.grid), problem.mesh.grid.centres[0]
    assert [float(x[column]) for *_, column in where] == pytest.approx([2.3, 4.1])
    block = problem.devices[0].cells
    assert block[where[0][:2]].shape[:2] == (16, 10) and block.sum() * 0.2**3 == pytest.approx(6.4)
    push = problem.momentum_source[0][:, :, :16].sum() * 0.2**3
    assert push == pytest.approx(-6.4 * 12.0)
    with pytest.raises(registry.BenchmarkError, match="not settled after 3 iterations"):
        room.solve_room("coldrack", 32, 3, 3, room.RELAXATION)


def test_a_room_is_read_from_a_log() -> None:
    text = ("start", "Time = 1\n", "    volAverage(before1) of T = 293\n", "    volAverage(before2) of T = 294\n",
            "    weightedAverage(return) of T = 300.5\n", "Time = 2\n")
    log = openfoam.Log([openfoam.Line(t, float(n), 10.0 * n) for n, t in enumerate(text)])
    assert openfoam_room.states(log) == [room.State((293.0, 294.0), 300.5, 3.0, 30.0)]


def test_a_binary_field_is_read(tmp_path: Path) -> None:
    values = np.arange(6.0)
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "U").write_bytes(b"internalField nonuniform List<vector> \n2\n(" + values.tobytes() + b");\n")
    assert np.array_equal(openfoam.field_values(tmp_path, "1", "U", 3), values.reshape(2, 3))


def test_templates_leave_no_placeholder(tmp_path: Path) -> None:
    case_folder = openfoam.prepare("poisson", tmp_path, N=4, END=4, SOLVDICT="")
    assert not [p for p in case_folder.rglob("*") if p.is_file() and "@" in p.read_text()]
    assert "(4 4 4)" in (case_folder / "system" / "blockMeshDict").read_text()
    case_folder = openfoam.prepare("server_room", tmp_path, **openfoam_room.values(32, 10, room.RELAXATION))
    assert not [p for p in case_folder.rglob("*") if p.is_file() and "@" in p.read_text()]
    heating = (case_folder / "constant" / "fvOptions").read_text()
    assert "(4.1459" in heating  # 32 kW in 6.4 m3 of air, K/s


# ---------------------------------------------------------------- from end to end
def test_devices_are_compared_by_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    assert main(["--quick", "--repeat", "1", "--json", str(path), "duct-quick"]) == 0
    rows = json.loads(path.read_text())["rows"]
    assert [r["solver"] for r in rows] == ["coldrack host", "coldrack numpy"]
    assert rows[0]["value"] == pytest.approx(rows[1]["value"], rel=1e-9) and rows[0]["details"]["device"].startswith("host")
    host = {**rows[0], "wall_seconds": 3.0}
    gpu = {**host, "solver": "coldrack cuda", "wall_seconds": 0.5, "details": {"device": "cuda:0", "device_bytes": 2_000_000}}
    text = script("performance_page").devices([gpu, host])
    assert "| duct-quick | cuda | 432 | 1 | " in text and " | 0.5 | 6 | 2 | " in text and " | 3 | 1 | " in text


def test_quick_run_writes_a_document_a_plot_and_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bench.json"
    names = ["conduction-16", "uniform-8", "uniform-12", "uniform-16"]
    assert main(["--quick", "--peers", "scipy", "--repeat", "2", "--json", str(path), *names]) == 0
    told = capsys.readouterr().out
    made = json.loads(path.read_text())
    jsonschema.validate(made, schema())
    assert [(r["case"], r["solver"]) for r in made["rows"]] == [
        ("conduction-16", "coldrack"), ("conduction-16", "scipy"), *((n, "coldrack") for n in names[1:])]
    mine, theirs = made["rows"][:2]
    assert mine["value"] == pytest.approx(theirs["value"], rel=1e-6) and theirs["iterations"] > mine["iterations"] > 0
    assert theirs["ratio"] == pytest.approx(theirs["cpu_seconds"] / mine["cpu_seconds"])
    assert all(r["peak_memory_bytes"] > 1e7 and r["cpu_seconds"] > 0 and r["repeats"] == 2 for r in made["rows"])
    assert made["growth"][0]["cells"] == [512, 1728, 4096] and made["versions"]["scipy"] and made["machine"]["cores"] >= 1
    assert path.with_suffix(".png").stat().st_size > 5000 and "conduction-16" in told and "cells^" in told

    module = script("performance_page")
    page = tmp_path / "docs" / "performance.md"
    page.parent.mkdir()
    assert module.main([str(path), "--out", str(page)]) == 0
    text = page.read_text()
    assert "| conduction-16 | scipy | 4,096 |" in text and "## Growth with the cells" in text
    assert (page.parent / "pictures" / "performance.png").exists()
    older = text.replace("| conduction-16 |", "| conduction-64 |").replace("Value: ", "Value: older; ")
    again = module.sections(module.renewed(older, text))["linear"]
    assert [r.split(" | ")[0] for r in again.split("\n") if "-16 |" in r or "-64 |" in r] == [
        *["| conduction-64"] * 2, *["| conduction-16"] * 2] and "older; " in again
    assert module.renewed(text, text) == text
    page.write_text(text.replace("## linear", "## kernels").replace("commit ", "commit of an older "))
    assert module.main([str(path), "--out", str(page), "--keep"]) == 0
    both = page.read_text()
    assert both.count("## linear") == both.count("## kernels") == both.count("pictures/performance.png") == 1
    assert both.count("commit of an older") == 1 and both.count(": commit ") + both.count(", commit ") == 2


def test_the_command_hands_over(capfd: pytest.CaptureFixture[str]) -> None:
    assert coldrack(["bench", "--list"]) == 0
    assert "poisson-128" in capfd.readouterr().out


@pytest.mark.parametrize(("typed", "says"), [
    (["--peers", "fluent"], "'fluent' is unknown"), (["linaer"], "did you mean linear?"),
    (["coldplate", "--quick"], "no quick case"), (["--json", "/nowhere/at/all.json"], "folder does not exist")])
def test_wrong_usage_is_one_line_and_code_2(typed: list[str], says: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert coldrack(["bench", *typed]) == 2
    told = capfd.readouterr().err
    assert says in told and told.count("\n") == 1 and told.startswith("coldrack: error: ")


def test_schema_refuses_a_row_without_a_ratio() -> None:
    rows, _ = runner.run_case(Plan((), 1), "linear", case("coldrack"), lambda *_: [measured(1.0)], lambda text: None)
    made = document({"rows": rows, "failures": [], "growth": []}, [], {}, 1, False)
    jsonschema.validate(made, schema())
    del rows[0]["ratio"]
    with pytest.raises(jsonschema.ValidationError, match="ratio"):
        jsonschema.validate(made, schema())


def test_measurements_are_plain_data() -> None:
    got = registry.find("linear", "conduction-16")
    value = got.run("coldrack", **got.parameters)
    assert isinstance(value, Measurement) and value.iterations and value.details["relative_residual"] < 1.01e-8
