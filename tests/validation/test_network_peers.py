"""The same networks in EPANET and in pandapipes (their answers are in tests/reference, made by scripts/network_peers.py)."""

from __future__ import annotations

import numpy as np
import pytest
from support import check, table

from coldrack.solver.network import ConstantCoolant, HazenWilliams, Network, NetworkState, Pipe, solve

GRAVITY = 32.2 * 0.3048  # EPANET's
NU = 1.1e-5 * 0.3048**2  # m2/s, EPANET's water
FEET = 0.3048
# with its head loss in feet, 4.727 L Q^1.852 / (C^1.852 D^4.871), and minor losses 0.02517 K Q^2 / D^4
HAZEN = 4.727 * FEET ** (-3 * 1.852 + 4.871) / 10.667


def network(regime: str) -> tuple[Network, NetworkState]:
    """The random network: laminar and turbulent flow by Darcy & Weisbach, or Hazen & Williams; demands in kg/s of 1 kg/L."""
    nodes, pipes = table("network_random_nodes"), table("network_random_pipes")
    thick, share = (500.0, 0.02) if regime == "laminar" else (1.0, 1.0)
    net = Network(gravity=GRAVITY, dissipation=False)
    net.loop("water", ConstantCoolant("water", 1000.0, 1000 * NU * thick, 4182.0, 0.6))
    for n in nodes:
        first = n["node"] == 0
        net.node(str(n["node"]), "water", elevation=float(n["elevation_m"]), pressure=1000 * GRAVITY * 120.0 if first else None,
                 temperature=293.15 if first else None, inflow=-share * float(n["demand_l_s"]))
    for p in pipes:
        length, diameter, loss = float(p["length_m"]), float(p["diameter_mm"]) / 1e3, float(p["loss"])
        part = Pipe(length, diameter, float(p["roughness_mm"]) / 1e3, loss)
        if regime == "hazen_williams":
            start, end = str(p["from"]), f"{p['pipe']}m"
            net.node(end, "water", elevation=float(nodes["elevation_m"][p["from"]]))
            net.branch(f"{p['pipe']}h", start, end, Pipe(1e-9, diameter, 0.0, loss))
            net.branch(str(p["pipe"]), end, str(p["to"]), HazenWilliams(length * HAZEN * GRAVITY / 9.80665, diameter,
                                                                        float(p["coefficient"])))
        else:
            net.branch(str(p["pipe"]), str(p["from"]), str(p["to"]), part)
    return net, solve(net)


@pytest.mark.parametrize(("regime", "head", "flow"), [("laminar", 2e-4, 5e-5), ("hazen_williams", 2e-4, 5e-5),
                                                      ("turbulent", 1e-3, 3e-4)])
def test_epanet_has_the_same_heads_and_flows(regime, head, flow):
    """EPANET 2.2 (wntr 1.5.0), 24 nodes and 40 pipes: heads and flows over the largest loss and flow.

    Its laminar law is Hagen-Poiseuille's, and it gives heads of 120 m in single precision, 1e-5 m of losses of 0.1 m; its
    turbulent law is Swamee & Jain's (a cubic from Re 2000 to 4000) where ours is Churchill's: they differ little here.
    """
    nodes, pipes = table("network_random_nodes"), table("network_random_pipes")
    net, s = network(regime)
    heads = s.pressure[[net.nodes[str(n)] for n in nodes["node"]]] / (1000 * GRAVITY)
    theirs = nodes[f"{regime}_head_m"] - np.where(nodes["node"] == 0, 0.0, nodes["elevation_m"])
    off = np.max(np.abs(heads - theirs)[1:]) / (120 - nodes[f"{regime}_head_m"].min())
    check(f"network of 40 pipes, {regime}, heads over the largest loss", float(off), head, "EPANET 2.2 (wntr 1.5.0)")
    m = s.mass_flow[[net.branches[str(n)] for n in pipes["pipe"]]]
    off = np.max(np.abs(m - pipes[f"{regime}_l_s"])) / np.max(np.abs(m))
    check(f"network of 40 pipes, {regime}, flows over the largest", float(off), flow, "EPANET 2.2 (wntr 1.5.0)")
    assert s.mass_residual < 1e-10


def test_pandapipes_has_the_same_temperatures():
    """pandapipes 0.16.0: pipes that lose 20 W/(m2 K) to 10 degC; 0.05 K of the 70 K over the ground, half of the nodes 0.002 K.

    Its friction law is Swamee & Jain's, ours Churchill's: flows differ by less than 2e-4 of the largest.
    """
    nodes, pipes = table("network_random_nodes"), table("network_random_pipes")
    net = Network(dissipation=False)
    net.loop("water", ConstantCoolant("water", 998.2, 1e-3, 4182.0, 0.6))
    for n in nodes:
        first = n["node"] == 0
        net.node(str(n["node"]), "water", elevation=float(n["elevation_m"]), pressure=12e5 if first else None,
                 temperature=353.15 if first else None, inflow=-0.9982 * float(n["demand_l_s"]))
    for p in pipes:
        length, diameter = float(p["length_m"]), float(p["diameter_mm"]) / 1e3
        net.branch(str(p["pipe"]), str(p["from"]), str(p["to"]), Pipe(length, diameter, float(p["roughness_mm"]) / 1e3,
                                                                    float(p["loss"])),
                   conductance=20.0 * np.pi * diameter * length, ambient=283.15)
    s = solve(net)
    assert np.max(np.abs(s.mass_flow - pipes["pandapipes_kg_s"])) < 2e-4 * np.max(np.abs(s.mass_flow))
    off = np.abs(s.temperature - nodes["t_k"])
    assert np.median(off) < 0.002
    check("network of 40 pipes with heat losses, temperatures, K", float(np.max(off)), 0.05, "pandapipes 0.16.0")
    assert s.heat_residual < 1e-8
