from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.config import Augmentation
from mocogan.trainer.losses.augmentation import augment, translate
from mocogan.trainer.runtime.randomness import RandomStream

ALL: tuple[Augmentation, ...] = ("color", "translation", "cutout")


def still_clips(count: int = 3, num_frames: int = 4, size: int = 16) -> tf.Tensor:
    frames = RandomStream(5).normal([count, 1, size, size, 3])
    return tf.repeat(frames, num_frames, axis=1)


def test_without_kinds_nothing_happens() -> None:
    clips = still_clips()
    assert augment(clips, RandomStream(1), ()) is clips


@pytest.mark.parametrize("kind", ALL)
def test_frames_of_a_clip_change_alike_and_clips_do_not(kind: Augmentation) -> None:
    clips = tf.repeat(still_clips(count=1), 8, axis=0)
    changed = augment(clips, RandomStream(1), (kind,)).numpy()
    assert changed.shape == clips.shape
    np.testing.assert_array_equal(changed, np.repeat(changed[:, :1], 4, axis=1))
    assert np.abs(changed - clips).max() > 0.1
    assert len({clip.tobytes() for clip in changed}) > 4
    again, other = (augment(clips, RandomStream(seed), (kind,)).numpy() for seed in (1, 2))
    np.testing.assert_array_equal(again, changed)
    assert (other != changed).any()


@pytest.mark.parametrize("kinds", [*[(kind,) for kind in ALL], ALL], ids=str)
def test_gradients_reach_the_clips(kinds: tuple[Augmentation, ...]) -> None:
    clips = still_clips()
    with tf.GradientTape() as tape:
        tape.watch(clips)
        total = tf.reduce_sum(tf.square(augment(clips, RandomStream(1), kinds)))
    slopes = tape.gradient(total, clips).numpy()
    assert np.isfinite(slopes).all()
    assert np.mean(slopes != 0) > 0.5


@pytest.mark.parametrize("kind", ALL)
def test_parts_of_a_batch_change_as_the_whole(kind: Augmentation) -> None:
    clips = still_clips(count=6)
    whole = augment(clips, RandomStream(1), (kind,))
    parts = [
        augment(part, RandomStream(1, part=number, parts=3), (kind,))
        for number, part in enumerate(tf.split(clips, 3))
    ]
    np.testing.assert_array_equal(tf.concat(parts, axis=0), whole)


def test_colors_change_in_three_steps() -> None:
    clips = RandomStream(5).normal([2, 4, 8, 8, 3]).numpy()
    random = RandomStream(1)
    brightness, saturation, contrast = (
        lower + (upper - lower) * random.integers([2, 1, 1, 1, 1], 2**24).numpy() / 2**24
        for lower, upper in ((-0.5, 0.5), (0.0, 2.0), (0.5, 1.5))
    )
    expected = clips + brightness
    gray = expected.mean(axis=4, keepdims=True)
    expected = gray + saturation * (expected - gray)
    mean = expected.mean(axis=(1, 2, 3, 4), keepdims=True)
    expected = mean + contrast * (expected - mean)
    changed = augment(tf.constant(clips), RandomStream(1), ("color",))
    np.testing.assert_allclose(changed, expected, atol=1e-5)


def test_translation_by_hand() -> None:
    frame = tf.reshape([[1.0, 2.0], [3.0, 4.0]], [1, 1, 2, 2, 1])
    clips = tf.repeat(frame, 4, axis=0)
    moved = translate(clips, tf.constant([[1, 0], [0, -1], [-1, 1], [0, 0]])).numpy()
    assert moved.reshape(4, 4).tolist() == [
        [0, 0, 1, 2],
        [2, 0, 4, 0],
        [0, 3, 0, 0],
        [1, 2, 3, 4],
    ]


def test_translation_goes_an_eighth_at_most_and_either_way() -> None:
    dot = tf.pad(tf.ones([200, 1, 1, 1, 1]), [[0, 0], [0, 0], [8, 7], [8, 7], [0, 0]])
    moved = augment(tf.repeat(dot, 3, axis=4), RandomStream(1), ("translation",)).numpy()
    places = np.argwhere(moved[..., 0])[:, 2:4] - 8
    assert {tuple(place) for place in places} == {
        (down, right) for down in range(-2, 3) for right in range(-2, 3)
    }


def test_gradients_of_a_translation_go_back_where_they_came_from() -> None:
    clips, shifts = still_clips(count=2), tf.constant([[2, -1], [-3, 0]])
    weights = RandomStream(6).normal(clips.shape)
    with tf.GradientTape() as outer:
        outer.watch(weights)
        with tf.GradientTape() as inner:
            inner.watch(clips)
            total = tf.reduce_sum(weights * translate(clips, shifts))
        slopes = inner.gradient(total, clips)
        twice = tf.reduce_sum(slopes * clips)
    np.testing.assert_array_equal(slopes, translate(weights, -shifts))
    # <w, move x> = <move back w, x>, and so its slope in w is move x.
    np.testing.assert_allclose(outer.gradient(twice, weights), translate(clips, shifts), rtol=1e-6)


def test_a_square_of_half_the_size_is_cut_out() -> None:
    clips = tf.ones([300, 2, 8, 8, 3])
    changed = augment(clips, RandomStream(1), ("cutout",)).numpy()
    holes = changed[:, 0, :, :, 0] == 0
    assert (changed == np.where(holes, 0, 1)[:, np.newaxis, :, :, np.newaxis]).all()
    heights, widths = (holes.any(axis=axis).sum(axis=1) for axis in (2, 1))
    assert (
        holes.sum(axis=(1, 2)) == heights * widths
    ).all()  # no more and no less than a rectangle
    # Its middle lies on any of nine places along an axis, so that 2, 3 or 4 pixels of it are within.
    assert set(heights) == set(widths) == {2, 3, 4}
    assert holes.any(axis=0).all()
