"""A hall in text: its year, balance, worst places, savings, the claim about them, and every assumption."""

from __future__ import annotations

from typing import Any

import numpy as np

from coldrack.solver.output.report import ZERO_CELSIUS
from coldrack.solver.system import Table

Tables = dict[str, Table]

MWH, TWH = 3.6e9, 3.6e15
NAMES = {"chips": "chips and electronics", "server_fans": "server fans", "rack_pumps": "rack coolant units",
         "cdu_pumps": "row coolant units", "facility_pumps": "facility pumps", "hall_fans": "fan walls",
         "chilled_pumps": "chilled-water pumps", "cooler_fans": "dry coolers and towers", "chillers": "chillers",
         "losses": "UPS and distribution", "other": "lighting and other"}


def hall_report(s: dict[str, Any], tables: Tables) -> str:
    """The whole report of a summary."""
    lines = [*_head(s), *_year(s), *_ledger(s["ledger"]), *_worst(s, tables)]
    if "compare" in s:
        lines += _savings(s["compare"])
        lines += _claim(s["compare"], tables) if "claim" in s["compare"] else []
    if "optimum" in s:
        lines += _optimum(s["optimum"])
    return "\n".join([*lines, *_assumptions(s["assumptions"])]) + "\n"


def unit(power: float) -> tuple[float, str]:
    """Divisor and name of the unit that suits a power."""
    return (1e6, "MW") if power >= 1e6 else (1e3, "kW")


def _c(kelvin: float) -> str:
    return f"{kelvin - ZERO_CELSIUS:.1f} degC"


def _head(s: dict[str, Any]) -> list[str]:
    h, w = s["hall"], s["weather"]
    state = "converged" if s["converged"] else f"NOT CONVERGED: {s['reason']}"
    lines = [s["title"], f"{state}; {h['racks']:,} racks, {h['plates']:,} plates and heat sinks, {h['gpus']:,} GPUs, solved in "
             f"{h['solve_seconds']:.1f} s", f"Weather: {w['name']} ({w['source']})",
             f"  mean {_c(w['mean_dry_bulb'])}, hottest hour {_c(w['max_dry_bulb'])}, highest wet bulb {_c(w['max_wet_bulb'])}"]
    return [*lines, *(f"  {n}" for n in s["notes"]), ""]


def _year(s: dict[str, Any]) -> list[str]:
    h, e = s["hall"], s["energy"]
    mega, name = unit(h["total_power"])
    lines = [f"Electricity of the year                  {name} mean       MWh   share"]
    for user, joules in e.items():
        if joules:
            lines.append(f"  {NAMES[user]:<36} {h['total_power'] * joules / h['energy'] / mega:>9.3f} {joules / MWH:>11,.0f} "
                         f"{100 * joules / h['energy']:>6.2f} %")
    lines += [f"  {'total':<36} {h['total_power'] / mega:>9.3f} {h['energy'] / MWH:>11,.0f}   (peak "
              f"{h['total_power_peak'] / mega:.3f} "
              f"{name})", "", f"PUE {h['pue']:.4f} (worst hour {h['pue_peak']:.4f}), ITUE {h['itue']:.4f}, TUE "
              f"{h['tue']:.4f}, WUE "
              f"{h['wue']:.3f} L/kWh", f"Cooling {h['cooling_power'] / mega:.3f} {name} mean, "
              f"{h['cooling_power_peak'] / mega:.3f} peak; "
              f"{h['free_cooling_hours']:,.0f} h without a chiller",
              f"CO2 {h['co2'] / 1e6:,.3g} kt, water {h['water']:,.0f} m3, cost {h['cost'] / 1e6:,.4g} million", ""]
    return lines


def _ledger(book: dict[str, Any]) -> list[str]:
    mega, name = unit(book["electricity_in"])
    lines = [f"Heat by level, mean of the year, {name}"]
    for level, entries in book["levels"].items():
        lines.append(f"  {level:<9} " + ", ".join(f"{k.replace('_', ' ')} {v / mega:.4f}" for k, v in entries.items() if v))
    return [*lines, f"  electricity in {book['electricity_in'] / mega:.6f}, heat out {book['heat_out'] / mega:.6f}; worst "
            f"hour out of "
            f"balance by {book['heat_relative']:.1e} of its power (limit 1e-06)", ""]


def _worst(s: dict[str, Any], tables: Tables) -> list[str]:
    h = s["hall"]
    lines = [f"Hottest chip {_c(h['hottest'])}, least margin {h['margin']:.1f} K; warmest facility supply "
             f"{_c(h['supply_max'])}"]
    if "flow_mean" in h:
        lines.append(f"Flow of a rack {h['flow_mean'] * 6e4:.2f} L/min, from {100 * h['flow_min_over_mean']:.2f} to "
                     f"{100 * h['flow_max_over_mean']:.2f} % of it; loop {h['loop_pressure'] / 1e3:.1f} kPa, pumps at "
                     f"{100 * h['pump_speed']:.0f} % of full speed, mains "
                     f"{h['main_velocity']:.2f} m/s, rows {h['row_velocity']:.2f} m/s ({h['branches']:,} branches)")
    c = tables["racks"].columns
    lines.append("Hottest ten, in the worst hour: rack (block.row.position), plate, L/min, degC")
    for e in s["hottest"]:
        r = e["rack"]
        place = ".".join(f"{int(np.asarray(c[k])[r])}" for k in ("block", "row", "position"))
        flow = f"{e['flow_rate'] * 6e4:8.3f}" if e["flow_rate"] else "     air"
        lines.append(f"  {r:>6} ({place:<8}) {e['plate']:<12} {flow} {e['temperature'] - ZERO_CELSIUS:8.2f}")
    return [*lines, ""]


def _savings(c: dict[str, Any]) -> list[str]:
    saved = c["savings"]
    lines = [f"Against `{c['title']}` (PUE {c['hall']['pue']:.4f}, TUE {c['hall']['tue']:.4f})",
             "                                             this       air     saved", "                                       "
             "       MWh       MWh       MWh   share"]
    rows = [("cooling", "cooling electricity"), ("server_fans", "server fans"), ("cooling_and_server_fans", "both"),
            ("chips", "chips and electronics: leakage"), ("losses", "UPS and distribution"), ("total", "total")]
    for key, name in rows:
        e = saved[key]
        lines.append(f"  {name:<34} {e['liquid'] / MWH:>12,.0f}{e['air'] / MWH:>12,.0f}{e['saved'] / MWH:>12,.0f} "
                     f"{100 * e['share']:>6.1f} %")
    tue = saved["tue_same_work"]
    return [*lines, f"  CO2 {saved['co2_saved'] / 1e6:,.1f} kt, cost {saved['cost_saved'] / 1e6:,.2f} million a year less; "
            f"TUE over the same "
            f"useful power {tue['liquid']:.3f} instead of {tue['air']:.3f}", ""]


def _claim(c: dict[str, Any], tables: Tables) -> list[str]:
    """Where the claim holds and where it does not, plainly."""
    v, f = c["claim"], c["fleet"]
    says = "holds" if v["holds_here"] else "does not hold"
    best = v["at"]
    lines = [f"The claim of {100 * v['claim']:.0f} % less electricity for cooling {says} here: {100 * v['saving']:.1f} % of "
             f"the cooling "
             f"electricity,", f"  {100 * v['saving_with_server_fans']:.1f} % of cooling and server fans together, against an "
             f"air-cooled "
             f"hall of PUE {v['air_pue']:.3f}.",
             f"  Against the surveys' average PUE of {v['survey_pue']} (Uptime Institute 2023) it holds in "
             f"{v['holds_at_survey_pue']} of the "
             f"{v['cases']} combinations below that keep the chips under their limits.",
             f"  The most favourable of them needs an air-cooled hall of PUE {v['lowest_needed_pue']:.3f} or worse (climate "
             f"{best['climate_shift']:+.0f} K, supply {_c(best['supply'])}, {100 * best['liquid_share']:.0f} % of the heat to "
             f"the liquid).",
             "  Cooling over IT of the liquid-cooled hall, and the PUE that the air-cooled one must have for 89 %:",
             "    climate K   supply   liquid   cooling/IT   needed PUE   saved at 1.58   chips' margin K   work in the worst "
             "hour"]
    t = {k: np.asarray(x) for k, x in tables["claim"].columns.items()}
    for n in np.flatnonzero(np.isin(np.round(t["liquid_share"], 2), (0.7, 0.85, 0.95, 1.0))):
        share = 1.0 - t["cooling_over_it"][n] / (0.58 - t["other_over_it"][n])
        lines.append(f"    {t['climate_shift'][n]:>+9.0f} {t['supply'][n] - ZERO_CELSIUS:>8.1f} "
                     f"{100 * t['liquid_share'][n]:>6.0f} % "
                     f"{t['cooling_over_it'][n]:>12.4f} {t['needed_pue'][n]:>12.3f} {100 * share:>13.1f} % "
                     f"{t['margin'][n]:>16.1f} {100 * t['work'][n]:>10.1f} %")
    lines += ["", *_fleet(f)]
    return lines


def _fleet(f: dict[str, Any]) -> list[str]:
    worth, decade = f["energy_of_claimed_trees"] / TWH, 10.0 * f["trees"]
    short = f["trees"] < f["claimed_trees"]
    holds = "does not hold" if short else "holds"
    return [f"A fleet of {f['energy'] / TWH:,.0f} TWh a year that raises liquid cooling from {100 * f['before']:.0f} to "
            f"{100 * f['after']:.0f} % of its work saves {f['energy_saved'] / TWH:,.1f} TWh, {f['co2_saved'] / 1e9:,.1f} Mt "
            f"of CO2 a year",
            f"  (liquid takes {100 * f['total_saving_per_work']:.1f} % less for the same work, as the two halls here): "
            f"{f['trees'] / 1e6:,.0f} million trees at {f['tree']:.0f} kg each, over their first ten years (EPA).",
            f"  The press's {f['claimed_trees'] / 1e9:.0f} billion trees are {f['co2_of_claimed_trees'] / 1e9:,.0f} Mt of CO2 "
            f"or "
            f"{worth:,.0f} TWh at this grid: {worth * TWH / f['energy']:,.1f} times all that the fleet takes in a year.",
            f"  That claim {holds} for the saving of a year; that of ten years is worth {decade / 1e9:,.2f} billion trees.", ""]


def _optimum(o: dict[str, Any]) -> list[str]:
    mega, name = unit(o["power"])
    racks = o.get("margin_of_solved_racks")
    again = f", {racks:.2f} by the racks solved anew" if racks is not None else ""
    return [f"Least {o['objective'].replace('_', ' ')} electricity: supply {_c(o['supply'])}, {100 * o['flow_scale']:.1f} % "
            f"of the "
            f"flow: {o['power'] / mega:.4f} {name} instead of {o['power_before'] / mega:.4f}",
            f"  margin in the worst hour {o['margin']:.2f} K{again} (wanted {o['margin_wanted']:.2f}); full solve of the "
            f"year, foreseen "
            f"{o['predicted'] / mega:.4f} {name}", ""]


def _assumptions(entries: list[dict[str, str]]) -> list[str]:
    return ["Assumptions", *(f"  {e['key']} = {e['value']}: {e['source']}" for e in entries)]
