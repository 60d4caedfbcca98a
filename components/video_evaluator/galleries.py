"""The galleries of an evaluation, and their files.

Each gallery has one file of film strips, which is exact, and one animated picture per format of ANIMATIONS.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from tfx.dsl.io import fileio

from mocogan.components.video_evaluator.report import EvaluationReport, Gallery
from mocogan.data import pixels
from mocogan.data.encoding.formats import FORMATS
from mocogan.data.encoding.png_strip import decode_png_strips, encode_png_strips
from mocogan.data.encoding.registry import encode_clip

GALLERIES_FOLDER = "galleries"  # in the folder of the evaluation
ANIMATIONS = ("gif", "webp", "mp4")
STRIPS = ".png"
_MAX_SIDE = 2560  # pixels of an animation

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


def write_gallery(folder: str, part: GalleryClips) -> None:
    """Writes the files of a gallery into the existing `folder` of an evaluation."""
    gallery, clips = part
    fileio.makedirs(os.path.join(folder, GALLERIES_FOLDER))
    grid = pixels.clips_to_grid(clips, gallery.columns)
    files = {
        FORMATS[name].extension: encode_clip(grid, name, gallery.fps, _scale(name, grid))
        for name in ANIMATIONS
    }
    for extension, content in {STRIPS: encode_png_strips(clips), **files}.items():
        with fileio.open(os.path.join(folder, gallery_file(gallery.name, extension)), "wb") as file:
            file.write(content)


def _scale(name: str, grid: np.ndarray) -> int:
    """The largest factor, at most the format's own, with which the animation is not too large for players."""
    return max(1, min(FORMATS[name].scale, _MAX_SIDE // max(grid.shape[1:3])))


def read_galleries(folder: str, report: EvaluationReport) -> Mapping[str, GalleryClips]:
    """Reads the galleries in the folder of an evaluation, by name.

    Raises:
        NotStrips: A file is damaged.
        OSError, tf.errors.OpError: A file cannot be read.
    """
    found = {}
    for gallery in report.galleries:
        with fileio.open(os.path.join(folder, gallery_file(gallery.name, STRIPS)), "rb") as file:
            found[gallery.name] = GalleryClips(gallery, decode_png_strips(file.read()))
    return found
