from __future__ import annotations

import numpy as np
import tensorflow as tf

from mocogan.trainer.networks.blocks.palette import Palette
from mocogan.trainer.runtime.randomness import RandomStream


def test_a_palette_mixes_a_clips_own_colors() -> None:
    palette = Palette(RandomStream(1), latents=slice(0, 1), num_colors=2)
    palette.draw.kernel.assign([[0.25, 0.0, 0.0, 0.0, 0.0, -0.25]])
    logits = tf.constant([[0.0, -99.0], [0.0, np.log(3.0)], [0.0, 0.0], [1.0, 1.0]])
    x = tf.reshape(tf.concat([logits, logits], axis=0), [4, 1, 2, 2])
    made = palette(x, tf.constant([[0.5], [-2.0]])).numpy().reshape(2, 4, 3)
    for pixels, content in zip(made, (0.5, -2.0), strict=True):
        first, second = np.array([content, 0, 0]), np.array([0, 0, -content])
        expected = [first, (first + 3 * second) / 4, (first + second) / 2, (first + second) / 2]
        np.testing.assert_allclose(pixels, expected, atol=1e-6)
