"""How a run tells what it does: a live line, a plain line every few seconds, JSON lines, or nothing."""

from __future__ import annotations

import json
import math
import sys
import time
from typing import Any

PLAIN_SECONDS = 5.0
LIVE_SECONDS = 0.2
FIELDS = (("time", "t {:.5g} s"), ("courant", "Courant {:.2f}"), ("momentum", "velocity {:.1e}"), ("mass", "mass {:.1e}"),
          ("pressure_drop", "dp {:.5g} Pa"), ("energy", "energy {:.1e}"), ("source", "source {}"))


def describe(event: dict[str, Any], t_max: float = math.nan) -> str:
    """One event as a line: stage, iteration, residuals, monitors, time to go."""
    parts = [f"{event['stage']:<6} {event.get('iteration', 0):>5}"]
    parts += [text.format(event[name]) for name, text in FIELDS if name in event]
    t_max = event.get("t_max", t_max)
    if math.isfinite(t_max):
        parts.append(f"T_max {t_max - 273.15:.2f} degC")
    eta = event.get("eta_seconds", math.nan)
    if math.isfinite(eta):
        parts.append(f"{duration(eta)} to go{'' if 'time' in event else ' in this stage'}")
    return "  ".join(parts)


def say_error(text: str, as_json: bool) -> None:
    """Say why a run is not a result, also to those who asked for quiet."""
    line = json.dumps({"event": "error", "text": text}) if as_json else f"coldrack: error: {text}"
    print(line, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Rounded time for people."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class Quiet:
    """Says nothing but errors."""

    seconds = math.inf

    def __init__(self) -> None:
        self._last, self._stage, self.t_max = -math.inf, "", math.nan

    def __call__(self, event: dict[str, Any]) -> None:
        """Take an event of the solver; show the first of a stage and then one now and then."""
        self.t_max = event.get("t_max", self.t_max)
        now = time.monotonic()
        solved = "t_max" in event and "time" not in event
        if event["stage"] != self._stage or solved or now - self._last >= self.seconds:
            self._stage, self._last = event["stage"], now
            self._show(event)

    def _show(self, event: dict[str, Any]) -> None:
        pass

    def say(self, text: str) -> None:
        """A remark, on stderr."""

    def close(self) -> None:
        """End the display."""


class Plain(Quiet):
    """A line every few seconds, for files and batch systems."""

    seconds = PLAIN_SECONDS

    def _show(self, event: dict[str, Any]) -> None:
        self.say(describe(event, self.t_max))

    def say(self, text: str) -> None:
        """A remark, on stderr."""
        print(text, file=sys.stderr, flush=True)


class JsonLines(Quiet):
    """A JSON object a line on stderr: ``event`` is "progress", "note" or "error"."""

    seconds = PLAIN_SECONDS

    def _show(self, event: dict[str, Any]) -> None:
        plain = {n: None if isinstance(v, float) and not math.isfinite(v) else v for n, v in event.items()}
        print(json.dumps({"event": "progress", **plain}), file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        """A remark, on stderr."""
        print(json.dumps({"event": "note", "text": text}), file=sys.stderr, flush=True)


class Live(Quiet):
    """One line that changes, on a terminal."""

    seconds = LIVE_SECONDS

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        super().__init__()
        columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("starting", total=None)
        self._bar.start()

    def _show(self, event: dict[str, Any]) -> None:
        self._bar.update(self._task, description=describe(event, self.t_max))

    def say(self, text: str) -> None:
        """A remark above the line."""
        self._bar.console.print(text, markup=False, highlight=False)

    def close(self) -> None:
        """Take the line away."""
        self._bar.stop()


def reporter(as_json: bool, quiet: bool) -> Quiet:
    """The display that fits the options and stderr."""
    if as_json:
        return Quiet() if quiet else JsonLines()
    if quiet:
        return Quiet()
    return Live() if sys.stderr.isatty() else Plain()
