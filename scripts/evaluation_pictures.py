"""Draws the pictures of docs/guides/evaluation.md: good and bad clips for each metric.

    python scripts/evaluation_pictures.py

All clips are synthetic shape motion. Bad clips have a damage that the metric sees, see `evaluation.damages`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mocogan.data import atomic
from mocogan.data.encoding.gif import encode_gif
from mocogan.data.pixels import clips_to_grid
from mocogan.data.synthetic.captioned_shapes import Attributes, captioned_clips
from mocogan.data.synthetic.shapes import (
    DIRECTIONS,
    draw,
    random_content,
    random_path,
    shape_motion_frames,
)
from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.distances.neighbors import distances
from mocogan.evaluation.features.thumbnail import thumbnail

FOLDER = Path(__file__).parents[1] / "docs/images/evaluation"
NUM_FRAMES, SIZE = 16, 64
REAL = "real"
# The damage that shows what each metric sees. Metrics that are not here have pictures of their own.
DAMAGE_OF_METRIC = {
    "clip_distance": "shuffled",
    "clip_kid": "reversed",
    "color_distance": "grayscale",
    "picture_distance": "half_of_picture_gray",
    "patch_distance_1": "blocks_4",
    "patch_distance_2": "blocks_16",
    "patch_distance_3": "low_contrast",
    "color_consistency": "color_flicker",
    "content_consistency": "cross_faded",
    "change": "still",
    "taken_back": "jitter",
    "high_frequency": "crossed",
    "sharpness": "blurred",
    "displacement": "ping_pong",
    "coverage": "two_clips",
    "density": "flat",
    "distinct_share": "one_clip",
    "shape_detection_rate": "half_of_each_clip_black",
    "shape_acd": "cut",
    "shape_displacement": "still",
}
_COLUMNS, _ROWS = 3, 2  # of clips in a picture
_DAMAGED_CLIPS = 64  # a damage can mix clips with each other
_TRAINING_CLIPS = 256
_SEED = 1180


def real_clips(count: int, first: int = 0) -> np.ndarray:
    """Returns clips of both directions in turn, [count, 16, 64, 64, 3] uint8."""
    return np.stack(
        [
            shape_motion_frames(_SEED + number, DIRECTIONS[number % 2], NUM_FRAMES, SIZE)
            for number in range(first, first + count)
        ]
    )


def pictures() -> dict[str, np.ndarray]:
    """Returns the clips of each picture by name, [3 or 6, 16, 64, 64, 3] uint8."""
    clips = real_clips(_DAMAGED_CLIPS)
    damaged = {
        name: DAMAGES[name].function(clips, np.random.default_rng(_SEED))[:_COLUMNS]
        for name in sorted(set(DAMAGE_OF_METRIC.values()))
    }
    return {
        REAL: clips[:_COLUMNS],
        **damaged,
        **_motion_control(),
        **_captions(),
        **_disentanglement(),
        **_memorization(),
    }


def _motion_control() -> dict[str, np.ndarray]:
    """A row for each requested class. The bad model shows any class."""
    requested = np.repeat(DIRECTIONS, _COLUMNS)
    shown = np.array(DIRECTIONS)[[1, 0, 1, 1, 0, 0]]
    return {
        "class_shown": _clips_of_directions(requested),
        "class_ignored": _clips_of_directions(shown),
    }


def _clips_of_directions(directions: np.ndarray) -> np.ndarray:
    clips = [
        shape_motion_frames(_SEED + number, str(direction), NUM_FRAMES, SIZE)
        for number, direction in enumerate(directions)
    ]
    return np.stack(clips)


def _captions() -> dict[str, np.ndarray]:
    """A row for each caption. The bad model shows any caption."""
    one = Attributes("large", "red", "circle", "left_to_right")
    other = Attributes("small", "cyan", "square", "bottom_to_top")
    shown = [other, one._replace(color="blue"), one, one, other._replace(form="circle"), one]
    return {
        "caption_shown": captioned_clips([one] * _COLUMNS + [other] * _COLUMNS, _SEED),
        "caption_ignored": captioned_clips(shown, _SEED),
    }


def _disentanglement() -> dict[str, np.ndarray]:
    """A row for each content seed, a column for each motion seed. In the bad model, both seeds decide everything."""
    random = np.random.default_rng(_SEED)
    contents = [random_content(random) for _ in range(_ROWS * _COLUMNS)]
    paths = [
        random_path(random, DIRECTIONS[number % 2], NUM_FRAMES)
        for number in range(_ROWS * _COLUMNS)
    ]
    separate = [draw(contents[row], paths[column], SIZE) for row, column in np.ndindex(2, 3)]
    mixed = [draw(content, path, SIZE) for content, path in zip(contents, paths, strict=True)]
    return {"seeds_separate": np.stack(separate), "seeds_mixed": np.stack(mixed)}


def _memorization() -> dict[str, np.ndarray]:
    """Generated clips above their nearest training clips."""
    training, new = real_clips(_TRAINING_CLIPS), real_clips(_COLUMNS, first=_TRAINING_CLIPS)
    nearest = distances(thumbnail(new), thumbnail(training)).argmin(axis=1)
    copies = training[:_COLUMNS]
    return {
        "not_copied": np.concatenate([new, training[nearest]]),
        "copied": np.concatenate([copies, copies]),
    }


def main() -> None:
    """Writes the pictures as GIFs."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, clips in pictures().items():
        grid = clips_to_grid(clips, _COLUMNS)
        atomic.write_file(str(FOLDER / f"{name}.gif"), encode_gif(grid))


if __name__ == "__main__":
    main()
