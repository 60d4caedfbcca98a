from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.loop.caption_choice import choose_captions
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.captions import tokens_of

pytestmark = pytest.mark.usefixtures("eagerly")


def test_a_wrong_caption_is_another_one_of_the_batch() -> None:
    tokens = tokens_of("a red square", "a blue disc", "a blue disc", "a disc")
    texts = tokens.numpy()[:, 0].tolist()
    seen = set()
    for seed in range(40):
        captions = choose_captions(tokens, RandomStream(seed))
        np.testing.assert_array_equal(captions.right, tokens[:, 0])
        assert captions.has_wrong.numpy().all()
        for own, wrong in zip(texts, captions.wrong.numpy().tolist(), strict=True):
            assert wrong != own
            seen.add((texts.index(own), texts.index(wrong)))
    assert seen == {(0, 1), (0, 3), (1, 0), (1, 3), (3, 0), (3, 1)}


def test_a_clip_without_caption_has_no_wrong_one_and_lends_none() -> None:
    captions = choose_captions(tokens_of("a disc", "", "a disc"), RandomStream(0))
    assert captions.has_wrong.numpy().tolist() == [False] * 3
    assert not captions.wrong.numpy().any()
    captions = choose_captions(tokens_of("a disc", "", "a red disc"), RandomStream(0))
    assert captions.has_wrong.numpy().tolist() == [True, False, True]


def test_a_clip_shows_its_captions_in_turn_and_none_of_them_is_wrong_for_it() -> None:
    first, second = tokens_of("a disc", "red disc"), tokens_of("a blue disc", "square")
    # Clip 0 has two captions, of which one is also the only caption of clip 1.
    both = tf.concat([first[:1, :1], first[1:, :1], first[:1, 2:]], axis=1)
    tokens = tf.concat([both, first[1:]], axis=0)
    drawn = {tuple(choose_captions(tokens, RandomStream(n)).right[0].numpy()) for n in range(20)}
    assert drawn == {tuple(first[0, 0].numpy()), tuple(first[1, 0].numpy())}
    for seed in range(20):
        assert not choose_captions(tokens, RandomStream(seed)).has_wrong[0]
        other = choose_captions(tokens, RandomStream(seed))
        assert other.has_other.numpy().tolist() == [True, False]
        shown = {tuple(other.right[0].numpy()), tuple(other.other[0].numpy())}
        assert shown == drawn  # both captions of the clip
    more = tf.concat([tokens, second[:1]], axis=0)
    assert (
        choose_captions(more, RandomStream(0)).wrong[0].numpy().tolist()
        == second[0, 0].numpy().tolist()
    )
