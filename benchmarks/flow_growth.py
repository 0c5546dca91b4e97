"""Cycles and cost of whole flows against the cells: how many multigrid cycles they take on finer grids.

The lid cavity at Re 1000, the heated cavity at Ra 1e6, a channel with a block and one with eight parallel fins at Re 100, the
H100 plate. Iterations are cycles as long as those pay, then iterations.
"""

from __future__ import annotations

from coldrack.benchmarks.cavity import HOT, LOWEST, solve_heated, solve_lid
from coldrack.benchmarks.coldplate import QUANTITY, solve_plate
from coldrack.benchmarks.obstacles import DROP, SHAPES, solve_obstacles
from coldrack.benchmarks.registry import OURS, Case

FAMILY, PEER_LARGEST = "lid-cavity", 256  # OpenFOAM would need a quarter of an hour on 512^2, hours on 1024^2
SIZES, PLATES = (64, 128, 256), (0.5, 0.7, 1.0)
CASES = [
    *(Case(f"{FAMILY}-{n}", solve_lid, (OURS,), LOWEST, {"n": n}, quick=True, full=False, family=FAMILY)
      for n in (8, 12, 16)),
    *(Case(f"{FAMILY}-{n}", solve_lid, (OURS, "openfoam") if n <= PEER_LARGEST else (OURS,), LOWEST, {"n": n}, family=FAMILY)
      for n in (64, 128, 256, 512, 1024)),
    *(Case(f"heated-cavity-{n}", solve_heated, (OURS,), HOT, {"n": n}, family="heated-cavity") for n in SIZES),
    *(Case(f"channel-{shape}-{n}", solve_obstacles, (OURS,), DROP, {"shape": shape, "n": n}, family=f"channel-{shape}")
      for shape in SHAPES for n in SIZES),
    *(Case(f"h100-plate-{refine:g}", solve_plate, (OURS,), QUANTITY, {"refine": refine}, family="h100-plate")
      for refine in PLATES),
]
