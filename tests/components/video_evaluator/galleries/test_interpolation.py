"""Latents between those of seeds."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.components.video_evaluator.galleries.interpolation import between
from mocogan.components.video_evaluator.sampling import ClipLatents


def test_weights_between_keyframes_keep_the_distribution():
    random = np.random.default_rng(0)
    parts = [random.standard_normal((2, *shape), np.float32) for shape in ((400,), (5, 80), (400,))]
    keyframes = ClipLatents(*parts, category=np.array([4, 6]), z_caption=np.zeros((2, 0)))
    mixed = between(keyframes, np.array([0.0, 0.5, 1.0, 1.5]), "motion")
    assert mixed.motion_noise.shape == (4, 5, 80)
    np.testing.assert_array_equal(mixed.motion_noise[[0, 2]], keyframes.motion_noise)
    halfway = (keyframes.first_state[0] + keyframes.first_state[1]) / np.sqrt(2)
    np.testing.assert_allclose(mixed.first_state[1], halfway, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(mixed.first_state[3], halfway, rtol=1e-5, atol=1e-6)
    assert mixed.first_state.std(axis=1) == pytest.approx([1] * 4, abs=0.15)
    assert mixed.motion_noise.dtype == np.float32
    np.testing.assert_array_equal(mixed.z_content, keyframes.z_content[[0] * 4])
    assert mixed.category.tolist() == [4] * 4
