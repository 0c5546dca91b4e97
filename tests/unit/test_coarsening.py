"""The plan of the coarse grids: which neighbouring cells merge, level by level."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from coldrack.solver.linear.coarsening import (
    COARSEST_CELLS,
    KEPT,
    MAX_LEVELS,
    PLANE_PENALTY,
    SPREAD,
    WIDER,
    Axis,
    coarser,
    merge,
    padded,
    plan,
)


def some_axis(rng: np.random.Generator) -> Axis:
    """Widths over four decades without any order, or smoothly stretched; any of the planes flagged."""
    n = int(rng.integers(1, 60))
    steps = rng.choice([-1, 1], n) * np.log(rng.uniform(1.0, 1.5))
    width = 1e-4 * (10 ** rng.uniform(-2, 2, n) if rng.random() < 0.5 else np.exp(np.cumsum(steps)))
    return Axis(width, rng.random(n + 1) < rng.choice([0.0, 0.2, 1.0]))


def levels_of(axes: tuple[Axis, ...]) -> list[tuple[Axis, ...]]:
    """The grids of a plan, made here from the planes that each map keeps."""
    out = [axes]
    for starts in plan(axes):  # type: ignore[arg-type]
        edges = [np.concatenate([[0.0], np.cumsum(a.width)]) for a in out[-1]]
        out.append(tuple(Axis(np.diff(e[s]), a.flag[s]) for a, e, s in zip(out[-1], edges, starts)))
    return out


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_plans_nest_and_merge_only_the_narrowest_cells(seed: int) -> None:
    """One or two cells make a coarse one, no pair wider than `SPREAD` times the narrowest, across planes far narrower.

    Wider ones merge only where a level would keep more than `KEPT` of the cells.
    """
    axes = tuple(some_axis(np.random.default_rng(seed)) for seed in (seed, seed + 1, seed + 2))
    grids, maps = levels_of(axes), plan(axes)  # type: ignore[arg-type]
    assert len(maps) < MAX_LEVELS
    assert np.prod([a.width.size for a in grids[-1]]) <= COARSEST_CELLS
    for fine, starts in zip(grids, maps):
        weighed = [(a.width[1:] + a.width[:-1]) * np.where(a.flag[1:-1], PLANE_PENALTY, 1.0) for a in fine]
        narrowest = min(w.min() for w in weighed if w.size)
        assert any(s.size <= a.width.size for a, s in zip(fine, starts)), "a level must be smaller than the finer one"
        few = np.prod([(merge(a, SPREAD * narrowest).size - 1) / a.width.size for a in fine]) > KEPT
        widest = SPREAD * narrowest * (WIDER[-1] if few else 1.0)
        for a, start, pair in zip(fine, starts, weighed):
            assert start[0] == 0 and start[-1] == a.width.size and set(np.diff(start)) <= {1, 2}
            merged = start[:-1][np.diff(start) == 2]
            assert np.all(pair[merged] <= widest * (1 + 1e-9))
            assert np.allclose(coarser(a, start).width, np.add.reduceat(a.width, start[:-1]), rtol=1e-9)


def test_a_level_that_would_save_little_takes_wider_pairs_too() -> None:
    """Two films of 0.1 mm among 40 cells of 1 to 2.4 mm: not one level for a film and one for the next cells."""
    width = np.linspace(1.0e-3, 2.4e-3, 40)
    width[[10, 11, 20, 21]] = 1e-4
    film, plain = Axis(width, np.zeros(41, bool)), Axis(np.full(16, 5e-3), np.zeros(17, bool))
    first = plan((film, plain, plain))[0]
    assert first[1].size == first[2].size == 17 and 0.5 < (first[0].size - 1) / 40 <= KEPT


def test_fins_stay_apart_until_the_cells_along_them_are_longer_than_two() -> None:
    """Six walls of 1 mm in cells of 0.25 mm, 1024 such cells along them, 8 above each other: halved, walls excepted."""
    walls = Axis(np.full(24, 0.25e-3), np.arange(25) % 4 == 0)
    plain = [Axis(np.full(n, 0.25e-3), np.zeros(n + 1, bool)) for n in (1024, 8)]
    grids = levels_of((plain[0], walls, plain[1]))
    assert [tuple(a.width.size for a in grid) for grid in grids[:4]] == [(1024, 24, 8), (512, 12, 4), (256, 6, 2), (128, 6, 1)]
    for along, across, _ in grids:
        assert along.width.max() > 2.5e-3 or across.width.max() < 1.1e-3
    assert grids[-1][1].width.size < 6, "in the end they merge, or the coarsest grid would be too large"


def test_where_a_flow_couples_cells_they_merge_first() -> None:
    """Cubes of 1 mm, flow along x at cell Peclet numbers of 40 and 512: pairs along x count as sqrt(1 + Pe/2) narrower."""
    cube = Axis(np.full(32, 1e-3), np.zeros(33, bool))
    moderate, strong = ([tuple(s.size - 1 for s in starts) for starts in plan((cube, cube, cube), (0.5e3 * peclet, 0.0, 0.0))]
                        for peclet in (40.0, 512.0))
    assert moderate[:3] == [(16, 32, 32), (8, 32, 32), (4, 16, 16)]
    assert strong[:5] == [(16, 32, 32), (8, 32, 32), (4, 32, 32), (2, 32, 32), (1, 32, 32)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 2), min_size=1, max_size=30))
def test_parents_own_exactly_the_cells_that_their_map_names(sizes: list[int]) -> None:
    start = np.concatenate([[0], np.cumsum(sizes)])
    full, parent = padded(start)
    n, m = int(start[-1]), len(sizes)
    assert (full.size, parent.size) == (m + 3, n + 3)
    assert parent[0] == 0 and parent[n + 1] == m + 1, "ghosts belong to ghosts"
    for coarse in range(m + 2):
        assert np.array_equal(np.flatnonzero(parent[:n + 2] == coarse), np.arange(full[coarse], full[coarse + 1]))
