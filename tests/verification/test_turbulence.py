"""Models of turbulence against what is known exactly: decay in plug flow, wall distance, law of the wall, signs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from device_support import plane
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from support import SIDES, box_mesh, check, settings, symmetric, table, unit_fluid, whole_face

from coldrack import solve
from coldrack.kernels import get_backend
from coldrack.kernels.reference.wall_functions import heat_ratio, velocity_plus
from coldrack.solver.devices import Panel, Screen
from coldrack.solver.physics import flow_boundary
from coldrack.solver.physics.anderson import Anderson
from coldrack.solver.physics.flow import Flow
from coldrack.solver.physics.layout import INNER, Layout
from coldrack.solver.physics.panels import TIGHT
from coldrack.solver.physics.turbulence import KEpsilon, KOmegaSST, wall_law
from coldrack.solver.physics.walls import wall_distance, walls
from coldrack.solver.problem import Boundary, Problem, Turbulence

DNS = "Moser, Kim & Mansour, Phys. Fluids 11 (1999) 943, Re_tau 395"
DECAY = "homogeneous decay, Pope, Turbulent Flows (2000), sec. 10.4.1"
NU = 1e-6


def plug_flow(model: str, cells: int) -> Any:
    """Between symmetry planes air flows at speed 1 and nothing shears it: turbulence of 10 % decays over a length of 4.

    Its pressure drop is nothing but rounding, which never stands still: the residual says when it has converged.
    """
    mesh = box_mesh(np.linspace(0.0, 4.0, cells + 1), np.array([0.0, 1.0]), np.array([0.0, 1.0]), sides=list(SIDES))
    boundaries = [Boundary("x0", "inlet", velocity=1.0, turbulence_intensity=0.1, turbulence_length=0.0201),
                  Boundary("x1", "outlet"), *symmetric("y0", "y1", "z0", "z1")]
    limits = settings(energy=False, residual=1e-8, tolerance=1e-6, max_iterations=400)
    problem = Problem("plug flow", mesh, unit_fluid(NU), {}, boundaries=boundaries, settings=limits,
                      turbulence=Turbulence(model))  # type: ignore[arg-type]
    solution = solve(problem)
    assert solution.history["momentum"][-1] < 1e-5
    return solution


def decayed(model: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """k and the second quantity at x, without diffusion: power laws."""
    k = 1.5 * 0.1**2
    if model == "k_epsilon":
        rate = 0.09**0.75 * k**0.5 / 0.0201  # epsilon/k
        t = 1.0 + 0.92 * rate * x
        return k * t ** (-1.0 / 0.92), k * rate * t ** (-1.92 / 0.92)
    w = k**0.5 / (0.09**0.25 * 0.0201)
    t = 1.0 + 0.0828 * w * x
    return k * t ** (-0.09 / 0.0828), w / t


@pytest.mark.parametrize("model", ["k_epsilon", "k_omega_sst"])
def test_homogeneous_decay(model: str) -> None:
    """k and epsilon or omega follow their power laws within 0.5 %: two grids, the upwind error of first order extrapolated.

    Diffusion along the flow, which the exact solution leaves out, is some 0.1 % of it. Nothing but decay: k falls from cell to
    cell, so uniform flow makes no turbulence.
    """
    names = ("k", "epsilon" if model == "k_epsilon" else "omega")
    coarse, fine = (plug_flow(model, n).turbulence for n in (80, 160))
    x = (np.arange(80) + 0.5) * 4.0 / 80
    for name, exact in zip(names, decayed(model, x)):
        a, b = np.log(coarse[name][0, 0]), np.log(fine[name][0, 0]).reshape(80, 2).mean(1)
        away = x > 0.3
        check(f"decay of turbulence, {model}, {name}", float(abs(np.exp(2.0 * b - a) / exact - 1.0)[away].max()), 0.005, DECAY)
        assert (np.diff(a) < 0).all()


def distance(shape: tuple[int, int, int], size: tuple[float, float, float], block: bool) -> tuple[Any, np.ndarray]:
    """Grid and wall distance of a duct along x with walls at the y sides (with a cube of side 1 in its middle: none)."""
    material = np.ones(shape[::-1], np.uint8)
    grid_faces = [np.linspace(0.0, s, n + 1) for s, n in zip(size, shape)]
    z, y, x = np.meshgrid(*(0.5 * (f[1:] + f[:-1]) for f in grid_faces[::-1]), indexing="ij")
    if block:
        material[(abs(x - size[0] / 2) < 0.5) & (abs(y - size[1] / 2) < 0.5) & (abs(z - size[2] / 2) < 0.5)] = 0
    mesh = box_mesh(*grid_faces, material, sides=list(SIDES))
    planes = ("y0", "y1", "z0", "z1") if block else ("z0", "z1")
    problem = Problem("walls", mesh, unit_fluid(NU), {}, boundaries=[Boundary("x0", "inlet", velocity=1.0),
                                                                    Boundary("x1", "outlet"), *symmetric(*planes)])
    layout = Layout(mesh.grid)
    bits = walls(problem, layout, flow_boundary.build(problem, layout))
    return mesh, wall_distance(problem, layout, get_backend("host"), bits)[0][INNER]


def test_wall_distance_between_plates() -> None:
    """Exact but for the slope of the potential in the second cell."""
    mesh, d = distance((6, 20, 1), (4.0, 2.0, 1.0), False)
    y = mesh.grid.centres[1]
    exact = np.minimum(y, 2.0 - y)[:, None]
    check("wall distance between plates, 20 cells", float(abs(d[0] / exact - 1.0).max()), 0.01,
          "Tucker, Appl. Math. Modelling 22 (1998) 293")


def test_wall_distance_near_a_block() -> None:
    """Within 10 % (mean) of the exact distance in front of a cube's faces, up to a quarter of its side away, not at edges.

    The method is exact for planes; far from a body that is smaller than the distance it comes out too large.
    """
    mesh, d = distance((48, 48, 48), (3.0, 3.0, 3.0), True)
    z, y, x = np.meshgrid(*(mesh.grid.centres[a] - 1.5 for a in (2, 1, 0)), indexing="ij")
    out = [np.maximum(abs(a) - 0.5, 0.0) for a in (x, y, z)]
    exact = np.sqrt(sum(a * a for a in out))
    inside = sum((abs(a) < 0.35).astype(int) for a in (x, y, z))
    front = (exact > 0) & (exact < 0.25) & (inside == 2)
    check("wall distance beside a cube, mean error", float(abs(d[front] / exact[front] - 1.0).mean()), 0.10, "exact distance")
    assert (d[mesh.fluid] > 0).all()


def test_law_of_the_wall() -> None:
    """Reichardt's u+ within 0.5 of the simulation up to y+ 100, logarithmic beyond 50; T+ = Pr y+ at the wall, then Kader's."""
    dns = table("channel_retau395")
    near = dns[(dns["yplus"] > 0.1) & (dns["yplus"] < 100.0)]
    check("law of the wall, u+ up to y+ 100", float(abs(velocity_plus(near["yplus"]) - near["Uplus"]).max()), 0.5, DNS)
    y = np.array([50.0, 100.0, 300.0, 1000.0])
    check("law of the wall, against the logarithmic law", float(abs(velocity_plus(y) / (np.log(y) / 0.41 + 5.2) - 1.0).max()),
          0.012, "Reichardt, Z. angew. Math. Mech. 31 (1951) 208")
    thin = np.array([0.01, 0.5, 1.0])
    assert np.allclose(heat_ratio(thin, *wall_law(0.7)), 1.0, atol=0.02)
    kader = 2.12 * np.log(1.0 + y) + (3.85 * 0.7 ** (1 / 3) - 1.3) ** 2 + 2.12 * np.log(0.7)  # eq. 33 beyond the buffer layer
    assert np.allclose(0.7 * y / heat_ratio(y, *wall_law(0.7)), kader, rtol=0.01)


@pytest.mark.parametrize("model", [KEpsilon, KOmegaSST])
@effort(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), spread=st.floats(0.1, 8.0))
def test_values_stay_positive(model: Any, seed: int, spread: float) -> None:
    """A step from any positive fields, over many orders of magnitude, in any flow, ends in positive and finite ones."""
    rng = np.random.default_rng(seed)
    name = "k_epsilon" if model is KEpsilon else "k_omega_sst"
    mesh = box_mesh(np.linspace(0, 1, 6), np.linspace(0, 1, 5), np.linspace(0, 1, 4), sides=list(SIDES))
    problem = Problem("any", mesh, unit_fluid(1e-4), {}, turbulence=Turbulence(name),  # type: ignore[arg-type]
                      boundaries=[Boundary("x0", "inlet", velocity=1.0, turbulence_intensity=0.05, turbulence_length=0.1),
                                  Boundary("x1", "outlet")])
    layout = Layout(mesh.grid)
    flow = Flow(problem, layout, get_backend("host"))
    flow.set_properties(np.ones(layout.shape), np.full(layout.shape, 1e-4))
    eddies: Any = flow.eddies
    for velocity in flow.velocity:
        velocity[...] = rng.normal(0.0, 1.0, velocity.shape)
    for x in eddies.solved():
        x[...] = 10.0 ** rng.uniform(-spread, spread, x.shape)
    eddies.count = 10**6
    for _ in range(3):
        eddies.update(flow, None)
    for x in (*eddies.solved(), eddies.mut):
        inner = x[INNER]
        assert np.isfinite(inner).all() and (inner >= 0).all() and (x is eddies.mut or (inner > 0).all())


def test_what_acceleration_makes_of_eddies_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dissipation extrapolated below zero, raised to its floor, would make eddies without bound: 8-fold at most."""
    mesh = box_mesh(np.linspace(0, 2, 9), np.linspace(0, 1, 7), np.linspace(0, 1, 2), sides=list(SIDES))
    problem = Problem("any", mesh, unit_fluid(1e-4), {}, turbulence=Turbulence("k_epsilon"),
                      boundaries=[Boundary("x0", "inlet", velocity=1.0, turbulence_intensity=0.05, turbulence_length=0.1),
                                  Boundary("x1", "outlet"), *symmetric("z0", "z1")])
    layout = Layout(mesh.grid)
    flow = Flow(problem, layout, get_backend("numpy"))
    flow.set_properties(np.ones(layout.shape), np.full(layout.shape, 1e-4))
    for _ in range(30):
        flow.iterate()
    eddies, end = flow.eddies, Anderson.end
    assert isinstance(eddies, KEpsilon)
    most = float(eddies.mut.max())

    def bad(self: Anderson, backend: Any, fields: Any, scales: Any) -> None:
        end(self, backend, fields, scales)
        eddies.other.fill(-1.0)

    monkeypatch.setattr(Anderson, "end", bad)
    flow.turbulent.reset()
    flow._begin_acceleration(flow.axes, None)
    flow._accelerate_turbulent(0.0)
    assert 0.0 < float(eddies.mut.max()) <= 8.0 * most


@pytest.mark.parametrize("loss", [5000.0, 50.0])
def test_no_eddies_pass_a_tight_screen(loss: float) -> None:
    """Streams at 1 and 3 m/s with seams between them are streams with a panel between them; through an open screen they mix."""
    def eddies(between: Any) -> np.ndarray:
        mesh = box_mesh(np.linspace(0, 4, 17), np.linspace(-0.5, 0.5, 9), np.array([0.0, 1.0]), sides=["x1", "z0", "z1"])
        low = np.broadcast_to(mesh.grid.centres[1] < 0, (1, 8))
        whole_face(mesh, "slow", 0, 0, low)
        whole_face(mesh, "fast", 0, 0, ~low)
        problem = Problem("streams", mesh, unit_fluid(1e-5), {}, turbulence=Turbulence("k_epsilon", intensity=0.05, length=0.1),
                          devices=(between(plane(mesh, 1, 4)),),
                          settings=settings(energy=False, residual=1e-5, tolerance=1e-3),
                          boundaries=[Boundary("slow", "inlet", velocity=1.0), Boundary("fast", "inlet", velocity=3.0),
                                      Boundary("x1", "outlet"), *symmetric("z0", "z1")])
        solution = solve(problem)
        assert solution.converged, solution.reason
        return solution.turbulence["eddy_viscosity"]

    panel, screen = eddies(lambda p: Panel("between", p)), eddies(lambda p: Screen("between", p, loss))
    off = float(np.abs(screen - panel).max() / panel.max())
    assert (off < 0.05) if loss > TIGHT else (off > 0.5)
