"""The silicon microchannels of Tuckerman & Pease, computed as half a channel and half a wall.

Choices: silicon 148 W/(m K) (300 K; the hottest of the three reaches 87 degC, where it conducts a fifth less); water with
temperature-dependent properties, 23 degC at the inlet; the glass cover carries no heat; uniform velocity at the inlet, no
losses in the manifolds; R is the largest rise of the heated face over the inlet, over the heat flux.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from support import ROOT, analytic, check, record, run, table

from coldrack import load

SAMPLES = {str(row["case"]): row for row in table("tuckerman_pease_1981")}
SOURCE = "Tuckerman & Pease, IEEE Electron Device Letters 2 (1981) 126"
T_IN, SILICON, CHANNELS = 296.15, 148.0, 100
TOLERANCE = 0.15


@cache
def solve_sample(name: str, refine: float, share: float = 1.0) -> Any:
    """A sample of the paper at `share` of the flow that is stated for it."""
    row = SAMPLES[name]
    half, base, top = row["wc_um"] / 2, row["H_um"] - row["hc_um"], row["H_um"]
    side = row["wc_um"] / 2 + row["ww_um"] / 2
    opening = {"low": f"[0 um, {base} um]", "high": f"[{half} um, {top} um]"}
    overrides = {
        "objects.silicon.high": f"[10 mm, {side} um, {top} um]",
        "objects.channel.low": f"[0 mm, 0 um, {base} um]",
        "objects.channel.high": f"[10 mm, {half} um, {top} um]",
        **{f"boundaries.{port}.region.{end}": at for port in ("inlet", "outlet") for end, at in opening.items()},
        "boundaries.inlet.flow_rate": f"{share * row['flow_cm3_s'] / CHANNELS / 2} cm^3/s",
        "boundaries.heater.heat_flux": f"{row['q_W_cm2']} W/cm^2",
        "coolant.properties": "variable",
        "mesh.refine": str(refine),
    }
    return run(load(ROOT / "cases" / "microchannel_unit_cell.yaml", overrides))


def resistance(name: str, solution: Any) -> float:
    """Largest rise of the heated face over the inlet by the heat flux, K cm2/W."""
    flux = float(SAMPLES[name]["q_W_cm2"])
    gap = 0.5 * solution.problem.mesh.grid.widths[2][0]
    return (float(solution.temperature[0].max()) + 1e4 * flux * gap / SILICON - T_IN) / flux


def check_sample(name: str, refine: float, share: float = 1.0) -> None:
    """Resistance within 15 % of the measured one, pressure drop too where it belongs to the stated flow."""
    row, solution = SAMPLES[name], solve_sample(name, refine, share)
    label = f"{name}, {solution.problem.mesh.grid.cells} cells" + (f", {share:.2f} of the flow" if share != 1.0 else "")
    check(f"{label}, R", abs(resistance(name, solution) / row["R_measured"] - 1), TOLERANCE, SOURCE)
    off = abs(1e-3 * solution.pressure_drop / row["dp_kPa"] - 1)
    if name == "81F10" and share == 1.0:
        record(f"{label}, pressure drop (see test)", off, None, SOURCE)
    else:
        check(f"{label}, pressure drop", off, TOLERANCE, SOURCE)


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_coarse(name: str) -> None:
    """About 20 000 cells: R and pressure drop within 15 % of the measurement (81F10: R; see below)."""
    check_sample(name, 0.75)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
def test_sample(name: str) -> None:
    """About 180 000 cells: R and pressure drop within 15 % of the measurement (81F10: R; see below)."""
    check_sample(name, 1.5)


def test_flow_of_81f10_contradicts_its_pressure_drop() -> None:
    """The row 81F10 cannot be met as it stands, so its flow is taken for the quantity that is off.

    From 81F9 to 81F10 exact laminar friction (analytic.microchannel_1d) asks for 1.65 times the pressure drop, 1.13 times
    is stated; the computed drop agrees with exact friction, not with the statement. One smaller flow explains both
    measured values: at the flow that gives the stated pressure drop, R is met as well.
    """
    drops = {}
    for name in ("81F9", "81F10"):
        row = SAMPLES[name]
        exact = analytic.microchannel_1d(row["wc_um"] * 1e-6, row["ww_um"] * 1e-6, row["hc_um"] * 1e-6, 1e-4, 0.01, 0.01,
                                         row["flow_cm3_s"] * 1e-6, SILICON, 996.0, 4180.0, 8.3e-4, 0.61)
        drops[name] = (exact["dp"], solve_sample(name, 0.75).pressure_drop, 1e3 * float(row["dp_kPa"]))
    exact, computed, stated = (drops["81F10"][i] / drops["81F9"][i] for i in range(3))
    name = "81F10 over 81F9, pressure drop, computed and exact friction"
    check(name, abs(computed / exact - 1), 0.05, "Shah & London (1978)")
    assert exact / stated > 1.4
    check_sample("81F10", 0.75, drops["81F10"][2] / drops["81F10"][1])
