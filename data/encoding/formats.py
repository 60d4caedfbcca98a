"""The formats of clips and what a command line needs to know of them. No heavy library is imported here."""

from __future__ import annotations

from typing import NamedTuple

UNKNOWN_RATE = 10.0  # frames per second of clips whose rate nobody knows
FASTEST_ANIMATION = 50.0  # players show a frame of less than 20 ms of an animated image for 100 ms


class ClipFormat(NamedTuple):
    """What a format needs."""

    extension: str
    scale: int  # default factor by which pixels are enlarged
    is_animated_image: bool = False


FORMATS = {
    "gif": ClipFormat(".gif", 2, is_animated_image=True),
    "mp4": ClipFormat(".mp4", 4),  # colors have half the resolution
    "webp": ClipFormat(".webp", 2, is_animated_image=True),
    "apng": ClipFormat(".png", 2, is_animated_image=True),
    "png-strip": ClipFormat(".png", 1),
    "npy": ClipFormat(".npy", 1),
}
