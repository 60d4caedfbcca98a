"""Film strips to train on in tests: each is a PNG with the frames of a clip side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames

DrawFrames = Callable[[int, str, int, int], np.ndarray]  # seed, direction, frames, size


def write_film_strips(
    folder: Path,
    num_strips: int,
    num_frames: int = 8,
    size: int = 16,
    draw: DrawFrames = shape_motion_frames,
) -> Path:
    """Writes strips of two classes below `folder`. Returns `folder`."""
    for number in range(num_strips):
        direction = DIRECTIONS[number % 2]
        path = folder / direction / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        frames = draw(number, direction, num_frames, size)
        Image.fromarray(np.concatenate(list(frames), axis=1)).save(path)
    return folder
