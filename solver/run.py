"""Solve a problem: flow, then energy, repeated until properties and monitored quantities stand still; unit responses.

Where the flow is buoyant its stages solve the temperature too, and the energy stages only close the books.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from coldrack.kernels import get_backend
from coldrack.solver import guard, restart, watch
from coldrack.solver.answer import collect
from coldrack.solver.linear.krylov import LinearSolverError
from coldrack.solver.mean import Mean
from coldrack.solver.monitor import CYCLES, SWING, WINDOW, Monitor
from coldrack.solver.physics.buoyant import BuoyantFlow
from coldrack.solver.physics.buoyant_multigrid import BuoyantMultigrid
from coldrack.solver.physics.devices import Devices
from coldrack.solver.physics.energy import Energy
from coldrack.solver.physics.flow import Flow
from coldrack.solver.physics.flow_multigrid import FlowMultigrid
from coldrack.solver.physics.layout import Layout
from coldrack.solver.physics.window import Window
from coldrack.solver.probe import PressureProbe, throughput
from coldrack.solver.problem import Problem
from coldrack.solver.properties import Properties
from coldrack.solver.responses import unit_responses
from coldrack.solver.run_energy import TURBULENT_STEP, EnergyStages, Interrupted
from coldrack.solver.solution import Solution

# Residual goals of the passes, over the case's: temperatures of a rougher and a finer flow are compared. With variable
# properties the last goal holds for all further passes.
GOALS = (10.0, 1.0, 0.1, 0.01)
# Turbulent flow rarely gets below what the case asks for.
TURBULENT_GOALS = (TURBULENT_STEP, 1.0)
PROPERTY_PASSES = 20
KEEP_EVERY = 25  # iterations between copies of the last good state


class SolverError(RuntimeError):
    """The run cannot go on: a field is not finite, or a linear system failed. Says which field and cell.

    `solution` is the last good state, or None where there was none.
    """

    solution: Solution | None = None


def solve(
    problem: Problem,
    device: str = "auto",
    dtype: str = "f8",
    progress: Callable[[dict[str, Any]], None] | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Callable[[Solution], None] | None = None,
    checkpoint_seconds: float = 300.0,
    resume: restart.Restart | None = None,
    snapshot: Callable[[Any], None] | None = None,
) -> Solution:
    """Solve a problem for its steady flow and temperature, or with ``settings.time`` for their course in time.

    Parameters
    ----------
    problem : Problem
    device : {"auto", "cuda", "cuda:N", "host", "numpy"}
    dtype : {"f8", "f4"}
        Precision in which momentum is swept. Fields, residuals and Krylov vectors are always double, multigrid always
        single, so the answer is the same to the tolerance.
    progress : callable, optional
        Called with a dict once per iteration.
    stop : callable, optional
        Polled once per iteration; True ends the run with what there is, ``converged`` False.
    checkpoint : callable, optional
        Called with the unfinished `Solution` every `checkpoint_seconds` of the flow's iterations.
    resume : Restart, optional
        ``Solution.restart()`` of an earlier run of the same problem, to go on from.
    snapshot : callable, optional
        Of a run in time: called with a `coldrack.solver.run_unsteady.Snapshot` at its first time and whenever
        ``write_every`` has passed.

    Returns
    -------
    Solution

    Raises
    ------
    SolverError
        If a field is not finite or a linear solve fails.
    RestartError
        If `resume` belongs to another problem.
    BackendError
        If the device cannot be used or its memory does not suffice.
    """
    if resume is not None:
        restart.check(resume, problem)
    backend = get_backend(device, dtype)
    try:
        run = _begin(problem, backend, dtype, progress, stop, resume, snapshot)
        run.checkpoint, run.checkpoint_seconds = checkpoint, checkpoint_seconds
        return run.go()
    except Exception as error:
        told = backend.explain(error)
        if told is None:
            raise
        raise told from error


def _begin(problem: Problem, backend: Any, dtype: str, progress: Any, stop: Any, resume: Any, snapshot: Any) -> Any:
    """The run that the problem asks for: to a steady solution, or in time."""
    history = resume.history if resume else None
    if problem.settings.time is None:
        return _Run(problem, backend, dtype, Monitor(problem.settings, progress, stop, history), resume)
    from coldrack.solver.run_unsteady import TimeMonitor, TimeRun

    monitor = TimeMonitor(problem.settings, progress, stop, history)
    try:
        return TimeRun(problem, backend, dtype, monitor, resume, snapshot)
    except LinearSolverError as error:
        raise SolverError(f"the flow cannot begin: {error}") from error


class _Run(EnergyStages):
    def __init__(self, problem: Problem, backend: Any, dtype: str, monitor: Monitor, resume: restart.Restart | None) -> None:
        self.started = self.saved = time.perf_counter()
        self.problem, self.backend, self.dtype, self.monitor, self.resume = problem, backend, dtype, monitor, resume
        self.layout = Layout(problem.mesh.grid)
        self.window = Window.around_coolant(problem, self.layout)
        self.wet = self.window.problem(problem)  # what the flow is solved on
        self.wet_layout = Layout(self.wet.mesh.grid)
        self.probe = PressureProbe(self.wet, self.wet_layout, backend)
        self.properties = Properties(problem, self.layout)
        self.flow: Flow | None = None
        self.energy: Energy | None = None
        self.devices: Devices | None = None
        self.passes = resume.passes if resume else 0
        self.variable = problem.properties == "variable" and problem.settings.flow and problem.settings.energy
        self.cycled = ""  # how the flow's multigrid did
        self.cycling = problem.turbulence is None and not problem.devices  # which the coarse grids would not know
        self.grids: FlowMultigrid | None = None  # kept from stage to stage where flow and temperature keep theirs
        self.watched: dict[str, float] = {}
        self.defect: list[Any] = []
        self.mean: Mean | None = None  # over a cycle that the flow's iteration runs in
        self.before: Any = None  # rise of the last pass, where the whole field must stand still
        self.good: tuple[Any, ...] | None = None
        self.checkpoint: Callable[[Solution], None] | None = None
        self.checkpoint_seconds = 0.0
        self.notes: dict[str, str] = {"backend": f"backend: {backend.description}"}
        if self.passes and resume is not None:
            self.watched = {"t_max": float(resume.temperature.max()), "pressure_drop": np.nan}
            if self.variable:
                self.properties.update(resume.temperature)

    def go(self) -> Solution:
        responses = None
        try:
            self._passes()
            responses = unit_responses(self.problem, self.energy, self.monitor)
        except Interrupted:
            pass
        except (LinearSolverError, FloatingPointError, np.linalg.LinAlgError) as error:
            raise self._failure(error) from error
        if self.energy is not None:
            self.energy.release(operator=False)
        return collect(self, responses)

    def _passes(self) -> None:
        settings, monitor = self.problem.settings, self.monitor
        moving = settings.flow and bool(self.problem.mesh.fluid.any())
        coupled = moving and settings.energy
        repeated = self.variable or (self.problem.buoyant and self.problem.radiation is not None)
        goals = GOALS if self.problem.turbulence is None else TURBULENT_GOALS
        most = PROPERTY_PASSES if repeated else len(goals)
        for number in range(min(self.passes, 1) if coupled else 1, most):
            if moving:
                index = min(number, 1) if repeated else number
                self._solve_flow(settings.residual * goals[index], index == len(goals) - 1)
            if monitor.stopped or not settings.energy:
                return
            if self._solve_energy(coupled, number == most - 1):
                return

    def _flow(self) -> Flow:
        fresh = self.flow is None
        if self.flow is None:
            self.flow = self._new_flow()
            if self.resume is not None:
                fields = self.window.cut((self.resume.pressure, *self.resume.velocity))
                self.flow.restore(*fields, self.resume.step)
                if self.devices is not None:
                    self.devices.units.recover(self.resume.velocity, self.flow.velocity)
        elif isinstance(self.flow, BuoyantFlow) and self.flow.energy is not None and not self.variable:
            return self.flow
        double, cut = self.backend.with_dtype("f8"), self.window.cut_padded
        if self.energy is not None:
            self.energy.release()
        self.flow.set_properties(double.asarray(cut(self.properties.density)), double.asarray(cut(self.properties.viscosity)))
        if fresh and self.flow.eddies is not None and self.resume is not None and self.resume.turbulence:
            self.flow.eddies.restore(self.flow, self.resume.turbulence)
        if isinstance(self.flow, BuoyantFlow):
            self.flow.couple(self._assembled_energy())
            self.passes = max(self.passes, 1)
        return self.flow

    def _new_flow(self) -> Flow:
        flow: Flow
        if self.problem.buoyant:
            flow = BuoyantFlow(self.problem, self.layout, self.backend, self.properties.expansion,
                               self.properties.inlet_density)
        else:
            flow = Flow(self.wet, self.wet_layout, self.backend)
        if self.problem.devices:
            self.devices = self._new_devices(flow)
            flow.terms.append(self.devices)
        return flow

    def _solve_flow(self, goal: float, last: bool) -> None:
        fresh = self.flow is None and self.resume is None
        flow, monitor = self._flow(), self.monitor
        if self.passes:
            self.good = (*flow.fields("f4"), flow.step)
        monitor.begin("flow", goal, last)
        scale = throughput(self.wet, self.wet_layout, flow, self.properties)
        multigrid = self._multigrid(flow, fresh)
        monitor.may_average, mean = flow.eddies is not None, None
        while not monitor.done() and not (mean is not None and mean.complete):
            row = multigrid.iterate() if multigrid else flow.iterate()
            if multigrid:
                self.cycled = multigrid.report()
                self.cycling = multigrid.active
                if not self.cycling:
                    multigrid = self.grids = None
            monitor.window = CYCLES if multigrid else WINDOW
            count = len(monitor.rows) + 1
            if count & (count - 1) == 0:  # with given pressures the throughput has yet to develop
                scale = throughput(self.wet, self.wet_layout, flow, self.properties)
            row["mass"] /= scale
            row["pressure_drop"] = self.probe(flow.pressure)
            if not np.all(np.isfinite(list(row.values()))):
                raise FloatingPointError("the flow is not finite")
            monitor.exhausted = flow.exhausted
            monitor.scale = self.probe.scale(flow.pressure)
            found = watch.answers(self) if monitor.may_average else {}
            monitor.follow(found, watch.scales(found, self))
            monitor.record(row)
            self._keep(flow, count)
            if monitor.cycle is not None:
                mean = mean or Mean(flow, self.energy if self.problem.buoyant else None, monitor.cycle,
                                    monitor.size(row["pressure_drop"]), self.problem.settings.tolerance)
                mean.add(row | found)
        if monitor.stopped:
            return
        self._take_mean(mean)
        flow.correct_pressure(0.0, 1e-11 * throughput(self.wet, self.wet_layout, flow, self.properties) / np.sqrt(flow.cells))
        self._check_finite(flow)
        self._note_flow(flow)
        self.good = None  # the flow itself is

    def _take_mean(self, mean: Mean | None) -> None:
        """Put the mean over a cycle in the flow's place; the last one of a run is what it reports."""
        self.mean = mean if mean is not None and mean.complete else None  # else it settled, or ran out of iterations
        self.notes.pop("mean", None)
        if self.mean is not None:
            self.mean.take()
            self.notes["mean"] = self.mean.report()
            self.monitor.fail(self.mean.failure())

    def _multigrid(self, flow: Flow, fresh: bool) -> FlowMultigrid | None:
        """Cycles for this stage, begun on the coarsest grid where there is no flow yet; None where they do not pay."""
        if not self.cycling or self.grids is not None:
            return self.grids
        multigrid = BuoyantMultigrid(flow) if isinstance(flow, BuoyantFlow) else FlowMultigrid(flow)
        self.cycling = multigrid.active
        if not self.cycling:
            return None
        if fresh:
            multigrid.start()
        if not multigrid.active:
            return None
        if isinstance(flow, BuoyantFlow) and not self.variable:
            self.grids = multigrid
        return multigrid

    def _note_flow(self, flow: Flow) -> None:
        last = flow.last_pressure
        moved = ""
        if flow.eddies is not None:
            moved = f", pressures and temperatures moved by {100 * self.monitor.swing():.2g} % of their range in {SWING}"
        rate = self.monitor.contraction()
        falling = "" if np.isnan(rate) else f" contracting by {rate:.3f} an iteration at the end"
        self.notes["flow"] = (
            f"flow: segregated SIMPLEC{' with the temperature' if self.problem.buoyant else ''}, "
            f"{self.monitor.flow_total} iterations{self.cycled}, residual "
            f"{self.monitor.rows[-1]['momentum'] if self.monitor.rows else np.nan:.1e}{falling}{moved}, step {flow.step + 1}; "
            f"pressure by CG with multigrid, {flow.levels} levels, contraction {last.contraction if last else 0:.2f} an "
            "iteration")

    def _keep(self, flow: Flow, count: int) -> None:
        """Every now and then: look at every value, remember the state in single precision, save it."""
        if count % KEEP_EVERY == 0:
            self._check_finite(flow)
            self.good = (*flow.fields("f4"), flow.step)
        if self.checkpoint is not None and time.perf_counter() - self.saved >= self.checkpoint_seconds:
            self._check_finite(flow)
            self.checkpoint(collect(self, None, "unfinished: saved while it ran"))
            self.saved = time.perf_counter()

    def _check_finite(self, flow: Flow) -> None:
        if not guard.finite(flow.be, flow.pressure, *flow.velocity):
            raise FloatingPointError("the flow is not finite")

    def _failure(self, error: Exception) -> SolverError:
        """The error with its place, and the last good state put back."""
        where = guard.where_not_finite(self.backend, self.flow, self.energy, self.window.low)
        failure = SolverError(f"{error}; {where or 'all stored fields are finite'}")
        if self.energy is not None and not guard.finite(self.energy.be, self.energy.rise):
            self.passes = 0
        if self.flow is not None and not guard.finite(self.flow.be, self.flow.pressure, *self.flow.velocity):
            if self.good is None:
                return failure
            p, u, v, w, step = self.good
            self.flow.restore(p, u, v, w, step)
            if self.devices is not None:
                self.devices.units.recover((u, v, w), self.flow.velocity)
        failure.solution = collect(self, None, str(failure))
        return failure
