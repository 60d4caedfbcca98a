"""Sliced Wasserstein distances against values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.distances.sliced import (
    SortedProjections,
    compare_by_mind,
    compare_by_wasserstein,
    mean_gap,
    mind,
    random_directions,
)


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def all_of(count: int) -> np.ndarray:
    return np.ones(count, bool)


def test_a_shift_in_one_dimension_gives_three_times_its_square() -> None:
    values = np.array([[0.0], [1.0], [5.0]], np.float32)
    assert mind(values, values[::-1] + 2) == pytest.approx(3 * 4)


def test_a_shift_by_a_vector_gives_three_times_its_squared_length() -> None:
    values = normal(50, 20)
    shift = np.full(20, 0.5, np.float32)
    assert mind(values, values + shift) == pytest.approx(3 * 20 * 0.25, rel=0.1)


def test_it_is_zero_for_the_same_clips_in_another_order() -> None:
    values = normal(50, 20)
    assert mind(values, values[::-1]) == pytest.approx(0, abs=1e-9)


def test_sizes_must_be_equal() -> None:
    with pytest.raises(AssertionError):
        mind(np.zeros((3, 2), np.float32), np.zeros((4, 2), np.float32))


def test_directions_have_length_one_and_depend_on_the_seed() -> None:
    directions = random_directions(7, seed=0, count=5)
    assert (directions.shape, directions.dtype) == ((7, 5), np.float32)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=0), 1, rtol=1e-6)
    assert (directions == random_directions(7, 0, 5)).all()
    assert (directions != random_directions(7, 1, 5)).any()
    assert np.abs(random_directions(3, 0, 4000).mean(axis=1)).max() < 0.05  # on all sides


def test_a_part_has_the_sorted_values_of_its_clips() -> None:
    # Three clips with two vectors each, on one direction.
    projections = SortedProjections.of(np.array([[[3.0], [9]], [[1], [4]], [[5], [0]]], np.float32))
    assert projections.values.tolist() == [[0, 1, 3, 4, 5, 9]]
    assert projections.part(np.array([True, False, True])).tolist() == [[0, 3, 5, 9]]
    assert projections.part(np.array([False, True, False])).tolist() == [[1, 4]]


def test_the_gap_is_a_mean_of_powers() -> None:
    first, second = np.array([[0.0, 1], [2, 2]]), np.array([[0.0, 4], [2, 1]])
    assert mean_gap(first, second, power=1) == 1
    assert mean_gap(first, second, power=2) == 2.5


def test_the_wasserstein_distance_of_values() -> None:
    compare = compare_by_wasserstein(np.array([0.0, 1.0]), np.array([6.0, 3.0]))
    assert compare(all_of(2), all_of(2)) == 4  # (3 + 5) / 2
    assert compare(np.array([True, False]), np.array([False, True])) == 3


def test_vectors_of_a_clip_are_pooled_and_directions_averaged() -> None:
    # One clip of two vectors on two directions, which are compared separately.
    real = np.array([[[0.0, 10], [1, 20]]], np.float32)
    other = np.array([[[3.0, 10], [0, 26]]], np.float32)
    # Direction 0: {0, 1} and {0, 3}. Direction 1: {10, 20} and {10, 26}.
    assert compare_by_wasserstein(real, other)(all_of(1), all_of(1)) == (0 + 2 + 0 + 6) / 4


def test_parts_have_the_value_of_the_clips_cut_out() -> None:
    random = np.random.default_rng(1)
    samples = {
        compare_by_mind: (normal(12, 5), normal(20, 5, seed=2) + 1),
        compare_by_wasserstein: (normal(12, 3, 4), normal(20, 3, 4, seed=2) + 1),
    }
    for prepare, (real, other) in samples.items():
        compare = prepare(real, other)
        for _ in range(3):
            of_real, of_other = (random.permutation(n) < 6 for n in (12, 20))
            cut_out = prepare(real[of_real], other[of_other])(all_of(6), all_of(6))
            assert compare(of_real, of_other) == pytest.approx(cut_out, rel=1e-5)


def test_clips_are_matched_by_value_and_not_by_number() -> None:
    real, other = normal(30, 4), normal(30, 4, seed=2)
    compare, swapped = compare_by_mind(real, other), compare_by_mind(real, other[::-1])
    value = compare(all_of(30), all_of(30))
    assert swapped(all_of(30), all_of(30)) == pytest.approx(value, rel=1e-5)
    assert compare_by_mind(other, real)(all_of(30), all_of(30)) == pytest.approx(value, rel=1e-5)
