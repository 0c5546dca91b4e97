"""`coldrack characterise`: sweep a case over flow and inlet temperature, keep every point, write what networks need."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coldrack.solver.cli import codes
from coldrack.solver.cli.codes import InputError
from coldrack.solver.cli.progress import duration, reporter, say_error
from coldrack.solver.cli.signals import StopRequest

if TYPE_CHECKING:
    from coldrack.solver.characteristic.measure import Point
    from coldrack.solver.characteristic.sweep import Sweep
    from coldrack.solver.cli.progress import Quiet

EXPORTS = {"csv": ".csv", "energyplus": ".idf", "modelica": ".mo", "fmu": ".fmu"}
ENDING = ".plate.yaml"
ANYWHERE = (1e-5, 300.0)  # m3/s and K at which a sweep is compared with one from before


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    case: Path
    out: Path
    overrides: dict[str, str]
    flows: Any
    temperatures: Any
    boundary: str = ""
    export: tuple[str, ...] = ()
    device: str = "auto"
    dtype: str = "f8"
    resume: bool = False
    json: bool = False
    quiet: bool = False
    pictures: bool = True


def exports(text: str) -> tuple[str, ...]:
    """``csv,modelica`` as names that are known."""
    from coldrack.solver.case.errors import suggest

    names = tuple(dict.fromkeys(n.strip().lower() for n in text.split(",") if n.strip()))
    for name in names:
        if name not in EXPORTS:
            raise InputError(f"--export {name}: no such format{suggest(name, EXPORTS)}")
    if "fmu" in names and find_spec("pythonfmu") is None:
        raise InputError("--export fmu needs pythonfmu: pip install 'coldrack[fmu]', or leave fmu out")
    return names


def characterise(options: Options) -> int:
    """Run a sweep; returns the exit code."""
    display = reporter(options.json, options.quiet)
    try:
        return _Job(options, display).go()
    finally:
        display.close()


class _Job:
    def __init__(self, options: Options, display: Quiet) -> None:
        self.options, self.display = options, display
        self.stop = StopRequest(display.say)
        self.kept: dict[tuple[float, float], Point] = {}
        self.solved, self.seconds, self.told = 0, 0.0, 0.0

    def go(self) -> int:
        from coldrack.solver.characteristic.sweep import run_sweep
        from coldrack.solver.output.write import prepare_folder

        self.sweep = self._sweep()
        self.total = len(self.sweep.order())
        self.identity = self._identity()
        prepare_folder(self.options.out)
        done = self._saved()
        self.kept = dict(done)
        self.left = self.total - sum(self._known(done, *at) for at in self.sweep.order())
        with self.stop:
            points = run_sweep(self.sweep, self._solve, done, self._keep, stop=self.stop)
        if self.stop():
            say_error(f"interrupted after {len(points)} of {self.total} points; they are kept, go on with --resume",
                      self.options.json)
            return self.stop.code
        bad = [p for p in points if not p.converged]
        if bad:
            first = bad[0]
            say_error(f"{len(bad)} of {self.total} points did not converge, so there is no characteristic; the first, "
                      f"{_place(first.flow, first.temperature)}: {first.reason}. Narrow the range, or go on with "
                      "--resume and other settings of the solver (where only the residual lacks, a larger "
                      "solver.residual)", self.options.json)
            return codes.NOT_CONVERGED
        self._finish(points)
        return codes.OK

    def _sweep(self) -> Sweep:
        from coldrack.solver.case import load
        from coldrack.solver.characteristic.sweep import Sweep, SweepError, check_heat, inlet_of
        from coldrack.solver.materials.library import MaterialError
        from coldrack.solver.system import SystemProblem

        o = self.options
        problem = load(o.case, o.overrides)
        if isinstance(problem, SystemProblem):
            raise InputError(f"{o.case} has no mesh: it is of kind {problem.kind}; characterise a plate's case")
        try:
            sweep = Sweep(problem, inlet_of(problem, o.boundary), o.flows, o.temperatures)
            check_heat(problem)
            for t in o.temperatures:
                at = sweep.at(float(o.flows[0]), float(t))
                problem.coolant.density(o.temperatures), problem.coolant.density(at.property_temperature)
        except (SweepError, MaterialError) as error:
            raise InputError(f"{o.case}: {error}") from None
        if problem.settings.time is not None:
            self.display.say("the case runs in time: the sweep solves it steady")
        return sweep

    def _identity(self) -> dict[str, str]:
        """What must be the same for points of two sweeps to go together; solver limits may differ."""
        from coldrack.solver.restart import fingerprint

        settings = self.sweep.problem.settings
        return fingerprint(self.sweep.at(*ANYWHERE)) | {"the inlet": self.sweep.inlet, "solver.convection": settings.convection}

    def _saved(self) -> dict[tuple[float, float], Point]:
        """Points from before, with --resume."""
        from coldrack.solver.output.characteristic_files import POINTS, read_points

        out = self.options.out
        there = (out / POINTS).exists()
        if not self.options.resume:
            if there:
                self.display.say(f"{out} holds points from before (--resume would go on with them), which this sweep replaces")
            return {}
        if not there:
            self.display.say(f"{out} holds no points yet: starting from the beginning")
            return {}
        kept = read_points(out)
        names = {**self.identity, **kept.identity}
        differ = [n for n in names if self.identity.get(n) != kept.identity.get(n)]
        if differ:
            raise InputError(f"cannot resume: {', '.join(differ)} of the case differ from those of the sweep in {out}; undo "
                             "that change, run without --resume, or choose another --out")
        return {(p.flow, p.temperature): p for p in kept.points}

    @staticmethod
    def _known(done: Any, flow: float, temperature: float) -> bool:
        from coldrack.solver.characteristic.sweep import find

        point = find(done, flow, temperature)
        return point is not None and point.converged

    def _solve(self, problem: Any, start: Any) -> Any:
        from coldrack.solver.run import SolverError, solve

        o, number = self.options, self.total - self.left + 1
        inlet = next(b for b in problem.boundaries if b.name == self.sweep.inlet)

        def progress(event: dict[str, Any]) -> None:
            if time.perf_counter() - self.told >= self.display.seconds:
                self.told = time.perf_counter()
                event.pop("eta_seconds", None)  # of the stage; that of the sweep is told after every point
                self.display(event | {"stage": f"{number}/{self.total} {event['stage']}"})

        began = self.told = time.perf_counter()
        try:
            return solve(problem, o.device, o.dtype, progress, self.stop, resume=start)
        except SolverError as error:
            raise SolverError(f"{_place(inlet.flow_rate, inlet.temperature)}: {error}; the other points are kept, go on with "
                              "--resume over a narrower range") from error
        finally:
            self.seconds += time.perf_counter() - began

    def _keep(self, point: Point) -> None:
        """Write a finished point at once."""
        from coldrack import __version__
        from coldrack.solver.output.characteristic_files import write_points

        self.kept[point.flow, point.temperature] = point
        self.solved, self.left = self.solved + 1, self.left - 1
        write_points(self.options.out, list(self.kept.values()), self.identity, self.sweep.problem.case_text, __version__)
        hottest = max(point.resistance.items(), key=lambda item: item[1])
        left = f"; about {duration(self.left * self.seconds / self.solved)} to go" if self.left else ""
        state = "" if point.converged else f" NOT CONVERGED ({point.reason})"
        self.display.say(f"{self.total - self.left}/{self.total} {_place(point.flow, point.temperature)}: {hottest[0]} "
                         f"{hottest[1]:.5g} K/W, {point.pressure_drop:.5g} Pa, {point.iterations} iterations, "
                         f"{point.seconds:.1f} s{state}{left}")

    def _finish(self, points: list[Point]) -> None:
        from coldrack.solver.case.plate_library import read_plate
        from coldrack.solver.characteristic.summary import summarise_sweep, text, warnings
        from coldrack.solver.output.characteristic_files import write_artefact

        o, problem = self.options, self.sweep.problem
        data = summarise_sweep(points, problem)
        remarks = warnings(points, problem)
        path = o.out / f"{o.case.stem}{ENDING}"
        data |= {"name": o.case.stem, "file": path.name} | self._record(points, remarks)
        write_artefact(path, data)
        plate = read_plate(path)
        made = [path, *self._export(plate, points)]
        self.display.close()
        made += self._draw(plate, data) if o.pictures else []
        if o.json:
            print(json.dumps({"name": data["name"], "files": [str(p) for p in made], "warnings": remarks, "fit": data["fit"],
                              "heat_capacity": data["heat_capacity"], "provenance": data["provenance"]}))
        elif not o.quiet:
            print(f"{problem.title}\n{text(points, data)}\n")
            print("Results: " + ", ".join(str(p) for p in made))
        sys.stdout.flush()
        for remark in remarks:
            self.display.say(f"warning: {remark}")

    def _draw(self, plate: Any, data: dict[str, Any]) -> list[Path]:
        """The picture; one that fails does not fail the sweep, whose results are written."""
        from coldrack.solver.output.characteristic import picture

        p = self.sweep.problem
        try:
            return [picture(plate, data, f"{p.title}: {p.mesh.grid.cells:,} cells, {plate.coolant.name}",
                            self.options.out / "characteristic.png")]
        except Exception as error:
            if codes.debugging():
                raise
            self.display.say(f"no picture: {type(error).__name__}: {error}")
            return []

    def _record(self, points: list[Point], remarks: list[str]) -> dict[str, Any]:
        """Source and provenance."""
        from coldrack import __version__
        from coldrack.solver.output.characteristic_files import digest

        p = self.sweep.problem
        cells = p.mesh.grid.cells
        provenance = {
            "title": p.title, "version": __version__, "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "case": self.options.case.name, "case_digest": digest(p.case_text), "set": self.options.overrides,
            "inlet": self.sweep.inlet, "cells": cells, "convection": p.settings.convection, "properties": p.properties,
            "residual": p.settings.residual, "tolerance": p.settings.tolerance, "power": points[0].power,
            "sources": {s.name: s.power for s in p.sources}, "largest_heat_error": max(q.heat_error for q in points),
            "largest_mass_error": max(q.mass_error for q in points), "largest_reynolds": max(q.reynolds for q in points),
            "iterations": sum(q.iterations for q in points), "seconds": sum(q.seconds for q in points), "warnings": remarks}
        return {"source": f"{p.title}: coldrack {__version__}, {cells} cells, {p.settings.convection} convection",
                "provenance": provenance}

    def _export(self, plate: Any, points: list[Point]) -> list[Path]:
        from coldrack.solver.output.atomic import write_text
        from coldrack.solver.output.characteristic_exports import energyplus, modelica
        from coldrack.solver.output.characteristic_files import points_csv
        from coldrack.solver.output.characteristic_fmu import write_fmu

        component = max(plate.components, key=lambda n: float(plate.points[n].max()))
        made = []
        for name in self.options.export:
            path = self.options.out / f"{self.options.case.stem}{EXPORTS[name]}"
            if name == "fmu":
                write_fmu(plate, path)
            elif name == "csv":
                write_text(path, points_csv(points))
            else:
                write_text(path, {"energyplus": energyplus, "modelica": modelica}[name](plate, component))
            made.append(path)
        return made


def _place(flow: float, temperature: float) -> str:
    return f"{flow * 6e4:.4g} L/min at {temperature - 273.15:.4g} degC"
