"""What a run needs to go on where an earlier one stopped, and whether that one solved the same problem."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.clock import Clock
from coldrack.solver.devices import Plane
from coldrack.solver.problem import Boundary, Problem

Array = NDArray[np.float64]


class RestartError(ValueError):
    """A saved state that does not belong to the problem; says what differs."""


@dataclass(frozen=True)
class Restart:
    """State of an unfinished (or finished) run.

    Parameters
    ----------
    velocity : tuple of ndarray
        On faces: (nz, ny, nx + 1), (nz, ny + 1, nx), (nz + 1, ny, nx), m/s.
    pressure, temperature : ndarray, shape (nz, ny, nx)
        Pa and K; the temperature means something only if `passes` is positive.
    passes : int
        Solutions of the energy equation so far.
    step : int
        Which of the flow solver's steps was in use.
    history : dict of list
    fingerprint : dict of str
        Of the problem, see `fingerprint`.
    clock : Clock, optional
        Of a run in time.
    turbulence : dict of ndarray, shape (nz, ny, nx)
        Fields of the turbulence model by name.
    """

    velocity: tuple[Array, Array, Array]
    pressure: Array
    temperature: Array
    passes: int
    step: int
    history: dict[str, list[float]]
    fingerprint: dict[str, str]
    clock: Clock | None = None
    turbulence: dict[str, Array] = field(default_factory=dict)


def fingerprint(problem: Problem) -> dict[str, str]:
    """Digests of what makes a problem, part by part; solver settings are not among them, so these may change."""
    mesh = problem.mesh
    c, t = problem.coolant, np.float64(problem.property_temperature)
    curves = () if c is None else tuple(
        float(np.asarray(getattr(c, n)(t))) for n in ("density", "viscosity", "conductivity", "heat_capacity"))
    parts: dict[str, list[Any]] = {
        "the mesh": [*mesh.grid.faces, mesh.material, mesh.component, mesh.components],
        "the materials": [mesh.materials, *sorted((n, s.conductivity) for n, s in problem.solids.items())],
        "the contact resistances": [x for k in mesh.contacts for x in (k.axis, k.faces, k.resistance)],
        "the coolant": [problem.properties, "" if c is None else c.name, *curves],
        "the heat sources": [x for s in problem.sources for x in (s.name, s.component, s.power, s.density)],
        "the boundaries": [x for b in problem.boundaries for x in _boundary(problem, b)],
    }
    if problem.buoyant:  # only then, so that runs saved without it can still be resumed
        parts["gravity"] = [problem.gravity, None if c is None else float(np.asarray(c.expansion(np.asarray(t))))]
    if problem.radiation is not None:
        r = problem.radiation
        parts["the radiation"] = [*sorted(r.emissivity.items()), r.ambient_temperature, r.rays, r.largest_patch]
    if problem.turbulence is not None:
        parts["the turbulence model"] = [problem.turbulence]
    if problem.devices:
        parts["the devices"] = [x for d in problem.devices for x in _values(d)]
    return {name: _digest(values) for name, values in parts.items()}


def check(saved: Restart, problem: Problem) -> None:
    """Raise `RestartError` unless the saved state is of this problem."""
    new = fingerprint(problem)
    differ = [n for n in {**new, **saved.fingerprint} if saved.fingerprint.get(n) != new.get(n)]
    if differ:
        raise RestartError(f"cannot resume: {', '.join(differ)} of the case differ from those of the saved run; undo that "
                           "change, or run without --resume")


def _boundary(problem: Problem, bc: Boundary) -> list[Any]:
    patch = problem.mesh.patches[bc.name]
    values = [getattr(v, "__qualname__", v) if callable(v) else v for v in vars(bc).values()]
    return [*values, patch.axis, patch.side, patch.mask]


def _values(device: Any) -> list[Any]:
    """What a device is made of, arrays apart from the rest."""
    out: list[Any] = [type(device).__name__]
    for value in vars(device).values():
        out += [value.axis, value.faces] if isinstance(value, Plane) else [value]
    return out


def _digest(values: list[Any]) -> str:
    h = hashlib.sha256()
    for value in values:
        if isinstance(value, np.ndarray):
            h.update(np.ascontiguousarray(value).view(np.uint8).data if value.size else b"")
        else:
            h.update(repr(value).encode())
        h.update(b"\0")
    return h.hexdigest()[:16]
