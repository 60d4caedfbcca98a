"""A frame embedding that is trained on a few tiny clips."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.damages import cut, still
from mocogan.evaluation.features.content_change import content_change
from mocogan.evaluation.features.frame_embedding import FrameEmbedding, separation
from tests.support.shape_clips import shape_clips

TINY = shape_clips(range(6), num_frames=4, size=8)
VIDEOS = np.array([0, 0, 1, 1, 2, 2])


@pytest.fixture(scope="module")
def tiny() -> FrameEmbedding:
    return FrameEmbedding.train(TINY, VIDEOS, steps=2)


def test_frames_become_unit_vectors(tiny: FrameEmbedding) -> None:
    vectors = tiny(TINY)
    assert (vectors.shape, vectors.dtype) == ((6, 4, 64), np.float32)
    assert np.linalg.norm(vectors, axis=-1) == pytest.approx(np.ones((6, 4)), rel=1e-5)
    assert np.isfinite(tiny(np.zeros_like(TINY))).all()


def test_training_can_be_repeated_and_depends_on_the_seed(tiny: FrameEmbedding) -> None:
    again, other = (FrameEmbedding.train(TINY, VIDEOS, 2, seed)(TINY) for seed in (0, 1))
    assert (again == tiny(TINY)).all()
    assert np.abs(other - again).max() > 1e-3


def test_the_weights_make_the_same_embedding_again(tiny: FrameEmbedding) -> None:
    weights = tiny.weights()
    again = FrameEmbedding(dict(reversed(weights.items())), TINY.shape[2:])
    assert (again(TINY) == tiny(TINY)).all()


def test_many_frames_are_embedded_in_parts(tiny: FrameEmbedding) -> None:
    many = np.tile(TINY, (25, 1, 1, 1, 1))  # 600 frames
    np.testing.assert_allclose(tiny(many), np.tile(tiny(TINY), (25, 1, 1)), atol=1e-5)


def test_one_video_is_refused() -> None:
    with pytest.raises(ValueError, match="clips of at least two videos"):
        FrameEmbedding.train(TINY, np.zeros(6, int), steps=1)


def test_a_thing_that_turns_into_another_is_seen() -> None:
    embedding = FrameEmbedding.train(shape_clips(range(1000, 1032)), np.arange(32), steps=24)
    held_out, random = shape_clips(range(24)), np.random.default_rng(0)
    assert separation(embedding(held_out), np.arange(24)) > 0.85
    real, broken, frozen = (
        content_change(embedding(clips)).mean()
        for clips in (held_out, cut(held_out, random), still(held_out, random))
    )
    assert broken > 2 * real
    assert real > 0.01
    assert frozen == pytest.approx(0, abs=1e-5)


def test_separation_is_one_if_clips_of_a_video_are_equal_and_a_half_if_they_are_random() -> None:
    videos = np.repeat(np.arange(16), 2)
    each_its_own = np.eye(64, dtype=np.float32)[videos]
    vectors = np.repeat(each_its_own[:, None], 4, axis=1)
    assert separation(vectors, videos) == 1
    assert separation(np.ones_like(vectors) / 8, videos) == 0.5  # ties
    random = np.random.default_rng(0).normal(size=(1000, 4, 64)).astype(np.float32)
    assert separation(random, np.arange(1000)) == pytest.approx(0.5, abs=0.05)


def test_clips_of_the_same_video_are_not_told_apart() -> None:
    # Clips 0 and 1 are of one video, and so are 2 and 3. Frames of a video are equal.
    vectors = np.repeat(np.eye(64, dtype=np.float32)[[0, 0, 1, 1]][:, None], 3, axis=1)
    assert separation(vectors, np.array([0, 0, 1, 1])) == 1
    assert separation(vectors, np.array([0, 1, 2, 3])) < 0.9
