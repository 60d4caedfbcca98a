from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.blocks.factored_convolution import FactoredConvolution
from mocogan.trainer.networks.blocks.layers import ClipConvolution, TimeConvolution, he_normal
from mocogan.trainer.runtime.randomness import RandomStream


@pytest.mark.parametrize(
    ("valid_time", "expected"), [(True, [4321, 5432]), (False, [3210, 4321, 5432, 543, 54])]
)
def test_a_convolution_in_time_by_hand(valid_time: bool, expected: list[float]) -> None:
    layer = TimeConvolution(1, 1, he_normal, RandomStream(1), valid_time=valid_time)
    layer.kernel.assign(tf.reshape([1.0, 10.0, 100.0, 1000.0], [4, 1, 1, 1]))
    clip = tf.reshape([1.0, 2.0, 3.0, 4.0, 5.0], [1, 5, 1, 1, 1]) * tf.ones([1, 5, 2, 3, 1])
    made = layer(clip)
    assert made.shape == [1, len(expected), 2, 3, 1]
    assert (made.numpy()[0, :, 1, 2, 0] == expected).all()
    assert (made.numpy() == made.numpy()[:, :, :1, :1]).all()


@pytest.mark.parametrize("valid_time", [True, False])
@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16])
def test_with_a_kernel_that_factors_it_is_the_whole_convolution(
    valid_time: bool, dtype: tf.DType
) -> None:
    both = [
        kind(3, 1, he_normal, RandomStream(1), valid_time=valid_time)
        for kind in (FactoredConvolution, ClipConvolution)
    ]
    for variable in (*both[0].trainable_variables, *both[1].trainable_variables):
        if len(variable.shape) > 1:
            variable.assign(tf.ones_like(variable))
    # Of positive values, so that the ReLU between lets all pass.
    clip = tf.cast(tf.abs(RandomStream(2).normal([2, 5, 8, 6, 3])), dtype)
    factored, whole = (layer(clip) for layer in both)
    assert factored.dtype == dtype
    assert factored.shape == whole.shape == [2, 2 if valid_time else 5, 4, 3, 1]
    np.testing.assert_allclose(
        tf.cast(factored, tf.float32),
        tf.cast(whole, tf.float32),
        rtol=1e-5 if dtype == tf.float32 else 0.02,
    )


def test_it_has_fewer_weights() -> None:
    layer = FactoredConvolution(5, 8, he_normal, RandomStream(1))
    count = sum(int(tf.size(variable)) for variable in layer.trainable_variables)
    assert count == 16 * 5 * 8 + 8 + 4 * 8 * 8 + 8
