from __future__ import annotations

import numpy as np
import tensorflow as tf

from mocogan.trainer.networks.blocks.film import FiLM
from mocogan.trainer.runtime.randomness import RandomStream


def test_channels_are_scaled_and_shifted_by_the_latents_of_their_clip() -> None:
    film = FiLM(RandomStream(1), latents=slice(1, 2), channels=2)
    film.style.kernel.assign([[1.0, 0.0, 0.0, -0.5]])  # scales of two channels, then shifts
    x = tf.repeat(tf.reshape([1.0, 2.0], [1, 1, 1, 2]), 4, axis=0)  # two clips of two frames
    made = film(x, tf.constant([[9.0, 2.0], [9.0, -3.0]]))
    # (1 + 2) * 1 and 2 - 1; (1 - 3) * 1, cut off at 0, and 2 + 1.5.
    np.testing.assert_allclose(made[:, 0, 0], [[3, 1], [3, 1], [0, 3.5], [0, 3.5]], rtol=1e-6)


def test_untrained_styles_read_their_latents_alone() -> None:
    film = FiLM(RandomStream(1), latents=slice(0, 2), channels=3)
    x = RandomStream(2).normal([1, 2, 2, 3])
    z_content = RandomStream(3).normal([1, 5])
    other = z_content + tf.constant([0.0, 0.0, 1.0, 1.0, 1.0])
    np.testing.assert_array_equal(film(x, z_content), film(x, other))
    assert np.abs(film(x, z_content) - film(x, z_content + 1)).max() > 1e-3
