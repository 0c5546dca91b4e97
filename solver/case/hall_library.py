"""Racks and climates that a hall case names."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.case.coolant_rack import library_rack
from coldrack.solver.case.coolant_rack_library import racks
from coldrack.solver.case.errors import suggest
from coldrack.solver.case.files import inside_folder
from coldrack.solver.case.findings import Findings
from coldrack.solver.case.hall_schema import FiguresModel, HallCase, WeatherModel
from coldrack.solver.hall.psychrometrics import saturation_pressure
from coldrack.solver.hall.rack import FiguresRack
from coldrack.solver.hall.tabulated import LibraryRack
from coldrack.solver.hall.weather import HOURS, Weather, WeatherError, read_weather
from coldrack.solver.materials.library import FOLDER
from coldrack.solver.rack.parts import Rack

CLIMATES = FOLDER / "climates"
WET = ("flow_rate", "pressure_drop")
COLDEST, HOTTEST = 183.15, 333.15  # K: a little beyond Vostok (1983) and Furnace Creek (1913)


def climates() -> dict[str, Path]:
    """Files of the library by name."""
    return {p.stem: p for p in sorted(CLIMATES.glob("*.csv"))}


def figures_rack(name: str, m: FiguresModel) -> FiguresRack:
    """A rack by its figures."""
    return FiguresRack(name, m.source, m.gpus, m.plates or m.gpus, m.chip_power, m.reference, m.leakage, m.resistance, m.limit,
                       m.other_power,
                       m.fan_power, m.pump_power, m.chip_liquid, m.other_liquid, m.flow_rate or 0.0, m.pressure_drop or 0.0,
                       m.exponent, m.resistance_exponent, m.approach)


def named_rack(name: str, figures: dict[str, FiguresModel], path: tuple[Any, ...], found: Findings) -> Any:
    """A rack of the case's figures or of the library; None, noted, for an unknown one."""
    if name in figures:
        return figures_rack(name, figures[name])
    known = racks()
    if name not in known:
        found.add(path, f"no rack called {name!r:.60}{suggest(name, [*figures, *known])}")
        return None
    return LibraryRack(_library(name), str(known[name].get("source", "library of racks")))


@cache
def _library(name: str) -> Rack:
    """A rack of the library; built once, as halls of a comparison share them."""
    return library_rack(name)


def check_figures(case: HallCase, found: Findings) -> None:
    """Liquid-cooled figures have flow and pressure drop; air-cooled ones none."""
    for name, m in case.figures.items():
        wet = m.chip_liquid > 0.0
        for key in WET:
            if wet and getattr(m, key) is None:
                found.add(("figures", name), f"a liquid-cooled rack needs `{key}`; add it, or set chip_liquid to 0")
            if not wet and getattr(m, key) is not None:
                found.add(("figures", name, key), "belongs to liquid-cooled racks: remove it, or give `chip_liquid`")
        if not wet and m.other_liquid:
            found.add(("figures", name, "other_liquid"), "a rack without `chip_liquid` has no coolant; remove it, or give both")


def weather_of(model: WeatherModel, folder: Path, found: Findings) -> Weather | None:
    """The weather, read and shifted; problems are noted."""
    given = [k for k in ("climate", "file", "bins") if getattr(model, k) is not None]
    if len(given) != 1:
        where: tuple[str, ...] = ("weather", given[1]) if given else ("weather",)
        found.add(where, f"takes one of climate, file, bins; it has {' and '.join(given) or 'none'}: keep or add one, such as "
                  "`climate: greensboro_nc`")
        return None
    for key in ("relative_humidity", "pressure"):
        if (getattr(model, key) is None) == (model.bins is not None):
            found.add(("weather", *(() if model.bins else (key,))), f"`{key}` goes with `bins`: "
                      f"{'add it' if model.bins else 'remove it'}")
            return None
    try:
        weather = _read(model, folder, found, given[0])
        if weather is not None:
            _on_earth(weather.dry_bulb, ("weather", "shift" if model.shift else given[0]), found)
        return weather
    except (WeatherError, ValueError) as error:
        found.add(("weather", given[0]), str(error))
    return None


def _on_earth(dry_bulb: Any, path: tuple[str, ...], found: Findings) -> bool:
    """Whether it is neither colder nor hotter than anywhere outdoors; noted if not."""
    for t, way in ((float(dry_bulb.min()), "coldest"), (float(dry_bulb.max()), "hottest")):
        if not COLDEST <= t <= HOTTEST:
            found.add(path, f"the {way} hour has {t - 273.15:.1f} degC; outdoors has from {COLDEST - 273.15:.0f} to "
                            f"{HOTTEST - 273.15:.0f} degC: correct the temperature or its unit")
            return False
    return True


def _read(model: WeatherModel, folder: Path, found: Findings, kind: str) -> Weather | None:
    if kind == "bins":
        return _bins(model, found)
    if model.climate is not None:
        known = climates()
        if model.climate not in known:
            found.add(("weather", "climate"), f"no climate {model.climate!r:.60} in the "
                      f"library{suggest(model.climate, known)}; other "
                      "places: `file: NAME.epw` beside the case")
            return None
        return _climate(known[model.climate]).shifted(model.shift)
    assert model.file is not None
    return read_weather(inside_folder(folder, model.file)).shifted(model.shift)


@cache
def _climate(path: Path) -> Weather:
    """Of the library; read once."""
    return read_weather(path)


def _bins(model: WeatherModel, found: Findings) -> Weather | None:
    """Degree bins; the dew point follows from the relative humidity (bisected)."""
    assert model.bins is not None and model.relative_humidity is not None and model.pressure is not None
    t, hours = np.array([b[0] for b in model.bins]), np.array([b[1] for b in model.bins]) / 3600.0
    if abs(hours.sum() - HOURS) > 0.5:
        found.add(("weather", "bins"), f"the times add up to {hours.sum():.6g} h, a year has {HOURS} h; correct them")
        return None
    if not _on_earth(t, ("weather", "bins"), found):
        return None
    low, high, goal = t - 60.0, t.copy(), model.relative_humidity * saturation_pressure(t)
    for _ in range(50):
        middle = 0.5 * (low + high)
        below = saturation_pressure(middle) < goal
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    pressure = np.full(t.shape, model.pressure)
    return Weather("degree bins", "typed in the case", t, low, pressure, hours, np.zeros(t.size, np.int64)).shifted(model.shift)


