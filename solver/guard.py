"""Whether fields are finite, and where not."""

from __future__ import annotations

from typing import Any

import numpy as np


def finite(backend: Any, *fields: Any) -> bool:
    """Whether every value of device arrays is finite, by their inner products: one pass, one number each."""
    return all(bool(np.isfinite(backend.dot(a, a))) for a in fields)


def where_not_finite(backend: Any, flow: Any, energy: Any, first: tuple[int, int, int] = (0, 0, 0)) -> str:
    """Field and cell of the first value that is not finite, or nothing; `first` (z, y, x) is the flow's first cell."""
    fields: list[tuple[str, Any]] = []
    if flow is not None:
        fields += [*zip("uvw", flow.velocity), ("pressure", flow.pressure)]
    if energy is not None:
        fields.append(("temperature", energy.rise))
    for name, a in fields:
        bad = np.argwhere(~np.isfinite(backend.to_numpy(a)))
        if bad.size:
            k, j, i = bad[0] - 1 + (np.array(first) if name != "temperature" else 0)
            return f"first in field {name}, cell (i, j, k) = ({i}, {j}, {k})"
    return ""
