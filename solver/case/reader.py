"""YAML 1.2 text into plain data and the place of every key."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from coldrack.solver.case.errors import CaseError, Issue
from coldrack.solver.case.units import short
from coldrack.solver.case.yaml_nodes import NotPlain, compose, plain

Place = tuple[int, int]
Keys = tuple[Any, ...]
LARGEST_FILE = 300_000


class Document:
    """Plain data of a case file; `places` maps key paths to (line, column), counted from 1."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.overrides: dict[str, str] = {}
        self.places: dict[Keys, Place] = {(): (1, 1)}
        try:
            self.data: Any = plain(compose(text), self.places)
        except NotPlain as error:
            raise CaseError(path, [Issue(error.line, error.column, error.key, str(error))]) from None
        if not isinstance(self.data, dict):
            what = "is empty" if self.data is None else "holds no mapping of keys"
            message = f"the file {what}; a case starts with `coldrack: 1` (`coldrack new` writes one to start from)"
            raise CaseError(path, [Issue(1, 1, "", message)])

    def place(self, path: Keys) -> Place:
        """Line and column of a key, or of the nearest key above it."""
        path = tuple(path)
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path]

    def record(self) -> str:
        """The text, with the overrides as comments at its end."""
        given = (f"{key}={value}".replace("\n", " ") for key, value in self.overrides.items())
        return self.text + "".join(f"# --set {line}\n" for line in given)

    def issue(self, path: Keys, message: str) -> Issue:
        """An issue at a key; says so where the value came from `--set` and not from the file."""
        line, column = self.place(path)
        for key in self.overrides:
            parts = tuple(key.split("."))
            if tuple(str(p) for p in path[: len(parts)]) == parts:
                message += f" (from --set {short(key)[1:-1]})"
        return Issue(line, column, ".".join(short(str(p))[1:-1] for p in path), message)


def read(path: str | Path, overrides: dict[str, str]) -> Document:
    """Read a file and apply `key.path=value` overrides."""
    document = Document(str(path), _text(Path(path)))
    document.overrides = dict(overrides)
    for key, value in overrides.items():
        _override(document, key, value)
    return document


def _text(file: Path) -> str:
    def refuse(message: str, line: int = 1, column: int = 1) -> CaseError:
        return CaseError(str(file), [Issue(line, column, "", message)])

    try:
        status = file.stat()
        if stat.S_ISDIR(status.st_mode):
            raise refuse("this is a folder; name a case file in it")
        if not stat.S_ISREG(status.st_mode):
            raise refuse("this is no ordinary file; name a case file")
        if status.st_size > LARGEST_FILE:
            raise refuse(f"the file has {status.st_size:,} bytes; a case has at most {LARGEST_FILE:,}: put surfaces into "
                         "STL files and power maps into CSV files")
        data = file.read_bytes()
    except CaseError:
        raise
    except FileNotFoundError:
        raise refuse("there is no such file; check the path, or write a case with `coldrack new`") from None
    except (OSError, ValueError) as error:  # a name with a null byte is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse(f"cannot read the file: {reason}; check its name and permissions") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        message = "the file is not UTF-8 text; save it as UTF-8 (an editor's `save with encoding`)"
        raise refuse(message, before.count(b"\n") + 1, error.start - before.rfind(b"\n")) from None


def _override(document: Document, key: str, text: str) -> None:
    """Put one `--set` value into the data."""
    parts = key.split(".")
    node = document.data
    for n, part in enumerate(parts):
        if not part:
            raise CaseError(document.path, [Issue(1, 1, "", f"--set {short(key)}: expected a key such as mesh.refine")])
        if not isinstance(node, dict):
            message = f"--set {short(key)[1:-1]}: this is not a mapping of keys; set it as a whole"
            raise CaseError(document.path, [document.issue(tuple(parts[:n]), message)])
        if n + 1 < len(parts):
            if node.get(part) is None:
                node[part] = {}
            node = node[part]
    try:
        node[parts[-1]] = plain(compose(text), {})
    except NotPlain:  # text that is no YAML is a string
        node[parts[-1]] = text
