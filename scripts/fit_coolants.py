"""Fit the coolants' property curves from CoolProp and write solver/materials/coolants.json (run when a curve changes)."""

from __future__ import annotations

import json
from pathlib import Path

import CoolProp
import numpy as np
from CoolProp.CoolProp import PropsSI

TARGET = Path(__file__).resolve().parents[1] / "solver" / "materials" / "coolants.json"
PRESSURE = 2e5  # Pa; liquids hardly depend on it
# name: CoolProp's name, pressure, range in kelvin, what it is
COOLANTS = {
    "water": ("Water", PRESSURE, 274.15, 372.15, "water, liquid, 2 bar"),
    "PG25": ("INCOMP::MPG[0.25]", PRESSURE, 273.15, 373.15, "25 % propylene glycol by mass in water"),
    "EG25": ("INCOMP::MEG[0.25]", PRESSURE, 273.15, 373.15, "25 % ethylene glycol by mass in water"),
    "air": ("Air", 101325.0, 253.15, 473.15, "dry air, 101 325 Pa"),
}
PROPERTIES = {"density": "D", "viscosity": "V", "conductivity": "L", "heat_capacity": "C"}
DEGREE = 6


def fit(
    fluid: str, pressure: float, low: float, high: float, output: str, logarithmic: bool
) -> tuple[list[float], float]:
    """Coefficients in s = (2 T - high - low) / (high - low), constant first, and the largest relative error."""
    t = np.linspace(low, high, 400)
    s = (2 * t - high - low) / (high - low)
    exact = np.array([PropsSI(output, "T", x, "P", pressure, fluid) for x in t])
    target = np.log(exact) if logarithmic else exact
    coefficients = np.polynomial.polynomial.polyfit(s, target, DEGREE)
    value = np.polynomial.polynomial.polyval(s, coefficients)
    value = np.exp(value) if logarithmic else value
    return coefficients.tolist(), float(np.abs(value / exact - 1).max())


def main() -> None:
    """Fit everything and write the file."""
    out: dict[str, object] = {}
    for name, (fluid, pressure, low, high, what) in COOLANTS.items():
        entry: dict[str, object] = {"description": what, "t_min": low, "t_max": high,
                                    "source": f"CoolProp {CoolProp.__version__}, {fluid} at {pressure:g} Pa"}
        for prop, output in PROPERTIES.items():
            coefficients, error = fit(fluid, pressure, low, high, output, prop == "viscosity")
            entry[prop] = {"coefficients": coefficients, "largest_error": error}
            print(f"{name:6s} {prop:14s} largest error {error:.1e}")
        out[name] = entry
    TARGET.write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
