"""The record format: the names of a clip's features, before and after Transform. Needs no TensorFlow."""

from __future__ import annotations

import numpy as np

from mocogan.data.records.clip import Clip
from mocogan.data.records.example_proto import Example

# Features of a raw example, as VideoExampleGen writes it.
VIDEO_ID = "video_id"  # path below the data folder, file-system bytes
LABEL = "label"  # name of the class, b"" without one
CAPTION = "caption"  # the manifest's text about the video, UTF-8, b"" without one
FRAMES = "frames"  # [T, H, W, 3] uint8, row-major raw bytes
NUM_FRAMES = "num_frames"
HEIGHT = "height"
WIDTH = "width"
CLIP_INDEX = "clip_index"  # 0-based place of the clip in its video
START_SECONDS = "start_seconds"  # presentation time of the clip's first frame

# Features after Transform.
CLIP = (
    "clip"  # [T, H, W, 3] float32 in [-1, 1]; uint8 in the batches of `mocogan.data.input.batches`
)
CATEGORY = "category"  # int64 class id, 0-based, in the order of the label vocabulary
# Of a label that no training clip has: `tf.one_hot` makes it all zeros. Any id from 0 on would pass
# such a clip off as another class. The ingest report names the labels concerned.
UNSEEN_CATEGORY = -1

LABEL_VOCABULARY = "label"  # name of the vocabulary asset in the transform graph


def clip_to_record(clip: Clip, video_id: bytes, label: bytes, caption: bytes) -> bytes:
    """A clip as a serialised tf.train.Example; the same clip gives the same bytes.

    Raises ValueError unless frames are [T, H, W, 3] uint8.
    """
    if clip.frames.ndim != 4 or clip.frames.shape[-1] != 3 or clip.frames.dtype != np.uint8:
        raise ValueError(
            f"frames must be [T, H, W, 3] uint8, got {clip.frames.shape} {clip.frames.dtype}"
        )
    num_frames, height, width, _ = clip.frames.shape
    of_bytes = {
        VIDEO_ID: video_id,
        LABEL: label,
        CAPTION: caption,
        FRAMES: clip.frames.tobytes(),
    }
    of_int = {NUM_FRAMES: num_frames, HEIGHT: height, WIDTH: width, CLIP_INDEX: clip.index}
    example = Example()
    feature = example.features.feature
    for name, value in of_bytes.items():
        feature[name].bytes_list.value.append(value)
    for name, number in of_int.items():
        feature[name].int64_list.value.append(number)
    feature[START_SECONDS].float_list.value.append(clip.start_seconds)
    return example.SerializeToString(deterministic=True)


def video_id_of(record: bytes) -> bytes:
    """The VIDEO_ID of what `clip_to_record` made."""
    return Example.FromString(record).features.feature[VIDEO_ID].bytes_list.value[0]
