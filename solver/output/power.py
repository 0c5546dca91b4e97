"""Component temperatures for other powers, by superposition of the stored unit responses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.output.read import ResultsError, read_responses, read_results
from coldrack.solver.physics.ledger import component_powers, component_table


def component_temperatures(folder: str | Path, powers: dict[str, float]) -> dict[str, Any]:
    """Temperatures of all components for given powers, without a new solve.

    With constant properties the energy equation is linear in its sources, so the rise above the coolant inlet is the sum
    of power times unit response.

    Parameters
    ----------
    folder : str or Path
        A run's folder.
    powers : dict
        W by source; sources not named keep the run's power.

    Returns
    -------
    dict
        ``powers`` (W), ``inlet_temperature`` (K), ``converged`` (whether the run was), ``components`` with ``t_max``,
        ``t_mean`` (K), ``power`` (W), ``r_th`` (K/W, None without power).

    Raises
    ------
    ResultsError
        For unknown sources, or a run without unit responses.
    """
    rise, background, inlet = read_responses(folder)
    results = read_results(folder)
    unknown = [n for n in powers if n not in rise]
    if unknown:
        raise ResultsError(f"no heat source called {unknown[0]!r} in {folder}; there are: {', '.join(rise)}")
    used = {n: float(results.summary["powers"][n]) for n in rise} | powers
    reference = results.summary["reference_temperature"]
    field = np.zeros(results.fields["T"].shape) + background
    for name, per_watt in rise.items():
        field += used[name] * per_watt
    volumes = np.einsum("k,j,i->kji", *(np.diff(f) for f in reversed(results.faces)))
    table: dict[str, Any] = component_table(
        results.components, results.fields["component"], volumes, field + reference,
        component_powers(used, results.summary["source_components"]), inlet)
    for figures in table.values():
        figures["r_th"] = figures["r_th"] if figures["power"] > 0 else None
    return {"powers": used, "inlet_temperature": inlet, "converged": results.summary["converged"], "components": table}
