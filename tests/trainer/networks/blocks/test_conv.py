from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.blocks.conv import Conv2D, Conv3D, Conv3x3
from mocogan.trainer.networks.blocks.initializers import he_normal
from mocogan.trainer.runtime.randomness import RandomStream


@pytest.mark.parametrize("valid_time", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("inputs", [3, 9])
def test_a_convolution_of_clips_is_the_same_when_traced_without_gradients(
    inputs: int, bias: bool, valid_time: bool
) -> None:
    layer = Conv3D(
        RandomStream(1),
        inputs=inputs,
        outputs=4,
        init=he_normal,
        use_bias=bias,
        valid_time=valid_time,
    )
    clips = RandomStream(2).normal([2, 5, 8, 8, inputs])
    expected = layer(clips)
    assert expected.shape == (2, 2 if valid_time else 5, 4, 4, 4)
    np.testing.assert_allclose(tf.function(layer)(clips), expected, rtol=1e-4, atol=1e-4)


def test_a_convolution_that_keeps_the_size_sees_three_by_three_pixels() -> None:
    layer = Conv3x3(RandomStream(1), inputs=1, outputs=2, init=he_normal)
    layer.kernel.assign(tf.ones([3, 3, 1, 2]) * [1.0, 2.0])
    made = layer(tf.ones([1, 3, 3, 1]))[0].numpy()
    assert made[..., 0].tolist() == [[4, 6, 4], [6, 9, 6], [4, 6, 4]]
    assert made[..., 1].tolist() == (2 * made[..., 0]).tolist()


@pytest.mark.parametrize("inputs", [3, 9])
def test_a_convolution_of_frames_halves_them(inputs: int) -> None:
    layer = Conv2D(RandomStream(1), inputs=inputs, outputs=4, init=he_normal)
    layer.kernel.assign(tf.ones_like(layer.kernel))
    layer.bias.assign([0.0, 1.0, 2.0, 3.0])
    made = layer(tf.ones([2, 8, 7, inputs]))
    assert made.shape == [2, 4, 4, 4]
    # Inside, all 4x4 taps of all inputs are in the frame.
    np.testing.assert_allclose(made[:, 1, 1], [16 * inputs + np.arange(4)] * 2)
