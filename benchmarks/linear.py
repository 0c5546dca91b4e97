"""Linear solves to a residual of 1e-8 of the right-hand side (2-norm): model problems at 128^3 and the cold plate's operators.

Set-up and solves are timed together; matrices, coefficients and right-hand sides are there before the clock starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coldrack.benchmarks.registry import OURS, BenchmarkError, Case, Measurement

GOAL = 1e-8


def solve_model(solver: str, model: str, tiny: dict[str, Any], **parameters: Any) -> Measurement:
    """One model by one solver, ours with a device behind its name or without; `tiny` are the parameters of a warm-up."""
    from coldrack.benchmarks import models

    make = getattr(models, model)
    if solver == "openfoam":
        from coldrack.benchmarks.peers.openfoam_linear import solve

        return _measured(make(**parameters), *solve(model, parameters["n"], GOAL))
    if solver.startswith(OURS):
        from coldrack.benchmarks.ours import about, solve_system, warm_up

        device = solver.removeprefix(OURS).strip()
        warm_up(make(**tiny), device or "auto")
        system = make(**parameters)
        iterations, x, clock = solve_system(system, GOAL, device or "auto")
        return _measured(system, iterations, x, clock, about(device) if device else {})
    if solver == "fipy":
        from coldrack.benchmarks.peers.fipy_linear import solve_conduction

        return _measured(make(**parameters), *solve_conduction(parameters["n"], GOAL))
    from coldrack.benchmarks.peers import python_linear

    return _measured(system := make(**parameters), *getattr(python_linear, solver)(system, GOAL))


def _measured(system: Any, iterations: Sequence[float] | None, x: Any, clock: Any, details: dict[str, Any]) -> Measurement:
    residual = system.relative_residual(x)
    if not residual < 100 * GOAL:
        raise BenchmarkError(f"wrong solution: residual {residual:.1e} of the right-hand side")
    several = {"iterations_each": iterations} if iterations and len(iterations) > 1 else {}
    return Measurement(system.cells, clock.cpu, clock.wall, sum(iterations) if iterations else None, clock.peak,
                       system.value(x), system.reference, details={"relative_residual": residual, **several, **details})


def _case(name: str, model: str, solvers: str, quantity: str, tiny: dict[str, Any], quick: bool = False,
          **parameters: Any) -> Case:
    return Case(name, solve_model, (OURS, *solvers.split()), quantity, {"model": model, "tiny": tiny, **parameters},
                quick=quick, full=not quick)


HEAT, FLUX = "heat that leaves over heat put in", "heat flux, W/m2"
MEAN, RISE = "root mean square of the solution", "largest rise, K"
ALL, AMG = "openfoam pyamg scipy", "pyamg scipy"
CASES = [
    _case("poisson-16", "poisson", ALL, HEAT, {"n": 8}, quick=True, n=16),
    _case("conduction-16", "conduction", ALL, FLUX, {"n": 8}, quick=True, n=16),
    _case("poisson-128", "poisson", ALL, HEAT, {"n": 8}, n=128),
    _case("conduction-64", "conduction", ALL + " fipy", FLUX, {"n": 8}, n=64),
    _case("conduction-128", "conduction", ALL, FLUX, {"n": 8}, n=128),
    _case("plate-pressure", "plate_pressure", AMG, MEAN, {"refine": 0.3}, refine=1.0),
    _case("plate-energy", "plate_energy", AMG, RISE, {"refine": 0.3}, refine=1.0),
    _case("advected-128", "through_flow", AMG, MEAN, {"n": 8, "peclet": 30.0}, n=128, peclet=30.0),
]
