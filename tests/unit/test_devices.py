"""Pieces of devices: fan curves and laws, effectiveness of exchangers, acceleration of short vectors, shares of panels."""

from __future__ import annotations

import numpy as np
import pytest
from device_support import parabola, plane
from support import box_mesh

from coldrack.solver.devices import Curve, Panel
from coldrack.solver.physics.devices import Mixer
from coldrack.solver.physics.exchangers import cross_flow
from coldrack.solver.physics.faces import Groups, face_index
from coldrack.solver.physics.fans import Performance
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.panels import _open_share
from coldrack.solver.physics.regions import pins, spaces
from coldrack.solver.problem import Boundary, ConstantCoolant, Problem


@pytest.mark.parametrize(("flow", "pressure", "says"), [
    ((0.0,), (1.0,), "two points"), ((0.1, 0.2), (2.0, 1.0), "begins at no flow"),
    ((0.0, 0.2, 0.2), (3.0, 2.0, 1.0), "increase"), ((0.0, 0.1), (1.0, 2.0), "falls with the flow"),
    ((0.0, 0.1), (0.0, 0.0), "above 0"), ((0.0, 0.1), (1.0, -1.0), "not below 0")])
def test_wrong_fan_curves_are_refused(flow: tuple[float, ...], pressure: tuple[float, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Curve(flow, pressure)


def test_affinity_laws_and_the_ends_of_a_curve() -> None:
    one, all_ = Performance(parabola(50.0, 0.2)), Performance(parabola(50.0, 0.2), 0.5, 3, 2)
    for q in (0.0, 0.05, 0.13):
        assert all_(3 * 0.5 * q)[0] == pytest.approx(2 * 0.25 * one(q)[0], rel=1e-12)
    assert one(0.1)[1] == pytest.approx(-50.0 * 2 * 0.1 / 0.2**2, rel=1e-3)
    flows = np.linspace(-0.1, 0.4, 101)
    pressures = np.array([one(q)[0] for q in flows])
    assert np.all(np.diff(pressures) <= 0) and pressures[0] > 50.0 and pressures[-1] < 0.0
    assert "do not suffice" in one.beyond(-0.01) and "ends at 0.2" in one.beyond(0.21) and not one.beyond(0.1)
    assert one.stiffness(0.0) == pytest.approx(50.0 / 0.2), "flat at rest: the line to the end"


def test_effectiveness_of_cross_flow() -> None:
    """Incropera et al., fig. 11.14: NTU 2 and C_r 1 give about 0.61; without the other stream's change 1 - exp(-NTU)."""
    assert cross_flow(2.0, 1.0) == pytest.approx(0.614, abs=0.005)
    assert cross_flow(1.5, 0.0) == pytest.approx(1.0 - np.exp(-1.5), rel=1e-12)
    assert cross_flow(1.5, 1e-8) == pytest.approx(1.0 - np.exp(-1.5), rel=1e-5)
    assert cross_flow(np.array([0.0, 1e-3]), 0.5) == pytest.approx([0.0, 1e-3], rel=2e-3, abs=1e-12)


def test_short_vectors_settle_in_as_many_steps_as_they_have_members() -> None:
    """Anderson's method with full memory is GMRES: a linear fixed point of 4 numbers after 5 evaluations."""
    rng = np.random.default_rng(1)
    a, b = 0.9 * np.linalg.qr(rng.normal(size=(4, 4)))[0], rng.normal(size=4)
    mixer, x = Mixer(), np.zeros(4)
    for _ in range(6):
        x = mixer(x, a @ x + b)
    assert x == pytest.approx(np.linalg.solve(np.eye(4) - a, b), rel=1e-9)


def _parted(cut: int) -> Problem:
    mesh = box_mesh(np.array([0.0, 1.0, 3.0, 4.0]), np.linspace(0, 2, 3), np.linspace(0, 1, 2), sides=["x0"])
    half = np.zeros((1, 3, 3), bool)
    half[..., :cut] = True
    return Problem("parted", mesh, ConstantCoolant(1.0, 1.0, 1.0, 1.0), {}, devices=(Panel("p", plane(mesh, 1, 1, half)),))


def test_friction_across_half_a_panel() -> None:
    """A panel over the first two of three cells: velocities on the face where it ends feel the open share by width, 1 of 3."""
    p = _parted(2)
    layout = Layout(p.mesh.grid)
    touched, share = _open_share(p, layout, 0, 1)
    panel = face_index(layout, 1, p.devices[0].plane.faces)  # type: ignore[union-attr]
    assert dict(zip(touched.tolist(), share)) == pytest.approx({panel[0]: 0.0, panel[1]: 0.0, panel[1] + 1: 1.0 / 3.0})
    groups = Groups(layout, [p.devices[0].plane])  # type: ignore[union-attr]
    assert groups.whole == pytest.approx([3.0]) and groups.mean(np.array([1.0, 4.0])) == pytest.approx([3.0])


def test_spaces_that_panels_part_are_held_one_by_one() -> None:
    whole, parted = _parted(2), _parted(3)
    assert spaces(whole).max() == 1 and spaces(parted).max() == 2
    for problem, count in ((whole, 0), (parted, 2)):
        solved = [np.zeros(Layout(problem.mesh.grid).shape, np.uint8)] * 3
        assert sum(f.size for f in pins(problem, Layout(problem.mesh.grid), solved)) == count
    parted.boundaries.append(Boundary("x0", "outlet", pressure=0.0))
    assert sum(f.size for f in pins(parted, Layout(parted.mesh.grid), solved)) == 0
