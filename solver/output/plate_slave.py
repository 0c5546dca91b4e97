"""The model inside an exported FMU (FMI 2.0, co-simulation): it runs on its own there, with `DATA` filled in by the export."""

import json
import math

from pythonfmu import Fmi2Causality, Fmi2Slave, Fmi2Variability, Real

DATA = json.loads("""{}""")


class Plate(Fmi2Slave):
    """A cold plate as one heat capacity: C dx/dt = P - x / R, with x the mean rise above the inlet temperature.

    Component temperatures follow the heat that flows into the coolant, x / R: T = inlet + R_component x / R. Without a known
    heat capacity all follows at once.
    """

    description = "Cold plate: resistance, pressure drop and heat capacity from its characteristic"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.flow_rate, self.inlet_temperature, self.power = DATA["start"]
        self.pressure_drop = self.outlet_temperature = self.heat_flow_rate = 0.0
        self.energy = None
        for name in ("flow_rate", "inlet_temperature", "power"):
            self.register_variable(Real(name, causality=Fmi2Causality.input, variability=Fmi2Variability.continuous,
                                        start=getattr(self, name)))
        outputs = ["pressure_drop", "outlet_temperature", "heat_flow_rate"]
        for name in DATA["components"]:
            outputs.append("temperature_" + name)
            setattr(self, outputs[-1], self.inlet_temperature)
        for name in outputs:
            self.register_variable(Real(name, causality=Fmi2Causality.output, variability=Fmi2Variability.continuous))
        self._update(0.0)

    def exit_initialization_mode(self):
        """Start in the steady state of the first inputs."""
        self.energy = None
        self._update(0.0)

    def do_step(self, current_time, step_size):
        """Advance; an error outside the characteristic."""
        q, t = self.flow_rate, self.inlet_temperature
        low, high = DATA["flow"][0], DATA["flow"][-1]
        cold, hot = DATA["temperature_range"]
        if not (low * (1 - 1e-6) <= q <= high * (1 + 1e-6) and cold - 1e-6 <= t <= hot + 1e-6):
            raise ValueError(f"{DATA['name']}: {q:g} m3/s at {t:g} K is outside {low:g} to {high:g} m3/s, "
                             f"{cold:g} to {hot:g} K")
        self._update(step_size)
        return True

    def _update(self, step):
        """Exact solution over a step of constant inputs."""
        q = min(max(self.flow_rate, DATA["flow"][0]), DATA["flow"][-1])
        at = self._place(q)
        if DATA["storage"] is None:
            heat = self.power
        else:
            mean = self._value(DATA["storage"], at)
            steady = self.power * mean
            rise = steady if self.energy is None else self.energy / DATA["heat_capacity"]
            rise = steady + (rise - steady) * math.exp(-step / (DATA["heat_capacity"] * mean))
            self.energy, heat = DATA["heat_capacity"] * rise, rise / mean
        self.heat_flow_rate = heat
        for name, table in DATA["components"].items():
            setattr(self, "temperature_" + name, self.inlet_temperature + heat * self._value(table, at))
        self.pressure_drop = self._value(DATA["pressure_drop"], at)
        self.outlet_temperature = self.inlet_temperature + heat / (q * self._value(DATA["heat_per_volume"], at))

    def _place(self, q):
        """Rows, columns and weights of the tables, linear in temperature and in the logarithm of the flow."""
        row, across = self._between(DATA["temperature"], self.inlet_temperature, float)
        column, along = self._between(DATA["flow"], q, math.log)
        return row, across, column, along

    @staticmethod
    def _between(values, value, scale):
        value = min(max(value, values[0]), values[-1])
        n = 0
        while n < len(values) - 2 and value > values[n + 1]:
            n += 1
        if len(values) == 1:
            return 0, 0.0
        return n, (scale(value) - scale(values[n])) / (scale(values[n + 1]) - scale(values[n]))

    @staticmethod
    def _value(table, at):
        """Linear in the logarithms of the table's entries."""
        row, across, column, along = at
        ends = []
        for values in (table[row], table[min(row + 1, len(table) - 1)]):
            ends.append((1 - along) * math.log(values[column]) + along * math.log(values[column + 1]))
        return math.exp((1 - across) * ends[0] + across * ends[1])
