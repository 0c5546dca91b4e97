"""The commands. Heavy imports happen inside them: `coldrack --help` is quick."""

from __future__ import annotations

import json as jsonlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from coldrack.solver.cli import arguments, codes

# click's base of what is wrong with a command line; typer carries click along under changing names
USAGE_ERROR: Any = typer.BadParameter.__mro__[2]

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False,
                  help="Thermal CFD for liquid-cooled AI hardware.", context_settings={"help_option_names": ["-h", "--help"]})
CaseFile = Annotated[Path, typer.Argument(help="Case file (YAML).", show_default=False)]
Folder = Annotated[Path, typer.Argument(help="Folder that `coldrack run` wrote.", show_default=False)]
Set = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="Replace a value of the case file, such as "
                                        "mesh.refine=0.5; may be repeated.", show_default=False)]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False, help="Folder for the results; default: "
                                          "one named after the case file, in the current folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def run_app(typed: list[str] | None) -> int:
    """Run the command line; every error becomes one line (or, from a case file, one for each mistake) and an exit code."""
    typed = sys.argv[1:] if typed is None else typed
    try:
        code = typer.main.get_command(app).main(typed, prog_name="coldrack", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except typer.Exit as stop:
        return int(stop.exit_code)
    except USAGE_ERROR as error:
        return _fail(codes.WRONG_INPUT, [f"{error.format_message()} (coldrack --help, coldrack COMMAND --help)"], typed)
    except typer.Abort:
        return _fail(codes.INTERRUPTED, ["interrupted"], typed)
    except (SystemExit, BrokenPipeError):  # whoever read our output has gone
        sys.stderr.close()
        return codes.ENVIRONMENT
    except BaseException as error:
        if codes.debugging():
            raise
        return _fail(*codes.explain(error), typed)


def _fail(code: int, messages: list[str], typed: list[str]) -> int:
    for text in messages:
        if "--json" in typed and typed[0] != "bench":
            print(jsonlib.dumps({"event": "error", "text": text, "exit_code": code}), file=sys.stderr)
        else:
            print(f"coldrack: error: {text}", file=sys.stderr)
    return code


def _version(wanted: bool) -> None:
    if wanted:
        from coldrack import __version__

        print(f"coldrack {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass


@app.command()
def new(
    kind: Annotated[str, typer.Argument(help="Which template; --list shows them.", show_default=False)] = "",
    file: Annotated[Path | None, typer.Argument(help="Name of the new file; default: KIND.yaml.", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    show: Annotated[bool, typer.Option("--list", help="List the templates.")] = False,
) -> None:
    """Write a commented case file to start from."""
    from coldrack.solver.case.systems import systems
    from coldrack.solver.cli.templates import kinds, write_template

    if show:
        print("\n".join(f"{name:<14} {about}" for name, about in kinds().items()))
        return
    if not kind:
        raise codes.InputError(f"which template? One of: {', '.join(kinds())}")
    target = write_template(kind, file, force)
    look = "check" if kind in systems() else "mesh"
    print(f"wrote {target}; next: coldrack {look} {target}, then coldrack run {target}")


@app.command()
def check(case: CaseFile, set_: Set = []) -> None:  # noqa: B006
    """Read a case file, lay out its mesh, and say what is wrong with it; solves nothing."""
    from coldrack.solver.memory import stages
    from coldrack.solver.system import SystemProblem

    problem = _load(case, set_)
    if isinstance(problem, SystemProblem):
        print(f"{case}: no mistakes found. {problem.title}: {problem.about()}")
        return
    grid, peaks = problem.mesh.grid, stages(problem)
    print(f"{case}: no mistakes found. {problem.title}: {grid.cells:,} cells, {len(problem.sources)} heat sources, "
          f"{sum(s.power for s in problem.sources):g} W, {len(problem.boundaries)} boundaries")
    print("memory of a run on the CPU about " + ", ".join(f"{peak / 1e6:,.0f} MB ({stage})" for stage, peak in peaks.items()))


@app.command()
def mesh(case: CaseFile, set_: Set = [], out: Out = None, json: Json = False) -> None:  # noqa: B006
    """Print what the mesh is like and draw it as DIR/mesh.png; solves nothing."""
    from coldrack.meshes.report import mesh_report
    from coldrack.solver.cli.describe import mesh_text
    from coldrack.solver.memory import estimate
    from coldrack.solver.output.slices import mesh_picture
    from coldrack.solver.output.write import prepare_folder
    from coldrack.solver.system import SystemProblem

    problem = _load(case, set_)
    if isinstance(problem, SystemProblem):
        raise codes.InputError(f"{case} has no mesh: it is of kind {problem.kind}; use coldrack check, coldrack run")
    report = mesh_report(problem.mesh) | {"memory_bytes": estimate(problem)}
    print(jsonlib.dumps(report) if json else mesh_text(report), flush=True)
    folder = prepare_folder(arguments.output_folder(case, out))
    picture = mesh_picture(problem.mesh, problem.title, folder / "mesh.png")
    if not json:
        print(f"Picture: {picture}")


@app.command(epilog=codes.HELP)
def run(
    case: CaseFile,
    device: Annotated[str, typer.Option(help="auto, cuda, cuda:N, host or numpy.")] = "auto",
    dtype: Annotated[str, typer.Option(help="f8 or f4: precision in which momentum is swept; the answer stays double.")] = "f8",
    set_: Set = [],  # noqa: B006
    out: Out = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the state saved in DIR, if there is one.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Summary as JSON on stdout, progress as JSON lines on stderr.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
    pictures: Annotated[bool, typer.Option("--pictures/--no-pictures", help="Draw pictures at the end.")] = True,
    checkpoint_minutes: Annotated[float, typer.Option(min=0.0, help="Save the state at this interval.")] = 5.0,
) -> int:
    """Solve a case; writes fields, summary, log and pictures."""
    from coldrack.solver.cli.run_case import Options, run_case

    return run_case(Options(case, arguments.output_folder(case, out), arguments.overrides(set_), arguments.device(device),
                            arguments.dtype(dtype), resume, json, quiet, pictures, checkpoint_minutes))


@app.command(epilog=codes.HELP)
def characterise(
    words: Annotated[list[str], typer.Argument(metavar="CASE", help="Case file (YAML) of a plate.", show_default=False)],
    flow: Annotated[str, typer.Option(metavar="RANGE", help="Flows: two ends such as 0.3..3 L/min, in equal ratios, or a list "
                                      "such as 0.5,1,2 L/min.", show_default=False)],
    inlet: Annotated[str, typer.Option(metavar="RANGE", help="Inlet temperatures, such as 25..45 degC or 20,40 degC.",
                                       show_default=False)],
    points: Annotated[str, typer.Option(metavar="FLOWSxTEMPERATURES", help="Points between two ends.")] = "6x3",
    boundary: Annotated[str, typer.Option(metavar="NAME", help="Which inlet, where the case has several.",
                                          show_default=False)] = "",
    export: Annotated[str, typer.Option(metavar="FORMATS", help="csv, energyplus, modelica, fmu (comma-separated).")] = "csv",
    device: Annotated[str, typer.Option(help="auto, cuda, cuda:N, host or numpy.")] = "auto",
    dtype: Annotated[str, typer.Option(help="f8 or f4: precision in which momentum is swept; the answer stays double.")] = "f8",
    set_: Set = [],  # noqa: B006
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", show_default=False, help="Folder; default: one named "
                                             "after the case file and _characteristic.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Keep the points in DIR and solve those that are missing.")] = False,
    json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
    pictures: Annotated[bool, typer.Option("--pictures/--no-pictures", help="Draw the picture at the end.")] = True,
) -> int:
    """Sweep a plate over flow and inlet temperature; writes its characteristic for networks and other programs."""
    from coldrack.solver.cli import characterise as job
    from coldrack.solver.cli.ranges import apart, grid, read_points, read_range

    case, flow_unit, inlet_unit = apart(words)
    flows, temperatures = grid(read_range("--flow", f"{flow} {flow_unit}".strip(), "m**3/s", "0.3..3 L/min"),
                               read_range("--inlet", f"{inlet} {inlet_unit}".strip(), "K", "25..45 degC"), read_points(points))
    file = Path(case)
    folder = out or Path(f"{file.stem}_characteristic")
    return job.characterise(job.Options(file, folder, arguments.overrides(set_), flows, temperatures, boundary,
                                        job.exports(export), arguments.device(device), arguments.dtype(dtype), resume, json,
                                        quiet, pictures))


@app.command()
def render(
    folder: Folder,
    clim: Annotated[str, typer.Option(metavar="LOW:HIGH", show_default=False, help="Ends of the colour scale, degC, such as "
                                      "18:45: the same in several runs.")] = "",
    diff: Annotated[Path | None, typer.Option(metavar="DIR", show_default=False, help="Draw the differences from another run, "
                                              "on the same grid or another one.")] = None,
    limit: Annotated[str, typer.Option(metavar="TEMPERATURE", show_default=False, help="Of the surface and the lines in the "
                                       "air; default: 32 degC (ASHRAE A1).")] = "",
    movie: Annotated[bool, typer.Option("--movie", help="Also a movie: over time, else plan views from the floor up.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Also a scene for the browser (runs with servers).")] = False,
) -> None:
    """Draw the pictures of a finished run (again)."""
    from coldrack.solver.output.air_view import LIMIT, PictureOptions
    from coldrack.solver.output.pictures import render as draw
    from coldrack.solver.output.read import read_results
    from coldrack.solver.output.system_files import draw_system, holds_system

    if holds_system(folder):
        if clim or diff or limit or movie or html:
            raise codes.InputError(f"{folder} holds no fields: --clim, --diff, --limit, --movie and --html need a grid")
        made, remarks = draw_system(folder)
        print("\n".join([*(str(p) for p in made), *remarks]))
        return
    limits = arguments.colour_range(clim) if clim else None
    other = read_results(diff) if diff else None
    value = arguments.temperature("--limit", limit) if limit else LIMIT
    made, remarks = draw(folder, PictureOptions(limits, other, value, movie, html))
    print("\n".join([*(str(p) for p in made), *remarks]))


@app.command()
def power(
    folder: Folder,
    set_: Annotated[list[str], typer.Option("--set", metavar="SOURCE=POWER", help="Power of a source, such as gpu=1000W; "
                                            "may be repeated. Others keep the run's.", show_default=False)] = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Component temperatures for other powers, without a new solve (constant properties only)."""
    from coldrack.solver.cli.describe import power_text
    from coldrack.solver.output.power import component_temperatures

    result = component_temperatures(folder, arguments.powers(set_))
    if not result["converged"]:
        print(f"coldrack: note: the run in {folder} did not converge, so these temperatures are not reliable", file=sys.stderr)
    print(jsonlib.dumps(result) if json else power_text(result))


@app.command()
def schema(
    summary: Annotated[bool, typer.Option("--summary", help="Of summary.json instead of case files.")] = False,
    kind: Annotated[str, typer.Option(metavar="KIND", show_default=False, help="Of another kind of case file: network, rack "
                                      "or hall.")] = "",
) -> None:
    """Print the JSON schema of case files, for editors."""
    from coldrack.solver.case.errors import suggest
    from coldrack.solver.case.schema import json_schema
    from coldrack.solver.case.systems import systems
    from coldrack.solver.output.summary_schema import summary_schema

    if kind and kind not in systems():
        raise codes.InputError(f"no kind of case {kind!r}{suggest(kind, systems())}")
    case = systems()[kind].model.model_json_schema() if kind else json_schema()
    print(jsonlib.dumps(summary_schema() if summary else case, indent=1))


@app.command()
def info(json: Json = False) -> None:
    """What this machine has: devices, compiler, versions, GL library, cores, memory."""
    from coldrack.solver.cli.describe import machine, machine_text

    found = machine()
    print(jsonlib.dumps(found) if json else machine_text(found))


@app.command()
def bench(
    names: Annotated[list[str], typer.Argument(metavar="[NAME]", show_default=False, help="Benchmarks, or cases of them; "
                                               "default: all.")] = [],  # noqa: B006
    peers: Annotated[str, typer.Option(metavar="NAMES", show_default=False, help="Other codes to run on the same cases, in "
                                       "turn with coldrack: openfoam, pyamg, scipy, fipy, numba, warp (comma-separated); "
                                       "or all.")] = "",
    repeat: Annotated[int, typer.Option(min=1, help="Runs of each; the median counts.")] = 3,
    quick: Annotated[bool, typer.Option("--quick", help="Tiny cases only, to see that everything works.")] = False,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", show_default=False, help="Write the results, and a "
                                              "plot beside them (.png).")] = None,
    show: Annotated[bool, typer.Option("--list", help="List the benchmarks and their cases.")] = False,
) -> int:
    """Time coldrack, and other codes on the same cases."""
    from coldrack.solver.cli.bench import run_benchmarks

    return run_benchmarks(names, peers, repeat, quick, str(json or ""), show)


def _load(case: Path, items: list[str]) -> Any:
    from coldrack.solver.case import load

    return load(case, arguments.overrides(items))
