"""Multigrid cycle and Krylov methods on small systems whose matrices are assembled here, face by face."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sparse
from linear_support import INNER, SINGLE, System, conductances, fins, matrix, on_faces, pad, sources
from scipy.sparse.linalg import spsolve

from coldrack.benchmarks.models import through_flow
from coldrack.kernels import get_backend
from coldrack.solver.linear.bottom import Bottom
from coldrack.solver.linear.coarsening import Axis
from coldrack.solver.linear.krylov import LinearSolverError
from coldrack.solver.linear.multigrid import Multigrid

KINDS: dict[str, dict[str, bool]] = {"conduction": {}, "advection": {"advected": True}, "closed water": {"blocked": True}}
every_kind = pytest.mark.parametrize("kind", list(KINDS))


def cycle(system: System) -> Any:
    """The multigrid cycle as a function of an array of the cells."""
    solver = system.krylov()

    def apply(r: np.ndarray, scale: float = 1.0) -> np.ndarray:
        solver.mg.apply(solver.be.asarray(pad(r)), solver.z, scale)
        return solver.be.to_numpy(solver.z)[INNER].astype(np.float64)

    return apply


def exact(system: System, b: np.ndarray) -> np.ndarray:
    """A sparse direct solution; of zero mean over the cells with an equation where the operator is singular."""
    a, x = sparse.csc_matrix(matrix(system.g, system.m)), np.zeros(b.size)
    free = np.flatnonzero(system.live)[1:] if system.singular else np.arange(b.size)
    x[free] = spsolve(a[free][:, free], b.ravel()[free])
    return centred(system, x.reshape(b.shape)) if system.singular else x.reshape(b.shape)


def centred(system: System, x: np.ndarray) -> np.ndarray:
    return np.where(system.live, x - x[system.live].mean(), 0.0)


# ---------------------------------------------------------------- operators of the levels
@every_kind
def test_residual_is_that_of_the_matrix_assembled_face_by_face(kind: str) -> None:
    system = fins(2, **KINDS[kind])
    x, b = np.random.default_rng(3).standard_normal((2, *system.cells)) * system.live
    solver = system.krylov()
    r = solver.be.zeros(tuple(s + 3 for s in system.cells))
    solver.residual(solver.be.asarray(pad(x)), solver.be.asarray(pad(b)), r)
    expected = (b.ravel() - matrix(system.g, system.m) @ x.ravel()).reshape(b.shape) * system.live
    assert np.abs(solver.be.to_numpy(r)[INNER] - expected).max() <= 1e-13 * np.abs(expected).max()


def test_coarse_conductances_of_a_uniform_block_are_those_of_the_coarse_cells() -> None:
    """Conductivity 3, cubes of edge h on every level: each inner face conducts 3 h."""
    faces = [np.linspace(0.0, 1.0, 17)] * 3
    axes = tuple(Axis(np.diff(f), np.zeros(17, bool)) for f in faces)
    solver = System(axes, conductances(faces, np.full((16, 16, 16), 3.0), ("x0",))).krylov()  # type: ignore[arg-type]
    assert len(solver.mg.levels) == 3
    for level, cells in zip(solver.mg.levels, (16, 8, 4)):
        for axis, g in enumerate(level.g):
            inner = np.moveaxis(solver.be.to_numpy(g)[INNER], 2 - axis, 0)[1:]
            assert np.allclose(inner, 3.0 / cells, rtol=4 * SINGLE)


def test_coarse_fluxes_close_every_coarse_cell() -> None:
    """A solenoidal flux, the curl of a random potential on the z edges, leaves no cell of any level with a net inflow."""
    system = fins(4)
    nz, ny, nx = system.cells
    potential = np.random.default_rng(4).standard_normal((nz, ny + 1, nx + 1))
    system.m = [on_faces(np.diff(potential, axis=1), 0), on_faces(-np.diff(potential, axis=2), 1), np.zeros_like(system.g[0])]
    solver = system.krylov()
    for level in solver.mg.levels:
        m = [solver.be.to_numpy(a).astype(np.float64) for a in level.m or ()]
        net = sum(np.roll(a, -1, 2 - axis) - a for axis, a in enumerate(m))
        assert np.abs(m[0]).max() > 1.0
        assert np.abs(np.asarray(net)[INNER]).max() <= 50 * SINGLE * np.abs(m[0]).max()


@pytest.mark.parametrize("cells", [(1, 1, 1), (1, 1, 7), (4, 3, 5)])
@pytest.mark.parametrize("advected", [False, True])
def test_coarsest_grid_is_solved_exactly(cells: tuple[int, int, int], advected: bool) -> None:
    """Random coefficients on all faces, those of the ghosts too; the first of several cells has none. Single precision."""
    rng = np.random.default_rng(5)
    shape = tuple(n + 3 for n in cells)
    g = [rng.uniform(0.2, 1.0, shape) for _ in range(3)]
    m = [rng.uniform(-1.0, 1.0, shape) for _ in range(3)] if advected else None
    for axis, a in enumerate([*g, *(m or [])]):
        if max(cells) > 1:
            a[1, 1, 1] = np.moveaxis(a, 2 - axis % 3, 0)[2, 1, 1] = 0.0
    be = get_backend(os.environ.get("COLDRACK_TEST_DEVICE", "auto"), "f4")
    bottom, b, x = Bottom(be, shape), be.asarray(rng.standard_normal(shape)), be.zeros(shape)
    bottom.update([be.asarray(a) for a in g], [be.asarray(a) for a in m] if m else None, False)
    bottom.solve(b, x)
    expected = spsolve(sparse.csc_matrix(matrix(g, m)), be.to_numpy(b)[INNER].ravel().astype(np.float64))
    assert np.allclose(be.to_numpy(x)[INNER].ravel(), expected, rtol=0, atol=1e-5 * np.abs(expected).max())


# ---------------------------------------------------------------- the cycle
@pytest.mark.parametrize("kind", ["conduction", "closed water"])
def test_cycle_of_a_symmetric_operator_is_symmetric_and_positive(kind: str) -> None:
    """(a, M b) = (b, M a) and (a, M a) > 0, what conjugate gradients ask of a preconditioner; single precision."""
    system = fins(4, **KINDS[kind])
    apply, rng = cycle(system), np.random.default_rng(6)
    for _ in range(6):
        a, b = rng.standard_normal((2, *system.cells)) * system.live
        ma, mb = apply(a), apply(b)
        size = np.sqrt((a * ma).sum() * (b * mb).sum())
        assert abs((a * mb).sum() - (b * ma).sum()) <= 1e-5 * size
        assert (a * ma).sum() > 0
    smooth = np.ones(system.cells) * system.live
    assert (smooth * apply(smooth)).sum() > 0


def test_cycle_of_an_advected_operator_is_not_symmetric() -> None:
    """That the test above can tell: the upwind operator is far from symmetric, so its cycle must be too."""
    system = fins(4, advected=True)
    apply, (a, b) = cycle(system), np.random.default_rng(6).standard_normal((2, *system.cells))
    ma, mb = apply(a), apply(b)
    assert abs((a * mb).sum() - (b * ma).sum()) > 1e-3 * np.sqrt(abs((a * ma).sum() * (b * mb).sum()))


@every_kind
def test_cycle_alone_reduces_every_error(kind: str) -> None:
    """x += M (b - A x) by itself: the slowest error shrinks by at least 0.75 a cycle (the fins here: 0.5 to 0.6)."""
    system = fins(4, **KINDS[kind])
    a, apply = matrix(system.g, system.m), cycle(system)
    error, size = np.random.default_rng(7).standard_normal(system.cells) * system.live, 1.0
    error /= np.linalg.norm(error)
    for _ in range(12):
        error = error - apply((a @ error.ravel()).reshape(error.shape) * system.live)
        error = centred(system, error) if system.singular else error
        size = float(np.linalg.norm(error))
        error /= size
    assert size <= 0.75


# ---------------------------------------------------------------- Krylov methods
@every_kind
def test_iterations_do_not_grow_with_the_number_of_cells(kind: str) -> None:
    """Three grids, 4.6, 37 and 295 thousand cells, refined fourfold along each axis: unpreconditioned counts grow 4 times."""
    counts = []
    for refine in (4, 8, 16):
        system = fins(refine, **KINDS[kind])
        result, _ = system.solve(sources(system), 1e-8)
        assert result.reached
        counts.append(result.iterations)
    assert max(counts) <= 25, counts
    assert counts[-1] <= 1.4 * counts[0], counts


def eddy(n: int, peclet: float) -> System:
    """Cubes, a closed eddy around z (stream function sin^2 sin^2), both ends of z held; `peclet`: the largest of a cell."""
    faces = np.linspace(0.0, 1.0, n + 1)
    axis = Axis(np.diff(faces), np.zeros(n + 1, bool))
    s = np.sin(np.pi * faces) ** 2
    stream = np.broadcast_to(np.outer(s, s), (n, n + 1, n + 1))
    stream = stream * (peclet / n / np.abs(np.diff(stream, axis=1)).max())
    m = [on_faces(np.diff(stream, axis=1), 0), on_faces(-np.diff(stream, axis=2), 1), np.zeros((n + 3,) * 3)]
    return System((axis, axis, axis), conductances([faces] * 3, np.ones((n, n, n)), ("z0", "z1")), m, False)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_line_sweeps_solve_lines_that_are_not_coupled(axis: int) -> None:
    """Flow and conduction along one axis alone: one sweep over both colours is the solution, of 12 unknowns a line."""
    be, rng = get_backend("auto"), np.random.default_rng(axis)
    shape = (12 + 3, 12 + 3, 12 + 3)
    g, m = ([np.zeros(shape) for _ in range(3)] for _ in range(2))
    g[axis] = on_faces(rng.uniform(0.5, 2.0, [13 if 2 - axis == d else 12 for d in range(3)]), axis)
    m[axis] = on_faces(np.broadcast_to(rng.uniform(-3.0, 3.0, [1 if 2 - axis == d else 12 for d in range(3)]),
                                       [13 if 2 - axis == d else 12 for d in range(3)]), axis)
    a, b = matrix(g, m), rng.standard_normal((12, 12, 12))
    dinv, factor, change, x = pad(1.0 / a.diagonal().reshape(b.shape)), *(np.zeros(shape) for _ in range(3))
    there = [be.asarray(v) for v in (*g, *m, dinv, pad(b), factor, change, x)]
    for colour in (0, 1):
        be.launch("gauss_seidel_lines", 13, 13, 13, axis, colour, *there)
    solution = be.to_numpy(there[-1])[INNER]
    assert np.abs(solution.ravel() - spsolve(sparse.csc_matrix(a), b.ravel())).max() <= 1e-12 * np.abs(solution).max()


def between_fins(n: int) -> tuple[System, np.ndarray]:
    """Flow between stretched, heated fins at a cell Peclet number of 1000."""
    model = through_flow(n, 1000.0)
    return System(tuple(map(Axis, model.widths, model.planes)), model.g, model.m, False), model.b[0]  # type: ignore[arg-type]


def test_lines_follow_a_fast_stream_between_solids_that_conduct_more() -> None:
    """Fewer iterations than by points, and hardly more on four times finer grids."""
    counts = []
    for n in (16, 64):
        system, b = between_fins(n)
        solver = system.krylov()
        assert solver.mg.line == 0
        counts.append(system.solve(b, 1e-8)[0].iterations)
    solver.mg.use_lines(None)
    points = solver.bicgstab(solver.be.zeros(solver.w["r"].shape), solver.be.asarray(pad(b)), 1e-8).iterations
    assert counts[1] <= min(6, counts[0] + 1) and counts[1] < points


def test_streams_that_cancel_on_a_coarse_face_still_exchange_heat() -> None:
    """Upwind inflow through every coarse face is the sum of that through its fine faces, whatever their directions."""
    rng, faces = np.random.default_rng(3), np.linspace(0.0, 1.0, 17)
    axis = Axis(np.diff(faces), np.zeros(17, bool))
    m = [on_faces(rng.standard_normal([17 if 2 - a == d else 16 for d in range(3)]), a) for a in range(3)]
    solver = System((axis,) * 3, [1e-6 * np.abs(a) for a in m], m, False).krylov()
    fine, coarse = solver.mg.levels[:2]
    inflow = [[solver.be.to_numpy(g + np.maximum(m, 0)) for g, m in zip(lv.g, lv.m)] for lv in (fine, coarse)]
    size = solver.mg.sizes[1]
    for a in range(3):
        kept = np.moveaxis(inflow[0][a], 2 - a, 0)[1:-1:2, 1:-2, 1:-2]
        sums = kept.reshape(len(kept), 8, 2, 8, 2).sum((2, 4))
        assert np.allclose(np.moveaxis(inflow[1][a], 2 - a, 0)[1:-1, 1:-2, 1:-2] / size, sums, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("peclet", "most"), [(1.0, 6), (30.0, 6.5), (1000.0, 5)])
def test_flow_that_closes_on_itself_is_solved_in_few_iterations(peclet: float, most: int) -> None:
    """More than 400 iterations at a cell Peclet number of 1000 where the grids are coarsened alike along all axes; 12, 16 and
    22 where coarse corrections are not longer than their operators make them; 8 at 1000 without defect correction."""
    for n in (16, 32, 48):
        system = eddy(n, peclet)
        b = sources(system)
        result, x = system.solve(b, 1e-8)
        assert result.reached and result.iterations <= most, (n, result.iterations)
        left = b.ravel() - matrix(system.g, system.m) @ x.ravel()
        assert np.linalg.norm(left) <= 1e-7 * np.linalg.norm(b)


def test_second_cycle_of_an_eddy_solves_with_the_finer_grids_diffusion() -> None:
    """On even grids a coarse face has four fine faces, each with |m|/2 over half the distance: half of |m|/2 is too much."""
    system = eddy(32, 1000.0)
    solver = system.krylov()
    coarse = solver.mg.levels[1]
    m, excess = (np.asarray(solver.be.to_numpy(a[1])) for a in (coarse.m, coarse.excess))
    straight = np.abs(m) > 0.2 * np.abs(m).max()  # no fluxes cancel where the flow is fast
    assert solver.mg.eddy and 0 in solver.mg.twice and straight.sum() > 100
    assert np.allclose(excess[straight], -0.25 * np.abs(m)[straight], rtol=0.2)
    assert (excess <= 0).all()


def test_iterations_of_bicgstab_count_its_cycles() -> None:
    """Two a whole iteration; a solve that ends after the first counts half of one."""
    system = eddy(16, 30.0)
    solver = system.krylov()
    cycles, apply = [], solver.mg.apply
    solver.mg.apply = lambda *args: (cycles.append(1), apply(*args))[1]  # type: ignore[method-assign]
    b, halves = solver.be.asarray(pad(sources(system))), set()
    for goal in (1e-1, 1e-2, 1e-4, 1e-6, 1e-8):
        cycles.clear()
        result = solver.bicgstab(solver.be.zeros(solver.w["r"].shape), b, goal)
        assert result.reached and 2 * result.iterations == len(cycles)
        halves.add(len(cycles) % 2)
    assert halves == {0, 1}


@every_kind
def test_solution_is_that_of_a_direct_solver(kind: str) -> None:
    system = fins(4, **KINDS[kind])
    b = sources(system)
    result, x = system.solve(b, 1e-12)
    reference = exact(system, b)
    x = centred(system, x) if system.singular else x
    assert np.abs(x - reference).max() <= 1e-9 * np.ptp(reference)
    left = (b.ravel() - matrix(system.g, system.m) @ x.ravel())[system.live.ravel()]
    assert np.isclose(result.first, np.linalg.norm(b)) and result.last <= 1e-12 * result.first
    assert np.linalg.norm(left) <= 1e-11 * result.first, "the residual carried along must be the true one"


def test_insulated_problem_keeps_cells_without_equation_and_needs_balanced_sources() -> None:
    """Neumann conditions all around: sources that balance are solved, others have no solution and none is claimed."""
    system = fins(4, blocked=True)
    b = sources(system)
    result, x = system.solve(b, 1e-10)
    assert result.reached and not x[~system.live].any() and (~system.live).any()
    one_sided, _ = system.solve(b + system.live, 1e-10, most=30)
    assert not one_sided.reached and one_sided.iterations == 30


@every_kind
def test_zero_right_hand_side_keeps_zero_and_forgets_any_other_start(kind: str) -> None:
    system = fins(2, **KINDS[kind])
    nothing = np.zeros(system.cells)
    result, x = system.solve(nothing, 1e-8)
    assert (result.iterations, result.last, result.reached, result.contraction) == (0, 0.0, True, 0.0)
    assert not x.any()
    start = np.random.default_rng(8).standard_normal(system.cells) * system.live
    result, x = system.solve(nothing, 1e-12, start)
    x = centred(system, x) if system.singular else x
    assert result.reached and np.abs(x).max() <= 1e-9


@every_kind
@pytest.mark.parametrize("scale", [1e-60, 1e60])
def test_sources_far_beyond_single_precision_change_nothing(kind: str, scale: float) -> None:
    system = fins(2, **KINDS[kind])
    b = sources(system)
    (plain, x), (scaled, y) = system.solve(b, 1e-9), system.solve(b * scale, 1e-9)
    assert scaled.reached and abs(scaled.iterations - plain.iterations) <= 1
    x, y = (centred(system, a) if system.singular else a for a in (x, y / scale))
    assert np.abs(x - y).max() <= 1e-6 * np.ptp(x)


@every_kind
def test_a_solve_stops_at_its_goal_its_limit_or_its_interruption(kind: str) -> None:
    system = fins(4, **KINDS[kind])
    b = sources(system)
    result, x = system.solve(b, 1e-8)
    assert 0 < result.contraction < 0.6
    assert system.solve(b, 0.0, x, absolute=1e-6 * result.first)[0].iterations == 0, "a good start needs no iteration"
    loose, _ = system.solve(b, 1e-12, absolute=1e-2 * result.first)
    assert loose.reached and loose.iterations < result.iterations and loose.last <= 1e-2 * result.first
    short, _ = system.solve(b, 1e-8, most=2)
    assert not short.reached and short.iterations == 2 and short.last > 1e-8 * short.first

    solver, calls = system.krylov(), []

    def poll() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    solver.poll = poll
    with pytest.raises(KeyboardInterrupt):
        method = solver.cg if system.m is None else solver.bicgstab
        method(solver.be.zeros(tuple(n + 3 for n in system.cells)), solver.be.asarray(pad(b)), 1e-8)
    assert len(calls) == 3


@every_kind
def test_a_value_that_is_no_number_ends_the_solve(kind: str) -> None:
    system = fins(2, **KINDS[kind])
    b = sources(system)
    b[tuple(np.argwhere(system.live)[0])] = np.nan
    with pytest.raises(LinearSolverError, match="not finite"):
        system.solve(b, 1e-8)


def test_fluxes_that_are_not_finite_are_named() -> None:
    """Instead of a coarsest grid as large as the finest, whose dense inverse would not fit into any memory."""
    be = get_backend("numpy", "f8")
    axis = Axis(np.ones(12), np.zeros(13, bool))
    multigrid = Multigrid(be, (axis, axis, axis), advected=True)
    shape = (15, 15, 15)
    g, m = ([be.asarray(np.ones(shape)) for _ in range(3)] for _ in range(2))
    m[1][3, 3, 3] = np.nan
    with pytest.raises(FloatingPointError, match="not finite"):
        multigrid.update((g[0], g[1], g[2]), (m[0], m[1], m[2]))
