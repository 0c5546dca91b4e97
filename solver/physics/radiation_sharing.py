"""How the faces of a patch share temperature and heat with the cells on their two sides."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.physics.layout import Array, Layout
from coldrack.solver.physics.radiating_surfaces import AMBIENT, FILM, FIXED, SOLID, Indices, Surfaces
from coldrack.solver.problem import Problem


class Sharing:
    """Temperature of the patches as c + W x + D q, for the rise x of the cells and the flux q into each patch, W.

    A face lies between two resistances: the coolant's half cell, and the solid's or the film outside a wall. Its temperature
    is the mean of both sides weighted with the other side's resistance, plus the flux into it times both in parallel; the flux
    goes to the two sides by the same weights. So layers are exact with radiation too.

    Parameters
    ----------
    problem, layout, backend
    surfaces : Surfaces
    on : ndarray of int
        The patches that take part.
    """

    def __init__(self, problem: Problem, layout: Layout, backend: Any, surfaces: Surfaces, on: Indices) -> None:
        self.problem, self.layout, self.be, self.surfaces, self.count = problem, layout, backend, surfaces, on.size
        place = np.full(surfaces.kind.size, -1)
        place[on] = np.arange(on.size)
        self.patch = place[surfaces.patch]  # of every face
        # K, K/W, and what share of a flux goes to what is behind walls
        self.mine = np.flatnonzero(self.patch >= 0)
        self.place = []  # of the faces along every axis: which of `mine`, and where they stand in flat padded arrays
        for axis in range(3):
            there = np.flatnonzero(surfaces.axis[self.mine] == axis)
            flat = np.ravel_multi_index(tuple(f[self.mine[there]] for f in surfaces.face), layout.shape)
            self.place.append((there, self.be.asarray(flat)))
        self.conductance = np.zeros(0)  # W/K
        self.c: Any = np.zeros(on.size)
        self.d: Any = self.c
        self.outer: Any = self.c
        self.cells: Any = None  # numbers of the cells that have a part, in the flat padded array
        self.gathering: tuple[Any, ...] = ()
        self.spreading: tuple[Any, ...] = ()

    def take(self, g: list[Any]) -> None:
        """Take face conductances along x, y, z, W/K, padded, with what turbulence adds."""
        s, n, mine = self.surfaces, self.count, self.mine
        conductance = np.zeros(mine.size)
        for axis, (on, place) in enumerate(self.place):
            conductance[on] = self.be.to_numpy(g[axis].reshape(-1)[place])
        if np.array_equal(conductance, self.conductance):
            return
        self.conductance = conductance
        patch, area = self.patch[mine], s.area[mine]
        share = area / np.bincount(patch, area, n)[patch]
        behind, kind = self._half_resistance(mine), s.kind[s.patch[mine]]
        solid = (kind == SOLID) | (kind == FILM)
        # of a face, what its temperature owes to the coolant; the rest to the solid, or to what is given behind the wall
        inner = np.where(solid, behind * conductance / area, 0.0)
        resistance = np.where(solid, behind * (1.0 - inner), 0.0)
        self.outer = np.bincount(patch, share * np.where(kind == SOLID, 0.0, 1.0 - inner), n)
        self.d = np.bincount(patch, share**2 / area * resistance, n)
        reference = self.problem.reference_temperature
        given = reference + np.where(kind == SOLID, 0.0, (1.0 - inner) * (self._given()[mine] - reference))
        self.c = np.bincount(patch, share * given, n)
        self._share(mine, patch, share, inner, kind)

    def _half_resistance(self, mine: Any) -> Any:
        """Between a face and what is behind it, m2 K/W: of the solid's half cell, or of the film outside."""
        s, p = self.surfaces, self.problem
        material = self.layout.pad(p.mesh.material)[tuple(q[mine] for q in s.behind)]
        table = np.ones((len(p.mesh.materials), 3))
        for index, name in enumerate(p.mesh.materials[2:], start=2):
            table[index] = p.solids[name].conductivity
        axis = s.axis[mine]
        width = np.choose(axis, [self.layout.width[d][s.behind[2 - d][mine]] for d in range(3)])
        out = 0.5 * width / table[material, axis]
        film = {bc.name: bc.heat_transfer_coefficient for bc in p.boundaries}
        for number in np.flatnonzero(s.kind == FILM):
            out[s.patch[mine] == number] = 1.0 / (film[s.name[number]] or 1.0)
        return out

    def _given(self) -> Array:
        """Temperature behind every face of a boundary, K."""
        s = self.surfaces
        out = np.full(s.area.size, self.problem.reference_temperature)
        ambient = self.problem.radiation.ambient_temperature  # type: ignore[union-attr]
        ghost = self.layout.pad(np.zeros(self.problem.mesh.grid.shape))
        for bc in self.problem.boundaries:
            patch = self.problem.mesh.patches[bc.name]
            value: Any = bc.ambient_temperature if bc.heat_transfer_coefficient is not None else bc.temperature
            if value is not None and bc.kind == "wall":
                ghost[self.layout.ghosts(patch)] = value(*self.layout.coordinates(patch)) if callable(value) else value
        wall = np.isin(s.kind[s.patch], (FIXED, FILM))
        out[wall] = ghost[tuple(q[wall] for q in s.behind)]
        out[s.kind[s.patch] == AMBIENT] = ambient
        return out

    def _share(self, mine: Any, patch: Any, share: Array, inner: Array, kind: Any) -> None:
        """Matrix W, and its transpose for the cells that have a part in it, as rows on the device."""
        shape, solid, wet = self.layout.shape, kind == SOLID, inner > 0.0
        behind, coolant = (np.ravel_multi_index(tuple(q[mine] for q in cells), shape)
                           for cells in (self.surfaces.behind, self.surfaces.coolant))
        cell = np.concatenate([behind[solid], coolant[wet]])
        row = np.concatenate([patch[solid], patch[wet]])
        value = np.concatenate([(share * (1.0 - inner))[solid], (share * inner)[wet]])
        cells, number = np.unique(cell, return_inverse=True)
        self.cells = self.be.asarray(cells)
        self.gathering = self._rows(row, cell, value, self.count, int(np.prod(shape)))
        self.spreading = self._rows(number.reshape(-1), row, value, cells.size, self.count)

    def _rows(self, row: Any, column: Any, value: Array, rows: int, columns: int) -> tuple[Any, ...]:
        """Arguments of `sparse_product` for a matrix given by its entries."""
        order = np.argsort(row, kind="stable")
        place = np.arange(row.size) - np.searchsorted(row[order], row[order])
        width = int(place.max(initial=0)) + 1
        index, entries = np.full((width, rows), columns, np.int32), np.zeros((width, rows))
        index[place, row[order]], entries[place, row[order]] = column[order], value[order]
        shape = (width, 1, 1, rows)
        return rows, 1, 1, width, columns, self.be.asarray(index.reshape(shape)), self.be.asarray(entries.reshape(shape))

    def _product(self, matrix: tuple[Any, ...], x: Any) -> Any:
        out = self.be.empty((1, 1, matrix[0]))
        if matrix[0]:
            self.be.launch("sparse_product", *matrix, x.reshape(-1), out)
        return out.reshape(-1)

    def gather(self, x: Any) -> Any:
        """W x: of every patch from the cells (padded)."""
        return self._product(self.gathering, x)

    def spread(self, q: Any) -> Any:
        """W^T q: of every one of `cells` from the patches."""
        return self._product(self.spreading, q)
