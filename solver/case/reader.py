"""YAML 1.2 text into plain data and the place of every key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coldrack.solver.case.errors import CaseError, Issue

Place = tuple[int, int]
Path_ = tuple[Any, ...]
LARGEST_FILE = 1_000_000
MOST_NODES = 50_000
DEEPEST = 40


class Document:
    """Plain data of a case file; `places` maps key paths to (line, column), counted from 1."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.overrides: dict[str, str] = {}
        self.places: dict[Path_, Place] = {(): (1, 1)}
        self._nodes = 0
        self.data: Any = self._plain(self._load(), ())
        if not isinstance(self.data, dict):
            raise CaseError(path, [Issue(1, 1, "", "a case file is a mapping of keys; start with `coldrack: 1`")])

    def _load(self) -> Any:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        try:
            return YAML(typ="rt").load(self.text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = str(error.problem or error.context or "not YAML").split("\n")[0]
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise CaseError(self.path, [Issue(line, column, "", f"not valid YAML: {what}")]) from None
        except (
            YAMLError,
            ValueError,
            RecursionError,
            AttributeError,
            TypeError,
            KeyError,
            AssertionError,
            IndexError,
        ) as error:
            what = (str(error) or type(error).__name__).split("\n")[0]
            raise CaseError(self.path, [Issue(1, 1, "", f"not valid YAML: {what}")]) from None

    def _plain(self, node: Any, path: Path_) -> Any:
        self._nodes += 1
        if self._nodes > MOST_NODES or len(path) > DEEPEST:
            raise CaseError(self.path, [Issue(1, 1, "", "the file is nested or aliased beyond any sensible case")])
        if isinstance(node, dict):
            out = {}
            for key, value in node.items():
                name = key if isinstance(key, str) else str(key)
                try:
                    line, column = node.lc.key(key)  # type: ignore[attr-defined]
                    self.places[(*path, name)] = (line + 1, column + 1)
                except (AttributeError, KeyError, TypeError):
                    pass
                out[name] = self._plain(value, (*path, name))
            return out
        if isinstance(node, list):
            for i in range(len(node)):
                try:
                    line, column = node.lc.item(i)  # type: ignore[attr-defined]
                    self.places[(*path, i)] = (line + 1, column + 1)
                except (AttributeError, KeyError, TypeError):
                    pass
            return [self._plain(value, (*path, i)) for i, value in enumerate(node)]
        if isinstance(node, bool) or node is None:
            return node
        for kind in (int, float, str):
            if isinstance(node, kind):
                return kind(node)
        return str(node)

    def place(self, path: Path_) -> Place:
        """Line and column of a key, or of the nearest key above it."""
        path = tuple(path)
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path]

    def record(self) -> str:
        """The text, with the overrides as comments at its end."""
        return self.text + "".join(f"# --set {key}={value}\n" for key, value in self.overrides.items())

    def issue(self, path: Path_, message: str) -> Issue:
        """An issue at a key."""
        line, column = self.place(path)
        return Issue(line, column, ".".join(str(p) for p in path), message)


def read(path: str | Path, overrides: dict[str, str]) -> Document:
    """Read a file and apply `key.path=value` overrides."""
    file = Path(path)
    try:
        size = file.stat().st_size
        if size > LARGEST_FILE:
            raise CaseError(
                str(path), [Issue(1, 1, "", f"the file has {size:,} bytes; a case has at most {LARGEST_FILE:,}")]
            )
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise CaseError(str(path), [Issue(1, 1, "", f"cannot read the file: {error.strerror or error}")]) from None
    except UnicodeDecodeError:
        raise CaseError(str(path), [Issue(1, 1, "", "the file is not UTF-8 text")]) from None
    document = Document(str(path), text)
    document.overrides = dict(overrides)
    for key, value in overrides.items():
        _override(document, key, value)
    return document


def _override(document: Document, key: str, text: str) -> None:
    from ruamel.yaml import YAML

    node, parts = document.data, key.split(".")
    for n, part in enumerate(parts[:-1]):
        if not isinstance(node, dict):
            raise CaseError(document.path, [document.issue(tuple(parts[:n]), f"--set {key}: this is not a mapping")])
        node = node.setdefault(part, {})
    if not isinstance(node, dict):
        raise CaseError(document.path, [document.issue(tuple(parts[:-1]), f"--set {key}: this is not a mapping")])
    try:
        value = YAML(typ="safe", pure=True).load(text)
    except Exception:  # text that is no YAML is a string
        value = text
    node[parts[-1]] = value
