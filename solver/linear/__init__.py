"""Geometric multigrid and Krylov solvers."""
