"""From scenes to meshes: planes, volumes, cells across gaps and layers, patches, contacts, symmetry, errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldrack.meshes.build import MeshError, build_mesh
from coldrack.meshes.connect import coolant_regions, regions_at
from coldrack.meshes.report import mesh_report
from coldrack.meshes.scene import Body, ContactLayer, MeshSettings, Port, Scene
from coldrack.meshes.shapes import Box, Cylinder, Extrusion, Repeat

SETTINGS = MeshSettings(2e-3, growth=1.3, min_cells_gap=4, min_cells_solid=2)


def block(name, low, high, material="copper", min_cells=1):
    return Body(name, material, Box(tuple(1e-3 * v for v in low), tuple(1e-3 * v for v in high)), min_cells)


def plate():
    """A block with three channels, an interface of 50 um and a chip, millimetres."""
    channel = Box((0.0, 2e-3, 3e-3), (0.03, 2.5e-3, 6e-3))
    return Scene(
        [block("chip", (5, 3, 0), (20, 9, 0.8), "silicon"), block("grease", (5, 3, 0.8), (20, 9, 0.85), "thermal_grease"),
         block("plate", (0, 0, 0.85), (30, 12, 8)), Body("channel", "fluid", Repeat(channel, 3, (0.0, 3e-3, 0.0)))],
        [Port("inlet", 0, 0), Port("outlet", 0, 1)])


def volume(mesh, name):
    return float(mesh.grid.volumes()[mesh.cells_of(name)].sum())


def cells_across(mesh, axis, low, high):
    """Cells between two coordinates (m) that must be faces."""
    faces = mesh.grid.faces[axis]
    ends = [int(np.abs(faces - v).argmin()) for v in (low, high)]
    assert np.allclose(faces[ends], [low, high], atol=1e-12)
    return ends[1] - ends[0]


@pytest.fixture(scope="module")
def mesh():
    return build_mesh(plate(), SETTINGS)


def test_volumes_of_bodies_are_exact(mesh):
    channels = 3 * 30 * 0.5 * 3
    assert volume(mesh, "chip") == pytest.approx(15 * 6 * 0.8e-9, rel=1e-9)
    assert volume(mesh, "grease") == pytest.approx(15 * 6 * 0.05e-9, rel=1e-9)
    assert volume(mesh, "plate") == pytest.approx((30 * 12 * 7.15 - channels) * 1e-9, rel=1e-9)
    assert float(mesh.grid.volumes()[mesh.fluid].sum()) == pytest.approx(channels * 1e-9, rel=1e-9)


def test_gaps_fins_and_layers_have_their_cells(mesh):
    for n in range(3):
        y = 2e-3 + n * 3e-3
        assert cells_across(mesh, 1, y, y + 0.5e-3) >= 4
    assert cells_across(mesh, 1, 2.5e-3, 5e-3) >= 2  # the wall between channels is no body of its own
    assert cells_across(mesh, 2, 3e-3, 6e-3) >= 4
    assert cells_across(mesh, 2, 6e-3, 8e-3) >= 2
    assert cells_across(mesh, 2, 0.8e-3, 0.85e-3) >= 2


def test_a_body_can_ask_for_more_cells():
    scene = Scene([block("a", (0, 0, 0), (10, 10, 1), min_cells=7), block("b", (0, 0, 1), (10, 10, 3))])
    assert cells_across(build_mesh(scene, SETTINGS), 2, 0.0, 1e-3) >= 7


def test_a_gap_crossed_by_planes_of_other_bodies_still_has_its_cells():
    """Planes at 1.1, 1.2 and 1.3 mm cut a gap from 1 to 2 mm into four intervals."""
    scene = Scene([block("low", (0, 0, 0), (10, 10, 1)), block("high", (0, 0, 2), (10, 10, 3)),
                   block("shelf", (9, 9, 1.1), (10, 10, 1.3)), block("edge", (9, 8, 1.2), (10, 9, 1.3)),
                   ], background="fluid")
    for count in (4, 9):
        mesh = build_mesh(scene, MeshSettings(3e-3, min_cells_gap=count))
        assert cells_across(mesh, 2, 1e-3, 2e-3) >= count


def test_growth_is_within_the_limit_on_every_axis(mesh):
    assert max(mesh_report(mesh)["growth_ratio"].values()) <= SETTINGS.growth * (1 + 1e-5)


def test_refinement_keeps_every_face(mesh):
    fine = build_mesh(plate(), MeshSettings(2e-3, growth=1.3, refine=2))
    for a, b in zip(mesh.grid.faces, fine.grid.faces):
        assert np.array_equal(b[::2], a)


def test_exact_counts_of_any_number():
    scene = Scene(low=(0, 0, 0), high=(1, 2, 3), background="fluid")
    mesh = build_mesh(scene, MeshSettings(1.0, exact=(7, 13, 1)))
    assert mesh.grid.shape == (1, 13, 7)
    assert np.allclose(mesh.grid.widths[1], 2 / 13)
    stretched = build_mesh(scene, MeshSettings(1.0, exact=(8, 8, 8), stretch=(2.0, 0.0, 0.0), refine=2))
    assert stretched.grid.shape == (16, 16, 16)
    assert stretched.grid.widths[0][0] < 0.3 * stretched.grid.widths[0][8]


def test_exact_counts_that_miss_a_plane_are_refused():
    scene = Scene([block("a", (0, 0, 0), (3, 3, 3)), block("b", (0, 0, 1), (3, 3, 2))])
    assert build_mesh(scene, MeshSettings(1.0, exact=(2, 2, 6))).grid.shape == (6, 2, 2)
    with pytest.raises(MeshError, match=r"axis z: 4 equal cells have no face at 0\.001 m"):
        build_mesh(scene, MeshSettings(1.0, exact=(2, 2, 4)))


@pytest.mark.parametrize(("axis", "side"), [(a, s) for a in range(3) for s in range(2)])
def test_area_and_place_of_a_rectangular_patch(axis, side):
    low, high = [2e-3, 3e-3], [5e-3, 9e-3]
    scene = Scene([block("a", (0, 0, 0), (10, 11, 12))], [Port("window", axis, side, tuple(low), tuple(high))])
    mesh = build_mesh(scene, MeshSettings(2.3e-3))
    patch = mesh.patches["window"]
    first, second = (mesh.grid.widths[d] for d in range(3) if d != axis)
    assert (patch.axis, patch.side) == (axis, side)
    assert float((second[:, None] * first[None, :])[patch.mask].sum()) == pytest.approx(3e-3 * 6e-3, rel=1e-9)
    u, v = (mesh.grid.centres[d] for d in range(3) if d != axis)
    rows, columns = np.nonzero(patch.mask)
    assert u[columns].min() > low[0] and u[columns].max() < high[0]
    assert v[rows].min() > low[1] and v[rows].max() < high[1]


def test_area_of_a_round_patch():
    scene = Scene([block("a", (0, 0, 0), (10, 10, 1))], [Port("hole", 2, 1, (2e-3, 2e-3), (8e-3, 8e-3), disc=True)])
    mesh = build_mesh(scene, MeshSettings(0.2e-3))
    dx, dy, _ = mesh.grid.widths
    area = float((dy[:, None] * dx[None, :])[mesh.patches["hole"].mask].sum())
    assert area == pytest.approx(np.pi * 9e-6, rel=0.02)


def test_a_port_inside_the_domain_is_led_to_its_face():
    """A plate shorter than what it stands on: its inlet lies 5 mm inside the domain."""
    scene = Scene([block("board", (0, 0, 0), (40, 20, 1)), block("plate", (5, 5, 1), (35, 15, 5)),
                   block("channel", (5, 8, 2), (35, 12, 4), "fluid"), block("post", (0, 0, 1), (4, 4, 5))],
                  [Port("inlet", 0, 0, (8e-3, 2e-3), (12e-3, 4e-3), at=5e-3),
                   Port("outlet", 0, 1, (8e-3, 2e-3), (12e-3, 4e-3), at=35e-3)])
    mesh = build_mesh(scene, SETTINGS)
    labels, count = coolant_regions(mesh)
    assert count == 1
    assert regions_at(mesh, "inlet", labels) == regions_at(mesh, "outlet", labels) == {1}
    assert float(mesh.grid.volumes()[mesh.fluid].sum()) == pytest.approx(40 * 4 * 2e-9, rel=1e-9)
    assert "inlet.duct" not in mesh.components


def test_contact_faces_have_the_area_of_the_touching_surfaces():
    scene = Scene([block("chip", (5, 3, 0), (20, 9, 1), "silicon"), block("plate", (0, 0, 1), (30, 12, 3))],
                  contacts=[ContactLayer("tim", "plate", "chip", 1e-5)])
    mesh = build_mesh(scene, SETTINGS)
    (contact,) = mesh.contacts
    nz, ny, nx = mesh.grid.shape
    k, j, i = np.unravel_index(contact.faces, (nz + 1, ny, nx))
    dx, dy, _ = mesh.grid.widths
    assert contact.axis == 2
    assert np.allclose(mesh.grid.z[k], 1e-3)
    assert float((dx[i] * dy[j]).sum()) == pytest.approx(15 * 6e-6, rel=1e-9)


def test_contact_with_anything_covers_all_sides_of_a_body():
    scene = Scene([block("case", (0, 0, 0), (9, 9, 9)), block("core", (3, 3, 3), (6, 6, 6), "silicon")],
                  contacts=[ContactLayer("all", "core", "*", 1e-5)])
    mesh = build_mesh(scene, MeshSettings(1e-3))
    assert sorted(c.axis for c in mesh.contacts) == [0, 1, 2]
    assert [c.faces.size for c in mesh.contacts] == [2 * 9] * 3


def test_a_symmetry_plane_cuts_bodies_and_drops_those_beyond():
    scene = plate()
    scene.bodies.append(block("far", (5, 10, 8), (8, 12, 9)))
    scene.low, scene.high = (0.0, 0.0, 0.0), (0.03, 4e-3, 9e-3)
    with pytest.raises(MeshError, match=r"chip: reaches from 0\.003 to 0\.009 m along y"):
        build_mesh(scene, SETTINGS)
    scene.cut = frozenset({(1, 1)})
    mesh = build_mesh(scene, SETTINGS)
    assert mesh.grid.y[-1] == scene.high[1]
    assert "far" not in mesh.components
    assert volume(mesh, "chip") == pytest.approx(15 * 1 * 0.8e-9, rel=1e-9)


def test_later_bodies_overwrite_earlier_ones():
    scene = Scene([block("a", (0, 0, 0), (4, 4, 4)), block("b", (1, 1, 1), (3, 3, 3), "silicon"),
                   block("hole", (1, 1, 1), (2, 2, 2), "void")])
    mesh = build_mesh(scene, MeshSettings(1e-3))
    assert volume(mesh, "a") == pytest.approx(56e-9)
    assert volume(mesh, "b") == pytest.approx(7e-9)
    assert int(np.count_nonzero(mesh.material == 0)) * 0.125e-9 == pytest.approx(1e-9)


@pytest.mark.parametrize(("scene", "message"), [
    (Scene(), "nothing to mesh"),
    (Scene([block("a", (0, 0, 0), (1, 1, 1))], low=(0, 0, 0), high=(5e-4, 1, 1)), "a: reaches from 0 to 0.001 m along x"),
    (Scene([block("a", (0, 0, 0), (1, 1, 1)), block("b", (0, 0, 1.00001), (1, 1, 2))]), "axis z: two planes only 1e-08 m"),
    (Scene([block("a", (0, 0, 0), (1, 1, 1))], [Port("p", 0, 0, (2e-3, 0), (3e-3, 1e-3))]), "port p: covers no face"),
    (Scene([block("a", (0, 0, 0), (1, 1, 1)), block("b", (0, 0, 2), (1, 1, 3))],
           contacts=[ContactLayer("c", "a", "b", 1e-5)]), "contact c: a and b touch nowhere"),
    (Scene([block("a", (0, 0, 0), (1, 1, 1))], contacts=[ContactLayer("c", "a", "x", 1e-5)]), "no component 'x'"),
])
def test_scenes_that_cannot_be_meshed_say_why(scene, message):
    with pytest.raises(MeshError, match=message.replace("(", r"\(")):
        build_mesh(scene, SETTINGS)


def test_a_grid_larger_than_the_machine_is_refused_before_it_is_made():
    with pytest.raises(MeshError, match=r"cells, about .* GB; this machine takes 1,000: raise mesh.max_cell"):
        build_mesh(plate(), SETTINGS, most_cells=1000)


@st.composite
def shapes(draw):
    """Boxes, cylinders, prisms and rows of them on a grid of 0.1 mm, so that planes coincide or stay apart."""
    def coordinate(low=0, high=100):
        return draw(st.integers(low, high)) * 1e-4

    kind = draw(st.sampled_from(["box", "cylinder", "extrusion"]))
    low = [coordinate() for _ in range(3)]
    size = [coordinate(1, 60) for _ in range(3)]
    high = [a + b for a, b in zip(low, size)]
    axis = draw(st.integers(0, 2))
    if kind == "box":
        shape = Box(tuple(low), tuple(high))
    elif kind == "cylinder":
        shape = Cylinder(axis, (low[0], low[1]), size[0], low[2], high[2])
    else:
        shape = Extrusion(axis, ((low[0], low[1]), (high[0], low[1]), (low[0], high[1])), low[2], high[2])
    if draw(st.booleans()):
        shape = Repeat(shape, draw(st.integers(1, 4)), (coordinate(), coordinate(), coordinate()))
    return shape


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(shapes(), st.sampled_from(["copper", "silicon", "fluid", "void"])), min_size=1, max_size=5),
       st.sampled_from(["void", "fluid", "copper"]), st.sampled_from([0.5, 1.0]))
def test_random_scenes_are_meshed_or_refused_with_a_reason(bodies, background, refine):
    scene = Scene([Body(f"b{n}", m, s) for n, (s, m) in enumerate(bodies)], [Port("p", 0, 0)], background=background)
    try:
        mesh = build_mesh(scene, MeshSettings(3e-3, growth=1.5, min_cells_gap=2, min_cells_solid=1, refine=refine))
    except MeshError as error:
        assert "planes only" in str(error) or "too small" in str(error)
        return
    low, high = (np.array([f[e] for f in mesh.grid.faces]) for e in (0, -1))
    assert float(mesh.grid.volumes().sum()) == pytest.approx(float(np.prod(high - low)))
    assert mesh.material.max() < len(mesh.materials)
    assert mesh.component.max() <= len(mesh.components)
    for body in scene.bodies:
        for d, planes in enumerate(body.shape.planes()):
            assert all(np.abs(mesh.grid.faces[d] - v).min() < 1e-9 for v in planes)


def test_a_source_beyond_a_symmetry_plane_is_refused_by_its_line(tmp_path):
    from coldrack import load
    from coldrack.solver.case import CaseError

    path = tmp_path / "half.yaml"
    path.write_text("""coldrack: 1
objects:
  near: {shape: box, material: copper, low: [0, 0, 0], high: [9 mm, 9 mm, 9 mm]}
  far: {shape: box, material: silicon, low: [0, 6 mm, 9 mm], high: [9 mm, 9 mm, 10 mm]}
sources:
  far: {component: far, power: 1 W}
boundaries:
  cold: {kind: wall, face: z-, temperature: 20 degC}
  middle: {kind: symmetry, face: y+}
domain: {low: [0, 0, 0], high: [9 mm, 5 mm, 10 mm]}
solver: {flow: false}
""")
    with pytest.raises(CaseError, match=r"half\.yaml:6:.*far lies beyond a symmetry plane"):
        load(path)
