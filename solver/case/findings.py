"""Problems found while a case is built, collected so that the user sees all of them at once."""

from __future__ import annotations

from typing import Any

from coldrack.solver.case.errors import CaseError, Issue
from coldrack.solver.case.reader import Document


class Findings:
    """Problems found so far, with their places; `stop` raises if there are any."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.issues: list[Issue] = []
        self.aliases: dict[tuple[Any, ...], tuple[Any, ...]] = {}  # keys that stand for others: a rack's devices

    def add(self, path: tuple[Any, ...], message: str) -> None:
        """Note a problem at a key; where that stands for another, at the other."""
        if path[:2] in self.aliases:
            alias = self.aliases[path[:2]]
            path, message = (*alias, *path[2:]), message if path[1] == alias[-1] else f"{path[1]}: {message}"
        self.issues.append(self.document.issue(path, message))

    def in_range(self, path: tuple[Any, ...], t: float, curve: Any) -> None:
        """Note a temperature (K) at which a coolant of the library has no properties."""
        if not curve.t_min <= t <= curve.t_max:
            self.add(path, f"{t - 273.15:.1f} degC is outside the range of {curve.name}'s property curves, "
                           f"{curve.t_min - 273.15:.0f} to {curve.t_max - 273.15:.0f} degC; correct the temperature or its "
                           "unit")

    def stop(self) -> None:
        """Raise `CaseError` if there are problems."""
        if self.issues:
            raise CaseError(self.document.path, self.issues)
