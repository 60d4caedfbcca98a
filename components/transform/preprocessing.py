"""Raw examples of clips -> inputs of the networks.

Transform imports `preprocessing_fn` by its dotted path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from mocogan.data.input.captions import (
    MAX_CAPTIONS,
    MAX_VOCABULARY,
    MAX_WORDS,
    NUM_UNKNOWN_IDS,
    first_words,
    split_captions,
    to_tokens,
)
from mocogan.data.input.stored_clips import resized_frames
from mocogan.data.pixels import to_float
from mocogan.data.records import keys as records


def preprocessing_fn(
    inputs: Mapping[str, tf.Tensor], custom_config: Mapping[str, Any]
) -> dict[str, tf.Tensor]:
    """Raw features, each [B, 1] -> CLIP float32 [B, T, size, size, 3] in [-1, 1] and CATEGORY int64 [B].

    `custom_config` holds num_frames (T), size (pixels) and resize_filter ("area" or "bilinear"). The filter resizes
    clips that are stored at another size. All clips of a batch must be stored at the same size. If it holds captions
    (true), there is also TOKENS, int64 [B, MAX_CAPTIONS, MAX_WORDS].
    """
    captions = custom_config.get("captions", False)
    return {
        records.CLIP: to_float(
            resized_frames(
                inputs[records.FRAMES],
                inputs[records.HEIGHT][0, 0],
                inputs[records.WIDTH][0, 0],
                custom_config["num_frames"],
                custom_config["size"],
                custom_config["resize_filter"],
            )
        ),
        records.CATEGORY: _categories(inputs[records.LABEL]),
        **({records.TOKENS: _tokens(inputs[records.CAPTION])} if captions else {}),
    }


def _categories(labels: tf.Tensor) -> tf.Tensor:
    named = tf.where(labels == "", records.NO_LABEL, labels)
    in_one_line = tf.strings.regex_replace(named, records.LINE_BREAKS, " ")
    categories = tft.compute_and_apply_vocabulary(
        in_one_line, default_value=records.UNSEEN_CATEGORY, vocab_filename=records.LABEL_VOCABULARY
    )
    return tf.reshape(categories, [-1])


def _tokens(texts: tf.Tensor) -> tf.Tensor:
    captions = split_captions(tf.reshape(texts, [-1]))
    words = tf.reshape(first_words(tf.reshape(captions, [-1])), [-1, MAX_CAPTIONS, MAX_WORDS])
    places = tft.compute_and_apply_vocabulary(
        words,
        top_k=MAX_VOCABULARY,
        num_oov_buckets=NUM_UNKNOWN_IDS,
        vocab_filename=records.CAPTION_VOCABULARY,
    )
    return to_tokens(words, places)
