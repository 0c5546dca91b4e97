"""Grids, shapes, parametric parts."""
