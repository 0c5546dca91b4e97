"""Growth of the cost with the cells of whole flows: the lid cavity at Re 1000 from 64^2 to 1024^2 cells."""

from __future__ import annotations

from coldrack.benchmarks.cavity import QUANTITY, solve_lid
from coldrack.benchmarks.registry import OURS, Case

FAMILY = "lid-cavity"
CASES = [
    *(Case(f"{FAMILY}-{n}", solve_lid, (OURS,), QUANTITY, {"n": n}, quick=True, full=False, family=FAMILY)
      for n in (8, 12, 16)),
    *(Case(f"{FAMILY}-{n}", solve_lid, (OURS, "openfoam"), QUANTITY, {"n": n}, family=FAMILY)
      for n in (64, 128, 256, 512, 1024)),
]
