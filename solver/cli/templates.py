"""`coldrack new`: case files to start from."""

from __future__ import annotations

from pathlib import Path

from coldrack.solver.case import errors
from coldrack.solver.cli.codes import InputError

FOLDER = Path(errors.__file__).parent / "templates"


def kinds() -> dict[str, str]:
    """Name and first comment line of every template."""
    return {p.stem.replace("_", "-"): p.read_text().split("\n")[0].lstrip("# ") for p in sorted(FOLDER.glob("*.yaml"))}


def write_template(kind: str, file: Path | None, force: bool) -> Path:
    """Copy a template; refuses to replace a file unless `force`."""
    from coldrack.solver.output.atomic import OutputError, write_text

    known = kinds()
    name = kind.replace("_", "-")
    if name not in known:
        raise InputError(f"no template called {kind!r}{errors.suggest(kind, known)}; `coldrack new --list` describes them")
    target = file if file is not None else Path(f"{name.replace('-', '_')}.yaml")
    if target.is_dir():
        raise InputError(f"{target} is a folder: give the name of the new file")
    if target.exists() and not force:
        raise InputError(f"{target} is there already: choose another name, or --force to replace it")
    if not target.parent.is_dir():
        raise OutputError(f"cannot write {target}: the folder {target.parent} does not exist")
    write_text(target, (FOLDER / f"{name.replace('-', '_')}.yaml").read_text(encoding="utf-8"))
    return target
