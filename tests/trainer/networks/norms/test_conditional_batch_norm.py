from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.networks.blocks.film import FiLM
from mocogan.trainer.networks.norms.batch_norm import BatchNorm
from mocogan.trainer.networks.norms.conditional_batch_norm import ConditionalBatchNorm
from mocogan.trainer.runtime.randomness import RandomStream

CHANNELS, INPUTS = 3, 2
# Clips, frames of each, and side of a frame. The last frames have 9 pixels, which sums cannot split into 8 parts.
SHAPES = [(2, 1, 4), (3, 2, 4), (2, 3, 3)]


def values_of(clips: int, frames: int, side: int) -> tuple[tf.Tensor, tf.Tensor]:
    random = RandomStream(3)
    x = 2 * random.normal([clips * frames, side, side, CHANNELS]) + [1.0, -5.0, 0.0]
    return x, random.normal([clips, INPUTS])


def layers() -> tuple[ConditionalBatchNorm, BatchNorm, FiLM]:
    layer = ConditionalBatchNorm(RandomStream(1), inputs=INPUTS, channels=CHANNELS)
    film = FiLM(RandomStream(1), latents=slice(0, INPUTS), channels=CHANNELS)
    for own, other in zip(layer.style.variables, film.style.variables, strict=True):
        other.assign(own)
    return layer, BatchNorm(CHANNELS), film


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("training", [True, False])
def test_it_is_batch_norm_then_film(shape: tuple[int, int, int], training: bool) -> None:
    x, latents = values_of(*shape)
    layer, norm, film = layers()
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, latents])
        found = layer(x, latents, training)
        expected = film(norm(x, training), latents)
        squares = [tf.reduce_sum(tf.square(y) * tf.abs(x)) for y in (found, expected)]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(layer.mean, norm.mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.variance, norm.variance, rtol=1e-5, atol=1e-6)
    for own, other in [
        (x, x),
        (latents, latents),
        *zip(layer.style.variables, film.style.variables, strict=True),
    ]:
        np.testing.assert_allclose(
            tape.gradient(squares[0], own), tape.gradient(squares[1], other), rtol=1e-3, atol=1e-3
        )


@pytest.mark.parametrize("training", [True, False])
def test_results_are_positive_and_in_the_dtype_of_the_input(training: bool) -> None:
    x, latents = values_of(2, 2, 4)
    y = layers()[0](tf.cast(x, tf.bfloat16), latents, training)
    assert y.dtype == tf.bfloat16
    assert (tf.cast(y, tf.float32).numpy() >= 0).all()
    expected = layers()[0](x, latents, training)
    np.testing.assert_allclose(tf.cast(y, tf.float32), expected, atol=0.1)


def test_shapes_may_be_unknown_when_it_is_traced() -> None:
    x, latents = values_of(2, 3, 4)
    layer, _, _ = layers()
    traced = tf.function(
        lambda x, latents: layer(x, latents, training=True),
        input_signature=[
            tf.TensorSpec([None, 4, 4, CHANNELS]),
            tf.TensorSpec([None, INPUTS]),
        ],
        autograph=False,
    )
    expected = layers()[0](x, latents, training=True)
    np.testing.assert_allclose(traced(x, latents), expected, rtol=1e-5, atol=1e-5)
