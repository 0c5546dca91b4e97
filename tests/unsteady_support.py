"""Problems in time that several proof tests share."""

from __future__ import annotations

from typing import Any

import numpy as np
from support import box_mesh, whole_face

from coldrack.kernels import get_backend
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.unsteady import STABLE, STAGES, UnsteadyFlow
from coldrack.solver.problem import Boundary, ConstantCoolant, Problem, Settings, Solid, Transient

SIDES = ("x0", "x1", "y0", "y1", "z0", "z1")


def closed_flow(faces: Any, velocity: Any, nu: float, slip: tuple[str, ...] = SIDES, material: Any = 1,
                **time: Any) -> UnsteadyFlow:
    """Coolant of density 1 in a box whose `slip` sides are symmetry planes, others walls, with a function as its velocity."""
    mesh = box_mesh(*faces, material, solids=("block",) if np.max(material) > 1 else (), sides=slip)
    problem = Problem("closed", mesh, ConstantCoolant(1.0, nu, 1.0, 1.0), {"block": Solid("block", (1.0, 1.0, 1.0))},
                      boundaries=[Boundary(s, "symmetry") for s in slip])
    layout, be = Layout(mesh.grid), get_backend("auto")
    flow = UnsteadyFlow(problem, layout, be, Transient(1.0, 1.0, **time))
    flow.set_properties(be.asarray(np.full(layout.shape, 1.0)), be.asarray(np.full(layout.shape, nu)))
    flow.restore(np.zeros(mesh.grid.shape), *(at_faces(velocity, mesh.grid, a) * layout.faces(flow.boundary.solved[a], a)
                                              for a in range(3)))
    flow.correct_pressure(1e-12)
    return flow


def at_faces(velocity: Any, grid: Any, axis: int) -> Any:
    """A component of a function of (x, y, z) on the faces where it lives."""
    centres = [0.5 * (f[1:] + f[:-1]) for f in grid.faces]
    where = [grid.faces[d] if d == axis else centres[d] for d in range(3)]
    z, y, x = np.meshgrid(*where[::-1], indexing="ij")
    return np.broadcast_to(velocity(x, y, z)[axis], x.shape)


def march(flow: UnsteadyFlow, step: float, count: int) -> None:
    for _ in range(count):
        for k in STAGES:
            flow.rates()
            flow.stage(k, step)
        flow.end_step(step)


def decay(flow: UnsteadyFlow, end: float, courant: float, every: float) -> Any:
    """Times and kinetic energies."""
    out, time = [(0.0, flow.kinetic_energy())], 0.0
    for due in np.arange(every, end + 0.5 * every, every):
        while time < due - 1e-9:
            speed, friction = flow.rate_limits()
            step = (due - time) / np.ceil((due - time) * max(speed / courant, np.hypot(speed / STABLE, friction)))
            march(flow, step, 1)
            time += step
        out.append((due, flow.kinetic_energy()))
    return np.array(out).T


def taylor_green(x: Any, y: Any, z: Any) -> Any:
    """Taylor & Green, Proc. R. Soc. A 158 (1937) 499; its planes of symmetry make an eighth of the box enough."""
    return np.sin(x) * np.cos(y) * np.cos(z), -np.cos(x) * np.sin(y) * np.cos(z), 0.0 * x


def cylinder(cells: int, ratio: float, **time: Any) -> Problem:
    """Square cylinder of side 1 in a channel of height 8, peak speed 1, Re = 100, 12.5 to the inlet and 25 to the outlet."""
    x, y = (_spread_faces(cells, low, high, ratio, wake) for low, high, wake in ((-12.5, 25.0, 2.0), (-4.0, 4.0, 0.5)))
    inside = [abs(f[1:] + f[:-1]) < 1.0 for f in (x, y)]
    block = inside[0][None, None, :] & inside[1][None, :, None]
    mesh = box_mesh(x, y, np.array([0.0, 0.5]), np.where(block, 2, 1), solids=("s",))
    for name, axis, side in (("in", 0, 0), ("out", 0, 1), ("z0", 2, 0), ("z1", 2, 1)):
        whole_face(mesh, name, axis, side)
    profile = 1.0 - (y[1:] ** 2 + y[1:] * y[:-1] + y[:-1] ** 2)[None, :] / 48.0  # means of the parabola over the faces

    def start(x: Any, y: Any, z: Any) -> Any:
        return 1.0 - (y / 4.0) ** 2, 0.8 * np.exp(-((x - 1.5) ** 2) - y**2), 0.0 * x

    return Problem("square cylinder", mesh, ConstantCoolant(1.0, 0.01, 1.0, 1.0), {"s": Solid("s", (1.0, 1.0, 1.0))},
                   boundaries=[Boundary("in", "inlet", profile=profile), Boundary("out", "outlet"), Boundary("z0", "symmetry"),
                               Boundary("z1", "symmetry")],
                   settings=Settings(energy=False, time=Transient(initial_velocity=start, **time)))


def _spread_faces(cells: int, low: float, high: float, ratio: float, wake: float) -> Any:
    """Faces with `cells` a unit from -1 to 0.5 + wake, growing by `ratio` beyond."""
    middle = np.arange(-cells, round((0.5 + wake) * cells) + 0.5) / cells

    def grown(length: float) -> Any:
        count = 1
        while (ratio ** np.arange(1, count + 1)).sum() / cells < length:
            count += 1
        widths = ratio ** np.arange(1, count + 1)
        return np.cumsum(widths) * length / widths.sum()

    return np.concatenate([(middle[0] - grown(middle[0] - low))[::-1], middle, middle[-1] + grown(high - middle[-1])])
