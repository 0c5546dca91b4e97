"""What the operator kernels must keep whatever the coefficients: conservation, symmetry, constants."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from devices import ALL, backend

SHAPE = (9, 7, 11)  # padded, (nz + 3, ny + 3, nx + 3) of 6 x 4 x 8 cells
N = (SHAPE[2] - 2, SHAPE[1] - 2, SHAPE[0] - 2)
CELLS = (slice(1, -2),) * 3


@pytest.fixture(params=ALL)
def be(request: pytest.FixtureRequest) -> Any:
    return backend(request.param)


def closed_faces(rng: np.random.Generator, signed: bool = False) -> list[np.ndarray]:
    """Face coefficients of a closed box: nothing crosses its hull."""
    out = []
    for axis in range(3):
        g = np.zeros(SHAPE)
        s = list(CELLS)
        s[2 - axis] = slice(2, -2)
        g[tuple(s)] = rng.uniform(-1 if signed else 0.1, 1, g[tuple(s)].shape)
        out.append(g)
    return out


def closed_flow(rng: np.random.Generator) -> list[np.ndarray]:
    """A divergence-free flux through the faces of a closed box: the curl of a random vector potential along z."""
    nz, ny, nx = (n - 3 for n in SHAPE)
    psi = np.zeros((nz, ny + 1, nx + 1))
    psi[:, 1:-1, 1:-1] = rng.normal(size=psi[:, 1:-1, 1:-1].shape)
    m = [np.zeros(SHAPE) for _ in range(3)]
    m[0][1:-2, 1:-2, 1:-1] = psi[:, 1:] - psi[:, :-1]
    m[1][1:-2, 1:-1, 1:-2] = psi[:, :, :-1] - psi[:, :, 1:]
    return m


def apply(be: Any, x: np.ndarray, g: list[np.ndarray], m: list[np.ndarray] | None = None) -> np.ndarray:
    """A x."""
    solved, y = be.asarray(np.ones(SHAPE), np.uint8), be.zeros(SHAPE)
    there = [be.asarray(a) for a in g + (m or [])]
    be.launch("apply_advected" if m else "apply", *N, be.asarray(x), *there, solved, y)
    return np.array(be.to_numpy(y))[CELLS]


def field(rng: np.random.Generator) -> np.ndarray:
    x = np.zeros(SHAPE)
    x[CELLS] = rng.normal(size=x[CELLS].shape)
    return x


def test_conduction_in_a_closed_box_keeps_the_heat(be: Any) -> None:
    rng = np.random.default_rng(0)
    for _ in range(3):
        ax = apply(be, field(rng), closed_faces(rng))
        assert abs(ax.sum()) < 1e-13 * abs(ax).sum()


def test_conduction_is_symmetric_and_positive(be: Any) -> None:
    rng = np.random.default_rng(1)
    g, x, y = closed_faces(rng), field(rng), field(rng)
    ax, ay = apply(be, x, g), apply(be, y, g)
    assert np.isclose((y[CELLS] * ax).sum(), (x[CELLS] * ay).sum(), rtol=1e-12)
    assert (x[CELLS] * ax).sum() > 0.0


def test_advection_keeps_constants_and_the_heat(be: Any) -> None:
    rng = np.random.default_rng(2)
    g, m = closed_faces(rng), closed_flow(rng)
    scale = sum(abs(a).max() for a in g + m)
    assert abs(apply(be, np.full(SHAPE, 3.7), g, m)).max() <= 1e-14 * scale
    x = field(rng)
    ax = apply(be, x, g, m)
    assert abs(ax.sum()) < 1e-12 * abs(ax).sum()  # the upwind form keeps the heat where the flow keeps the mass
    assert abs(ax.sum() - apply(be, x, g).sum()) < 1e-12 * abs(ax).sum()


def test_bounded_advection_keeps_constants_and_the_sum(be: Any) -> None:
    rng = np.random.default_rng(3)
    solved = np.zeros(SHAPE, np.uint8)
    solved[CELLS] = 1
    metrics = [np.arange(n + 1, dtype=float) + shift for shift in (0.5, 0.0) for n in SHAPE[::-1]]
    metrics += [np.ones(n + 1) for n in SHAPE[::-1]]
    m = [be.asarray(a) for a in closed_flow(rng)]
    for x, most in ((np.full(SHAPE, 2.5), 0.0), (field(rng), None)):
        b = be.zeros(SHAPE)
        be.launch("limited_advection", *N, 3, be.asarray(solved), *[be.asarray(a) for a in metrics], *m, be.asarray(x), b)
        total = np.array(be.to_numpy(b))
        assert abs(total.sum()) <= 1e-13 * max(abs(total).sum(), 1e-300)
        assert most is None or abs(total).max() <= most
        assert most is not None or abs(total).max() > 0.01


def test_mass_imbalance_sums_to_what_crosses_the_hull(be: Any) -> None:
    rng = np.random.default_rng(4)
    kind = np.zeros(SHAPE, np.uint8)
    kind[CELLS] = 1
    width = [rng.uniform(0.5, 1.5, n) for n in SHAPE[::-1]]
    u = [np.zeros(SHAPE) for _ in range(3)]
    for axis in range(3):
        s = list(CELLS)
        s[2 - axis] = slice(2, -2)
        u[axis][tuple(s)] = rng.normal(size=u[axis][tuple(s)].shape)
    b = be.zeros(SHAPE)
    be.launch("mass_imbalance", *N, be.asarray(kind), be.asarray(np.full(SHAPE, 998.0)), *[be.asarray(a) for a in u],
              *[be.asarray(h) for h in width], b)
    total = np.array(be.to_numpy(b))
    assert abs(total).max() > 1.0 and abs(total.sum()) < 1e-12 * abs(total).sum()


def test_transfers_are_transposes(be: Any) -> None:
    """<R r, e> = <r, P e>: what makes a symmetric operator's cycle symmetric."""
    rng = np.random.default_rng(5)
    sizes = [rng.integers(1, 3, 4) for _ in range(3)]
    starts, parents = [], []
    for size in sizes:
        start = np.cumsum([0, *size])
        starts.append(np.array([0, *(start + 1), start[-1] + 2], np.int32))
        parents.append(np.array([0, *(np.repeat(np.arange(4), size) + 1), 5, 6], np.int32))
    coarse, fine = (5, 5, 5), tuple(int(s.sum()) + 1 for s in sizes)
    one = be.with_dtype("f8")
    r, e = (rng.normal(size=tuple(n + 2 for n in shape[::-1])) for shape in (fine, coarse))
    b, x = be.zeros(e.shape), be.zeros(r.shape)
    one.launch("restrict_sum", *coarse, *fine, *[be.asarray(s) for s in starts], be.asarray(r), b)
    one.launch("prolong_add", *fine, *coarse, *[be.asarray(p) for p in parents],
               be.asarray(np.ones(r.shape, np.uint8), np.uint8), be.asarray(e), x)
    inner = (slice(1, -1),) * 3
    left, right = (be.to_numpy(b) * e)[inner].sum(), (r * be.to_numpy(x))[inner].sum()
    assert np.isclose(left, right, rtol=1e-12)
