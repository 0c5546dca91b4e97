"""Coolant property curves and the solids library."""
