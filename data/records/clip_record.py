"""Clips as records: serialized tf.train.Example messages, as VideoExampleGen writes them, without TensorFlow."""

from __future__ import annotations

import numpy as np

from mocogan.data.records.clip import Clip
from mocogan.data.records.example_proto import Example
from mocogan.data.records.keys import (
    CAPTION,
    CLIP_INDEX,
    FPS,
    FRAMES,
    HEIGHT,
    LABEL,
    NUM_FRAMES,
    START_SECONDS,
    VIDEO_ID,
    WIDTH,
)


def clip_to_record(clip: Clip, video_id: bytes, label: bytes, caption: bytes) -> bytes:
    """Serializes a clip as a tf.train.Example. The same clip always gives the same bytes.

    Raises ValueError unless the frames are [T, H, W, 3] uint8.
    """
    if clip.frames.ndim != 4 or clip.frames.shape[-1] != 3 or clip.frames.dtype != np.uint8:
        raise ValueError(
            f"frames must be [T, H, W, 3] uint8, got {clip.frames.shape} {clip.frames.dtype}"
        )
    num_frames, height, width, _ = clip.frames.shape
    byte_features = {
        VIDEO_ID: video_id,
        LABEL: label,
        CAPTION: caption,
        FRAMES: clip.frames.tobytes(),
    }
    int_features = {NUM_FRAMES: num_frames, HEIGHT: height, WIDTH: width, CLIP_INDEX: clip.index}
    example = Example()
    feature = example.features.feature
    for name, value in byte_features.items():
        feature[name].bytes_list.value.append(value)
    for name, number in int_features.items():
        feature[name].int64_list.value.append(number)
    feature[START_SECONDS].float_list.value.append(clip.start_seconds)
    if clip.fps is not None:
        feature[FPS].float_list.value.append(clip.fps)
    return example.SerializeToString(deterministic=True)
