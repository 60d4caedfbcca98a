from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from trainer.randomness import RandomStream


def first_normals(*seed: int) -> list[float]:
    return RandomStream(*seed).normal([4]).numpy().tolist()


def test_a_seed_gives_the_same_tensors_in_the_same_order() -> None:
    one, other = RandomStream(3, 1), RandomStream(3, 1)
    for _ in range(3):
        assert one.normal([2]).numpy().tolist() == other.normal([2]).numpy().tolist()


def test_each_call_draws_anew() -> None:
    stream = RandomStream(3)
    assert stream.normal([2]).numpy().tolist() != stream.normal([2]).numpy().tolist()


@pytest.mark.parametrize(
    "seed", [(3, 2), (4, 1), (1, 3), (3,), (3 + 2**32, 1), (-3, 1), (3, 1, 0)], ids=str
)
def test_streams_of_other_seeds_differ(seed: tuple[int, ...]) -> None:
    assert set(first_normals(*seed)).isdisjoint(first_normals(3, 1))


def test_a_traced_seed_gives_what_a_plain_one_gives() -> None:
    @tf.function
    def traced(seed: tf.Tensor) -> tf.Tensor:
        return RandomStream(seed, 1).normal([4])

    for seed in (3, 2**40 + 5, -7):
        assert traced(tf.constant(seed, tf.int64)).numpy().tolist() == first_normals(seed, 1)


def test_normals_have_mean_zero_and_variance_one() -> None:
    numbers = RandomStream(0).normal([20000]).numpy()
    assert abs(numbers.mean()) < 0.03
    assert abs(numbers.std() - 1) < 0.03


def test_integers_cover_their_range() -> None:
    integers = RandomStream(0).integers([500], 3)
    assert integers.dtype == tf.int32
    assert set(integers.numpy().tolist()) == {0, 1, 2}


def test_choices_are_drawn_in_proportion_to_their_weights() -> None:
    choices = RandomStream(0).choices(4000, [0, 1, 3])
    assert choices.dtype == tf.int64
    shares = np.bincount(choices.numpy(), minlength=3) / 4000
    np.testing.assert_allclose(shares, [0, 0.25, 0.75], atol=0.03)
