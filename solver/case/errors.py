"""What is wrong with a case file: every problem with file, line, key, reason and suggestion."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_WORD = 60  # comparing longer ones takes time
MOST_NAMES = 20


@dataclass(frozen=True)
class Issue:
    """One problem at a place of the file (lines and columns count from 1)."""

    line: int
    column: int
    key: str
    message: str


class CaseError(ValueError):
    """A case file that cannot be used; `issues` holds all problems found."""

    def __init__(self, path: str, issues: list[Issue]) -> None:
        self.path = path
        self.issues = sorted(issues, key=lambda i: (i.line, i.column))
        super().__init__("\n".join(f"{path}:{i.line}:{i.column}: {i.key + ': ' if i.key else ''}{i.message}"
                                   for i in self.issues))


def suggest(word: object, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` or the list of what is known."""
    names = [str(k) for k in known]
    lowered = {n.lower(): n for n in names}
    near = difflib.get_close_matches(str(word).lower()[:LONGEST_WORD], list(lowered), 1, 0.5)
    if near:
        return f"; did you mean {lowered[near[0]]!r}?"
    more = ", ..." if len(names) > MOST_NAMES else ""
    return f"; expected one of: {', '.join(names[:MOST_NAMES])}{more}" if names else ""
