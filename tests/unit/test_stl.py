"""Triangulated surfaces: volumes of known bodies on grids, and files that are no closed surface."""

import numpy as np
import pytest
import pyvista as pv

from coldrack.meshes.build import build_mesh
from coldrack.meshes.scene import Body, MeshSettings, Scene
from coldrack.meshes.stl import Stl, read_stl


def save(surface, path, binary=True):
    surface.triangulate().save(path, binary=binary)
    return str(path)


def solid_volume(shape, max_cell):
    mesh = build_mesh(Scene([Body("body", "copper", shape)]), MeshSettings(max_cell))
    return float(mesh.grid.volumes()[mesh.cells_of("body")].sum())


@pytest.mark.parametrize("binary", [True, False])
def test_cube_is_exact_and_scaled_from_millimetres(tmp_path, binary):
    path = save(pv.Cube(center=(5, 0, 0), x_length=10, y_length=20, z_length=30), tmp_path / "cube.stl", binary)
    shape = Stl(path, scale=1e-3, offset=(0.0, 0.1, 0.0))
    low, high = shape.bounds()
    assert low == pytest.approx((0.0, 0.09, -0.015))
    assert high == pytest.approx((0.01, 0.11, 0.015))
    assert solid_volume(shape, 3e-3) == pytest.approx(6e-6, rel=1e-6)


def test_volume_of_a_sphere_converges_to_that_of_its_facets(tmp_path):
    ball = pv.Sphere(radius=1.0, theta_resolution=40, phi_resolution=40)
    shape = Stl(save(ball, tmp_path / "ball.stl"))
    errors = [abs(solid_volume(shape, h) / ball.volume - 1.0) for h in (0.2, 0.05)]
    assert errors[0] < 0.1
    assert errors[1] < 0.005


def test_a_body_with_a_through_hole_has_the_hole(tmp_path):
    ring = pv.ParametricTorus(ringradius=1.0, crosssectionradius=0.4)
    shape = Stl(save(ring.extract_surface(algorithm="dataset_surface").clean(), tmp_path / "ring.stl"))
    assert not shape.inside(np.array([0.0]), np.array([0.0]), np.array([0.0])).any()
    assert shape.inside(np.array([1.0]), np.array([0.0]), np.array([0.0])).all()
    assert solid_volume(shape, 0.05) == pytest.approx(2 * np.pi**2 * 0.16, rel=0.02)


def test_inside_agrees_with_vtk_on_random_points(tmp_path):
    """A rotated, lopsided body against VTK's own test."""
    body = pv.Cone(direction=(1.0, 0.4, 0.2), height=2.0, radius=0.8, resolution=17).triangulate()
    shape = Stl(save(body, tmp_path / "cone.stl"))
    rng = np.random.default_rng(7)
    x, y, z = (np.sort(rng.uniform(-1, 1, 12)) for _ in range(3))
    zz, yy, xx = np.meshgrid(z, y, x, indexing="ij")
    cloud = pv.PolyData(np.stack([xx.ravel(), yy.ravel(), zz.ravel()], axis=1))
    select = getattr(cloud, "select_interior_points", None) or cloud.select_enclosed_points  # by PyVista's version
    marked = select(body)
    name = "selected_points" if "selected_points" in marked.point_data else "SelectedPoints"
    theirs = np.asarray(marked[name], bool).reshape(12, 12, 12)
    assert theirs.sum() > 50
    assert np.array_equal(shape.inside(x, y, z), theirs)


def test_moving_a_surface(tmp_path):
    shape = Stl(save(pv.Cube(), tmp_path / "cube.stl"))
    low, high = shape.moved((1.0, 2.0, 3.0)).bounds()
    assert low == pytest.approx((0.5, 1.5, 2.5))
    assert high == pytest.approx((1.5, 2.5, 3.5))


def test_triangles_turned_the_wrong_way_do_no_harm(tmp_path):
    cube = pv.Cube().triangulate()
    faces = cube.faces.reshape(-1, 4).copy()
    faces[3, 1:] = faces[3, :0:-1]
    shape = Stl(save(pv.PolyData(cube.points, faces.ravel()), tmp_path / "turned.stl"))
    assert solid_volume(shape, 0.2) == pytest.approx(1.0)


def test_an_open_surface_is_refused_with_the_place(tmp_path):
    cube = pv.Cube().triangulate().clean()
    path = save(pv.PolyData(cube.points, cube.faces[4:]), tmp_path / "open.stl")
    with pytest.raises(ValueError, match=r"open\.stl: the surface is not closed: 3 edges .* \(-?0\.5, .*repair"):
        read_stl(path)


@pytest.mark.parametrize(("content", "message"), [
    (b"", "holds no triangles"),
    (b"just words", "holds no triangles"),
    (b"solid x\nfacet\nouter loop\nvertex 0 0 0\nvertex 1 0", "not a complete"),
    (bytes(80) + (1000).to_bytes(4, "little") + bytes(90), "cut short"),
    (bytes(80) + (1).to_bytes(4, "little") + np.full(12, np.nan, "<f4").tobytes() + bytes(2), "not finite"),
])
def test_files_that_are_no_surface_are_refused(tmp_path, content, message):
    path = tmp_path / "bad.stl"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_stl(path)
