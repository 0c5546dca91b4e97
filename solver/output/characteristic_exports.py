"""A plate's characteristic for other programs: EnergyPlus curves, a Modelica package of records, an FMU."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from coldrack.solver.characteristic.fit import fit_resistance
from coldrack.solver.characteristic.plate import PlateCharacteristic

ZERO_CELSIUS = 273.15
FIELDS = {
    "Curve:Exponent": ("Name", "Coefficient1 Constant", "Coefficient2 Constant", "Coefficient3 Constant", "Minimum Value of x",
                       "Maximum Value of x", "Minimum Curve Output", "Maximum Curve Output", "Input Unit Type for X",
                       "Output Unit Type"),
    "Curve:Quadratic": ("Name", "Coefficient1 Constant", "Coefficient2 x", "Coefficient3 x**2", "Minimum Value of x",
                        "Maximum Value of x", "Minimum Curve Output", "Maximum Curve Output", "Input Unit Type for X",
                        "Output Unit Type"),
}
POLYNOMIALS = (1, 2, 3, 4)  # orders of R V over V that the record may ask for
GOOD = 0.01  # relative error with which a lower order is good enough
GENERIC = "Buildings.Applications.DataCenters.LiquidCooled.Racks.Data.Generic_R_m_flow"


def identifier(name: str) -> str:
    """A name that every language takes: letters, digits, underscores, beginning with a letter."""
    word = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "plate"
    return word[0].upper() + word[1:] if word[0].isalpha() else f"Plate_{word}"


def _celsius(temperature: float) -> str:
    return f"{temperature - ZERO_CELSIUS:.4g}degC".replace(".", "_").replace("-", "minus")


def nominal(plate: PlateCharacteristic) -> float:
    """The flow that exports call nominal, m3/s: the middle of the range on a scale of ratios."""
    return float(np.sqrt(plate.flow[0] * plate.flow[-1]))


# ---------------------------------------------------------------- EnergyPlus
def energyplus(plate: PlateCharacteristic, component: str) -> str:
    """IDF text, for each inlet temperature of the points two curves.

    A ``Curve:Exponent`` gives the resistance over that at the nominal flow as a function of flow over nominal flow: the
    modifier that ``Coil:Cooling:ITE:ColdPlate`` takes beside its nominal thermal resistance. A ``Curve:Quadratic`` gives the
    pressure drop (Pa) over the mass flow (kg/s): the pressure drop curve of a ``Branch``.
    """
    q0 = nominal(plate)
    out = [f"! {plate.name}: cold plate, {plate.source}",
           f"! Nominal Liquid Flow Rate {q0:.6g} m3/s; Nominal Thermal Resistance {component} to inlet, K/W, below",
           "! Valid between the limits of x only"]
    for row, t in enumerate(plate.temperature):
        base = f"{identifier(plate.name)} {_celsius(float(t))}"
        fit = fit_resistance(plate.flow, np.array([float(t)]), plate.points[component][row : row + 1])
        r0 = float(fit(np.array(q0), np.array(t)))
        ratio = plate.flow / q0
        out += ["", f"! {component}: {r0:.6g} K/W at the nominal flow and {t - ZERO_CELSIUS:.4g} C; largest error of the curve "
                f"{100 * fit.largest_error:.2g} %"]
        values = [f"{base} Resistance Modifier", fit.constant / r0, fit.factor / r0 * (q0 / fit.flow) ** -fit.exponent,
                  -fit.exponent, ratio[0], ratio[-1], "", "", "Dimensionless", "Dimensionless"]
        out.append(_object("Curve:Exponent", values))
        mass, linear, square, error = _quadratic(plate, float(t))
        out += ["", f"! largest error of the curve {100 * error:.2g} %"]
        out.append(_object("Curve:Quadratic", [f"{base} Pressure Drop", 0.0, linear, square, mass[0], mass[-1], "", "",
                                               "MassFlow", "Dimensionless"]))
    return "\n".join(out) + "\n"


def _object(kind: str, values: list[Any]) -> str:
    lines = [f"{kind},"]
    for n, (value, name) in enumerate(zip(values, FIELDS[kind], strict=True)):
        text = f"{value:.9g}" if isinstance(value, float) else str(value)
        end = ";" if n + 1 == len(values) else ","
        lines.append(f"  {text + end:<44}!- {name}")
    return "\n".join(lines)


def _quadratic(plate: PlateCharacteristic, temperature: float) -> tuple[Any, float, float, float]:
    """Mass flows (kg/s), coefficients of m and m^2 that fit the pressure drop best in relative error, and that error."""
    flow = np.geomspace(plate.flow[0], plate.flow[-1], 20)
    mass = flow * float(plate.coolant.density(np.asarray(temperature)))
    drop = plate.pressure_drop(flow, np.asarray(temperature))[0]
    system = np.stack([mass / drop, mass**2 / drop], axis=1)
    (linear, square), *_ = np.linalg.lstsq(system, np.ones(mass.size), rcond=None)
    error = float(np.abs(system @ [linear, square] - 1).max())
    return mass, float(linear), float(square), error


# ---------------------------------------------------------------- Modelica
def modelica(plate: PlateCharacteristic, component: str) -> str:
    """A package of records for ``ColdPlateR_P`` of the Buildings library, one for each inlet temperature of the points.

    Each extends ``Generic_R_m_flow`` (V_flow, R, n) and adds what that model takes besides: m_flow_nominal, dp_nominal, m and,
    where it is known, tau.
    """
    name = identifier(plate.name)
    records = "\n".join(_record(plate, component, row, float(t)) for row, t in enumerate(plate.temperature))
    return (f'package {name} "Cold plate {_text(plate.name)}, a record for each inlet temperature"\n'
            f"  extends Modelica.Icons.MaterialPropertiesPackage;\n{records}"
            f'  annotation (Documentation(info="<html><p>{_text(_html(plate.source))}. Resistances are those from '
            f"{_text(_html(component))} to the inlet. Valid from {plate.flow[0]:.4g} to {plate.flow[-1]:.4g} m3/s."
            '</p></html>"));\n'
            f"end {name};\n")


def _record(plate: PlateCharacteristic, component: str, row: int, temperature: float) -> str:
    name, t = f"At_{_celsius(temperature)}", np.asarray(temperature)
    resistance = plate.points[component][row]
    order, error = polynomial_order(plate.flow, resistance)
    q0 = nominal(plate)
    drop = plate.pressure_drop(plate.flow, t)[0]
    exponent = float(np.polyfit(np.log(plate.flow), np.log(drop), 1)[0])
    extra = [("MassFlowRate", "m_flow_nominal", q0 * float(plate.coolant.density(t)), "Nominal mass flow rate"),
             ("PressureDifference", "dp_nominal", float(plate.pressure_drop(np.array(q0), t)[0]),
              "Pressure drop at m_flow_nominal")]
    if plate.storage is not None:
        tau = float(plate.time_constant(np.array(q0), t))
        extra.append(("Time", "tau", tau, "Heat stored over heat flow rate at m_flow_nominal"))
    lines = [f'  record {name} "Inlet at {temperature - ZERO_CELSIUS:.4g} degC; the polynomial is off by at most '
             f'{100 * error:.2g} %"', f"    extends {GENERIC}(", f"      V_flow={_array(plate.flow)},",
             f"      R={_array(resistance)},", f"      n={order});"]
    lines += [f'    parameter Modelica.Units.SI.{kind} {symbol}={value:.9g} "{text}";' for kind, symbol, value, text in extra]
    lines += [f'    parameter Real m={1 / exponent:.6g} "Flow exponent: m_flow/m_flow_nominal = (dp/dp_nominal)^m";',
              '    annotation (defaultComponentName="datTheRes", defaultComponentPrefixes="parameter");', f"  end {name};\n"]
    return "\n".join(lines)


def polynomial_order(flow: Any, resistance: Any) -> tuple[int, float]:
    """Order of the polynomial of R V over V, as the library fits it, and its largest error: the lowest that is good enough."""
    found = []
    for order in POLYNOMIALS[: flow.size - 1]:
        x = flow / flow[-1]
        error = np.polyval(np.polyfit(x, resistance * x, order), x) / (resistance * x) - 1
        found.append((order, float(np.abs(error).max())))
        if found[-1][1] <= GOOD:
            return found[-1]
    return min(found, key=lambda item: item[1])


def _array(values: Any) -> str:
    return "{" + ", ".join(f"{v:.7g}" for v in values) + "}"


def _text(value: str) -> str:
    """Inside a Modelica string."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _html(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
