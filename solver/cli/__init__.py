"""The command line."""

from __future__ import annotations


def main(arguments: list[str] | None = None) -> int:
    """Run `coldrack` with `arguments` (default: the process's); returns the exit code and never raises."""
    from coldrack.solver.cli.app import run_app

    return run_app(arguments)
