"""EPANET's hydraulic engine, through the package wntr that holds it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.benchmarks.clock import Clock


def solve_network(network: Any, wanted: str) -> tuple[Any, Clock, int]:
    """Flows (kg/s of 1 kg/L) of the branches whose names begin with `wanted`, time of the engine, its iterations."""
    import wntr
    from wntr.epanet.toolkit import ENepanet
    from wntr.epanet.util import EN

    net = wntr.network.WaterNetworkModel()
    o = net.options.hydraulic
    o.headloss, o.accuracy, o.trials, net.options.time.duration = "D-W", 1e-8, 200, 0
    gravity = 32.2 * 0.3048
    for node in network.node_list:
        if node.pressure is not None:
            net.add_reservoir(node.name, base_head=node.pressure / (1000 * gravity))
        else:
            net.add_junction(node.name)
    for b in network.branch_list:
        pipe = b.element
        net.add_pipe(b.name, network.node_list[b.start].name, network.node_list[b.end].name, pipe.length, pipe.diameter,
                     pipe.roughness, pipe.loss)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "net.inp")
        wntr.network.io.write_inpfile(net, path, units="LPS")
        engine = ENepanet()
        engine.ENopen(path, path + ".rpt", path + ".bin")
        engine.ENopenH()
        with Clock() as clock:
            engine.ENinitH(0)
            engine.ENrunH()
        index = [engine.ENgetlinkindex(b.name) for b in network.branch_list if b.name.startswith(wanted)]
        flows = np.array([engine.ENgetlinkvalue(i, EN.FLOW) for i in index])
        engine.ENcloseH()
        report = Path(path + ".rpt")
        engine.ENclose()
        iterations = _iterations(report.read_text(errors="replace"))
    return flows, clock, iterations


def _iterations(report: str) -> int:
    """From `Balanced after N trials`, where the report has it; 0 if not."""
    for line in report.splitlines():
        words = line.split()
        if "trials" in words:
            return int(next(w for w in words if w.isdigit()))
    return 0
