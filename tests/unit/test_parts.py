"""Parametric plates: bodies in bounds, coolant connected from inlet to outlet, volumes, fins, solid base."""

import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from coldrack.meshes.build import build_mesh
from coldrack.meshes.connect import coolant_regions, regions_at
from coldrack.meshes.parts import PinFinPlate, SerpentinePlate, SplitFlowPlate, StraightFinPlate
from coldrack.meshes.scene import MeshSettings, Scene

MM = 1e-3
ORIGIN = (3 * MM, -2 * MM, 5 * MM)
STRAIGHT = StraightFinPlate(ORIGIN, (40 * MM, 13 * MM), 2 * MM, 0.5 * MM, 1 * MM, 3 * MM, 24 * MM, 1.5 * MM, 2 * MM)
SPLIT = SplitFlowPlate(
    ORIGIN, (44 * MM, 13 * MM), base_thickness=2 * MM, fin_thickness=0.5 * MM, fin_gap=1 * MM, fin_height=3 * MM,
    fin_length=30 * MM, slot_width=2 * MM, plenum_width=6 * MM, slot_plate_thickness=1 * MM, manifold_height=3 * MM,
    cover_thickness=1.5 * MM, wall_thickness=2 * MM, inlet_size=(4 * MM, 5 * MM), outlet_size=(3 * MM, 4 * MM))
SERPENTINE = SerpentinePlate(ORIGIN, (40 * MM, 30 * MM, 8 * MM), passes=4, channel_width=4 * MM, channel_height=3 * MM,
                             rib=2 * MM, margin=3 * MM, floor=2 * MM)
PINS = PinFinPlate(ORIGIN, (30 * MM, 16 * MM), 2 * MM, 1 * MM, 3 * MM, (3 * MM, 2 * MM), 20 * MM, 1 * MM, 2 * MM)
PLATES = {
    "straight": STRAIGHT,
    "straight, small end ports": dataclasses.replace(STRAIGHT, port_size=(4 * MM, 2 * MM)),
    "straight, through the cover": dataclasses.replace(STRAIGHT, port_size=(3 * MM, 5 * MM), through="cover"),
    "split": SPLIT,
    "serpentine, even": SERPENTINE,
    "serpentine, odd": dataclasses.replace(SERPENTINE, passes=3),
    "serpentine, single": dataclasses.replace(SERPENTINE, passes=1),
    "pins": PINS,
    "pins, staggered": dataclasses.replace(PINS, staggered=True),
    "pins, round": dataclasses.replace(PINS, round_pins=True),
}


def meshed(part, max_cell=2 * MM):
    scene = Scene(part.bodies("plate"), part.ports("plate"), part.contacts("plate"))
    return build_mesh(scene, MeshSettings(max_cell, growth=1.5))


def volume(mesh, *names):
    return sum(float(mesh.grid.volumes()[mesh.cells_of(f"plate.{n}")].sum()) for n in names)


def coolant_volume(mesh):
    return float(mesh.grid.volumes()[mesh.fluid].sum())


def box_volume(part):
    low, high = (np.array(c) for c in part.bounds())
    return float(np.prod(high - low))


@pytest.fixture(scope="module", params=PLATES, ids=str)
def plate(request):
    part = PLATES[request.param]
    return part, meshed(part)


def test_bodies_and_ports_lie_within_the_bounds(plate):
    part, mesh = plate
    low, high = (np.array(c) for c in part.bounds())
    assert np.allclose(low, ORIGIN)
    assert high[2] - low[2] == pytest.approx(part.height)
    for body in part.bodies("plate"):
        a, b = (np.array(c) for c in body.shape.bounds())
        assert np.all(a >= low - 1e-12) and np.all(b <= high + 1e-12), body.name
    for port in part.ports("plate"):
        assert port.at == pytest.approx((low, high)[port.side][port.axis])
    assert np.allclose([[f[0], f[-1]] for f in mesh.grid.faces], np.stack([low, high], axis=1))


def test_coolant_is_one_region_from_inlet_to_every_outlet(plate):
    part, mesh = plate
    labels, count = coolant_regions(mesh)
    assert count == 1
    ports = {p.name for p in part.ports("plate")}
    assert "plate.inlet" in ports and len(ports) >= 2
    for name in ports:
        assert regions_at(mesh, name, labels) == {1}, name
        patch = mesh.patches[name]
        wet = np.moveaxis(mesh.fluid, 2 - patch.axis, 0)[-patch.side]
        assert wet[patch.mask].all(), f"{name} covers metal"


def test_metal_is_one_piece_and_closed_but_for_the_ports(plate):
    part, mesh = plate
    assert ndimage.label(mesh.material > 1)[1] == 1
    assert not (mesh.material == 0).any()
    opened = {(p.axis, p.side) for p in part.ports("plate")}
    for axis in range(3):
        for side in range(2):
            wet = np.moveaxis(mesh.fluid, 2 - axis, 0)[-side]
            allowed = np.zeros_like(wet)
            for p in part.ports("plate"):
                if (p.axis, p.side) == (axis, side):
                    allowed |= mesh.patches[p.name].mask
            assert not (wet & ~allowed).any(), (axis, side, opened)


def test_the_base_is_solid(plate):
    part, mesh = plate
    thickness = getattr(part, "base_thickness", None) or part.floor
    below = mesh.grid.centres[2] < ORIGIN[2] + thickness
    assert below.sum() >= 2
    assert (mesh.material[below] > 1).all()
    assert np.abs(mesh.grid.z - (ORIGIN[2] + thickness)).min() < 1e-12


def test_metal_and_coolant_fill_the_block(plate):
    part, mesh = plate
    metal = float(mesh.grid.volumes()[mesh.material > 1].sum())
    assert metal + coolant_volume(mesh) == pytest.approx(box_volume(part), rel=1e-9)


@pytest.mark.parametrize("name", ["straight", "split"])
def test_fins_have_their_number_gap_thickness_and_height(name):
    part = PLATES[name]
    mesh = meshed(part)
    assert part.count == 5  # (13 - 2 x 2 - 1) / 1.5, rounded down
    assert volume(mesh, "fins") == pytest.approx(5 * 0.5 * 3 * part.fin_length / MM * 1e-9, rel=1e-9)
    k, j, i = (v[0] for v in np.nonzero(mesh.cells_of("plate.fins")))
    across = mesh.cells_of("plate.fins")[k, :, i]
    edges = mesh.grid.y[np.flatnonzero(np.diff(np.concatenate([[0], across.astype(int), [0]])))]
    starts, ends = edges[::2], edges[1::2]
    assert np.allclose(ends - starts, 0.5 * MM)
    assert np.allclose(starts[1:] - ends[:-1], 1 * MM)
    for a, b in zip(ends[:-1], starts[1:]):
        assert int(((mesh.grid.centres[1] > a) & (mesh.grid.centres[1] < b)).sum()) >= 4
    wet = mesh.fluid[k, :, i]
    assert float(mesh.grid.widths[1][wet].sum()) == pytest.approx(6 * MM)
    assert np.allclose(mesh.grid.widths[1], mesh.grid.widths[1][::-1], rtol=0.1)  # centred in the plate


def test_coolant_volume_of_straight_plates():
    field, fins = 5 * 0.5 + 6 * 1.0, 5 * 0.5 * 3 * 24
    chamber = 36 * field * 3 - fins
    for name, ports in (("straight", 2 * 2 * field * 3), ("straight, small end ports", 2 * 2 * 4 * 2),
                        ("straight, through the cover", 2 * 3 * 5 * 1.5)):
        assert coolant_volume(meshed(PLATES[name])) == pytest.approx((chamber + ports) * 1e-9, rel=1e-9), name


def test_coolant_volume_of_the_split_flow_plate():
    field, fins, end = 8.5, 5 * 0.5 * 3 * 30, 0.5 * (40 - 30)
    expected = 40 * field * 3 - fins + 2 * end * field * (1 + 3) + 2 * field * 1 + 6 * field * 3
    expected += (4 * 5 + 2 * 3 * 4) * 1.5
    assert coolant_volume(meshed(SPLIT)) == pytest.approx(expected * 1e-9, rel=1e-9)


def test_the_slot_is_the_only_way_from_the_distribution_plenum_to_the_fins():
    mesh = meshed(SPLIT)
    z = ORIGIN[2] + (2 + 3 + 0.5) * MM
    wet = mesh.fluid[int(np.searchsorted(mesh.grid.z, z)) - 1]
    x = mesh.grid.centres[0]
    middle = ORIGIN[0] + 22 * MM
    over_fins = np.abs(x - middle) < 15 * MM
    slot = np.abs(x - middle) < 1 * MM
    assert not wet[:, over_fins & ~slot].any()
    assert float(mesh.grid.widths[1][wet[:, slot].all(axis=1)].sum()) == pytest.approx(8.5 * MM)


@pytest.mark.parametrize("passes", [1, 3, 4])
def test_length_of_the_serpentine(passes):
    """Straight passes end at the outer edge of the turns; a turn bridges one rib."""
    part = dataclasses.replace(SERPENTINE, passes=passes)
    straight = 40.0 if passes == 1 else 2 * (40 - 3) + (passes - 2) * (40 - 6)
    area = 4 * straight + (passes - 1) * 2 * 4
    assert coolant_volume(meshed(part)) == pytest.approx(area * 3 * 1e-9, rel=1e-9)
    inlet, outlet = part.ports("plate")
    assert (inlet.side, outlet.side) == (0, passes % 2)


@pytest.mark.parametrize(("name", "count", "tolerance"), [("pins", 7 * 6, 1e-9), ("pins, staggered", 4 * 6 + 3 * 5, 1e-9)])
def test_number_of_square_pins(name, count, tolerance):
    mesh = meshed(PLATES[name])
    pins = mesh.cells_of("plate.pins")
    assert ndimage.label(pins)[1] == count
    assert volume(mesh, "pins") == pytest.approx(count * 1 * 1 * 3e-9, rel=tolerance)
    assert coolant_volume(mesh) == pytest.approx((30 * 12 * 3 - count * 3) * 1e-9, rel=tolerance)


def test_round_pins_have_nearly_a_circle_s_section():
    assert volume(meshed(PLATES["pins, round"]), "pins") == pytest.approx(7 * 6 * np.pi / 4 * 3e-9, rel=0.05)


def test_staggered_rows_are_half_a_pitch_across():
    mesh = meshed(PLATES["pins, staggered"])
    k = int(np.searchsorted(mesh.grid.z, ORIGIN[2] + 3 * MM))
    pins = mesh.cells_of("plate.pins")[k]
    rows = [float(mesh.grid.y[:-1][pins[:, i]].min()) for i in np.flatnonzero(pins.any(axis=0))]
    assert max(rows) - min(rows) == pytest.approx(1 * MM)


@pytest.mark.parametrize(("part", "changes", "message"), [
    (STRAIGHT, {"fin_length": 36 * MM}, "leaves no plenums"),
    (STRAIGHT, {"fin_gap": 8 * MM}, "no fin of"),
    (STRAIGHT, {"through": "side"}, "'ends' or 'cover'"),
    (STRAIGHT, {"port_size": (4 * MM, 4 * MM)}, "room for 0.0085 by 0.003 m"),
    (STRAIGHT, {"port_size": (7 * MM, 4 * MM), "through": "cover"}, "room for 0.006 by 0.0085 m"),
    (SPLIT, {"fin_length": 40 * MM}, "no end plenums"),
    (SPLIT, {"slot_width": 7 * MM}, "slot_width <= plenum_width"),
    (SPLIT, {"outlet_size": (6 * MM, 4 * MM)}, r"end plenums \(0.005 m"),
    (SERPENTINE, {"passes": 6}, "need a width of 0.034 m"),
    (SERPENTINE, {"channel_height": 6 * MM}, "less height"),
    (SERPENTINE, {"margin": 17 * MM}, "the turns need a length"),
    (PINS, {"pitch": (1 * MM, 2 * MM)}, "pitch must exceed"),
    (PINS, {"field_length": 31 * MM}, "does not fit"),
])
def test_plates_that_cannot_be_made_say_why(part, changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(part, **changes)


@pytest.mark.parametrize("changes", [
    {"outlet_size": (5 * MM, 4 * MM)}, {"inlet_size": (6 * MM, 5 * MM)}, {"slot_width": 6 * MM},
])
def test_openings_that_fit_exactly_are_accepted(changes):
    part = dataclasses.replace(SPLIT, **changes)
    labels, count = coolant_regions(meshed(part))
    assert count == 1
