"""The linear systems of the benchmarks: model problems on the unit cube, and those of the H100 cold plate's own grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.benchmarks.systems import (
    NO_FACES,
    Array,
    System,
    along,
    conductances,
    in_box,
    material_planes,
    random_sources,
    volumes,
)

TOP = {(2, 1): True}  # temperature held at z = 1
ENDS = {(2, 0): True, (2, 1): True}
OUTLET = {(0, 1): True}
SOURCES = (((0.125, 0.125, 0.125), (0.25, 0.5, 0.5), 1000.0), ((0.75, 0.5, 0.25), (0.875, 0.75, 0.5), -1500.0),
           ((0.25, 0.75, 0.5), (0.5, 0.875, 0.75), 1200.0))  # boxes of W/m3
BLOCK = ((0.25, 0.25, 0.25), (0.75, 0.75, 0.75), 400.0)
FILM = ((0.125, 0.125, 0.8125), (0.875, 0.875, 0.875), 0.025)
# Heat flux of the conduction problem on its grids, to the digits on which OpenFOAM, pyamg and FiPy agree.
CONDUCTION_FLUX = {64: 1.0076558, 128: 1.01186637}
COPPER, POOR = 260.0, 0.026  # W/(m K), a jump of 1e4


def even(*cells: int) -> list[Array]:
    """Equal cells of the unit box along x, y, z."""
    return [np.full(n, 1.0 / n) for n in cells]


def stretched(n: int, ratio: float) -> list[Array]:
    """Widths with the given largest over smallest: waves along x and y, fine at both ends of z."""
    t = (np.arange(n) + 0.5) / n
    wave = np.exp(np.log(ratio) * 0.5 * (1.0 + np.cos(6.0 * np.pi * t)))
    ends = np.exp(np.log(ratio) * (1.0 - np.abs(2.0 * t - 1.0)))
    return [w / w.sum() for w in (wave, wave, ends)]


def poisson(n: int) -> System:
    """Unit conductivity, z = 1 held at 0, three sets of box sources; value: heat that leaves over heat put in."""
    widths = even(n, n, n)
    total = np.zeros((n, n, n))
    b = []
    for low, high, density in SOURCES:
        total = total + np.where(in_box(widths, low, high), density / n**3, 0.0)
        b.append(total)
    g = conductances(widths, np.ones((n, n, n)), TOP)
    return System(widths, material_planes(np.ones((n, n, n))), g, b,
                  lambda x: float((2.0 / n * x[-1]).sum() / b[-1].sum()), reference=1.0)


def conduction(n: int) -> System:
    """Conductivity 1, a block of 400 and a film of 0.025; 0 at z = 0 and 1 at z = 1; value: heat flux, W/m2."""
    widths = even(n, n, n)
    k = np.ones((n, n, n))
    for low, high, value in (BLOCK, FILM):
        k[in_box(widths, low, high)] = value
    g = conductances(widths, k, ENDS)
    b = np.zeros((n, n, n))
    b[-1] = g[2][n + 1, 1:-2, 1:-2]
    planes, lowest = material_planes(k), k[0].copy()
    return System(widths, planes, g, [b], lambda x: float((2.0 * lowest * x[0]).sum() / n), reference=CONDUCTION_FLUX.get(n))


def _mean_square(x: Array) -> float:
    return float(np.sqrt(np.mean(x * x)))


def uniform(n: int, cells_z: int = 0) -> System:
    """Equal cells, unit conductivity, x = 1 held, random heat; `cells_z` = 1 makes it two-dimensional."""
    widths = even(n, n, cells_z or n)
    k = np.ones((cells_z or n, n, n))
    return System(widths, material_planes(k), conductances(widths, k, OUTLET), [random_sources(widths, k)], _mean_square)


def stretched_box(n: int, ratio: float) -> System:
    """As `uniform`, with cells of very different widths."""
    widths, k = stretched(n, ratio), np.ones((n, n, n))
    return System(widths, material_planes(k), conductances(widths, k, OUTLET), [random_sources(widths, k)], _mean_square)


def _fins(n: int) -> Any:
    """Mask of a base and four fins that stand on it, in index space so that every grid has the same ones."""
    y, z = (np.arange(n) + 0.5) / n, (np.arange(n) + 0.5) / n
    solid = (z[:, None] < 0.25) | ((z[:, None] < 0.875) & (np.floor(y[None, :] * 8) % 2 == 1))
    return np.broadcast_to(solid[:, :, None], (n, n, n))


def blocked_fins(n: int, ratio: float = 20.0) -> System:
    """Pressure between fins: solid cells are blocked, the outlet (x = 1) is held."""
    return _solve_with(stretched(n, ratio), np.where(_fins(n), 0.0, 1.0), OUTLET)


def conducting_fins(n: int, ratio: float = 20.0) -> System:
    """Fins that conduct 1e4 times better than what is between them."""
    return _solve_with(stretched(n, ratio), np.where(_fins(n), COPPER, POOR), OUTLET)


def conducting_boxes(n: int, ratio: float = 20.0) -> System:
    """Twenty boxes at random places that conduct 1e4 times better, the same ones on every grid."""
    rng = np.random.default_rng(5)
    k = np.full((n, n, n), POOR)
    for _ in range(20):
        low = rng.integers(0, 24, 3)
        high = low + rng.integers(3, 9, 3)
        (x0, y0, z0), (x1, y1, z1) = low * n // 32, high * n // 32
        k[z0:z1, y0:y1, x0:x1] = COPPER
    return _solve_with(stretched(n, ratio), k, OUTLET)


def _solve_with(widths: list[Array], k: Array, fixed: dict[tuple[int, int], Any]) -> System:
    return System(widths, material_planes(k), conductances(widths, k, fixed), [random_sources(widths, k)], _mean_square)


def _no_flow(system: System) -> list[Array]:
    return [np.zeros_like(system.g[0]) for _ in range(3)]


def through_flow(n: int, peclet: float, ratio: float = 20.0) -> System:
    """Energy of a plug flow along x between heated fins; `peclet`: of the coolant's mean cell, speed x width / diffusivity."""
    widths, fins = stretched(n, ratio), _fins(n)
    k = np.where(fins, COPPER, POOR)
    system = _solve_with(widths, k, {(0, 0): ~fins[:, :, 0]})
    system.m = _no_flow(system)
    area = along(widths[1], 1) * along(widths[2], 2)
    system.m[0][1:-2, 1:-2, 1:-1] = np.where(fins[:, :, :1], 0.0, peclet * n * POOR * area)
    system.b = [np.where(fins, volumes(widths), 0.0)]
    return system


def recirculation(n: int, peclet: float) -> System:
    """Energy of a closed eddy (stream function sin^2 sin^2) in the x-y plane, held at both ends of z.

    `peclet` is the largest of a cell.
    """
    widths, k = even(n, n, n), np.ones((n, n, n))
    system = _solve_with(widths, k, ENDS)
    s = np.sin(np.pi * np.linspace(0.0, 1.0, n + 1)) ** 2
    stream = s[:, None] * s[None, :]  # at the corners (y, x)
    stream *= peclet / n / np.abs(np.diff(stream, axis=0)).max()  # of a cell's face: Pe = m / g, and g = k h = 1/n
    system.m = _no_flow(system)
    system.m[0][1:-2, 1:-2, 1:-1] = np.diff(stream, axis=0)[None]
    system.m[1][1:-2, 1:-1, 1:-2] = -np.diff(stream, axis=1)[None]
    return system


def _plate(refine: float) -> tuple[Any, list[Array], dict[tuple[int, int], Any]]:
    from coldrack.benchmarks.coldplate import load_plate

    problem = load_plate(refine)
    mesh = problem.mesh
    ports = {kind: [b.name for b in problem.boundaries if b.kind == kind] for kind in ("inlet", "outlet")}
    fixed: dict[tuple[int, int], Any] = {}
    for name in ports["outlet"]:
        patch = mesh.patches[name]
        fixed[patch.axis, patch.side] = patch.mask | fixed.get((patch.axis, patch.side), False)
    return problem, [np.asarray(w) for w in mesh.grid.widths], fixed


def plate_pressure(refine: float = 1.0) -> System:
    """Pressure in the passages of the H100 cold plate, outlets held; heat stands for what flows in, by the inlet's faces."""
    problem, widths, fixed = _plate(refine)
    mesh = problem.mesh
    k = mesh.fluid.astype(float)
    system = _solve_with(widths, k, fixed)
    inlet = next(mesh.patches[b.name] for b in problem.boundaries if b.kind == "inlet")
    b = np.zeros(k.shape)
    layer = np.moveaxis(b, 2 - inlet.axis, 0)[-1 if inlet.side else 0]
    area = np.broadcast_to(np.squeeze(mesh.grid.face_areas(inlet.axis), 2 - inlet.axis), inlet.mask.shape)
    wet = inlet.mask & np.moveaxis(mesh.fluid, 2 - inlet.axis, 0)[-1 if inlet.side else 0]
    layer[...] = np.where(wet, area / area[wet].sum(), 0.0)
    system.b = [b]
    return system


def plate_energy(refine: float = 1.0) -> System:
    """Energy of the H100 cold plate: its materials, its heat, and a potential flow of 1 L/min of its coolant."""
    from coldrack.benchmarks.ours import solve_system

    problem, widths, fixed = _plate(refine)
    mesh, t = problem.mesh, np.array(problem.property_temperature)
    coolant = problem.coolant
    rate = next(b.flow_rate for b in problem.boundaries if b.flow_rate)
    capacity = rate * float(coolant.density(t) * coolant.heat_capacity(t))
    potential = plate_pressure(refine)
    p = np.pad(solve_system(potential, 1e-10)[1], [(1, 2)] * 3)
    m = [capacity * potential.g[a] * (np.roll(p, 1, 2 - a) - p) for a in range(3)]

    def k(axis: int) -> Array:
        table = [0.0, float(coolant.conductivity(t)), *(problem.solids[n].conductivity[axis] for n in mesh.materials[2:])]
        return np.asarray(np.array(table)[mesh.material])

    inlet = next(mesh.patches[b.name] for b in problem.boundaries if b.kind == "inlet")
    system = System(widths, material_planes(mesh.material), conductances(widths, k, NO_FACES),
                    [_heat(problem)], lambda x: float(x.max()), m)
    face: list[Any] = [slice(1, -2)] * 3
    face[2 - inlet.axis] = -2 if inlet.side else 1
    inflow = -potential.b[0] if inlet.side else potential.b[0]
    layer = np.moveaxis(inflow, 2 - inlet.axis, 0)[-1 if inlet.side else 0]
    system.m[inlet.axis][tuple(face)] = capacity * layer  # type: ignore[index]
    return system


def _heat(problem: Any) -> Array:
    """The case's heat sources, spread evenly over their bodies, W."""
    mesh, b = problem.mesh, np.zeros(problem.mesh.grid.shape)
    for source in problem.sources:
        weight = np.where(mesh.cells_of(source.component), mesh.grid.volumes(), 0.0)
        b += source.power * weight / weight.sum()
    return b
