"""Solve a problem in time: steps, monitors, snapshots, averages, books; stopped and resumed like a steady run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver import guard, restart
from coldrack.solver.answer import collect, fields
from coldrack.solver.clock import SIGNALS, Clock, to_cells
from coldrack.solver.linear.krylov import LinearSolverError
from coldrack.solver.monitor import Monitor
from coldrack.solver.physics import ledger as ledgers
from coldrack.solver.physics.devices import Devices
from coldrack.solver.physics.layout import INNER, Layout
from coldrack.solver.physics.unsteady import CARRYING, UnsteadyFlow
from coldrack.solver.physics.unsteady_energy import UnsteadyEnergy
from coldrack.solver.physics.unsteady_step import Stepper
from coldrack.solver.physics.window import Window
from coldrack.solver.probe import PressureProbe, throughput
from coldrack.solver.problem import Problem, VectorFunction
from coldrack.solver.properties import Properties
from coldrack.solver.solution import Solution

CLOSED = 1e-9  # of the time between two snapshots: how near counts as there
POLISH = 1e-11  # divergence left in what is written, over the throughput


@dataclass(frozen=True)
class Snapshot:
    """Fields at one time, in cells, shape (nz, ny, nx[, 3]), single precision: T (K), p (Pa), U (m/s)."""

    time: float
    fields: dict[str, NDArray[np.float32]]


class TimeMonitor(Monitor):
    """A `Monitor` of steps in time: the time to go follows from the time that has passed."""

    now = begun = end = 0.0

    def _remaining(self) -> float:
        passed = self.now - self.begun
        return (time.perf_counter() - self.stage_started) * (self.end - self.now) / passed if passed > 0 else math.nan


class TimeRun:
    """A problem on its way through time, with what `collect` needs to make a `Solution` of it.

    Parameters
    ----------
    problem, backend, dtype, monitor, resume
        As of the steady run.
    snapshot : callable, optional
        Called with a `Snapshot` at time 0, whenever `write_every` has passed, and at the end.
    """

    def __init__(self, problem: Problem, backend: Any, dtype: str, monitor: TimeMonitor, resume: restart.Restart | None,
                 snapshot: Callable[[Snapshot], None] | None = None) -> None:
        assert problem.settings.time is not None
        self.started = self.saved = time.perf_counter()
        self.problem, self.backend, self.dtype, self.monitor = problem, backend, dtype, monitor
        self.time, self.snapshot, self.be = problem.settings.time, snapshot, backend.with_dtype("f8")
        self.layout = Layout(problem.mesh.grid)
        self.window = Window.around_coolant(problem, self.layout)
        self.wet = self.window.problem(problem)
        self.wet_layout = Layout(self.wet.mesh.grid)
        self.probe = PressureProbe(self.wet, self.wet_layout, backend)
        self.properties = Properties(problem, self.layout)
        self.checkpoint: Callable[[Solution], None] | None = None
        self.checkpoint_seconds = 0.0
        self.defect: list[Any] = []
        self.devices: Devices | None = None
        self.notes: dict[str, str] = {"backend": f"backend: {backend.description}"}
        self.flow = self._new_flow() if problem.settings.flow and bool(problem.mesh.fluid.any()) else None
        self.thermal = self._new_energy() if problem.settings.energy else None
        self.energy = self.thermal.energy if self.thermal is not None else None
        self.passes = int(self.thermal is not None)
        self.clock = Clock()
        self._start() if resume is None else self._resume(resume)
        self.stepper = Stepper(problem, self.layout, self.window, self.time, self.flow, self.thermal, backend)
        self.stepper.step = self.clock.step
        self.sums = self._averages()
        self.good = self._state()

    # ---------------------------------------------------------------- to begin with
    def _new_flow(self) -> UnsteadyFlow:
        p = self.properties
        weight = tuple(-p.inlet_density * p.expansion * g for g in self.problem.gravity)
        flow = UnsteadyFlow(replace(self.wet, turbulence=None), self.wet_layout, self.backend, self.time, weight)
        if self.problem.devices:
            self.devices = Devices(self.problem, self.layout, self.backend, flow, p.inlet_density, p.heat_capacity)
            flow.terms.append(self.devices)
        cut = self.window.cut_padded
        flow.set_properties(self.be.asarray(cut(p.density)), self.be.asarray(cut(p.viscosity)))
        return flow

    def _new_energy(self) -> UnsteadyEnergy:
        p, flux = self.properties, None
        if self.flow is not None:
            flux = [self.be.zeros(self.layout.shape) for _ in range(3)]
        elif self.problem.velocity is not None:
            flux = [self.be.asarray(m) for m in p.prescribed_mass_flux(self.problem.velocity)]
        coolant = (p.inlet_density, p.heat_capacity, p.conductivity)
        thermal = UnsteadyEnergy(self.problem, self.layout, self.backend, *coolant, flux, self.devices)
        if self.flow is not None:
            self.flow.warm, self.flow.projection = thermal.energy, CARRYING
        return thermal

    def _start(self) -> None:
        flow, given = self.flow, self.time.initial_velocity
        if flow is not None:
            for axis in flow.axes:
                value = self._at_faces(given, axis) if callable(given) else given[axis]
                flow.velocity[axis] += value * flow.solved[axis]
            self._polish()
        if self.thermal is not None:
            first = self.time.initial_temperature
            self._warm(self.problem.reference_temperature if first is None else first)

    def _at_faces(self, function: VectorFunction, axis: int) -> Any:
        """A component of a function on the faces where it lives, padded device array."""
        lay = self.wet_layout
        where = [lay.face[d] if d == axis else lay.centre[d] for d in range(3)]
        z, y, x = np.meshgrid(*(a[:n] for a, n in zip(reversed(where), lay.shape)), indexing="ij")
        return self.be.asarray(np.broadcast_to(function(x, y, z)[axis], lay.shape).astype(float))

    def _resume(self, saved: restart.Restart) -> None:
        if saved.clock is None:
            raise restart.RestartError("cannot resume: the saved run is a steady one; run without --resume, or without "
                                       "solver.time")
        self.clock = saved.clock
        if self.flow is not None:
            self.flow.restore(*self.window.cut((saved.pressure, *saved.velocity)))
            if self.devices is not None:
                self.devices.units.recover(saved.velocity, self.flow.velocity)
        if self.thermal is not None:
            self._warm(saved.temperature)
            self.thermal.restore(self.clock.heat)

    def _warm(self, temperature: Any) -> None:
        """Set the temperature, and let devices answer to it."""
        thermal, flow = self.thermal, self.flow
        assert thermal is not None
        thermal.start(temperature)
        if self.devices is not None and flow is not None and self.devices.thermal:
            for axis, m in enumerate(thermal.energy.m or ()):
                flow.flux_into(axis, m)
                m *= thermal.energy.heat_capacity
            self.devices.update(flow, thermal.energy)

    def _averages(self) -> dict[str, tuple[Any, Any]]:
        """Sums for the means, on the device."""
        if self.time.average_from is None:
            return {}
        out = {}
        for name, (field, layout, axis) in self._signals().items():
            out[name] = (self.be.zeros(field.shape), self.be.zeros(field.shape))
            for a, saved in zip(out[name], self.clock.sums.get(name, ())):
                a[...] = self.be.asarray(layout.pad(saved) if axis is None else layout.pad_faces(saved, axis))
        return out

    def _signals(self) -> dict[str, tuple[Any, Layout, int | None]]:
        """What is averaged: padded device array, its layout, its axis if it lives on faces."""
        out: dict[str, tuple[Any, Layout, int | None]] = {}
        if self.flow is not None:
            out |= {n: (self.flow.velocity[axis], self.wet_layout, axis) for axis, n in enumerate(SIGNALS[:3])}
        if self.thermal is not None:
            out["T"] = (self.thermal.rise, self.layout, None)
        return out

    # ---------------------------------------------------------------- the run
    def go(self) -> Solution:
        """Step to the end, or until stopped."""
        monitor, clock, end = self.monitor, self.clock, self.time.end
        monitor.now = monitor.begun = clock.time
        monitor.end = end
        monitor.begin("time")
        try:
            if not clock.steps:
                self._show()
            while clock.time < end - CLOSED * self.time.write_every and not monitor.interrupted():
                self._step()
        except (LinearSolverError, FloatingPointError) as error:
            raise self._failure(error) from error
        self._note()
        return self.answer()

    def _step(self) -> None:
        clock, every = self.clock, self.time.write_every
        due = min((math.floor(clock.time / every + CLOSED) + 1) * every, self.time.end)
        step = self.stepper.choose(due - clock.time)
        self.stepper.advance(step)
        clock.steps, clock.step = clock.steps + 1, step
        there = abs(due - clock.time - step) < CLOSED * every
        clock.time = self.monitor.now = due if there else clock.time + step
        self._average(step)
        self._record(step)
        if there:
            self._polish()
            self._show()
            self.good = self._state()
        if self.checkpoint is not None and time.perf_counter() - self.saved >= self.checkpoint_seconds:
            self.checkpoint(self.answer("unfinished: saved while it ran"))
            self.saved = time.perf_counter()

    def _record(self, step: float) -> None:
        row = {"time": self.clock.time, "step": step}
        if self.flow is not None:
            row |= {"courant": self.stepper.courant, "kinetic_energy": self.flow.kinetic_energy(),
                    "pressure_drop": self.probe(self.flow.pressure)}
        if self.thermal is not None:
            row |= {"t_max": float(self.thermal.rise[INNER].max()) + self.problem.reference_temperature,
                    "heat": self.thermal.imbalance()}
        if not np.all(np.isfinite(list(row.values()))):
            raise FloatingPointError(f"not finite at {self.clock.time:.6g} s, after {self.clock.steps} steps")
        self.monitor.record(row)

    def _average(self, step: float) -> None:
        first = self.time.average_from
        if first is None or self.clock.time <= first:
            return
        self.clock.averaged += step
        for name, (field, _, _) in self._signals().items():
            self.be.launch("accumulate", *reversed(field.shape), step, field, *self.sums[name])

    def _polish(self) -> None:
        """Remove what divergence the steps left."""
        if self.flow is not None and self.flow.axes:
            scale = throughput(self.wet, self.wet_layout, self.flow, self.properties)
            self.flow.correct_pressure(0.0, POLISH * scale / math.sqrt(self.flow.cells))

    def _show(self) -> None:
        if self.snapshot is not None:
            p, *velocity = fields(self)
            t = self.problem.reference_temperature if self.energy is None else self.energy.temperature()
            cells = {"T": np.broadcast_to(t, p.shape), "p": p,
                     "U": np.stack([to_cells(u, 2 - axis) for axis, u in enumerate(velocity)], axis=-1)}
            self.snapshot(Snapshot(self.clock.time, {n: a.astype(np.float32) for n, a in cells.items()}))

    # ---------------------------------------------------------------- the answer
    def answer(self, reason: str = "") -> Solution:
        """The solution now; `reason` says why it is none yet."""
        clock, host = self.clock, self.be.to_numpy
        sums = {}
        for name, (_, layout, axis) in self._signals().items() if self.sums else ():
            first, second = ((np.array(host(a)[INNER] if axis is None else layout.faces(host(a), axis)))
                             for a in self.sums[name])
            sums[name] = (first, second)
        solution = collect(self, None, reason)
        heat = self.thermal.state() if self.thermal is not None else {}
        solution.clock = replace(clock, heat=heat, sums=self._whole(sums))
        return solution

    def _whole(self, sums: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
        """Sums of the velocities on the whole grid."""
        if "u" not in sums:
            return sums
        nothing = np.zeros(self.wet_layout.grid.shape)
        filled = [self.window.fill((nothing, *(sums[n][i] for n in SIGNALS[:3])))[1:] for i in range(2)]
        return sums | {n: (filled[0][i], filled[1][i]) for i, n in enumerate(SIGNALS[:3])}

    def heat_ledger(self) -> dict[str, Any]:
        """Mean powers since time 0, W, with what is stored among them."""
        thermal = self.thermal
        if thermal is None or not thermal.seconds:
            return {}
        book, seconds = thermal.books(), thermal.seconds
        flows = {name: {k: v if k == "kind" else v / seconds for k, v in b.items()} for name, b in book["boundaries"].items()}
        devices = thermal.devices.ledger(seconds) if thermal.devices is not None else None
        return ledgers.store(ledgers.heat_ledger(self.problem, flows, None, devices), book["stored"] / seconds)

    def _note(self) -> None:
        flow, steps = self.flow, max(self.clock.steps, 1)
        if flow is not None:
            friction = "implicit" if flow.implicit else "explicit"
            model = {"none": "no model of small eddies", "wale": "WALE", "vreman": "Vreman's model"}[self.time.model]
            self.notes["flow"] = (
                f"flow: Runge-Kutta of three stages, {self.time.convection} convection, {friction} friction, {model}; "
                f"{self.clock.steps} steps, {flow.iterations / (3 * steps):.1f} iterations of CG with multigrid a stage")
        if self.thermal is not None:
            self.notes["energy"] = f"energy: {'implicit' if self.thermal.implicit else 'explicit'} conduction in time"

    def _state(self) -> tuple[Any, ...]:
        """What to go back to after a failure."""
        flow = self.flow.fields("f4") if self.flow is not None else None
        if self.thermal is None:
            return flow, None, replace(self.clock)
        return flow, (self.thermal.energy.temperature().astype(np.float32), self.thermal.state()), replace(self.clock)

    def _failure(self, error: Exception) -> Exception:
        """The error with its place; its solution is the state of the last snapshot."""
        from coldrack.solver.run import SolverError

        where = guard.where_not_finite(self.backend, self.flow, self.energy, self.window.low)
        failure = SolverError(f"{error}; {where or 'all stored fields are finite'}")
        flow, heat, self.clock = self.good
        if self.flow is not None:
            self.flow.restore(*flow)
            if self.devices is not None:
                self.devices.units.recover(flow[1:], self.flow.velocity)
        if self.thermal is not None:
            self._warm(heat[0])
            self.thermal.restore(heat[1])
        self.sums = {}
        failure.solution = self.answer(str(failure))
        return failure
