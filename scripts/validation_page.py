"""Write docs/validation.md from the records that the proof tests leave (see `record` in tests/support.py).

Run the proofs first, then this script::

    python -m pytest tests/verification tests/validation -m "slow or not slow"
    python scripts/validation_page.py

What `docs/validation_notes.md` says stands above the tables.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / ".pytest_cache" / "proof"
NOTES = ROOT / "docs" / "validation_notes.md"
PAGE = ROOT / "docs" / "validation.md"
TITLES = {"verification": "Verification: does the code solve its equations?",
          "validation": "Validation: do the answers match published ones?"}
OTHER = "Other"
HEAD = "| what | measured | limit | source | test |\n|---|---:|---:|---|---|"


def read_records(folder: Path) -> list[dict[str, Any]]:
    """All records of a folder, by test and name."""
    records = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    return sorted(records, key=lambda r: (r["test"], r["name"]))


def holds(record: dict[str, Any]) -> bool:
    """Whether a measured value keeps its limit (one without a limit is for information)."""
    limit = record["tolerance"]
    if limit is None:
        return True
    return bool(record["measured"] >= limit if record["sense"] == "at least" else record["measured"] <= limit)


def row(record: dict[str, Any]) -> str:
    """One line of a table."""
    limit, sign = record["tolerance"], "≥" if record["sense"] == "at least" else "≤"
    shown = "-" if limit is None else f"{sign} {limit:.3g}"
    measured = f"{record['measured']:.3g}" + ("" if holds(record) else " **fails**")
    cells = [record["name"], measured, shown, record["source"], f"`{record['test'].split('/')[-1]}`"]
    return "| " + " | ".join(str(c).replace("|", "\\|") for c in cells) + " |"


def page(records: list[dict[str, Any]], notes: str) -> str:
    """The whole page."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        parts = record["test"].split("/")
        title = next((TITLES[p] for p in parts if p in TITLES), OTHER)
        groups.setdefault(title, []).append(record)
    order = [t for t in (*TITLES.values(), OTHER) if t in groups]
    tables = [f"## {title}\n\n{HEAD}\n" + "\n".join(row(r) for r in groups[title]) for title in order]
    return "\n\n".join([notes.rstrip(), *tables]) + "\n"


def main() -> int:
    """Write the page; 1 if there are no records or one of them breaks its limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--records", type=Path, default=RECORDS, help="folder of the records")
    parser.add_argument("--out", type=Path, default=PAGE, help="page to write")
    options = parser.parse_args()
    records = read_records(options.records)
    if not records:
        print(f"no records in {options.records}: first run python -m pytest tests/verification tests/validation",
              file=sys.stderr)
        return 1
    options.out.write_text(page(records, NOTES.read_text()))
    broken = [r["name"] for r in records if not holds(r)]
    print(f"{options.out}: {len(records)} records" + (f"; over the limit: {', '.join(broken)}" if broken else ""))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
