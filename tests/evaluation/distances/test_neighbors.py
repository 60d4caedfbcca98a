"""Coverage, density and copies, against definitions in plain loops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mocogan.evaluation.distances.comparison import Compare
from mocogan.evaluation.distances.neighbors import (
    NUM_NEIGHBORS,
    compare_by_coverage,
    compare_by_density,
    compare_by_distinct_share,
    coverage,
    density,
    distances,
    distinct_share,
)


def normal(count: int, dimension: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)


def value(compare: Compare, real: np.ndarray, other: np.ndarray) -> float:
    return compare(real, other)(np.ones(len(real), bool), np.ones(len(other), bool))


def radius(real: np.ndarray, number: int) -> float:
    """Distance of a real vector to its fifth nearest other one."""
    others = [float(np.linalg.norm(real[number] - o)) for i, o in enumerate(real) if i != number]
    return sorted(others)[NUM_NEIGHBORS - 1]


def naive_coverage(real: np.ndarray, other: np.ndarray) -> float:
    covered = 0
    for number, one in enumerate(real):
        limit = radius(real, number)
        covered += any(bool(np.linalg.norm(one - o) < limit) for o in other)
    return covered / len(real)


def naive_density(real: np.ndarray, other: np.ndarray) -> float:
    inside = 0
    for number, one in enumerate(real):
        limit = radius(real, number)
        inside += sum(bool(np.linalg.norm(one - o) < limit) for o in other)
    return inside / (NUM_NEIGHBORS * len(other))


def test_distances_are_euclidean() -> None:
    first, second = np.array([[0.0, 0], [3, 4]], np.float32), np.array([[3.0, 4]], np.float32)
    assert distances(first, second).tolist() == [[5], [0]]
    one, two = normal(30), normal(20, seed=1)
    direct = np.linalg.norm(one[:, None] - two, axis=-1)
    np.testing.assert_allclose(distances(one, two), direct, rtol=1e-4)


def test_nearly_equal_vectors_far_from_zero_keep_their_distance() -> None:
    far = normal(5, 768) + 200
    near = far + np.float32(0.001)
    np.testing.assert_allclose(
        np.diag(distances(far, near)), np.linalg.norm(far - near, axis=1), rtol=1e-4
    )
    own = distances(far, far.copy())
    assert np.diag(own).tolist() == [0] * 5
    assert (own[~np.eye(5, dtype=bool)] > 1).all()
    assert not distances(np.zeros((2, 3), np.float32), np.zeros((2, 3), np.float32)).any()


@pytest.mark.parametrize(
    ("compare", "naive"),
    [(compare_by_coverage, naive_coverage), (compare_by_density, naive_density)],
)
@pytest.mark.parametrize("shift", [0, 1.5])
def test_values_are_those_of_the_definition(
    compare: Compare, naive: Callable[[np.ndarray, np.ndarray], float], shift: float
) -> None:
    real, other = normal(25), normal(40, seed=1) + np.float32(shift)
    found = value(compare, real, other)
    assert found == pytest.approx(naive(real, other))
    assert found > 0
    # With the arguments the other way round, it is another figure.
    assert value(compare, other, real) == pytest.approx(naive(other, real))
    assert value(compare, other, real) != pytest.approx(found)


def test_coverage_and_density_by_hand() -> None:
    # Real values 0, 1, ..., 9. The radius of 0 and of 9 is 5, that of 4 and of 5 is 3.
    line = np.arange(10, dtype=np.float32)[:, None]
    own = np.abs(line - line.T)
    generated = np.array([[-4.5], [100]], np.float32)
    between = np.abs(line - generated.T)
    assert coverage(own, between) == 1 / 10  # only 0 is nearer than its radius
    assert density(own, between) == 1 / (5 * 2)
    assert coverage(own, np.abs(line - np.array([[-5.0]]))) == 0  # at the radius is outside


def test_a_collapsed_generator_loses_coverage_and_not_density() -> None:
    real, perfect = normal(200), normal(200, seed=1)
    collapsed = np.tile(normal(4, seed=2) / 2, (50, 1))
    assert value(compare_by_coverage, real, perfect) > 0.9
    assert value(compare_by_coverage, real, collapsed) < 0.4
    assert value(compare_by_density, real, perfect) == pytest.approx(1, abs=0.2)
    assert value(compare_by_density, real, collapsed) > 1
    # With swapped arguments, density would fall and coverage would not tell the lost modes.
    assert value(compare_by_density, collapsed, real) < 0.1


def test_few_real_clips_have_fewer_neighbors() -> None:
    line = np.array([[0.0], [1], [3]], np.float32)
    # With two other clips each, the radii are 3, 2 and 3.
    assert value(compare_by_coverage, line, np.array([[-1.5]], np.float32)) == pytest.approx(1 / 3)
    assert value(compare_by_density, line, np.array([[-1.5]], np.float32)) == pytest.approx(1 / 2)


@pytest.mark.parametrize("compare", [compare_by_coverage, compare_by_density])
def test_a_single_real_clip_has_no_neighborhood(compare: Compare) -> None:
    assert value(compare, np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32)) == 0


@pytest.mark.parametrize("compare", [compare_by_coverage, compare_by_density])
def test_parts_have_the_value_of_the_clips_cut_out(compare: Compare) -> None:
    real, other = normal(24), normal(40, seed=1)
    prepared, random = compare(real, other), np.random.default_rng(2)
    for _ in range(3):
        of_real, of_other = (random.permutation(count) < 12 for count in (24, 40))
        cut_out = value(compare, real[of_real], other[of_other])
        assert prepared(of_real, of_other) == pytest.approx(cut_out)


def test_the_distinct_share_counts_each_clip_once() -> None:
    places = np.array([0.0, 5, 0, 0.5, 9, 5])
    own = np.abs(places[:, None] - places)
    assert distinct_share(own, same=0) == pytest.approx(4 / 6)
    assert distinct_share(own, same=0.5) == pytest.approx(3 / 6)  # 0, 5 and 9
    assert distinct_share(own, same=100) == pytest.approx(1 / 6)
    assert distinct_share(own[1:2, 1:2], same=0) == 1


def test_clips_nearer_than_a_quarter_of_real_neighbors_are_the_same() -> None:
    # The nearest different real clips are 8, 8, 8 and 12 away (the repeated clip does not count).
    real = np.array([[0.0], [0], [8], [20]], np.float32)
    other = np.array([[50.0], [51.9], [60], [62.1]], np.float32)
    assert value(compare_by_distinct_share, real, other) == 3 / 4
    assert value(compare_by_distinct_share, real, real) == 3 / 4
    part = compare_by_distinct_share(real, other)
    everything = np.ones(4, bool)
    assert part(everything, np.array([True, False, True, True])) == 1
    assert part(everything, np.array([True, True, False, False])) == 1 / 2


def test_if_all_real_clips_are_the_same_only_exact_copies_are() -> None:
    other = np.array([[1.0], [1], [1.001]], np.float32)
    same = np.zeros((3, 1), np.float32)
    assert value(compare_by_distinct_share, same, other) == pytest.approx(2 / 3)
