"""The record format: the names of a clip's features, before and after Transform."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from data.clip import Clip

# Features of a raw example, as VideoExampleGen writes it.
VIDEO_ID = "video_id"  # path below the data folder, file-system bytes
LABEL = "label"  # name of the class folder, b"" without one
FRAMES = "frames"  # [T, H, W, 3] uint8, row-major raw bytes
NUM_FRAMES = "num_frames"
HEIGHT = "height"
WIDTH = "width"
CLIP_INDEX = "clip_index"  # 0-based place of the clip in its video
START_SECONDS = "start_seconds"  # presentation time of the clip's first frame

# Features after Transform.
CLIP = "clip"  # [T, H, W, 3] float32 in [-1, 1]
CATEGORY = "category"  # int64 class id, 0-based, in the order of the label vocabulary
# Of a label that no training clip has: `tf.one_hot` makes it all zeros. Any id from 0 on would pass
# such a clip off as another class. The ingest report names the labels concerned.
UNSEEN_CATEGORY = -1

LABEL_VOCABULARY = "label"  # name of the vocabulary asset in the transform graph


def clip_to_example(clip: Clip, video_id: bytes, label: bytes) -> tf.train.Example:
    """Packs a clip into a tf.Example. Raises ValueError unless frames are [T, H, W, 3] uint8."""
    if clip.frames.ndim != 4 or clip.frames.shape[-1] != 3 or clip.frames.dtype != np.uint8:
        raise ValueError(
            f"frames must be [T, H, W, 3] uint8, got {clip.frames.shape} {clip.frames.dtype}"
        )
    num_frames, height, width, _ = clip.frames.shape

    def of_bytes(value: bytes) -> tf.train.Feature:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))

    def of_int(value: int) -> tf.train.Feature:
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))

    return tf.train.Example(
        features=tf.train.Features(
            feature={
                VIDEO_ID: of_bytes(video_id),
                LABEL: of_bytes(label),
                FRAMES: of_bytes(clip.frames.tobytes()),
                NUM_FRAMES: of_int(num_frames),
                HEIGHT: of_int(height),
                WIDTH: of_int(width),
                CLIP_INDEX: of_int(clip.index),
                START_SECONDS: tf.train.Feature(
                    float_list=tf.train.FloatList(value=[clip.start_seconds])
                ),
            }
        )
    )
