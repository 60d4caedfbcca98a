from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.checkpoints.manager import CheckpointManager
from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.networks.blocks.conv import Conv2D, Conv3D
from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import he_normal
from mocogan.trainer.networks.norms.spectral_norm import SpectralNorm
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def diagonal() -> tf.Variable:
    return tf.Variable([[2.0, 0.0], [0.0, 1.0]])


def test_a_kernel_is_divided_by_its_largest_singular_value(diagonal: tf.Variable) -> None:
    norm = SpectralNorm(RandomStream(1), kernel=diagonal)
    np.testing.assert_allclose(norm(), [[1.0, 0.0], [0.0, 0.5]], atol=1e-4)
    np.testing.assert_allclose(np.abs(norm.u), [1.0, 0.0], atol=0.01)


def test_gradients_pass_through_the_singular_value(diagonal: tf.Variable) -> None:
    norm = SpectralNorm(RandomStream(1), kernel=diagonal)
    norm.u.assign([1.0, 0.0])
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(norm())
    # The gradient G of W / s is all ones; that of W is (G - (sum of W / s) v u^T) / s, v u^T being [[1, 0], [0, 0]].
    expected = [[(1 - 1.5) / 2, 1 / 2], [1 / 2, 1 / 2]]
    np.testing.assert_allclose(tape.gradient(total, diagonal), expected, atol=1e-6)


def test_an_iteration_by_hand_and_a_call_that_changes_nothing(diagonal: tf.Variable) -> None:
    norm = SpectralNorm(RandomStream(1), kernel=diagonal)
    norm.u.assign([0.6, 0.8])
    norm()
    np.testing.assert_allclose(norm.u, [0.6, 0.8])
    norm.iterate()
    # W^T W u = [4 * 0.6, 1 * 0.8], which is [3, 1] but for its length.
    np.testing.assert_allclose(norm.u, np.array([3, 1]) / 10**0.5, rtol=1e-6)


def test_a_kernel_of_zeros_stays_one() -> None:
    norm = SpectralNorm(RandomStream(1), kernel=tf.Variable(tf.zeros([2, 3])))
    norm.iterate()
    assert norm().numpy().tolist() == [[0.0] * 3] * 2


@pytest.mark.parametrize(
    ("kind", "x_shape"),
    [
        (Dense, (2, 5)),
        (Conv2D, (2, 8, 8, 5)),
        (Conv3D, (2, 4, 8, 8, 5)),
    ],
)
def test_a_layer_does_not_heed_the_scale_of_its_kernel(
    kind: type[Dense | Conv2D | Conv3D],
    x_shape: tuple[int, ...],
) -> None:
    layer = kind(RandomStream(1), inputs=5, outputs=6, init=he_normal, spectral_norm=True)
    x = RandomStream(2).normal(x_shape)
    for _ in range(50):
        layer.norm.iterate()
    before = layer(x)
    largest = np.linalg.svd(np.reshape(layer.kernel, [-1, 6]), compute_uv=False)[0]
    np.testing.assert_allclose(layer.norm() * largest, layer.kernel, rtol=1e-3, atol=1e-6)
    layer.kernel.assign(3 * layer.kernel)
    np.testing.assert_allclose(layer(x), before, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("architecture", ["palette", "mocogan", "seed"])
def test_each_kernel_of_the_discriminators_has_a_vector_and_no_other(
    clip_shape: tuple[int, int, int, int], architecture: str, tmp_path: Path
) -> None:
    spectral = functools.partial(tiny, architecture=architecture, discriminator_norm="spectral")
    state = TrainingState(spectral(), clip_shape, 0)
    names = [name for name in named_variables(state) if "/_" not in name and name[0] != "_"]
    owners = {name.removesuffix("/norm/u") for name in names if name.endswith("/norm/u")}
    kernels = {name.removesuffix("/kernel") for name in names if name.endswith("/kernel")}
    assert owners == {name for name in kernels if "discriminator/" in name}
    assert not any("norm" in variable.name for variable in state.discriminator_variables)
    CheckpointManager(state, str(tmp_path), max_to_keep=1).save({}, None)
    other = TrainingState(spectral(seed=9), clip_shape, 0)
    CheckpointManager(other, str(tmp_path), max_to_keep=1).restore()
    for left, right in zip(other.variables, state.variables, strict=True):
        np.testing.assert_array_equal(left, right)
