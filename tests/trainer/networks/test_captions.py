from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.input.captions import NUM_UNKNOWN_IDS
from mocogan.trainer.networks.captions import (
    DIM_CAPTION,
    CaptionConditioning,
    CaptionDistribution,
    SentenceEncoder,
    Vocabulary,
)
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.captions import VOCABULARY, tokens_of

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def encode() -> SentenceEncoder:
    return SentenceEncoder(RandomStream(1), vocabulary=VOCABULARY, outputs=6)


def test_the_order_of_words_counts_and_places_after_the_last_do_not(
    encode: SentenceEncoder,
) -> None:
    tokens = tokens_of("red square blue disc", "blue square red disc")[:, 0]
    sentences = encode(tokens).numpy()
    assert sentences.shape == (2, 6)
    assert np.abs(sentences[0] - sentences[1]).max() > 0.01
    np.testing.assert_allclose(encode(tokens[:, :7]), sentences, atol=1e-6)


def test_a_clip_without_caption_has_a_learned_vector(encode: SentenceEncoder) -> None:
    tokens = tokens_of("", "a", "")[:, 0]
    with tf.GradientTape() as tape:
        sentences = encode(tokens)
    np.testing.assert_array_equal(sentences[0], encode.no_caption[0])
    np.testing.assert_array_equal(sentences[0], sentences[2])
    gradient = tape.gradient(sentences, encode.no_caption)
    np.testing.assert_allclose(gradient, np.full((1, 6), 2.0))


def test_gradients_reach_the_words_of_a_caption_alone(encode: SentenceEncoder) -> None:
    with tf.GradientTape() as tape:
        sentences = encode(tokens_of("red disc")[:, 0])
    gradient = tape.gradient(sentences, encode.embedding)
    assert isinstance(gradient, tf.Tensor)  # and no IndexedSlices
    used = np.abs(gradient.numpy()).max(axis=1) > 0
    # Id 0 is no word, then the five words, then the unknown ones.
    assert used.tolist() == [False, False, True, False, False, True] + [False] * NUM_UNKNOWN_IDS


def test_an_unknown_word_starts_without_a_meaning(encode: SentenceEncoder) -> None:
    unknown = encode.embedding[1 + len(VOCABULARY.words) :]
    assert unknown.shape[0] == NUM_UNKNOWN_IDS
    assert not unknown.numpy().any()


def test_vectors_of_the_user_are_the_first_values() -> None:
    vectors = np.zeros((5, 3), np.float32)
    vectors[1] = [1, 2, 3]
    encode = SentenceEncoder(
        RandomStream(1), vocabulary=Vocabulary(VOCABULARY.words, vectors), outputs=6
    )
    np.testing.assert_array_equal(encode.embedding[2], [1, 2, 3])
    assert (np.abs(encode.embedding[3:6]).max(axis=1) > 0).all()  # words without a vector


def test_the_vector_of_a_caption_is_drawn_from_its_distribution() -> None:
    mean = tf.fill([4000, DIM_CAPTION], 3.0)
    drawn = CaptionDistribution(mean, tf.math.log(tf.fill([4000, DIM_CAPTION], 0.5)))
    sample = drawn.draw(RandomStream(2)).numpy()
    assert sample.mean() == pytest.approx(3, abs=0.01)
    assert sample.std() == pytest.approx(0.5, abs=0.01)


def test_equal_captions_have_equal_distributions() -> None:
    conditioning = CaptionConditioning(RandomStream(1), vocabulary=VOCABULARY)
    mean, log_stddev = conditioning(tokens_of("a disc", "a disc", "a square")[:, 0])
    assert mean.shape == log_stddev.shape == [3, DIM_CAPTION]
    np.testing.assert_array_equal(mean[0], mean[1])
    assert np.abs(mean[0] - mean[2]).max() > 0.01
