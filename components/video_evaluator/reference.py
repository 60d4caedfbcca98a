"""The real clips to compare with. They come from the eval split, or from train when eval is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from mocogan.data.input.batches import clip_dataset
from mocogan.data.records import keys as records

_BATCH_SIZE = 16

# In order of preference, each with the note that goes into the report.
_SPLITS = (
    ("eval", ""),
    ("train", "the eval split is empty, so the model is compared with its training clips"),
)


class Reference(NamedTuple):
    """Real clips and where they come from."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8, N >= 1
    split: str
    note: str = ""


def read_reference(
    split_files: Mapping[str, Sequence[str]], transform_graph: str, num_clips: int, seed: int
) -> Reference:
    """Reads up to `num_clips` clips of split `eval`, shuffled with `seed`, or of `train` if `eval` is empty.

    `split_files` maps each split to its gzip TFRecord files. `transform_graph` is the folder that Transform wrote.
    Raises ValueError when both splits are empty.
    """
    for split, note in _SPLITS:
        files = split_files.get(split, ())
        if _holds_a_clip(files):
            return Reference(_read(files, transform_graph, num_clips, seed), split, note)
    raise ValueError(
        "the eval and train splits hold no clips. Add videos, so that the model can be compared with real clips"
    )


def _holds_a_clip(files: Sequence[str]) -> bool:
    # A split without clips may still have files.
    records_read = tf.data.TFRecordDataset(list(files), compression_type="GZIP").take(1)
    return any(True for _ in records_read)


def _read(files: Sequence[str], transform_graph: str, num_clips: int, seed: int) -> np.ndarray:
    transform_output = tft.TFTransformOutput(transform_graph)
    batches = clip_dataset(
        files,
        transform_output.raw_feature_spec(),
        transform_output.transform_features_layer(),
        _BATCH_SIZE,
        shuffle_seed=seed,
        repeat=False,
        drop_remainder=False,
    ).take(-(-num_clips // _BATCH_SIZE))
    clips = [batch[records.CLIP].numpy() for batch in batches]
    return np.concatenate(clips)[:num_clips]
