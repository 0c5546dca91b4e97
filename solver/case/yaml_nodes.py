"""YAML nodes into dictionaries, lists and scalars, with the place of every key; nothing is executed, nothing grows.

ruamel.yaml reads the text (YAML 1.2: ``1e-6`` is a number, ``on`` and ``yes`` are text) into nodes that know their line.
Making the data here instead of by its constructors refuses repeated keys and tags at their place, and aliases that
multiply ("billion laughs") or contain themselves before they take memory.
"""

from __future__ import annotations

import warnings
from typing import Any

from coldrack.solver.case.units import short

Keys = tuple[Any, ...]
Places = dict[Keys, tuple[int, int]]
MOST_NODES = 30_000
DEEPEST = 20
PREFIX = "tag:yaml.org,2002:"
PLAIN_TAGS = {"str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value"}
HINTS = (
    ("'\\t'", "indent with spaces, not with tabs"),
    ("found character", "put text that starts with this character in quotes"),
    ("mapping values are not allowed", "put text that holds a colon in quotes, and check the indentation"),
    ("while scanning a quoted scalar", "close the quote"),
    ("end of stream", "close the quote or bracket"),
    ("expected ',' or", "close the bracket, and separate its members by commas"),
    ("block end", "indent the keys of one mapping alike"),
    ("block mapping", "indent the keys of one mapping alike"),
    ("expected ':'", "write `key: value` on every line"),
    ("undefined alias", "define it above as &name, or put the text in quotes"),
    ("special characters", "remove the control character; save the file as plain text"),
    ("expected a single document", "keep one case per file: remove the line ---"),
)


class NotPlain(ValueError):
    """Text that gives no plain data, with its line and column (from 1) and key."""

    def __init__(self, line: int, column: int, message: str, key: str = "") -> None:
        super().__init__(message)
        self.line, self.column, self.key = line, column, key


def compose(text: str) -> Any:
    """The node at the root of a YAML text (None for an empty one); raises `NotPlain`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.composer import Composer
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    class Shallow(Composer):  # type: ignore[misc]
        """Refuses depth before Python's stack does."""

        nesting = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.nesting > DEEPEST:
                mark = self.parser.peek_event().start_mark
                raise NotPlain(mark.line + 1, mark.column + 1, "nested beyond any sensible case; check the brackets here")
            self.nesting += 1
            try:
                return super().compose_node(parent, index)
            finally:
                self.nesting -= 1

    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = Shallow
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor used twice: YAML allows it
            return yaml.compose(text)
    except NotPlain:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = ", ".join(str(t).split("\n")[0] for t in (error.context, error.problem) if t)
        raise NotPlain(line, column, _explain(what)) from None
    except YAMLError as error:  # a character that YAML forbids: the reader knows its position only
        at = getattr(error, "position", 0) or 0
        before = text[:at]
        raise NotPlain(before.count("\n") + 1, at - before.rfind("\n"), _explain(str(error).split("\n")[0])) from None
    except (ValueError, RecursionError, AttributeError, TypeError, LookupError, AssertionError) as error:
        raise NotPlain(1, 1, _explain(str(error).split("\n")[0] or type(error).__name__)) from None


def _explain(what: str) -> str:
    hint = next((h for sign, h in HINTS if sign in what), "compare it with a case that `coldrack new` writes")
    return f"not valid YAML: {what[:200]}; {hint}"


def plain(root: Any, places: Places) -> Any:
    """Data of a node; fills `places`; raises `NotPlain`."""
    return _Plain(places).data(root, ())


class _Plain:
    def __init__(self, places: Places) -> None:
        self.places, self.count = places, 0

    def data(self, node: Any, path: Keys) -> Any:
        if node is None:
            return None
        self.count += 1
        if self.count > MOST_NODES or len(path) > DEEPEST:
            raise self.refuse(node, path, "more values, or deeper nesting, than any sensible case; check aliases (*name)")
        tag = str(node.tag).removeprefix(PREFIX)
        if tag not in PLAIN_TAGS:
            raise self.refuse(node, path, f"the tag {short(tag)} is not used in case files; remove it")
        if isinstance(node.value, str):
            return self.scalar(node, tag, path)
        if tag == "seq" or not all(isinstance(item, tuple) for item in node.value):
            for n, item in enumerate(node.value):
                self.places[(*path, n)] = _at(item)
            return [self.data(item, (*path, n)) for n, item in enumerate(node.value)]
        return self.mapping(node, path)

    def mapping(self, node: Any, path: Keys) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        out: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key.value, str):
                raise self.refuse(key, path, "a key is one word, not a list or mapping; remove the brackets")
            name = key.value
            if str(key.tag) == PREFIX + "merge":
                merged |= self.merge(value, path)
                continue
            if name in out:
                line, column = self.places[(*path, name)]
                raise self.refuse(key, (*path, name), f"this key stands here twice, first in line {line}; remove one of them")
            self.places[(*path, name)] = _at(key)
            out[name] = self.data(value, (*path, name))
        return {**merged, **out}

    def merge(self, node: Any, path: Keys) -> dict[str, Any]:
        """The mapping behind a merge key ``<<: *name``, whose keys the ones beside it replace."""
        value = self.data(node, path)
        if not isinstance(value, dict):
            raise self.refuse(node, path, "<< takes one mapping, such as << : *name")
        return value

    def scalar(self, node: Any, tag: str, path: Keys) -> Any:
        text = node.value
        try:
            if tag == "bool":
                return text.lower() in ("true", "yes", "on", "y")
            if tag == "null":
                return None
            if tag == "int":
                return _integer(text)
            if tag == "float":
                return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            raise self.refuse(node, path, f"cannot read the number {short(text)}; write it as 1.5 or 1e-6") from None
        return text

    def refuse(self, node: Any, path: Keys, message: str) -> NotPlain:
        return NotPlain(*_at(node), message, ".".join(short(str(p))[1:-1] for p in path))


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    for sign, base in (("0x", 16), ("0o", 8), ("0b", 2)):
        if sign in digits.lower():
            return int(digits, base)
    return int(digits)


def _at(node: Any) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
