"""Ctrl-C and SIGTERM end a run between two iterations, with its state saved."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from coldrack.solver.cli.codes import INTERRUPTED, TERMINATED


class StopRequest:
    """Polled by the solver; a context in which the signals ask instead of kill.

    What was asked is answered when the solver polls: a signal may come in the middle of a line, within which a stream takes no
    second one. The second Ctrl-C ends the process at once, and so does the first while `at_once` is set (when all is saved).
    """

    def __init__(self, say: Any) -> None:
        self.say, self.number, self.at_once, self.told = say, 0, False, False
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        """Whether the user wants the run to end; says once that it will."""
        if self.number and not self.told:
            self.told = True
            self.say("stopping after this iteration and saving the state (Ctrl-C again ends at once)")
        return self.number != 0

    @property
    def code(self) -> int:
        """Exit code of a run that was ended."""
        return TERMINATED if self.number == signal.SIGTERM else INTERRUPTED

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._asked)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        again, self.number = self.number, number
        if self.at_once or (again and number == signal.SIGINT):
            raise KeyboardInterrupt
