"""The galleries of an evaluation: their names, and where their files are.

Each gallery has one file of film strips, which is exact, and one animated picture per format of ANIMATIONS.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mocogan.components.video_evaluator.report import Gallery

GALLERIES_FOLDER = "galleries"  # in the folder of the evaluation
ANIMATIONS = ("gif", "webp", "mp4")
STRIPS = ".png"

# Names of galleries. Clip n of `generated`, `real`, `baseline` and `nearest` belong together.
GENERATED = "generated"  # the first clips of the sample, so they are random ones
REAL = "real"  # held-out clips of the same classes
BASELINE = "baseline"  # clips of the baseline from the same seeds
NEAREST = (
    "nearest"  # the nearest training clips. Captions: the distance, relative to that of real clips
)
WORST = "worst"  # the clips of the sample that are farthest from real clips. Captions: how far
UNCOVERED = "uncovered"  # real clips that no generated clip is near to
MATRIX = "matrix"  # rows share the content, columns share the motion
CLASSES = "classes"  # rows are classes, columns are seeds
CAPTIONS = "captions"  # rows are captions, columns are seeds
WORDS = "words"  # the same, with captions that differ in one word from the first one
CONTENT_STEPS = "content_steps"  # in a row the content changes step by step, the motion is the same
MOTION_STEPS = "motion_steps"  # in a row the motion changes step by step, the content is the same
LONG = "long"  # clips of three times the frames of the training


class GalleryClips(NamedTuple):
    """A gallery and its clips, [N, T, H, W, 3] uint8."""

    gallery: Gallery
    clips: np.ndarray


def gallery_file(name: str, extension: str) -> str:
    """Returns the path of a gallery's file in the folder of the evaluation. `extension` begins with a dot."""
    return f"{GALLERIES_FOLDER}/{name}{extension}"
