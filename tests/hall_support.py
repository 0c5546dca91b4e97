"""A small hall of racks by figures, as data and as a case file."""

from __future__ import annotations

import numpy as np

from coldrack.solver.hall.cooler import CoolingTower, DryCooler
from coldrack.solver.hall.model import Air, CoolerDesign, Economics, Electrical, Group, Hall, Liquid, Pipes, PlantDesign
from coldrack.solver.hall.plant import Chiller
from coldrack.solver.hall.pumps import Pumps
from coldrack.solver.hall.rack import FiguresRack
from coldrack.solver.hall.weather import Weather
from coldrack.solver.materials.library import coolant

CHILLER = Chiller.rated(2.96, 279.85, 308.15, 2.0, 12.0, 15.0)
PIPES = Pipes(2, 4, 0.75, 3.0, 30.0, 0.2, 0.08, 4.5e-5, False)
LIQUID_RACK = FiguresRack("liquid", "test", 64, 64, 600.0, 333.15, 0.003, 0.066, 358.15, 15e3, 800.0, 400.0, 0.95, 0.4, 1e-3,
                          50e3,
                          1.85)
AIR_RACK = FiguresRack("air", "test", 32, 32, 600.0, 333.15, 0.003, 0.088, 363.15, 8e3, 4000.0)


def weather(dry: float = 293.15, dew: float = 283.15, hours: int = 24) -> Weather:
    """Constant weather that stands for a year."""
    one = np.ones(hours)
    return Weather("constant", "test", dry * one, dew * one, 101325.0 * one, 8760.0 / hours * one, np.ones(hours, np.int64))


def hall(groups: list[Group] | None = None, *, plant: PlantDesign | None = None, supply: float = 303.15,
         wet: bool = True) -> Hall:
    """24 liquid-cooled racks, or air-cooled ones without `wet`."""
    groups = groups or ([Group("liquid", LIQUID_RACK, 24, 64, 1e-3)] if wet else [Group("air", AIR_RACK, 48, 32)])
    plant = plant or PlantDesign(CoolerDesign("dry_cooler", 308.15, 5.0, 0.015, 1.0, 7.0), None)
    liquid = Liquid(coolant("water"), supply, PIPES, Pumps(2, 0.012, 250e3, 0.75), 40e3, plant) if wet else None
    air = Air(297.15, 12.0, 300.0, 0.6, 291.15, 6.0, 200e3, 0.7, PlantDesign(None, CHILLER))
    return Hall(groups, np.full(24, 0.9), liquid, air, Electrical(0.96, 0.98, 0.01, 0.5), Economics(0.1 / 3.6e6, 0.4 / 3.6e6,
                                                                                                    2.0))


def dry_cooler() -> DryCooler:
    """1 MW, 100 kW/K of water, 5 K over 35 degC."""
    return DryCooler.sized(1e6, 1e5, 308.15, 5.0, 8.0, 0.015)


def tower() -> CoolingTower:
    """1 MW, 200 kW/K of water, 4 K over 24 degC wet bulb."""
    return CoolingTower.sized(1e6, 2e5, 297.15, 4.0, 1.2, 0.01)


CASE = """\
coldrack: 1
title: small hall
hall:
  racks:
    - {type: liquid, count: 24}
  utilisation: 0.9
  liquid:
    coolant: water
    supply_temperature: 30 degC
    pipes:
      blocks: 2
      racks_per_row: 4
      rack_pitch: 0.75 m
      row_pitch: 3 m
      feeder_length: 30 m
      main_diameter: 200 mm
      row_diameter: 80 mm
      roughness: 45 um
    pumps: {count: 2, flow_rate: 43.2 m^3/h, pressure: 250 kPa, efficiency: 0.75}
    plant_pressure: 40 kPa
    plant:
      cooler: {kind: dry_cooler, outdoor: 35 degC, approach: 5 K, fan_power: 0.015, air_rise: 7 K}
  air:
    supply_temperature: 24 degC
    rise: 12 K
    fans: {pressure: 300 Pa, efficiency: 0.6}
    water: {supply_temperature: 18 degC, rise: 6 K, pressure: 200 kPa, efficiency: 0.7}
    plant:
      chiller:
        cop: 2.96
        rating: {supply: 6.7 degC, outdoor: 35 degC}
        evaporator_approach: 2 K
        condenser_approach: 12 K
        minimum_lift: 15 K
  electrical: {ups_efficiency: 0.96, distribution_efficiency: 0.98, other: 0.01, losses_to_air: 0.5}
figures:
  liquid:
    gpus: 64
    chip_power: 600 W
    reference: 60 degC
    leakage: 0.003 1/K
    resistance: 0.066 K/W
    limit: 85 degC
    other_power: 15 kW
    fan_power: 800 W
    pump_power: 400 W
    chip_liquid: 0.95
    other_liquid: 0.4
    flow_rate: 60 L/min
    pressure_drop: 50 kPa
    source: test
weather:
  bins: [[0 degC, 2000 h], [15 degC, 4000 h], [30 degC, 2760 h]]
  relative_humidity: 0.6
  pressure: 1 bar
economics: {price_per_kwh: 0.1, co2: 0.4 kg/kWh}
sources:
  hall.air.plant.chiller: ASHRAE 90.1
"""
