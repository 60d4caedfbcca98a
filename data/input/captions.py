"""Captions as ids of words. All of it is TensorFlow, so Transform and exported models do the same.

A word is a sequence of letters and digits in lower case. Punctuation separates words and is left out.
Ids: 0 is no word, 1 to V are the words of the vocabulary by falling frequency, and NUM_UNKNOWN_IDS more follow for
words that are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tensorflow as tf

from mocogan.data.records.keys import TOKENS

MAX_CAPTIONS = 8  # of a video; more are left out
MAX_WORDS = 32  # of a caption; more are cut off
MAX_VOCABULARY = 10_000  # words; the most frequent ones are kept
NUM_UNKNOWN_IDS = 4  # unknown words share these ids, by their hash
NO_WORD = 0

_NOT_IN_WORDS = r"[^\p{L}\p{M}\p{N}]+"
# What tf.Transform writes in place of an empty vocabulary.
_EMPTY_VOCABULARY = [b"49d0cd50-04bb-48c0-bc6f-5b575dce351a"]


def split_captions(texts: tf.Tensor) -> tf.Tensor:
    """Captions of clips, one a line: string [B] -> string [B, MAX_CAPTIONS], "" where there is none."""
    lines = tf.strings.split(texts, "\n")
    lines = tf.ragged.boolean_mask(lines, tf.strings.strip(lines) != "")
    return lines.to_tensor(default_value="", shape=[None, MAX_CAPTIONS])


def all_words(captions: tf.Tensor) -> tf.RaggedTensor:
    """Captions, string [N] -> all their words in lower case, [N, (words)]."""
    valid = tf.strings.unicode_transcode(captions, "UTF-8", "UTF-8")
    lower = tf.strings.lower(valid, encoding="utf-8")
    return tf.strings.split(tf.strings.regex_replace(lower, _NOT_IN_WORDS, " "))


def first_words(captions: tf.Tensor) -> tf.Tensor:
    """Captions, string [N] -> their first words in lower case, [N, MAX_WORDS], "" after the last one."""
    return all_words(captions).to_tensor(default_value="", shape=[None, MAX_WORDS])


def to_tokens(words: tf.Tensor, vocabulary_ids: tf.Tensor) -> tf.Tensor:
    """Words and their places in the vocabulary from 0, both [..., MAX_WORDS] -> ids int64, same shape."""
    return tf.where(words == "", tf.constant(NO_WORD, tf.int64), vocabulary_ids + 1)


def first_captions(batch: Mapping[str, tf.Tensor]) -> tf.Tensor | None:
    """The first caption of each clip of a batch, int64 [B, MAX_WORDS]. None for a batch without TOKENS."""
    return batch[TOKENS][:, 0] if TOKENS in batch else None


def known_words(vocabulary: Sequence[bytes]) -> tuple[str, ...]:
    """The words of a vocabulary of tf.Transform, in the order of their ids. Empty if no video has a caption."""
    if list(vocabulary) == _EMPTY_VOCABULARY:
        return ()
    return tuple(word.decode() for word in vocabulary)


class CaptionReader(tf.Module):
    """Captions -> ids of words, with a known vocabulary. It needs no file, so an exported model can contain it."""

    def __init__(self, words: Sequence[str]) -> None:
        """`words`: at least one, in the order of their ids."""
        super().__init__()
        places = tf.range(len(words), dtype=tf.int64)
        self.table = tf.lookup.StaticVocabularyTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(list(words)), places), NUM_UNKNOWN_IDS
        )

    def __call__(self, captions: tf.Tensor) -> tf.Tensor:
        """string [N] -> int64 [N, MAX_WORDS]."""
        words = first_words(captions)
        return to_tokens(words, self.table.lookup(words))
