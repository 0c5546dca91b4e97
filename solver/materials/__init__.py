"""Coolant property curves and the solids library."""

from coldrack.solver.materials.library import (
    CoolantCurve,
    MaterialError,
    coolant,
    coolant_names,
    solid,
    solid_names,
)

__all__ = ["CoolantCurve", "MaterialError", "coolant", "coolant_names", "solid", "solid_names"]
