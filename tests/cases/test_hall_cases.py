"""Halls of `cases/`: all load; one of each kind runs, on coarse tables of its racks, and gives numbers known from elsewhere."""

from __future__ import annotations

import pytest
from support import ROOT

from coldrack import load
from coldrack.solver.hall import tabulated

HALLS = sorted(p.stem for p in (ROOT / "cases").glob("hall_*.yaml"))
GPUS = {"hall_100k_h100_air": 100_096, "hall_100k_h100_liquid": 100_096, "hall_colossus_100k_liquid": 100_096,
        "hall_50k_air": 50_048, "hall_50k_liquid": 50_048, "hall_350k_air": 350_016, "hall_350k_liquid": 350_016,
        "hall_350k_gb300_liquid": 350_064, "hall_one_rack": 64}


def solved(name, monkeypatch):
    monkeypatch.setattr(tabulated, "SUPPLIES", 3)
    monkeypatch.setattr(tabulated, "FLOWS", 3)
    problem = load(ROOT / "cases" / f"{name}.yaml")
    problem.search = problem.study = problem.other = None
    return problem.solve(lambda _: None)


def test_halls_load():
    assert {n: load(ROOT / "cases" / f"{n}.yaml").gpus for n in HALLS} == GPUS


def test_air_cooled_hall(monkeypatch):
    """NVIDIA DGX H100 User Guide: 10.2 kW a node at most; PUE below the average of surveys (Uptime 2023: 1.58)."""
    solution = solved("hall_100k_h100_air", monkeypatch)
    hall = solution.figures["hall"]
    assert not solution.reason and solution.figures["ledger"]["heat_relative"] < 1e-9
    assert 0.8 * 10.2e3 < hall["it_power"] / 12_512 < 1.05 * 10.2e3 and 1.1 < hall["pue"] < 1.58 and hall["itue"] > 1.1


def test_hall_like_colossus(monkeypatch):
    """70 MW of GPUs at TDP (100 000 of 700 W) are less than what racks take; 80 % to the liquid is EnergyPlus' default,
    85 % are quoted for MGX racks.
    """
    solution = solved("hall_colossus_100k_liquid", monkeypatch)
    hall = solution.figures["hall"]
    assert not solution.reason and solution.figures["ledger"]["heat_relative"] < 1e-9
    assert hall["plates"] == 100_096 and 0.9 * 70e6 < hall["it_power"] < 128e6 and 0.75 < hall["liquid_share"] < 0.87
    assert hall["pue"] < 1.15 and hall["itue"] < 1.02 and hall["margin"] > 3.0
    assert abs(hall["flow_max_over_mean"] - 1) < 0.05 and 0 < hall["wue"] < 1.8


def test_gb300_hall(monkeypatch):
    """A rack takes 132 to 142 kW, 90 % of it to the liquid (Lenovo LP2357, as quoted); utilisation 0.9."""
    solution = solved("hall_350k_gb300_liquid", monkeypatch)
    hall = solution.figures["hall"]
    assert not solution.reason and 0.85 * 132e3 < hall["it_power"] / 4862 < 142e3
    assert hall["liquid_share"] == pytest.approx(0.9, abs=0.02) and hall["margin"] > 5.0
