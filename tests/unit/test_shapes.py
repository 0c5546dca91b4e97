"""Shapes: what is inside, where their planes are, how they move and repeat."""

import numpy as np
import pytest

from coldrack.meshes.shapes import Box, Cylinder, Extrusion, Repeat, items


def volume(shape, cells=60):
    """Volume of the cells of a uniform grid over the bounding box whose centres are inside."""
    low, high = shape.bounds()
    faces = [np.linspace(a, b, cells + 1) for a, b in zip(low, high)]
    inside = shape.inside(*[0.5 * (f[1:] + f[:-1]) for f in faces])
    return float(inside.mean() * np.prod([b - a for a, b in zip(low, high)]))


def test_box_volume_is_exact():
    assert volume(Box((1.0, 2.0, 3.0), (2.0, 4.0, 6.0)), 7) == pytest.approx(6.0)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_cylinder_along_each_axis(axis):
    shape = Cylinder(axis, (0.5, -0.5), 0.4, 1.0, 3.0)
    low, high = shape.bounds()
    assert (low[axis], high[axis]) == (1.0, 3.0)
    assert [low[d] for d in range(3) if d != axis] == pytest.approx([0.1, -0.9])
    assert volume(shape) == pytest.approx(np.pi * 0.16 * 2.0, rel=0.01)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_extruded_triangle_along_each_axis(axis):
    shape = Extrusion(axis, ((0.0, 0.0), (2.0, 0.0), (0.0, 1.0)), -1.0, 2.0)
    assert volume(shape) == pytest.approx(3.0, rel=0.03)


def test_an_l_profile_gives_a_plane_for_every_straight_edge_and_an_exact_volume():
    shape = Extrusion(2, ((0, 0), (3, 0), (3, 1), (1, 1), (1, 2), (0, 2)), 0.0, 1.0)
    x, y, z = (sorted(set(p)) for p in shape.planes())
    assert (x, y, z) == ([0, 1, 3], [0, 1, 2], [0, 1])
    assert volume(shape) == pytest.approx(4.0)


def test_moving_moves_bounds_and_inside_alike():
    for shape in (Box((0, 0, 0), (1, 1, 1)), Cylinder(1, (0, 0), 1, 0, 2), Extrusion(0, ((0, 0), (1, 0), (0, 1)), 0, 1)):
        moved = shape.moved((1.0, 2.0, 3.0))
        assert np.allclose(np.array(moved.bounds()) - np.array(shape.bounds()), [1.0, 2.0, 3.0])
        rng = np.random.default_rng(3)
        x, y, z = (np.sort(rng.uniform(-1, 2, 9)) for _ in range(3))
        assert np.array_equal(shape.inside(x, y, z), moved.inside(x + 1, y + 2, z + 3))


def test_nested_repetition_has_the_volume_and_planes_of_all_copies():
    line = Repeat(Box((0, 0, 0), (0.5, 0.5, 1)), 3, (1.0, 0.0, 0.0))
    field = Repeat(line, 2, (0.0, -1.0, 0.0))
    assert len(list(items(field))) == 6
    assert field.bounds() == ((0, -1, 0), (2.5, 0.5, 1))
    x, y, _ = field.planes()
    assert sorted(set(x)) == [0, 0.5, 1, 1.5, 2, 2.5]
    assert sorted(set(y)) == [-1, -0.5, 0, 0.5]
    assert volume(field, 30) == pytest.approx(1.5)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Box((0, 0, 0), (1, 0, 1)), "upper corner"),
    (lambda: Cylinder(0, (0, 0), -1.0, 0, 1), "radius"),
    (lambda: Extrusion(0, ((0, 0), (1, 1)), 0, 1), "three points"),
    (lambda: Extrusion(0, ((0, 0), (1, 1), (2, 2)), 0, 1), "on a line"),
    (lambda: Extrusion(0, ((0, 0), (1, 1), (1, 0), (0, 1)), 0, 1), "cross"),
    (lambda: Repeat(Box((0, 0, 0), (1, 1, 1)), 0, (1, 0, 0)), "count"),
])
def test_impossible_shapes_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
