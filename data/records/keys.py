"""The names in the records: a clip's features, before and after Transform, and the splits."""

from __future__ import annotations

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
# [T, H, W, 3] float32 in [-1, 1]; uint8 in the batches of `mocogan.data.input.batches`.
CLIP = "clip"
CATEGORY = "category"  # int64 class id, 0-based, in the order of the label vocabulary
# Of a label that no training clip has: `tf.one_hot` makes it all zeros. Any id from 0 on would pass
# such a clip off as another class. The ingest report names the labels concerned.
UNSEEN_CATEGORY = -1

LABEL_VOCABULARY = "label"  # name of the vocabulary asset in the transform graph

TRAIN = "train"
EVAL = "eval"


def split_folder(split: str) -> str:
    """Name of a split's folder, as TFX's readers expect it."""
    return f"Split-{split}"
