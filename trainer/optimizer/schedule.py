"""The learning-rate schedule: constant, or an exponential decay that starts at a share of the training."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.config import OptimizerConfig


def learning_rate_factor(config: OptimizerConfig, progress: tf.Tensor) -> tf.Tensor | float:
    """Completed share of the training, scalar in [0, 1] -> factor for both learning rates, in (0, 1]."""
    if config.decay_half_life is None:
        return 1.0
    decaying = tf.maximum(progress - config.decay_start, 0.0)
    return tf.pow(0.5, decaying / config.decay_half_life)
