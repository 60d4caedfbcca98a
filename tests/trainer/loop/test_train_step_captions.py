"""A step with captions, and that a step without them is what it was before there were captions."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.loop import train_step
from mocogan.trainer.loop.train_step import TrainStep
from mocogan.trainer.state import MAX_KEPT_CAPTIONS, TrainingState
from tests.support.captions import CAPTIONED, TOKENS_OF_BATCH, VOCABULARY, tokens_of
from tests.support.trainer_config import PENALTIES, tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]

pytestmark = pytest.mark.usefixtures("eagerly")


def steps(
    clip_shape: ClipShape, batch: Batch, count: int, **options: object
) -> tuple[TrainingState, list[dict[str, float]]]:
    config = tiny(**{**CAPTIONED, **options})
    state = TrainingState(config, clip_shape, 2, vocabulary=VOCABULARY)
    step, tokens = TrainStep(config, state, tf.float32), tokens_of(*TOKENS_OF_BATCH)
    losses = [step(batch[CLIP], batch[CATEGORY], number, tokens) for number in range(count)]
    return state, [{name: float(loss) for name, loss in each.items()} for each in losses]


def test_losses_of_captions_are_parts_of_the_sums(clip_shape: ClipShape, batch: Batch) -> None:
    _, [losses] = steps(clip_shape, batch, 1, **PENALTIES)
    assert {name for name in losses if "caption" in name} == {
        "video_caption_d_loss",
        "image_caption_d_loss",
        "caption_g_loss",
    }
    assert losses["caption_g_loss"] > 0
    assert losses["wording_g_loss"] == 0  # each clip has one caption at most
    for side in ("d_loss", "g_loss"):
        total = sum(loss for name, loss in losses.items() if name.endswith(f"_{side}"))
        assert losses[side] == pytest.approx(total, rel=1e-5)


def test_wrong_captions_count_a_quarter(
    clip_shape: ClipShape, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, [weighted] = steps(clip_shape, batch, 1)
    monkeypatch.setattr(train_step, "_MISMATCH_WEIGHT", 1.0)
    _, [whole] = steps(clip_shape, batch, 1)
    for name in ("video_caption_d_loss", "image_caption_d_loss"):
        assert weighted[name] == pytest.approx(0.25 * whole[name], rel=1e-5)


def test_the_captions_of_a_clip_are_pulled_together(
    clip_shape: ClipShape, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tokens_of(*TOKENS_OF_BATCH), tokens_of("square", "", "disc", "")
    tokens = tf.concat([one[:, :1], other[:, :-1]], axis=1)

    def distance(weight: float) -> float:
        monkeypatch.setattr(train_step, "_DISAGREEMENT_WEIGHT", weight)
        config = tiny(**CAPTIONED)
        state = TrainingState(config, clip_shape, 2, vocabulary=VOCABULARY)
        step = TrainStep(config, state, tf.float32)
        for number in range(8):
            step(batch[CLIP], batch[CATEGORY], number, tokens)
        assert state.generator.captions
        means = [state.generator.captions(tokens[:, place]).mean.numpy() for place in (0, 1)]
        return float(np.square(means[0] - means[1])[[0, 2]].mean())

    assert distance(100.0) < 0.9 * distance(0.0)


PALETTE = {"architecture": "palette", "num_palette_colors": 2, "film_layers": 1}


@pytest.mark.parametrize(
    "options",
    [
        {},
        pytest.param(PALETTE, marks=pytest.mark.exhaustive),
        pytest.param({**PALETTE, "separate_color_latents": True}, marks=pytest.mark.exhaustive),
        pytest.param({"architecture": "palette"}, marks=pytest.mark.exhaustive),
    ],
    ids=str,
)
def test_all_that_reads_captions_learns(
    clip_shape: ClipShape, batch: Batch, options: dict[str, object]
) -> None:
    config = tiny(**{**CAPTIONED, **options})
    fresh = TrainingState(config, clip_shape, 2, vocabulary=VOCABULARY)
    state, _ = steps(clip_shape, batch, 1, **options)
    assert state.generator.captions
    assert fresh.generator.captions
    pairs = (
        (fresh.generator.captions.encoder, state.generator.captions.encoder),
        (fresh.image_sentences, state.image_sentences),
        (fresh.video_sentences, state.video_sentences),
    )
    for before, after in pairs:
        for old, new in zip(before.trainable_variables, after.trainable_variables, strict=True):
            assert (old.numpy() != new.numpy()).any(), old.name


def test_captions_of_the_first_clips_are_kept(clip_shape: ClipShape, batch: Batch) -> None:
    state, _ = steps(clip_shape, batch, 2)
    assert state.caption_tokens is not None
    assert state.num_captions is not None
    kept = state.caption_tokens.numpy()
    once = tokens_of(*TOKENS_OF_BATCH)[:, 0]
    np.testing.assert_array_equal(kept[:8], np.concatenate([once, once]))
    assert state.num_captions.numpy() == 8
    assert not kept[8:].any()
    for _ in range(MAX_KEPT_CAPTIONS // 4 + 1):
        state.keep_captions(once + 1)
    np.testing.assert_array_equal(state.caption_tokens[:8], kept[:8])
    assert state.num_captions.numpy() == MAX_KEPT_CAPTIONS


def test_parts_of_a_batch_take_wrong_captions_from_the_whole(
    clip_shape: ClipShape, batch: Batch
) -> None:
    options = {"adversarial": "non_saturating", "instance_noise": 0.0}
    _, [whole] = steps(clip_shape, batch, 1, **options)
    _, [parts] = steps(clip_shape, batch, 1, gradient_accumulation_steps=4, **options)
    # The parts have one clip each. Only the generator's batch norm sees the parts.
    for name in ("image_caption_d_loss", "video_caption_d_loss"):
        assert parts[name] == pytest.approx(whole[name], rel=1e-4)
        assert parts[name] > 0


def test_a_step_without_captions_is_what_it_was(clip_shape: ClipShape, batch: Batch) -> None:
    config = tiny(architecture="moving_parts", r1_interval=2, r1_gamma=1.0, r2_gamma=1.0)
    state = TrainingState(config, clip_shape, 2)
    assert len(state.variables) == 160
    step = TrainStep(config, state, tf.float32)
    losses = [float(step(batch[CLIP], batch[CATEGORY], number)["d_loss"]) for number in range(3)]
    # Recorded with the version before captions. Another order of random numbers changes them by more.
    assert losses[2] == pytest.approx(0.825781, abs=1e-4)
