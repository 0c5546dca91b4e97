"""Small linear systems whose matrices are assembled face by face, independently of the kernels."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sparse
from support import geometric_faces, join_faces, tanh_faces

from coldrack.kernels import get_backend
from coldrack.solver.linear.coarsening import Axis
from coldrack.solver.linear.krylov import Krylov
from coldrack.solver.linear.multigrid import Multigrid

INNER = (slice(1, -2),) * 3
WATER, COPPER = 0.6, 390.0  # W/(m K)
SINGLE = float(np.finfo(np.float32).eps)


# ---------------------------------------------------------------- systems
@dataclass
class System:
    """Cell widths, material planes and face coefficients (padded, x y z) of one linear system; `m` may be None."""

    axes: tuple[Axis, Axis, Axis]
    g: list[np.ndarray]
    m: list[np.ndarray] | None = None
    singular: bool = False

    @property
    def cells(self) -> tuple[int, ...]:
        return tuple(a.width.size for a in reversed(self.axes))

    @property
    def live(self) -> np.ndarray:
        """Cells that have an equation."""
        faces = sum(g + np.roll(g, -1, 2 - axis) for axis, g in enumerate(self.g))
        return np.asarray(faces)[INNER] > 0

    def krylov(self) -> Krylov:
        backend = get_backend(os.environ.get("COLDRACK_TEST_DEVICE", "auto"))
        solver = Krylov(backend, Multigrid(backend, self.axes, self.m is not None))
        m = None if self.m is None else [solver.be.asarray(a) for a in self.m]
        solver.update([solver.be.asarray(a) for a in self.g], m, self.singular)
        return solver

    def solve(self, b: np.ndarray, relative: float, start: np.ndarray | None = None, **options: Any) -> Any:
        """Result and solution on the cells."""
        solver = self.krylov()
        x = solver.be.asarray(pad(np.zeros(self.cells) if start is None else start))
        method = solver.cg if self.m is None else solver.bicgstab
        result = method(x, solver.be.asarray(pad(b)), relative, **options)
        return result, solver.be.to_numpy(x)[INNER]


def pad(a: np.ndarray) -> np.ndarray:
    return np.pad(a, [(1, 2)] * 3)


def on_faces(value: np.ndarray, axis: int) -> np.ndarray:
    """Padded array of values on the faces normal to `axis` (n + 1 of them along it)."""
    return np.pad(value, [(1, 1) if 2 - axis == d else (1, 2) for d in range(3)])


def conductances(faces: list[np.ndarray], k: np.ndarray, fixed: tuple[str, ...]) -> list[np.ndarray]:
    """Series resistances of half cells, W/K; the sides in `fixed` hold a temperature, the others are insulated."""
    widths = [np.diff(f) for f in faces]
    shaped = [w.reshape([-1 if 2 - a == d else 1 for d in range(3)]) for a, w in enumerate(widths)]
    out = []
    for axis in range(3):
        d = 2 - axis
        with np.errstate(divide="ignore"):
            half = 0.5 * shaped[axis] / k
        ends = [np.take(half, [i], d) if f"{'xyz'[axis]}{s}" in fixed else np.take(half, [i], d) * np.inf
                for s, i in enumerate((0, -1))]
        n = widths[axis].size
        between = np.take(half, range(n - 1), d) + np.take(half, range(1, n), d)
        area = np.prod(np.broadcast_arrays(*[np.ones(k.shape), *[s for a, s in enumerate(shaped) if a != axis]]), axis=0)
        out.append(on_faces(np.take(area, [0, *range(n)], d) / np.concatenate([ends[0], between, ends[1]], d), axis))
    return out


def matrix(g: list[np.ndarray], m: list[np.ndarray] | None = None) -> sparse.csr_matrix:
    """The operator face by face: what leaves one cell enters the next; upwind inflow; 1 where there is no equation."""
    shape = tuple(s - 3 for s in g[0].shape)
    number = pad(np.arange(1, np.prod(shape) + 1).reshape(shape)) - 1
    size = int(np.prod(shape))
    total, rows, columns, values = np.zeros(size), [], [], []
    for axis in range(3):
        below = np.roll(number, 1, 2 - axis)
        flux = np.zeros_like(g[axis]) if m is None else m[axis]
        for here, there, a in ((number, below, g[axis] + np.maximum(flux, 0)), (below, number, g[axis] + np.maximum(-flux, 0))):
            np.add.at(total, here[here >= 0], np.where(a > 0, a, 0)[here >= 0])
            both = (here >= 0) & (there >= 0)
            rows.append(here[both])
            columns.append(there[both])
            values.append(-a[both])
    everything = sparse.coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (size, size))
    return sparse.csr_matrix(everything + sparse.diags(total + (total == 0)))


def fins(refine: int, advected: bool = False, blocked: bool = False) -> System:
    """Copper fins on a base, water between them; cells stretched along the flow (x), to the fins (y) and the base (z).

    `blocked` leaves the water only and insulates it all around, as the pressure of a closed loop sees it.
    """
    x = geometric_faces(4 * refine, 0.0, 40e-3, 20.0)
    walls = np.linspace(0.0, 6e-3, 7)
    y = join_faces(*[tanh_faces(2 * refine, a, b, 1.2) for a, b in pairwise(walls)])
    z = join_faces(np.linspace(0.0, 1e-3, refine + 1), geometric_faces(2 * refine, 1e-3, 6e-3, 10.0))
    copper = np.zeros((z.size - 1, y.size - 1, x.size - 1), bool)
    copper[:refine] = True
    for fin in range(1, 6, 2):
        copper[:, 2 * refine * fin:2 * refine * (fin + 1)] = True
    if blocked:
        copper[-1] = False  # water passes over the fins, so that it is one body
    flags = [np.zeros(x.size, bool), np.isin(y, walls), np.isin(z, [z[refine], z[-2]] if blocked else [z[refine]])]
    axes = tuple(Axis(np.diff(f), flag) for f, flag in zip((x, y, z), flags))
    k = np.where(copper, 0.0 if blocked else COPPER, WATER)
    g = conductances([x, y, z], k, () if blocked else ("x0",) if advected else ("x0", "z1"))
    system = System(axes, g, None, blocked)  # type: ignore[arg-type]
    if advected:
        flow = np.where(copper, 0.0, 4.2e6 * 0.3) * np.diff(y)[:, None] * np.diff(z)[:, None, None]  # rho cp u area, W/K
        along = on_faces(np.take(flow, [0, *range(x.size - 1)], 2), 0)
        system.m = [along, np.zeros_like(along), np.zeros_like(along)]
    return system


def sources(system: System, seed: int = 1) -> np.ndarray:
    """Random heat in the cells that have an equation; of zero sum where the operator is singular."""
    live = system.live
    b = np.random.default_rng(seed).standard_normal(system.cells) * live
    return b - live * (b.sum() / live.sum()) if system.singular else b
