"""The data sets that a configuration is tried on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from mocogan.data.synthetic.handwritten_digits import read_digits
from mocogan.data.synthetic.moving_digits import write_moving_digits
from mocogan.pipeline.experiments.timed_config import EVERY_SECOND_FRAME

DIGIT_SEED = 0
_NUM_DIGIT_VIDEOS = 4000


class DataSet(NamedTuple):
    """A data set, and how clips are cut from it."""

    description: str
    ingest: tuple[str, ...]  # assignments
    # Returns the folder of videos of a source. It may write them below the output folder.
    videos: Callable[[str, str], str]


def _as_they_are(source: str, out: str) -> str:
    return source


def _moving_digits(source: str, out: str) -> str:
    digits = read_digits(source)
    count = min(_NUM_DIGIT_VIDEOS, len(digits.images) // 2)  # the others are for the classifier
    folder = Path(out, "videos")
    write_moving_digits(folder, digits, count, DIGIT_SEED)
    return str(folder)


DATA_SETS = {
    "shapes": DataSet("folder of shape motion videos", (EVERY_SECOND_FRAME,), _as_they_are),
    "actions": DataSet("folder of videos of actions", (EVERY_SECOND_FRAME,), _as_they_are),
    "digits": DataSet("MNIST's own files, or an .npz file", (), _moving_digits),
}
