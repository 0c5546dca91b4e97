"""The package stack: layers at their heights, interface by thickness or resistance, areas of contact."""

import dataclasses

import numpy as np
import pytest

from coldrack.meshes.build import build_mesh
from coldrack.meshes.parts import Die, PackageStack, StraightFinPlate
from coldrack.meshes.scene import MeshSettings, Scene

MM = 1e-3
DIES = (Die("gpu", 10 * MM, 5 * MM, 12 * MM, 15 * MM), Die("hbm", 3 * MM, 6 * MM, 5 * MM, 4 * MM, "hbm_stack"))
BARE = PackageStack((0.0, 0.0, 0.0), (30 * MM, 25 * MM), DIES, 1.5 * MM, 0.8 * MM, tim_thickness=0.05 * MM,
                    tim_material="thermal_grease")
LIDDED = dataclasses.replace(BARE, lid_thickness=2 * MM, tim2_thickness=0.1 * MM, tim2_material="thermal_grease")
AREAS = {"gpu": 12 * 15e-6, "hbm": 5 * 4e-6}


def stacked(package, size=(34 * MM, 25 * MM)):
    """The package with a plate centred on it, as `on:` does in a case."""
    x, y = (0.5 * (p - s) for p, s in zip(package.size, size))
    plate = StraightFinPlate((x, y, package.height), size, 2 * MM, 0.5 * MM, 1 * MM, 3 * MM, 24 * MM, 1 * MM, 2 * MM)
    package = dataclasses.replace(package, above="plate.base")
    scene = Scene([*package.bodies("package"), *plate.bodies("plate")], plate.ports("plate"), package.contacts("package"))
    return build_mesh(scene, MeshSettings(3 * MM, growth=1.5))


def layer(mesh, name):
    """Lowest and highest z, and the area of a component."""
    cells = mesh.cells_of(name)
    k = np.flatnonzero(cells.any(axis=(1, 2)))
    area = (cells[k[0]] * (mesh.grid.widths[1][:, None] * mesh.grid.widths[0])).sum()
    return mesh.grid.z[k[0]] / MM, mesh.grid.z[k[-1] + 1] / MM, float(area), k.size


def contact_area(mesh, contact):
    nz, ny, nx = mesh.grid.shape
    assert contact.axis == 2
    k, j, i = np.unravel_index(contact.faces, (nz + 1, ny, nx))
    return float((mesh.grid.widths[0][i] * mesh.grid.widths[1][j]).sum()), np.unique(mesh.grid.z[k])


def test_layers_of_a_bare_die_package():
    mesh = stacked(BARE)
    assert layer(mesh, "package.substrate")[:3] == pytest.approx((0.0, 1.5, 30 * 25e-6))
    for name, area in AREAS.items():
        assert layer(mesh, name)[:3] == pytest.approx((1.5, 2.3, area))
        assert layer(mesh, name)[3] >= 4
    low, high, area, cells = layer(mesh, "package.tim")
    assert (low, high, area) == pytest.approx((2.3, 2.35, sum(AREAS.values())))
    assert cells >= 2
    assert layer(mesh, "plate.base")[:3] == pytest.approx((2.35, 4.35, 34 * 25e-6))
    assert not mesh.contacts


def test_layers_of_a_lidded_package():
    mesh = stacked(LIDDED)
    assert layer(mesh, "package.lid")[:3] == pytest.approx((2.35, 4.35, 30 * 25e-6))
    assert layer(mesh, "package.tim2")[:3] == pytest.approx((4.35, 4.45, 30 * 25e-6))
    assert layer(mesh, "plate.base")[0] == pytest.approx(4.45)
    assert LIDDED.height == pytest.approx(4.45 * MM)


def test_interfaces_by_resistance_lie_on_the_dies_faces():
    package = dataclasses.replace(BARE, tim_thickness=0.0, tim_material="", tim_resistance=1e-5)
    mesh = stacked(package)
    assert {c.name for c in mesh.contacts} == {"package.tim.gpu", "package.tim.hbm"}
    for contact in mesh.contacts:
        area, z = contact_area(mesh, contact)
        assert area == pytest.approx(AREAS[contact.name.split(".")[-1]])
        assert z == pytest.approx([2.3 * MM])
        assert contact.resistance == 1e-5


def test_both_interfaces_of_a_lidded_package_by_resistance():
    package = dataclasses.replace(LIDDED, tim_thickness=0.0, tim_resistance=1e-5, tim2_thickness=0.0, tim2_resistance=2e-5)
    mesh = stacked(package)
    areas = {c.name.removeprefix("package."): contact_area(mesh, c)[0] for c in mesh.contacts}
    assert areas == pytest.approx({"tim.gpu": AREAS["gpu"], "tim.hbm": AREAS["hbm"], "tim2": 30 * 25e-6})


def test_a_plate_smaller_than_its_package_has_its_end_ports_led_out():
    mesh = stacked(BARE, (29 * MM, 15 * MM))
    assert mesh.grid.x[0] == 0.0
    for name in ("plate.inlet", "plate.outlet"):
        patch = mesh.patches[name]
        assert np.moveaxis(mesh.fluid, 2, 0)[-patch.side][patch.mask].all()


@pytest.mark.parametrize(("dies", "message"), [
    ((Die("a", 20 * MM, 0.0, 11 * MM, 5 * MM),), "die a: reaches over"),
    ((Die("a", -1 * MM, 0.0, 11 * MM, 5 * MM),), "die a: reaches over"),
    ((Die("a", 0.0, 0.0, 10 * MM, 5 * MM), Die("b", 9 * MM, 4 * MM, 5 * MM, 5 * MM)), "overlap"),
])
def test_dies_that_do_not_fit_are_refused(dies, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(BARE, dies=dies)


def test_dies_may_touch_each_other_and_the_edge():
    dies = (Die("a", 0.0, 0.0, 0.1 + 0.2, 5 * MM), Die("b", 0.3, 0.0, 0.1, 5 * MM))
    assert len(dataclasses.replace(BARE, size=(0.4, 25 * MM), dies=dies).dies) == 2
