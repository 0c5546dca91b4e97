"""`coldrack info`, `check`, `mesh`: what the machine has and what a case makes, as text."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

LIBRARIES = ("numpy", "scipy", "h5py", "pyvista", "vtk", "matplotlib", "pydantic", "ruamel.yaml", "pint", "typer")


def machine() -> dict[str, Any]:
    """Devices, compiler, library versions, GL library, cores, memory; works on any machine."""
    from coldrack import __version__
    from coldrack.kernels import BackendError
    from coldrack.kernels.host import cache_folder, compiler
    from coldrack.solver.machine import available_memory, cores
    from coldrack.solver.output.spatial import missing_library

    try:
        cxx = " ".join(compiler())
    except BackendError as error:
        cxx = str(error)
    libraries = {n: _version(n) for n in (*LIBRARIES, *_cupy())}
    return {
        "coldrack": __version__, "python": platform.python_version(), "system": platform.platform(),
        "devices": {name: _device(name) for name in ("cuda", "host", "numpy")}, "auto": _device("auto"),
        "compiler": cxx, "kernel_cache": str(cache_folder()),
        "cores": cores(), "threads": os.environ.get("OMP_NUM_THREADS", "all cores"), "memory_bytes": available_memory(),
        "pictures_3d": missing_library() or "available", "libraries": libraries,
    }


def _device(name: str) -> str:
    from coldrack.kernels import BackendError, get_backend

    try:
        return str(get_backend(name).description)
    except BackendError as error:
        return f"not available: {error}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _cupy() -> list[str]:
    return [n for n in ("cupy-cuda12x", "cupy-cuda13x") if _version(n) != "not installed"]


def machine_text(info: dict[str, Any]) -> str:
    """`machine` for people."""
    lines = [f"coldrack {info['coldrack']}, Python {info['python']}, {info['system']}"]
    lines += [f"{n:<6} {d}" for n, d in {**info["devices"], "auto": info["auto"]}.items()]
    lines += [f"compiler       {info['compiler']}", f"kernel cache   {info['kernel_cache']}",
              f"cores          {info['cores']} (threads: {info['threads']})",
              f"memory         {info['memory_bytes'] / 1e9:.1f} GB available", f"3-D pictures   {info['pictures_3d']}",
              f"libraries      {', '.join(f'{n} {v}' for n, v in info['libraries'].items())}"]
    return "\n".join(lines)


def mesh_text(r: dict[str, Any]) -> str:
    """A mesh report for people: lengths in mm."""
    lines = [f"{r['cells']:,} cells: {r['nx']} x {r['ny']} x {r['nz']}; {r['fluid_cells']:,} coolant, "
             f"{r['solid_cells']:,} solid, {r['void_cells']:,} void",
             "axis   cells   smallest width   largest width   largest growth"]
    lines += [f"{a:<5} {r['n' + a]:>7} {1e3 * r['smallest_width'][a]:>13.4g} mm {1e3 * r['largest_width'][a]:>12.4g} mm "
              f"{r['growth_ratio'][a]:>16.3f}" for a in "xyz"]
    lines += [f"aspect ratio {r['aspect_ratio']:.3g}, memory about {r['memory_bytes'] / 1e6:,.0f} MB"]
    if r["component_cells"]:
        width = max(len(n) for n in r["component_cells"])
        lines += ["component cells"] + [f"  {n:<{width}} {c:>10,}" for n, c in r["component_cells"].items()]
    return "\n".join(lines)


def power_text(result: dict[str, Any]) -> str:
    """Component temperatures for people."""
    from coldrack.solver.output.report import component_lines

    return "\n".join(component_lines(result["components"]))
