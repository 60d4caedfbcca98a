"""The files of samples: a GIF to look at, and film strips with the exact pixels."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data.encoding.gif import encode_gif
from mocogan.data.encoding.png_strip import encode_png_strips
from mocogan.data.pixels import clips_to_grid

REAL = "real"  # name of the files with real clips
_COLUMNS = 4
_OF_A_STEP = re.compile(r"step-(\d+)\.\w+")


class Grid(NamedTuple):
    """Clips in a grid, as an animated GIF. Sizes in pixels."""

    gif: bytes
    width: int
    height: int


def encode_grid(clips: np.ndarray, fps: float | None) -> Grid:
    """Clips [N, T, H, W, 3] uint8 at `fps` frames per second (None: not known) -> a grid with 4 clips per row."""
    grid = clips_to_grid(clips, _COLUMNS)
    return Grid(encode_gif(grid, fps), grid.shape[2], grid.shape[1])


def step_name(step: int) -> str:
    """Name of the files with samples of `step`, without an ending."""
    return f"step-{step:06d}"


class SampleFiles:
    """Files such as `step-000500.gif` and `step-000500.png` in a folder, local or an address."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def write(self, name: str, clips: np.ndarray, grid: Grid) -> None:
        """Write the grid and the clips [N, T, H, W, 3] uint8. Clip n is row n of the PNG. Raises tf.errors.OpError."""
        tf.io.gfile.makedirs(self._folder)
        for ending, content in ((".gif", grid.gif), (".png", encode_png_strips(clips))):
            with tf.io.gfile.GFile(f"{self._folder}/{name}{ending}", "wb") as file:
                file.write(content)

    def has(self, name: str) -> bool:
        """Return whether the files of this name are written."""
        return bool(tf.io.gfile.exists(f"{self._folder}/{name}.png"))

    def keep_until(self, step: int) -> None:
        """Delete the samples of later steps. Raises tf.errors.OpError."""
        if not tf.io.gfile.isdir(self._folder):
            return
        for name in tf.io.gfile.listdir(self._folder):
            match = _OF_A_STEP.fullmatch(name)
            if match and int(match[1]) > step:
                tf.io.gfile.remove(f"{self._folder}/{name}")
