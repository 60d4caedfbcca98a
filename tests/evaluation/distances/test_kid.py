"""KID against values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.distances.kid import compare_by_kid, cubic_kernel, unbiased_mmd


def normal(count: int, dimension: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)


def kid(real: np.ndarray, other: np.ndarray) -> float:
    return compare_by_kid(real, other)(np.ones(len(real), bool), np.ones(len(other), bool))


def test_the_kernel_is_cubic() -> None:
    first, second = np.array([[1.0, 3], [0, 0]], np.float32), np.array([[1.0, 1]], np.float32)
    assert cubic_kernel(first, second).tolist() == [[27], [1]]  # ((1 + 3) / 2 + 1) ** 3


def test_the_discrepancy_leaves_the_diagonal_out() -> None:
    first, second = np.array([[9.0, 1], [3, 9]]), np.array([[7.0, 4], [4, 7]])
    between = np.array([[1.0, 2], [3, 6]])
    assert unbiased_mmd(first, second, between) == 2 + 4 - 2 * 3


def test_features_are_divided_by_the_root_mean_square_of_the_real_ones() -> None:
    real, other = np.array([[3.0], [-3]], np.float32), np.array([[6.0], [0]], np.float32)
    # Divided by 3: {1, -1} and {2, 0}. (-1 + 1)^3 = 0, 1^3 = 1, and 3^3, 1, (-1)^3, 1 between.
    assert kid(real, other) == pytest.approx(0 + 1 - 2 * (27 + 1 - 1 + 1) / 4)
    assert kid(100 * real, 100 * other) == pytest.approx(kid(real, other))
    assert kid(np.zeros((2, 3), np.float32), np.zeros((2, 3), np.float32)) == 0


def test_it_is_zero_on_average_for_samples_of_the_same_distribution() -> None:
    values = [kid(normal(10, 3, seed), normal(10, 3, 1000 + seed)) for seed in range(400)]
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3 * error
    assert min(values) < 0 < max(values)
    shifted = [kid(normal(10, 3, seed), normal(10, 3, 1000 + seed) + 1) for seed in range(50)]
    assert np.mean(shifted) > 10 * error


def test_its_mean_does_not_depend_on_the_size_of_the_samples() -> None:
    small, large = (
        [kid(normal(size, 3, seed), normal(size, 3, 9000 + seed) + 1) for seed in range(200)]
        for size in (8, 64)
    )
    error = np.std(small) / np.sqrt(len(small))
    assert np.mean(small) == pytest.approx(np.mean(large), abs=4 * error)


def test_parts_have_the_value_of_their_kernels() -> None:
    real, other = normal(12, 5, 0), normal(20, 5, 1) + 1
    compare, scale = compare_by_kid(real, other), np.sqrt(np.square(real).mean())
    of_real, of_other = np.arange(12) % 2 == 0, np.arange(20) > 13
    one, two = real[of_real] / scale, other[of_other] / scale
    kernels = cubic_kernel(one, one), cubic_kernel(two, two), cubic_kernel(one, two)
    assert compare(of_real, of_other) == pytest.approx(unbiased_mmd(*kernels), rel=1e-5)


def test_single_clips_have_a_finite_value() -> None:
    assert kid(normal(1, 3, 0), normal(1, 3, 1)) < 0
