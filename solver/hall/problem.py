"""A hall case: what is solved, in which order, and what it rests on."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from coldrack.solver.hall import claims, hydraulics, optimise, results
from coldrack.solver.hall.claims import Study
from coldrack.solver.hall.hydraulics import Flows
from coldrack.solver.hall.model import Hall
from coldrack.solver.hall.optimise import Search
from coldrack.solver.hall.tabulated import tabulated
from coldrack.solver.hall.weather import Weather
from coldrack.solver.hall.year import Law, Sized, Year, size, solve_year
from coldrack.solver.system import Say, SystemFailure, SystemProblem, SystemSolution, Table

LOST = 1e-3  # of the work, from which on it is said
CLOSED = 1e-6  # relative, of every hour's heat
FASTEST = 2.4  # m/s in pipes: planner's usual limit
UNEVEN = 0.1  # of the racks' flow, above which a note is made


@dataclass(frozen=True)
class Assumption:
    """A value that the answer rests on, as typed, and where it is from."""

    key: str
    value: str
    source: str


FIXED = [
    Assumption("steady hours", "every hour is in balance", "the loops hold minutes of heat, an hour evens them out"),
    Assumption("air through fan walls", "1.2 kg/m3, 1006 J/(kg K)", "ASHRAE Handbook Fundamentals 2017, ch. 1"),
    Assumption("latent heat of evaporated water", "2.45 MJ/kg", "ASHRAE Handbook Fundamentals 2017, ch. 1, 20 degC"),
    Assumption("fan power", "cube of the speed", "affinity laws, ASHRAE Handbook HVAC Systems and Equipment 2016, ch. 21"),
    Assumption("dry cooler's UA", "air speed to the power 0.6", "Incropera & DeWitt 2007, eq. 7.58: tubes in cross flow"),
    Assumption("tower's transfer units", "water over air to the power 0.4", "Braun, Klein & Mitchell, ASHRAE Trans. 95(2) "
               "1989, 164"),
    Assumption("pumps", "pressure without flow 1.25 times that at the best point; efficiency falls by a parabola", "assumed"),
    Assumption("mechanical loads", "not fed through the UPS", "assumed"),
    Assumption("a tree", "60 kg of CO2: urban seedling grown 10 years", "EPA Greenhouse Gas Equivalencies Calculator, "
               "calculations and "
               "references (2024): 0.060 t"),
]


@dataclass(kw_only=True)
class HallProblem(SystemProblem):
    """A checked hall case; `other` is the air-cooled hall that it is compared with."""

    kind: ClassVar[str] = "hall"
    hall: Hall
    weather: Weather
    study: Study | None
    search: Search | None
    assumptions: list[Assumption]
    other: HallProblem | None = None

    @property
    def gpus(self) -> int:
        """In all racks."""
        return sum(g.count * g.gpus for g in self.hall.groups)

    def about(self) -> str:
        """Racks, GPUs, weather."""
        return f"hall of {self.hall.racks} racks with {self.gpus} GPUs; weather: {self.weather.name}"

    def solve(self, say: Say) -> SystemSolution:
        """Pipes, year, racks and plates; then comparison, claim, search."""
        core = solve_hall(self, self.search, self.study, say)
        say(f"{self.hall.racks} racks and {self.hall.plates} plates solved in {core.seconds:.1f} s")
        found = core.figures | {"weather": _weather(self.weather), "limits": _limits(self.hall)}
        tables = core.tables
        notes = _notes(core)
        if self.other is not None:
            found["compare"] = self._compare(core, tables, say)
        if self.search is not None:
            say("searching for the best supply temperature and flow")
            best, tables["trade_off"] = optimise.optimise(core.sized, self.weather, self.search)
            found["optimum"] = best
            if not best["met"]:
                notes.append("the search ended short of the margin that was asked for; narrow its ranges")
            if best["most_flow_scale"] < self.search.flow[1]:
                notes.append(f"the facility pumps give at most {100 * best['most_flow_scale']:.0f} % of the flow, where "
                             "the search ended")
        found["assumptions"] = [asdict(a) for a in self.assumptions]
        reason = ""
        worst = max(found["ledger"]["heat_relative"], found["ledger"]["rack_relative"])
        if worst > CLOSED:
            reason = f"the heat of an hour is out of balance by {worst:.1e} of the power (limit {CLOSED:g})"
        return SystemSolution(found, tables, reason, notes)

    def _compare(self, core: Core, tables: dict[str, Table], say: Say) -> dict[str, Any]:
        """Savings against the other hall, map of the claim, fleet."""
        assert self.other is not None
        say(f"solving {self.other.title}")
        air = solve_hall(self.other, None, None, say)
        saved = results.savings(core.figures, air.figures)
        out = {"title": self.other.title, "hall": air.figures["hall"], "energy": air.figures["energy"], "savings": saved}
        tables["compared_months"] = air.tables["months"] if "months" in air.tables else air.tables["hours"]
        if self.study is not None:
            say("mapping the savings over climate, supply temperature and liquid share")
            tables["claim"] = claims.cooling_map(core.sized, self.weather, self.study)
            out["claim"] = claims.verdict(tables["claim"], saved, air.figures["hall"]["pue"])
            out["fleet"] = claims.fleet(self.study, saved, self.hall.economics.co2)
        return out


@dataclass(frozen=True)
class Core:
    """A solved hall."""

    sized: Sized
    year: Year
    flows: Flows | None
    figures: dict[str, Any]
    tables: dict[str, Table]
    seconds: float


def solve_hall(problem: HallProblem, search: Search | None, study: Study | None, say: Say) -> Core:
    """Tables of the racks, flow of each, a year, every plate in its worst hour; `seconds` is the time of all these."""
    started = time.perf_counter()
    weather = problem.weather
    hall = tabulated(problem.hall, weather, search, study, say)
    where = hydraulics.places(hall)
    flows = hydraulics.solve_flows(hall)
    sized = size(hall, flows.law if flows else Law(0.0, 2.0))
    year = solve_year(sized, weather)
    _liquid_back(hall, year)
    racks = results.all_racks(hall, year, where, flows)
    seconds = time.perf_counter() - started
    return Core(sized, year, flows, results.figures(hall, year, racks, flows, seconds),
                results.tables(hall, year, where, racks, flows), seconds)


def _liquid_back(hall: Hall, year: Year) -> None:
    """`SystemFailure` if the facility water comes back hotter than it stays liquid (or its properties are known)."""
    if hall.liquid is None:
        return
    hottest, curve = float(year.returned.max()), hall.liquid.coolant
    if hottest > curve.t_max:
        raise SystemFailure(f"hall.liquid: the coolant comes back with {hottest - 273.15:.1f} degC, outside the range of "
                            f"{curve.name}'s property curves, which ends at {curve.t_max - 273.15:.0f} degC; colder supply, "
                            "or more flow through the racks")


def _weather(w: Weather) -> dict[str, Any]:
    return {"name": w.name, "source": w.source, "mean_dry_bulb": w.mean(w.dry_bulb), "max_dry_bulb": float(w.dry_bulb.max()),
            "max_wet_bulb": float(w.wet_bulb.max())}


def _limits(hall: Hall) -> dict[str, float]:
    """Set points, for the report."""
    out = {"air_supply": hall.air.supply}
    return out | ({"supply": hall.liquid.supply} if hall.liquid else {})


def _notes(core: Core) -> list[str]:
    """What a planner should see."""
    out = []
    h, flows = core.figures["hall"], core.flows
    if h["margin"] < 0.0:
        out.append(f"the hottest chip passes its limit by {-h['margin']:.1f} K in the worst hour: colder supply, or more flow")
    if h["work"] < 1.0 - LOST:
        out.append(f"chips throttle: {100 * (1 - h['work']):.2f} % of the year's work is lost")
    if flows is not None:
        for name, v in (("mains", flows.main_velocity), ("row pipes", flows.row_velocity)):
            if v > FASTEST:
                out.append(f"water runs at {v:.1f} m/s in the {name}, above the usual {FASTEST} m/s: wider pipes or more "
                           f"blocks")
        if max(h["flow_max_over_mean"] - 1.0, 1.0 - h["flow_min_over_mean"]) > UNEVEN:
            out.append(f"racks get from {100 * h['flow_min_over_mean']:.0f} to {100 * h['flow_max_over_mean']:.0f} % of the "
                       f"mean flow: "
                       "wider mains, or reverse_return")
    return out
