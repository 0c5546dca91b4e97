"""Devices in the air against closed forms: resistances, fans, porous blocks, panels, heat exchangers, servers and coolers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from device_support import AIR, AREA, CP, MU, REFERENCE, RHO, duct, parabola, plane, room, unit
from support import analytic, box_mesh, check, face_shape, run, settings, symmetric, table, whole_face

from coldrack.meshes.mesh import Mesh
from coldrack.solver.devices import Fan, HeatExchanger, Panel, Porous, Screen, Unit
from coldrack.solver.materials import coolant
from coldrack.solver.problem import Boundary, ConstantCoolant, Problem
from coldrack.solver.restart import RestartError
from coldrack.solver.run import solve

SPEED = 2.0
IN = Boundary("x0", "inlet", velocity=SPEED, temperature=REFERENCE)
OUT = Boundary("x1", "outlet", pressure=0.0)
AMBIENT = Boundary("x0", "inlet", pressure=0.0, temperature=REFERENCE)
# An opening given by pressure takes air from rest, which the momentum of the first cell pays for: rho u^2 (tests of the flow).
ENTRANCE = RHO / AREA**2
LOOSE = {"residual": 1e-8, "tolerance": 1e-7}


def slab(mesh: Mesh, first: int, last: int) -> Any:
    """Cells of a duct from plane number `first` to `last` along x."""
    index = np.arange(mesh.grid.shape[2])
    return (index >= first) & (index < last) & np.ones(mesh.grid.shape, bool)


# ---------------------------------------------------------------- resistances
def test_screens_in_series_take_the_sum_of_their_losses() -> None:
    s = run(duct(lambda m: [Screen("a", plane(m, 0, 10), 5.0, 3.0), Screen("b", plane(m, 0, 5), 2.0)], [IN, OUT], **LOOSE))
    exact = 7.0 / 2.0 * RHO * SPEED**2 + 3.0 * SPEED
    check("two screens in series, pressure drop", abs(s.pressure_drop / exact - 1.0), 1e-6, "loss/2 rho u^2 + R u")
    assert s.devices["screens"]["b"]["pressure"] == pytest.approx(RHO * SPEED**2, rel=1e-6)
    assert s.devices["screens"]["a"]["flow_rate"] == pytest.approx(SPEED * AREA, rel=1e-6)


def test_porous_block_is_exact_across_its_ends() -> None:
    darcy, forchheimer = 1e5, 30.0
    s = run(duct(lambda m: [Porous("p", slab(m, 7, 12), (darcy, 0.0, 0.0), (forchheimer, 0.0, 0.0))], [IN, OUT], **LOOSE))
    slope = MU * darcy * SPEED + forchheimer / 2.0 * RHO * SPEED**2
    along = s.pressure[0, 0]
    x = s.problem.mesh.grid.centres[0]
    exact = slope * (0.25 - np.clip(x - 0.35, 0.0, 0.25))
    error = float(np.abs(along - exact).max() / (0.25 * slope))
    check("porous block in a duct, pressure along it", error, 1e-6, "Darcy-Forchheimer")
    assert s.devices["porous"]["p"]["pressure_drop"] == pytest.approx(0.25 * slope, rel=1e-6)


def porous_channel(permeability: float, forchheimer: float, rho: float, cells: int, half: bool = False) -> Any:
    """Developed flow of mean velocity 1 and viscosity 1 between plates at distance 1: pressure gradient and outlet profile."""
    mesh = box_mesh(np.linspace(0, 3, 13), np.linspace(-0.5, 0.5, cells + 1), np.linspace(0, 0.5, 2),
                    sides=["x0", "x1", "z0", "z1"])
    filled = np.ones(mesh.grid.shape, bool)
    if half:
        filled &= (mesh.grid.centres[1] < 0)[:, None]
    block = Porous("p", filled, (1.0 / permeability,) * 3, (forchheimer,) * 3)
    s = run(Problem(
        "porous channel", mesh, ConstantCoolant(rho, 1.0, 1.0, 1.0), {}, boundaries=[
            Boundary("x0", "inlet", velocity=1.0), Boundary("x1", "outlet", pressure=0.0), *symmetric("z0", "z1")],
        settings=settings(energy=False, residual=1e-6, tolerance=1e-5), devices=(block,)))
    p, x = s.pressure[0].mean(axis=0), mesh.grid.centres[0]
    return (p[-3] - p[-1]) / (x[-1] - x[-3]), s.u[0, :, -1], mesh.grid.centres[1]


@pytest.mark.parametrize("row", [r for r in table("porous_channel") if r["Da"] in (0.1, 0.01) and r["I"] in (0, 100)],
                         ids=lambda r: f"Da={r['Da']} I={r['I']}")
def test_porous_channel(row: Any) -> None:
    """Darcy-Brinkman-Forchheimer flow between plates, porous_channel.csv (Vafai & Kim 1989); 0.5 % at 40 cells."""
    da, rho, speed = float(row["Da"]), 0.1, 1.0 / float(row["umean_over_uD"])
    inertia = float(row["I"]) / (rho * np.sqrt(da) * speed)
    slope, u, _ = porous_channel(da, 2.0 * inertia / np.sqrt(da), rho, 40)
    name = f"porous channel Da={da:g} I={row['I']:g}"
    check(f"{name}, mean velocity", abs(1.0 / (da * slope) / row["umean_over_uD"] - 1.0), 0.005, "Vafai & Kim 1989, exact ODE")
    check(f"{name}, peak over mean", abs(u.max() / row["umax_over_umean"] - 1.0), 0.005, "Vafai & Kim 1989, exact ODE")


def test_partly_porous_channel() -> None:
    """Clear layer over a Brinkman layer: exact solution, partly_porous_channel.csv; 80 cells, 2.5 in sqrt(K)."""
    slope, u, y = porous_channel(1e-3, 0.0, 1e-3, 80, half=True)
    t = table("partly_porous_channel")
    clear, porous, _ = analytic.partly_porous_channel(0.5, 0.5, 1.0, 1.0, 1e-3, 1.0)
    fine = np.linspace(-0.5, 0.5, 20001)
    profile = np.where(fine > 0, clear(fine), porous(fine))
    assert np.abs(np.interp(t["y"], fine, profile) - t["u"]).max() < 1e-6
    mean = np.trapezoid(profile, fine)
    error = np.abs(u - np.interp(y, fine, profile) / mean).max() / (profile.max() / mean)
    check("partly porous channel, velocity", float(error), 0.005, "exact Brinkman solution")
    check("partly porous channel, pressure gradient", abs(slope * mean - 1.0), 0.005, "exact Brinkman solution")


# ---------------------------------------------------------------- fans
@pytest.mark.parametrize(("speed", "parallel", "series"), [(1.0, 1, 1), (0.6, 1, 1), (1.0, 3, 1), (1.0, 1, 2)])
def test_fan_against_a_resistance(speed: float, parallel: int, series: int) -> None:
    """Operating point of fan_and_screen.csv (NIST FDS fan_test), and of the affinity laws; exact to 1e-6."""
    resistance = 3637.5
    loss = (resistance - ENTRANCE) * 2.0 * AREA**2 / RHO
    curve = parabola(10.0, 0.16)
    s = run(duct(lambda m: [Screen("s", plane(m, 0, 14), loss),
                            Fan("f", plane(m, 0, 5), 1, curve, speed, parallel, series, 0.5)], [AMBIENT, OUT], **LOOSE))
    flow, pressure = analytic.fan_point(10.0 * speed**2 * series, 0.16 * speed * parallel, resistance)
    found = s.devices["fans"]["f"]
    if (speed, parallel, series) == (1.0, 1, 1):
        items = dict(zip(table("fan_and_screen")["item"], table("fan_and_screen")["value"]))
        assert (flow, pressure) == pytest.approx((items["fan_q_m3_s"], items["fan_dp_Pa"]), rel=1e-5)
    check(f"fan at speed {speed}, {parallel} x {series}, flow", abs(found["flow_rate"] / flow - 1.0), 1e-6, "NIST FDS fan_test")
    assert found["pressure"] == pytest.approx(pressure, rel=1e-5)
    assert found["power"] == pytest.approx(2.0 * flow * pressure, rel=1e-5)


def test_flow_beyond_the_end_of_a_fan_s_curve_is_told() -> None:
    s = run(duct(lambda m: [Fan("f", plane(m, 0, 5), 1, parabola(10.0, 0.05))], [IN, OUT], residual=1e-6, tolerance=1e-5))
    assert s.devices["fans"]["f"]["pressure"] < 0.0
    assert any("fan f: 0.08 m3/s" in n and "its curve ends at 0.05 m3/s" in n for n in s.notes)


# ---------------------------------------------------------------- panels
def test_panel_lets_nothing_through() -> None:
    """Two streams with a panel between them keep their velocities and temperatures."""
    def split(mesh: Mesh) -> None:
        low = np.zeros(face_shape(mesh, 0), bool)
        low[:, :2] = True
        del mesh.patches["x0"]
        whole_face(mesh, "low", 0, 0, low)
        whole_face(mesh, "high", 0, 0, ~low)

    s = run(duct(
        lambda m: [Panel("p", plane(m, 1, 2)), Screen("s", plane(m, 0, 10), 5.0),
                   Porous("heat", slab(m, 4, 8) & (np.arange(4) < 2)[:, None], (0.0,) * 3, (0.0,) * 3, power=50.0)],
        [Boundary("low", "inlet", velocity=1.0, temperature=REFERENCE),
         Boundary("high", "inlet", velocity=3.0, temperature=REFERENCE + 20.0), OUT],
        patches=split, energy=True, residual=1e-8, tolerance=1e-5))
    assert np.abs(s.u[:, :2] - 1.0).max() < 1e-6 and np.abs(s.u[:, 2:] - 3.0).max() < 1e-6
    assert np.abs(s.temperature[:, 2:] - REFERENCE - 20.0).max() < 1e-6
    assert s.temperature[:, :2, -1].mean() - REFERENCE == pytest.approx(50.0 / (0.5 * AREA * RHO * CP), rel=1e-6)


# ---------------------------------------------------------------- heat
@pytest.mark.parametrize(("forward", "liquid"), [(True, 60.0), (False, 300.0), (True, np.inf)])
def test_heat_exchanger(forward: bool, liquid: float) -> None:
    """Effectiveness-NTU, cross flow with both streams unmixed (Incropera eq. 11.32); air conducts a little upstream: 2e-5."""
    names = ("x0", "x1") if forward else ("x1", "x0")
    hot, cold, conductance = REFERENCE + 10.0, REFERENCE - 10.0, 70.0
    s = run(duct(lambda m: [HeatExchanger("hx", slab(m, 8, 12), 0, cold, liquid, None, conductance),
                            Screen("coil", plane(m, 0, 10), 3.0)],
                 [Boundary(names[0], "inlet", velocity=SPEED, temperature=hot), Boundary(names[1], "outlet", pressure=0.0)],
                 (20, 2, 2), energy=True, residual=1e-5, tolerance=1e-4))
    air = SPEED * AREA * RHO * CP
    least = min(air, liquid)
    ratio, units = least / max(air, liquid), conductance / least
    share = 1.0 - np.exp((np.exp(-ratio * units**0.78) - 1.0) * units**0.22 / ratio) if ratio > 0 else 1.0 - np.exp(-units)
    heat, found = share * least * (hot - cold), s.devices["exchangers"]["hx"]
    check(f"heat exchanger, liquid {liquid:g} W/K, heat", abs(found["heat"] / heat - 1.0), 2e-5, "Incropera eq. 11.32")
    assert found["air_out"] == pytest.approx(hot - heat / air, abs=2e-3)
    leaving = float((s.temperature[..., -1 if forward else 0]).mean())
    assert air * (hot - leaving) == pytest.approx(found["heat"], rel=1e-6), "what the air loses is what the exchanger takes"


def test_two_temperatures_in_a_porous_block() -> None:
    """Heated skeleton that conducts along the flow, insulated ends: T_s - T_f = q/h + a exp(r1 x) + b exp(r2 x), order 2."""
    h, k, power, speed = 3e3, 20.0, 200.0, 1.0
    rate, q = RHO * CP * speed, power / AREA
    r = np.roots([1.0, h / rate, -h / k]).real
    a = np.linalg.solve([(r + h / rate), (r + h / rate) * np.exp(r)], [-q / rate, -q / rate])
    x = np.linspace(0.0, 1.0, 20001)
    skeleton = REFERENCE + h / rate * (q / h * x + (np.expm1(np.outer(x, r)) / r) @ a) + q / h + np.exp(np.outer(x, r)) @ a
    errors = []
    for n in (40, 80):
        s = run(duct(lambda m: [Porous("p", np.ones(m.grid.shape, bool), (1e6,) * 3, (0.0,) * 3, k, h, 1e-6, power)],
                     [Boundary("x0", "inlet", velocity=speed, temperature=REFERENCE), OUT], (n, 1, 1), energy=True,
                     residual=1e-6, tolerance=1e-6))
        assert s.ledger["heat_relative"] < 1e-9
        assert float(s.temperature[0, 0, -1]) - REFERENCE == pytest.approx(q / rate, rel=1e-9)
        errors.append(abs(s.devices["porous"]["p"]["solid_mean"] - np.trapezoid(skeleton, x)) / np.ptp(skeleton))
    check("two temperatures, mean of the skeleton", errors[1], 1e-4, "exact solution of the two equations")
    assert errors[0] / errors[1] > 3.5


def test_skeleton_between_plates() -> None:
    """Air at rest, walls at two temperatures: the skeleton's profile is linear, and both books hold what it conducts."""
    mesh = box_mesh(np.linspace(0, 1, 21), np.linspace(0, 1, 2), np.linspace(0, 1, 2), sides=["x0", "x1"])
    block = Porous("p", np.ones(mesh.grid.shape, bool), (1e6,) * 3, (0.0,) * 3, 20.0, 50.0, 0.5)
    s = run(Problem("slab", mesh, AIR, {}, boundaries=[Boundary("x0", "wall", temperature=REFERENCE + 10.0),
                                                       Boundary("x1", "wall", temperature=REFERENCE)],
                    settings=settings(flow=False), reference_temperature=REFERENCE, devices=(block,)))
    exact = 10.0 * (20.0 + 0.5 * AIR.k)
    assert s.ledger["boundaries"]["x0"] == pytest.approx(exact, rel=1e-7)
    assert s.ledger["boundaries"]["x1"] == pytest.approx(-exact, rel=1e-7)
    assert np.abs(s.temperature[0, 0] - REFERENCE - 10.0 * (1.0 - mesh.grid.centres[0])).max() < 1e-6


# ---------------------------------------------------------------- servers and coolers
def server(mesh: Mesh, **more: Any) -> Unit:
    return unit(mesh, "server", (0.6, 0.8, 0.4), (1.0, 1.2, 1.2), "x-", "x+", **more)


def cooler(mesh: Mesh, flow: float, **more: Any) -> Unit:
    return unit(mesh, "cooler", (2.0, 0.8, 0.0), (2.4, 1.2, 1.2), "z+", "x-", "cooler", flow_rate=flow, **more)


def test_closed_room_with_server_and_cooler() -> None:
    """What the server gives the cooler takes: its inlet is the supply plus power / (m cp), whatever the flow in the room."""
    flow, power = 0.2, 1000.0
    s = run(room(lambda m: [server(m, power=power, temperature_rise=power / (flow * RHO * CP), liquid_power=300.0),
                            cooler(m, flow, supply_temperature=REFERENCE)]))
    hot, cold = s.devices["servers"]["server"], s.devices["coolers"]["cooler"]
    rise = power / (flow * RHO * CP)
    assert hot["flow_rate"] == pytest.approx(flow, rel=1e-12)
    assert hot["outlet_mean"] - hot["inlet_mean"] == pytest.approx(rise, rel=1e-8)
    assert cold["inlet_mean"] - REFERENCE == pytest.approx(rise, rel=1e-6) and cold["outlet_mean"] == REFERENCE
    assert cold["heat"] == pytest.approx(-power, rel=1e-7)
    check("closed room, heat ledger", s.ledger["heat_relative"], 1e-7, "conservation")
    assert s.ledger["liquid"] == {"server": 300.0}
    assert hot["inlet_max"] > hot["inlet_mean"], "some of the hot air goes round"
    assert s.ledger["mass_cells"] < 1e-8


def test_buoyant_room_closes_its_books() -> None:
    """As above with gravity: outlet temperatures follow within the flow's iteration."""
    s = run(room(lambda m: [server(m, power=1000.0, flow_rate=0.2), cooler(m, 0.25, supply_temperature=REFERENCE)],
                 viscosity=0.1, gravity=9.81, residual=1e-5, tolerance=1e-3))
    assert s.devices["coolers"]["cooler"]["heat"] == pytest.approx(-1000.0, rel=1e-6)
    assert s.ledger["heat_relative"] < 1e-6


def test_server_fed_by_another_s_outlet() -> None:
    """Two servers that fill a duct one behind the other; the space between them has a vent that gives it its pressure."""
    flow = 0.08

    def vent(mesh: Mesh) -> None:
        open_ = np.zeros(face_shape(mesh, 1), bool)
        open_[:, 8:12] = True
        del mesh.patches["y0"]
        whole_face(mesh, "vent", 1, 0, open_)
        whole_face(mesh, "y0", 1, 0, ~open_)

    s = run(duct(lambda m: [unit(m, "a", (0.2, 0, 0), (0.4, 0.2, 0.2), "x-", "x+", flow_rate=flow, power=300.0),
                            unit(m, "b", (0.6, 0, 0), (0.8, 0.2, 0.2), "x-", "x+", flow_rate=flow, power=500.0)],
                 [AMBIENT, Boundary("vent", "outlet", pressure=0.0), OUT], patches=vent, energy=True, **LOOSE))
    a, b = (s.devices["servers"][n] for n in "ab")
    assert a["inlet_mean"] == pytest.approx(REFERENCE, abs=1e-9)
    assert b["inlet_mean"] == pytest.approx(a["outlet_mean"], abs=1e-6)
    assert b["outlet_mean"] - REFERENCE == pytest.approx(800.0 / (flow * RHO * CP), rel=1e-7)


def test_server_s_fans_against_inner_loss_and_room() -> None:
    """Fans, inner loss, a screen behind and the entrance in a row: one quadratic equation for the flow, 1e-6."""
    inner, loss = 500.0, 10.0
    s = run(duct(lambda m: [unit(m, "s", (0.4, 0, 0), (0.6, 0.2, 0.2), "x-", "x+", curve=parabola(60.0, 0.3), loss=inner,
                                 power=300.0), Screen("grille", plane(m, 0, 16), loss)], [AMBIENT, OUT], energy=True, **LOOSE))
    flow, pressure = analytic.fan_point(60.0, 0.3, inner + loss / 2.0 * RHO / AREA**2 + ENTRANCE)
    assert s.devices["fans"]["s"]["flow_rate"] == pytest.approx(flow, rel=1e-6)
    assert s.devices["fans"]["s"]["pressure"] == pytest.approx(pressure, rel=1e-5)
    assert s.devices["servers"]["s"]["heat"] == pytest.approx(300.0, rel=1e-9)


def test_unit_keeps_mass_where_densities_differ() -> None:
    """What enters by mass leaves by mass: faster, as it is warmer; library air with variable properties, books within 1e-6."""
    p = duct(lambda m: [unit(m, "s", (0.4, 0, 0), (0.6, 0.2, 0.2), "x-", "x+", flow_rate=0.05, power=2000.0)], [AMBIENT, OUT],
             energy=True, residual=1e-6, tolerance=1e-5)
    p.coolant, p.properties, p.property_temperature = coolant("air"), "variable", REFERENCE
    s = run(p)
    hot = s.devices["servers"]["s"]["outlet_mean"]
    assert s.u[0, 0, 12] / s.u[0, 0, 8] == pytest.approx(float(p.coolant.density(REFERENCE) / p.coolant.density(hot)), rel=1e-3)
    assert s.ledger["heat_relative"] < 1e-6


# ---------------------------------------------------------------- restart
def test_run_with_devices_goes_on_where_it_stopped() -> None:
    def problem(power: float = 300.0) -> Problem:
        return duct(lambda m: [unit(m, "s", (0.4, 0, 0), (0.6, 0.2, 0.2), "x-", "x+", curve=parabola(60.0, 0.3), power=power),
                               Screen("grille", plane(m, 0, 16), 10.0)], [AMBIENT, OUT], energy=True, residual=1e-7,
                    tolerance=1e-6)

    whole, count = run(problem()), [0]

    def stop() -> bool:
        count[0] += 1
        return count[0] > 40

    part = solve(problem(), stop=stop)
    assert not part.converged
    rest = run(problem(), resume=part.restart())
    assert rest.devices["fans"]["s"]["flow_rate"] == pytest.approx(whole.devices["fans"]["s"]["flow_rate"], rel=1e-5)
    assert rest.iterations < whole.iterations + 20
    with pytest.raises(RestartError, match="the devices"):
        solve(problem(power=500.0), resume=part.restart())


def test_resumed_flow_passes_nothing_through_what_is_closed() -> None:
    """A start that blows through walls, a panel and a server, as fields of another grid do, ends where every start does."""
    def low(mesh: Mesh) -> Any:
        return (mesh.grid.centres[2] < 1.0)[:, None, None]

    flow, panel = 0.2, 13
    problem = room(lambda m: [server(m, power=500.0, flow_rate=flow), cooler(m, flow, supply_temperature=REFERENCE),
                              Panel("p", plane(m, 0, panel, low(m)))])
    first = run(problem)
    state = first.restart()
    s = run(problem, resume=replace(state, velocity=tuple(u + 0.3 for u in state.velocity)))
    assert np.all(s.u[:, :, 0] == 0.0) and np.all(s.w[-1] == 0.0) and np.all((s.u * low(problem.mesh))[:, :, panel] == 0.0)
    assert s.devices["servers"]["server"]["flow_rate"] == flow and s.ledger["mass_cells"] < 1e-8
    assert np.abs(s.u - first.u).max() < 0.01 * np.abs(first.u).max()
