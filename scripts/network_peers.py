"""Solve the reference networks of the tests with EPANET (wntr) and pandapipes, and write their answers to tests/reference.

The tests read the files and need neither package. To make them again: pip install wntr pandapipes, then run this script.
(wntr 1.5 also needs six and setuptools.)
"""

from __future__ import annotations

import csv
import importlib.metadata
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "reference"
NODES, PIPES = 24, 40
RHO, CP = 998.2, 4182.0  # of pandapipes' run: constant
REGIMES = {"laminar": ("D-W", 500.0, 0.02), "turbulent": ("D-W", 1.0, 1.0), "hazen_williams": ("H-W", 1.0, 1.0)}


def network() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Nodes and pipes of a looped network; node 0 is the reservoir."""
    random = np.random.default_rng(20240607)
    nodes = [{"node": n, "elevation_m": round(float(random.uniform(0, 20)), 3) if n else 0.0,
              "demand_l_s": round(float(random.uniform(1, 6)), 3) if n else 0.0} for n in range(NODES)]
    pairs = [(int(random.integers(0, n)), n) for n in range(1, NODES)]  # a tree, then more pipes
    while len(pairs) < PIPES:
        i, j = sorted(int(k) for k in random.choice(NODES, 2, replace=False))
        if (i, j) not in pairs:
            pairs.append((i, j))
    pipes = [{"pipe": k, "from": i, "to": j, "length_m": round(float(random.uniform(50, 400)), 2),
              "diameter_mm": round(float(random.uniform(120, 350)), 1),
              "roughness_mm": round(float(random.uniform(0.01, 0.3)), 3),
              "coefficient": round(float(random.uniform(90, 150)), 1), "loss": round(float(random.uniform(0, 4)), 2)}
             for k, (i, j) in enumerate(pairs)]
    return nodes, pipes


def epanet(nodes: list[dict[str, Any]], pipes: list[dict[str, Any]]) -> None:
    """Add EPANET's flows and heads in three regimes."""
    import wntr

    for regime, (formula, viscosity, share) in REGIMES.items():
        net = wntr.network.WaterNetworkModel()
        o = net.options.hydraulic
        o.headloss, o.viscosity, o.accuracy, o.trials = formula, viscosity, 1e-9, 500
        net.options.time.duration = 0
        for n in nodes:
            if n["node"] == 0:
                net.add_reservoir("0", base_head=120.0)
            else:
                net.add_junction(str(n["node"]), base_demand=share * n["demand_l_s"] / 1e3, elevation=n["elevation_m"])
        for p in pipes:
            rough = p["roughness_mm"] / 1e3 if formula == "D-W" else p["coefficient"]  # wntr: metres, with D-W
            net.add_pipe(str(p["pipe"]), str(p["from"]), str(p["to"]), length=p["length_m"], diameter=p["diameter_mm"] / 1e3,
                         roughness=rough, minor_loss=p["loss"])
        with tempfile.TemporaryDirectory() as folder:
            result = wntr.sim.EpanetSimulator(net).run_sim(file_prefix=f"{folder}/run")
        for p in pipes:
            p[f"{regime}_l_s"] = f"{1e3 * float(result.link['flowrate'][str(p['pipe'])].iloc[0]):.7g}"
        for n in nodes:
            n[f"{regime}_head_m"] = f"{float(result.node['head'][str(n['node'])].iloc[0]):.8g}"


def pandapipes_heat(nodes: list[dict[str, Any]], pipes: list[dict[str, Any]]) -> None:
    """The same network as a district heat supply at 80 degC with pipes that lose heat to 10 degC: pipes' temperatures."""
    import pandapipes as pp
    from pandapipes.properties.fluids import FluidPropertyConstant

    net = pp.create_empty_network()
    pp.create_fluid_from_lib(net, "water", overwrite=True)
    water = pp.get_fluid(net)
    water.add_property("density", FluidPropertyConstant(RHO), overwrite=True, warn_on_duplicates=False)
    water.add_property("heat_capacity", FluidPropertyConstant(CP), overwrite=True, warn_on_duplicates=False)
    water.add_property("viscosity", FluidPropertyConstant(1e-3), overwrite=True, warn_on_duplicates=False)
    for n in nodes:
        pp.create_junction(net, pn_bar=12.0, tfluid_k=330.0, height_m=n["elevation_m"], index=n["node"])
        if n["node"]:
            pp.create_sink(net, n["node"], mdot_kg_per_s=RHO * n["demand_l_s"] / 1e3)
    pp.create_ext_grid(net, 0, p_bar=12.0, t_k=353.15, type="pt")
    for p in pipes:
        pp.create_pipe_from_parameters(net, p["from"], p["to"], length_km=p["length_m"] / 1e3,
                                       inner_diameter_mm=p["diameter_mm"], k_mm=p["roughness_mm"],
                                       loss_coefficient=p["loss"], sections=1, u_w_per_m2k=20.0, text_k=283.15, index=p["pipe"])
    pp.pipeflow(net, mode="bidirectional", friction_model="swamee-jain", iter=200, tol_p=1e-9, tol_m=1e-9, tol_T=1e-9,
                tol_res=1e-6)
    r = net.res_pipe
    for p in pipes:
        p["pandapipes_kg_s"] = f"{float(r.mdot_from_kg_per_s[p['pipe']]):.8g}"
        p["t_from_k"], p["t_to_k"] = f"{float(r.t_from_k[p['pipe']]):.8g}", f"{float(r.t_to_k[p['pipe']]):.8g}"
        p["t_outlet_k"] = f"{float(r.t_outlet_k[p['pipe']]):.8g}"
    for n in nodes:
        n["t_k"] = f"{float(net.res_junction.t_k[n['node']]):.8g}"


def two_loops() -> list[dict[str, Any]]:
    """Heads of the two-loop network of Alperovits & Shamir, iterated further than EPANET does by default (accuracy 0.001)."""
    import wntr

    nodes, pipes = ([line.split(",") for line in (FOLDER / f"network_two_loop_{what}.csv").read_text().split("\n")
                     if line[:1].isdigit()] for what in ("nodes", "pipes"))
    net = wntr.network.WaterNetworkModel()
    net.options.time.duration, net.options.hydraulic.accuracy = 0, 1e-9
    for name, elevation, demand, _ in nodes:
        if demand:
            net.add_junction(name, base_demand=float(demand) / 3600, elevation=float(elevation))
        else:
            net.add_reservoir(name, base_head=float(elevation))
    for name, start, end, diameter, _ in pipes:
        net.add_pipe(name, start, end, length=1000.0, diameter=float(diameter) / 1e3, roughness=130.0)
    with tempfile.TemporaryDirectory() as folder:
        heads = wntr.sim.EpanetSimulator(net).run_sim(file_prefix=f"{folder}/run").node["head"].iloc[0]
    return [{"node": n[0], "head_m": f"{float(heads[n[0]]):.7g}"} for n in nodes]


def write(name: str, rows: list[dict[str, Any]], about: str) -> None:
    with (FOLDER / name).open("w", newline="") as file:
        file.write(f"# source: {about}\n")
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def main() -> None:
    tight = "scripts/network_peers.py, the two-loop network in EPANET 2.2 (wntr " + importlib.metadata.version("wntr")
    write("network_two_loop_epanet.csv", two_loops(), tight + ") with accuracy 1e-9")
    nodes, pipes = network()
    epanet(nodes, pipes)
    pandapipes_heat(nodes, pipes)
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("wntr", "pandapipes"))
    about = (f"scripts/network_peers.py, random network; EPANET 2.2 by {versions}; laminar: 500 x the viscosity and 0.02 x the "
             f"demand; reservoir 120 m at node 0; heat: pandapipes, water of {RHO} kg/m3 and {CP} J/(kg K), 80 degC at node 0, "
             "20 W/(m2 K) of the inner surface to 10 degC, viscosity 1e-3 Pa s, Swamee-Jain")
    write("network_random_pipes.csv", pipes, about)
    write("network_random_nodes.csv", nodes, about)


if __name__ == "__main__":
    main()
