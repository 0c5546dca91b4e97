"""Faces of one axis: on every plane, enough cells, none too wide, neighbours within the growth limit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldrack.meshes.axes import AxisError, axis_faces, unique_planes

TOLERANCE = 1e-5  # of the growth limit: round-off of the linear programme


def steepest(faces):
    return float(np.exp(np.abs(np.diff(np.log(np.diff(faces)))).max(initial=0.0)))


def cells_between(faces, planes):
    return np.diff(np.searchsorted(faces, planes))


@st.composite
def axes(draw):
    """Planes, fewest cells, largest width and growth of an axis such as a package and a plate have."""
    lengths = draw(st.lists(st.floats(1e-5, 3e-2), min_size=1, max_size=10))
    planes = draw(st.floats(-0.1, 0.1)) + np.concatenate([[0.0], np.cumsum(lengths)])
    least = np.array([draw(st.integers(1, 8)) for _ in lengths])
    largest = float(np.ptp(planes)) / draw(st.floats(1.0, 100.0))
    return planes, least, largest, draw(st.sampled_from([1.05, 1.2, 1.3, 1.5, 2.0]))


@settings(max_examples=80, deadline=None)
@given(axes())
def test_every_demand_is_met(axis):
    planes, least, largest, growth = axis
    faces = axis_faces(planes, least, largest, growth)
    assert np.all(np.diff(faces) > 0)
    assert np.isin(planes, faces).all()
    assert np.all(cells_between(faces, planes) >= least)
    assert np.diff(faces).max() <= largest * (1 + 1e-5)
    assert steepest(faces) <= growth * (1 + TOLERANCE)


@settings(max_examples=40, deadline=None)
@given(axes(), st.sampled_from([2, 3]))
def test_whole_refinement_keeps_every_face_and_flattens_the_growth(axis, refine):
    planes, least, largest, growth = axis
    coarse, fine = axis_faces(planes, least, largest, growth), axis_faces(planes, least, largest, growth, refine)
    assert fine.size - 1 == refine * (coarse.size - 1)
    assert np.array_equal(fine[::refine], coarse)
    assert np.all(np.diff(fine) > 0)
    assert steepest(fine) <= growth * (1 + TOLERANCE)


@settings(max_examples=40, deadline=None)
@given(axes(), st.floats(1.0, 3.0))
def test_any_refinement_keeps_the_planes_and_multiplies_the_counts(axis, refine):
    planes, least, largest, growth = axis
    base, faces = axis_faces(planes, least, largest, growth), axis_faces(planes, least, largest, growth, refine)
    assert np.isin(planes, faces).all()
    assert np.all(np.diff(faces) > 0)
    assert np.array_equal(cells_between(faces, planes), np.ceil(cells_between(base, planes) * refine - 1e-9))


@settings(max_examples=40, deadline=None)
@given(axes(), st.sampled_from([0.25, 0.5, 0.8]))
def test_coarsening_lowers_the_demands_and_keeps_the_cells_similar(axis, refine):
    planes, least, largest, growth = axis
    base, faces = axis_faces(planes, least, largest, growth), axis_faces(planes, least, largest, growth, refine)
    assert np.isin(planes, faces).all()
    assert np.all(cells_between(faces, planes) >= least * refine - 1e-9)
    assert np.diff(faces).max() <= largest / refine * (1 + 1e-5)
    assert steepest(faces) <= max(growth, min(growth ** (1 / refine), 2.0)) * (1 + TOLERANCE)
    assert faces.size <= base.size + 2 * planes.size


def test_growth_holds_across_planes_where_whole_numbers_of_cells_do_not_fit():
    """A millimetre between two half millimetres: one cell would be twice as wide as its neighbours, two are right."""
    faces = axis_faces(np.array([0.0, 0.5, 1.5, 2.0]), np.array([1, 1, 1]), 1.0, 1.3)
    assert np.allclose(np.diff(faces), 0.5)
    faces = axis_faces(np.array([0.0, 1.0, 1.9, 2.9]), np.array([1, 1, 1]), 1.0, 1.3)
    assert np.allclose(np.diff(faces), [1.0, 0.9, 1.0])  # 1.11 is within the limit: no cell is spent on it


def test_cells_of_fins_and_gaps_are_equal():
    """The finest intervals are uniform, whatever stands beside them."""
    pitch, fins = 0.75e-3, 20
    starts = 5e-3 + pitch * np.arange(fins + 1)
    planes = np.unique(np.concatenate([[0.0], starts, starts[:-1] + 0.5e-3, [starts[-1] + 5e-3]]))
    least = np.array([1, *[4, 2] * fins, 1])
    faces = axis_faces(planes, least, 1.5e-3, 1.3)
    inner = faces[(faces >= 5e-3 - 1e-12) & (faces <= starts[-1] + 1e-12)]
    assert inner.size - 1 == 6 * fins
    assert np.allclose(np.diff(inner), 0.125e-3, rtol=1e-9)


def test_cells_grow_as_fast_as_allowed_away_from_a_thin_layer():
    """The number of cells is near ln(1 + (growth - 1) L / h) / ln(growth), the fewest that the limit admits."""
    thin, long, growth = 2.5e-5, 2e-2, 1.3
    faces = axis_faces(np.array([0.0, 2 * thin, 2 * thin + long]), np.array([2, 1]), 1.0, growth)
    fewest = np.log(1.0 + (growth - 1.0) * long / (growth * thin)) / np.log(growth)
    assert fewest <= faces.size - 3 <= fewest + 2


def test_a_mirrored_axis_has_mirrored_faces():
    planes = np.array([0.0, 1.0, 1.2, 4.0, 4.05, 7.0])
    least = np.array([1, 3, 1, 2, 1])
    faces = axis_faces(planes, least, 0.8, 1.25)
    mirrored = axis_faces(7.0 - planes[::-1], least[::-1], 0.8, 1.25)
    assert np.allclose(np.diff(faces), np.diff(mirrored)[::-1], rtol=0.05)
    assert faces.size == mirrored.size


def test_a_limit_that_takes_too_many_cells_is_refused():
    with pytest.raises(AxisError, match="raise the growth"):
        axis_faces(np.array([0.0, 0.5, 0.5 + 2e-7, 1.0]), np.array([1, 4, 1]), 0.1, 1.0003)


def test_planes_that_are_equal_but_for_round_off_are_one():
    assert unique_planes([0.1 + 0.2, 0.3, 1.0]).tolist() == [0.3, 1.0]


def test_planes_nearer_than_a_sliver_are_refused():
    with pytest.raises(AxisError, match=r"5e-08 m apart near 0\.3 m"):
        unique_planes([0.0, 0.3, 0.3 + 5e-8, 1.0])
