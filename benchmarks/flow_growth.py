"""Growth of the cost with the cells of whole flows: the lid cavity at Re 1000 from 64^2 to 1024^2 cells."""

from __future__ import annotations

from coldrack.benchmarks.cavity import LOWEST, solve_lid
from coldrack.benchmarks.registry import OURS, Case

FAMILY, PEER_LARGEST = "lid-cavity", 256  # OpenFOAM would need a quarter of an hour on 512^2, hours on 1024^2
CASES = [
    *(Case(f"{FAMILY}-{n}", solve_lid, (OURS,), LOWEST, {"n": n}, quick=True, full=False, family=FAMILY)
      for n in (8, 12, 16)),
    *(Case(f"{FAMILY}-{n}", solve_lid, (OURS, "openfoam") if n <= PEER_LARGEST else (OURS,), LOWEST, {"n": n}, family=FAMILY)
      for n in (64, 128, 256, 512, 1024)),
]
