"""Adam with L2 weight decay, one fused kernel per variable."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

_EPSILON = 1e-8


class Adam(tf.Module):
    """Adam (arXiv:1412.6980). Weight decay is added to the gradient, as in the PyTorch code of MoCoGAN's authors."""

    def __init__(
        self,
        variables: Sequence[tf.Variable],
        *,
        learning_rate: float,
        betas: tuple[float, float],
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__()
        self._targets = list(variables)
        self.first_moments = [_zeros_like(variable) for variable in variables]
        self.second_moments = [_zeros_like(variable) for variable in variables]
        self.updates = tf.Variable(0, dtype=tf.int64, trainable=False, name="updates")
        # A variable, so that training can lower it and checkpoints restore it.
        self.learning_rate = tf.Variable(learning_rate, trainable=False, name="learning_rate")
        self._beta_1, self._beta_2 = betas
        self._weight_decay = weight_decay

    def apply(self, gradients: Sequence[tf.Tensor], rate_factor: tf.Tensor | float = 1.0) -> None:
        """Updates the variables with gradients in the same order. The learning rate is multiplied by `rate_factor`."""
        count = tf.cast(self.updates.assign_add(1), tf.float32)
        rate = rate_factor * self.learning_rate.read_value()
        powers = tf.pow(self._beta_1, count), tf.pow(self._beta_2, count)
        for variable, first, second, gradient in zip(
            self._targets, self.first_moments, self.second_moments, gradients, strict=True
        ):
            if self._weight_decay:
                gradient += self._weight_decay * variable
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=powers[0],
                beta2_power=powers[1],
                lr=rate,
                beta1=self._beta_1,
                beta2=self._beta_2,
                epsilon=_EPSILON,
                grad=gradient,
            )


def _zeros_like(variable: tf.Variable) -> tf.Variable:
    return tf.Variable(tf.zeros(variable.shape), trainable=False, name="moment")
