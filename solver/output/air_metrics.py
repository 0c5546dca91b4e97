"""Servers' air against ASHRAE's thermal guidelines, and the indices of air management: RCI, SHI, RHI, RTI. SI, kelvin.

Sources
-------
ASHRAE TC 9.9, Thermal Guidelines for Data Processing Environments, 5th ed., 2021 (envelopes, dry bulb at sea level).
Herrlin, Rack cooling effectiveness in data centers and telecom central offices: the rack cooling index (RCI), ASHRAE
Transactions 111(2), 2005. Herrlin, Airflow and cooling performance of data centers: two performance metrics, ASHRAE
Transactions 114(2), 2008 (RTI). Sharma, Bash & Patel, Dimensionless parameters for evaluation of thermal design and
performance of large-scale data centers, AIAA 2002-3091 (SHI, RHI).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ZERO_CELSIUS = 273.15
RECOMMENDED = (18.0 + ZERO_CELSIUS, 27.0 + ZERO_CELSIUS)
CLASSES = {name: (low + ZERO_CELSIUS, high + ZERO_CELSIUS) for name, low, high in (
    ("A1", 15.0, 32.0), ("A2", 10.0, 35.0), ("A3", 5.0, 40.0), ("A4", 5.0, 45.0))}
ENVELOPES = {"recommended": RECOMMENDED, **CLASSES}
HOTTEST = 10
STILL = 1e-9  # K: a smaller rise is none

Servers = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Supply:
    """A stream of cooling air: of a cooling unit, or through the room's openings.

    Parameters
    ----------
    flow_rate : float
        m3/s.
    supply_temperature, return_temperature : float
        Of the air as it reaches the room, and as it goes back, K.
    """

    flow_rate: float
    supply_temperature: float
    return_temperature: float


def air_metrics(servers: Servers, supplies: Sequence[Supply] = (), heat_per_volume: float = 0.0) -> dict[str, Any]:
    """All figures of merit of the air of one server or of hundreds.

    Parameters
    ----------
    servers : mapping
        By name: ``inlet_mean``, ``inlet_max``, ``outlet_mean`` (K), ``flow_rate`` (m3/s), ``heat`` (W).
    supplies : sequence of Supply
        Streams of cooling air; without them there is no SHI, RHI and RTI.
    heat_per_volume : float
        Density times heat capacity of air, J/(m3 K): for servers that release no heat.

    Returns
    -------
    dict
        ``servers`` (class and margins by server), ``envelopes`` (by class), ``hottest`` (names, hottest first), the indices
        (percent; SHI and RHI are shares), flows and temperatures. What has no value is None; ``undefined`` says why.
    """
    envelopes = {name: _envelope(servers, low, high) for name, (low, high) in ENVELOPES.items()}
    for name, (low, high) in CLASSES.items():
        envelopes[name] |= rack_cooling_index([s["inlet_mean"] for s in servers.values()], low, high)
    return {
        "servers": {name: _server(s) for name, s in servers.items()},
        "envelopes": envelopes,
        "hottest": sorted(servers, key=lambda name: -servers[name]["inlet_mean"])[:HOTTEST],
        **_indices(servers, supplies, heat_per_volume),
    }


def _server(s: Mapping[str, float]) -> dict[str, Any]:
    """The strictest envelope that holds a server's inlet, and what is left to each upper limit, K."""
    inside = [n for n, (low, high) in ENVELOPES.items() if low <= s["inlet_mean"] and s["inlet_max"] <= high]
    return {"class": inside[0] if inside else None, "margins": {n: high - s["inlet_max"] for n, (_, high) in ENVELOPES.items()}}


def _envelope(servers: Servers, low: float, high: float) -> dict[str, Any]:
    """How many servers an envelope holds, and what is left to its limits (K) at the worst server."""
    if not servers:
        return {"low": low, "high": high, "within": 0, "margin_high": None, "margin_low": None}
    return {"low": low, "high": high,
            "within": sum(low <= s["inlet_mean"] and s["inlet_max"] <= high for s in servers.values()),
            "margin_high": high - max(s["inlet_max"] for s in servers.values()),
            "margin_low": min(s["inlet_mean"] for s in servers.values()) - low}


def rack_cooling_index(inlets: Sequence[float], low: float, high: float) -> dict[str, float | None]:
    """RCI of mean inlet temperatures, percent (Herrlin 2005); `low` and `high` are the allowable limits, K.

    RCI_HI = (1 - sum of what exceeds the recommended maximum / (n (allowable - recommended maximum))) 100 %: 100 % where
    no inlet is beyond the recommended range, 0 % where on average all are at the allowable limit; below 0 beyond it.
    """
    if not inlets:
        return {"rci_hi": None, "rci_lo": None}
    over = sum(max(0.0, t - RECOMMENDED[1]) for t in inlets)
    under = sum(max(0.0, RECOMMENDED[0] - t) for t in inlets)
    return {"rci_hi": 100.0 * (1.0 - over / (len(inlets) * (high - RECOMMENDED[1]))),
            "rci_lo": 100.0 * (1.0 - under / (len(inlets) * (RECOMMENDED[0] - low)))}


def _indices(servers: Servers, supplies: Sequence[Supply], heat_per_volume: float) -> dict[str, Any]:
    """SHI, RHI, RTI and what they are made of."""
    rate = {name: _capacity_rate(s, heat_per_volume) for name, s in servers.items()}
    rise = _mean([s["outlet_mean"] - s["inlet_mean"] for s in servers.values()], list(rate.values()))
    supply = _mean([s.supply_temperature for s in supplies], [s.flow_rate for s in supplies])
    back = _mean([s.return_temperature for s in supplies], [s.flow_rate for s in supplies])
    out: dict[str, Any] = {
        "server_flow": sum(s["flow_rate"] for s in servers.values()), "supply_flow": sum(s.flow_rate for s in supplies),
        "server_rise": rise, "supply_temperature": supply, "return_temperature": back, "shi": None, "rhi": None, "rti": None}
    undefined = {}
    why = ("no server moves air" if rise is None else
           "no cooling unit and no opening supplies air" if supply is None or back is None else "")
    if why or rise is None or supply is None or back is None:
        undefined = dict.fromkeys(("shi", "rhi", "rti"), why)
    else:
        warmed = sum(c * (servers[n]["inlet_mean"] - supply) for n, c in rate.items())
        total = sum(c * (servers[n]["outlet_mean"] - supply) for n, c in rate.items())
        if total > STILL * sum(rate.values()):
            out["shi"], out["rhi"] = warmed / total, (total - warmed) / total
        else:
            undefined = dict.fromkeys(("shi", "rhi"), "the servers' exhaust is not warmer than the supply")
        if rise > STILL:
            out["rti"] = 100.0 * (back - supply) / rise
        else:
            undefined["rti"] = "the servers do not warm the air"
    return out | {"undefined": undefined}


def _capacity_rate(s: Mapping[str, float], heat_per_volume: float) -> float:
    """Mass flow times heat capacity of a server's air, W/K: from its own heat where it has some."""
    rise = s["outlet_mean"] - s["inlet_mean"]
    return s["heat"] / rise if abs(rise) > STILL and s["heat"] / rise > 0.0 else s["flow_rate"] * heat_per_volume


def _mean(values: Sequence[float], weights: Sequence[float]) -> float | None:
    """Weighted mean; None without weight."""
    total = sum(weights)
    return sum(v * w for v, w in zip(values, weights)) / total if total > 0.0 else None


def from_summary(summary: Mapping[str, Any], heat_per_volume: float) -> dict[str, Any] | None:
    """The metrics of a run, from its summary; None without servers, or where no temperatures were solved.

    Cooling units supply what leaves them. Openings supply air at the inlet temperature and take back what has the heat that
    the ledger says they carry out.
    """
    servers = summary.get("servers")
    if not servers or any(s["inlet_mean"] is None for s in servers.values()):
        return None
    supplies = [Supply(c["flow_rate"], c["outlet_mean"], c["inlet_mean"]) for c in summary.get("coolers", {}).values()]
    flow, inlet = summary["flow_rate"], summary["inlet_temperature"]
    if flow > 0.0 and heat_per_volume > 0.0:
        supplies.append(Supply(flow, inlet, inlet + summary["ledger"]["coolant"] / (flow * heat_per_volume)))
    return air_metrics(servers, supplies, heat_per_volume)
