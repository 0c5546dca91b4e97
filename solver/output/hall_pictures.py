"""Pictures of a hall: map of the racks, the year, savings, the claim, the trade-off of the best settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.hall.claims import CLAIM, sound
from coldrack.solver.output.hall_report import NAMES, Tables, unit
from coldrack.solver.output.report import ZERO_CELSIUS
from coldrack.solver.output.slices import figure, save

COLOURS = {"server_fans": "#7f7f7f", "rack_pumps": "#aec7e8", "cdu_pumps": "#6baed6", "facility_pumps": "#1f77b4",
           "chilled_pumps": "#17becf", "hall_fans": "#98df8a", "cooler_fans": "#2ca02c", "chillers": "#d62728",
           "losses": "#c5b0d5",
           "other": "#e7cb94"}
LEVELS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.89, 0.92, 0.95, 1.0)  # of the saving
MONTHS = "JFMAMJJASOND"


def draw_map(s: dict[str, Any], tables: Tables, path: Path) -> None:
    """Every rack from above, by its hottest chip and, with a coolant, by its flow."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    c = {k: v for k, v in tables["racks"].columns.items() if k != "type"}
    a: dict[str, Any] = {k: np.asarray(v) for k, v in c.items()}
    wet = a["flow_rate"].max() > 0.0
    quantities = [("hottest chip / degC", a["hottest"] - ZERO_CELSIUS, "inferno")]
    if wet:
        flow = np.where(a["flow_rate"] > 0.0, a["flow_rate"] * 6e4, np.nan)
        quantities.append(("flow of the rack / L/min", flow, "viridis"))
    wide, deep = _pitch(a["x"]), 0.6 * _pitch(a["y"])
    tall = (np.ptp(a["y"]) + deep) / max(np.ptp(a["x"]), wide)
    high = min(max(6.3 * tall, 1.5), 5.0)
    beside = tall > 0.8  # narrow maps stand side by side
    fig, first = figure(9.0 if beside else 8.0, high + 0.6 if beside else high * len(quantities) + 0.6)
    fig.delaxes(first)
    for n, (label, values, colours) in enumerate(quantities):
        ax = fig.add_subplot(1, len(quantities), n + 1) if beside else fig.add_subplot(len(quantities), 1, n + 1)
        boxes = PatchCollection([Rectangle((x, y), 0.9 * wide, deep) for x, y in zip(a["x"], a["y"])], cmap=colours,
                                linewidths=0)
        boxes.set_array(values)
        known = values[np.isfinite(values)]
        if known.size:  # equal racks have one colour, not a scale of round-off
            least, low, top = 0.5 if n == 0 else 0.005 * known.mean(), known.min(), known.max()
            boxes.set_clim(min(low, 0.5 * (low + top) - least), max(top, 0.5 * (low + top) + least))
        dots = ax.add_collection(boxes)
        ax.autoscale_view()
        ax.set_aspect("equal")
        fig.colorbar(dots, ax=ax, label=label, pad=0.01).formatter.set_useOffset(False)
        ax.set_ylabel("along the mains / m")
        if beside or n == len(quantities) - 1:
            ax.set_xlabel("along the rows / m")
    fig.suptitle(f"{s['title']}: {s['hall']['racks']:,} racks in the hottest hour", fontsize=10)
    save(fig, path)


def _pitch(x: Any) -> float:
    steps = np.diff(np.unique(np.round(x, 6)))
    return float(steps.min()) if steps.size else 1.0


def draw_year(s: dict[str, Any], tables: Tables, path: Path) -> None:
    """Power beyond the chips by month with the PUE, and cooling against outdoor temperature by hour."""
    mega, name = unit(s["hall"]["cooling_power_peak"])
    fig, right = figure(10.0 if "months" in tables else 5.0, 4.4)  # bins of hours have no months
    if "months" in tables:
        fig.delaxes(right)
        left, right = fig.subplots(1, 2, width_ratios=(3, 2))
        _stack(left, mega, name, {k: np.asarray(v) for k, v in tables["months"].columns.items()})
    h: dict[str, Any] = {k: np.asarray(v) for k, v in tables["hours"].columns.items()}
    cooling = sum(h[u] for u in COLOURS if u not in ("server_fans", "losses", "other"))
    dots = right.scatter(h["dry_bulb"] - ZERO_CELSIUS, cooling / mega, c=h["wet_bulb"] - ZERO_CELSIUS,
                         s=3 if cooling.size > 200 else 40, cmap="viridis",
                         linewidths=0)
    fig.colorbar(dots, ax=right, label="wet bulb / degC")
    right.set_xlabel("outdoor dry bulb / degC")
    right.set_ylabel(f"electricity of cooling / {name}")
    right.set_ylim(bottom=0.0)
    fig.suptitle(f"{s['title']}: PUE {s['hall']['pue']:.3f}, TUE {s['hall']['tue']:.3f}", fontsize=10)
    save(fig, path)


def _stack(ax: Any, mega: float, name: str, m: dict[str, Any]) -> None:
    base = np.zeros(12)
    for user, colour in COLOURS.items():
        if m[user].max() > 0.0:
            ax.bar(m["month"], m[user] / mega, bottom=base, color=colour, label=NAMES[user], width=0.85)
            base = base + m[user] / mega
    ax.set_xticks(m["month"], list(MONTHS))
    ax.set_ylabel(f"mean power beyond chips and electronics / {name}")
    ax.set_ylim(0.0, 1.5 * base.max())
    ax.legend(fontsize=7, ncols=2, loc="upper left", frameon=False)
    twin = ax.twinx()
    twin.plot(m["month"], m["pue"], "k.-", lw=1.2)
    twin.set_ylabel("PUE (line)")
    spread = max(np.ptp(m["pue"]), 0.02)
    twin.set_ylim(m["pue"].min() - 1.5 * spread, m["pue"].max() + 2.0 * spread)


def draw_savings(s: dict[str, Any], tables: Tables, path: Path) -> None:
    """Electricity beyond the liquid-cooled hall's chips, of both halls."""
    if "compare" not in s:
        return
    pair = {"air": s["compare"]["energy"], "liquid": s["energy"]}
    useful = pair["liquid"]["chips"]
    fig, ax = figure(7.0, 4.2)
    base = {k: 0.0 for k in pair}
    for user, colour in {"leakage": "#ff9896", **COLOURS}.items():
        values = {k: (e["chips"] - useful if user == "leakage" else e[user]) / 3.6e15 for k, e in pair.items()}
        if max(values.values()) > 1e-9:
            label = "chips and electronics beyond the liquid hall's" if user == "leakage" else NAMES[user]
            ax.barh(list(pair), list(values.values()), left=list(base.values()), color=colour, label=label, height=0.6)
            base = {k: base[k] + values[k] for k in pair}
    saved = s["compare"]["savings"]
    ax.set_xlabel("electricity of a year / TWh")
    ax.set_title(f"Saved: {100 * saved['cooling']['share']:.0f} % of cooling, {100 * saved['server_fans']['share']:.0f} % of "
                 f"server fans, "
                 f"{100 * saved['total']['share']:.1f} % of all", fontsize=10)
    ax.set_ylim(-0.5, 2.6)
    ax.legend(fontsize=7, ncols=3, loc="upper center", frameon=False)
    save(fig, path)


def draw_claim(s: dict[str, Any], tables: Tables, path: Path) -> None:
    """Saved share of cooling electricity over the air-cooled hall's PUE and the liquid share, by climate and supply."""
    if "claim" not in tables:
        return
    t: dict[str, Any] = {k: np.asarray(v) for k, v in tables["claim"].columns.items()}
    shifts, supplies = np.unique(t["climate_shift"]), np.unique(t["supply"])
    pues = np.linspace(1.1, 1.8, 141)
    fig, first = figure(2.9 * supplies.size + 1.2, 2.5 * shifts.size + 0.6)
    fig.delaxes(first)
    axes = fig.subplots(shifts.size, supplies.size, sharex=True, sharey=True, squeeze=False)
    for i, shift in enumerate(shifts):
        for j, supply in enumerate(supplies):
            here = (t["climate_shift"] == shift) & (t["supply"] == supply)
            image = _panel(axes[i, j], pues, {k: v[here] for k, v in t.items()})
            if shift == 0.0 and abs(supply - s["limits"]["supply"]) < 0.5:
                axes[i, j].plot(s["compare"]["hall"]["pue"], s["hall"]["liquid_share"], "o", mfc="none", mec="red", mew=2, ms=9)
            axes[i, j].set_title(f"supply {supply - ZERO_CELSIUS:.0f} degC, outdoors "
                                 f"{t['mean_dry_bulb'][here][0] - ZERO_CELSIUS:.1f} "
                                 "degC", fontsize=8)
    fig.supxlabel("PUE of the air-cooled hall")
    fig.supylabel("share of the racks' heat that the liquid takes")
    fig.colorbar(image, ax=axes, label="cooling electricity saved", ticks=LEVELS)
    fig.suptitle("Saved cooling electricity; white: 89 %; circle: the two halls compared; hatched: chips throttle in the "
                 "worst hour", fontsize=10)
    save(fig, path)


def _panel(ax: Any, pues: Any, t: dict[str, Any]) -> Any:
    from matplotlib.colors import BoundaryNorm

    room = pues[None, :] - 1.0 - t["other_over_it"][:, None]
    saved = np.where(room > 1e-3, 1.0 - t["cooling_over_it"][:, None] / np.maximum(room, 1e-3), np.nan)
    image = ax.contourf(pues, t["liquid_share"], np.clip(np.nan_to_num(saved, nan=-1.0), -1.0, 1.0), LEVELS,
                        norm=BoundaryNorm(LEVELS, 256),
                        cmap="viridis", extend="min")
    if np.nanmax(saved) > CLAIM:
        ax.contour(pues, t["liquid_share"], saved, [CLAIM], colors="white", linewidths=2.0)
    bad = np.broadcast_to(~sound(t)[:, None], saved.shape)
    if bad.any():
        ax.contourf(pues, t["liquid_share"], bad.astype(float), [0.5, 1.5], colors="none", hatches=["///"])
    return image


def draw_trade_off(s: dict[str, Any], tables: Tables, path: Path) -> None:
    """Least power at every supply temperature and its parts; if all power is what is least, that beyond the chips' least."""
    if "trade_off" not in tables:
        return
    t: dict[str, Any] = {k: np.asarray(v) for k, v in tables["trade_off"].columns.items()}
    best, x = s["optimum"], t["supply"] - ZERO_CELSIUS
    total = best["objective"] == "total"
    base = t["chips"].min() if total else 0.0
    mega, name = unit(float(t["power"].max() - base))
    fig, ax = figure(8.0, 4.6)
    parts = {"pumps": "#1f77b4", "fans": "#2ca02c", "chillers": "#d62728"}
    parts |= {"server_fans": "#7f7f7f"} if best["objective"] != "cooling" else {}
    for part, colour in parts.items():
        ax.plot(x, t[part] / mega, color=colour, label=part.replace("_", " "))
    if total:
        ax.plot(x, (t["chips"] - base) / mega, color="#ff9896", label="chips beyond their least: leakage")
    ax.plot(x, (t["power"] - base) / mega, "k", lw=2, label=f"{best['objective'].replace('_', ' ')}, least over the flow")
    bad = t["allowed"] < 0.5
    if bad.any():
        ax.axvspan(x[bad].min(), x.max(), color="0.85", hatch="///", ec="0.6", lw=0, label="chips nearer to their limit than "
                   "asked")
    ax.plot(best["supply"] - ZERO_CELSIUS, (best["power"] - base) / mega, "o", ms=9, mfc="none", mec="k", mew=2,
            label="best, full solve")
    ax.set_xlabel("facility supply temperature / degC")
    ax.set_ylabel(f"mean power{' beyond the least of the chips' if total else ''} / {name}")
    twin = ax.twinx()
    twin.plot(x, 100 * t["flow_scale"], color="0.5", ls="--")
    twin.set_ylabel("flow / % of the case's (dashed)")
    ax.legend(fontsize=8, loc="upper left", frameon=False, ncols=2)
    ax.set_ylim(0.0, 1.4 * float(np.nanmax(t["power"]) - base) / mega)
    ax.set_title(f"{s['title']}: margin of {best['margin_wanted']:.1f} K kept in every hour", fontsize=10)
    save(fig, path)
