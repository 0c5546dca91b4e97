"""Files that are either the old one or the whole new one, never half of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LEFTOVER = re.compile(r"\.(fields\.vtkhdf|fields\.xdmf|results\.h5|points\.h5|summary\.json|log\.txt|[a-z_]+\.csv|\.writable|"
                      r".+\.(?:yaml|csv|idf|mo|fmu))\.(\d+)\.tmp")


class OutputError(RuntimeError):
    """A result that could not be written; says where and why. What was there before is still there."""


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A temporary file to write, moved to `path` if the block ends well and removed if not.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}; the file from before, if any, is unchanged. "
                          "Free some space or choose another --out") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with replaced(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files of writers that are no longer there."""
    for path in folder.iterdir():
        match = LEFTOVER.fullmatch(path.name)
        if match and not _alive(int(match[2])):
            path.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
