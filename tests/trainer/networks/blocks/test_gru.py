from __future__ import annotations

import numpy as np
import tensorflow as tf

from mocogan.trainer.networks.blocks.gru import GRU
from mocogan.trainer.runtime.randomness import RandomStream


def sigmoid(x: float) -> float:
    return 1 / (1 + np.exp(-x))


def test_two_frames_by_hand() -> None:
    gru = GRU(RandomStream(1), inputs=1, units=1)
    gru.inputs_projection.kernel.assign([[0.5, 1.0, 2.0]])  # reset, update, candidate
    gru.state_projection.kernel.assign([[1.0, -1.0, 0.5]])
    gru.state_projection.bias.assign([0.0, 0.0, 1.0])
    states = gru(tf.constant([[[1.0], [-2.0]]]), tf.constant([[0.25]]))
    state, expected = 0.25, []
    for x in (1.0, -2.0):
        reset, update = sigmoid(0.5 * x + state), sigmoid(x + 2.0 - state)
        # The reset gate is on the projected state, its bias included.
        candidate = np.tanh(2.0 * x + reset * (0.5 * state + 1.0))
        state = update * state + (1 - update) * candidate
        expected.append([state])
    np.testing.assert_allclose(states, [expected], rtol=1e-5)


def test_an_untrained_state_lasts_some_frames() -> None:
    gru = GRU(RandomStream(1), inputs=2, units=3)
    states = gru(tf.zeros([1, 3, 2]), tf.ones([1, 3])).numpy()[0]
    assert states.shape == (3, 3)
    assert (np.diff(states, axis=0) != 0).all()
    np.testing.assert_allclose(states[0], 1.0, atol=0.4)
