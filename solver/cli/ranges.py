"""`0.3..3 L/min`, `25,35,45 degC`, `6x3`: the grid of a sweep as it is typed."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldrack.solver.case.units import parse, short
from coldrack.solver.cli.codes import InputError

Array = NDArray[np.float64]
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
PART = re.compile(rf"\s*({NUMBER})\s*([^\s\d.,].*?)?\s*")
MOST = 60  # values along one axis: more is a typing error


class Range(NamedTuple):
    """Values in SI; `open` where they are two ends to be filled."""

    values: list[float]
    open: bool


def read_range(option: str, text: str, unit: str, example: str) -> Range:
    """Two ends (`a..b unit`) or a list (`a,b,c unit`); the unit may stand behind every number or once at the end."""
    ends = text.split("..")
    parts = ends if len(ends) == 2 else text.split(",")
    if len(ends) > 2 or not text.strip():
        raise InputError(f"{option} {short(text)}: expected two ends or a list, such as {example}")
    matches = [PART.fullmatch(p) for p in parts]
    if any(m is None for m in matches):
        raise InputError(f"{option} {short(text)}: expected two ends or a list, such as {example}")
    last = next((m[2] for m in reversed(matches) if m and m[2]), "")
    if not last:
        raise InputError(f"{option} {short(text)}: the unit is missing; write it at the end, such as {example}")
    try:
        values = [parse(f"{m[1]} {m[2] or last}", unit) for m in matches if m]
    except ValueError as error:
        raise InputError(f"{option} {short(text)}: {error}") from None
    if any(b <= a for a, b in pairwise(values)):
        raise InputError(f"{option} {short(text)}: the values must rise, such as {example}")
    if len(values) > MOST:
        raise InputError(f"{option}: {len(values)} values; at most {MOST}")
    return Range(values, len(ends) == 2)


def read_points(text: str) -> tuple[int, int]:
    """`6x3`: flows times temperatures."""
    match = re.fullmatch(r"\s*(\d{1,3})\s*[x×*]\s*(\d{1,3})\s*", text)
    count = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (2 <= count[0] <= MOST and 1 <= count[1] <= MOST):
        raise InputError(f"--points {text}: expected FLOWSxTEMPERATURES, such as 6x3, 2 to {MOST} flows, 1 to {MOST} "
                         "temperatures")
    return count


def grid(flow: Range, inlet: Range, count: tuple[int, int]) -> tuple[Array, Array]:
    """Flows (m3/s), in equal ratios between two ends, and temperatures (K), in equal steps; lists as they are."""
    if flow.values[0] <= 0:
        raise InputError("--flow: flows must be more than 0")
    if len(flow.values) < 2:
        raise InputError("--flow: a characteristic needs two flows at least, such as 0.3..3 L/min")
    flows = np.geomspace(flow.values[0], flow.values[1], count[0]) if flow.open else np.array(flow.values)
    if inlet.open and count[1] == 1:
        return flows, np.array([np.mean(inlet.values)])
    return flows, np.linspace(inlet.values[0], inlet.values[1], count[1]) if inlet.open else np.array(inlet.values)


def apart(words: list[str]) -> tuple[str, str, str]:
    """Case file, unit of the flow, unit of the temperature, from words in any order.

    Without quotes the shell makes `--flow 0.3..3 L/min` two words: the unit stands alone.
    """
    found = {"case": "", "flow": "", "inlet": ""}
    for word in words:
        kind = "flow" if _is_unit(word, "m**3/s") else "inlet" if _is_unit(word, "K") else "case"
        if found[kind]:
            raise InputError(f"{short(word)}: one case file, one range of flows and one of temperatures are expected; put "
                             'ranges into quotes, such as --flow "0.3..3 L/min"')
        found[kind] = word
    if not found["case"]:
        raise InputError("which case file? coldrack characterise CASE --flow 0.3..3 L/min --inlet 25..45 degC")
    return found["case"], found["flow"], found["inlet"]


def _is_unit(word: str, unit: str) -> bool:
    try:
        parse(f"300 {word}", unit)
    except ValueError:
        return False
    return True
