"""Moving digits: a handwritten digit moves along a straight path and bounces at the borders of the frame.

The motion is similar to Moving MNIST (Srivastava et al. 2015, arXiv:1502.04681), with one digit in each video. The
class of a video is its digit. Each image goes to one video only, so a held-out video shows an unseen image.

With captions, a digit moves along one axis, as in Sync-DRAW (arXiv:1611.10314, section 4.1) and TGANs-C
(arXiv:1804.08264, section 4.1): "digit 7 is moving up and down". The class is the digit here too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from mocogan.data import atomic
from mocogan.data.progress import progress
from mocogan.data.synthetic.caption_file import CAPTION_FILE, write_captions
from mocogan.data.synthetic.handwritten_digits import IMAGE_SIDE, Digits
from mocogan.data.synthetic.own_folder import refuse_other_files

AXES = ("left and right", "up and down")  # in captions; the axis is the place, x or y
SPEEDS = (2.0, 4.0)  # the lowest and the highest, in pixels per frame
_SMALLEST_SIZE = IMAGE_SIDE + int(
    SPEEDS[1]
)  # with less room, a digit could bounce twice between two frames


def random_path(
    random: np.random.Generator, num_frames: int, size: int, axis: int | None = None
) -> np.ndarray:
    """Samples the digit's top left corners [num_frames, 2] (x, y) in pixels, in [0, size - 28].

    The start, the direction and the speed (in SPEEDS) are uniform. The digit's 28x28 pixels stay in the frame.
    `axis` (0 or 1) is the only axis that the digit moves along. None: any direction.
    """
    room = size - IMAGE_SIDE
    start = random.uniform(0, room, size=2)
    angle = random.uniform(0, 2 * np.pi)
    if axis is not None:
        angle = (angle > np.pi) * np.pi + axis * np.pi / 2
    velocity = random.uniform(*SPEEDS) * np.array([np.cos(angle), np.sin(angle)])
    straight = start + np.arange(num_frames)[:, None] * velocity
    return room - np.abs(straight % (2 * room) - room)  # reflects the path at 0 and at `room`


def draw(image: np.ndarray, path: np.ndarray, size: int) -> np.ndarray:
    """Image [28, 28] uint8, corners [T, 2] (x, y) in pixels -> frames [T, size, size, 3] uint8.

    Between whole pixels, levels are interpolated (bilinear). At whole pixels, the frame contains the image unchanged.
    """
    frame_pixels, image_pixels = np.arange(size), np.arange(IMAGE_SIDE)[:, None]
    # Weights [T, 28, size] of each image pixel in each frame pixel, along one axis.
    across, down = (
        np.maximum(0, 1 - np.abs(frame_pixels - image_pixels - corners[:, None, None]))
        for corners in path.T
    )
    levels = down.transpose(0, 2, 1) @ image @ across
    return np.repeat(np.rint(levels).astype(np.uint8)[..., None], 3, axis=-1)


def caption_of(digit: int, axis: int) -> str:
    """The caption of a digit that moves along an axis, 0 or 1."""
    return f"digit {digit} is moving {AXES[axis]}"


def moving_digit_frames(
    image: np.ndarray,
    random: np.random.Generator,
    num_frames: int,
    size: int,
    axis: int | None = None,
) -> np.ndarray:
    """Draws an image [28, 28] uint8 along a random path: frames [num_frames, size, size, 3] uint8.

    Raises ValueError for fewer than 2 frames, and for a `size` that leaves the digit no room to move.
    """
    if num_frames < 2:
        raise ValueError(f"num_frames must be >= 2, got {num_frames}")
    if size < _SMALLEST_SIZE:
        raise ValueError(f"size must be >= {_SMALLEST_SIZE}, to give digits room, got {size}")
    return draw(image, random_path(random, num_frames, size, axis), size)


def moving_digit_clips(
    digits: Digits, num_clips: int, seed: int, num_frames: int = 16, size: int = 64
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the clips [num_clips, num_frames, size, size, 3] uint8 and the labels [num_clips] int64.

    They equal the videos of write_moving_digits without captions for the same arguments. Raises the same ValueErrors.
    """
    chosen = choose_images(digits, num_clips, seed)
    clips = [
        moving_digit_frames(digits.images[index], random, num_frames, size)
        for index, random in zip(chosen, _randoms(num_clips, seed), strict=True)
    ]
    return np.stack(clips), digits.labels[chosen]


def captioned_digit_clips(
    digits: Digits, seed: int, num_frames: int = 16, size: int = 64
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draws a clip of each image, along a random axis.

    Returns:
        Clips [N, num_frames, size, size, 3] uint8, digits [N] and axes [N] int64.

    Raises:
        ValueError: See moving_digit_frames.
    """
    axes = _random_axes(len(digits.images), seed)
    clips = [
        moving_digit_frames(image, random, num_frames, size, axis)
        for image, axis, random in zip(
            digits.images, axes.tolist(), _randoms(len(axes), seed), strict=True
        )
    ]
    return np.stack(clips), digits.labels, axes


def write_moving_digits(
    folder: str | os.PathLike[str],
    digits: Digits,
    num_videos: int,
    seed: int,
    num_frames: int = 16,
    size: int = 64,
    captions: bool = False,
) -> dict[Path, str]:
    """Writes film strips `folder/<digit>/<number>_strip.png` without loss. Returns the class of each path.

    With `captions`, the files are `folder/<number>_strip.png`, and CAPTION_FILE says what they show.

    The same arguments always write the same files. More videos leave the first ones unchanged.

    Args:
        folder: The ingest reads it without options. Without `captions`, its subfolders are the classes.
        digits: The images to choose from. Each is used for at most one video.
        num_videos: At most the number of images.
        seed: Seed >= 0 of the choice and the paths. Each video has its own seed, derived from it.
        num_frames: Frames of each video, 2 or more.
        size: Height and width of a frame in pixels, 32 or more.
        captions: Whether digits move along one axis, with captions.

    Raises:
        ValueError: An argument is out of range, or `folder` contains other files, which would be used as videos.
        OSError: A file cannot be written.
    """
    chosen = choose_images(digits, num_videos, seed)
    # A number at the end of the name could make a short strip one of several numbered frames.
    numbered = enumerate(digits.labels[chosen].tolist())
    classes = {
        Path(folder) / ("" if captions else str(digit)) / f"{number:05d}_strip.png": str(digit)
        for number, digit in numbered
    }
    caption_file = [Path(folder, CAPTION_FILE)] if captions else []
    refuse_other_files(Path(folder), [*classes, *caption_file], "a video of this data set")
    axes: Sequence[int | None] = [None] * num_videos
    if captions:
        axes = _random_axes(num_videos, seed).tolist()
    with progress("moving digits", num_videos, "videos") as shown:
        for path, index, axis, random in zip(
            classes, chosen, axes, _randoms(num_videos, seed), strict=True
        ):
            frames = moving_digit_frames(digits.images[index], random, num_frames, size, axis)
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_strip(path, frames)
            shown.advance()
    if captions:
        said = zip(classes.items(), axes, strict=True)
        texts = {path: [caption_of(int(digit), axis or 0)] for (path, digit), axis in said}
        write_captions(Path(folder), texts, classes)
    return classes


def choose_images(digits: Digits, count: int, seed: int) -> np.ndarray:
    """Returns the indices of `count` different images in random order."""
    if seed < 0:
        raise ValueError(f"seed must be >= 0, got {seed}")
    available = len(digits.images)
    if not 1 <= count <= available:
        raise ValueError(
            f"the number of videos must be 1 to {available}, because each of the {available} images goes to one "
            f"video only, got {count}"
        )
    return np.random.default_rng(seed).permutation(available)[:count]


def _random_axes(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng([seed, 1]).integers(len(AXES), size=count)


def _randoms(count: int, seed: int) -> Iterator[np.random.Generator]:
    """Yields one generator for each video."""
    return map(np.random.default_rng, np.random.SeedSequence(seed).generate_state(count, np.uint64))


def _write_strip(path: Path, frames: np.ndarray) -> None:
    """Writes frames [T, H, W, 3], all gray, side by side as a gray PNG."""
    with atomic.new_file(path) as aside:
        Image.fromarray(np.concatenate(list(frames[..., 0]), axis=1)).save(aside, format="PNG")
