"""Answers that are followed while a buoyant flow settles: what its user looks at, beside the pressure drop."""

from __future__ import annotations

from typing import Any

from coldrack.solver.physics.buoyant import BuoyantFlow

SMALLEST = 1e-3  # K; a smaller range of temperatures is none


def answers(run: Any) -> dict[str, float]:
    """The highest temperature, those that servers draw in, K, and what exchangers take, W; empty without buoyancy.

    Parameters
    ----------
    run : _Run
        Of `coldrack.solver.run`.
    """
    if not isinstance(run.flow, BuoyantFlow) or run.energy is None:
        return {}
    base, rise, devices = run.problem.reference_temperature, run.energy.rise, run.devices
    out = {"t_max": float(rise.max()) + base}
    if devices is not None and devices.units.units:
        mean = devices.units.inlet_rise(rise)[0]
        out |= {f"servers.{u.name}.inlet_mean": float(t) + base for u, t in zip(devices.units.units, mean)}
    for e in devices.exchangers if devices is not None else ():
        out[f"exchangers.{e.device.name}.heat"] = float(e.heat.sum())
    return out


def scales(found: dict[str, float], run: Any) -> dict[str, float]:
    """What changes of these answers are measured by: of temperatures the range of the field, of heats themselves."""
    if not found:
        return {}
    span = max(found["t_max"] - run.problem.reference_temperature - float(run.energy.rise.min()), SMALLEST)
    return {name: max(abs(value), 1e-300) if name.endswith(".heat") else span for name, value in found.items()}
