"""Coolant networks against laws that are known in closed form, and conservation on networks drawn by chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_support import WATER, of, open_loop, quadratic
from support import analytic, table
from support import check as check_error

from coldrack.solver.characteristic.plate import SystemFailure
from coldrack.solver.materials import coolant
from coldrack.solver.network import (
    CheckValve,
    ConstantCoolant,
    Coupling,
    Exchanger,
    ExchangerSide,
    Fitting,
    HazenWilliams,
    Network,
    Pipe,
    PowerLaw,
    Pump,
    Valve,
    solve,
)
from coldrack.solver.network.exchangers import effectiveness
from coldrack.solver.network.laws import churchill
from coldrack.solver.network.ledger import ledger
from coldrack.solver.network.tees import crane_combining, crane_dividing
from coldrack.solver.network.validity import check

PG25 = coolant("PG25")


def test_two_loop_network_has_the_published_heads():
    """Alperovits & Shamir 1977: heads to 1e-3 m of EPANET's, and to 3e-3 m of the usual table.

    The table (tests/reference/network_two_loop_nodes.csv) was iterated to EPANET's default accuracy, 1e-3 of the flow: it is
    off the solution of its equations by up to 2 mm; network_two_loop_epanet.csv is the same with accuracy 1e-9.
    """
    nodes, pipes = table("network_two_loop_nodes"), table("network_two_loop_pipes")
    water = ConstantCoolant("water", 1000.0, 1e-3, 4182.0, 0.6)
    net = Network(dissipation=False)
    net.loop("supply", water)
    for n in nodes:
        first = n["node"] == 1
        demand = 0.0 if first else float(n["demand_m3_h"]) * 1000 / 3600
        net.node(str(n["node"]), "supply", elevation=float(n["elevation"]), pressure=0.0 if first else None,
                 temperature=293.15 if first else None, inflow=-demand)
    for p in pipes:
        net.branch(str(p["pipe"]), str(p["from"]), str(p["to"]), HazenWilliams(1000.0, p["diameter_mm"] / 1e3, 130.0))
    s = solve(net)
    head = s.pressure / (1000 * 9.80665) + nodes["elevation"]
    off = np.max(np.abs(head - table("network_two_loop_epanet")["head_m"]))
    check_error("network of two loops, heads, m", float(off), 1e-3, "Alperovits & Shamir 1977, EPANET 2.2 with accuracy 1e-9")
    assert np.max(np.abs(head - nodes["head_m"])[1:]) < 3e-3
    assert np.allclose(s.mass_flow * 3.6, pipes["flow_m3_h"], rtol=0, atol=0.02)
    assert s.mass_residual < 1e-10


@pytest.mark.parametrize(("kind", "exponent", "head"), [(k, n, r) for k in "UZ" for n in (1.0, 2.0) for r in (0.02, 0.1)])
def test_manifold_shares_the_flow_as_kirchhoff_says(kind, exponent, head):
    """tests/reference/manifold_flow.csv and its exact solution, 1e-10 of the flow."""
    exact, drop = analytic.manifold(8, 1.0, head, kind, exponent=exponent)
    row = next(r for r in table("manifold_flow") if (r["kind"], r["exponent_n"], r["rh_over_rch"]) == (kind, exponent, head))
    assert np.allclose(exact, [row[f"q{k}"] for k in range(1, 9)], atol=1e-6)
    net = Network(dissipation=False)
    net.loop("l", WATER)
    for k in range(8):
        net.node(f"s{k}", "l", inflow=1.0 if k == 0 else 0.0, temperature=300.0 if k == 0 else None)
        end = 0 if kind == "U" else 7
        net.node(f"r{k}", "l", pressure=0.0 if k == end else None)
        net.branch(f"channel{k}", f"s{k}", f"r{k}", quadratic(1e5, 1.0, exponent))
        if k:
            net.branch(f"supply{k}", f"s{k - 1}", f"s{k}", quadratic(1e5 * head, 1.0, exponent))
            net.branch(f"return{k}", f"r{k}", f"r{k - 1}", quadratic(1e5 * head, 1.0, exponent))
    s = solve(net)
    off = np.max(np.abs(np.array([of(net, s, f"channel{k}") for k in range(8)]) - exact))
    check_error(f"manifold {kind}, exponent {exponent:g}, header {head:g} of a channel, flows", float(off), 1e-10,
                "exact solution of Kirchhoff's laws")
    assert of(net, s, "s0", "pressure") == pytest.approx(1e5 * drop, rel=1e-9)


def test_friction_is_laminar_and_colebrooks():
    """64/Re to 1e-6 below Re 1000; Colebrook & White within 4 % for Re 1e4 to 1e7, e/D 1e-5 to 1e-2."""
    re = np.logspace(-2, 3, 20)
    f, slope = churchill(re, np.full(20, 1e-3))
    assert np.allclose(f, 64 / re, rtol=1e-6)
    assert np.allclose(slope, -64 / re**2, rtol=1e-4)
    for rough in (1e-5, 1e-3, 1e-2):
        re = np.logspace(4, 7, 13)
        f, slope = churchill(re, np.full(13, rough))
        x = np.full(13, 7.0)
        for _ in range(50):
            x = -2 * np.log10(rough / 3.7 + 2.51 * x / re)
        assert np.max(np.abs(f * x**2 - 1)) < 0.04
        step = 1e-6 * re
        assert np.allclose(slope, (churchill(re + step, rough)[0] - churchill(re - step, rough)[0]) / (2 * step), rtol=1e-5)


ELEMENTS = [Pipe(2.0, 0.01, 1e-5, 3.0, 2), Fitting(0.01, 2.5), Coupling(1.2), Valve(2.0, 0.4, "equal_percentage"),
            CheckValve(1.5, 2e3), PowerLaw(1e-4, 3e4, 1.75, 1000.0, 1e-3, 0.25), HazenWilliams(10.0, 0.02, 130.0),
            Pump((0.0, 1e-4, 2e-4, 4e-4), (2e5, 1.9e5, 1.6e5, 0.5e5), 0.9, (0.4,), 2)]


@pytest.mark.parametrize("part", ELEMENTS, ids=lambda e: type(e).__name__)
def test_derivatives_are_those_of_the_laws_and_flow_never_eases(part):
    """Central differences to 1e-5; every law rises, so that a network has one solution."""
    m = np.array([-0.3, -0.05, -1e-4, 1e-9, 1e-5, 3e-3, 0.02, 0.1, 0.35])
    m = m[m > 0] if isinstance(part, CheckValve | Pump) else m
    rho, mu, t = np.full(m.size, 1000.0), np.full(m.size, 1e-3), np.full(m.size, 300.0)
    dp, slope = part.drop(m, rho, mu, t)
    h = 1e-6 * np.abs(m) + 1e-13
    high, low = part.drop(m + h, rho, mu, t)[0], part.drop(m - h, rho, mu, t)[0]
    assert (np.abs(slope - (high - low) / (2 * h)) < 2e-5 * slope + 1e-15 * np.abs(dp) / h + 1e-3).all()
    assert (np.diff(dp) > 0).all()
    assert (slope >= 0).all()


def test_hagen_poiseuille_and_kv():
    """Laminar pipe 128 mu L m / (pi rho D^4); Kv 1 lets 1 m3/h of water (1000 kg/m3) pass at 1 bar."""
    thick = ConstantCoolant("oil", 900.0, 0.1, 2000.0, 0.1)
    net = open_loop(1e4, coolant=thick)
    net.branch("pipe", "in", "out", Pipe(3.0, 0.02, 1e-5))
    expected = 1e4 * np.pi * 900 * 0.02**4 / (128 * 0.1 * 3.0)
    assert of(net, solve(net), "pipe") == pytest.approx(expected, rel=1e-9)
    water = ConstantCoolant("water", 1000.0, 1e-3, 4182.0, 0.6)
    net = open_loop(1e5, coolant=water)
    net.branch("valve", "in", "out", Valve(1.0))
    assert of(net, solve(net), "valve") == pytest.approx(1000 / 3600, rel=1e-9)


def curve(shut_off=2e5, most=4e-4, points=40):
    """Points of rise = shut_off (1 - (q/most)^2)."""
    q = np.linspace(0, most, points)
    return tuple(q), tuple(shut_off * (1 - (q / most) ** 2))


@pytest.mark.parametrize(("count", "speed"), [(1, 1.0), (2, 1.0), (3, 0.7)])
def test_pumps_work_where_their_curve_meets_the_load(count, speed):
    """n pumps at speed s against K Q^2: Q^2 = s^2 H / (K + H / (n q)^2); 2e-5, the error of the cubic through 40 points."""
    flows, rises = curve()
    net = Network()
    net.loop("l", WATER)
    net.node("a", "l", pressure=1e5, temperature=300.0)
    net.node("b", "l")
    net.branch("pump", "a", "b", Pump(flows, rises, speed, (0.5,), count))
    net.branch("load", "b", "a", PowerLaw(5e-4, 1.5e5, 2.0, WATER.rho))
    s = solve(net)
    flow = speed * np.sqrt(2e5 / (1.5e5 / 25e-8 + 2e5 / (count * 4e-4) ** 2))
    point = s.pumps["pump"]
    check_error(f"{count} pumps at speed {speed:g}, operating point", abs(point.flow_rate * count / flow - 1), 2e-5, "analytic")
    assert point.hydraulic_power == pytest.approx(point.rise * flow, rel=1e-4)
    assert point.electric_power == pytest.approx(point.hydraulic_power / 0.5, rel=1e-12)
    # all of it ends as heat, which the reservoir takes: 1e-8
    assert ledger(net, s)["loops"]["l"] == pytest.approx(point.electric_power, rel=1e-8)


def test_pumps_in_series_add_pressures_and_a_tripped_one_is_shut_by_its_check_valve():
    flows, rises = curve()
    net = Network()
    net.loop("l", WATER)
    net.node("a", "l", pressure=1e5, temperature=300.0)
    for n in "bc":
        net.node(n, "l")
    net.branch("first", "a", "b", Pump(flows, rises))
    net.branch("second", "b", "c", Pump(flows, rises))
    net.branch("load", "c", "a", PowerLaw(5e-4, 1.5e5, 2.0, WATER.rho))
    s = solve(net)
    assert s.pumps["first"].flow_rate == pytest.approx(np.sqrt(4e5 / (1.5e5 / 25e-8 + 4e5 / 16e-8)), rel=2e-5)
    # N + 1: with one of two parallel branches tripped, none flows back through it
    net.branch("third", "a", "c", Pump(flows, tuple(2.1 * r for r in rises), count=0))
    idle = solve(net)
    assert abs(of(net, idle, "third")) < 1e-10
    assert idle.mass_flow[:3] == pytest.approx(s.mass_flow, rel=1e-9)
    # and a check valve before a pressure that is higher behind it
    net.branch("back", "a", "c", CheckValve(2.0))
    held = solve(net)
    assert abs(of(net, held, "back")) < 1e-10
    assert held.mass_flow[:3] == pytest.approx(s.mass_flow, rel=1e-9)


def test_a_check_valve_opens_beyond_its_cracking_pressure():
    net = open_loop(5e4)
    net.branch("valve", "in", "out", CheckValve(1.0, 2e4))
    assert of(net, solve(net), "valve") == pytest.approx(np.sqrt(0.3 / 0.9982) * 998.2 / 3600, rel=1e-9)
    net = open_loop(1e4)
    net.branch("valve", "in", "out", CheckValve(1.0, 2e4))
    assert abs(of(net, solve(net), "valve")) < 1e-10


def test_flow_that_turns_round_carries_temperature_the_other_way():
    """A bridge between two heated ways: the branch across turns with the valve's side; the mixture is the first law's, 1e-8."""
    for left, right in ((1.0, 0.2), (0.2, 1.0)):
        net = open_loop(dissipation=False)
        for n, t in (("p", None), ("q", None)):
            net.node(n, "loop", temperature=t)
        net.branch("a", "in", "p", quadratic(), heat=5e3)
        net.branch("b", "in", "q", quadratic(), heat=20e3)
        net.branch("c", "p", "out", Valve(10.0, left))
        net.branch("d", "q", "out", Valve(10.0, right))
        net.branch("bridge", "p", "q", quadratic())
        s = solve(net)
        m, t = {n: of(net, s, n) for n in net.branches}, {n: of(net, s, n, "temperature") for n in net.nodes}
        forward = left < right
        assert (m["bridge"] > 1e-3) is forward
        assert (m["bridge"] < -1e-3) is not forward
        up, heat, arrives = ("q", 20e3, "b") if forward else ("p", 5e3, "a")
        other = "p" if forward else "q"
        mixed = (m[arrives] * 300.0 + heat / WATER.cp + abs(m["bridge"]) * t[other]) / (m[arrives] + abs(m["bridge"]))
        assert t[up] == pytest.approx(mixed, abs=1e-8)
        assert t["out"] == pytest.approx(300.0 + 25e3 / WATER.cp / (m["c"] + m["d"]), abs=1e-8)


def test_a_balanced_bridge_has_no_flow_and_a_temperature_between():
    net = open_loop(dissipation=False)
    for n in "pq":
        net.node(n, "loop")
        net.branch(f"{n}1", "in", n, quadratic(), heat=5e3 if n == "p" else 1e4)
        net.branch(f"{n}2", n, "out", quadratic())
    net.branch("bridge", "p", "q", Pipe(1.0, 0.01, 1e-5))
    net.node("end", "loop")
    net.branch("blind", "q", "end", Pipe(1.0, 0.01, 1e-5))
    s = solve(net)
    assert abs(of(net, s, "bridge")) < 1e-6
    p, q = (of(net, s, n, "temperature") for n in "pq")
    assert p < of(net, s, "bridge", "outlet_temperature") < q or of(net, s, "bridge", "outlet_temperature") in (p, q)
    assert of(net, s, "end", "temperature") == pytest.approx(q, abs=1e-6)
    assert s.heat_residual < 1e-8


def test_pg25_warms_by_10_kelvin_at_one_and_a_half_litres_a_minute_and_kilowatt():
    """OCP OAI liquid cooling guidelines 2023: 1.5 L/min/kW of PG25 gives 10 K; 0.5 %."""
    rho = float(PG25.density(np.asarray(303.15)))
    net = Network(dissipation=False)
    net.loop("l", PG25)
    net.node("in", "l", inflow=1.5e-3 / 60 * rho, temperature=303.15)
    net.node("out", "l", pressure=1e5)
    net.branch("plate", "in", "out", quadratic(), heat=1000.0)
    rise = of(net, solve(net), "plate", "outlet_temperature") - 303.15
    check_error("PG25 at 1.5 L/min/kW, rise less 10 K", abs(rise - 10.0), 0.05, "OCP OAI liquid cooling guidelines 2023")


def test_pipe_cools_exponentially_and_its_heat_is_the_integral():
    """T_out = T_a + (T_in - T_a) exp(-UA / (m cp)), 1e-9 K."""
    net = open_loop(temperature=350.0, dissipation=False)
    net.branch("pipe", "in", "out", quadratic(), conductance=3000.0, ambient=290.0)
    s = solve(net)
    assert of(net, s, "pipe", "outlet_temperature") == pytest.approx(290 + 60 * np.exp(-3000 / (1.0 * WATER.cp)), abs=1e-9)


@pytest.mark.parametrize("arrangement", ["counterflow", "crossflow", "parallel"])
def test_both_sides_of_an_exchanger_balance(arrangement):
    """Heat = effectiveness C_min (T_in,1 - T_in,2); for counterflow also UA times the logarithmic mean difference: 1e-8."""
    net = open_loop(temperature=350.0, dissipation=False)
    net.loop("other", ConstantCoolant("oil", 900.0, 0.01, 2000.0, 0.1))
    net.node("i", "other", pressure=2e5, temperature=300.0)
    net.node("o", "other", pressure=1e5)
    unit = Exchanger("unit", ua=2500.0, arrangement=arrangement)
    net.branch("hot", "in", "out", ExchangerSide(unit, quadratic()))
    net.branch("cold", "i", "o", ExchangerSide(unit, PowerLaw(1e-3, 1e5, 2.0, 900.0)))
    s = solve(net)
    hot, cold = 1.0 * WATER.cp, 0.9 * 2000.0
    heat = float(effectiveness(np.asarray(2500 / cold), np.asarray(cold / hot), arrangement)) * cold * 50
    assert s.exchangers["unit"].heat == pytest.approx(heat, rel=1e-8)
    assert of(net, s, "hot", "outlet_temperature") == pytest.approx(350 - heat / hot, abs=1e-6)
    assert of(net, s, "cold", "outlet_temperature") == pytest.approx(300 + heat / cold, abs=1e-6)
    if arrangement == "counterflow":
        ends = 350 - of(net, s, "cold", "outlet_temperature"), of(net, s, "hot", "outlet_temperature") - 300
        assert heat == pytest.approx(2500 * (ends[0] - ends[1]) / np.log(ends[0] / ends[1]), rel=1e-6)


def test_effectiveness_has_its_limits():
    """Kays & London: condenser 1 - exp(-NTU), balanced counterflow NTU / (1 + NTU), balanced parallel 1/2 at most."""
    ntu = np.array([0.1, 1.0, 5.0])
    for arrangement in ("counterflow", "crossflow", "parallel"):
        assert np.allclose(effectiveness(ntu, np.full(3, 1e-9), arrangement), 1 - np.exp(-ntu), atol=2e-8)
    assert np.allclose(effectiveness(ntu, np.ones(3), "counterflow"), ntu / (1 + ntu), atol=1e-12)
    assert np.allclose(effectiveness(ntu, np.ones(3), "parallel"), (1 - np.exp(-2 * ntu)) / 2)
    # both streams unmixed, NTU 1, balanced: 0.476 by the tables of Kays & London
    assert float(effectiveness(np.asarray(1.0), np.asarray(1.0), "crossflow")) == pytest.approx(0.476, abs=1e-3)


def test_warm_coolant_flows_more_easily_and_keeps_its_heat():
    """Laminar pipe of PG25: m (h(T_out) - h(T_in)) = heat to 1e-9, and dp is Hagen-Poiseuille at the mean temperature."""
    flows = []
    for heat in (0.0, 400.0):
        net = open_loop(300.0, 293.15, PG25, dissipation=False)
        net.branch("pipe", "in", "out", Pipe(2.0, 0.01, 0.0), heat=heat)
        s = solve(net)
        m, t = of(net, s, "pipe"), of(net, s, "pipe", "outlet_temperature")
        mean = np.asarray(0.5 * (293.15 + t))
        assert m == pytest.approx(300 * np.pi * PG25.density(mean) * 1e-8 / (128 * PG25.viscosity(mean) * 2), rel=1e-5)
        nodes, weights = np.polynomial.legendre.leggauss(8)
        cp = PG25.heat_capacity(293.15 + 0.5 * (t - 293.15) * (nodes + 1))
        assert m * 0.5 * (t - 293.15) * float(weights @ cp) == pytest.approx(heat, rel=1e-9, abs=1e-9)
        flows.append(m)
    assert flows[1] > 1.1 * flows[0]


def test_warm_columns_rise():
    """A loop without pump, heated below and cooled above: friction equals (rho_cold - rho_warm) g h to 1e-8."""
    net = Network(dissipation=False)
    net.loop("l", PG25)
    for n, z, t in (("cold_top", 2.0, 293.15), ("cold_bottom", 0.0, None), ("warm_bottom", 0.0, None), ("warm_top", 2.0, None)):
        net.node(n, "l", elevation=z, temperature=t, pressure=1e5 if t else None)
    net.branch("down", "cold_top", "cold_bottom", Pipe(2.0, 0.02, 0.0))
    net.branch("heater", "cold_bottom", "warm_bottom", Pipe(0.5, 0.02, 0.0), heat=500.0)
    net.branch("up", "warm_bottom", "warm_top", Pipe(2.0, 0.02, 0.0))
    net.branch("over", "warm_top", "cold_top", Pipe(0.5, 0.02, 0.0))
    s = solve(net)
    assert of(net, s, "down") > 0.005
    lift = (of(net, s, "down", "density") - of(net, s, "up", "density")) * 9.80665 * 2.0
    assert float(s.drop.sum()) == pytest.approx(lift, rel=1e-8)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_every_network_conserves_mass_and_heat(seed):
    """Mass to 1e-10 of the largest flow, heat to 1e-8: pipes, valves, check valves and pumps by chance."""
    random = np.random.default_rng(seed)
    n = int(random.integers(4, 14))
    net = Network()
    net.loop("l", PG25)
    for k in range(n):
        net.node(f"n{k}", "l", pressure=2e5 if k == 0 else None, elevation=float(random.uniform(0, 1)),
                 temperature=float(random.uniform(285, 320)) if k == 0 else None)
    for k in range(1, n):
        net.branch(f"tree{k}", f"n{random.integers(0, k)}", f"n{k}", Pipe(float(random.uniform(0.5, 5)), 0.02, 1e-5, 1.0),
                   conductance=float(random.choice([0.0, 5.0])), ambient=295.0)
    makers = [lambda: Pipe(1.0, float(random.uniform(0.008, 0.03)), 2e-6, 2.0), lambda: CheckValve(2.0, 500.0),
              lambda: Valve(3.0, float(random.uniform(0, 1))), lambda: PowerLaw(1e-4, 2e4, 1.8, 1010.0)]
    for k in range(n):
        i, j = random.choice(n, 2, replace=False)
        net.branch(f"more{k}", f"n{i}", f"n{j}", makers[int(random.integers(0, 4))](), conductance=20.0, ambient=310.0)
    flows, rises = curve(1.5e5, 5e-4, 8)
    net.branch("pump", "n0", f"n{n - 1}", Pump(flows, rises, 1.0, (0.4,), 2))
    s = solve(net)
    assert s.mass_residual < 1e-10
    assert s.heat_residual < 1e-8
    book = ledger(net, s)
    assert abs(book["heat_imbalance"]) < 1e-8 * book["heat_in"] + 1e-6
    again = solve(net, s)
    assert again.iterations <= 3 or s.thermal.mixing.any()  # a flow that buoyancy turns round and round takes more
    assert np.allclose(again.mass_flow, s.mass_flow, atol=1e-8)


def test_a_node_may_change_between_two_solutions():
    """Quadratic law: four times the pressure, twice the flow; then a flow instead of a pressure."""
    net = open_loop(1e5, 300.0)
    net.branch("part", "in", "out", quadratic())
    first = solve(net)
    net.set_node("in", pressure=6e5, temperature=310.0)
    second = solve(net, first)
    assert of(net, second, "part") == pytest.approx(2 * of(net, first, "part")) == pytest.approx(2.0)
    assert of(net, second, "in", "temperature") == pytest.approx(310.0)
    net.set_node("in", pressure=None, inflow=0.5)
    assert of(net, solve(net, second), "in", "pressure") == pytest.approx(2e5 + 0.25e5)


def test_failures_name_the_part():
    net = open_loop()
    net.node("lost", "loop")
    net.node("far", "loop")
    net.branch("pipe", "in", "out", quadratic())
    net.branch("alone", "lost", "far", quadratic())
    with pytest.raises(SystemFailure, match=r"node lost: no branches lead from here \(with far\)"):
        solve(net)
    closed = Network()
    closed.loop("l", WATER)
    for n in "abc":
        closed.node(n, "l", pressure=1e5 if n == "a" else None)
    closed.branch("pump", "a", "b", Pump(*curve()))
    closed.branch("valve", "b", "c", Valve(1.0, 0.0))
    closed.branch("pipe", "c", "a", quadratic(), heat=10.0)
    with pytest.raises(SystemFailure, match="loop l: its heat has nowhere to go"):
        solve(closed)
    closed.set_heat(0.0)
    closed.branch("cool", "c", "a", quadratic(), conductance=10.0, ambient=300.0)
    with pytest.raises(SystemFailure, match="branch pump: it runs against a closed path"):
        check(closed, solve(closed))
    with pytest.raises(SystemFailure, match=r"no node called inn; did you mean in\?"):
        net.branch("x", "inn", "out", quadratic())
    dry = open_loop(1e4, 300.0)
    dry.loop("heated", WATER)
    for n in "xy":
        dry.node(n, "heated", pressure=1e5 if n == "x" else None)
    unit = Exchanger("unit", ua=1e3)
    dry.branch("circulator", "x", "y", Pump(*curve()))
    dry.branch("warm", "y", "x", ExchangerSide(unit, quadratic()), heat=100.0)
    dry.branch("cold", "in", "out", ExchangerSide(unit, Valve(1.0, 0.0)))
    with pytest.raises(SystemFailure, match=r"loop heated: its heat has nowhere to go .*both sides flowing"):
        solve(dry)
    off = Network()
    off.loop("heated", WATER)
    for n in "xy":
        off.node(n, "heated", pressure=1e5 if n == "x" else None)
    off.branch("circulator", "x", "y", Pump(*curve(), speed=0.0))
    off.branch("warm", "y", "x", quadratic(), heat=100.0)
    with pytest.raises(SystemFailure, match="circulator stands still, so nothing flows: its heat has nowhere to go"):
        solve(off)
    ring = Network()
    ring.loop("l", WATER)
    for n in "abc":
        ring.node(n, "l", pressure=1e5 if n == "a" else None)
    ring.branch("pump", "a", "b", Pump(*curve()))
    ring.branch("warm", "b", "a", quadratic(), heat=10.0)
    ring.branch("dead end", "b", "c", quadratic(), conductance=10.0, ambient=300.0)
    with pytest.raises(SystemFailure, match=r"node .: coolant gets warmer without end here"):
        solve(ring)
    hot = open_loop(coolant=PG25)
    hot.branch("pipe", "in", "out", quadratic(), heat=1e6)
    with pytest.raises(SystemFailure, match=r"pipe: the coolant is at .* degC, outside the range of PG25"):
        solve(hot)


@pytest.mark.parametrize("wide", [False, True])
def test_bands_and_sparse_matrices_give_the_same(wide, monkeypatch):
    """A star of 60 ways between two nodes, and a chain: with and without the band solver, 1e-10."""
    states = []
    for widest in (10**6, -1):
        monkeypatch.setattr("coldrack.solver.network.compiled.WIDEST", widest)
        net = open_loop(3e4, 310.0, PG25)
        for k in range(60):
            start = "in" if wide or k == 0 else f"q{k - 1}"
            for n in "pq":
                net.node(f"{n}{k}", "loop")
            net.branch(f"hose{k}", start, f"p{k}", Pipe(0.5 + 0.01 * k, 0.02, 1e-6))
            net.branch(f"plate{k}", f"p{k}", f"q{k}", quadratic(1e5 if wide else 10.0, 0.1), heat=1.0 * k, conductance=50.0,
                       ambient=300.0)
            net.branch(f"back{k}", f"q{k}", "out", Pipe(0.5, 0.02, 1e-6) if wide else quadratic(1e5, 0.01))
        states.append(solve(net))
    for what in ("mass_flow", "temperature"):
        assert np.allclose(getattr(states[0], what), getattr(states[1], what), rtol=1e-10, atol=1e-12)


CRANE = [  # side over header diameter, q; K dividing side, run, combining side, run: fluids 1.3.1 (Crane TP-410, 2009)
    (0.5, 0.1, 1.16, 0.004, -0.46, 0.145),
    (0.5, 0.45, 4.24, 0.081, 3.635, 0.495),
    (0.5, 0.8, 11.24, 0.256, 11.16, 0.6),
    (0.63, 0.1, 1.063480129, 0.004, -0.4507810953, 0.145),
    (0.63, 0.45, 2.285472617, 0.081, 0.9242599393, 0.495),
    (0.63, 0.8, 5.062728271, 0.256, 2.740500549, 0.6),
    (0.8, 0.1, 1.007324219, -0.016, -0.4824246094, 0.145),
    (0.8, 0.45, 1.14831543, -0.0405, 0.4891616211, 0.495),
    (0.8, 0.8, 1.46875, 0.1152, 1.365375, 0.6),
    (1.0, 0.1, 1.006009, -0.016, -0.4941, 0.145),
    (1.0, 0.45, 1.125190563, -0.0405, 0.328625, 0.495),
    (1.0, 0.8, 1.420864, 0.1152, 0.858, 0.6),
]


@pytest.mark.parametrize("row", CRANE)
def test_tees_have_cranes_losses(row):
    """The formulae to 1e-9, and in a network: the tee takes K of the combined flow's head from run and side, 1e-7."""
    d, q, *expected = row
    got = [*crane_dividing(np.asarray(q), np.asarray(d**2)), *crane_combining(np.asarray(q), np.asarray(d**2))]
    assert np.allclose(got, expected, atol=1e-9)
    for dividing in (True, False):
        net = Network(dissipation=True)
        net.loop("l", WATER)
        way = -1.0 if dividing else 1.0
        net.node("header", "l", pressure=1e5, temperature=300.0)
        net.node("tee", "l")
        for n, share in (("end", 1 - q), ("plate", q)):
            net.node(n, "l", inflow=way * 0.5 * share, temperature=300.0)
        ends = {"common": ("header", "tee", 0.02), "run": ("tee", "end", 0.02), "side": ("plate", "tee", 0.02 * d)}
        for n, (a, b, diameter) in ends.items():
            net.branch(n, a, b, Pipe(0.1, diameter, 1e-6))
        plain = solve(net)
        net.tee("t", "common", "run", "side")
        s = solve(net)
        head = 0.5**2 / (2 * WATER.rho * (np.pi / 4 * 0.02**2) ** 2)
        for node, k in (("plate", 0), ("end", 1)):
            lost = way * (of(net, s, node, "pressure") - of(net, plain, node, "pressure"))
            assert lost == pytest.approx(expected[k + (0 if dividing else 2)] * head, rel=1e-7, abs=1e-4)
        book = ledger(net, s)
        assert abs(book["heat_imbalance"]) < 1e-8 * book["heat_in"] + 1e-6
