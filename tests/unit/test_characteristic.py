"""Characteristics of plates: fits, interpolation, range, artefact, exports, typed ranges."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coldrack.solver.case.errors import CaseError
from coldrack.solver.case.plate_library import find_plate, plate, plate_names, read_plate
from coldrack.solver.characteristic.fit import fit_resistance
from coldrack.solver.characteristic.measure import Point
from coldrack.solver.characteristic.plate import PlateCharacteristic
from coldrack.solver.characteristic.pressure import fit_pressure
from coldrack.solver.characteristic.summary import summarise_sweep, warnings
from coldrack.solver.cli.codes import InputError
from coldrack.solver.cli.ranges import apart, grid, read_points, read_range
from coldrack.solver.materials.library import coolant
from coldrack.solver.output.characteristic_exports import FIELDS, energyplus, identifier, modelica
from coldrack.solver.output.characteristic_files import read_points as read_raw
from coldrack.solver.output.characteristic_files import write_artefact, write_points
from coldrack.solver.output.characteristic_fmu import write_fmu
from coldrack.solver.system import SystemFailure

PG25 = coolant("PG25")
FLOW, TEMPERATURE = np.geomspace(0.3, 3.0, 6) / 6e4, np.array([298.15, 308.15, 318.15])
MIDDLE = float(np.sqrt(FLOW[0] * FLOW[-1]))


def law(flow: Any, temperature: Any, constant: float = 0.02) -> Any:
    """A resistance of the form that is fitted."""
    return constant - 1e-4 * (temperature - 308.15) + 0.012 * (flow / MIDDLE) ** -0.7


def drop_law(flow: Any, temperature: Any) -> Any:
    """A pressure drop of the form that is fitted: 1.2 kPa laminar, 0.4 developing, 0.9 inertial at 1 L/min and 25 degC."""
    rho, mu, q = PG25.density(temperature), PG25.viscosity(temperature), flow * 6e4
    r0, m0 = PG25.density(np.array(298.15)), PG25.viscosity(np.array(298.15))
    return 1200 * mu / m0 * q + 400 * np.sqrt(mu / m0 * rho / r0) * q**1.5 + 900 * rho / r0 * q**2


def points(capacity: float = 600.0) -> list[Point]:
    """A full grid of points that follow the laws."""
    return [Point(float(q), float(t), {"gpu": float(law(q, t)), "hbm1": float(law(q, t, 0.01))}, float(drop_law(q, t)),
                  capacity, 0.5 * float(law(q, t)), 800.0, 700.0, 1.0, 1e-9, 1e-10, 100, 2.0, True, notes=["a note"])
            for t in TEMPERATURE for q in FLOW]


class _Problem:
    """What a summary reads of a problem."""

    coolant, turbulence, properties = PG25, None, "constant"


def made(folder: Path, name: str = "demo") -> tuple[PlateCharacteristic, dict[str, Any]]:
    """The characteristic of the points, by way of its file."""
    data = summarise_sweep(points(), _Problem())  # type: ignore[arg-type]
    data |= {"name": name, "file": f"{name}.plate.yaml", "source": 'a law: "typed" here',
             "provenance": {"cells": 12, "set": {}}}
    write_artefact(folder / data["file"], data)
    return read_plate(folder / data["file"]), data


# ---------------------------------------------------------------- fits and interpolation
def test_fits_recover_the_laws() -> None:
    t = TEMPERATURE[:, None]
    fit = fit_resistance(FLOW, TEMPERATURE, law(FLOW, t))
    assert [fit.constant, fit.slope, fit.factor, fit.exponent] == pytest.approx([0.02, -1e-4, 0.012, 0.7], rel=1e-5)
    assert fit.largest_error < 1e-7 and fit(MIDDLE, 308.15) == pytest.approx(0.032)
    pressure = fit_pressure(FLOW, drop_law(FLOW, t), PG25.density(t), PG25.viscosity(t))
    assert pressure.exponents == (1.0, 1.5, 2.0)
    found = pressure(FLOW, PG25.density(t), PG25.viscosity(t))[0]
    np.testing.assert_allclose(found, drop_law(FLOW, t), rtol=1e-3)  # below 1 % of the least flow powers turn linear


def test_fit_tells_its_error() -> None:
    table = law(FLOW, TEMPERATURE[:, None])
    table[1, 2] *= 1.03
    fit = fit_resistance(FLOW, TEMPERATURE, table)
    assert 0.02 < fit.largest_error < 0.03 and fit.rms_error < fit.largest_error / 2


def test_interpolation_meets_the_points_and_the_law_between_them(tmp_path: Path) -> None:
    p, _ = made(tmp_path)
    t = TEMPERATURE[:, None]
    np.testing.assert_allclose(p.resistance(FLOW, t, "hbm1"), law(FLOW, t, 0.01), rtol=1e-6)
    np.testing.assert_allclose(p.pressure_drop(FLOW, t)[0], drop_law(FLOW, t), rtol=1e-6)
    q, between = np.geomspace(*p.flow_range, 101), np.array([[299.0], [303.0], [312.0]])
    np.testing.assert_allclose(p.resistance(q, between), law(q, between), rtol=1e-3)
    np.testing.assert_allclose(p.pressure_drop(q, between)[0], drop_law(q, between), rtol=1e-3)
    np.testing.assert_allclose(p.time_constant(FLOW, t), 600.0 * 0.5 * law(FLOW, t), rtol=1e-6)
    assert np.all(p.resistance(q, between) == p.resistance(q, between, "gpu"))  # the hottest without a name


@pytest.mark.parametrize("name", ["demo", *plate_names()])
def test_curves_are_fit_for_a_network(name: str, tmp_path: Path) -> None:
    """Resistance falls with the flow and is the same in both directions; pressure drop is odd, rises, and has that slope."""
    p = made(tmp_path)[0] if name == "demo" else plate(name)
    low, high = p.flow_range
    q = np.geomspace(1e-4 * low, 5 * high, 200)
    t = np.full(q.shape, 303.0)
    r, (drop, slope) = p.resistance(q, t), p.pressure_drop(q, t)
    assert np.all(np.diff(r) <= 0) and np.all(r > 0) and np.all(np.diff(drop) > 0)
    np.testing.assert_array_equal(p.resistance(-q, t), r)
    np.testing.assert_array_equal(p.pressure_drop(-q, t)[0], -drop)
    inside = np.abs(np.log(q / low)) > 1e-3
    step = 1e-6 * q
    numeric = (p.pressure_drop(q + step, t)[0] - p.pressure_drop(q - step, t)[0]) / (2 * step)
    np.testing.assert_allclose(numeric[inside], slope[inside], rtol=1e-5)
    rest, at_rest = p.pressure_drop(np.zeros(1), np.array([303.0]))
    assert rest[0] == 0 and at_rest[0] > 0 and np.isfinite(p.resistance(np.zeros(1), np.array([303.0]))).all()


# ---------------------------------------------------------------- library
def test_ocp_plate() -> None:
    """OCP OAI System Liquid Cooling Guidelines (2023), figure 7, and 50 kPa of the 8x1 loop at 10 L/min; within 1 %.

    The figures are those of the Modelica Buildings library (record OCP_1kW_OAM_PG25).
    """
    p = plate("OCP_OAM_1kW")
    flow = np.array([0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4]) / 6e4
    r = [.0389, .0325, .0300, .0280, .0265, .0255, .0245, .0230, .0220, .0214, .0209, .0204, .0200, .0197]
    t = np.full(flow.shape, 313.15)
    np.testing.assert_allclose(p.resistance(flow, t), r, rtol=0.01)
    drop = p.pressure_drop(np.array([1.25, 2.5]) / 6e4, np.array([313.15, 313.15]))[0]
    assert drop[0] == pytest.approx(50e3, rel=0.01) and drop[1] / drop[0] == pytest.approx(2**1.85, rel=0.01)
    with pytest.raises(SystemFailure, match="no thermal mass"):
        p.time_constant(flow, t)


def test_h100_plate_meets_a_run_between_its_points() -> None:
    """cases/h100_cold_plate.yaml at 1 L/min and 35 degC, residual 1e-5: docs/grid_study.md, 598,920 cells; within 0.2 %.

    0.066772 K/W are per watt of the GPU, 600 of 700 W.
    """
    p, q, t = plate("h100_cold_plate"), np.array(1 / 6e4), np.array(308.15)
    assert float(p.resistance(q, t, "gpu")) * 700 / 600 == pytest.approx(0.066772, rel=2e-3)
    assert float(p.pressure_drop(q, t)[0]) == pytest.approx(263.60, rel=2e-3)


def test_outside_the_range_is_an_error() -> None:
    p = plate("ocp_oam_1kw")
    p.check(np.array([0.4, -2.4]) / 6e4, np.array([288.15, 333.15]))
    for flow, t, says in ((3 / 6e4, 300.0, "a flow of 3 L/min is outside its characteristic, which goes from 0.4 to 2.4 L/min"),
                          (np.array([1, 0.1, 0.2]) / 6e4, 300.0, r"a flow of 0.1 L/min \(2 of 3\)"),
                          (1 / 6e4, 353.15, "an inlet temperature of 80 degC .* from 15 to 60 degC; .*coldrack characterise"),
                          (np.nan, 300.0, "a flow of nan")):
        with pytest.raises(SystemFailure, match=says):
            p.check(flow, t)  # type: ignore[arg-type]


def test_unknown_names() -> None:
    with pytest.raises(SystemFailure, match="did you mean 'ocp_oam_1kw'"):
        plate("ocp_oam_1kv")
    with pytest.raises(SystemFailure, match="has no component 'gpu'; it has case"):
        plate("ocp_oam_1kw").resistance(1e-5, 300.0, "gpu")  # type: ignore[arg-type]


# ---------------------------------------------------------------- files
def test_artefact_round_trip(tmp_path: Path) -> None:
    p, data = made(tmp_path)
    assert find_plate("demo.plate.yaml", tmp_path).name == p.name == "demo" and p.source == data["source"]
    np.testing.assert_allclose(p.flow, FLOW, rtol=1e-6)
    np.testing.assert_allclose(p.temperature, TEMPERATURE, rtol=1e-9)
    assert p.heat_capacity == 600.0 and p.provenance["cells"] == 12 and p.components == ("gpu", "hbm1")
    write_artefact(tmp_path / "again.yaml", data)
    assert (tmp_path / "again.yaml").read_text() == (tmp_path / "demo.plate.yaml").read_text()
    with pytest.raises(ValueError, match="outside the case"):
        find_plate("../demo.plate.yaml", (tmp_path / "deeper"))


def test_raw_points_round_trip(tmp_path: Path) -> None:
    write_points(tmp_path, points(), {"the mesh": "abc"}, "a: case", "1.0")
    kept = read_raw(tmp_path)
    assert kept.points == points() and kept.identity == {"the mesh": "abc"}


@pytest.mark.parametrize(("old", "new", "says"), [
    ("resistance:", "resistence:", r":\d+:1: resistence: .*resistance"),
    ("coolant: \"PG25\"", "coolant: \"PG52\"", "coolant: no coolant called 'PG52'; did you mean 'PG25'"),
    ("45 degC", "95 kPa", "temperature.*temperature such as"),
    ("35 degC", "15 degC", "the values must rise"),
    ("45 degC", "450 degC", "outside the range of its property curves"),
    ("flow_rate: [0.3 L/min, ", "flow_rate: [", "expected 3 rows .temperatures. of 5 values"),
    ("pressure_drop:  # Pa; a row a temperature", "pressure_law: {pressure_drop: 1 kPa, flow_rate: 1 L/min, exponent: 1.8, "
     "temperature: 30 degC}\npressure_drop:", "give either `pressure_drop`"),
    ("600 J/K", "600 J", "heat_capacity: .*expected a heat capacity of a part such as"),
])
def test_mistakes_in_a_file(old: str, new: str, says: str, tmp_path: Path) -> None:
    made(tmp_path)
    path = tmp_path / "demo.plate.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(CaseError) as caught:
        read_plate(path)
    assert re.search(says, str(caught.value)), caught.value


def test_warnings() -> None:
    def said(**changes: Any) -> str:
        return " ".join(warnings([Point(**{**vars(p), **changes}) for p in points()], _Problem()))  # type: ignore[arg-type]

    assert said() == ""
    assert "from 0.3 L/min on the Reynolds number exceeds 2300 (it reaches 5000)" in said(reynolds=5000.0)
    assert "a resistance rises or the pressure drop falls" in said(pressure_drop=5.0)
    few = [p for p in points() if p.flow < 1 / 6e4]
    assert "3 flows do not determine the fit" in " ".join(warnings(few, _Problem()))  # type: ignore[arg-type]
    assert "90.0 % of the heat" in said(to_coolant=0.9) and "no thermal mass" in said(heat_capacity=float("nan"))


# ---------------------------------------------------------------- exports
def test_energyplus_curves(tmp_path: Path) -> None:
    """Fields in the order of the input/output reference; modifier times nominal resistance is the resistance."""
    p, _ = made(tmp_path)
    text = energyplus(p, "gpu")
    nominal = [float(v) for v in re.findall(r"gpu: ([\d.e-]+) K/W at the nominal flow", text)]
    bodies = re.findall(r"^(Curve:\w+),\n((?:  .*\n)+)", text, re.M)
    assert [kind for kind, _ in bodies] == ["Curve:Exponent", "Curve:Quadratic"] * 3
    for number, (kind, body) in enumerate(bodies):
        fields = re.findall(r"^  (.*?)[,;] *!- (.*)$", body, re.M)
        assert tuple(name for _, name in fields) == FIELDS[kind] and body.rstrip().split("!-")[-2].rstrip().endswith(";")
        c1, c2, c3, low, high = (float(v) for v, _ in fields[1:6])
        t = TEMPERATURE[number // 2]
        x = np.geomspace(low, high, 7)
        if kind == "Curve:Exponent":
            np.testing.assert_allclose(nominal[number // 2] * (c1 + c2 * x**c3), law(x * MIDDLE, t), rtol=1e-3)
        else:
            np.testing.assert_allclose(c1 + c2 * x + c3 * x**2, drop_law(x / PG25.density(t), t), rtol=0.03)


def test_modelica_records(tmp_path: Path) -> None:
    """The text parses, and the record has the fields of Buildings' Generic_R_m_flow (V_flow, R, n) with the points in them."""
    p, _ = made(tmp_path, "h100-2.0 plate")
    tree = Modelica(modelica(p, "gpu")).package()
    assert tree["name"] == identifier(p.name) == "H100_2_0_plate" and len(tree["records"]) == 3
    for row, record in enumerate(tree["records"]):
        base, arguments = record["extends"]
        assert base == "Buildings.Applications.DataCenters.LiquidCooled.Racks.Data.Generic_R_m_flow"
        assert set(arguments) == {"V_flow", "R", "n"}
        np.testing.assert_allclose(arguments["V_flow"], FLOW, rtol=1e-6)
        np.testing.assert_allclose(arguments["R"], law(FLOW, TEMPERATURE[row]), rtol=1e-6)
        assert arguments["n"] in (1, 2, 3, 4)
        t, q = np.array(TEMPERATURE[row]), np.array(MIDDLE)
        own = record["parameters"]
        assert own["m_flow_nominal"] == pytest.approx(MIDDLE * PG25.density(t), rel=1e-6)
        assert own["dp_nominal"] == pytest.approx(float(p.pressure_drop(q, t)[0]), rel=1e-6)
        assert 0.5 < own["m"] < 1 and own["tau"] == pytest.approx(float(p.time_constant(q, t)), rel=1e-6)


class Modelica:
    """A parser for the part of Modelica that the export writes; anything else is a SyntaxError."""

    TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([-+]?\d+\.?\d*(?:[eE][-+]?\d+)?)|([A-Za-z_]\w*)|([{}(),;=.]))')

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        at = 0
        while text[at:].strip():
            match = self.TOKEN.match(text, at)
            if not match:
                raise SyntaxError(text[at : at + 40])
            self.tokens.append(match.group().strip())
            at = match.end()

    def take(self, *expected: str) -> str:
        token = self.tokens.pop(0)
        if expected and token not in expected:
            raise SyntaxError(f"{token} where {expected} is expected")
        return token

    def at(self, token: str) -> bool:
        return bool(self.tokens) and self.tokens[0] == token

    def name(self) -> str:
        out = self.take()
        assert re.fullmatch(r"[A-Za-z_]\w*", out), out
        while self.at("."):
            out += self.take() + self.take()
        return out

    def package(self) -> dict[str, Any]:
        out = self.body("package")
        assert not self.tokens
        return out

    def body(self, kind: str) -> dict[str, Any]:
        self.take(kind)
        out: dict[str, Any] = {"name": self.name(), "records": [], "parameters": {}}
        if self.tokens[0].startswith('"'):
            self.take()
        while not self.at("end"):
            if self.at("record"):
                out["records"].append(self.body("record"))
                continue
            word = self.take("extends", "parameter", "annotation")
            if word == "extends":
                out["extends"] = self.name(), self.arguments() if self.at("(") else {}
            elif word == "parameter":
                assert re.match(r"Modelica\.Units\.SI\.(MassFlowRate|PressureDifference|Time)$|Real$", self.name())
                symbol = self.name()
                self.take("=")
                out["parameters"][symbol] = self.value()
                if self.tokens[0].startswith('"'):
                    self.take()
            else:
                self.arguments()
            self.take(";")
        self.take("end")
        self.take(out["name"])
        self.take(";")
        return out

    def arguments(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        self.take("(")
        while not self.at(")"):
            name = self.name()
            out[name] = self.arguments() if self.at("(") else (self.take("="), self.value())[1]
            if not self.at(")"):
                self.take(",")
        self.take(")")
        return out

    def value(self) -> Any:
        if not self.at("{"):
            token = self.take()
            return token if token.startswith('"') else float(token)
        out = []
        self.take("{")
        while not self.at("}"):
            out.append(self.value())
            if not self.at("}"):
                self.take(",")
        self.take("}")
        return out


def test_fmu_runs(tmp_path: Path) -> None:
    """Built by pythonfmu, run by FMPy: steady state, then the exact response of one heat capacity to a step of the power."""
    pytest.importorskip("pythonfmu")
    fmpy = pytest.importorskip("fmpy")
    p, _ = made(tmp_path)
    write_fmu(p, tmp_path / "demo.fmu")
    q, t = 1.1 / 6e4, 305.0
    tau = float(p.time_constant(np.array(q), np.array(t)))
    steps = np.array([(0.0, q, t, 0.0), (1e-6, q, t, 500.0), (1e3, q, t, 500.0)],  # so from the second interval on
                     dtype=[(n, float) for n in ("time", "flow_rate", "inlet_temperature", "power")])
    step = tau / 4
    out = fmpy.simulate_fmu(str(tmp_path / "demo.fmu"), stop_time=8 * step, step_size=step, output_interval=step, input=steps,
                            output=["temperature_gpu", "pressure_drop", "outlet_temperature", "heat_flow_rate"])
    heat = 500.0 * (1 - np.exp(-np.maximum(out["time"] - step, 0.0) / tau))
    np.testing.assert_allclose(out["heat_flow_rate"], heat, rtol=1e-3, atol=1e-9)
    np.testing.assert_allclose(out["temperature_gpu"] - t, heat * float(p.resistance(np.array(q), np.array(t))), rtol=2e-3)
    np.testing.assert_allclose(out["pressure_drop"], float(p.pressure_drop(np.array(q), np.array(t))[0]), rtol=2e-3)
    rate = q * float(PG25.density(np.array(t)) * PG25.heat_capacity(np.array(t)))
    np.testing.assert_allclose((out["outlet_temperature"] - t) * rate, out["heat_flow_rate"], rtol=1e-3, atol=1e-6)


# ---------------------------------------------------------------- typed ranges
@pytest.mark.parametrize(("text", "unit", "values", "open_"), [
    ("0.3..3 L/min", "m**3/s", [0.3 / 6e4, 3 / 6e4], True), ("0.5,1,2 L/min", "m**3/s", [0.5 / 6e4, 1 / 6e4, 2 / 6e4], False),
    ("300 mL/min .. 3 L/min", "m**3/s", [0.3 / 6e4, 3 / 6e4], True), ("25..45degC", "K", [298.15, 318.15], True),
    ("-5, 20 °C", "K", [268.15, 293.15], False), ("300..320 K", "K", [300.0, 320.0], True), ("30 degC", "K", [303.15], False),
])
def test_ranges(text: str, unit: str, values: list[float], open_: bool) -> None:
    found = read_range("--x", text, unit, "e.g.")
    assert found.values == pytest.approx(values, rel=1e-12) and found.open is open_


@pytest.mark.parametrize(("text", "says"), [
    ("0.3..3", "the unit is missing"), ("3..0.3 L/min", "must rise"), ("0.3..1..3 L/min", "two ends or a list"),
    ("", "two ends"), ("a..b L/min", "two ends"), ("1..2 kg/s", "divide the mass flow by the density"),
    ("0.3..3 L/mn", "did you mean L/min"),
    ("1,,2 L/min", "two ends"),
])
def test_wrong_ranges(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_range("--flow", text, "m**3/s", "0.3..3 L/min")


def test_grid_and_words() -> None:
    flow, inlet = read_range("", "0.3..3 L/min", "m**3/s", ""), read_range("", "25..45 degC", "K", "")
    q, t = grid(flow, inlet, read_points("6x3"))
    np.testing.assert_allclose(q, FLOW, rtol=1e-12)
    np.testing.assert_allclose(t, TEMPERATURE, rtol=1e-12)
    assert grid(flow, inlet, (2, 1))[1] == pytest.approx([308.15])
    assert apart(["case.yaml", "L/min", "degC"]) == apart(["degC", "L/min", "case.yaml"]) == ("case.yaml", "L/min", "degC")
    for words, says in ((["a.yaml", "b.yaml"], "one case file"), (["degC"], "which case file")):
        with pytest.raises(InputError, match=says):
            apart(words)
    for count in ("6", "1x3", "6x0", "x", "999x999"):
        with pytest.raises(InputError, match="--points"):
            read_points(count)


def test_numbers_in_files_are_numbers() -> None:
    """JSON is what the fit and the provenance are written in."""
    data = summarise_sweep(points(), _Problem())  # type: ignore[arg-type]
    assert json.loads(json.dumps(data["fit"]))["resistance"]["gpu"]["exponent"] == pytest.approx(0.7, rel=1e-4)
