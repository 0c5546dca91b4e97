"""Parts of a network from their keys."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from coldrack.solver.case.errors import CaseError
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.plate_library import find_plate
from coldrack.solver.network import (
    CheckValve,
    Coupling,
    Element,
    Filter,
    Fitting,
    HazenWilliams,
    Pipe,
    Plate,
    Pump,
    Valve,
)
from coldrack.solver.system import SystemFailure

KV_OF_CV = 0.865  # m3/h at 1 bar over gpm at 1 psi (IEC 60534-2-1)


def element(name: str, m: Any, folder: Path, found: Findings) -> Element | None:
    """The part of a branch; None, with a note, where its keys do not fit."""
    path = ("network", "branches", name)
    if m.kind in ("pipe", "hose"):
        if m.roughness > 0.05 * m.diameter:
            found.add((*path, "roughness"), f"{m.roughness:g} m is more than 5 % of the diameter; correct the unit")
        return Pipe(m.length, m.diameter, m.roughness, m.loss, m.count)
    if m.kind == "fitting":
        return Fitting(m.diameter, m.loss)
    if m.kind in ("coupling", "valve", "check_valve"):
        return _coefficient(m, path, found)
    if m.kind == "filter":
        if m.viscosity_exponent and m.viscosity is None:
            found.add((*path, "viscosity_exponent"), "needs the viscosity that it was measured at: add `viscosity: 1.35 mPa s`")
        return Filter(m.flow_rate, m.pressure_drop, m.exponent, m.density, m.viscosity or 1.0, m.viscosity_exponent)
    if m.kind == "hazen_williams":
        return HazenWilliams(m.length, m.diameter, m.coefficient)
    return _pump(m, path, found) if m.kind == "pump" else _plate(m, path, folder, found)


def _coefficient(m: Any, path: tuple[str, ...], found: Findings) -> Element | None:
    if (m.kv is None) == (m.cv is None):
        found.add(path if m.kv is None else (*path, "cv"), "takes one of kv (m3/h at 1 bar) and cv (gpm at 1 psi); give one, "
                  "such as `kv: 2.5`")
        return None
    kv = m.kv if m.kv is not None else KV_OF_CV * m.cv
    if m.kind == "coupling":
        return Coupling(kv)
    if m.kind == "check_valve":
        return CheckValve(kv, m.cracking_pressure)
    return Valve(kv, m.opening, m.characteristic, m.rangeability)


def _pump(m: Any, path: tuple[str, ...], found: Findings) -> Element | None:
    flows, rises = zip(*m.curve, strict=True)
    wrong = ""
    if flows[0] != 0.0:
        wrong = "begins with no flow: add the point [0 L/min, shut-off pressure]"
    elif any(b <= a for a, b in pairwise(flows)):
        wrong = "goes along rising flow: put the points in order, each flow once"
    elif any(b >= a for a, b in pairwise(rises)):
        wrong = "must fall: with a rise there are several operating points at one pressure; leave out points of the rising part"
    if wrong:
        found.add((*path, "curve"), f"a pump's curve {wrong}")
    several = isinstance(m.efficiency, list)
    if several and len(m.efficiency) != len(flows):
        found.add((*path, "efficiency"), f"one a point of the curve: {len(flows)} are needed, got {len(m.efficiency)}")
    efficiency = () if m.efficiency is None else tuple(m.efficiency) if several else (m.efficiency,)
    return None if wrong else Pump(flows, rises, m.speed, efficiency, m.running)


def _plate(m: Any, path: tuple[str, ...], folder: Path, found: Findings) -> Element | None:
    try:
        return Plate(find_plate(m.plate, folder), m.count)
    except CaseError as error:  # of the plate's own file
        found.add((*path, "plate"), f"{m.plate} cannot be used: {str(error).splitlines()[0]}")
    except (SystemFailure, ValueError) as error:
        found.add((*path, "plate"), str(error))
    return None
