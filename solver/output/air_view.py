"""What pictures of the air share: fields in degC without void, boxes, colour scale, the difference of two runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.output.air_layout import Opening, Thing, things
from coldrack.solver.output.air_metrics import CLASSES, ZERO_CELSIUS
from coldrack.solver.output.read import Results

SEPARATORS = "._-/ "  # in names, between a rack and its servers
STRICTEST = "A1"
LIMIT = CLASSES[STRICTEST][1]
TRIM = 0.1  # percent of the air's volume beyond each end of the colour scale: one hot cell must not spoil it
TITLES = {False: "temperature / degC", True: "difference of temperature / K"}
MAPS = {False: ("inferno", 0.16, 0.97), True: ("RdBu_r", 0.0, 1.0)}  # without near black: it swallows lines, and toner


@dataclass(frozen=True)
class PictureOptions:
    """What the user asked for.

    Parameters
    ----------
    limits : tuple of float, optional
        Ends of the colour scale, degC (K in differences).
    other : Results, optional
        Draw the differences from this run.
    limit : float
        Temperature of the isosurface and the isotherm, K.
    movie, html : bool
        Also a movie, a scene for the browser.
    """

    limits: tuple[float, float] | None = None
    other: Results | None = None
    limit: float = LIMIT
    movie: bool = False
    html: bool = False


def colour_map(difference: bool) -> Any:
    """A perceptually uniform map that the colour-blind can read, also in grey; for differences one with a neutral middle."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    name, low, high = MAPS[difference]
    return ListedColormap(colormaps[name](np.linspace(low, high, 256)), name=f"{name}_part")


@dataclass(frozen=True)
class AirView:
    """A run and how to look at it."""

    results: Results
    options: PictureOptions

    @property
    def difference(self) -> bool:
        """Whether differences from another run are shown."""
        return self.options.other is not None

    @cached_property
    def things(self) -> list[Thing]:
        """All devices."""
        return things(self.results.devices)

    @cached_property
    def servers(self) -> list[Thing]:
        """Servers from the floor up."""
        return sorted((t for t in self.things if t.kind == "server"), key=lambda t: (t.low[2], t.low[:2]))

    @cached_property
    def focus(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Low and high corner of what to look at: servers, else coolers, else all devices, else the domain; m."""
        units = self.servers or [t for t in self.things if t.kind == "cooler"] or self.things
        if not units:
            low, high = zip(*((f[0], f[-1]) for f in self.results.faces))
            return np.array(low), np.array(high)
        return np.min([t.low for t in units], axis=0), np.max([t.high for t in units], axis=0)

    @cached_property
    def temperature(self) -> NDArray[Any]:
        """Cells' temperature in degC, or the difference in K; nan in void and where the other run has nothing."""
        results, other = self.results, self.options.other
        t = np.where(results.fields["material"] > 0, results.fields["T"], np.nan)
        return t - ZERO_CELSIUS if other is None else t - resample(other, results)

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Ends of the colour scale: those asked for, else what nearly all of the air has; symmetric for differences."""
        if self.options.limits is not None:
            return self.options.limits
        air = self.temperature[self.results.fields["material"] == 1]
        air = air[np.isfinite(air)]
        if not air.size:
            return 0.0, 1.0  # two runs that share no place
        low, high = (float(v) for v in np.percentile(air, [TRIM, 100.0 - TRIM]))
        if self.difference:
            low, high = -max(-low, high), max(-low, high)
        return (low, high) if high - low > 1e-6 else (low - 0.5, high + 0.5)

    @cached_property
    def beyond(self) -> str:
        """At which ends of the colour scale there are values beyond it: "neither", "min", "max" or "both"."""
        low, high = np.nanmin(self.temperature) < self.limits[0], np.nanmax(self.temperature) > self.limits[1]
        return "both" if low and high else "min" if low else "max" if high else "neither"

    @cached_property
    def inlets(self) -> dict[str, float]:
        """Mean inlet temperature by server, degC, or its difference; without those that either run does not have."""
        return self._figures("inlet_mean")

    @cached_property
    def outlets(self) -> dict[str, float]:
        """Mean outlet temperature by server, degC, or its difference."""
        return self._figures("outlet_mean")

    def _figures(self, key: str) -> dict[str, float]:
        mine, other = _temperatures(self.results, key), self.options.other
        if other is None:
            return {n: t - ZERO_CELSIUS for n, t in mine.items()}
        theirs = _temperatures(other, key)
        return {n: t - theirs[n] for n, t in mine.items() if n in theirs}

    def label(self, name: str) -> str:
        """A server's name without what all names begin with (up to a separator)."""
        names = [t.name for t in self.servers]
        first, last = min(names, default=""), max(names, default="")
        same = next((n for n, (a, b) in enumerate(zip(first, last)) if a != b), 0)
        cut = max(first.rfind(c, 0, same) for c in SEPARATORS) + 1 if same else 0
        return name[cut:]

    def title(self, text: str) -> str:
        """Title of the run, or of both, and of a picture; with a warning where a run did not converge."""
        other = self.options.other
        against = "" if other is None else f"\nminus {_name(other)} ({other.folder})"
        return f"{_name(self.results)}{against}\n{text}"


def _name(results: Results) -> str:
    return f"{results.summary['title']}{'' if results.summary['converged'] else ' (NOT CONVERGED)'}"


def _temperatures(results: Results, key: str) -> dict[str, float]:
    """A temperature of all servers that have it, K."""
    return {n: s[key] for n, s in (results.summary.get("servers") or {}).items() if s[key] is not None}


def beside(results: Results, opening: Opening, inlet: bool) -> int:
    """Index along the opening's axis of the cells in the room at an inlet (upstream of it) or an outlet (downstream)."""
    faces = results.faces[opening.axis]
    at = int(np.argmin(np.abs(faces - opening.low[opening.axis])))
    low_side = (opening.direction > 0) == inlet
    return int(np.clip(at - low_side, 0, faces.size - 2))


def resample(other: Results, onto: Results) -> NDArray[Any]:
    """Temperature (K) of another run at the cell centres of a grid, linear, from coolant to coolant and solid to solid.

    Shape (nz, ny, nx) of `onto`; nan where the other run has nothing of that kind.
    """
    material, wanted = other.fields["material"], onto.fields["material"]
    out = np.full(wanted.shape, np.nan)
    for mine, theirs in ((wanted == 1, material == 1), (wanted > 1, material > 1)):
        if not mine.any() or not theirs.any():
            continue
        share = theirs.astype(float)
        weight = _linear(share, other.faces, onto.faces)
        heat = _linear(np.where(theirs, other.fields["T"], 0.0), other.faces, onto.faces)
        known = mine & (weight > 1e-9)
        out[known] = heat[known] / weight[known]
    return out


def _linear(values: NDArray[Any], old: Sequence[Any], new: Sequence[Any]) -> NDArray[Any]:
    """Cell values between grids, axis by axis; constant beyond the outermost centres, 0 outside the old domain."""
    for axis, (a, b) in enumerate(zip(old, new)):
        if a.size == b.size and np.array_equal(a, b):
            continue
        at, dim = 0.5 * (b[1:] + b[:-1]), 2 - axis
        centres = 0.5 * (a[1:] + a[:-1])
        place = np.interp(at, centres, np.arange(centres.size))
        low = np.minimum(place.astype(int), max(centres.size - 2, 0))
        share = (place - low).reshape([-1 if d == dim else 1 for d in range(3)])
        inside = ((at >= a[0]) & (at <= a[-1])).reshape(share.shape)
        high = np.minimum(low + 1, centres.size - 1)
        values = inside * (np.take(values, low, dim) * (1.0 - share) + np.take(values, high, dim) * share)
    return values
