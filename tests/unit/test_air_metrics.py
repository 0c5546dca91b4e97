"""Figures of the servers' air: classes, RCI, SHI, RHI, RTI by hand, their published bounds, and what is undefined."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldrack.solver.output.air_metrics import CLASSES, Supply, air_metrics, from_summary, rack_cooling_index
from coldrack.solver.output.air_table import air_tables

C = 273.15
AIR = 1200.0  # J/(m3 K)


def server(inlet: float, rise: float = 12.0, flow: float = 0.05, hot: float | None = None) -> dict[str, float]:
    """A server with temperatures in degC."""
    return {"inlet_mean": inlet + C, "inlet_max": (inlet if hot is None else hot) + C, "outlet_mean": inlet + rise + C,
            "flow_rate": flow, "heat": AIR * flow * rise}


def test_by_hand() -> None:
    """Four servers of equal flow at 20, 29, 33 and 16 degC, rise 12 K, supply 18 degC.

    A1: RCI_HI = 1 - (2 + 6) / (4 x 5) = 60 %, RCI_LO = 1 - 2 / (4 x 3) = 83.33 %; A2: 1 - 8 / (4 x 8) = 75 %.
    SHI = mean(T_in - 18) / mean(T_out - 18) = 6.5 / 18.5; coolers of the same flow return at 18 + 12: RTI 100 %.
    """
    air = air_metrics({n: server(t) for n, t in (("a", 20), ("b", 29), ("c", 33), ("d", 16))},
                      [Supply(0.1, 18 + C, 30 + C), Supply(0.1, 18 + C, 30 + C)])
    assert air["envelopes"]["A1"]["rci_hi"] == pytest.approx(60.0) and air["envelopes"]["A2"]["rci_hi"] == pytest.approx(75.0)
    assert air["envelopes"]["A1"]["rci_lo"] == pytest.approx(100 * (1 - 2 / 12))
    assert air["shi"] == pytest.approx(6.5 / 18.5) and air["rti"] == pytest.approx(100.0)
    assert air["hottest"] == ["c", "b", "a", "d"] and air["undefined"] == {}
    assert [air["servers"][n]["class"] for n in "abcd"] == ["recommended", "A1", "A2", "A1"]
    assert air["servers"]["c"]["margins"]["A1"] == pytest.approx(-1.0)
    assert air["envelopes"]["A1"]["within"] == 3 and air["envelopes"]["A1"]["margin_high"] == pytest.approx(-1.0)
    assert air["envelopes"]["recommended"]["margin_low"] == pytest.approx(-2.0)


def test_a_hot_spot_counts_for_the_class_but_not_for_rci() -> None:
    air = air_metrics({"a": server(25, hot=31)})
    assert air["servers"]["a"]["class"] == "A1" and air["envelopes"]["A1"]["rci_hi"] == 100.0


@given(st.lists(st.floats(18, 27), min_size=1, max_size=50))
def test_rci_is_100_when_all_is_recommended(inlets: list[float]) -> None:
    """Herrlin (2005): 100 % = no inlet beyond the recommended range, in every class."""
    for low, high in CLASSES.values():
        assert rack_cooling_index([t + C for t in inlets], low, high) == {"rci_hi": 100.0, "rci_lo": 100.0}


def test_rci_is_0_at_the_allowable_limits() -> None:
    for low, high in CLASSES.values():
        assert rack_cooling_index([high] * 3, low, high)["rci_hi"] == pytest.approx(0.0, abs=1e-9)
        assert rack_cooling_index([low] * 3, low, high)["rci_lo"] == pytest.approx(0.0, abs=1e-9)


@given(st.lists(st.tuples(st.floats(18, 45), st.floats(1, 30), st.floats(0.001, 1)), min_size=1, max_size=30))
def test_shi_and_rhi_add_up_to_one(rows: list[tuple[float, float, float]]) -> None:
    """Sharma, Bash & Patel (2002): SHI + RHI = 1, and 0 <= SHI < 1 where no inlet is colder than the supply."""
    air = air_metrics({str(n): server(*row) for n, row in enumerate(rows)}, [Supply(1.0, 18 + C, 30 + C)])
    assert air["shi"] + air["rhi"] == pytest.approx(1.0, abs=1e-12) and -1e-12 <= air["shi"] < 1.0


def test_rti_tells_bypass_from_recirculation() -> None:
    """Herrlin (2008): half of the supply bypasses the servers: 50 %; the servers move twice the supply: 200 %."""
    servers = {"a": server(20)}
    assert air_metrics(servers, [Supply(0.1, 20 + C, 26 + C)])["rti"] == pytest.approx(50.0)
    assert air_metrics(servers, [Supply(0.025, 20 + C, 44 + C)])["rti"] == pytest.approx(200.0)


def test_idle_servers_weigh_with_their_flow() -> None:
    """One server of 12 K rise and an idle one with three times the flow: mean rise 3 K."""
    air = air_metrics({"a": server(20), "idle": server(20, rise=0.0, flow=0.15)}, [Supply(0.2, 20 + C, 23 + C)], AIR)
    assert air["server_rise"] == pytest.approx(3.0) and air["rti"] == pytest.approx(100.0)


@pytest.mark.parametrize(("servers", "supplies", "keys"), [
    ({}, [Supply(1.0, 290.0, 300.0)], {"shi", "rhi", "rti"}),
    ({"a": server(20)}, [], {"shi", "rhi", "rti"}),
    ({"a": server(20, flow=0.0, rise=0.0)}, [Supply(1.0, 290.0, 300.0)], {"shi", "rhi", "rti"}),
    ({"a": server(20, rise=0.0)}, [Supply(1.0, 20 + C, 20 + C)], {"shi", "rhi", "rti"}),
])
def test_what_is_undefined_is_said(servers: Any, supplies: list[Supply], keys: set[str]) -> None:
    air = air_metrics(servers, supplies, AIR)
    assert set(air["undefined"]) == keys and all(air[k] is None for k in keys) and all(air["undefined"].values())
    json.dumps(air, allow_nan=False)
    assert "-" in air_tables(air, servers)


def test_openings_return_what_the_ledger_says() -> None:
    """0.1 m3/s at 20 degC that carries 1200 W out comes back 10 K warmer."""
    summary = {"servers": {"a": server(20, rise=10.0, flow=0.1)}, "flow_rate": 0.1, "inlet_temperature": 20 + C,
               "ledger": {"coolant": 1200.0}}
    air = from_summary(summary, AIR)
    assert air is not None and air["return_temperature"] == pytest.approx(30 + C) and air["rti"] == pytest.approx(100.0)
    assert from_summary(summary | {"servers": {}}, AIR) is None


def test_tables_of_hundreds_of_servers() -> None:
    servers = {f"s{n}": server(20 + 0.05 * n) for n in range(300)}
    air = air_metrics(servers, [Supply(15.0, 18 + C, 30 + C)])
    text = air_tables(air, servers, {"f": {"flow_rate": 0.0123, "pressure": 40.0, "power": None}})
    assert "10 of 300" in text and text.index("s299") < text.index("s290") and "s289" not in text and "12.3" in text
    rows = [line for line in air_tables(air, servers, markdown=True, every=True).splitlines() if line.startswith("| s")]
    assert len([r for r in rows if r.split()[1][1:].isdigit()]) == 300 and len({r.count("|") for r in rows if "| s2" in r}) == 1
    print(text)
