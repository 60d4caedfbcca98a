from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.features.content_change import content_change


def test_it_is_the_mean_cosine_distance_over_all_pairs() -> None:
    right, up, left = np.array([1.0, 0]), np.array([0, 1.0]), np.array([-1.0, 0])
    clips = np.array([[right, right, up], [right, up, left], [up, up, up]], np.float32)
    assert content_change(clips) == pytest.approx(np.array([2 / 3, 4 / 3, 0]), abs=1e-6)
    assert content_change(clips[:, [0, 2]]) == pytest.approx(np.array([1, 2, 0]), abs=1e-6)


def test_it_equals_the_sum_over_pairs_of_random_vectors() -> None:
    vectors = np.random.default_rng(0).normal(size=(3, 5, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    first, second = np.triu_indices(5, k=1)
    direct = (1 - (vectors[:, first] * vectors[:, second]).sum(axis=-1)).mean(axis=1)
    assert content_change(vectors) == pytest.approx(direct, abs=1e-6)
