"""Solve a problem: flow, then energy, repeated until properties and monitored quantities stand still; unit responses.

Where the flow is buoyant its stages solve the temperature too, and the energy stages only close the books.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from coldrack.kernels import get_backend
from coldrack.solver import guard, restart
from coldrack.solver.answer import collect
from coldrack.solver.linear.krylov import LinearSolverError
from coldrack.solver.mean import Mean
from coldrack.solver.monitor import CYCLES, WINDOW, Monitor
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
from coldrack.solver.solution import Solution

# Residual goals of the passes, over the case's: temperatures of a rougher and a finer flow are compared. With variable
# properties the last goal holds for all further passes.
GOALS = (10.0, 1.0, 0.1, 0.01)
PROPERTY_PASSES = 20
RESOLUTION = 2e-5  # temperatures of two passes differ by this share of their range from the limiter's weights alone
UNSETTLED = 1e-7  # change of devices' temperatures over the range that is too much at the end
KEEP_EVERY = 25  # iterations between copies of the last good state


class SolverError(RuntimeError):
    """The run cannot go on: a field is not finite, or a linear system failed. Says which field and cell.

    `solution` is the last good state, or None where there was none.
    """

    solution: Solution | None = None


class _Interrupted(Exception):
    """The user ended the run within a linear solve."""


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


class _Run:
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
        except _Interrupted:
            pass
        except (LinearSolverError, FloatingPointError) as error:
            raise self._failure(error) from error
        if self.energy is not None:
            self.energy.release(operator=False)
        return collect(self, responses)

    def _passes(self) -> None:
        settings, monitor = self.problem.settings, self.monitor
        moving = settings.flow and bool(self.problem.mesh.fluid.any())
        coupled = moving and settings.energy
        repeated = self.variable or (self.problem.buoyant and self.problem.radiation is not None)
        most = PROPERTY_PASSES if repeated else len(GOALS)
        for number in range(min(self.passes, 1) if coupled else 1, most):
            if moving:
                self._solve_flow(settings.residual * GOALS[min(number, 1) if repeated else number])
            if monitor.stopped or not settings.energy:
                return
            if self._solve_energy(coupled, number == most - 1):
                return

    def _flow(self) -> Flow:
        if self.flow is None:
            self.flow = self._new_flow()
            if self.resume is not None:
                fields = self.window.cut((self.resume.pressure, *self.resume.velocity))
                self.flow.restore(*fields, self.resume.step)
                if self.devices is not None:
                    self.devices.units.recover(self.flow.velocity)
        elif isinstance(self.flow, BuoyantFlow) and self.flow.energy is not None and not self.variable:
            return self.flow
        double, cut = self.backend.with_dtype("f8"), self.window.cut_padded
        if self.energy is not None:
            self.energy.release()
        self.flow.set_properties(double.asarray(cut(self.properties.density)), double.asarray(cut(self.properties.viscosity)))
        if self.flow.eddies is not None and self.resume is not None and self.resume.turbulence:
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

    def _new_devices(self, flow: Flow | None) -> Devices:
        p = self.properties
        return Devices(self.problem, self.layout, self.backend, flow, p.inlet_density, p.heat_capacity)

    def _solve_flow(self, goal: float) -> None:
        fresh = self.flow is None and self.resume is None
        flow, monitor = self._flow(), self.monitor
        if self.passes:
            self.good = (*flow.fields("f4"), flow.step)
        monitor.begin("flow", goal)
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
            monitor.record(row)
            self._keep(flow, count)
            if monitor.cycle is not None:
                mean = mean or Mean(flow, self.energy if self.problem.buoyant else None, monitor.cycle)
                mean.add(row | self._watch())
        if monitor.stopped:
            return
        self._take_mean(mean)
        flow.correct_pressure(0.0, 1e-11 * throughput(self.wet, self.wet_layout, flow, self.properties) / np.sqrt(flow.cells))
        self._check_finite(flow)
        self._note_flow(flow)
        self.good = None  # the flow itself is

    def _watch(self) -> dict[str, float]:
        """What else is reported of a cycle: the highest temperature, and those that servers draw in, K."""
        if not isinstance(self.flow, BuoyantFlow) or self.energy is None:
            return {}
        base, rise = self.problem.reference_temperature, self.energy.rise
        out = {"t_max": float(rise.max()) + base}
        if self.devices is not None and self.devices.units.units:
            mean = self.devices.units.inlet_rise(rise)[0]
            out |= {f"servers.{u.name}.inlet_mean": float(t) + base for u, t in zip(self.devices.units.units, mean)}
        return out

    def _take_mean(self, mean: Mean | None) -> None:
        """Put the mean over a cycle in the flow's place; the last one of a run is what it reports."""
        self.mean = mean
        self.notes.pop("mean", None)
        if mean is not None and mean.count:
            mean.take()
            self.notes["mean"] = mean.report()

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
        self.notes["flow"] = (
            f"flow: segregated SIMPLEC{' with the temperature' if self.problem.buoyant else ''}, "
            f"{self.monitor.flow_total} iterations{self.cycled}, residual "
            f"{self.monitor.rows[-1]['momentum'] if self.monitor.rows else np.nan:.1e} contracting by "
            f"{self.monitor.contraction():.3f} an iteration at the end, step {flow.step + 1}; pressure by CG with multigrid, "
            f"{flow.levels} levels, contraction {last.contraction if last else 0:.2f} an iteration")

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

    def _assembled_energy(self) -> Energy:
        be = self.backend.with_dtype("f8")
        if self.energy is None:
            self.energy = Energy(self.problem, self.layout, self.backend)
            self.energy.poll = self._poll
            if self.resume is not None and self.passes:
                self.energy.rise[...] = be.asarray(
                    self.layout.pad(self.resume.temperature - self.problem.reference_temperature))
        flux = None
        if self.flow is not None:
            if not self.problem.buoyant:
                self.flow.release()
            flux = [self.window.fill_padded(m, be) for m in self.flow.mass_fluxes()]
        elif self.problem.velocity is not None:
            flux = [be.asarray(m) for m in self.properties.prescribed_mass_flux(self.problem.velocity)]
        conductivity = self.properties.conductivity
        if self.problem.devices:
            self.devices = self.devices or self._new_devices(None)
            conductivity = self.devices.conductivity(conductivity)
        self.energy.assemble(conductivity, flux, self.properties.heat_capacity)
        if self.devices is not None:
            self.devices.attach(self.energy)
        if self.flow is not None and self.flow.eddies is not None:
            self.flow.eddies.conduct(self.flow, self.energy)
        if self.variable and self.passes:
            self._add_enthalpy_defect(self.energy)
        return self.energy

    def _add_enthalpy_defect(self, energy: Energy) -> None:
        """Heat capacity that follows the temperature, as a source from the temperature of the last pass."""
        assert energy.m is not None
        host = self.backend.to_numpy
        rise = np.array(host(energy.rise))  # with what flows in
        upwind = self.devices.units.upwind() if self.devices is not None else None
        self.defect = self.properties.defect_flux(rise + self.problem.reference_temperature,
                                                  [host(m) / self.properties.heat_capacity for m in energy.m], upwind)
        if self.devices is not None and self.devices.units.units:
            self.devices.units.take_defect(self.defect)
        source = np.zeros(self.layout.shape)
        for axis, flux in enumerate(self.defect):
            source += flux - np.roll(flux, -1, axis=2 - axis)
        source[~self.layout.pad(self.problem.mesh.fluid)] = 0.0
        energy.b += energy.be.asarray(source)

    def _poll(self) -> None:
        if self.monitor.interrupted():
            raise _Interrupted

    def _solve_energy(self, coupled: bool, last: bool) -> bool:
        """One pass of the energy equation; True if it was the last, and then solved until the books close."""
        if isinstance(self.flow, BuoyantFlow):
            return self._close_energy(last)
        energy, monitor = self._assembled_energy(), self.monitor
        monitor.begin("energy")
        if self.variable:
            self.before = energy.rise.copy()
        result = self._solve_heat(energy, tight=not coupled)
        self.passes += 1
        done = not coupled or self._settled(energy) or bool(monitor.reason) or self.mean is not None
        done = done or self._out_of_passes(last)
        if coupled and done:
            result = self._solve_heat(energy)
        self._finish_energy(energy, result)
        self._renew_properties(energy, done)
        return done

    def _solve_heat(self, energy: Energy, tight: bool = True) -> Any:
        """Solve the energy equation, with what devices do to it."""
        if self.devices is None or not self.devices.thermal:
            return energy.solve(tight)
        result, missing = self.devices.settle(energy, lambda: energy.solve(tight), tight)
        if tight and missing > UNSETTLED:
            self.monitor.fail(f"the temperatures of servers, coolers or heat exchangers still move by {missing:.1e} of the "
                              "range from one solution to the next; look for air that goes round in a circle without being cooled")
        return result

    def _close_energy(self, last: bool) -> bool:
        """End of a pass whose flow stage has solved the temperature too: only the last one solves until the books close."""
        assert self.energy is not None and isinstance(self.flow, BuoyantFlow)
        if self.energy.radiation is not None:  # which the flow's stage kept
            self._solve_heat(self.energy, tight=False)
            self.flow.anderson.reset()
        done = self._settled(self.energy) or bool(self.monitor.reason) or self.mean is not None
        done = done or self._out_of_passes(last)
        if done:
            energy = self._assembled_energy()
            self.monitor.begin("energy")
            self._finish_energy(energy, self._solve_heat(energy))
        else:
            self.passes += 1
        self._renew_properties(self.energy, done)
        return done

    def _out_of_passes(self, last: bool) -> bool:
        if last:
            self.monitor.fail(f"the temperatures still move after {self.passes} passes of flow and energy: T_max "
                              f"{self.watched['t_max']:.3f} K; lower solver.residual")
        return last

    def _renew_properties(self, energy: Energy, done: bool) -> None:
        """Variable properties for the next pass; after the last one, whether they still hold."""
        if self.variable and done:
            self.properties.check(energy.temperature())
            self.monitor.fail(self.properties.out_of_range)
        elif self.variable:
            self.properties.update(energy.temperature())

    def _finish_energy(self, energy: Energy, result: Any) -> None:
        temperature = energy.temperature()
        if not np.all(np.isfinite(temperature)):
            raise FloatingPointError("the temperature is not finite")
        self.notes["energy"] = (
            f"energy: {'BiCGStab' if energy.advected or energy.radiation else 'CG'} with multigrid, "
            f"{len(energy.krylov.mg.levels)} levels, {self.passes} {'passes' if self.passes > 1 else 'pass'}, {result.iterations} iterations in the last solve, "
            f"contraction {result.contraction:.2f}")
        if energy.radiation is not None:
            self.notes["radiation"] = energy.radiation.note()
        reduction = {} if self.problem.buoyant else {"energy": result.last / result.first if result.first else 0.0}
        self.monitor.record({**reduction, "t_max": float(temperature.max())})

    def _settled(self, energy: Energy) -> bool:
        """Whether T_max stands still from pass to pass; pressure drop and all temperatures too where they act on the flow."""
        temperature = energy.temperature()
        new = {"t_max": float(temperature.max()), "pressure_drop": self.probe(self.flow.pressure) if self.flow else 0.0}
        old, self.watched = self.watched, new
        before = self.before
        if self.problem.buoyant:
            self.before = energy.rise.copy()
        if not old:
            return False
        tolerance = self.problem.settings.tolerance
        allowed = max(tolerance, RESOLUTION) * max(float(np.ptp(temperature)), 1e-30)
        drift = 0.0
        if before is not None:  # root mean square: a single cell may flip between two states of the limiter
            before -= energy.rise
            drift = float(np.sqrt(energy.be.dot(before, before) / self.problem.mesh.grid.cells))
        drop = abs(new["pressure_drop"] - old["pressure_drop"])
        acts = self.variable or self.problem.buoyant
        steady = not acts or not drop > tolerance * abs(new["pressure_drop"])  # unknown after a restart: pass
        return abs(new["t_max"] - old["t_max"]) <= allowed and drift <= allowed and steady

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
        failure.solution = collect(self, None, str(failure))
        return failure
