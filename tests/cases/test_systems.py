"""Every case without a grid in `cases/` converges, closes its ledger, and gives a number that is known from elsewhere."""

from functools import cache

import pytest
from CoolProp.CoolProp import PropsSI
from support import ROOT

import coldrack
from coldrack.solver.case.reader import read
from coldrack.solver.case.systems import system_of

NAMES = sorted(p.stem for p in (ROOT / "cases").glob("*.yaml") if system_of(read(p, {})) is not None)
SLOW = ("hall_",)  # test_hall_cases.py runs them on coarse tables
PARAMETERS = [pytest.param(n, marks=pytest.mark.slow) if n.startswith(SLOW) else n for n in NAMES]


@cache
def solved(name):
    return coldrack.solve(ROOT / "cases" / f"{name}.yaml")


def relative(book):
    """Largest relative imbalance of heat in a ledger."""
    inner = [relative(v) for k, v in book.items() if isinstance(v, dict) and k != "relative"]
    here = [v for k, v in book.items() if k.endswith("relative") and "mass" not in k]
    values = [w for v in here for w in (v.values() if isinstance(v, dict) else [v])]
    return max([*inner, *values], default=0.0)


@pytest.mark.parametrize("name", PARAMETERS)
def test_case_converges_and_balances(name):
    solution = solved(name)
    assert not solution.reason
    assert "ledger" in solution.figures
    assert relative(solution.figures["ledger"]) < 1e-6


def test_the_manifold_gives_every_plate_its_share():
    """8 kW in PG25 of CoolProp warm it by heat over capacity flow, 0.5 %; plates differ by less than OCP's 10 %."""
    net = solved("coolant_loop_cdu").figures["network"]
    plates = [b for n, b in net["branches"].items() if b["kind"] == "plate"]
    total = sum(b["flow_rate"] for b in plates)
    at = ("T", 0.5 * (plates[0]["inlet_temperature"] + plates[0]["outlet_temperature"]), "P", 101325.0, "INCOMP::MPG[0.25]")
    density = PropsSI("D", "T", plates[0]["inlet_temperature"], *at[2:])
    rise = 8000.0 / (total * density * PropsSI("C", *at))
    assert plates[0]["outlet_temperature"] - plates[0]["inlet_temperature"] == pytest.approx(rise, rel=5e-3)
    flows = [b["flow_rate"] for b in plates]
    assert max(flows) / min(flows) < 1.1
    exchanger = net["exchangers"]["plate_exchanger"]
    assert exchanger["second_outlet"] < exchanger["first_inlet"]
