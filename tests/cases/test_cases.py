"""Every case in `cases/` runs on a coarse grid, closes its ledger, and gives a number that is known from elsewhere."""

from functools import cache

import numpy as np
import pytest
from CoolProp.CoolProp import PropsSI
from support import ROOT, analytic, run, table

from coldrack import load
from coldrack.solver.case.reader import read
from coldrack.solver.case.systems import system_of

ROUGH = {"mesh.refine": "0.15", "solver.convection": "upwind", "solver.residual": "1e-2", "solver.tolerance": "1e-2"}
COARSE = {
    "air_rack_h100": ROUGH,
    "aisle_8_racks": ROUGH,
    "conduction_spreader": {"mesh.refine": "0.5"},
    "cylinder_shedding": {"mesh.refine": "0.5", "solver.time.end": "10 s"},
    "duct": {"mesh.cells": "[60, 16, 16]"},
    "h100_cold_plate": {"mesh.refine": "0.5", "mesh.growth": "3", "solver.convection": "upwind", "solver.residual": "1e-4"},
    "heated_cavity": {"mesh.cells": "[32, 1, 32]"},
    "hgx_8gpu_plate": {"mesh.refine": "0.5", "mesh.growth": "2", "solver.convection": "upwind", "solver.residual": "1e-4"},
    "liquid_rack_64gpu": ROUGH,
    "microchannel_unit_cell": {"mesh.refine": "0.5"},
    "pump_failure": {"mesh.refine": "0.5", "solver.time.end": "1 s"},
}
PG25 = "INCOMP::MPG[0.25]"


@cache
def solved(name):
    overrides = {**COARSE[name], "solver.unit_responses": "false"}
    return run(load(ROOT / "cases" / f"{name}.yaml", overrides))


def outlet_temperature(solution):
    """Flow-weighted mean over all outlets, from the fields."""
    flow = heat = 0.0
    for bc in solution.problem.boundaries:
        if bc.kind != "outlet":
            continue
        patch = solution.problem.mesh.patches[bc.name]
        axis = 2 - patch.axis
        speed = np.take((solution.u, solution.v, solution.w)[patch.axis], -1 if patch.side else 0, axis=axis)
        first, second = (solution.problem.mesh.grid.widths[d] for d in range(3) if d != patch.axis)
        rate = (speed * (1 if patch.side else -1) * second[:, None] * first[None, :])[patch.mask]
        flow += rate.sum()
        heat += (rate * np.take(solution.temperature, -1 if patch.side else 0, axis=axis)[patch.mask]).sum()
    return heat / flow


def caloric_rise(power, flow_rate, fluid, temperature):
    """Temperature rise of a coolant that takes up all the heat, with CoolProp's properties."""
    at = ("T", temperature, "P", 101325.0, fluid)
    return power / (PropsSI("D", *at) * PropsSI("C", *at) * flow_rate)


def test_every_case_has_a_coarse_variant():
    with_a_grid = {p.stem for p in (ROOT / "cases").glob("*.yaml") if system_of(read(p, {})) is None}
    assert with_a_grid == set(COARSE)


@pytest.mark.parametrize("name", COARSE)
def test_case_converges_and_balances(name):
    solution = solved(name)
    assert solution.converged, solution.reason
    book = solution.ledger
    assert book["heat_relative"] < 1e-6
    assert book["mass_relative"] < 1e-8
    given = sum(source.power for source in solution.problem.sources)
    if given:
        assert book["heat_in"] == pytest.approx(given, rel=1e-9)


@pytest.mark.parametrize(("name", "power", "flow_rate", "fluid", "temperature"), [
    ("h100_cold_plate", 700.0, 1e-3 / 60, PG25, 308.15),
    ("hgx_8gpu_plate", 5600.0, 10e-3 / 60, PG25, 308.15),
    ("microchannel_unit_cell", 181e4 * 10e-3 * 50e-6, 0.0235e-6, "Water", 301.15),
    ("duct", 1.2, 0.067 * 2e-6, "Water", 298.15),
])
def test_coolant_warms_by_the_heat_over_its_capacity_flow(name, power, flow_rate, fluid, temperature):
    solution = solved(name)
    rise = outlet_temperature(solution) - solution.inlet_temperature
    assert solution.flow_rate == pytest.approx(flow_rate, rel=1e-6)
    assert rise == pytest.approx(caloric_rise(power, flow_rate, fluid, temperature), rel=0.01)


def test_spreader_agrees_with_the_series():
    solution = solved("conduction_spreader")
    grid = solution.problem.mesh.grid
    exact = analytic.spreader(0.06, 0.06, 3e-3, 391.0, 1e4, (0.01, 0.03, 0.02, 0.04), 400.0)["T_mean"]
    x, y, _ = grid.centres
    under = (((y > 0.02) & (y < 0.04))[:, None] & ((x > 0.01) & (x < 0.03))[None, :])
    area = grid.widths[1][:, None] * grid.widths[0][None, :]
    surface = solution.temperature[0] + 1e6 * 0.5 * grid.widths[2][0] / 391.0 - 308.15
    assert float((surface * area)[under].sum() / area[under].sum()) == pytest.approx(exact, rel=0.02)


def test_duct_friction_is_the_exact_one_once_developed():
    solution = solved("duct")
    grid = solution.problem.mesh.grid
    pressure = solution.pressure.mean(axis=(0, 1))  # uniform grid
    x = grid.centres[0]
    i, j = np.searchsorted(x, [0.03, 0.055])
    gradient = (pressure[i] - pressure[j]) / (x[j] - x[i])
    diameter, mu = 4 * 2e-6 / 6e-3, PropsSI("V", "T", 298.15, "P", 101325.0, "Water")
    friction = table("duct_friction")
    exact = float(friction["fRe_Fanning"][np.isclose(friction["aspect"], 0.5)][0])
    assert gradient * diameter**2 / (2 * mu * 0.067) == pytest.approx(exact, rel=0.02)


def test_heated_cavity_has_the_known_nusselt_number():
    """8.8252 at Ra 1e6 and a Prandtl number of 0.71 (Le Quere 1991); 32 x 32 cells are within 2 %."""
    solution = solved("heated_cavity")
    depth, conductivity, difference = 0.005, PropsSI("L", "T", 300.0, "P", 101325, "Air"), 10.0
    heat = solution.ledger["boundaries"]["hot"]
    assert np.isclose(heat / (conductivity * depth * difference), 8.8252, rtol=0.02)
    assert np.isclose(solution.temperature.mean(), 300.0, atol=0.05)


def test_microchannel_agrees_with_the_measurement_and_the_fin_model():
    solution = solved("microchannel_unit_cell")
    water = [PropsSI(p, "T", 301.15, "P", 101325.0, "Water") for p in ("D", "C", "V", "L")]
    model = analytic.microchannel_1d(56e-6, 44e-6, 320e-6, 213e-6, 1e-2, 1e-2, 4.7e-6, 148.0, *water)
    hottest = solution.temperature.max() + 181e4 * 0.5 * solution.problem.mesh.grid.widths[2][0] / 148.0
    resistance = 1e4 * (hottest - 296.15) / 181e4  # K cm2/W, on the heated face
    assert resistance == pytest.approx(1e0 * model["total"], rel=0.15)  # K/W of one square centimetre
    measured = table("tuckerman_pease_1981")[0]
    assert resistance == pytest.approx(float(measured["R_measured"]), rel=0.15)
    assert solution.pressure_drop == pytest.approx(1e3 * float(measured["dp_kPa"]), rel=0.15)


def test_h100_resistance_is_that_of_plates_of_its_kind():
    """OCP OAI liquid cooling guidelines (2023), figure 7: 0.0245 K/W from case to inlet at 1 L/min of PG25.

    Another plate, so only the order is asked for: half to one and a half times that, for the mean of the
    face that the plate turns to the package.
    """
    solution = solved("h100_cold_plate")
    mesh = solution.problem.mesh
    base = mesh.cells_of("plate.base")
    lowest = int(np.flatnonzero(base.any(axis=(1, 2)))[0])
    area = (mesh.grid.widths[1][:, None] * mesh.grid.widths[0][None, :])[base[lowest]]
    case = float((solution.temperature[lowest][base[lowest]] * area).sum() / area.sum())
    assert 0.5 * 0.0245 < (case - 308.15) / 700.0 < 1.5 * 0.0245
    assert solution.components["gpu"]["t_max"] < 273.15 + 87.0  # the limit that is reported for the part


def test_gpus_downstream_are_hotter_and_the_two_rows_alike():
    solution = solved("hgx_8gpu_plate")
    t = [solution.components[f"gpu{n}"]["t_max"] for n in range(1, 9)]
    for row in (t[:4], t[4:]):
        assert row[0] < row[1] < row[2] < row[3] < 273.15 + 100.0
    assert t[:4] == pytest.approx(t[4:], abs=1.0)
    rise = caloric_rise(5600.0, 10e-3 / 60, PG25, 308.15)
    assert 0.5 * rise < t[3] - t[0] < rise  # three quarters of the rise, but for what goes along the base


def capacity_flow(flow_rate, temperature):
    """Density times heat capacity times volume flow of air, W/K, with CoolProp's properties."""
    at = ("T", temperature, "P", 101325.0, "Air")
    return flow_rate * PropsSI("D", *at) * PropsSI("C", *at)


def test_air_cooled_nodes_and_their_room_warm_by_the_heat_over_the_flow():
    """10.2 kW in 1105 CFM (NVIDIA DGX H100/H200 User Guide); 40.8 kW in the room's 2.3 m3/s of air at 22 degC."""
    solution = solved("air_rack_h100")
    for server in solution.devices["servers"].values():
        rise = server["outlet_mean"] - server["inlet_mean"]
        assert rise == pytest.approx(10.2e3 / capacity_flow(1105 * 0.3048**3 / 60, 295.15), rel=1e-3)
        assert 295.15 - 1e-3 < server["inlet_mean"] < server["inlet_max"] + 1e-9 < 295.15 + 16.5
    assert outlet_temperature(solution) == pytest.approx(295.15 + 40.8e3 / capacity_flow(2.3, 295.15), abs=0.05)
    doors = solution.devices["screens"]
    through = 4 * 1105 * 0.3048**3 / 60  # blanked and closed, nothing passes but through the nodes
    assert [doors[f"rack.{d}_door"]["flow_rate"] for d in ("front", "rear")] == pytest.approx([through] * 2, rel=1e-6)


def test_the_door_takes_the_heat_that_its_effectiveness_says():
    """Q = 0.7 C (T_air - 20 degC), C of the air (1.35 m3/s), the smaller one; plates and CDU leave 19.8 kW to the air."""
    solution = solved("liquid_rack_64gpu")
    book, door = solution.ledger, solution.devices["exchangers"]["rack.rear_exchanger"]
    flow = solution.devices["screens"]["rack.coil"]["flow_rate"]
    servers = solution.devices["servers"]
    assert sum(s["heat"] for s in servers.values()) == pytest.approx(8 * 0.2 * 10.2e3 + 500 + 3000, rel=1e-9)
    assert flow == pytest.approx(sum(s["flow_rate"] for s in servers.values()), rel=1e-6)
    assert door["heat"] == pytest.approx(0.7 * capacity_flow(flow, 298.15) * (door["air_in"] - 293.15), rel=5e-3)
    before = 298.15 + 19820.0 / capacity_flow(flow, 298.15)
    assert door["air_in"] == pytest.approx(before, abs=1.0)  # some of it turns back within the door
    plates = {n: q for n, q in book["liquid"].items() if n != "rack.rear_exchanger"}
    assert sum(plates.values()) == pytest.approx(8 * 0.8 * 10.2e3 + 500, rel=1e-9)


def test_the_aisle_takes_back_what_the_cooling_units_do_not_give():
    solution = solved("aisle_8_racks")
    servers, coolers, screens = (solution.devices[g] for g in ("servers", "coolers", "screens"))
    heat = 27 * 2e3 + 4 * 2.8e3
    assert -sum(c["heat"] for c in coolers.values()) == pytest.approx(heat, rel=1e-9)
    back = sum(c["inlet_mean"] for c in coolers.values()) / 2  # both move 2 m3/s
    assert back == pytest.approx(291.15 + heat / capacity_flow(4.0, 291.15), abs=0.05)
    tiles = sum(screens[f"floor.grate{n}"]["flow_rate"] for n in range(1, 9))
    wanted = sum(s["flow_rate"] for s in servers.values())
    leak = wanted - 4.0  # through the rack without blanking panels, from the hot side
    net = servers["row_a.2.u1"]["flow_rate"] * 3 + screens["row_a.2.front_door"]["flow_rate"]  # facing y+: in is negative
    assert tiles == pytest.approx(4.0, rel=1e-6) and net == pytest.approx(leak, rel=1e-6)
    assert servers["row_a.1.u31"]["inlet_mean"] > servers["row_a.4.u31"]["inlet_mean"] + 3.0
    assert max(s["inlet_mean"] for s in servers.values()) < back + 12.0


PAIR = """
coldrack: 1
coolant: {name: water, temperature: 25 degC}
objects:
  block: {shape: box, material: copper, low: [0, 0, 0], high: [20 mm, 6 mm, 4 mm]}
  chip: {shape: box, material: silicon, low: [6 mm, 1 mm, 0], high: [14 mm, 5 mm, 1 mm]}
  channels: {shape: box, material: fluid, low: [0, 1 mm, 2 mm], high: [20 mm, 2 mm, 4 mm],
             repeat: {count: 2, pitch: [0, 3 mm, 0]}}
sources: {chip: {component: chip, power: POWER W}}
boundaries:
  inlet: {kind: inlet, face: x-, flow_rate: FLOW L/min, temperature: 25 degC}
  outlet: {kind: outlet, face: x+}
"""
HALF = """  middle: {kind: symmetry, face: y+}
domain: {low: [0, 0, 0], high: [20 mm, 3 mm, 4 mm]}
mesh: {cells: [20, 12, 8]}
"""


def test_half_a_model_with_a_symmetry_plane_has_the_resistance_of_the_whole(tmp_path):
    values = []
    for share, rest in ((1.0, "mesh: {cells: [20, 24, 8]}\n"), (0.5, HALF)):
        path = tmp_path / f"case_{share}.yaml"
        path.write_text(PAIR.replace("POWER", f"{100 * share}").replace("FLOW", f"{0.05 * share}") + rest)
        solution = run(load(path, {"solver.residual": "1e-6"}))
        values.append((solution.components["chip"]["r_th"] * share, solution.pressure_drop))
    assert values[1] == pytest.approx(values[0], rel=1e-3)


def test_heat_without_coolant_stays_in_the_plate():
    """The mean temperature of all that stores heat rises by power times time over its capacity."""
    solution = solved("pump_failure")
    mesh, solids, water = solution.problem.mesh, solution.problem.solids, solution.problem.coolant
    t = np.float64(solution.problem.property_temperature)
    each = [0.0, float(water.density(t) * water.heat_capacity(t))]
    each += [solids[n].density * solids[n].heat_capacity for n in mesh.materials[2:]]
    capacity = np.array(each)[mesh.material] * mesh.grid.volumes()
    rise = ((solution.temperature - 318.15) * capacity).sum() / capacity.sum()
    assert rise == pytest.approx(175.0 * 1.0 / capacity.sum(), rel=1e-6)
    assert solution.ledger["stored"] == pytest.approx(175.0, rel=1e-6)


def test_stream_around_the_cylinder_keeps_its_speed():
    """Before vortices begin: between the cylinder and the planes of symmetry, 1/20 blocked, the stream is a little faster."""
    solution = solved("cylinder_shedding")
    assert solution.clock.time == pytest.approx(10.0)
    u = solution.u[0, :, int(np.abs(solution.problem.mesh.grid.faces[0]).argmin())]
    assert 1.0 < u[[0, -1]].mean() / 0.01 < 1.1
