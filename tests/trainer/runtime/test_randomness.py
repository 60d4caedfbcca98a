from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.runtime.randomness import RandomStream


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


@pytest.mark.parametrize("shape", [(12, 5), (12, 8), (12,), (24, 3, 3), (12, 0)], ids=str)
@pytest.mark.parametrize("parts", [1, 2, 3, 4, 12])
@pytest.mark.parametrize("traced", [False, True])
def test_parts_are_the_rows_of_the_whole(shape: tuple[int, ...], parts: int, traced: bool) -> None:
    def draw(shape: tf.Tensor, part: tf.Tensor, parts: int) -> list[tf.Tensor]:
        random = RandomStream(3, 1, part=part, parts=parts)
        normals = [random.normal(shape, dtype) for dtype in (tf.float32, tf.bfloat16, tf.float16)]
        return [*normals, random.integers(shape, 1000)]

    whole = draw(shape, 0, 1)
    draw_part = tf.function(draw) if traced else draw
    size = (shape[0] // parts, *shape[1:])
    drawn = [draw_part(size, tf.constant(part, tf.int64), parts) for part in range(parts)]
    for tensor, *rows in zip(whole, *drawn, strict=True):
        np.testing.assert_array_equal(tf.concat(rows, axis=0), tensor)


def test_two_parts_by_hand() -> None:
    whole = RandomStream(3).integers([4, 1], 100).numpy().ravel().tolist()
    assert len(set(whole)) == 4
    parts = [RandomStream(3, part=part, parts=2).integers([2, 1], 100) for part in range(2)]
    assert [part.numpy().ravel().tolist() for part in parts] == [whole[:2], whole[2:]]


def test_parts_make_the_same_choices() -> None:
    one, other = (RandomStream(3, part=part, parts=2).choices(20, [1, 1, 1]) for part in range(2))
    np.testing.assert_array_equal(one, other)


def test_each_part_has_the_key_of_the_whole_and_the_place_of_its_first_element() -> None:
    whole, *parts = (RandomStream(3, part=part, parts=3) for part in (0, 0, 1, 2))
    key = whole.key()
    assert key.dtype == tf.uint32
    assert [int(part.key()) for part in parts] == [int(key)] * 3
    firsts = [part.first_number(tf.zeros([2, 5])) for part in parts]
    assert [first.numpy() for first in firsts] == [0, 10, 20]
    assert {first.dtype for first in firsts} == {tf.uint32}
