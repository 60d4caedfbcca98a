"""Moving shapes with captions of four attributes: size, color, form and direction.

A video shows one shape of `mocogan.data.synthetic.shapes`, which moves in one of four directions. Each has captions of
several wordings. Some combinations of attributes can be held out, to see whether a model puts known words together.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mocogan.data.progress import progress
from mocogan.data.synthetic.caption_file import CAPTION_FILE, write_captions
from mocogan.data.synthetic.own_folder import refuse_other_files
from mocogan.data.synthetic.shapes import (
    COLORS,
    PATHS,
    RADII,
    Content,
    draw,
    random_path,
    write_video,
)

SIZES = dict(zip(("small", "medium", "large"), RADII, strict=True))
FORMS = {"circle": "disc", "square": "square"}
HELD_OUT_SHARE = 0.1  # of the combinations
CAPTIONS_PER_VIDEO = 2

_SYNONYMS = {"large": ("large", "big"), "circle": ("circle", "disc")}
_ENDS = {path: tuple(path.split("_to_")) for path in PATHS}
_WAYS = {"top": "up", "bottom": "down", "left": "to the left", "right": "to the right"}
_WORDINGS = (
    "a {size} {color} {form} moves from {start} to {end}",
    "a {color} {form} of {size} size moves {way}",
    "the {form} is {size} and {color} and goes from the {start} to the {end}",
    "{size} {color} {form} moving {way}",
    "a {color} {form} which is {size} goes from {start} to {end}",
)


class Attributes(NamedTuple):
    """What a caption says. `str` of it is not a caption, see `caption_of`."""

    size: str  # a key of SIZES
    color: str  # a key of COLORS
    form: str  # a key of FORMS
    direction: str  # one of PATHS


def all_combinations() -> list[Attributes]:
    """All combinations of the four attributes, in a fixed order."""
    return [Attributes(*values) for values in itertools.product(SIZES, COLORS, FORMS, PATHS)]


def held_out_combinations(share: float, seed: int) -> frozenset[Attributes]:
    """The combinations that the videos of `seed` do not show. Raises ValueError unless 0 <= share <= 0.5."""
    if not 0 <= share <= 0.5:
        raise ValueError(f"the share of held-out combinations must be 0 to 0.5, got {share}")
    combinations = all_combinations()
    order = np.random.default_rng([seed, 1]).permutation(len(combinations))
    return frozenset(combinations[n] for n in order[: round(share * len(combinations))])


def caption_of(attributes: Attributes, wording: int = 0) -> str:
    """A caption in one of the wordings, with the first of several words that mean the same."""
    start, end = _ENDS[attributes.direction]
    words = {**attributes._asdict(), "start": start, "end": end, "way": _WAYS[end]}
    return _WORDINGS[wording].format(**words)


def random_captions(attributes: Attributes, random: np.random.Generator) -> list[str]:
    """CAPTIONS_PER_VIDEO captions of different wordings, with random words for what has several."""
    captions = []
    for wording in random.permutation(len(_WORDINGS))[:CAPTIONS_PER_VIDEO]:
        chosen = {
            name: value if value not in _SYNONYMS else str(random.choice(_SYNONYMS[value]))
            for name, value in attributes._asdict().items()
            if name != "direction"
        }
        captions.append(caption_of(attributes._replace(**chosen), int(wording)))
    return captions


def captioned_frames(
    attributes: Attributes, random: np.random.Generator, num_frames: int, size: int
) -> np.ndarray:
    """Draws a shape along a random path: frames [num_frames, size, size, 3] uint8."""
    content = Content(FORMS[attributes.form], COLORS[attributes.color], SIZES[attributes.size])
    return draw(content, random_path(random, attributes.direction, num_frames), size)


def captioned_clips(
    wanted: Collection[Attributes], seed: int, num_frames: int = 16, size: int = 64
) -> np.ndarray:
    """Draws a clip of each of the attributes: [N, num_frames, size, size, 3] uint8."""
    random = np.random.default_rng(seed)
    return np.stack([captioned_frames(each, random, num_frames, size) for each in wanted])


def write_captioned_shapes(
    folder: str | os.PathLike[str],
    num_videos: int,
    seed: int,
    held_out: float = HELD_OUT_SHARE,
    num_frames: int = 16,
    size: int = 64,
    fps: int = 10,
) -> list[Path]:
    """Writes H.264 files `folder/<number>.mp4` with captions, and returns the paths. The direction is the class.

    The same arguments always write the same files.

    Args:
        folder: The ingest reads it without options.
        num_videos: At least 1.
        seed: Seed >= 0 of the held-out combinations and of the videos.
        held_out: Share of the combinations that no video shows, 0 to 0.5.
        num_frames: Frames of each video.
        size: Height and width of a frame in pixels, an even number.
        fps: Frames per second.

    Raises:
        ValueError: An argument is out of range, or `folder` contains other files, which would be used as videos.
        OSError: A file cannot be written.
    """
    if size % 2 or size < 2:
        raise ValueError(f"size must be even for 4:2:0 video, got {size}")
    if num_videos < 1 or num_frames < 2 or seed < 0:
        raise ValueError(
            "num_videos must be >= 1, num_frames >= 2 and seed >= 0, "
            f"got {num_videos}, {num_frames} and {seed}"
        )
    folder = Path(folder)
    paths = [folder / f"{number:05d}.mp4" for number in range(num_videos)]
    refuse_other_files(folder, [*paths, folder / CAPTION_FILE], "a shape video")
    excluded = held_out_combinations(held_out, seed)
    kept = [each for each in all_combinations() if each not in excluded]
    folder.mkdir(parents=True, exist_ok=True)
    captions, directions = {}, {}
    with progress("captioned shapes", num_videos, "videos") as shown:
        for path, random in zip(paths, _randoms(num_videos, seed), strict=True):
            attributes = kept[random.integers(len(kept))]
            captions[path] = random_captions(attributes, random)
            directions[path] = attributes.direction
            write_video(path, captioned_frames(attributes, random, num_frames, size), fps)
            shown.advance()
    write_captions(folder, captions, directions)
    return paths


def _randoms(count: int, seed: int) -> Iterator[np.random.Generator]:
    """Yields one generator for each video."""
    return map(np.random.default_rng, np.random.SeedSequence(seed).generate_state(count, np.uint64))
