"""Radiation between surfaces across a transparent coolant (air)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RadiationSettings:
    """Radiation between the surfaces that face the coolant, which is transparent; surfaces are grey and diffuse.

    Parameters
    ----------
    emissivity : dict of float
        By component, boundary or material (the first that is named counts, in this order); "default" for all others is
        required. More than 0, at most 1.
    ambient_temperature : float
        K, of what is seen through inlets and outlets; these are black.
    rays : int
        From every patch of surface.
    largest_patch : float, optional
        Longest side of a patch, m; None: such that there are about `PATCHES`.
    """

    emissivity: dict[str, float]
    ambient_temperature: float
    rays: int = 4096
    largest_patch: float | None = None

    def __post_init__(self) -> None:
        if "default" not in self.emissivity:
            raise ValueError("radiation: the default emissivity is missing; add \"default\" to `emissivity`")
        for name, value in self.emissivity.items():
            if not 0.0 < value <= 1.0:
                raise ValueError(f"radiation: the emissivity of {name!r} is {value}, expected more than 0 and at most 1")
        if not self.ambient_temperature > 0.0:
            raise ValueError(f"radiation: the ambient temperature is {self.ambient_temperature} K, expected more than 0")
        if self.rays < 1:
            raise ValueError(f"radiation: {self.rays} rays from a patch, expected at least 1")
        if self.largest_patch is not None and not self.largest_patch > 0.0:
            raise ValueError(f"radiation: the largest patch is {self.largest_patch} m, expected more than 0")
