from __future__ import annotations

import numpy as np
import tensorflow as tf

from mocogan.trainer.networks.blocks.temporal_consistency import TemporalConsistency
from mocogan.trainer.runtime.randomness import RandomStream


def test_the_logit_is_of_how_much_of_a_color_the_frames_have() -> None:
    consistency = TemporalConsistency(RandomStream(1), spectral_norm=False)
    red_alone = tf.concat([[[1.0], [0.0], [0.0]], tf.zeros([3, 15])], axis=1)
    consistency.pixel_features.kernel.assign(red_alone)
    consistency.output.kernel.assign(tf.ones([16, 1]))
    reds = tf.constant([[0.3, -1.0, 0.1, 0.0], [-0.5, 0.2, 0.6, 0.0]])  # of two frames of 2x2
    clip = tf.stack([reds, reds + 5, reds - 5], axis=-1)
    logit = consistency(tf.reshape(clip, [1, 2, 2, 2, 3]))
    # 0.1 and 0.2 of red on average, without what is below 0: a variance of 0.05 squared.
    np.testing.assert_allclose(logit, [[np.log1p(0.0025 / 1e-5)]], rtol=1e-4)
