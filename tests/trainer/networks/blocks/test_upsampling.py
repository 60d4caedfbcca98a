from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.blocks.initializers import he_normal
from mocogan.trainer.networks.blocks.upsampling import ConvTranspose2D, ResizeConv2D
from mocogan.trainer.runtime.randomness import RandomStream


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [(3, 128), (128, 128), (512, 128), (64, 3)],
    ids=["plain", "medium", "large", "few channels"],
)
def test_both_double_a_frame_in_every_form_of_the_sum(inputs: int, outputs: int) -> None:
    x = RandomStream(2).normal([2, 4, 4, inputs])
    for kind in (ConvTranspose2D, ResizeConv2D):
        layer = kind(RandomStream(1), inputs=inputs, outputs=outputs, init=he_normal)
        made = layer(x)
        assert made.shape == [2, 8, 8, outputs]
        assert np.isfinite(made).all()
        assert np.std(made) > 0.1


def test_a_transposed_convolution_spreads_a_pixel_over_its_kernel() -> None:
    layer = ConvTranspose2D(RandomStream(1), inputs=1, outputs=1, init=he_normal)
    layer.bias.assign([0.5])
    pixel = tf.pad(tf.ones([1, 1, 1, 1]), [[0, 0], [1, 1], [1, 1], [0, 0]])
    made = layer(pixel)[0, :, :, 0].numpy()
    np.testing.assert_allclose(made[1:5, 1:5], layer.kernel[:, :, 0, 0] + 0.5, rtol=1e-5)
    assert made[0].tolist() == [0.5] * 6


def test_a_resize_convolution_leaves_no_checkerboard() -> None:
    layer = ResizeConv2D(RandomStream(1), inputs=1, outputs=1, init=he_normal)
    layer.kernel.assign(tf.ones([3, 3, 1, 1]))
    made = layer(tf.ones([1, 4, 4, 1]))[0, :, :, 0].numpy()
    np.testing.assert_allclose(made[1:-1, 1:-1], 9.0)  # without the border
