"""Writes and reads the files of galleries."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
from tfx.dsl.io import fileio

from mocogan.components.video_evaluator.galleries.names import (
    ANIMATIONS,
    GALLERIES_FOLDER,
    STRIPS,
    GalleryClips,
    gallery_file,
)
from mocogan.components.video_evaluator.report import EvaluationReport
from mocogan.data import pixels
from mocogan.data.encoding.formats import FORMATS
from mocogan.data.encoding.png_strip import decode_png_strips, encode_png_strips
from mocogan.data.encoding.registry import encode_clip

_MAX_SIDE = 2560  # pixels of an animation


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
