"""Raw examples of clips -> inputs of the networks.

Transform imports `preprocessing_fn` by its dotted path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from mocogan.data.pixels import to_float
from mocogan.data.records import keys as records

# The label of videos without a class. tf.Transform drops the empty string from vocabularies.
NO_LABEL = "(none)"


def preprocessing_fn(
    inputs: Mapping[str, tf.Tensor], custom_config: Mapping[str, Any]
) -> dict[str, tf.Tensor]:
    """Raw features, each [B, 1] -> CLIP float32 [B, T, size, size, 3] in [-1, 1] and CATEGORY int64 [B].

    `custom_config` holds num_frames (T), size (pixels) and resize_filter ("area" or "bilinear"). The filter resizes
    clips that are stored at another size. All clips of a batch must be stored at the same size.
    """
    return {
        records.CLIP: _clips(
            inputs,
            custom_config["num_frames"],
            custom_config["size"],
            custom_config["resize_filter"],
        ),
        records.CATEGORY: _categories(inputs[records.LABEL]),
    }


def _clips(
    inputs: Mapping[str, tf.Tensor], num_frames: int, size: int, resize_filter: str
) -> tf.Tensor:
    height, width = inputs[records.HEIGHT][0, 0], inputs[records.WIDTH][0, 0]
    pixels = tf.io.decode_raw(inputs[records.FRAMES], tf.uint8)  # [B, 1, T * height * width * 3]
    # The frames of all clips, one after the other. The reshape fails if a clip has another number of frames.
    num_all_frames = tf.shape(pixels, tf.int64)[0] * num_frames
    frames = tf.reshape(pixels, tf.stack([num_all_frames, height, width, 3]))
    resized = tf.cond(
        (height == size) & (width == size),
        lambda: tf.cast(frames, tf.float32),
        lambda: tf.image.resize(frames, [size, size], method=resize_filter),
    )
    return to_float(tf.reshape(resized, [-1, num_frames, size, size, 3]))


def _categories(labels: tf.Tensor) -> tf.Tensor:
    named = tf.where(labels == "", NO_LABEL, labels)
    # The vocabulary file has one entry per line, so line breaks in labels become spaces.
    in_one_line = tf.strings.regex_replace(named, r"[\r\n]", " ")
    categories = tft.compute_and_apply_vocabulary(
        in_one_line, default_value=records.UNSEEN_CATEGORY, vocab_filename=records.LABEL_VOCABULARY
    )
    return tf.reshape(categories, [-1])
