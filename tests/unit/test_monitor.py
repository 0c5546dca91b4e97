"""When a run stops: settled, stalled, cycling, out of iterations, interrupted; made-up residuals and pressure drops."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from coldrack.solver.monitor import FEWEST, MEAN_WINDOW, STALL_WINDOW, SWING, Monitor, cycle
from coldrack.solver.physics.ledger import HEAT_LIMIT, MASS_LIMIT
from coldrack.solver.problem import Settings

CLOSED = {"heat_relative": 0.0, "mass_relative": 0.0}
Curve = Callable[[int], float]


def steady(n: int) -> float:
    return 100.0


def falling(rate: float) -> Curve:
    return lambda n: rate**n


def flow(momentum: Curve, drop: Curve = steady, mass: float = 0.0, **settings: Any) -> tuple[Monitor, int]:
    """A flow stage with given curves over the iterations, run until the monitor ends it."""
    monitor = Monitor(Settings(**settings), None, None)
    monitor.begin("flow", monitor.settings.residual)
    n = 0
    while not monitor.done():
        n += 1
        monitor.record({"momentum": momentum(n), "mass": mass, "pressure_drop": drop(n)})
        assert n < 5000, "the monitor never ends"
    return monitor, n


@pytest.mark.parametrize("rate", [0.5, 0.9, 0.97])
def test_stops_as_soon_as_the_residual_is_below_its_goal(rate: float) -> None:
    monitor, n = flow(falling(rate), residual=1e-5)
    assert monitor.verdict(CLOSED) == ""
    assert n == max(FEWEST, math.floor(math.log(1e-5) / math.log(rate)) + 1)


def test_a_moving_pressure_drop_keeps_a_small_residual_going() -> None:
    alone, n = flow(falling(0.5), residual=1e-5)
    drop: Curve = lambda n: 100.0 * (1.0 + 0.99**n)
    monitor, longer = flow(lambda k: max(0.5**k, 1e-6 * 0.99**k), drop, residual=1e-5, tolerance=1e-4)
    assert alone.verdict(CLOSED) == monitor.verdict(CLOSED) == "" and longer > 10 * n
    assert abs(drop(longer) - drop(longer - 9)) <= 1e-4 * drop(longer)


def test_a_slow_drift_is_extrapolated() -> None:
    """At a contraction of 0.97 what is still to come is larger than what the last iterations moved."""
    rate = 0.97
    _, n = flow(falling(rate), lambda k: 100.0 * (1.0 + 10.0 * rate**k), residual=1e-2, tolerance=1e-3)
    assert 10.0 * rate**n <= 1.2e-3


def turbulent(
    swing: float, rate: float = 0.8, *, last: bool = True, scale: float = 0.0, warm: float = 0.0
) -> tuple[Monitor, bool]:
    """A turbulent stage of small residual whose drop of 100 Pa, and an inlet's temperature, swing; whether it ever ends."""
    monitor = Monitor(Settings(residual=1e-3, tolerance=2e-3), None, None)
    monitor.begin("flow", 1e-3, last)
    monitor.may_average, monitor.scale, ended = True, scale, False
    for n in range(400):
        turn = math.sin(2 * math.pi * n / 200)
        monitor.follow({"servers.a.inlet_mean": 300.0 + warm * turn}, {"servers.a.inlet_mean": 20.0})
        monitor.record({"momentum": 1e-4 * rate**n, "mass": 0.0, "pressure_drop": 100.0 * (1.0 + swing * turn)})
        ended = ended or (n >= SWING and monitor.done())
    return monitor, ended


@pytest.mark.parametrize(("swing", "settles"), [(0.004, True), (0.02, False)])
def test_turbulent_flow_does_not_settle_where_a_swing_turns(swing: float, settles: bool) -> None:
    """Of a swing of 2 % and 200 iterations 10 about its turn move the drop by 0.02 %: that is no answer to 0.2 %."""
    monitor, ended = turbulent(swing, rate=1.0)
    assert ended == settles and 0.5 * swing < monitor.swing() < 2.0 * swing


def test_only_the_last_stage_waits_for_swings() -> None:
    assert turbulent(0.1, last=False)[1] and not turbulent(0.1)[1]


@pytest.mark.parametrize(("scale", "settles"), [(50.0, False), (1000.0, True)])
def test_a_drop_swings_by_what_the_devices_pressures_say(scale: float, settles: bool) -> None:
    """10 Pa of swing are much beside 100 Pa from inlet to outlet, little beside the 1000 Pa that fans make in between."""
    assert turbulent(0.1, scale=scale)[1] == settles


@pytest.mark.parametrize(("warm", "settles"), [(0.4, True), (2.0, False)])
def test_a_flow_waits_for_the_temperatures_that_are_watched(warm: float, settles: bool) -> None:
    """Of the field's 20 K, 0.4 K are 2 % and 2 K are 10 %: in the 40 iterations about its turn they move a fifth of that."""
    assert turbulent(0.0, warm=warm)[1] == settles


def test_turbulent_flow_that_hovers_is_averaged_whatever_its_stages() -> None:
    """Nothing starts anew in a finer stage: iterations before it count when a residual no longer falls."""
    monitor = Monitor(Settings(residual=1e-3), None, None)
    monitor.may_average = True
    for target in (3e-3, 1e-3):
        monitor.begin("flow", target, last=target == 1e-3)
        for _ in range(MEAN_WINDOW):
            monitor.record({"momentum": 2e-3, "mass": 0.0, "pressure_drop": 100.0})
            ended = monitor.done()
        assert ended == (target == 3e-3)
    assert monitor.cycle == 0.0


def test_a_resumed_run_remembers_the_swing_that_it_goes_on_from() -> None:
    """Its first iterations stand as still as those of any turn of a swing do."""
    monitor, _ = turbulent(0.1)
    again = Monitor(monitor.settings, None, None, monitor.history)
    again.begin("flow", 1e-3)
    again.may_average = True
    again.record({"momentum": 1e-9, "mass": 0.0, "pressure_drop": 100.0})
    assert again.swing() == pytest.approx(monitor.swing(), rel=0.1) and again.swing() > 0.05


def test_a_mass_imbalance_keeps_it_going() -> None:
    monitor, n = flow(falling(0.5), mass=1.0, residual=1e-5, max_iterations=60)
    assert n == 60 and "did not settle in 60 iterations" in monitor.verdict(CLOSED)


def test_too_few_iterations_name_the_state_and_the_way_on() -> None:
    monitor, n = flow(falling(0.99), residual=1e-8, max_iterations=50)
    reason = monitor.verdict(CLOSED)
    assert n == 50 and f"residual {0.99**50:.1e}" in reason and "goal 1e-08" in reason
    assert "solver.max_iterations" in reason and "--resume" in reason


def test_a_stall_is_said() -> None:
    monitor, n = flow(lambda k: max(0.9**k, 1e-3), residual=1e-5, max_iterations=5000)
    reason = monitor.verdict(CLOSED)
    assert "stalled" in reason and "residual 1.0e-03" in reason and "solver.residual" in reason and "cycle" not in reason
    assert n < 4 * STALL_WINDOW


@pytest.mark.parametrize("period", [12, 37, 80])
def test_a_limit_cycle_is_said_with_its_period_and_swing(period: int) -> None:
    monitor, n = flow(lambda k: 1e-3 * (1.2 + math.sin(2 * math.pi * k / period)),
                      lambda k: 100.0 + 5.0 * math.sin(2 * math.pi * k / period), residual=1e-5, max_iterations=5000)
    reason = monitor.verdict(CLOSED)
    assert "limit cycle" in reason and "swings by 10 %" in reason
    said = float(reason.split("about ")[1].split(" iterations")[0])
    assert abs(said / period - 1.0) < 0.25 and n < 4 * STALL_WINDOW


def test_slow_progress_is_no_stall() -> None:
    monitor, _ = flow(falling(0.995), residual=1e-5, max_iterations=5000)
    assert monitor.verdict(CLOSED) == ""


@pytest.mark.parametrize(("values", "has_period"), [
    (100.0 + np.sin(np.arange(200) / 3.0), True),
    (np.full(200, 100.0), False),
    (np.linspace(90.0, 110.0, 200), False),  # a drift
    (100.0 + 5.0 * np.exp(-np.arange(200) / 20.0) * np.sin(np.arange(200) / 3.0), False),  # dies out
    (100.0 + 1e-4 * np.sin(np.arange(200) / 3.0), False),  # below the tolerance
])
def test_cycle(values: Any, has_period: bool) -> None:
    period = cycle(values, 1e-2)
    assert period == pytest.approx(6.0 * math.pi, rel=0.1) if has_period else period == 0.0


def test_a_stop_is_remembered_as_interruption() -> None:
    monitor = Monitor(Settings(), None, lambda: True)
    monitor.begin("flow", 1e-5)
    assert monitor.done() and monitor.stopped and monitor.verdict(CLOSED) == "interrupted"


def test_a_value_that_is_not_finite_never_counts_as_settled() -> None:
    for momentum, drop in ((math.nan, 100.0), (1e-9, math.nan), (math.inf, 100.0)):
        monitor, n = flow(lambda k, m=momentum: m, lambda k, d=drop: d, residual=1e-5, max_iterations=40)
        assert n == 40 and monitor.verdict(CLOSED) != ""


@pytest.mark.parametrize(("what", "limit"), [("heat", HEAT_LIMIT), ("mass", MASS_LIMIT)])
def test_an_open_ledger_is_no_convergence(what: str, limit: float) -> None:
    monitor, _ = flow(falling(0.5))
    assert (HEAT_LIMIT, MASS_LIMIT) == (1e-6, 1e-8)
    assert monitor.verdict(CLOSED | {f"{what}_relative": limit}) == ""
    for off in (1.01 * limit, math.nan):
        assert f"the {what} ledger does not close" in monitor.verdict(CLOSED | {f"{what}_relative": off})


def test_the_first_reason_stays() -> None:
    monitor, _ = flow(falling(0.99), max_iterations=10)
    first = monitor.verdict(CLOSED)
    monitor.fail("something else")
    assert monitor.verdict(CLOSED) == first


def test_history_has_a_column_for_every_quantity_and_goes_on_after_a_restart() -> None:
    seen: list[dict[str, Any]] = []
    monitor = Monitor(Settings(), seen.append, None)
    monitor.begin("flow", 1e-5)
    monitor.record({"momentum": 1.0, "mass": 0.5, "pressure_drop": 3.0})
    monitor.begin("energy")
    monitor.record({"energy": 1e-9, "t_max": 350.0})
    assert [e["stage"] for e in seen] == ["flow", "energy"] and [e["iteration"] for e in seen] == [1, 2]
    assert {len(c) for c in monitor.history.values()} == {2}
    assert math.isnan(monitor.history["momentum"][1]) and math.isnan(monitor.history["t_max"][0])
    again = Monitor(Settings(), None, None, monitor.history)
    again.begin("flow", 1e-5)
    again.record({"momentum": 0.1, "mass": 0.1, "pressure_drop": 3.1})
    assert again.history["iteration"] == [1.0, 2.0, 3.0] and again.flow_total == 2
    assert monitor.history["iteration"] == [1.0, 2.0], "a run does not write into the history that it resumes"
    assert np.all(np.diff(again.history["seconds"]) >= 0)


def test_remaining_time_falls_until_the_residual_is_small() -> None:
    """Beyond that other quantities are waited for: no time is claimed, least of all none."""
    seen: list[dict[str, Any]] = []
    monitor = Monitor(Settings(), seen.append, None)
    monitor.begin("flow", 1e-5)
    for n in range(1, 40):
        monitor.record({"momentum": 0.7**n, "mass": 0.0, "pressure_drop": 1.0})
    known = [e["eta_seconds"] for e in seen if math.isfinite(e["eta_seconds"])]
    assert len(known) > 20 and min(known) > 0.0 and math.isnan(seen[-1]["eta_seconds"])
    assert monitor.contraction() == pytest.approx(0.7)
