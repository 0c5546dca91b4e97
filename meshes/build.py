"""From a scene to a mesh: planes, faces, materials and components per cell, patches, contacts."""

from __future__ import annotations

from dataclasses import replace

from coldrack.meshes.mesh import FLUID, Mesh, MeshError
from coldrack.meshes.paint import NAMES, contacts, paint, patch
from coldrack.meshes.scene import SLACK, Body, MeshSettings, Point, Scene
from coldrack.meshes.shapes import Box
from coldrack.meshes.spacing import exact_grid, graded_grid, planes_of

BYTES_PER_CELL = 400
__all__ = ["BYTES_PER_CELL", "MeshError", "build_mesh", "domain"]


def build_mesh(scene: Scene, settings: MeshSettings, most_cells: int | None = None) -> Mesh:
    """Mesh a scene.

    Parameters
    ----------
    scene : Scene
    settings : MeshSettings
    most_cells : int, optional
        Refuse grids with more cells than this.

    Raises
    ------
    MeshError
        For bodies outside the domain or without cells, planes too near, ports not on coolant, grids too large.
    """
    low, high = domain(scene)
    bodies = [body for body in scene.bodies if not _beyond_cut(scene, body, low, high)]
    _check_inside(scene, bodies, low, high)
    scene = replace(scene, bodies=[*_ducts(scene, low, high), *bodies])
    planes = planes_of(scene, low, high)
    grid = graded_grid(scene, planes, settings) if settings.exact is None else exact_grid(planes, settings)
    if most_cells is not None and grid.cells > most_cells:
        raise MeshError(f"the grid has {grid.cells:,} cells, about {grid.cells * BYTES_PER_CELL / 1e9:.1f} GB; "
                        f"this machine takes {most_cells:,}: raise mesh.max_cell or lower mesh.refine")
    mesh = paint(scene, grid)
    for port in scene.ports:
        mesh.patches[port.name] = patch(port, grid)
    mesh.contacts = [c for layer in scene.contacts for c in contacts(layer, mesh)]
    return mesh


def domain(scene: Scene) -> tuple[Point, Point]:
    """Corners of the domain: given, or the bounding box of the bodies."""
    if not scene.bodies and (scene.low is None or scene.high is None):
        raise MeshError("there is nothing to mesh: no bodies and no domain")
    bounds = [b.shape.bounds() for b in scene.bodies]
    low = scene.low or tuple(min(b[0][d] for b in bounds) for d in range(3))
    high = scene.high or tuple(max(b[1][d] for b in bounds) for d in range(3))
    if any(h <= l for l, h in zip(low, high)):
        raise MeshError(f"the domain from {low} to {high} m is empty")
    return low, high  # type: ignore[return-value]


def _ducts(scene: Scene, low: Point, high: Point) -> list[Body]:
    """Coolant between openings that lie inside the domain and its faces; whatever stands there already overwrites it."""
    out = []
    for port in scene.ports:
        if port.at is None or port.low is None or port.high is None:
            continue
        a, b = (low[port.axis], port.at) if port.side == 0 else (port.at, high[port.axis])
        if b - a > SLACK:
            corners = [[*c[: port.axis], end, *c[port.axis :]] for c, end in ((port.low, a), (port.high, b))]
            out.append(Body(f"{port.name}.duct", FLUID, Box(*(tuple(c) for c in corners))))  # type: ignore[arg-type]
    return out


def _beyond_cut(scene: Scene, body: Body, low: Point, high: Point) -> bool:
    """Whether a body lies wholly on the far side of a symmetry plane: its mirror image is what is solved."""
    bl, bh = body.shape.bounds()
    return any(bh[d] <= low[d] + SLACK if side == 0 else bl[d] >= high[d] - SLACK for d, side in scene.cut)


def _check_inside(scene: Scene, bodies: list[Body], low: Point, high: Point) -> None:
    for body in bodies:
        bl, bh = body.shape.bounds()
        for d in range(3):
            slack = 1e-9 * (high[d] - low[d])
            cut_low, cut_high = (d, 0) in scene.cut, (d, 1) in scene.cut
            if bh[d] <= low[d] or bl[d] >= high[d]:
                raise MeshError(f"{body.name}: lies outside the domain along {NAMES[d]}")
            if (bl[d] < low[d] - slack and not cut_low) or (bh[d] > high[d] + slack and not cut_high):
                raise MeshError(
                    f"{body.name}: reaches from {bl[d]:.6g} to {bh[d]:.6g} m along {NAMES[d]}, the domain only "
                    f"from {low[d]:.6g} to {high[d]:.6g} m; enlarge the domain or put a symmetry there"
                )
