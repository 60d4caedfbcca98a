from __future__ import annotations

import numpy as np
import pytest

from mocogan.data.synthetic.shapes import (
    DIRECTIONS,
    draw,
    random_content,
    random_path,
    shape_motion_frames,
)
from mocogan.evaluation.features.frame_embedding import FrameEmbedding
from mocogan.evaluation.metrics.disentanglement import Disentanglement, disentanglement

CLIPS, FRAMES, SIZE = 64, 8, 32


@pytest.fixture(scope="module")
def embedding() -> FrameEmbedding:
    real = [
        shape_motion_frames(number, DIRECTIONS[number % 2], FRAMES, SIZE) for number in range(40)
    ]
    return FrameEmbedding.train(np.stack(real), np.arange(40), steps=80)


def drawn(content_seed: int, motion_seed: int) -> np.ndarray:
    """Clips of seeds of their own for content and for motion, in two classes of motion."""
    clips = []
    for number in range(CLIPS):
        content = random_content(np.random.default_rng([content_seed, number]))
        random = np.random.default_rng([motion_seed, number + 1000])
        clips.append(draw(content, random_path(random, DIRECTIONS[number % 2], FRAMES), SIZE))
    return np.stack(clips)


def measured(
    clips: np.ndarray,
    other_motion: np.ndarray,
    other_content: np.ndarray,
    embedding: FrameEmbedding,
) -> Disentanglement:
    """All of one class."""
    return disentanglement(clips, other_motion, other_content, other_motion, embedding)


@pytest.fixture(scope="module")
def perfect(embedding: FrameEmbedding) -> Disentanglement:
    return measured(drawn(1, 1), drawn(1, 2), drawn(2, 1), embedding)


def test_a_model_that_separates_both_keeps_both(perfect: Disentanglement) -> None:
    assert perfect.content_kept > 0.8
    assert perfect.motion_kept > 0.8
    assert perfect.score == min(perfect.content_kept, perfect.motion_kept)


def test_a_motion_seed_without_effect_scores_zero(embedding: FrameEmbedding) -> None:
    # The content seed decides both, as with preset `seed`.
    values = measured(drawn(1, 1), drawn(1, 1), drawn(2, 2), embedding)
    assert values == (1, -1, 0)


def test_a_content_seed_without_effect_scores_zero(embedding: FrameEmbedding) -> None:
    values = measured(drawn(1, 1), drawn(2, 2), drawn(1, 1), embedding)
    assert values == (-1, 1, 0)
    one_content = measured(drawn(1, 1), drawn(1, 2), drawn(1, 1), embedding)
    assert (one_content.motion_kept, one_content.score) == (1, 0)


def test_unrelated_clips_score_about_zero(embedding: FrameEmbedding) -> None:
    values = measured(drawn(1, 1), drawn(2, 2), drawn(3, 3), embedding)
    assert values == pytest.approx((0, 0, 0), abs=0.2)


def test_swapped_seeds_score_zero(embedding: FrameEmbedding, perfect: Disentanglement) -> None:
    swapped = measured(drawn(1, 1), drawn(2, 1), drawn(1, 2), embedding)
    assert swapped.content_kept == pytest.approx(-perfect.content_kept)
    assert swapped.motion_kept == pytest.approx(-perfect.motion_kept)
    assert swapped.score == 0


def test_neither_place_nor_weak_noise_counts_as_motion(
    embedding: FrameEmbedding, perfect: Disentanglement
) -> None:
    random = np.random.default_rng(0)

    def moved(clips: np.ndarray, right: int) -> np.ndarray:
        wider = np.pad(clips, ((0, 0), (0, 0), (0, 0), (right, 6 - right), (0, 0)))
        return np.clip(wider + np.round(random.normal(0, 4, wider.shape)), 0, 255).astype(np.uint8)

    triple = moved(drawn(1, 1), 0), moved(drawn(1, 2), 3), moved(drawn(2, 1), 6)
    values = measured(*triple, embedding)
    assert values.motion_kept == pytest.approx(perfect.motion_kept, abs=0.03)


def test_rhythm_counts_where_nothing_moves_away(embedding: FrameEmbedding) -> None:
    """Blinking disks: the motion seed decides in which frames the light is on."""

    def blinking(content_seed: int, motion_seed: int) -> np.ndarray:
        clips = []
        for number in range(CLIPS):
            content = random_content(np.random.default_rng([content_seed, number]))
            light = np.random.default_rng([motion_seed, number + 1000]).random(FRAMES)
            still = draw(content, np.full((FRAMES, 2), 0.5), SIZE)
            clips.append((still * light[:, None, None, None]).astype(np.uint8))
        return np.stack(clips)

    triple = blinking(1, 1), blinking(1, 2), blinking(2, 1)
    assert measured(*triple, embedding).motion_kept > 0.9


def test_still_clips_have_no_motion_to_keep(embedding: FrameEmbedding) -> None:
    still = [np.repeat(drawn(content, 1)[:, :1], FRAMES, axis=1) for content in (1, 1, 2)]
    values = measured(*still, embedding)
    assert values == (1, 0, 0)


def test_a_pause_has_no_place(embedding: FrameEmbedding) -> None:
    paused = drawn(1, 1)
    paused[:, 4:6] = paused[:, 3:4]
    values = measured(paused, drawn(1, 2), paused, embedding)
    assert values.motion_kept == 1
    assert np.isfinite(values).all()


def test_clips_must_have_one_shape(embedding: FrameEmbedding) -> None:
    clips = drawn(1, 1)
    with pytest.raises(AssertionError):
        measured(clips, clips[1:], clips, embedding)


def test_a_class_with_a_single_motion_keeps_it(embedding: FrameEmbedding) -> None:
    # Within the class, the motion seed has no effect. Another class has another motion.
    one, other_content = drawn(1, 1), drawn(2, 1)
    values = disentanglement(one, one, other_content, one[:, ::-1], embedding)
    assert values.content_kept == 1
    assert values.motion_kept > 0.8
    assert measured(one, one, other_content, embedding).motion_kept == -1
