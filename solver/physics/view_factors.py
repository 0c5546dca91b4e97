"""View factors between patches of surface, from rays through the grid, and what grey surfaces exchange.

Areas times view factors S_ij = A_i F_ij come out symmetric (reciprocity), and their rows add up to the areas, to round-off.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from coldrack.meshes.grid import Grid
from coldrack.solver.physics.layout import Array
from coldrack.solver.physics.radiating_surfaces import Surfaces

CHUNK = 1 << 20  # rays of a launch
BITS = 30
# Of the Sobol points, by dimension: degree, coefficients and first direction numbers of the primitive polynomial.
POLYNOMIALS = ((0, 0, (1,)), (1, 0, (1,)), (2, 1, (1, 3)), (3, 1, (1, 3, 1)), (3, 2, (1, 1, 1)))
SMOOTHED = 1e-14  # of a row's sum, what smoothing may leave
SMOOTHINGS = 30


def sequence(count: int, seed: int) -> Array:
    """Points that fill the unit cube evenly, shape (5, count); best where `count` is a power of 2.

    Sobol points (USSR Comput. Math. Math. Phys. 7 (1967) 86) with direction numbers of Joe & Kuo, SIAM J. Sci. Comput. 30
    (2008) 2635, shifted digit by digit by the random numbers of `seed`.
    """
    index, one = np.arange(count, dtype=np.int64), 1 << BITS
    points = np.empty((len(POLYNOMIALS), count))
    shifts = np.random.default_rng(seed).integers(0, one, len(POLYNOMIALS))
    for row, (degree, a, first), shift in zip(points, POLYNOMIALS, shifts):
        m = list(first)
        for n in range(len(m), BITS):
            value = m[n - degree] ^ (m[n - degree] << degree) if degree else 1
            for k in range(1, degree):
                value ^= ((a >> (degree - 1 - k)) & 1) * (m[n - k] << k)
            m.append(value)
        x = np.full(count, shift)
        for bit, value in enumerate(m[: int(count).bit_length()]):
            x ^= ((index >> bit) & 1) * (value << (BITS - 1 - bit))
        row[:] = (x + 0.5) / one
    return points


def view_areas(be: Any, grid: Grid, surfaces: Surfaces, rays: int) -> Array:
    """S_ij = A_i F_ij, m2, shape (m, m).

    Rays start evenly spread over each patch in directions whose density is the cosine's (Howell, Mengüç, Daun & Siegel, Thermal
    Radiation Heat Transfer (2021), chapter on Monte Carlo). Both ways of a pair count: of all rays between i and j, with w rays
    per area, S_ij = (n_ij + n_ji) / (w_i + w_j).
    """
    hits, area = _hits(be, grid, surfaces, rays), surfaces.areas
    density = hits.sum(axis=1) / area
    both = density[:, None] + density[None, :]
    return consistent((hits + hits.T) / np.where(both > 0, both, 1.0), area)


def consistent(s: Array, area: Array) -> Array:
    """The symmetric matrix nearest to a symmetric `s` whose rows add up to the areas.

    Least squares of the changes, each over the entry itself, so that zeros stay (Larsen & Howell, J. Heat Transfer 108 (1986)
    239): S_ij (1 + p_i + p_j) with multipliers p from one symmetric system. Repeated for what round-off and bounds leave.
    """
    s = s.copy()
    blind = np.flatnonzero(s.sum(axis=1) <= 0.0)
    s[blind, blind] = area[blind]  # no ray of it arrived: it sees itself
    for _ in range(SMOOTHINGS):
        sums = s.sum(axis=1)
        lacks = area - sums
        if np.all(abs(lacks) <= SMOOTHED * area):
            break
        system = s + np.diag(sums * (1.0 + 1e-9))  # of two surfaces that see each other only it is singular
        p = linalg.solve(system, lacks, assume_a="pos")
        s *= np.clip(1.0 + p[:, None] + p[None, :], 0.2, 5.0)
    return s


def _hits(be: Any, grid: Grid, surfaces: Surfaces, rays: int) -> Array:
    """Number of rays from patch i that arrive at patch j, shape (m, m)."""
    double, (nz, ny, nx) = be.with_dtype("f8"), grid.shape
    count = surfaces.kind.size
    u, a, b, radius, angle = sequence(rays, 1)
    turn = [np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)]
    tables = [double.asarray(q) for q in (a, b, np.sqrt(1.0 - radius), *(np.sqrt(radius) * t for t in turn))]
    shift = sequence(count, 2)
    grid_arrays = [double.asarray(f) for f in grid.faces] + [double.asarray(q.reshape(-1)) for q in surfaces.label]
    order = np.argsort(surfaces.patch, kind="stable")
    bounds = np.searchsorted(surfaces.patch[order], np.arange(count + 1))
    k, j, i = (q[order] - 1 for q in surfaces.coolant)
    cell = ((k * ny + j) * nx + i).astype(np.int32)
    hits = np.zeros((count, count))
    step = max(1, CHUNK // rays)
    for first in range(0, count, step):
        here = np.arange(first, min(first + step, count))
        start = np.empty((1, here.size, rays), np.int32)
        for n, p in enumerate(here):
            mine = order[bounds[p]:bounds[p + 1]]
            part = np.cumsum(surfaces.area[mine])
            place = np.searchsorted(part, (u + shift[0, p]) % 1.0 * part[-1], side="right")
            start[0, n] = cell[bounds[p]:bounds[p + 1]][np.minimum(place, mine.size - 1)]
        lead = order[bounds[here]]
        per_patch = [surfaces.sign[lead], np.cos(2 * np.pi * shift[1, here]), np.sin(2 * np.pi * shift[1, here]),
                     shift[2, here], shift[3, here]]
        hit = double.zeros(start.shape, np.int32)
        double.launch("trace_rays", rays, here.size, 1, nx, ny, nz, 100 + 50 * (nx + ny + nz), *grid_arrays,
                      *(double.asarray(q[None].astype(np.int32)) for q in (surfaces.axis[lead], shift[4, here] * rays)),
                      *(double.asarray(np.asarray(q, float)[None]) for q in per_patch), *tables, double.asarray(start), hit)
        found = double.to_numpy(hit)[0]
        for n, p in enumerate(here):
            hits[p] = np.bincount(found[n][found[n] >= 0], minlength=count)
    return hits


def exchange(s: Array, area: Array, emissivity: Array) -> Array:
    """Matrix M of net fluxes q = M e, W out of each patch, from black emissive powers e = sigma T^4, W/m2.

    The radiosities of grey diffuse surfaces obey J = eps e + (1 - eps) F J; the net flux is A J - S J (Howell et al. (2021),
    chapter on enclosures of grey surfaces). M is symmetric and its rows and columns add up to zero, here to round-off: heat is
    conserved whatever the temperatures. Patches with emissivity 0 re-radiate all, their rows are zero.
    """
    reflected = np.minimum(1.0 - emissivity, 1.0 - 1e-12)  # an enclosure without any emitter is singular
    radiosity = linalg.solve(np.eye(area.size) - reflected[:, None] * s / area[:, None], np.diag(emissivity))
    m = area[:, None] * radiosity - s @ radiosity
    m[emissivity == 0.0] = 0.0
    m = 0.5 * (m + m.T)
    np.fill_diagonal(m, 0.0)
    np.fill_diagonal(m, -m.sum(axis=1))
    return m
