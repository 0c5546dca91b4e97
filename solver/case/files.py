"""Files that a case file names: only from its own folder."""

from __future__ import annotations

from pathlib import Path

from coldrack.solver.case.units import short


def inside_folder(folder: Path, name: str) -> Path:
    """A file next to the case file or below it; `ValueError` for any other, also behind a symbolic link."""
    if "\0" in name or not name.strip():
        raise ValueError(f"{short(name)} is not a file name; write the name of a file beside the case file")
    try:
        file = (folder / name).resolve()
        if not file.is_relative_to(folder):
            raise ValueError(f"{short(name)} lies outside the case file's folder; put it beside the case file")
        if file.is_dir():
            raise ValueError(f"{short(name)} is a folder; name a file in it")
        if not file.is_file():
            raise ValueError(f"no file {short(name)} beside the case file{_near(folder, file)}")
    except (OSError, RuntimeError) as error:  # a name too long, a loop of links
        reason = getattr(error, "strerror", None) or "it links to itself"
        raise ValueError(f"cannot use the file {short(name)}: {reason}; check its name") from None
    return file


def _near(folder: Path, file: Path) -> str:
    from coldrack.solver.case.errors import suggest

    found = [str(p.relative_to(folder)) for p in file.parent.iterdir() if p.suffix == file.suffix][:50] if (
        file.parent.is_dir()) else []
    return suggest(file.name, found) or "; check the name and its capital letters"
