"""Names in the records: the features of a clip before and after Transform, and the splits."""

from __future__ import annotations

# Features of a raw example, as VideoExampleGen writes it.
VIDEO_ID = "video_id"  # path below the data folder, file-system bytes
LABEL = "label"  # name of the class, or b""
CAPTION = "caption"  # texts about the video, one a line, UTF-8, or b""
FRAMES = "frames"  # [T, H, W, 3] uint8, row-major raw bytes
NUM_FRAMES = "num_frames"
HEIGHT = "height"
WIDTH = "width"
CLIP_INDEX = "clip_index"  # 0-based position of the clip in its video
START_SECONDS = "start_seconds"  # presentation time of the clip's first frame
FPS = "fps"  # frames per second of the clip; left out if the video has no frame rate

# Features after Transform.
# [T, H, W, 3] float32 in [-1, 1]. In the batches of `mocogan.data.input.batches` it is uint8.
CLIP = "clip"
CATEGORY = "category"  # int64 class id, 0-based, in the order of the label vocabulary
# int64 [MAX_CAPTIONS, MAX_WORDS] ids of the words of the captions, see `data.input.captions`. Only on request.
TOKENS = "tokens"
# Category of clips whose label no training clip has. `tf.one_hot` turns it into zeros. An id >= 0
# would mean another class. The ingest report lists these labels.
UNSEEN_CATEGORY = -1

NO_LABEL = "(none)"  # class of videos without a label. tf.Transform drops the empty string from vocabularies
LINE_BREAKS = (
    r"[\r\n]"  # spaces in the names of classes, because the vocabulary file has one entry per line
)
LABEL_VOCABULARY = "label"  # name of the vocabulary asset in the transform graph
CAPTION_VOCABULARY = "caption_words"  # the same for the words of captions

TRAIN = "train"
EVAL = "eval"


def split_folder(split: str) -> str:
    """Returns the name of a split's folder, as the readers of TFX expect it."""
    return f"Split-{split}"
