from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.diagnostics.sample_distance import sample_distance


def squares(seed: int, speed: int = 1, size: int = 32) -> tf.Tensor:
    """[8, 4, S, S, 3]: a bright square at a random place that moves right."""
    random = np.random.default_rng(seed)
    clips = np.full((8, 4, size, size, 3), -1.0, np.float32)
    for clip in clips:
        left, top = random.integers(0, size - 16, 2)
        for number, frame in enumerate(clip):
            frame[top : top + 8, left + speed * number : left + speed * number + 8] = 1.0
    return tf.constant(clips)


def test_it_is_zero_for_the_same_clips_in_any_order() -> None:
    clips = squares(0)
    assert sample_distance(clips, clips[::-1]).numpy() == pytest.approx(0.0, abs=1e-6)


def test_it_grows_from_other_clips_of_a_kind_over_other_motion_to_noise() -> None:
    real = squares(0)
    noise = tf.random.stateless_uniform(real.shape, [0, 1], -1, 1)
    kinds = [squares(1), squares(1, speed=3), tf.zeros_like(real), noise]
    distances = [float(sample_distance(real, kind)) for kind in kinds]
    assert distances[0] < min(distances[1:])
    assert distances[0] < 0.1 < distances[2]


def test_small_clips_have_one_too() -> None:
    black, white = -tf.ones([2, 1, 8, 8, 3]), tf.ones([2, 1, 8, 8, 3])
    assert sample_distance(black, white).numpy() > 0.5
