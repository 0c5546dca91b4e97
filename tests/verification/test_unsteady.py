"""Flow and temperature in time: order, conservation, exact solutions, eddy viscosities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support import analytic, box_mesh, check, check_order, l2_error, record, symmetric, table, tanh_faces
from unsteady_support import SIDES, at_faces, closed_flow, decay, march, taylor_green

import coldrack
from coldrack.kernels import get_backend
from coldrack.solver.linear.stored import StoredKrylov, StoredMultigrid
from coldrack.solver.physics.layout import INNER, Layout
from coldrack.solver.physics.unsteady import STAGES, UnsteadyFlow
from coldrack.solver.physics.unsteady_eddies import WALE
from coldrack.solver.physics.unsteady_energy import UnsteadyEnergy
from coldrack.solver.physics.unsteady_step import Stepper
from coldrack.solver.physics.window import Window
from coldrack.solver.problem import Boundary, ConstantCoolant, HeatSource, Problem, Settings, Solid, Transient

BOX = (np.linspace(0.0, np.pi, 17),) * 2


# ---------------------------------------------------------------- flow
@pytest.mark.parametrize("stretched", [False, True])
def test_two_dimensional_taylor_green_decay(stretched: bool) -> None:
    """Exact solution of the Navier-Stokes equations (Taylor 1923), between symmetry planes, which it has."""
    errors, sizes, nu, end = [], (12, 24), 0.05, 0.4
    for n in sizes:
        f = tanh_faces(n, 0.0, np.pi, 1.0) if stretched else np.linspace(0.0, np.pi, n + 1)
        flow = closed_flow((f, f, np.array([0.0, 0.5])), lambda x, y, z: taylor_green(x, y, 0.0 * z), nu)
        before = flow.fields()
        march(flow, end / 20, 20)
        errors.append(max(l2_error(new, old * np.exp(-2.0 * nu * end)) for new, old in zip(flow.fields()[1:3], before[1:3])))
    check_order(f"2-D Taylor-Green in time, {'stretched' if stretched else 'uniform'} grid, order in space", errors,
                [1.0 / n for n in sizes], 1.8, "Taylor 1923, exact")


@pytest.mark.parametrize("implicit", [False, True], ids=["explicit", "implicit"])
def test_order_in_time_of_buoyant_flow(implicit: bool) -> None:
    """Velocity, temperature and pressure of a flow that stirs itself, between walls, on one grid with ever shorter steps."""
    def fields(count: int) -> list[Any]:
        flow, energy = stirred()
        window = Window.around_coolant(flow.problem, flow.layout)
        stepper = Stepper(flow.problem, flow.layout, window, Transient(1.0, 1.0), flow, energy, flow.be)
        flow.implicit, energy.implicit, flow.projection = implicit, implicit, 1e-9
        for _ in range(count):
            stepper.advance(0.4 / count)
        p, u, v, _ = flow.fields()
        return [u, v, energy.energy.temperature(), p - p.mean()]

    counts = (6, 12, 24) if implicit else (16, 32, 64)
    exact = fields(4 * counts[-1])
    errors = [[float(np.abs(a - b).max()) for a, b in zip(fields(n), exact)] for n in counts]
    for number, name in enumerate(("u", "v", "T", "p")):
        check_order(f"order in time of {name}, {'implicit' if implicit else 'explicit'} diffusion", [e[number] for e in errors],
                    [1.0 / n for n in counts], 1.8, "self-convergence on one grid")


def stirred() -> tuple[UnsteadyFlow, UnsteadyEnergy]:
    f = tanh_faces(10, 0.0, 1.0, 1.0)
    mesh = box_mesh(f, f, np.array([0.0, 0.2]), 1, sides=("x0", "z0", "z1"))
    problem = Problem("stirred", mesh, ConstantCoolant(1.0, 0.02, 0.03, 1.0, beta=0.5), {},
                      boundaries=[Boundary("x0", "wall", temperature=1.0), *symmetric("z0", "z1")],
                      reference_temperature=0.5, gravity=(0.0, -9.0, 0.0),
                      settings=Settings(convection="upwind"))  # of the temperature: a limiter is not smooth
    lay, be = Layout(mesh.grid), get_backend("auto")
    flow = UnsteadyFlow(problem, lay, be, Transient(1.0, 1.0), weight=(0.0, 4.5, 0.0))
    flow.set_properties(be.asarray(np.full(lay.shape, 1.0)), be.asarray(np.full(lay.shape, 0.02)))
    energy = UnsteadyEnergy(problem, lay, be, 1.0, 1.0, 0.03, [be.zeros(lay.shape) for _ in range(3)])
    x, y = mesh.grid.centres[0][None, None, :], mesh.grid.centres[1][None, :, None]
    energy.start(np.cos(0.5 * np.pi * x) ** 2 * (1.0 + 0.0 * y) + 0.2 * np.sin(np.pi * y) * np.sin(np.pi * x))
    return flow, energy


def test_convection_neither_makes_nor_destroys_kinetic_energy() -> None:
    """Sum of u times its convection, on a stretched grid with a block in it, for a flow without symmetry (Verstappen 2003)."""
    f = [tanh_faces(n, 0.0, 1.0, s) for n, s in ((9, 1.6), (10, 1.2), (8, 1.9))]
    material = np.ones((8, 10, 9), int)
    material[3:5, 4:7, 3:6] = 2
    rng = np.random.default_rng(4)
    flow = closed_flow(f, lambda x, y, z: rng.normal(size=(3, *x.shape)), 0.0, slip=("x0", "z1"), material=material)
    flow.rates()
    power = [flow.be.dot(flow.velocity[a], flow.rate[a]) for a in flow.axes]
    sizes = [flow.be.dot(abs(flow.velocity[a]), abs(flow.rate[a])) for a in flow.axes]
    check("power of central convection over its size", abs(sum(power)) / sum(sizes), 1e-13, "Verstappen & Veldman 2003")


def test_taylor_green_vortex_on_a_coarse_grid() -> None:
    """Re = 100, 32^3 in the whole box: second order puts four times the error of the slow test's grid here."""
    compare_taylor_green(16, 0.018, 0.06)


@pytest.mark.slow
def test_taylor_green_vortex() -> None:
    compare_taylor_green(32, 0.005, 0.02)


def compare_taylor_green(cells: int, energy: float, peak: float) -> None:
    """Against a pseudo-spectral solution (tests/reference/tgv3d.csv): E(t) over E(0), and the largest dissipation."""
    f = np.linspace(0.0, np.pi, cells + 1)
    times, found = decay(closed_flow((f, f, f), taylor_green, 0.01), 10.0, 0.8, 0.25)
    found /= np.pi**3
    known = table("tgv3d")
    error = float(np.abs(found[::2] - known["E_Re100"]).max() / 0.125)
    check(f"Taylor-Green Re 100, {2 * cells}^3: energy over that at t = 0", error, energy, "pseudo-spectral 64^3")
    largest = -float(np.gradient(found, times).min())
    check(f"Taylor-Green Re 100, {2 * cells}^3: peak of the dissipation", abs(largest / known["eps_Re100"].max() - 1.0), peak,
          "pseudo-spectral 64^3")


# ---------------------------------------------------------------- eddies
def test_wale_is_zero_in_shear_and_vreman_too() -> None:
    """Nicoud & Ducros 1999, section 3: pure shear has no eddies; nor has a laminar channel between walls."""
    f = [np.linspace(0.0, 1.0, n + 1) for n in (6, 16, 5)]
    for model in ("wale", "vreman"):
        flow = closed_flow(f, lambda x, y, z: (y * (1.0 - y) + 0.0 * x, 0.0 * x, 0.0 * x), 0.01, slip=("z0", "z1"), model=model)
        y = 0.5 * (f[1][1:] + f[1][:-1])
        for a, profile in enumerate(((y * (1 - y))[None, :, None], 0.0, 0.0)):
            flow.layout.faces(flow.velocity[a], a)[...] = profile  # on the ends too, which are not solved
        flow.subgrid.update(flow)
        assert np.abs(flow.be.to_numpy(flow.subgrid.mu)).max() < 1e-12


def test_wale_falls_as_the_cube_of_the_distance_to_a_wall() -> None:
    """Nicoud & Ducros 1999, eq. 12: u, w ~ y and v ~ y^2 give an eddy viscosity ~ y^3."""
    y = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 60)])
    x = z = np.linspace(0.0, 2.0, 25)
    wave = lambda x, z: (np.sin(2 * x + 0.3) * np.cos(z), np.cos(x) * np.sin(2 * z + 0.5))

    def near_wall(x: Any, y: Any, z: Any) -> Any:
        a, b = wave(x, z)
        slope = 2 * np.cos(2 * x + 0.3) * np.cos(z) + 2 * np.cos(x) * np.cos(2 * z + 0.5)
        return y * a, -0.5 * y**2 * slope, y * b

    flow = closed_flow((x, y, z), near_wall, 0.01, slip=(), model="wale")
    for a in range(3):
        flow.layout.faces(flow.velocity[a], a)[...] = at_faces(near_wall, flow.problem.mesh.grid, a)
    flow.subgrid.update(flow)
    mu = flow.be.to_numpy(flow.subgrid.mu)[INNER]
    grid = flow.problem.mesh.grid
    length = grid.volumes() ** (2.0 / 3.0)
    mean = (mu / (WALE**2 * length))[8:16, :, 8:16].mean(axis=(0, 2))
    heights = grid.centres[1]
    low = (heights > 0.004) & (heights < 0.04)
    slope = np.polyfit(np.log(heights[low]), np.log(mean[low]), 1)[0]
    check("WALE near a wall: exponent of the distance, off 3", abs(slope - 3.0), 0.1, "Nicoud & Ducros 1999")


def test_coarse_eddies_decay() -> None:
    """Taylor-Green at Re = 1600 on 24^3 in the whole box: the energy falls all the time, faster with a model than without."""
    f = np.linspace(0.0, np.pi, 13)
    left = {}
    for model in ("none", "wale", "vreman"):
        _, energy = decay(closed_flow((f, f, f), taylor_green, 1.0 / 1600.0, model=model), 9.0, 0.9, 0.5)
        assert np.all(np.diff(energy) < 1e-5 * energy[0]) and energy[-1] > 0.1 * energy[0]
        left[model] = energy[-1] / energy[0]
    assert left["wale"] < left["none"] - 0.05 and left["vreman"] < left["none"] - 0.05
    record("Taylor-Green Re 1600, 24^3, WALE: energy left at t = 9", left["wale"], None, "for information")


# ---------------------------------------------------------------- heat
def slab(cells: int, fourier: float, bi: float | None, implicit: bool) -> tuple[UnsteadyEnergy, float]:
    f = np.linspace(0.0, 1.0, cells + 1)
    mesh = box_mesh(f, np.array([0.0, 0.1]), np.array([0.0, 0.1]), 2, solids=("s",), sides=("x1",))
    film = {"heat_flux": 2.0} if bi is None else {"heat_transfer_coefficient": 2.0 * bi, "ambient_temperature": 300.0}
    problem = Problem("slab", mesh, None, {"s": Solid("s", (2.0,) * 3, 5.0, 3.0)}, boundaries=[Boundary("x1", "wall", **film)],
                      reference_temperature=300.0)
    energy = UnsteadyEnergy(problem, Layout(mesh.grid), get_backend("auto"), 0.0, 0.0, 0.0, None)
    energy.start(300.0 if bi is None else 301.0)
    energy.implicit = implicit
    return energy, fourier * 5.0 * 3.0 / 2.0


@pytest.mark.parametrize("bi", [0.1, 1.0, 10.0])
def test_cooling_of_a_slab(bi: float) -> None:
    """Exact series (Heisler): 40 cells, implicit steps of Fo = 1e-3, at the centre, a quarter and the surface."""
    energy, step = slab(40, 1e-3, bi, True)
    worst, done = 0.0, 0
    x = energy.problem.mesh.grid.centres[0]
    for row in table("transient_slab"):
        if row["Bi"] != bi or not 0.1 <= row["Fo"] <= 0.5:
            continue
        while done < round(row["Fo"] / 1e-3):
            for k in STAGES:
                energy.rates(k, step, None)
                energy.stage(k, step)
            done += 1
        exact = analytic.transient_slab(x, float(row["Fo"]), bi)
        worst = max(worst, float(np.abs(energy.energy.temperature()[0, 0] - 300.0 - exact).max()))
    assert done >= 200
    check(f"slab cooled by a film, Bi = {bi:g}, 40 cells, steps of Fo 1e-3", worst, 2e-4, "exact series")
    assert energy.imbalance() < 1e-9


def test_explicit_and_implicit_heating_of_a_slab() -> None:
    """A constant flux into an adiabatic slab: exact series, both ways, and the heat is all there."""
    for implicit, fourier in ((True, 1e-3), (False, 2e-4)):
        energy, step = slab(40, fourier, None, implicit)
        for _ in range(round(0.1 / fourier)):
            for k in STAGES:
                energy.rates(k, step, None)
                energy.stage(k, step)
        exact = analytic.transient_slab_flux(energy.problem.mesh.grid.centres[0], 0.1)
        error = float(np.abs(energy.energy.temperature()[0, 0] - 300.0 - exact).max())
        check(f"slab heated by a flux, {'implicit' if implicit else 'explicit'} steps", error, 2e-4, "exact series")
        assert energy.stored() == pytest.approx(2.0 * 0.01 * energy.seconds, rel=1e-9)


def test_implicit_conduction_is_solved_exactly() -> None:
    """(s + A) x = b with layers a thousandfold apart and thin cells, against a dense solution."""
    rng = np.random.default_rng(1)
    faces = [np.cumsum([0.0, *rng.uniform(0.05, 1.0, n)]) for n in (7, 6, 5)]
    material = rng.integers(1, 4, (5, 6, 7))
    mesh = box_mesh(*faces, material, solids=("a", "b"), sides=SIDES[:1])
    problem = Problem("layers", mesh, ConstantCoolant(1.0, 1.0, 0.6, 2.0),
                      {"a": Solid("a", (400.0,) * 3, 3.0, 4.0), "b": Solid("b", (0.3,) * 3, 2.0, 1.0)},
                      boundaries=[Boundary("x0", "wall", temperature=310.0)], reference_temperature=300.0)
    energy = UnsteadyEnergy(problem, Layout(mesh.grid), get_backend("auto"), 1.0, 2.0, 0.6, None)
    be, n = energy.be, energy.n
    solver = StoredKrylov(be, StoredMultigrid(be, energy.energy._axes()))
    store = energy.store * 0.3
    solver.take(tuple(energy.energy.g), store, 0.3)
    b = be.asarray(energy.layout.pad(rng.normal(size=mesh.grid.shape)))
    x, size = be.zeros(energy.layout.shape), mesh.grid.cells
    result = solver.cg(x, b, 1e-12, 0.0, 60)
    dense = np.zeros((size, size))
    for column in range(size):
        unit = np.zeros(size)
        unit[column] = 1.0
        image = be.zeros(energy.layout.shape)
        be.launch("apply_stored", *n, be.asarray(energy.layout.pad(unit.reshape(mesh.grid.shape))), *energy.energy.g, store,
                  energy.energy.active, image)
        dense[:, column] = be.to_numpy(image)[INNER].ravel()
    exact = np.linalg.solve(dense, be.to_numpy(b)[INNER].ravel())
    assert np.allclose(be.to_numpy(x)[INNER].ravel(), exact, rtol=0, atol=1e-9 * np.abs(exact).max())
    assert result.iterations <= 25


@pytest.mark.parametrize("gravity", [0.0, -2.0], ids=["forced", "buoyant"])
def test_steady_state_is_that_of_steady_runs(gravity: float) -> None:
    """A heated plate under a channel, with the bounded scheme: both solvers have the same discrete equations."""
    x, y, z = np.linspace(0.0, 2.0, 13), np.array([0.0, 0.2]), tanh_faces(8, 0.0, 1.0, 1.0)
    material = np.ones((8, 1, 12), np.uint8)
    material[:2, :, 3:8] = 2
    mesh = box_mesh(x, y, z, material, ["metal"], {"metal": material == 2}, ["x0", "x1", "y0", "y1", "z1"])
    solid = Solid("metal", (5.0,) * 3, 1.0, 0.5)
    steady = Problem("plate", mesh, ConstantCoolant(1.0, 0.05, 0.05, 1.0, beta=0.1), {"metal": solid},
                     sources=[HeatSource("metal", "metal", 0.2)],
                     boundaries=[Boundary("x0", "inlet", velocity=1.0, temperature=300.0), Boundary("x1", "outlet"),
                                 *symmetric("y0", "y1"), Boundary("z1", "wall", temperature=302.0)],
                     gravity=(0.0, 0.0, gravity), settings=Settings(residual=1e-8, tolerance=1e-7, unit_responses=False))
    time = Transient(12.0, 12.0, convection="bounded", step=0.08)
    a = coldrack.solve(steady)
    b = coldrack.solve(replace(steady, settings=replace(steady.settings, time=time)))
    assert a.converged and b.converged
    for name in ("u", "w", "temperature"):
        one, other = getattr(a, name), getattr(b, name)
        check(f"steady state of a run in time ({'buoyant' if gravity else 'forced'}): {name}, over its range",
              float(np.abs(one - other).max() / np.ptp(one)), 1e-4, "steady solver on the same grid")
    assert b.pressure_drop == pytest.approx(a.pressure_drop, rel=1e-4)
