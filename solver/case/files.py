"""Files that a case file names: only from its own folder."""

from __future__ import annotations

from pathlib import Path


def inside_folder(folder: Path, name: str) -> Path:
    """A file next to the case file or below it; `ValueError` for any other."""
    if "\0" in name:
        raise ValueError(f"{name!r} is not a file name")
    file = (folder / name).resolve()
    if not file.is_relative_to(folder):
        raise ValueError(f"{name!r} lies outside the case file's folder; put it beside the case file")
    if not file.is_file():
        raise ValueError(f"no file {name!r} beside the case file")
    return file
