"""Captions in the networks: from ids of words to sentence vectors, for the generator and for the discriminators.

The encoder has a convolution over neighboring words, which sees their order ("left to right"), and attention over
words. A recurrent network over 32 words would need as many steps as the motion's GRU, twice.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data.input.captions import NO_WORD, NUM_UNKNOWN_IDS
from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.initializers import unit_gain_normal
from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.runtime.randomness import RandomStream

DIM_CAPTION = 32  # of a caption's vector in the generator, and of that in the discriminators
_DIM_WORD = 64  # of an embedding without word vectors of the user
_CHANNELS = 64
_HEADS = 4
_IGNORED = -1e9  # attention score of places without a word
_LOG_STDDEV = -2.0  # of the caption's vector before training, so that noise does not hide it


class Vocabulary(NamedTuple):
    """The words that captions are made of."""

    words: tuple[str, ...]  # in the order of their ids
    # [V, D] float32 vectors to start from. A row of zeros is a word without one. None: all start from random values
    vectors: np.ndarray | None = None


class CaptionDistribution(NamedTuple):
    """A normal distribution for each of N captions, float32."""

    mean: tf.Tensor  # [N, DIM_CAPTION]
    log_stddev: tf.Tensor  # [N, DIM_CAPTION]

    def draw(self, random: RandomStream) -> tf.Tensor:
        """-> [N, DIM_CAPTION], a sample of each."""
        shape = [tf.shape(self.mean)[0], DIM_CAPTION]
        return self.mean + tf.exp(self.log_stddev) * random.normal(shape)


class SentenceEncoder(tf.Module):
    """Ids of words -> a vector for each caption. A caption without words has a vector of its own, which is learned."""

    def __init__(self, random: RandomStream, *, vocabulary: Vocabulary, outputs: int) -> None:
        super().__init__()
        self.embedding = tf.Variable(_initial_embedding(random, vocabulary), name="embedding")
        self.neighbors = Dense(
            random,
            inputs=3 * self.embedding.shape[1],
            outputs=_CHANNELS,
            init=unit_gain_normal,
        )
        self.attention = Dense(random, inputs=_CHANNELS, outputs=_HEADS, init=unit_gain_normal)
        self.output = Dense(
            random, inputs=_HEADS * _CHANNELS, outputs=outputs, init=unit_gain_normal
        )
        self.no_caption = tf.Variable(random.normal([1, outputs]), name="no_caption")

    def __call__(self, tokens: tf.Tensor) -> tf.Tensor:
        """int64 [N, words] -> float32 [N, outputs]. What follows after the last word has no effect."""
        is_word = tokens != NO_WORD
        mask = tf.cast(is_word, tf.float32)[..., tf.newaxis]
        x = _rows(self.embedding.read_value(), tokens) * mask
        padded = tf.pad(x, [[0, 0], [1, 1], [0, 0]])
        x = tf.concat([padded[:, :-2], x, padded[:, 2:]], axis=-1)
        x = tf.nn.leaky_relu(_of_each_word(self.neighbors, x))
        scores = _of_each_word(self.attention, x) + (1.0 - mask) * _IGNORED
        weights = tf.nn.softmax(scores, axis=1)  # [N, words, heads]
        heads = tf.matmul(weights, x, transpose_a=True)
        sentences = self.output(tf.reshape(heads, [-1, _HEADS * _CHANNELS]))
        return tf.where(tf.reduce_any(is_word, axis=1, keepdims=True), sentences, self.no_caption)


class CaptionConditioning(tf.Module):
    """Captions -> distributions of vectors, from which the generator draws (StackGAN, arXiv:1612.03242, section 3.2).

    The same caption gives different vectors, so captions between those of the training mean something too.
    """

    def __init__(self, random: RandomStream, *, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.encoder = SentenceEncoder(random, vocabulary=vocabulary, outputs=2 * DIM_CAPTION)

    def __call__(self, tokens: tf.Tensor) -> CaptionDistribution:
        """int64 [N, words] -> distributions of N captions."""
        mean, log_stddev = tf.split(self.encoder(tokens), 2, axis=-1)
        return CaptionDistribution(mean, log_stddev + _LOG_STDDEV)

    def add_to(self, latents: Latents, tokens: tf.Tensor, random: RandomStream) -> Latents:
        """The latents of N clips with drawn vectors of N captions, int64 [N, words]."""
        return latents._replace(z_caption=self(tokens).draw(random))


def _initial_embedding(random: RandomStream, vocabulary: Vocabulary) -> tf.Tensor:
    """[1 + V + unknown, D]. Unknown words start from zero, so that one that was never trained changes little."""
    count, vectors = len(vocabulary.words), vocabulary.vectors
    drawn = random.normal([count, _DIM_WORD if vectors is None else vectors.shape[1]])
    if vectors is not None:
        scale = float(vectors.std()) or 1.0
        drawn = tf.where((vectors == 0).all(axis=1, keepdims=True), scale * drawn, vectors)
    return tf.pad(drawn, [[1, NUM_UNKNOWN_IDS], [0, 0]])


@tf.custom_gradient
def _rows(table: tf.Tensor, indices: tf.Tensor) -> tuple[tf.Tensor, object]:
    """[R, D], [N, words] -> [N, words, D]. Its gradient is dense, as the optimizer and the gradient sums need it."""

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None]:
        return tf.math.unsorted_segment_sum(upstream, indices, table.shape[0]), None

    return tf.gather(table, indices), gradient


def _of_each_word(layer: Dense, x: tf.Tensor) -> tf.Tensor:
    """[N, words, inputs] -> [N, words, outputs]."""
    count, words, inputs = tf.shape(x)[0], x.shape[1], x.shape[2]
    y = layer(tf.reshape(x, [-1, inputs]))
    return tf.reshape(y, [count, words, y.shape[1]])
