"""Supply temperature and flow with the least electricity that keep every chip under its limit.

Objective and margin are computed on a grid of both, with the weather in bins and its worst hours; bicubic splines through them
are smooth, so SLSQP (Kraft 1988) finds the minimum in a few steps. It is then solved in full, every hour; where the margin is
missed there, the spline's margin is corrected by the miss and the search is repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline
from scipy.optimize import brentq, minimize

from coldrack.solver.hall.weather import Weather
from coldrack.solver.hall.year import Law, Sized, Year, changed, facility_flow, solve_year, utilisation
from coldrack.solver.system import SystemFailure, Table

Array = NDArray[np.float64]
POINTS = (10, 7)
BIN = 2.0  # K
TIMES = 4
TOLERANCE = 1e-3  # K, of the margin


@dataclass(frozen=True)
class Search:
    """Ranges of supply K and of the flow over the design's, the margin K that chips keep, and what is least."""

    supply: tuple[float, float]
    flow: tuple[float, float]
    margin: float
    objective: str  # "cooling" (outside the servers), "cooling_and_server_fans" or "total"


def power(year: Year, objective: str) -> float:
    """Mean power that is least, W."""
    fans = year.users["server_fans"]
    values = {"cooling": year.cooling, "cooling_and_server_fans": year.cooling + fans, "total": year.total}
    return year.mean(values[objective])


def with_settings(sized: Sized, supply: float, flow: float) -> Sized:
    """The same plant run with another supply temperature and flow; the pressure follows the loop's law."""
    law = Law(float(sized.law(np.array(flow))), sized.law.exponent, sized.law.held)
    return replace(sized, hall=changed(sized.hall, supply, flow), law=law)


def worst_hours(weather: Weather) -> Weather:
    """The year in bins, and its hottest hours by dry and by wet bulb on their own with no weight."""
    bins = weather.binned(BIN)
    at = np.array([np.argmax(weather.dry_bulb), np.argmax(weather.wet_bulb)])
    ends: dict[str, Any] = {k: np.concatenate([getattr(bins, k), getattr(weather, k)[at]])
                            for k in ("dry_bulb", "dew_point", "pressure")}
    return replace(bins, **ends, hours=np.concatenate([bins.hours, np.zeros(2)]), month=np.zeros(len(bins.hours) + 2, np.int64))


def optimise(sized: Sized, weather: Weather, search: Search) -> tuple[dict[str, Any], Table]:
    """The best settings with what they take, verified by a full year, and the trade-off: best at every supply temperature."""
    search = replace(search, flow=_within_pumps(sized, search.flow))
    axes = [np.linspace(*r, n) for r, n in zip((search.supply, search.flow), POINTS)]
    outside = worst_hours(weather)
    grid = np.array([[_measure(with_settings(sized, s, f), outside, search) for f in axes[1]] for s in axes[0]])
    least, margin = (RectBivariateSpline(*axes, grid[..., k], kx=3, ky=3) for k in (0, 1))
    scale = float(grid[..., 0].mean())
    correction = 0.0
    for _ in range(TIMES):
        wanted = search.margin - correction
        x = _search(least, margin, axes, grid, wanted, scale)
        year = solve_year(with_settings(sized, *x), weather)
        miss = search.margin - float(year.racks.margin.min())
        if miss <= TOLERANCE:
            break
        correction -= miss
    found = {"supply": float(x[0]), "flow_scale": float(x[1]), "power": power(year, search.objective),
             "power_before": power(solve_year(sized, weather), search.objective), "margin": float(year.racks.margin.min()),
             "margin_wanted": search.margin, "objective": search.objective, "met": bool(miss <= TOLERANCE),
             "predicted": float(least(*x)[0, 0]), "most_flow_scale": search.flow[1]}
    found |= _racks_in_full(with_settings(sized, *x), year)
    return found, _trade(least, margin, search, sized, outside)


def _within_pumps(sized: Sized, flow: tuple[float, float]) -> tuple[float, float]:
    """The range of the flow, as far as the facility pumps give it at full speed; `SystemFailure` where they give none of it."""
    assert sized.hall.liquid is not None
    pumps, total, (low, high) = sized.hall.liquid.pumps, facility_flow(sized.hall), flow
    pumps.check(low * total, float(sized.law(np.array(low))), "optimise.flow")

    def spare(share: float) -> float:
        return 1.0 + 2e-6 - float(pumps.speed(np.array(share * total), sized.law(np.array(share))))

    return flow if spare(high) >= 0.0 else (low, float(brentq(spare, low, high)))


def _racks_in_full(sized: Sized, year: Year) -> dict[str, float]:
    """Margin of the racks of the library, solved themselves in the worst hour; nothing for racks by figures."""
    hour = int(np.argmin(year.racks.margin))
    supply, use = float(year.rack_supply[hour]), float(utilisation(sized.hall, year.weather)[hour])
    margins = [g.rack.solved(supply, g.flow, sized.hall.air.supply, use) for g in sized.hall.wet if hasattr(g.rack, "solved")]
    return {"margin_of_solved_racks": min(margins)} if margins else {}


def _measure(sized: Sized, outside: Weather, search: Search) -> tuple[float, float]:
    year = solve_year(sized, outside)
    return power(year, search.objective), float(year.racks.margin.min())


def _search(least: Any, margin: Any, axes: list[Array], grid: Array, wanted: float, scale: float) -> Array:
    """From the best point of the grid that keeps the margin."""
    fine = [np.linspace(a[0], a[-1], 61) for a in axes]
    value, spare = least(*fine), margin(*fine)
    if not (spare >= wanted).any():
        raise SystemFailure(f"no supply temperature and flow of the ranges keep {wanted:.3g} K below the chips' limits; "
                            f"the best keeps {float(grid[..., 1].max()):.3g} K: colder supply, more flow or a smaller margin")
    i, j = np.unravel_index(int(np.argmin(np.where(spare >= wanted, value, np.inf))), value.shape)
    low, span = np.array([a[0] for a in axes]), np.array([a[-1] - a[0] for a in axes])
    start = np.array([fine[0][i], fine[1][j]])
    found = minimize(lambda u: float(least(*(low + span * u))[0, 0]) / scale, (start - low) / span, method="SLSQP",
                     bounds=[(0.0, 1.0)] * 2, options={"ftol": 1e-12},
                     constraints={"type": "ineq", "fun": lambda u: float(margin(*(low + span * u))[0, 0]) - wanted})
    x = low + span * found.x
    good = float(margin(*x)[0, 0]) >= wanted - TOLERANCE and float(least(*x)[0, 0]) <= float(value[i, j])
    return x if good else start


def _trade(least: Any, margin: Any, search: Search, sized: Sized, outside: Weather) -> Table:
    """Least power at every supply temperature, the flow that gives it, and its parts; the largest flow where none will do."""
    supplies, flows = np.linspace(*search.supply, 15), np.linspace(*search.flow, 61)
    value, spare = least(supplies, flows), margin(supplies, flows)
    fit = np.where(spare >= search.margin, value, np.inf)
    at = np.where(np.isfinite(fit.min(axis=1)), fit.argmin(axis=1), len(flows) - 1)
    years = [solve_year(with_settings(sized, s, flows[k]), outside) for s, k in zip(supplies, at)]
    parts = {"pumps": ("rack_pumps", "cdu_pumps", "facility_pumps", "chilled_pumps"), "fans": ("hall_fans", "cooler_fans"),
             "chillers": ("chillers",), "server_fans": ("server_fans",), "chips": ("chips",)}
    columns: dict[str, Any] = {"supply": supplies, "flow_scale": flows[at],
                               "power": np.array([power(y, search.objective) for y in years]),
                               "margin": np.array([y.racks.margin.min() for y in years]),
                               "allowed": np.isfinite(fit.min(axis=1)) * 1.0}
    columns |= {n: np.array([sum(y.mean(y.users[u]) for u in us) for y in years]) for n, us in parts.items()}
    units = {"supply": "K", "flow_scale": "", "power": "W", "margin": "K", "allowed": ""} | {n: "W" for n in parts}
    return Table(columns, units)
