"""What is typed on the command line, checked: `--set`, `--device`, output folders."""

from __future__ import annotations

import math
import re
from pathlib import Path

from coldrack.solver.cli.codes import InputError

DEVICE = re.compile(r"auto|host|numpy|cuda(:\d+)?")
DTYPES = ("f8", "f4")


def overrides(items: list[str]) -> dict[str, str]:
    """``["mesh.refine=0.5"]`` as a dict."""
    out: dict[str, str] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise InputError(f"--set {item}: expected key=value, such as --set mesh.refine=0.5")
        if key.strip() in out:
            raise InputError(f"--set {key.strip()} is given twice; leave one out")
        out[key.strip()] = value.strip()
    return out


def powers(items: list[str]) -> dict[str, float]:
    """``["gpu=1000W"]`` in W."""
    from coldrack.solver.case.units import parse

    out = {}
    for name, text in overrides(items).items():
        try:
            out[name] = parse(text, "W")
        except ValueError as error:
            raise InputError(f"--set {name}={text}: {error}") from None
    return out


def colour_range(text: str) -> tuple[float, float]:
    """``"18:45"`` as two numbers."""
    low, colon, high = text.partition(":")
    try:
        ends = float(low), float(high)
    except ValueError:
        ends = 0.0, 0.0
    if not colon or not ends[0] < ends[1] or not all(map(math.isfinite, ends)):
        raise InputError(f"--clim {text}: expected LOW:HIGH in degC (in differences K), such as --clim 18:45")
    return ends


def temperature(option: str, text: str) -> float:
    """A temperature in K."""
    from coldrack.solver.case.units import parse

    try:
        return parse(float(text) if re.fullmatch(r"[-+.0-9e]+", text) else text, "K")
    except ValueError as error:
        raise InputError(f"{option} {text}: {error}") from None


def device(name: str) -> str:
    """A device that could exist."""
    if not DEVICE.fullmatch(name):
        raise InputError(f"--device {name}: expected auto, cuda, cuda:N (such as cuda:1), host or numpy")
    return name


def dtype(name: str) -> str:
    """A precision."""
    if name not in DTYPES:
        raise InputError(f"--dtype {name}: expected f8 (double precision) or f4 (single)")
    return name


def output_folder(case: Path, out: Path | None) -> Path:
    """`out`, or a folder in the current one that is named after the case file."""
    if out is None and not case.suffix:
        return Path(f"{case.name}.out")
    return out if out is not None else Path(case.stem)
