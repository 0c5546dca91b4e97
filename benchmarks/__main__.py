"""`coldrack bench`: time coldrack, and other codes on the same cases."""

from __future__ import annotations

import argparse
import json
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from coldrack.benchmarks import peers, registry, report
from coldrack.benchmarks.document import document
from coldrack.benchmarks.runner import Plan, growth, run_case


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as everywhere in coldrack."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with code 2."""
        self.exit(2, f"coldrack: error: {message} (coldrack bench --help)\n")


def parser() -> Parser:
    """The command line."""
    out = Parser(prog="coldrack bench", description=(__doc__ or "").strip())
    out.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run, or cases of them; default: all")
    out.add_argument("--peers", default="", metavar="NAMES", help=f"comma-separated, of {', '.join(peers.PEERS)}; or all")
    out.add_argument("--repeat", type=int, default=3, metavar="N", help="runs of each, in turn; the median counts (default 3)")
    out.add_argument("--quick", action="store_true", help="tiny cases only, to see that everything works")
    out.add_argument("--json", type=Path, metavar="FILE", help="write the results, and a plot beside them (.png)")
    out.add_argument("--list", action="store_true", help="list the benchmarks and their cases")
    return out


def main(typed: list[str] | None = None) -> int:
    """Run; 0, or 1 if a run gave no figure, 2 if the command line is wrong."""
    command = parser()
    given = command.parse_args(typed)
    if given.list:
        print(listing())
        return 0
    names = list(peers.PEERS) if given.peers == "all" else [n.strip() for n in given.peers.split(",") if n.strip()]
    unknown = [n for n in names if n not in peers.PEERS]
    if unknown:
        command.error(f"--peers: {unknown[0]!r} is unknown, expected some of {', '.join(peers.PEERS)}, or all")
    if given.repeat < 1:
        command.error(f"--repeat {given.repeat}: expected 1 or more")
    if given.json is not None and not given.json.absolute().parent.is_dir():
        command.error(f"--json {given.json}: its folder does not exist, make it first")
    present, missing = peers.split(names)
    plan = Plan(tuple(present), given.repeat, given.quick)
    work = selected(command, plan, given.names)
    for m in missing:
        print(f"{m['peer']}: {m['why']}; {m['install']}", flush=True)
    return run(plan, work, missing, given.json)


def listing() -> str:
    """Benchmarks, what they measure, their cases, and who can solve those."""
    lines = []
    for name in registry.NAMES:
        lines.append(f"{name}: {(registry.module(name).__doc__ or '').splitlines()[0]}")
        lines += [f"  {case.name:<26} {', '.join(case.solvers)}" for case in registry.cases(name) if case.full]
    return "\n".join(lines)


def selected(command: Parser, plan: Plan, names: list[str]) -> list[tuple[str, registry.Case]]:
    """Benchmarks and cases that are asked for; the command line is wrong if a name is neither."""
    every = [(b, c) for b in registry.NAMES for c in plan.cases(b)]
    there = {name for b, c in every for name in (b, c.name)}
    known = {*registry.NAMES, *(c.name for b in registry.NAMES for c in registry.cases(b))}
    for name in names:
        if name in known and name not in there:
            kind, how = ("quick", "without") if plan.quick else ("full", "with")
            command.error(f"{name} has no {kind} case, run it {how} --quick")
        if name not in known:
            close = get_close_matches(name, known, 1)
            command.error(f"no benchmark or case called {name!r}{f', did you mean {close[0]}?' if close else ''}; "
                          "coldrack bench --list shows them")
    return [(b, c) for b, c in every if not names or b in names or c.name in names]


def run(plan: Plan, work: list[tuple[str, registry.Case]], missing: list[dict[str, str]], path: Path | None) -> int:
    """Run cases one by one; what there is gets written after each."""
    versions = {name: peers.peer_version(name) for name in plan.peers}
    results: dict[str, Any] = {"rows": [], "failures": [], "growth": []}
    made, code = document(results, missing, versions, plan.repeat, plan.quick), 0
    try:
        for benchmark, case in work:
            rows, failures = run_case(plan, benchmark, case, say=lambda text: print(text, flush=True))
            made["rows"] += rows
            made["failures"] += failures
            made["growth"] = growth(made["rows"])
            if path is not None:
                write(path, made)
    except KeyboardInterrupt:
        print("interrupted: these are the cases that were finished", file=sys.stderr)
        code = 130
    print("\n" + report.table(made), flush=True)
    if path is not None:
        write(path, made)
        picture = path.with_suffix(".png")
        drawn = f" and {picture}" if report.plot(made, picture) else ""
        print(f"wrote {path}{drawn}")
    return code or (1 if made["failures"] else 0)


def write(path: Path, made: dict[str, Any]) -> None:
    """The document as a file, whole or not at all."""
    from coldrack.solver.output.atomic import write_text

    write_text(path, json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
