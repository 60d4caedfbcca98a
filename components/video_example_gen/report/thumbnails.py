"""The small pictures of videos that the ingest report shows. All are WebP images."""

from __future__ import annotations

import numpy as np
from PIL import Image

from mocogan.data.encoding.formats import FASTEST_ANIMATION, UNKNOWN_RATE
from mocogan.data.encoding.webp import encode_webp, first_picture

THUMBNAIL_TYPE = "image/webp"
LONGEST_SIDE = 96  # pixels
MAX_FRAMES = 16
MAX_BYTES = 20 * 1024  # few clips of 64 x 64 pixels need a second attempt

# Number of frames and quality, from the best to the smallest. The last one is below MAX_BYTES for any clip.
_ATTEMPTS = ((MAX_FRAMES, 50), (MAX_FRAMES, 20), (8, 20), (4, 10), (1, 10))


def few_frames(
    frames: np.ndarray, fps: float | None, most: int = MAX_FRAMES
) -> tuple[np.ndarray, float]:
    """Chooses frames of a clip evenly, so that it plays as fast as before.

    Args:
        frames: Clip `[T, H, W, 3]` uint8.
        fps: Frames per second of the clip. None: it is not known, and 10 are assumed.
        most: Maximum number of frames. There are fewer if browsers cannot play that many in time.

    Returns:
        A copy of the frames, `[K, H, W, 3]` uint8 with 1 <= K <= `most`, and their rate.
    """
    rate = fps or UNKNOWN_RATE
    playable = int(len(frames) * min(1, FASTEST_ANIMATION / rate))
    number = max(1, min(playable, most))
    chosen = np.arange(number) * len(frames) // number
    return frames[chosen], rate * number / len(frames)


def moving_thumbnail(frames: np.ndarray, fps: float | None) -> bytes:
    """A clip `[T, H, W, 3]` uint8 as a lossy animation of at most 96 x 96 pixels, 16 frames and 20 KiB.

    It plays at the speed of the clip. Clips with much detail have a lower quality, and then fewer frames.
    """
    for most, quality in _ATTEMPTS:
        chosen, rate = few_frames(frames, fps, most)
        content = encode_webp(_reduced(chosen), rate, quality=quality)
        if len(content) <= MAX_BYTES:
            break
    return content


def still_thumbnail(frames: np.ndarray) -> bytes:
    """The first frame of a clip `[T, H, W, 3]` uint8 as a picture of at most 96 x 96 pixels and 20 KiB."""
    return first_picture(moving_thumbnail(frames[:1], None))


def _reduced(frames: np.ndarray) -> np.ndarray:
    """The frames in proportion, with sides of at most LONGEST_SIDE."""
    if max(frames.shape[1:3]) <= LONGEST_SIDE:
        return frames
    pictures = [Image.fromarray(frame) for frame in frames]
    for picture in pictures:
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX)
    return np.stack([np.asarray(picture) for picture in pictures])
