"""Growth of the cost with the cells: linear solves to 1e-8, from 32^3 to 192^3 cells and from 64^2 to 1024^2."""

from __future__ import annotations

from typing import Any

from coldrack.benchmarks.linear import MEAN, solve_model
from coldrack.benchmarks.registry import OURS, Case

SIZES, FLAT = (32, 64, 128, 192), (64, 128, 256, 512, 1024)
PLATES = (0.3, 0.5, 1.0, 1.5)  # refinements
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "uniform": ("uniform", {}),
    "stretched-20": ("stretched_box", {"ratio": 20.0}),
    "stretched-200": ("stretched_box", {"ratio": 200.0}),
    "blocked-fins": ("blocked_fins", {}),
    "conducting-fins": ("conducting_fins", {}),
    "conducting-boxes": ("conducting_boxes", {}),
    "through-flow-1": ("through_flow", {"peclet": 1.0}),
    "through-flow-30": ("through_flow", {"peclet": 30.0}),
    "through-flow-1000": ("through_flow", {"peclet": 1000.0}),
    "recirculation-30": ("recirculation", {"peclet": 30.0}),
    "recirculation-1000": ("recirculation", {"peclet": 1000.0}),
}


def _case(family: str, size: str, quick: bool, tiny: dict[str, Any], **parameters: Any) -> Case:
    return Case(f"{family}-{size}", solve_model, (OURS,), MEAN, {"tiny": tiny, **parameters}, quick=quick, full=not quick,
                family=family)


CASES = [
    *(_case("uniform", str(n), True, {"n": 8}, model="uniform", n=n) for n in (8, 12, 16)),
    *(_case(family, str(n), False, {"n": 8, **more}, model=model, n=n, **more)
      for family, (model, more) in FAMILIES.items() for n in SIZES),
    *(_case("uniform-2d", str(n), False, {"n": 16, "cells_z": 1}, model="uniform", n=n, cells_z=1) for n in FLAT),
    *(_case(model.replace("_", "-"), f"refine-{r:g}", False, {"refine": 0.3}, model=model, refine=r)
      for model in ("plate_pressure", "plate_energy") for r in PLATES),
]
