"""Flow, energy, boundary conditions, ledger."""
