"""Numbers of the rack cases that are known from elsewhere."""

import pytest
from support import ROOT

import coldrack


def solved(name):
    return coldrack.load(ROOT / "cases" / f"{name}.yaml").solve(lambda line: None)


def test_a_rack_of_64_has_its_gpus_and_its_power():
    """Eight nodes of 6.5 to 8.5 kW (DGX H100 User Guide, typical) and three switches; 75 to 93 % to the liquid with a door."""
    figures = solved("coolant_rack_h100").figures
    assert len(figures["gpus"]) == 64
    nodes = [t["power"] for t in figures["trays"] if t["kind"] == "hgx_h100_8gpu_4u"]
    assert len(nodes) == 8 and all(6500.0 < p < 8500.0 for p in nodes)
    assert 0.75 < figures["rack"]["liquid_share"] < 0.93
    assert all(row["kept"] for row in figures["limits"])


def test_a_rack_of_72_takes_the_published_flow():
    """Lenovo LP2357: 119 L/min and 8.5 psi at 40 degC of supply and 55 degC of return."""
    figures = solved("coolant_rack_gb300").figures
    assert len(figures["gpus"]) == 72
    outside = figures["rack"]["outside"]
    assert outside["return_temperature"] == pytest.approx(328.15, abs=1e-6)
    assert outside["flow_rate"] * 6e4 == pytest.approx(119.0, rel=0.02)
    assert outside["pressure_drop"] / 6894.757 == pytest.approx(8.5, rel=0.02)


def test_an_air_cooled_rack_spends_on_fans():
    """10.2 kW at most a node (DGX H100 User Guide); fans take 12 to 20 % of an air-cooled rack."""
    figures = solved("coolant_rack_h100_air").figures
    nodes = [t for t in figures["trays"] if t["kind"] == "hgx_h100_air_8u"]
    assert all(t["power"] < 10200.0 for t in nodes)
    assert 0.12 < figures["rack"]["fan_power"] / figures["rack"]["power"] < 0.2
