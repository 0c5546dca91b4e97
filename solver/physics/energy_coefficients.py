"""Coefficients of the energy equation on the padded grid: conductances, sources, what carries which temperature.

Face conductances are the series resistance of the two half cells and any contact resistance, so layered media are exact
(Patankar, Numerical Heat Transfer and Fluid Flow (1980), section 4.2-3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.linear.coarsening import Axis
from coldrack.solver.physics.layout import Array, Layout, material_planes
from coldrack.solver.physics.panels import flag_planes
from coldrack.solver.problem import Boundary, Problem

Given = list[tuple[tuple[Any, ...], Any]]  # indices of ghosts, and the rise that stands there


def carrier(problem: Problem, layout: Layout) -> NDArray[np.uint8]:
    """1 in coolant, 2 where another temperature stands: solids, ghosts behind a given temperature; padded."""
    material = problem.mesh.material
    out = layout.pad(np.where(material == 1, 1, np.where(material > 1, 2, 0)).astype(np.uint8))
    for bc in problem.boundaries:
        if bc.temperature is not None and bc.kind != "outlet":
            out[layout.ghosts(problem.mesh.patches[bc.name])] = 2
    return out


def axes(problem: Problem) -> tuple[Axis, Axis, Axis]:
    """Axes for the coarsening; slabs of anisotropic solids count as wider where they conduct badly."""
    mesh = problem.mesh
    flags = flag_planes(problem, material_planes(mesh, mesh.material))
    table = np.zeros((len(mesh.materials), 3))  # of void and coolant nothing
    for index, name in enumerate(mesh.materials[2:], start=2):
        k = problem.solids[name].conductivity
        table[index] = [0.5 * np.log(max(k) / kd) for kd in k]
    out = []
    for axis, (width, flag) in enumerate(zip(mesh.grid.widths, flags)):
        slabs = np.moveaxis(mesh.material, 2 - axis, 0)
        stretch = [table[slab[slab > 0], axis].mean() if slab.any() else 0.0 for slab in slabs]
        out.append(Axis(width * np.exp(stretch), flag))
    return out[0], out[1], out[2]


def conductances(problem: Problem, layout: Layout, fluid: float | Array, given: Given) -> Iterator[Array]:
    """Face conductances along x, y, z, W/K, padded; adds to `given` what stands behind the boundaries.

    Parameters
    ----------
    problem, layout
    fluid : float or ndarray, shape (nz, ny, nx)
        Conductivity of the coolant, W/(m K).
    given : list
    """
    for axis in range(3):
        a = 2 - axis
        k = _conductivities(problem, fluid, axis)
        width = problem.mesh.grid.widths[axis].reshape([-1 if d == a else 1 for d in range(3)])
        with np.errstate(divide="ignore"):
            half = layout.pad(np.where(k > 0, 0.5 * width / np.where(k > 0, k, 1.0), np.inf), np.inf)
        resistance = half.copy()  # of the low half cell plus the high one, m2 K/W
        hi, lo = [slice(None)] * 3, [slice(None)] * 3
        hi[a], lo[a] = slice(1, None), slice(0, -1)
        resistance[tuple(hi)] += half[tuple(lo)]
        _add_contacts(problem, resistance, axis)
        area = np.ones(layout.shape)
        for d in range(3):
            if d != axis:
                area = area * layout.width[d].reshape([-1 if 2 - d == e else 1 for e in range(3)])
        g = area / resistance
        for bc in problem.boundaries:
            if problem.mesh.patches[bc.name].axis == axis:
                _couple(problem, layout, bc, half, area, g, given)
        yield g


def _conductivities(problem: Problem, fluid: float | Array, axis: int) -> Array:
    mesh = problem.mesh
    table = np.zeros(len(mesh.materials))
    for index, name in enumerate(mesh.materials[2:], start=2):
        table[index] = problem.solids[name].conductivity[axis]
    k = table[mesh.material]
    wet = mesh.fluid
    k[wet] = fluid if np.isscalar(fluid) else np.asarray(fluid)[wet]
    return k


def _add_contacts(problem: Problem, resistance: Array, axis: int) -> None:
    nz, ny, nx = problem.mesh.grid.shape
    shape = [nz, ny, nx]
    shape[2 - axis] += 1
    for contact in problem.mesh.contacts:
        if contact.axis == axis:
            k, j, i = np.unravel_index(contact.faces, shape)
            resistance[k + 1, j + 1, i + 1] += contact.resistance


def _couple(problem: Problem, layout: Layout, bc: Boundary, half: Array, area: Array, g: Array, given: Given) -> None:
    """Couple the cells under a patch to the value in its ghosts."""
    patch = problem.mesh.patches[bc.name]
    face, inside, ghost = (f(patch) for f in (layout.boundary_faces, layout.inside, layout.ghosts))
    here = half[inside]
    if bc.heat_transfer_coefficient is not None:
        g[face] = area[face] / (here + 1.0 / bc.heat_transfer_coefficient)
        given.append((ghost, float(bc.ambient_temperature or 0.0) - problem.reference_temperature))
    elif bc.temperature is not None:
        value = bc.temperature(*layout.coordinates(patch)) if callable(bc.temperature) else bc.temperature
        given.append((ghost, value - problem.reference_temperature))
        if bc.kind != "outlet":
            wet = layout.pad(problem.mesh.fluid)[inside] if bc.kind == "inlet" else np.ones(here.shape, bool)
            g[face] = np.where(wet, area[face] / here, g[face])


def sources(problem: Problem, layout: Layout) -> Array:
    """Heat released in each cell, W, padded."""
    total = np.zeros(problem.mesh.grid.shape)
    for source in problem.sources:
        total += source.power * share(problem, source.name)
    if problem.volumetric_heat is not None:
        total += problem.volumetric_heat * problem.mesh.grid.volumes()
    b = layout.pad(total)
    for bc in problem.boundaries:
        if bc.heat_flux is not None:
            patch = problem.mesh.patches[bc.name]
            np.add.at(b, layout.inside(patch), bc.heat_flux * layout.areas(patch))
    return b


def share(problem: Problem, name: str) -> Array:
    """Share of a source's power released in each cell; sums to 1."""
    source = next(s for s in problem.sources if s.name == name)
    mesh = problem.mesh
    weight = np.array(mesh.grid.volumes() if source.density is None else source.density, float)
    weight *= mesh.cells_of(source.component)
    weight /= weight.sum()
    return weight
