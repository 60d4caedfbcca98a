"""Records of real clips, and a model that describes itself, for evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from mocogan.data.records.keys import split_folder
from mocogan.data.records.tfrecord import TFRecordWriter
from mocogan.trainer.contract import MODEL_DESCRIPTION_FILE, ModelDescription

DESCRIPTION_OF_SQUARES = ModelDescription(
    clip_shape=(4, 16, 16, 3),
    frame_stride=2,
    fps=None,
    resize="pad",
    resize_filter="bilinear",
    labels=(),
)


def write_records(
    folder: Path,
    split: str,
    clips: np.ndarray,
    videos: Sequence[int] | None = None,
    labels: Sequence[str] | None = None,
    captions: Sequence[str] | None = None,
) -> list[str]:
    """Writes clips [N, T, H, W, 3] as an ingest does. Returns the file.

    Args:
        folder: Folder of the examples.
        split: Name of the split. The videos of another split are other ones.
        clips: The clips.
        videos: Number of each clip's video. None: each clip is of a video of its own.
        labels: Label of each clip. None: no labels.
        captions: Captions of each clip, one a line. None: no captions.
    """
    path = folder / split_folder(split) / "data_tfrecord-00000-of-00001.gz"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        writer = TFRecordWriter(file)
        for number, frames in enumerate(clips):
            name = f"{split}{videos[number] if videos else number}.mp4".encode()
            label = labels[number].encode() if labels else b""
            caption = captions[number].encode() if captions else b""
            writer.write(clip_to_record(Clip(frames, 0, 0.0), name, label, caption))
        writer.close()
    return [str(path)]


def describe(model: str, description: ModelDescription = DESCRIPTION_OF_SQUARES) -> None:
    """Writes a description into the folder of a SavedModel."""
    path = Path(model, MODEL_DESCRIPTION_FILE)
    path.parent.mkdir(parents=True)
    path.write_text(description.model_dump_json(), encoding="utf-8")
