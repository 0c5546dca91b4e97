"""Write docs/performance.md from what the benchmarks left.

Run the benchmarks first, then this script::

    coldrack bench --peers all --json bench.json
    python scripts/performance_page.py bench.json

Several files (parts of the benchmarks) make one page; with ``--keep`` sections, and cases of a section, that they say nothing
about stay as they are. What `docs/performance_notes.md` says stands above the tables.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from coldrack.benchmarks import registry, report

ROOT = Path(__file__).resolve().parents[1]
NOTES = ROOT / "docs" / "performance_notes.md"
PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "pictures"


def line(cells: list[str]) -> str:
    """One line of a table."""
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def table(head: list[str], rows: list[list[str]], text_columns: int) -> str:
    """A table; the first columns are text, the others numbers."""
    return "\n".join([line(head), "|" + "---|" * text_columns + "---:|" * (len(head) - text_columns), *(line(r) for r in rows)])


def origin(documents: list[dict[str, Any]]) -> str:
    """Machine, versions and commits."""
    lines = []
    for d in documents:
        m, changed = d["machine"], " with changes" if "changes" in d["git"] else ""
        gpu = f"; {m['gpu']}" if m.get("gpu") else ""
        text = (f"- {d['time'][:10]}, commit {d['git'].split()[0][:10]}{changed}: {m['cpu']}, {m['cores']} cores, "
                f"{m['memory_bytes'] / 1e9:.0f} GB{gpu}; median of {d['repeat']}; "
                + ", ".join(f"{n} {v}" for n, v in d["versions"].items()))
        if text not in lines:
            lines.append(text)
    return "\n".join(lines)


def benchmark(name: str, rows: list[dict[str, Any]]) -> str:
    """Section of one benchmark: what it is, a table, what the values are."""
    doc = (registry.module(name).__doc__ or "").strip()
    values = "; ".join(dict.fromkeys(r["quantity"] for r in rows))
    return (f"## {name}\n\n{doc}\n\nValue: {values}.\n\n"
            + table(list(report.COLUMNS), [report.cells_of(r) for r in rows], 2))


def kernel_shares(rows: list[dict[str, Any]]) -> str:
    """Section of the kernels: a line each, shares of the triad by precision and threads, and what binds them."""
    heads: list[str] = []
    shares: dict[str, list[str]] = {}
    bound: dict[str, list[str]] = {}
    for row in rows:
        case, _, kernel = row["case"].partition(" ")
        if kernel:
            heads.append(case.removeprefix("kernels-").replace("-", ", threads "))
            shares.setdefault(kernel, []).append(f"{row['value']:.2f}")
            bound.setdefault(kernel, []).append(row["details"]["bound"])
    lines = [[name, ", ".join(dict.fromkeys(bound[name])), *shares[name]] for name in shares]
    doc = (registry.module("kernels").__doc__ or "").strip()
    others = [report.cells_of(r) for r in rows if " " not in r["case"]]
    return (f"## kernels\n\n{doc}\n\nShare of the triad's rate; *bound*: what binds the kernel, in the order of the columns "
            "where it is not the same in all.\n\n" + table(["kernel", "bound", *dict.fromkeys(heads)], lines, 2)
            + ("\n\n" + table(list(report.COLUMNS), others, 2) if others else ""))


def devices(rows: list[dict[str, Any]]) -> str:
    """Section of the devices: the clock's seconds, and how many times faster than compiled kernels on the host."""
    host = {r["case"]: r["wall_seconds"] for r in rows if r["solver"] == "coldrack host"}
    lines = []
    for r in rows:
        held = r["details"].get("device_bytes") or r["peak_memory_bytes"]
        faster = host[r["case"]] / r["wall_seconds"] if r["case"] in host else None
        lines.append([r["case"], r["solver"].split()[-1], f"{r['cells']:,}", str(r["threads"]), report.count(r["iterations"]),
                      f"{r['wall_seconds']:.3g}", "-" if faster is None else f"{faster:.3g}", f"{held / 1e6:.0f}",
                      f"{r['value']:.7g}"])
    doc = (registry.module("devices").__doc__ or "").strip()
    values = "; ".join(dict.fromkeys(r["quantity"] for r in rows))
    return (f"## devices\n\n{doc}\n\n*MB*: of the GPU's memory, else the process's peak. Value: {values}.\n\n" + table(
        ["case", "device", "cells", "threads", "iterations", "wall s", "times faster than the host", "MB", "value"], lines, 2))


FLOWS = {case.family for case in registry.cases("flow_growth")}


def growth(title: str, members: list[dict[str, Any]]) -> str:
    """Section about the cost against the cells."""
    rows = [[g["family"], g["solver"], f"{g['exponent']:.2f}", " / ".join(f"{c:,}" for c in g["cells"]),
             " / ".join(f"{s:.3g}" for s in g["cpu_seconds"]),
             " / ".join(map(report.count, g["iterations"]))]
            for g in members]
    return (f"## {title}\n\nExponent: slope of log(cpu seconds) against log(cells), least squares.\n\n"
            + table(["family", "solver", "exponent", "cells", "cpu s", "iterations"], rows, 2))


def page(documents: list[dict[str, Any]], notes: str, picture: str = "") -> str:
    """The whole page."""
    rows = [r for d in documents for r in d["rows"]]
    parts = [notes.rstrip(), "## Where the numbers come from\n\n" + origin(documents)]
    if picture:
        parts.append(f"![Cpu seconds by case and solver; growth with the cells]({picture})")
    own = {"kernels": kernel_shares, "devices": devices}
    parts += [own[n](of) if n in own else benchmark(n, of)
              for n in registry.NAMES if (of := [r for r in rows if r["benchmark"] == n])]
    members = [g for d in documents for g in d["growth"]]
    for title, flows in (("linear solves", False), ("cycles of whole flows", True)):
        if these := [g for g in members if (g["family"] in FLOWS) == flows]:
            parts.append(growth(f"Growth with the cells: {title}", these))
    failures = [f for d in documents for f in d["failures"]]
    if failures:
        reasons = [[f["case"], f["solver"], f["reason"]] for f in failures]
        parts.append("## No figure\n\n" + table(["case", "solver", "reason"], reasons, 3))
    missing = {m["peer"]: m for d in documents for m in d["missing"]}
    if missing:
        parts.append("## Not compared\n\n" + "\n".join(f"- {m['peer']}: {m['why']}; {m['install']}" for m in missing.values()))
    return "\n\n".join(parts) + "\n"


def sections(text: str) -> dict[str, str]:
    """A page by headings; what stands above the first one has none."""
    head, *rest = text.split("\n## ")
    return {"": head.rstrip(), **{part.split("\n", 1)[0]: "## " + part.rstrip() for part in rest}}


def by_case(body: str) -> dict[str, list[str]]:
    """The rows below the head of a table, by the case in their first column."""
    rows: dict[str, list[str]] = {}
    for row in body.split("\n")[1:]:
        rows.setdefault(row.split(" | ")[0], []).append(row)
    return rows


def merged(old: str, new: str) -> str:
    """The new section with those rows of the old one whose cases it does not have, where both have the same table."""
    head = line(list(report.COLUMNS)) + "\n"
    if old.count(head) != 1 or new.count(head) != 1:
        return new
    (before, stale), (after, fresh) = old.split(head), new.split(head)
    theirs = by_case(fresh)
    rows = {**by_case(stale), **theirs}
    text = after if rows.keys() == theirs.keys() else before  # the old text names what the values of those that stay are, too
    return "\n".join([text + head.rstrip(), fresh.split("\n")[0], *(row for of in rows.values() for row in of)])


def renewed(old: str, new: str) -> str:
    """The old page with the sections and cases that the new one has, and the origins and the picture of the old one besides."""
    before, after = sections(old), sections(new)
    after |= {name: merged(before[name], text) for name, text in after.items() if name in before}
    where = "Where the numbers come from"
    known = before.get(where, "").split("\n")
    added = [text for text in after[where].split("\n") if text not in known and text.startswith("- ")]
    last = max((i for i, text in enumerate(known) if text.startswith("- ")), default=-1)
    after[where] = "\n".join([*known[: last + 1], *added, *known[last + 1 :]]) if last >= 0 else after[where]
    return "\n\n".join({**before, **after}.values()) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("files", type=Path, nargs="+", help="what coldrack bench --json wrote")
    parser.add_argument("--out", type=Path, default=PAGE, help="page to write")
    parser.add_argument("--keep", action="store_true", help="leave the sections and cases that the files say nothing about")
    options = parser.parse_args(arguments)
    documents = []
    for path in options.files:
        try:
            documents.append(json.loads(path.read_text()))
        except (OSError, ValueError) as error:
            print(f"{path}: not a file of coldrack bench --json ({error})", file=sys.stderr)
            return 2
    together = {"rows": [r for d in documents for r in d["rows"]], "growth": [g for d in documents for g in d["growth"]]}
    if options.keep:
        text = renewed(options.out.read_text(), page(documents, NOTES.read_text()))
    else:
        folder = options.out.parent / PICTURES.name
        folder.mkdir(exist_ok=True)
        drawn = report.plot(together, folder / "performance.png")
        text = page(documents, NOTES.read_text(), f"{PICTURES.name}/performance.png" if drawn else "")
    options.out.write_text(text)
    print(f"{options.out}: {len(together['rows'])} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
