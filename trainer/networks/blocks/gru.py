"""The recurrent layer of the motion generators."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import unit_gain_normal
from mocogan.trainer.runtime.randomness import RandomStream

_UPDATE_GATE_BIAS = 2.0  # keeps sigmoid(2) = 0.88 of the state from frame to frame


class GRU(tf.Module):
    """A one-layer GRU (Cho et al., 2014). The reset gate is applied to the projected state, as in cuDNN.

    The initial bias keeps most of the state from frame to frame (chrono initialization, arXiv:1804.11188). So motion
    has no jumps early in training.
    """

    def __init__(self, random: RandomStream, *, inputs: int, units: int) -> None:
        super().__init__()
        self.inputs_projection = Dense(
            random, inputs=inputs, outputs=3 * units, init=unit_gain_normal, use_bias=False
        )
        self.state_projection = Dense(
            random, inputs=units, outputs=3 * units, init=unit_gain_normal
        )
        # Order of the parts: reset, update, candidate.
        parts = [tf.zeros([units]), tf.fill([units], _UPDATE_GATE_BIAS), tf.zeros([units])]
        self.bias = tf.Variable(tf.concat(parts, axis=0), name="bias")

    def __call__(self, x: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
        """[B, T, inputs], first state [B, units] -> all states [B, T, units], float32. T may be unknown."""
        num_frames = x.shape[1]
        # Projects the inputs of all frames at once, so that the loop has only one matrix product per frame.
        projected = self.inputs_projection(tf.reshape(x, [-1, x.shape[2]])) + self.bias
        if num_frames is None:
            return self._states_of_any_number(projected, state, tf.shape(x)[1])
        projected = tf.reshape(projected, [-1, num_frames, projected.shape[1]])
        states = []
        for frame in range(num_frames):
            state = self._next_state(projected[:, frame], state)
            states.append(state)
        return tf.stack(states, axis=1)

    def _states_of_any_number(
        self, projected: tf.Tensor, state: tf.Tensor, num_frames: tf.Tensor
    ) -> tf.Tensor:
        count = state.shape[0] or -1
        by_clip = tf.reshape(projected, [count, num_frames, projected.shape[1]])
        states = tf.scan(
            lambda state, projected: self._next_state(projected, state),
            tf.transpose(by_clip, [1, 0, 2]),
            initializer=state,
        )
        return tf.transpose(states, [1, 0, 2])

    def _next_state(self, projected: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
        reset_in, update_in, candidate_in = tf.split(projected, 3, axis=-1)
        reset_state, update_state, candidate_state = tf.split(
            self.state_projection(state), 3, axis=-1
        )
        update = tf.sigmoid(update_in + update_state)
        reset = tf.sigmoid(reset_in + reset_state)
        candidate = tf.tanh(candidate_in + reset * candidate_state)
        return update * state + (1 - update) * candidate
