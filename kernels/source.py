"""Kernel texts: where they are, their signatures, and the source that a compiler gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PRELUDE = ("prelude.cuh", "host_loops.hpp", "host_grids.hpp", "functions.cuh")  # of every file of kernels, in this order
POINTERS = {"real": None, "float": "f4", "double": "f8", "int": "i4", "unsigned char": "u1"}
_KERNEL = re.compile(r"^KERNEL\s+(\w+)\s*\((.*?)\)\s*(/\*[^\n]*\*/)?\s*\n\{", re.S | re.M)
_ARGUMENT = re.compile(r"^(const\s+)?(real|float|double|int|unsigned char)\s*(\*)?\s*(?:RESTRICT\s+)?(\w+)$")
_COMMENT = re.compile(r"/\*\s*(.*?)\s*\*/", re.S)


@dataclass(frozen=True)
class Argument:
    """One parameter: C type, whether a pointer, its dimensions (expressions in the int parameters) and unit."""

    name: str
    ctype: str
    pointer: bool
    const: bool
    dimensions: tuple[str, ...]
    unit: str


@dataclass(frozen=True)
class Kernel:
    """A kernel's signature and what its header says."""

    name: str
    file: str
    arguments: tuple[Argument, ...]
    header: dict[str, str]
    chequered: bool = False  # visits one colour of a chequerboard: half the iterations along x

    @property
    def bytes(self) -> dict[str, float]:
        """Bytes that one cell moves from and to memory at least, by the precision of `real`."""
        double, single = (float(part) for part in self.header["bytes"].split("/"))
        return {"f8": double, "f4": single}

    @property
    def scratch(self) -> tuple[str, ...]:
        """Names of arrays that hold nothing of use afterwards; the host has memory of its own and leaves them alone."""
        return tuple(filter(None, self.header.get("scratch", "").replace(" ", "").split(",")))

    @property
    def integers(self) -> tuple[str, ...]:
        """Names of the int parameters, the three loop extents first."""
        return tuple(a.name for a in self.arguments if a.ctype == "int" and not a.pointer)


def _arguments(text: str) -> tuple[Argument, ...]:
    comma = "\0"
    hidden = _COMMENT.sub(lambda m: m.group(0).replace(",", comma), text)  # commas inside comments do not separate
    pieces = [piece.replace(comma, ",") for piece in hidden.split(",")]
    out: list[Argument] = []
    for piece in pieces:
        comments = _COMMENT.findall(piece)
        bare = _COMMENT.sub("", piece).strip()
        if comments and out and piece.lstrip().startswith("/*"):  # the comment after a comma is the one before's
            out[-1] = _described(out[-1], comments[0])
            comments = comments[1:]
        if not bare:
            continue
        match = _ARGUMENT.match(
            re.sub(r"\s+", " ", bare).replace("* RESTRICT", "*RESTRICT").replace("*RESTRICT", "* RESTRICT")
        )
        if not match:
            raise ValueError(f"cannot read kernel argument {bare!r}")
        const, ctype, pointer, name = match.groups()
        argument = Argument(name, ctype, bool(pointer), bool(const), (), "")
        out.append(_described(argument, comments[0]) if comments else argument)
    return tuple(out)


def _described(argument: Argument, comment: str) -> Argument:
    match = re.match(r"^(?:\((.*?)\)\s+)?(\S.*)?$", comment, re.S)
    dims = tuple(d.strip() for d in match.group(1).split(",")) if match and match.group(1) else ()
    unit = (match.group(2) or "").strip() if match else ""
    return Argument(argument.name, argument.ctype, argument.pointer, argument.const, dims, unit)


def _header(comment: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    key = ""
    for line in comment.splitlines():
        line = line.strip().lstrip("*").strip()
        match = re.match(r"^(name|equation|bytes|reference|inputs|scratch):\s*(.*)$", line)
        if match:
            key = match.group(1)
            fields[key] = match.group(2)
        elif key and line:
            fields[key] += " " + line
    return fields


@cache
def kernels() -> dict[str, Kernel]:
    """Every kernel of every ``.cu`` file of the package."""
    found: dict[str, Kernel] = {}
    for path in sorted(FOLDER.glob("*.cu")):
        text = path.read_text()
        for match in _KERNEL.finditer(text):
            before = text[: match.start()].rstrip()
            comment = before[before.rfind("/*") :] if before.endswith("*/") else ""
            name = match.group(1)
            found[name] = Kernel(
                name,
                path.stem,
                _arguments(match.group(2) + (", " + match.group(3) if match.group(3) else "")),
                _header(comment.strip("/* \n")),
                "_CELL_OF_COLOUR" in text[match.end() : text.find("\n}", match.end())],
            )
    return found


def source(file: str) -> str:
    """The loops, the functions for all kernels and the kernels of one file; `real` is left to the compiler's command line."""
    paths = [FOLDER / name for name in (*PRELUDE, f"{file}.cu")]
    return "\n".join(f'#line 1 "{path.name}"\n{path.read_text()}' for path in paths)


def files() -> list[str]:
    """Names of the kernel files, without ending."""
    return sorted({k.file for k in kernels().values()})


def shape_function(kernel: Kernel) -> Callable[..., tuple[tuple[int, ...] | None, ...]]:
    """A function of the int parameters that returns the shape of every parameter (None for scalars)."""
    shapes = ", ".join(
        "(" + "".join(f"{d}, " for d in a.dimensions) + ")" if a.pointer else "None" for a in kernel.arguments
    )
    for a in kernel.arguments:
        for d in a.dimensions:
            if not re.fullmatch(r"[\w+*/() -]+", d):
                raise ValueError(f"kernel {kernel.name}, argument {a.name}: bad dimension {d!r}")
    code = f"lambda {', '.join(kernel.integers)}: ({shapes},)".replace("/", "//")
    return eval(code, {"__builtins__": {}})  # the text is the package's own kernel source
