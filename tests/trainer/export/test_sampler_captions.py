"""Sampling with captions, from the exported model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.export.example_captions import example_captions
from tests.support.captions import KEPT, captioned_state, export_captioned, tokens_of

SEEDS = tf.constant([3, 3, 3, 5], tf.int64)
ANY = tf.constant([-1, -1, -1, -1], tf.int64)
TEXTS = tf.constant(["a red square", "A red, square!", "a blue square", "a red square"])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tf.saved_model.load(export_captioned(str(tmp_path_factory.mktemp("model") / "1")))


def test_a_clip_follows_its_caption_and_its_seed(model: Any) -> None:
    clips = model.signatures["sample_caption"](caption=TEXTS, seed=SEEDS)["clips"].numpy()
    assert (clips.shape, clips.dtype) == ((4, 4, 8, 8, 3), np.uint8)
    np.testing.assert_array_equal(clips[0], clips[1])
    assert (clips[0] != clips[2]).any()
    assert (clips[0] != clips[3]).any()


def test_the_empty_caption_is_any_caption(model: Any) -> None:
    empty = model.signatures["sample_caption"](caption=tf.fill([4], ""), seed=SEEDS)["clips"]
    drawn = model.signatures["sample_each"](seed=SEEDS, category=ANY)["clips"]
    np.testing.assert_array_equal(empty, drawn)


def test_latents_have_the_vector_of_the_caption(model: Any) -> None:
    frames = tf.constant(4)
    latents = model.signatures["latents_caption"](
        caption=TEXTS, seed=SEEDS, category=ANY, num_frames=frames
    )
    assert latents["z_caption"].shape == [4, 32]
    clips = model.signatures["render"](**latents)["clips"]
    same = model.signatures["sample_caption"](caption=TEXTS, seed=SEEDS)["clips"]
    np.testing.assert_array_equal(clips, same)
    drawn = model.signatures["latents"](seed=SEEDS, category=ANY, num_frames=frames)
    # Rows 0 and 2 differ in the caption alone: one draw less would change the others.
    for name in ("z_content", "motion_noise", "first_state", "category"):
        np.testing.assert_array_equal(drawn[name], latents[name])


def test_captions_are_drawn_from_the_kept_ones(model: Any) -> None:
    seeds = tf.range(200, dtype=tf.int64)
    drawn = model.signatures["latents"](
        seed=seeds, category=-tf.ones_like(seeds), num_frames=tf.constant(1)
    )["z_caption"].numpy()
    captions = captioned_state().ema_generator.captions
    assert captions
    means = captions(tokens_of(*KEPT)[:, 0]).mean.numpy()
    nearest = np.linalg.norm(drawn[:, np.newaxis] - means[[0, 1, 3]], axis=-1).argmin(axis=1)
    counts = np.bincount(nearest, minlength=3) / 200
    assert counts == pytest.approx([0.5, 0.25, 0.25], abs=0.1)


def test_examples_are_different_captions_in_their_order() -> None:
    assert example_captions(captioned_state()) == ("a blue disc", "red square")


def test_a_model_without_captions_has_no_signature_of_them(exported: str) -> None:
    signatures = tf.saved_model.load(exported).signatures
    assert not {"sample_caption", "latents_caption"} & set(signatures)
