from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import dcgan_normal
from mocogan.trainer.runtime.randomness import RandomStream


def test_a_product_and_a_bias_in_the_dtype_of_the_input() -> None:
    layer = Dense(RandomStream(1), inputs=2, outputs=2, init=dcgan_normal)
    layer.kernel.assign([[1.0, 2.0], [3.0, 4.0]])
    layer.bias.assign([10.0, 20.0])
    for dtype in (tf.float32, tf.bfloat16):
        made = layer(tf.constant([[1.0, 2.0]], dtype))
        assert made.dtype == dtype
        assert tf.cast(made, tf.float32).numpy().tolist() == [[17.0, 30.0]]
    assert {variable.dtype for variable in layer.variables} == {tf.float32}


def test_the_bias_can_be_left_out() -> None:
    layer = Dense(RandomStream(1), inputs=2, outputs=2, init=dcgan_normal, use_bias=False)
    assert [variable.name for variable in layer.variables] == ["kernel:0"]
