from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.norms.standardization import Standardization

EVEN = 3**-0.5  # standard deviation of values spread evenly over [-1, 1]


def random_clips(seed: int, low: int = 0, high: int = 256) -> np.ndarray:
    values = np.random.default_rng(seed).integers(low, high, [6, 3, 4, 4, 3])
    return (values // [1, 2, 3]).astype(np.uint8)  # each channel has its own range


def test_it_changes_nothing_before_it_saw_data() -> None:
    clips = tf.random.stateless_uniform([2, 3, 4, 4, 3], [1, 2], -1.0, 1.0)
    np.testing.assert_array_equal(Standardization()(clips), clips)


def test_adapted_pixels_have_the_moments_of_evenly_spread_values() -> None:
    clips = random_clips(1)
    layer = Standardization()
    layer.adapt(tf.split(tf.constant(clips), [1, 3, 2]))
    pixels = layer(tf.cast(clips, tf.float32) / 127.5 - 1).numpy().reshape(-1, 3)
    np.testing.assert_allclose(pixels.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(pixels.std(axis=0), EVEN, rtol=1e-5)


def test_generated_clips_are_standardized_by_the_moments_of_real_ones() -> None:
    layer = Standardization()
    layer.adapt([tf.constant(random_clips(1))])
    gray = layer(tf.zeros([1, 1, 1, 1, 3])).numpy().ravel()
    assert (np.diff(gray) > 0.1).all()  # the later channels of the real clips are darker


def test_clips_without_contrast_stay_finite() -> None:
    layer = Standardization()
    layer.adapt([tf.fill([2, 3, 4, 4, 3], tf.constant(7, tf.uint8))])
    one_level_brighter = tf.fill([1, 1, 1, 1, 3], (8 - 127.5) / 127.5)
    np.testing.assert_allclose(layer(one_level_brighter), EVEN, atol=1e-3)


def test_its_values_are_saved_but_not_trained() -> None:
    layer = Standardization()
    assert layer.trainable_variables == ()
    assert [variable.name for variable in layer.variables] == ["mean:0", "stddev:0"]


@pytest.mark.parametrize("shape", [[5, 3], [2, 3, 4, 4, 3]])
def test_any_shape_with_three_channels_fits(shape: list[int]) -> None:
    assert Standardization()(tf.zeros(shape)).shape == shape
