"""Racks: chips on cold plates, trays with their air, manifolds, coolant distribution unit, door; one heat balance."""
