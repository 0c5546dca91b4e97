"""Case files: what the user asked for, checked, and turned into a problem."""

from coldrack.solver.case.errors import CaseError, Issue
from coldrack.solver.case.load import load

__all__ = ["CaseError", "Issue", "load"]
